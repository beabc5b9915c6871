"""One node of the explicit-state check: every state that its books can have, each kept once.

A step runs the real rules and folds on a branch of a kept state and gives the number of the state
that comes out. Ids of events are hashes of what the events say, predecessor included, so the same
history gives the same bytes, and equal states are one state. Steps are remembered: in a world of
two nodes most moves repeat a step that one node has made before.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from federation.line.commands import ReceivedEvent
from federation.line.decide import decide
from federation.line.drafts import DecisionDraft, LineDraft, LocalDraft
from projections.books import Books, fold
from projections.layered import Layered
from projections.ledger import Ledger
from projections.received import fold_received
from projections.recorded import Recorded
from schemas import cores
from schemas.encoding import b64, encode
from tests.federation.line.pair import KEY, MEMBER, NOW, Node, path, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable

    from federation.line.commands import LineCommand
    from projections.lines import Line


class Snapshot(NamedTuple):
    """The durable state of a node: books in which nothing is changed any more, and its chain."""

    books: Books
    chain: tuple[ReceivedEvent, ...]
    """What it appended on the line, as the other side receives it."""
    own: tuple[Recorded, ...]
    """The same with bodies, as a restored node gets it back."""

    def line(self) -> Line:
        """Give the one line."""
        (only,) = self.books.lines.base.values()
        return only


class NodeStates:
    """Every state of one node that was reached, by number, and what each step leads to."""

    def __init__(
        self, start: Node, check: Callable[[Snapshot, Snapshot], str], *, seen_counts: bool
    ) -> None:
        """Begin with the state of a node of `pair`; `check` gives what is wrong with a step.

        What an event had `seen` is read by no rule; only a node that is restored goes by it. Unless
        `seen_counts` it is no part of the event's id, and states that differ by it are one.
        """
        self._seen_counts = seen_counts
        self.us = start.id
        self.kept: list[Snapshot] = []
        self.wrong: dict[int, str] = {}
        """What is wrong with a state, or with the step that led there first."""
        self._numbers: dict[bytes, int] = {}
        self._steps: dict[tuple[int, Hashable], int] = {}
        self._check = check
        own = tuple(event for event in start.events if not isinstance(event.core, cores.LocalCore))
        self._first = Snapshot(settled(start.books), tuple(start.chain), own)
        self.start = self._keep(self._first, self._first)

    def __len__(self) -> int:
        """Count the states."""
        return len(self.kept)

    def step(self, at: int, name: Hashable, command: Callable[[], LineCommand], now_s: int) -> int:
        """Decide a command in state `at`; `name` is all that tells it apart from another."""
        key = (at, name)
        known = self._steps.get(key)
        if known is None:
            known = self._steps[key] = self._decide(at, command(), now_s)
        return known

    def _decide(self, at: int, command: LineCommand, now_s: int) -> int:
        before = self.kept[at]
        books = before.books.branch()
        chain, own = list(before.chain), list(before.own)
        try:
            steps: Generator[Any, str, Any] = decide(books, command, us=self.us, now_s=now_s)
            draft = next(steps)
            while True:
                draft = steps.send(self._append(books, draft, chain, own))
        except StopIteration:
            if len(chain) == len(before.chain) and unchanged(books):
                return at
        except AssertionError as error:
            return self._keep(before, before, f"assertion: {error}")
        return self._keep(Snapshot(settled(books), tuple(chain), tuple(own)), before)

    def regain(self, at: int, lost: Snapshot, until: int, partner: Snapshot) -> int:
        """Take back own events of a lost state, up to place `until` of the chain.

        Between them the partner's events are folded as each event says it had seen them; nothing
        is decided anew.
        """
        before = self.kept[at]
        books = before.books.branch()
        for event in lost.own[len(before.own) : until]:
            core = event.core
            assert isinstance(core, cores.LineCore)
            for received in partner.chain[
                books.lines[core.line].in_n : core.seen.n if core.seen else 0
            ]:
                fold_received(books, self.us, received.id, received.core)
            fold(books, event, [])
        back = Snapshot(settled(books), lost.chain[:until], lost.own[:until])
        return self._keep(back, back)

    def _append(
        self, books: Books, draft: LineDraft | LocalDraft, chain: list[Any], own: list[Any]
    ) -> str:
        if isinstance(draft, LocalDraft):
            core: Any = cores.LocalCore(
                v=1, origin=self.us, seq=len(chain), root=KEY, key=KEY, ts=NOW, commitment=KEY
            )
            fold(books, Recorded(len(chain), KEY, core, draft.body), [])
            return KEY
        core = compose(self.us, books.lines[draft.line], draft)
        named = core if self._seen_counts else replace(core, seen=None)
        event_id = b64(sha256(encode(named)).digest())
        event = Recorded(core.n, event_id, core, draft.body)
        own.append(event)
        chain.append(received(event_id, core, draft))
        fold(books, event, [])
        return event_id

    def _keep(self, snapshot: Snapshot, before: Snapshot, broken: str = "") -> int:
        problem = broken or self._check(before, snapshot)
        said = canonical(snapshot.books, self._first.books) + problem.encode()
        key = sha256(said).digest()
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.kept)
            self.kept.append(snapshot)
            if problem:
                self.wrong[number] = problem
        return number


def compose(us: str, line: Line, draft: LineDraft) -> Any:
    """Give an event its place in the chain, as a node does, without keys and clock."""
    fields = dict(draft.fields)
    decision = fields.get("decision")
    if isinstance(decision, DecisionDraft):
        fields["decision"] = signed(
            us, decision.path, commit=decision.commit, accept=decision.accept
        )
    if draft.body is not None or draft.peer is not None:
        fields["commitments"] = cores.Commitments(
            body=KEY, peer=None if draft.peer is None else KEY
        )
    return draft.core(
        v=1,
        origin=us,
        seq=line.out_n + 1,
        root=KEY,
        key=KEY,
        ts=NOW,
        line=line.line,
        n=line.out_n + 1,
        prev=line.out_id or None,
        seen=cores.Seen(n=line.in_n, id=line.in_id) if line.in_n else None,
        **fields,
    )


def received(event_id: str, core: Any, draft: LineDraft) -> ReceivedEvent:
    """Give an own event as the other side receives it; its first member is whom it concerns."""
    return ReceivedEvent(
        n=core.n,
        id=event_id,
        core=core,
        core_bytes=b"",
        signature=b"",
        peer=draft.peer,
        member=MEMBER if draft.peer is not None else 0,
        member_subject=path(0),
    )


def parts_of(books: Any) -> list[str]:
    """Name the parts of books or of the ledger; of members and requests no line writes anything."""
    return [name for name in books.__slots__ if not name.startswith("_")]


def unchanged(books: Any) -> bool:
    """Tell whether nothing was put into a branch."""
    parts = [getattr(books, name) for name in parts_of(books)]
    return all(
        unchanged(part) if isinstance(part, Ledger) else not part.top
        for part in parts
        if isinstance(part, Ledger | Layered)
    )


def settled(books: Any) -> Any:
    """Give books whose changes have become their base; what did not change is shared."""
    copy = object.__new__(type(books))
    for name in parts_of(books):
        part = getattr(books, name)
        if isinstance(part, Layered):
            part = Layered({**part.base, **part.top}) if part.top else part
        elif isinstance(part, Ledger):
            part = settled(part)
        setattr(copy, name, part)
    if isinstance(books, Books):
        copy._below = None
        copy._agreeing, copy._members = books.agreeing, books.members
        assert unchanged(copy._agreeing)
        assert unchanged(copy._members)
    return copy


def canonical(books: Any, start: Any) -> bytes:
    """Give bytes that are equal when all that the books say is equal.

    A part that is the very same as in `start`, the books of the first state, is left out.
    """
    parts = []
    for name in parts_of(books):
        part, first = getattr(books, name), getattr(start, name)
        if isinstance(part, Ledger):
            parts.append(canonical(part, first))
        elif part is not first:
            rows: Any = part
            if isinstance(part, Layered):
                names = sorted(part.base)
                rows = [names, [part.base[key] for key in names]]
            parts.append(name.encode() + encode(rows))
    return b"\n".join(parts)
