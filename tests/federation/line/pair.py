"""Two nodes in memory: the pure rules of a line over two `Books`, with made-up ids.

Composes drafts as a node does (n, prev, seen), without bytes, keys or clocks.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from federation.group import commands as group
from federation.group.decide import decide as decide_group
from federation.group.member_commands import GiveRole
from federation.line import commands as line
from federation.line.decide import decide
from federation.line.drafts import DecisionDraft, LineDraft, LocalDraft
from projections.books import Books, fold
from projections.recorded import Recorded
from schemas import cores
from schemas.amounts import Rate, Unit, to_minor
from schemas.bodies import AccountKind
from schemas.encoding import b32, b64, encode
from schemas.errors import Code, Refusal
from schemas.ids import line_id
from schemas.openings import PeerText
from schemas.terms import Side, Terms, terms_hash

if TYPE_CHECKING:
    from collections.abc import Generator

    from projections.ledger import PostingRow
    from projections.lines import Line, Transfer
    from schemas.member_bodies import Role

NOW: Final = 1_700_000_000
MEMBER: Final = 5
"""The first account after the node's own four."""
KEY: Final = "A" * 43
HOUR: Final = 360_000


def refused(answer: Any) -> Code:
    """Give the code of an answer that has to be a refusal."""
    assert isinstance(answer, Refusal)
    return answer.code


def hashed(*parts: object) -> str:
    return b64(sha256(repr(parts).encode()).digest())


def path(number: int) -> str:
    return hashed("path", number)[:21] + "A"


class Node:
    """One side: books, own chain and inbox."""

    def __init__(self, name: str, per_hour: int, lower: int | None, upper: int | None) -> None:
        self.id = b32(sha256(name.encode()).digest())
        self.rate = Rate(per_hour)
        self.books = Books()
        self.rows: list[PostingRow] = []
        self.events: list[Recorded] = []
        self.chain: list[line.ReceivedEvent] = []
        self.now_s = NOW
        unit = Unit(singular="unit", plural="units", rate=self.rate)
        self.group(group.Configure(unit, lower, upper))
        for code in ("001", "002"):
            self.group(group.OpenAccount(path(0), code, AccountKind.MEMBER))

    def group(self, command: Any) -> Any:
        return self._run(decide_group(self.books, command, now_s=self.now_s))

    def member_as(self, role: Role) -> int:
        """Give a member who is known by name, and has a role for the group."""
        account: int = self.books.ledger.next_account
        self.group(group.OpenAccount(path(0), f"0{account}", AccountKind.MEMBER, path(account)))
        self.group(GiveRole(path(0), None, account, role))
        return account

    def do(self, command: line.LineCommand) -> Any:
        """Decide a command; what an assertion stops leaves no trace."""
        return self._run(decide(self.books, command, us=self.id, now_s=self.now_s))

    def _run(self, steps: Generator[Any, str, Any]) -> Any:
        before = len(self.events)
        try:
            draft = next(steps)
            while True:
                draft = steps.send(self._append(draft))
        except StopIteration as end:
            answer = end.value
        assert not isinstance(answer, Refusal) or len(self.events) == before
        return answer

    def _append(self, draft: LineDraft | LocalDraft) -> str:
        seq = len(self.events)
        event_id = hashed(self.id, seq)
        if isinstance(draft, LocalDraft):
            core: Any = cores.LocalCore(
                v=1, origin=self.id, seq=seq, root=KEY, key=KEY, ts=self.now_s, commitment=KEY
            )
        else:
            core = self._core(draft, seq)
            self.chain.append(self._sent(event_id, core, draft))
        event = Recorded(seq, event_id, core, draft.body)
        self.events.append(event)
        fold(self.books, event, self.rows)
        return event_id

    def _core(self, draft: LineDraft, seq: int) -> Any:
        mine = self.books.lines.get(draft.line)
        fields = dict(draft.fields)
        decision = fields.get("decision")
        if isinstance(decision, DecisionDraft):
            fields["decision"] = signed(
                self.id, decision.path, commit=decision.commit, accept=decision.accept
            )
        if draft.body is not None or draft.peer is not None:
            peer = None if draft.peer is None else KEY
            fields["commitments"] = cores.Commitments(body=KEY, peer=peer)
        seen = mine is not None and mine.in_n
        return draft.core(
            v=1,
            origin=self.id,
            seq=seq,
            root=KEY,
            key=KEY,
            ts=self.now_s,
            line=draft.line,
            n=1 if mine is None else mine.out_n + 1,
            prev=mine.out_id or None if mine is not None else None,
            seen=cores.Seen(n=mine.in_n, id=mine.in_id) if mine is not None and seen else None,
            **fields,
        )

    def _sent(self, event_id: str, core: Any, draft: LineDraft) -> line.ReceivedEvent:
        return line.ReceivedEvent(
            n=core.n,
            id=event_id,
            core=core,
            core_bytes=b"",
            signature=b"",
            peer=draft.peer,
            member=MEMBER if draft.peer is not None else 0,
            member_subject=path(0),
        )

    @property
    def line(self) -> Line:
        (only,) = self.books.lines.values()
        return only

    def set_rate(self, per_hour: int) -> None:
        self.rate = Rate(per_hour)
        unit = Unit(singular="unit", plural="units", rate=self.rate)
        self.group(group.Configure(unit, None, None))

    def own_account(self, kind: AccountKind) -> int:
        account = self.books.ledger.account_of_kind(kind)
        assert account is not None
        return account.account

    def transfer(self, number: int = 1) -> Transfer:
        (only,) = (t for t in self.books.transfers.values() if t.path == path(number))
        return only

    def balance(self, account: int = MEMBER) -> int:
        return self.books.ledger.balance(account)

    def quarantined(self) -> str:
        return self.line.quarantined

    def types(self) -> list[str]:
        return [event.core.__struct_config__.tag for event in self.chain]  # type: ignore[misc]

    def state(self) -> bytes:
        """Everything that the books say, in bytes that compare."""
        books = self.books
        parts = [
            sorted(books.ledger.balances.top.items()),
            sorted(books.ledger.held_lower.top.items()),
            sorted(books.ledger.held_upper.top.items()),
            [encode(value) for value in books.lines.values()],
            sorted(encode(value) for value in books.transfers.values()),
            self.types(),
        ]
        return repr(parts).encode()


def signed(origin: str, path_id: str, *, commit: bool, accept: str = "") -> cores.SignedDecision:
    verdict = cores.Verdict.COMMIT if commit else cores.Verdict.ABORT
    decision = cores.Decision(
        v=1, origin=origin, path=path_id, verdict=verdict, key=KEY, accept=accept or None
    )
    return cores.SignedDecision(decision=decision, signature="A" * 86)


class Pair:
    """A pays B, or the other way round."""

    def __init__(
        self,
        *,
        per_hour: tuple[int, int] = (20, 60),
        grants: int = 20 * HOUR,
        largest: int = 5 * HOUR,
        lower: int | None = None,
        upper: int | None = None,
    ) -> None:
        one = Node("alfa", per_hour[0], lower, upper)
        other = Node("beta", per_hour[1], lower, upper)
        self.a, self.b = one, other
        self.line_id = line_id(one.id, other.id, 0)
        self.grants, self.largest = grants, largest

    def opened(self) -> Pair:
        """Agree upon terms."""
        assert not isinstance(self.propose(), Refusal)
        self.deliver(self.a)
        self.answer(self.b)
        self.deliver(self.b)
        assert self.a.line.open()
        assert self.b.line.open()
        return self

    def other(self, node: Node) -> Node:
        return self.b if node is self.a else self.a

    def terms(
        self, *, grants: int | None = None, rev: int = 1, largest: int = 0, a_owes: int = 0
    ) -> Terms:
        now = next((line.terms for line in self.a.books.lines.values()), None)
        sides = [
            Side(node=n.id, rate=n.rate, grants_units=self.grants if grants is None else grants)
            for n in sorted((self.a, self.b), key=lambda n: n.id)
        ]
        return Terms(
            line=self.line_id,
            rev=rev,
            lower=sides[0],
            higher=sides[1],
            largest_units=largest or self.largest,
            previous=None if now is None else terms_hash(now),
            opening_units=a_owes if sides[0].node == self.a.id else -a_owes,
        )

    def propose(
        self,
        node: Node | None = None,
        terms: Terms | None = None,
        *,
        known: bool = True,
        old_account: int = 0,
    ) -> Any:
        node = node or self.a
        peer = self.other(node).id
        return node.do(line.ProposeTerms(terms or self.terms(), peer, 0, known, old_account))

    def answer(self, node: Node, *, accept: bool = True, old_account: int = 0) -> Any:
        proposal = node.line.their_proposal
        assert proposal is not None
        name = terms_hash(proposal)
        return node.do(line.AnswerTerms(self.line_id, name, accept, old_account))

    def agree(self, terms: Terms, *, old_accounts: tuple[int, int] = (0, 0)) -> None:
        """A proposes, B accepts, and both have seen it."""
        assert not isinstance(self.propose(terms=terms, old_account=old_accounts[0]), Refusal)
        self.deliver(self.a)
        self.answer(self.b, old_account=old_accounts[1])
        self.settle()

    def request(self, number: int = 1, amount: int = 30, **changes: Any) -> Any:
        """B's member asks A's to pay."""
        command = line.RequestPayment(
            path=path(number),
            line=self.line_id,
            payee=MEMBER,
            fixed=cores.Fixed.PAYEE,
            amount=amount,
            expires_at_s=NOW + 7 * 86400,
            peer=PeerText(v=1, payer=KEY, payee=KEY),
            subject=path(0),
        )
        return changes.pop("node", self.b).do(command._replace(**changes))

    def consent(self, number: int = 1, **changes: Any) -> Any:
        command = line.ConsentToRequest(
            path=path(number),
            line=self.line_id,
            payer=MEMBER,
            expires_at_s=NOW + 60,
            peer=PeerText(v=1, payer=KEY, payee=KEY),
            subject=path(0),
        )
        return changes.pop("node", self.a).do(command._replace(**changes))

    def decline(self, node: Node, number: int = 1) -> Any:
        return node.do(line.DeclineRequest(path(number), self.line_id))

    def reverse(self, original: int = 1, number: int = 2, **changes: Any) -> Any:
        """B's member gives back what A's paid."""
        command = line.ReversePayment(
            path=path(number),
            line=self.line_id,
            original=path(original),
            expires_at_s=NOW + 60,
            peer=PeerText(v=1, payer=KEY, payee=KEY),
            subject=path(0),
        )
        return changes.pop("node", self.b).do(command._replace(**changes))

    def payment(self, number: int = 1, amount: int = 30, **changes: Any) -> line.StartPayment:
        command = line.StartPayment(
            path=path(number),
            line=self.line_id,
            payer=MEMBER,
            fixed=cores.Fixed.PAYEE,
            amount=amount,
            expires_at_s=NOW + 60,
            peer=PeerText(v=1, payer=KEY, payee=KEY),
            subject=path(0),
        )
        return command._replace(**changes)

    def start(
        self, number: int = 1, amount: int = 30, *, node: Node | None = None, **changes: Any
    ) -> Any:
        return (node or self.a).do(self.payment(number, amount, **changes))

    def batch(self, events: list[line.ReceivedEvent], sender: Node) -> line.ReceiveEvents:
        cover = events[-1].n if events else 0
        return line.ReceiveEvents(self.line_id, sender.id, tuple(events), known=True, cover=cover)

    def send(self, sender: Node, events: list[line.ReceivedEvent]) -> Any:
        answer = self.other(sender).do(self.batch(events, sender))
        self.check()
        return answer

    def deliver(self, sender: Node) -> Any:
        """Hand over what the other side has not taken in."""
        receiver = self.other(sender)
        have = next((line.in_n for line in receiver.books.lines.values()), 0)
        return self.send(sender, sender.chain[have:])

    def settle(self) -> None:
        """Exchange until nobody has anything new."""
        before = -1
        while before != len(self.a.chain) + len(self.b.chain):
            before = len(self.a.chain) + len(self.b.chain)
            self.deliver(self.a)
            self.deliver(self.b)

    def check(self) -> None:
        """Assert I1, I2, I8, I9, I11 of both sides."""
        for node in (self.a, self.b):
            ledger = node.books.ledger
            assert sum(ledger.balance(a.account) for a in ledger.accounts.values()) == 0
            for mine in node.books.lines.values():
                _check_line(node, mine)


def _check_line(node: Node, mine: Line) -> None:
    transfers = list(node.books.transfers.values())
    out = sum(t.line_units for t in transfers if t.phase == "prepared")
    coming = sum(t.line_units for t in transfers if t.phase in ("accepted", "silent"))
    assert (mine.held_out_units, mine.held_in_units) == (out, coming), "I9"
    for account in node.books.ledger.accounts.values():
        number = account.account
        held = node.books.ledger.held_lower.get(number) or 0
        wanted = [t.payer_minor for t in transfers if (t.phase, t.account) == ("prepared", number)]
        assert held == sum(wanted), "I9"
        room = node.books.ledger.held_upper.get(number) or 0
        wanted = [t.payee_minor for t in transfers if (t.phase, t.account) == ("accepted", number)]
        assert room == sum(wanted), "I9"
    if mine.clearing:
        assert mine.clearing_rate is not None
        assert node.balance(mine.clearing) == to_minor(mine.balance_units, mine.clearing_rate), "I2"
    highest = max((t.side(mine.us).grants_units for t in _terms(mine)), default=0)
    assert mine.owed_to_us() <= max(highest, -mine.opening_units), "I8"


def _terms(mine: Line) -> list[Terms]:
    return [*mine.terms_before, *([mine.terms] if mine.terms else [])]
