"""A node in memory from bytes to books: the real reading, fact-finding, rules and composing.

What a database does is a dict here, and what waits elsewhere is done at once, so a coroutine of the
product runs to its end in one go (`at_once`). A state can be kept and gone back to.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeVar

from events import batch
from events.growing import GrowingTree
from events.keys import HeldKey, KeyHistory
from events.machine import Context
from events.sealed import Keyring
from events.signing import PrivateKey
from federation.group import commands as group
from federation.line.decide import FoundVerdicts
from federation.node.machine import NodeMachine
from federation.node.taking import take
from federation.peer.channel import ChannelEvent
from projections.books import Books
from projections.lines import Line
from schemas import cores
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind
from schemas.encoding import b32, b64
from schemas.errors import Refusal
from schemas.keys import Role
from schemas.messages import WireEvent
from schemas.openings import Opening
from tests.simulation.explicit.node import settled

T = TypeVar("T")
NOW: Final = 1_700_000_000
MEMBER: Final = 5
SUBJECT: Final = b64(bytes(16))
PSEUDONYM: Final = b64(b"p" * 32)
"""By this name each node knows the other's first member."""


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        answer: T = end.value
        return answer
    raise AssertionError("it waits")


class Kept(NamedTuple):
    """A state to go back to."""

    books: Books
    tree: GrowingTree
    inbox: dict[int, str]
    chain: tuple[WireEvent, ...]


class WireNode:
    """One side of a line; the port `Intaking` over dicts."""

    def __init__(self, name: str, per_hour: int, kind: type[PrivateKey]) -> None:
        self.id = b32(sha256(name.encode()).digest())
        self.key = kind(sha256(b"key " + name.encode()).digest())
        self.key_text = b64(self.key.public.data)
        held = HeldKey(Role.LOG, self.key_text, b64(bytes(32)), 0)
        self.own_history = KeyHistory(self.id, (held,))
        self.partner: KeyHistory | None = None
        self.vouched_for: set[str] = set()
        self.is_known = True
        chance = random.Random(name)
        self.machine = NodeMachine(
            node=self.id, books=Books(), keyring=Keyring({"w": bytes(32)}, "w")
        )
        self.context = Context(NOW, chance.randbytes, self.key.sign, self.key_text)
        self.state = Kept(Books(), GrowingTree.from_tiles((), ()), {}, ())
        self.commits = 0
        self.forks = 0
        self.contradictions: list[FoundVerdicts] = []
        self.late: list[int] = []
        unit = Unit(singular="unit", plural="units", rate=Rate(per_hour))
        self.do(group.Configure(unit, None, None))
        for code in ("001", "002"):
            subject = SUBJECT if code == "001" else b64(b"s" * 16)
            key = b64(sha256(code.encode()).digest()[:16])
            self.do(group.OpenAccount(key, code, AccountKind.MEMBER, subject))

    def at(self, now_s: int) -> WireNode:
        """Set the clock."""
        self.context = self.context._replace(now_s=now_s)
        return self

    def back_to(self, kept: Kept) -> None:
        """Go back to a state, all at once."""
        self.state = kept
        self.machine.books = kept.books

    def do(self, command: Any) -> Any:
        """Decide a command and make durable what comes of it; a refusal changes nothing."""
        self.back_to(self.state)
        made = batch.Batch(self.machine.branch(), self.state.tree.copy())
        answer = batch.decide(self.machine, made, command, origin=self.id, context=self.context)
        if isinstance(answer, Refusal) or not (made.entries or made.branch.inbox):
            return answer
        self._commit(made)
        return answer

    def _commit(self, made: batch.Batch[Any]) -> None:
        self.commits += 1
        branch = made.branch
        chain = list(self.state.chain)
        for entry, meaning in zip(made.entries, made.meanings, strict=True):
            if isinstance(meaning.core, cores.LineCore):
                opening = self._opening(branch, entry.seq)
                chain.append(
                    WireEvent(core=b64(entry.core), signature=b64(entry.signature), opening=opening)
                )
        inbox = {**self.state.inbox, **{row.n: row.id for row in branch.inbox}}
        self.machine.keyring.adopt(branch.keyring)
        self.back_to(Kept(settled(branch.books), made.tree, inbox, tuple(chain)))

    def _opening(self, branch: Any, seq: int) -> Opening | None:
        sealed = branch.peer_texts.get(seq)
        if sealed is None:
            return None
        opened = branch.keyring.open(sealed.subject, sealed.commitment, sealed.sealed)
        assert opened is not None
        return Opening(salt=b64(opened[0]), bytes=b64(opened[1]))

    def take(self, peer: str, line: str, wire: Sequence[WireEvent]) -> Any:
        """Take in what a partner sends, by the steps of the product."""
        return at_once(take(self, peer, line, wire))

    def only_line(self) -> Line:
        (only,) = self.state.books.lines.base.values()
        return only

    # the port `Intaking`

    def history(self, peer: str) -> KeyHistory | None:
        return self.partner if self.partner is not None and self.partner.node == peer else None

    async def refresh(self, peer: str) -> None:
        """Nobody has newer statements."""

    def known(self, peer: str) -> bool:
        return self.is_known and self.history(peer) is not None

    def line(self, line: str) -> Line | None:
        return self.state.books.lines.get(line)

    async def inbox_ids(self, line: str, first: int, last: int) -> Mapping[int, str]:
        assert line in self.state.books.lines
        return {n: name for n, name in self.state.inbox.items() if first <= n <= last}

    async def subjects(self, reader: str, pseudonyms: Sequence[str]) -> Mapping[str, str]:
        assert reader != self.id
        return {name: SUBJECT for name in pseudonyms if name == PSEUDONYM}

    def accounts_by_subject(self) -> Mapping[str, int]:
        return self.machine.accounts_by_subject()

    async def compute(self, work: Callable[[], T], *, signatures: int) -> T:
        del signatures
        return work()

    async def submit(self, command: Any) -> Any:
        return self.do(command)

    async def forked(self, peer: str, event: ChannelEvent) -> None:
        assert peer == event.core.origin
        self.forks += 1

    async def contradicted(self, line: str, findings: Sequence[FoundVerdicts]) -> None:
        assert line in self.state.books.lines
        self.contradictions += findings

    async def vouched(self, peer: str, event: ChannelEvent) -> bool:
        assert peer == event.core.origin
        return event.id in self.vouched_for

    def check_later(self, line: str, events: Sequence[ChannelEvent], history: KeyHistory) -> None:
        assert line
        self.late += [event.n for event in events if history is not None]
