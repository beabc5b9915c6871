"""What two groups and an umbrella send each other, whole: signed requests and their answers.

The events are those of the story; keys, times and nonces are fixed, so the bytes are always the
same. `tests/vectors/make.py` writes them into docs/vectors/exchange.json and docs/protocol.md.
"""

from __future__ import annotations

from copy import deepcopy
from hashlib import sha256
from typing import Any, Final, NamedTuple, Protocol

from msgspec.structs import replace

from events.keys import pre_commitment, sign_statement
from events.signing import PrivateKey
from federation.line.commands import ReceivedEvent, ReceiveEvents
from federation.line.decide import decide
from federation.peer.channel import read_event
from federation.peer.problems import write_problem
from federation.peer.signatures import Asked, Request, Response, Signer, sign_request, sign_response
from schemas import cores, register_bodies
from schemas.encoding import b64, encode
from schemas.errors import Refusal, RefusedError
from schemas.keys import Cause, KeyStatement, Role, SignedKeyStatement
from schemas.messages import Exchange, LineHead, RegisterChange, RegisterPage, SeenAnswer, WireEvent
from tests.vectors.story import NOW, Side1, Story, fixed_bytes

BYTES: Final = "application/octet-stream"
JSON: Final = {"content-type": "application/json"}
SESSION: Final = b64(fixed_bytes("session", size=16))
UMBRELLA: Final = "koepel"


class Said(NamedTuple):
    """A request and its answer, as both stood on the wire."""

    name: str
    words: str
    base_url: str
    request: Request
    response: Response
    whole: bool = True
    """The page shows the fields of both, too."""


class Speaker(Protocol):
    """Who asks or answers."""

    @property
    def name(self) -> str: ...
    @property
    def id(self) -> str: ...


class Talk:
    """Makes each conversation from a story."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.umbrella = Side1(UMBRELLA, 20)
        self.nonces = 0

    def all(self) -> list[Said]:
        """Give them in the order in which a second implementation meets them."""
        return [self.seen(), self.exchange(), self.refused(), self.register()]

    def seen(self) -> Said:
        """A asks B, at its start, how much B has of the line."""
        a, b = self.story.a, self.story.b
        core, _ = _event(a, cores.PayPrepare)
        head = LineHead(line=self.story.line, n=core.n - 1, id=core.prev)
        answer = SeenAnswer(size=0, heads=(head,), session=SESSION)
        words = (
            "Before anything else a node asks what its partner has seen. `heads` says up to which "
            "of the asker's events; `session` is named by every question that brings events."
        )
        return self.said("seen", words, a, b, "GET", "/federation/v1/seen", b"", encode(answer))

    def exchange(self) -> Said:
        """A sends a prepare, and B answers with its accept."""
        a, b = self.story.a, self.story.b
        prepare, wire = _event(a, cores.PayPrepare)
        accepted = next(
            (core, sent)
            for core, sent in b.chain
            if isinstance(core, cores.PayAccept) and core.path == prepare.path
        )
        assert prepare.seen is not None
        question = Exchange(after=prepare.seen.n, session=SESSION, events=(wire,))
        answer = Exchange(after=prepare.n, events=(accepted[1],))
        words = (
            "The first payment of the vectors: a prepare goes out with the opening of its peer "
            "layer, and the answer brings the accept. `after` in the answer acknowledges the "
            "prepare; the next question says `after` one more, and that acknowledges the accept."
        )
        path = f"/federation/v1/lines/{self.story.line}/events"
        return self.said("exchange", words, a, b, "POST", path, encode(question), encode(answer))

    def refused(self) -> Said:
        """A sends an event that does not go on where its chain ended."""
        a, b = self.story.a, self.story.b
        prepare, _ = _event(a, cores.PayPrepare)
        later, wire = _event(a, cores.PayCommit)
        refusal = _gap(self.story, wire, prepare)
        question = Exchange(after=later.seen.n, session=SESSION, events=(wire,))
        problem = write_problem(RefusedError.of(refusal))
        words = (
            "The commit, sent where B has not got the event before it: a problem (RFC 9457), "
            "signed as every answer. `code` is one of [errors.md](errors.md); `facts` fill its "
            "sentence, and of `line_gap` also say where to go on."
        )
        path = f"/federation/v1/lines/{self.story.line}/events"
        return self.said("refusal", words, a, b, "POST", path, encode(question), problem)

    def register(self) -> Said:
        """A reads the register of its umbrella from the beginning."""
        a, b = self.story.a, self.story.b
        lower, higher = sorted((a.id, b.id))
        bodies: tuple[register_bodies.RegisterBody, ...] = (
            register_bodies.GroupAdmitted(v=1, at_s=NOW, node=b.id, url=url_of(b), name="Beta"),
            register_bodies.GroupKeyStated(
                v=1, at_s=NOW, node=b.id, statement=_root_statement(b), size=0, root=_empty()
            ),
            register_bodies.GroupLineAgreed(
                v=1, at_s=NOW + 60, line=self.story.line, lower=lower, higher=higher
            ),
        )
        changes = tuple(RegisterChange(seq=n, said=one) for n, one in enumerate(bodies, 7))
        page = encode(RegisterPage(changes=changes, more=False))
        words = "From the beginning, `after` is -1; from then on, the last `seq` that was read."
        path = "/federation/v1/register?after=-1"
        return self.said("register", words, a, self.umbrella, "GET", path, b"", page)

    def said(
        self,
        name: str,
        words: str,
        asker: Speaker,
        teller: Speaker,
        method: str,
        path: str,
        body: bytes,
        answer: bytes | Response,
    ) -> Said:
        """Let one ask and the other answer, both signed."""
        self.nonces += 1
        base_url = url_of(teller)
        bare = Request(method=method, path=path, fields=JSON if body else {}, body=body)
        nonce = fixed_bytes("nonce", self.nonces, size=16)
        added = sign_request(bare, _http(asker), base_url=base_url, now_s=NOW, nonce=nonce)
        request = Request(method=method, path=path, fields={**bare.fields, **added}, body=body)
        plain = answer
        if isinstance(plain, bytes):
            plain = Response(status=200, fields=JSON, body=plain)
        asked = asked_by(request, base_url)
        signed = sign_response(plain, asked, _http(teller), now_s=NOW + 1)
        response = Response(status=plain.status, fields={**plain.fields, **signed}, body=plain.body)
        return Said(name, words, base_url, request, response)


def asked_by(request: Request, base_url: str) -> Asked:
    return Asked(
        method=request.method,
        target_uri=base_url + request.path,
        signature=request.fields["signature"],
    )


def http_key(side: Speaker) -> PrivateKey:
    return PrivateKey(fixed_bytes("http key", side.name))


def as_json(said: Said) -> dict[str, Any]:
    """Give a conversation for docs/vectors/exchange.json."""
    request, response = said.request, said.response
    return {
        "name": said.name,
        "base_url": said.base_url,
        "request": {
            "method": request.method,
            "path": request.path,
            "fields": dict(request.fields),
            "body": request.body.decode(),
        },
        "response": {
            "status": response.status,
            "fields": dict(response.fields),
            **_content(response),
        },
    }


def _content(response: Response) -> dict[str, str]:
    """Give the content of an answer; bytes that are no text as unpadded base64url."""
    if response.fields["content-type"] == BYTES:
        return {"body_base64url": b64(response.body)}
    return {"body": response.body.decode()}


def as_text(said: Said) -> str:
    """Give a conversation for people, as docs/protocol.md shows it."""
    host = said.base_url.partition("://")[2]
    request, response = said.request, said.response
    asked = [f"{request.method} {request.path} HTTP/1.1", f"host: {host}"]
    answered = [f"HTTP/1.1 {response.status}"]
    blocks = [
        "\n".join(
            [*head, *(f"{name}: {value}" for name, value in fields.items())]
            + (["", body.decode()] if body else [])
        )
        for head, fields, body in (
            (asked, request.fields, request.body),
            (answered, response.fields, response.body),
        )
    ]
    return f"*{said.name.capitalize()}.* {said.words}\n\n" + "\n\n".join(
        f"```http\n{block}\n```" for block in blocks
    )


def _event(side: Side1, kind: type) -> tuple[Any, WireEvent]:
    return next((core, wire) for core, wire in side.chain if isinstance(core, kind))


def url_of(side: Speaker) -> str:
    return f"https://{side.name}.example"


def _http(side: Speaker) -> Signer:
    return Signer(side.id, http_key(side))


def _gap(story: Story, wire: WireEvent, prepare: Any) -> Refusal:
    """Let the rule refuse an event at a node that has got only what goes before `prepare`."""
    b = story.b
    books = deepcopy(b.books)
    now = replace(b.books.lines[story.line], in_n=prepare.n - 1, in_id=prepare.prev or "")
    books.lines.put(story.line, now)
    event = read_event(wire, line=story.line, origin=story.a.id)
    command = ReceiveEvents(
        story.line,
        story.a.id,
        (
            ReceivedEvent(
                n=event.n,
                id=event.id,
                core=event.core,
                core_bytes=event.core_bytes,
                signature=event.signature,
            ),
        ),
        known=True,
        cover=event.n,
    )
    refusal = None
    try:
        next(decide(books, command, us=b.id, now_s=NOW))
    except StopIteration as end:
        refusal = end.value.refusal
    assert isinstance(refusal, Refusal)
    return refusal


def _root_statement(side: Side1) -> SignedKeyStatement:
    root = PrivateKey(fixed_bytes("root key", side.name))
    following = PrivateKey(fixed_bytes("next root key", side.name))
    statement = KeyStatement(
        v=1,
        role=Role.ROOT,
        cause=Cause.FIRST,
        key=b64(root.public.data),
        next=pre_commitment(following.public.data),
        holds_from=0,
        salt=b64(fixed_bytes("salt", side.name, size=16)),
    )
    return sign_statement(statement, (root,))


def _empty() -> str:
    """Give the Merkle root of nothing."""
    return b64(sha256(b"").digest())
