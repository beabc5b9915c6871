"""What a sequencer runs and what it hands over: the `Machine`, and the parts of an event.

`events` knows nothing of LETS; a machine gives the commands of a log their meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from events.log_store import AnyConnection, Entry
    from events.transaction import Statement, Writing

EVENT_PREFIX: Final = b"ruilbrug/event/v1\n"
"""What the signature of an event covers, before the core (design section 2)."""

Branch = TypeVar("Branch")
Command = TypeVar("Command")
Draft = TypeVar("Draft")


class Context(NamedTuple):
    """What a rule may use besides state and command: time, randomness, and a signature."""

    now_s: int
    random: Callable[[int], bytes]
    sign: Callable[[bytes], bytes]
    """Signs with the log key."""
    key: str
    """The log key's public half, unpadded base64url."""


class Header(NamedTuple):
    """Where an event will stand."""

    origin: str
    seq: int
    root: str
    key: str


class Composed(NamedTuple):
    """An event in bytes, ready to be signed, with what `apply` wants to know about it."""

    core: bytes
    body: bytes | None
    body_salt: bytes | None
    texts: Sequence[tuple[bytes, bytes, str, bytes]]
    """(commitment, subject, layer, sealed)"""
    meaning: Any


class Written(NamedTuple):
    """What a batch appended, for `Machine.write`."""

    entries: list[Entry]
    meanings: list[Any]


class Machine(Protocol[Branch, Command, Draft]):
    """What the commands of a log mean."""

    async def load(
        self, connection: AnyConnection, branch: Branch, commands: Sequence[Command]
    ) -> None:
        """Fetch into the branch what these commands need and memory does not hold."""

    def branch(self) -> Branch:
        """Give a view of the committed state whose changes can be dropped."""

    def decide(
        self, branch: Branch, command: Command, context: Context
    ) -> Generator[Draft, str, Any]:
        """Yield events to append, receive the id of each; return the answer or a `Refusal`.

        A refusal comes before the first event.
        """

    def compose(self, branch: Branch, draft: Draft, header: Header, context: Context) -> Composed:
        """Give the bytes of an event."""

    def apply(self, branch: Branch, seq: int, event_id: str, meaning: Any) -> None:
        """Fold an event into the branch."""

    def dirty(self, branch: Branch) -> bool:
        """Tell whether the branch has something to write although nothing was appended."""

    async def write(self, writing: Writing, branch: Branch, written: Written) -> list[Statement]:
        """Write what the branch changed, in the transaction of the append.

        Gives what goes in one statement with the end of the append (`transaction.together`).
        """

    def adopt(self, branch: Branch) -> None:
        """Make a committed branch the state."""

    def stumbled(self, command: Command) -> Command | None:
        """Give the command that sets aside what a broken invariant was about, if any."""
