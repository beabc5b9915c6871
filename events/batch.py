"""One batch in the making: commands decided on a branch, composed, rooted and signed in order.

Pure but for what the machine does to its branch: no clock, no I/O, nothing waits. The sequencer
writes what comes out in one transaction; a simulator runs the same lines over a simulated disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from events.log_store import Entry, SealedText
from events.machine import EVENT_PREFIX, Branch, Command, Context, Draft, Header, Machine
from events.merkle import leaf_hash
from schemas.encoding import b64
from schemas.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from events.growing import GrowingTree

BATCH_MAX: Final = 256
Taken = TypeVar("Taken")


class Part(NamedTuple):
    """The rows of the log that one part of a batch adds."""

    entries: list[Entry]
    texts: list[SealedText]
    subroots: list[tuple[int, bytes]]


class Batch(Generic[Branch]):
    """What a batch has changed so far; dropped as a whole or written as a whole."""

    __slots__ = ("_parted", "branch", "entries", "meanings", "old_size", "texts", "tree")

    def __init__(self, branch: Branch, tree: GrowingTree) -> None:
        """Take a branch of the state and a copy of the tree, both of which it changes."""
        self.branch = branch
        self.tree = tree
        self.old_size = tree.size
        self.entries: list[Entry] = []
        self.texts: list[SealedText] = []
        self.meanings: list[Any] = []
        self._parted = (0, 0, 0)

    def next_part(self) -> Part:
        """Give what was added since the last part."""
        entries, texts, subroots = self._parted
        self._parted = (len(self.entries), len(self.texts), len(self.tree.subroots))
        return Part(self.entries[entries:], self.texts[texts:], self.tree.subroots[subroots:])


def decide(
    machine: Machine[Branch, Command, Draft],
    batch: Batch[Branch],
    command: Command,
    *,
    origin: str,
    context: Context,
) -> Any:
    """Decide one command and add its events to the batch; gives the answer or the `Refusal`.

    Raises:
        AssertionError: an invariant broke; the batch is to be dropped.

    """
    steps = machine.decide(batch.branch, command, context)
    before = len(batch.entries)
    try:
        draft = next(steps)
        while True:
            draft = steps.send(_build(machine, batch, draft, origin, context))
    except StopIteration as end:
        outcome = end.value
    assert not isinstance(outcome, Refusal) or len(batch.entries) == before
    return outcome


def _build(
    machine: Machine[Branch, Command, Draft],
    batch: Batch[Branch],
    draft: Draft,
    origin: str,
    context: Context,
) -> str:
    """Give a draft its place and its bytes, sign it, fold it into the branch; gives its id."""
    tree = batch.tree
    seq = tree.size
    header = Header(origin, seq, b64(tree.root()), context.key)
    composed = machine.compose(batch.branch, draft, header, context)
    identity = leaf_hash(composed.core)
    tree.append(identity)
    signature = context.sign(EVENT_PREFIX + composed.core)
    batch.entries.append(
        Entry(seq, identity, composed.core, signature, composed.body, composed.body_salt)
    )
    batch.texts.extend(SealedText(seq, *text) for text in composed.texts)
    batch.meanings.append(composed.meaning)
    event_id = b64(identity)
    machine.apply(batch.branch, seq, event_id, composed.meaning)
    return event_id


async def append_fairly(
    taken: Sequence[Taken],
    append: Callable[[Sequence[Taken]], Awaitable[None]],
    stumbled: Callable[[Taken, Exception], None],
    broken: tuple[type[Exception], ...] = (AssertionError,),
) -> None:
    """Append together; when an invariant breaks, one by one, so that only the culprit suffers."""
    try:
        await append(taken)
    except broken as error:
        if len(taken) == 1:
            stumbled(taken[0], error)
            return
    else:
        return
    for one in taken:
        await append_fairly([one], append, stumbled, broken)
