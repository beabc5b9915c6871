"""What nodes ask each other beside the exchange, each with an answer that the code would read.

All but what is open to everybody is signed as in `tests.vectors.talk`. Where key statements are
shown, they are those of a third group, gamma, whose id follows from the first of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from events.keys import pre_commitment, read_history, sign_statement
from events.merkle import leaf_hash
from events.note import NoteSigner
from events.sealed_bodies import BodyRange, public_half, seal_bodies
from events.signing import PrivateKey
from events.tiles import Data, TilePath, encode_entries, encode_signatures
from federation.leaving.closings import sign_closing
from federation.leaving.moves import sign_move
from federation.node.origins import log_origin
from federation.peer.signatures import Request, Response
from federation.public.card import sign_card
from federation.umbrella.flow_figures import Cell, figures
from schemas import cores, messages
from schemas.amounts import Unit
from schemas.closings import Closed, ClosingStatement
from schemas.encoding import b64, encode, unb64
from schemas.evidence import SignedEvent
from schemas.group_card import GroupCard
from schemas.keys import Cause, KeyStatement, Role, SignedKeyStatement
from schemas.moves import Moved, MoveStatement
from tests.vectors.story import NOW, Side1, core_bytes, fixed_bytes
from tests.vectors.talk import BYTES, JSON, Said, Speaker, Talk, http_key, url_of

if TYPE_CHECKING:
    from schemas.messages import WireEvent

V1: Final = "/federation/v1"
RECOVERY: Final = fixed_bytes("recovery key")


class Proven(NamedTuple):
    """A group whose id its key statements prove."""

    name: str
    id: str
    statements: tuple[SignedKeyStatement, ...]


class Questions:
    """Makes the conversations that are no part of the worked example."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.a, self.b, self.umbrella = talk.story.a, talk.story.b, talk.umbrella
        self.line = f"{V1}/lines/{talk.story.line}"
        self.gamma = gamma()

    def all(self) -> list[Said]:
        """Give them in the order of the page: meeting, paying, registering, following, leaving."""
        return [
            self.about(),
            self.keys(),
            self.payees(),
            self.own(),
            self.chain(),
            *self.bundles(),
            self.mirror(),
            self.mirror_line(),
            self.received(),
            self.register_keys(),
            self.followed(),
            self.figures(),
            self.card(),
            self.moved(),
            self.closed(),
        ]

    def about(self) -> Said:
        words = (
            "Open to all. Whoever is about to propose terms asks for `unit`: its `rate` has to "
            "stand in the terms on that side, or they are refused (`terms_other`). `unit` is null "
            "for an umbrella, and before a group has set its unit; `role` is `group` or "
            "`umbrella`. An answer with another `node` is somebody else's."
        )
        unit = Unit(singular="eenheid", plural="eenheden", rate=self.b.rate)
        answer = messages.About(node=self.b.id, name="Beta", role="group", unit=unit)
        return self._open("about", words, self.b, "GET", f"{V1}/about", answer=encode(answer))

    def keys(self) -> Said:
        words = (
            "Open to all; see [Keys](#keys). The first key of each role that gamma has; the node "
            f"id that follows from the first statement is `{self.gamma.id}`."
        )
        answer = encode(self.gamma.statements)
        return self._open("keys", words, self.gamma, "GET", f"{V1}/keys", answer=answer)

    def payees(self) -> Said:
        words = (
            "Before a member can be paid or asked by its code (at most 40 characters), the "
            "partner's group is asked by which pseudonym *the asker* knows it: that is `payee` in "
            "the peer layer of a payment, `payer` in that of a request, and `recipient` of a first "
            "message. The group's own account is told like a member's. `not_found` for a code of "
            "nobody, of another kind of account, and of a member who takes part in no booking "
            "(asked for information only, has left, is erased) alike; of who is leaving, and still "
            "moves towards zero, it is told. The answer may be kept; after `payee_unknown` ask "
            "anew. Who was told it before goes on with it: a payment to who has left meanwhile is "
            "refused with `payee_inactive`, a late commit is applied."
        )
        question = encode(messages.PayeeQuestion(code="001"))
        answer = encode(messages.PayeeAnswer(payee=self.b.pseudonym))
        return self._signed("payees", words, self.a, self.b, f"{V1}/payees", answer, question)

    def own(self) -> Said:
        words = (
            "Recovery, answered in every mode: the asker's own events on this line behind number "
            "`after`, byte for byte as they were received, at most 256, without openings. Go on "
            "behind the last; an empty list is the end. `not_found` for a line with anybody else."
        )
        answer = encode(messages.OwnEvents(events=(_bare(self.a.chain[-1][1]),)))
        path = f"{self.line}/own?after={len(self.a.chain) - 1}"
        return self._signed("own", words, self.a, self.b, path, answer)

    def chain(self) -> Said:
        words = (
            "Recovery, answered in every mode: the answering node's events behind number `after`, "
            "up to event `n`, if `id` is the id of that event: who can name it has had it. "
            "`not_found` for another id. Without `id` it gives, up to `n`, what its mark covers: "
            "what others may have seen. At most 256, without openings."
        )
        n = len(self.b.chain)
        _, wire = self.b.chain[-1]
        answer = encode(messages.OwnEvents(events=(_bare(wire),)))
        path = f"{self.line}/chain?after={n - 1}&n={n}&id={b64(leaf_hash(core_bytes(wire)))}"
        return self._signed("chain", words, self.a, self.b, path, answer)

    def bundles(self) -> list[Said]:
        entry, body = self.a.log[0]
        sealed = seal_bodies(
            public_half(RECOVERY),
            BodyRange(self.a.id, 0, 1),
            [body],
            lambda size: fixed_bytes("sealed", size=size),
        )
        words = {
            Data.ENTRIES: "An umbrella follows the logs of its groups; nobody else is answered "
            "(`forbidden`). The name of a tile is written as in C2SP tlog-tiles, with `.p/W` for "
            "one of W entries instead of 256. `entries`: the cores, each after its length (two "
            "bytes, big-endian). Such answers are `application/octet-stream`, shown here as "
            "unpadded base64url.",
            Data.SIGNATURES: "`signatures`: 64 bytes for each entry, one after the other.",
            Data.BODIES: "`bodies`: sealed to the node's recovery key, which the umbrella has not: "
            '`"ruilbrug/bodies/v1\\n"`, a bit for each entry that has a body (32 bytes, lowest '
            "first), an X25519 key made for this answer, and AES-256-GCM over each salt and body "
            "after their common length (four bytes; 0 for none). `not_found` when the node has no "
            "recovery key.",
        }
        content = {
            Data.ENTRIES: encode_entries([core_bytes(entry)]),
            Data.SIGNATURES: encode_signatures([unb64(entry.signature)]),
            Data.BODIES: sealed,
        }
        return [
            self._signed(
                f"log, {data}",
                words[data],
                self.umbrella,
                self.a,
                f"{V1}/log/{TilePath(data, 0, 1).encode()}",
                Response(status=200, fields={"content-type": BYTES}, body=content[data]),
            )
            for data in Data
        ]

    def mirror(self) -> Said:
        words = (
            "Recovery: what the umbrella holds of a tile of 256 entries of *the asker's* log, the "
            "first entries first, each with its signature; and its bodies as they were sealed, a "
            "bundle for the first `width` entries of the tile. Answered in every mode, "
            "`not_found` where it holds none."
        )
        entry, _ = self.a.log[0]
        bundle = next(one for one in self.bundles() if one.name == f"log, {Data.BODIES}")
        sealed = messages.SealedBundle(width=1, sealed=b64(bundle.response.body))
        answer = encode(messages.MirroredTile(entries=(entry,), bodies=(sealed,)))
        return self._signed("mirror", words, self.a, self.umbrella, f"{V1}/mirror/0", answer)

    def mirror_line(self) -> Said:
        words = (
            "Recovery, when both ends of a line have been restored: what `node`, the other end, "
            "has written on this line behind place `after` of *its log* (`seq`; -1 at first), at "
            "most 256, in every mode. Answered to the two ends only."
        )
        core, wire = self.b.chain[-1]
        answer = encode(messages.OwnEvents(events=(_bare(wire),)))
        path = f"{V1}/mirror/lines/{self.talk.story.line}?node={self.b.id}&after={core.seq - 1}"
        return self._signed("mirror, line", words, self.a, self.umbrella, path, answer)

    def received(self) -> Said:
        words = "See [What an umbrella asks](#what-an-umbrella-asks)."
        core, wire = _first(self.a, cores.PayPrepare)
        answer = encode(messages.OwnEvents(events=(_bare(wire),)))
        path = f"{self.line}/received/{core.n}"
        return self._signed("received", words, self.umbrella, self.b, path, answer)

    def register_keys(self) -> Said:
        words = "All own statements, in their order; see [The register](#the-register)."
        question = encode(self.gamma.statements)
        path = f"{V1}/register/keys"
        return self._signed(
            "register, keys", words, self.gamma, self.umbrella, path, b"{}", question
        )

    def followed(self) -> Said:
        words = "What a partner has signed under a key that it revoked later: does it count?"
        _, wire = _first(self.b, cores.PayAccept)
        question = encode(SignedEvent(core=wire.core, signature=wire.signature))
        answer = encode(messages.FollowedEntry(id=b64(leaf_hash(core_bytes(wire)))))
        path = f"{V1}/register/followed"
        return self._signed(
            "register, followed", words, self.a, self.umbrella, path, answer, question
        )

    def figures(self) -> Said:
        words = (
            "What an umbrella shows its groups of the flows between them, by settled quarter and "
            "whole year, the newest first: `cells` (who gave whom: trades, whole hours, and in how "
            "many quarters there were fewer than 5 trades, which stand in no sum) is null where "
            "only `totals` are shown. `forbidden` where nothing is, and to whoever is not "
            "registered."
        )
        cells = (
            Cell(payer=self.a.id, payee=self.b.id, trades=12, hours=17),
            Cell(payer=self.b.id, payee=self.a.id, small=1),
        )
        answer = encode((figures("2026-Q3", cells, pairs=True, totals=True),))
        return self._signed("figures", words, self.a, self.umbrella, f"{V1}/figures", answer)

    def card(self) -> Said:
        words = (
            "Open to all: what a group that wants to be found says of itself, for the umbrella's "
            "directory. A signed note of at most 32 KiB: the line `ruilbrug/group-card/v1`, one "
            "line of JSON, an empty line, a signature of the log key under the log's origin. It "
            "counts with the `node` that was asked, and not with a time more than 300 s ahead; "
            "texts are by language, and all but `v`, `node`, `name`, `made_at_s` may be left out. "
            "`not_found` when the group does not want to be found."
        )
        card = GroupCard(
            v=1,
            node=self.b.id,
            name="Beta",
            made_at_s=NOW,
            postcode="3000",
            lead={"nl": "Wij ruilen in Leuven."},
            join={"nl": "Kom langs op dinsdag."},
            contact="info@beta.example",
            unit_singular="eenheid",
            unit_plural="eenheden",
        )
        note = sign_card(card, NoteSigner(log_origin(url_of(self.b)), self.b.key))
        text = Response(status=200, fields={"content-type": "text/plain; charset=utf-8"}, body=note)
        return self._open("card", words, self.b, "GET", f"{V1}/card", answer=text)

    def moved(self) -> Said:
        words = (
            "A group has another address. Unsigned, for the new server has keys that nobody knows "
            "yet; told by it to umbrella and partners, again until each has heard it. `statement` "
            "is the canonical "
            '`{"former", "holds_from", "node", "salt", "url", "v": 1}`: from log index '
            "`holds_from` on, the node lives at `url`. The root key signs "
            '`"ruilbrug/move/v1\\n" || statement`; `statements` are all key statements of the '
            "node, those of the new server too. The same again is the same answer. Refused with "
            "`bad_key_statement`, `bad_signature`, `bad_move` (somebody else's words), "
            "`peer_unknown`, `move_late` (one with a higher `holds_from` is known), "
            "`address_taken`, `address_refused` (no `https`), `key_late`, and by an umbrella with "
            "`group_unknown`."
        )
        statement = MoveStatement(
            v=1,
            node=self.gamma.id,
            url="https://gamma-new.example",
            former=url_of(self.gamma),
            holds_from=40,
            salt=b64(fixed_bytes("move", size=16)),
        )
        root = PrivateKey(fixed_bytes("root key", self.gamma.name))
        move = sign_move(statement, root)
        question = encode(Moved(move=move, statements=self.gamma.statements))
        return self._open("moved", words, self.b, "POST", f"{V1}/moved", question, b"{}")

    def closed(self) -> Said:
        words = "A group has ended; see [The register](#the-register)."
        statement = ClosingStatement(v=1, node=self.gamma.id, size=44, closed_at_s=NOW)
        closing = sign_closing(statement, PrivateKey(fixed_bytes("log key", self.gamma.name)))
        question = encode(Closed(closing=closing, statements=self.gamma.statements))
        return self._open("closed", words, self.b, "POST", f"{V1}/closed", question, b"{}")

    def _signed(
        self,
        name: str,
        words: str,
        asker: Speaker,
        teller: Speaker,
        path: str,
        answer: bytes | Response,
        question: bytes = b"",
    ) -> Said:
        method = "POST" if question else "GET"
        said = self.talk.said(name, words, asker, teller, method, path, question, answer)
        return said._replace(whole=False)

    def _open(
        self,
        name: str,
        words: str,
        teller: Speaker,
        method: str,
        path: str,
        question: bytes = b"",
        answer: bytes | Response = b"",
    ) -> Said:
        fields = JSON if question else {}
        request = Request(method=method, path=path, fields=fields, body=question)
        if isinstance(answer, bytes):
            answer = Response(status=200, fields=JSON, body=answer)
        return Said(name, words, url_of(teller), request, answer, whole=False)


def gamma() -> Proven:
    """Make a group from its first key statements: its root, log and http keys."""
    name = "gamma"
    root = PrivateKey(fixed_bytes("root key", name))
    first = _stated(name, Role.ROOT, root, root)
    node = read_history([first]).node
    http = http_key(Proven(name, node, ()))
    others = ((Role.LOG, PrivateKey(fixed_bytes("log key", name))), (Role.HTTP, http))
    rest = (_stated(name, role, key, root, node) for role, key in others)
    return Proven(name, node, (first, *rest))


def _stated(
    name: str, role: Role, key: PrivateKey, root: PrivateKey, node: str | None = None
) -> SignedKeyStatement:
    following = PrivateKey(fixed_bytes("next key", name, role))
    statement = KeyStatement(
        v=1,
        role=role,
        cause=Cause.FIRST,
        key=b64(key.public.data),
        next=pre_commitment(following.public.data),
        holds_from=0,
        salt=b64(fixed_bytes("salt", name, role, size=16)),
        node=node,
    )
    return sign_statement(statement, (root,))


def as_short_text(said: Said) -> str:
    """Give a conversation as the page shows it: without the fields, which stand in the file."""
    request, response = said.request, said.response
    binary = response.fields["content-type"] == BYTES
    answer = b64(response.body) if binary else response.body.decode().rstrip("\n")
    lines = [f"{request.method} {request.path}"]
    if request.body:
        lines += ["", request.body.decode()]
    name = said.name[0].upper() + said.name[1:]
    block = "\n".join(lines)
    return f"*{name}.* {said.words}\n\n```http\n{block}\n```\n\n```\n{answer}\n```"


def _bare(wire: WireEvent) -> WireEvent:
    """Give an event without its opening."""
    return messages.WireEvent(core=wire.core, signature=wire.signature)


def _first(side: Side1, kind: type) -> tuple[Any, WireEvent]:
    return next((core, wire) for core, wire in side.chain if isinstance(core, kind))
