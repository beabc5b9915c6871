"""Two made-up groups that say everything of the line protocol once, with keys that anybody knows.

Real rules, real bytes, real signatures; time and chance are fixed, so the bytes are always the
same. `tests/vectors/make.py` writes what comes of it into `docs/vectors/`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

from events.commitments import SALT_SIZE
from events.growing import GrowingTree
from events.machine import EVENT_PREFIX, Context, Header
from events.merkle import leaf_hash
from events.sealed import Keyring
from events.sealed_bodies import OpenBody
from events.signing import PrivateKey
from federation.group import commands as group
from federation.group.decide import decide as decide_group
from federation.line import commands as line
from federation.line.decide import decide
from federation.line.drafts import LineDraft
from federation.node.compose import compose
from federation.peer.channel import read_event
from projections.books import Books, fold
from projections.recorded import Recorded
from schemas import cores, proposals
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind
from schemas.core_parts import Fixed, FreezeReason
from schemas.encoding import b32, b64, unb64
from schemas.errors import Refusal
from schemas.ids import line_id
from schemas.messages import WireEvent
from schemas.openings import NoteText, Opening, PeerText
from schemas.terms import Side, Terms, default_grant_units, default_largest_units, terms_hash

NOW: Final = 1_800_000_000
MEMBER: Final = 5


def fixed_bytes(*parts: object, size: int = 32) -> bytes:
    return sha256(repr(parts).encode()).digest()[:size]


class Side1:
    """One of the two groups."""

    def __init__(self, name: str, per_hour: int) -> None:
        self.name = name
        self.id = b32(fixed_bytes("node", name))
        self.seed = fixed_bytes("log key", name)
        self.key = PrivateKey(self.seed)
        self.rate = Rate(per_hour)
        self.books = Books()
        self.keyring = Keyring({"one": fixed_bytes("wrapping", name)}, "one")
        self.tree = GrowingTree.from_tiles([], [])
        self.drawn = 0
        self.subject = b64(fixed_bytes("member", name, size=16))
        self.pseudonym = b64(fixed_bytes("pseudonym", name))
        self.chain: list[tuple[Any, WireEvent]] = []
        self.log: list[tuple[WireEvent, OpenBody]] = []
        self.now_s = NOW
        self.set_rate(per_hour)
        self.group(
            group.OpenAccount(
                b64(fixed_bytes("open", size=16)), "001", AccountKind.MEMBER, subject=self.subject
            )
        )

    def random(self, size: int) -> bytes:
        self.drawn += 1
        block = fixed_bytes("chance", self.name, self.drawn)
        return (block * 2)[:size]

    def set_rate(self, per_hour: int) -> None:
        self.rate = Rate(per_hour)
        unit = Unit(singular="eenheid", plural="eenheden", rate=self.rate)
        self.group(group.Configure(unit, None, None))

    def group(self, command: Any) -> Any:
        return self._run(decide_group(self.books, command, now_s=self.now_s))

    def do(self, command: Any) -> Any:
        answer = self._run(decide(self.books, command, us=self.id, now_s=self.now_s))
        assert not isinstance(answer, Refusal), answer
        return answer

    def _run(self, steps: Any) -> Any:
        try:
            draft = next(steps)
            while True:
                draft = steps.send(self._append(draft))
        except StopIteration as end:
            return end.value

    def _append(self, draft: Any) -> str:
        public = b64(self.key.public.data)
        header = Header(self.id, self.tree.size, b64(self.tree.root()), public)
        context = Context(self.now_s, self.random, self.key.sign, public)
        composed = compose(self.books, self.keyring, draft, header, context)
        identity = leaf_hash(composed.core)
        seq = self.tree.size
        self.tree.append(identity)
        signature = self.key.sign(EVENT_PREFIX + composed.core)
        entry = WireEvent(core=b64(composed.core), signature=b64(signature))
        self.log.append((entry, OpenBody(composed.body_salt or b"", composed.body or b"")))
        if isinstance(draft, LineDraft):
            wire = WireEvent(
                core=b64(composed.core),
                signature=b64(signature),
                opening=self._opening(draft, composed),
            )
            self.chain.append((composed.meaning.core, wire))
        meaning = composed.meaning
        fold(self.books, Recorded(seq, b64(identity), meaning.core, meaning.body), [])
        return b64(identity)

    def _opening(self, draft: LineDraft, composed: Any) -> Opening | None:
        if draft.peer is None:
            return None
        sealed_under, commitment, sealed = (
            composed.texts[0][1],
            composed.texts[0][0],
            composed.texts[0][3],
        )
        plain = self.keyring.open(sealed_under, commitment, sealed)
        assert plain is not None
        assert len(plain[0]) == SALT_SIZE
        return Opening(salt=b64(plain[0]), bytes=b64(plain[1]))


class Story:
    """Everything that two nodes can say on a line."""

    def __init__(self) -> None:
        self.a, self.b = Side1("alfa", 20), Side1("beta", 60)
        self.line = line_id(self.a.id, self.b.id, 0)
        self.paths = 0
        self._agree()
        self._pay()
        self._ask_and_reverse()
        self._change()

    def path(self) -> str:
        self.paths += 1
        return b64(fixed_bytes("path", self.paths, size=16))

    def text(self, description: str = "") -> PeerText:
        return PeerText(
            v=1, payer=self.a.pseudonym, payee=self.b.pseudonym, description=description
        )

    def deliver(self, sender: Side1) -> None:
        receiver = self.b if sender is self.a else self.a
        known = receiver.books.lines.get(self.line)
        have = 0 if known is None else known.in_n
        fresh = []
        for _, wire in sender.chain[have:]:
            event = read_event(wire, line=self.line, origin=sender.id)
            fresh.append(
                line.ReceivedEvent(
                    n=event.n,
                    id=event.id,
                    core=event.core,
                    core_bytes=event.core_bytes,
                    signature=event.signature,
                    opening=event.opening,
                    peer=event.peer,
                    member=MEMBER if event.peer is not None else 0,
                    member_subject=receiver.subject if event.peer is not None else "",
                )
            )
        if fresh:
            cover = fresh[-1].n
            receiver.do(line.ReceiveEvents(self.line, sender.id, tuple(fresh), True, cover))
            assert not receiver.books.lines[self.line].quarantined

    def settle(self) -> None:
        before = -1
        while before != len(self.a.chain) + len(self.b.chain):
            before = len(self.a.chain) + len(self.b.chain)
            self.deliver(self.a)
            self.deliver(self.b)

    def terms(self, rev: int) -> Terms:
        known = self.a.books.lines.get(self.line)
        now = None if known is None else known.terms
        lower, higher = [
            Side(node=side.id, rate=side.rate, grants_units=default_grant_units())
            for side in sorted((self.a, self.b), key=lambda side: side.id)
        ]
        return Terms(
            line=self.line,
            rev=rev,
            lower=lower,
            higher=higher,
            largest_units=default_largest_units(),
            previous=None if now is None else terms_hash(now),
        )

    def propose(self, rev: int) -> None:
        self.a.do(line.ProposeTerms(self.terms(rev), self.b.id, 0, known=True))
        self.deliver(self.a)

    def answer(self, *, accept: bool) -> None:
        proposal = self.b.books.lines[self.line].their_proposal
        assert proposal is not None
        self.b.do(line.AnswerTerms(self.line, terms_hash(proposal), accept))
        self.settle()

    def start(self, amount: int, *, expires_in_s: int = 60) -> str:
        path = self.path()
        self.a.do(
            line.StartPayment(
                path=path,
                line=self.line,
                payer=MEMBER,
                fixed=Fixed.PAYEE,
                amount=amount,
                expires_at_s=self.a.now_s + expires_in_s,
                peer=self.text("haag geschoren"),
                subject=self.a.subject,
            )
        )
        return path

    def _agree(self) -> None:
        self.propose(1)
        self.answer(accept=False)
        self.propose(1)
        self.answer(accept=True)

    def _pay(self) -> None:
        self.paid = self.start(31)
        self.settle()
        cancelled = self.start(5)
        self.a.do(line.CancelPayment(cancelled, self.line))
        self.settle()
        self.start(5, expires_in_s=1)
        self.b.now_s += 2
        self.deliver(self.a)
        self.settle()

    def request(self, original: str = "") -> str:
        """B's member asks A's to pay, or A's asks for a reversal by B's."""
        path = self.path()
        asker = self.a if original else self.b
        text = self.text()
        if original:
            text = PeerText(v=1, payer=self.b.pseudonym, payee=self.a.pseudonym)
        asker.do(
            line.RequestPayment(
                path=path,
                line=self.line,
                payee=MEMBER,
                fixed=Fixed.PAYEE,
                amount=0 if original else 12,
                expires_at_s=NOW + 7 * 86400,
                peer=text,
                subject=asker.subject,
                original=original,
            )
        )
        self.settle()
        return path

    def _ask_and_reverse(self) -> None:
        declined = self.request()
        self.a.do(line.DeclineRequest(declined, self.line))
        self.settle()
        asked = self.request(self.paid)
        self.b.do(
            line.ConsentToRequest(
                path=asked,
                line=self.line,
                payer=MEMBER,
                expires_at_s=NOW + 60,
                peer=PeerText(v=1, payer=self.b.pseudonym, payee=self.a.pseudonym),
                subject=self.b.subject,
            )
        )
        self.settle()

    def _change(self) -> None:
        note = NoteText(
            v=1,
            thread=b64(fixed_bytes("thread", size=16)),
            sender=self.a.pseudonym,
            recipient=self.b.pseudonym,
            text="Zaterdag?",
            proposal=proposals.Proposal(
                payer=proposals.Side.SENDER, amount_minor=24, day="2027-01-16"
            ),
            name="Godelieve",
        )
        self.a.do(line.SendNote(self.line, MEMBER, note, self.a.subject))
        told = self.a.chain[-1][0].commitments.peer
        self.a.do(line.Forget(self.line, (told,)))
        self.a.do(line.SendHeads(self.line))
        self.settle()
        self.a.set_rate(40)
        self.propose(2)
        self.answer(accept=True)
        self.b.do(line.LowerLimit(self.line, default_grant_units() // 2))
        self.b.do(line.Freeze(self.line, FreezeReason.MAINTENANCE))
        self.b.do(line.Unfreeze(self.line))
        self.settle()
        self.a.do(line.CloseLine(self.line))
        self.settle()

    def examples(self) -> dict[str, tuple[Side1, Any, WireEvent]]:
        """Give the last event of each type: who said it, what it says, and its bytes."""
        found: dict[str, tuple[Side1, Any, WireEvent]] = {}
        for side in (self.a, self.b):
            for core, wire in side.chain:
                found[core.__struct_config__.tag] = (side, core, wire)
        return found


def decision_of(core: Any) -> cores.SignedDecision | None:
    decision = getattr(core, "decision", None)
    assert decision is None or isinstance(decision, cores.SignedDecision)
    return decision


def core_bytes(wire: WireEvent) -> bytes:
    return unb64(wire.core)
