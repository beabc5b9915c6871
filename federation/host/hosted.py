"""One group of a host: what it is doing, why it is not running, and when it is tried again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import asyncpg
import msgspec

from events.recovery import STORAGE_TROUBLE
from schemas.errors import Code, RuilbrugError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.node.run import Serving
    from federation.node.settings import NodeFolder

PAUSE_FIRST_S: Final = 2.0
PAUSE_MAX_S: Final = 120.0
STEADY_S: Final = 300.0
"""A group that ran so long before it failed is tried again at once, as the first time."""


class State(StrEnum):
    """What a hosted group is doing."""

    WAITING = "waiting"
    """Its turn to start comes."""
    STARTING = "starting"
    RUNNING = "running"
    FAILED = "failed"
    """It is tried again by itself."""
    STOPPED = "stopped"
    """Somebody has stopped it."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a group over the control socket."""

    name: str
    state: State
    address: str
    reason: str
    """Why it failed last; empty for never."""
    failures: int
    """In a row."""
    restarts: int


def pause_s(failures: int, jitter: float) -> float:
    """Say how long to wait after so many failures in a row; `jitter` lies in 0 to 1."""
    return min(PAUSE_MAX_S, PAUSE_FIRST_S * 2.0 ** min(failures - 1, 20)) * (1 + jitter / 4)


def reason_of(error: BaseException) -> str:
    """Say in a line why a group failed: its code and sentence, or the kind of a bug."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, RuilbrugError):
        return f"{error.code}: {error}"
    kind = type(error).__name__
    storage = isinstance(error, (*STORAGE_TROUBLE, asyncpg.PostgresError))
    return f"{Code.DATABASE_UNAVAILABLE}: {kind}" if storage else kind


class Hosted:
    """A group's place in the host."""

    def __init__(self, name: str, folder: NodeFolder) -> None:
        """Take its name, which is its folder's; it is wanted from the start."""
        self.name, self.folder = name, folder
        self.state = State.WAITING
        self.address = ""
        self.serving: Serving | None = None
        self.reason = ""
        self.failures = self.restarts = 0
        self._requests = 0
        self.quiet = asyncio.Event()
        self.quiet.set()
        """Set while no request is under way."""
        self.wanted = asyncio.Event()
        self.wanted.set()
        self.unwanted = asyncio.Event()
        self.hurry = asyncio.Event()
        self.at_rest = asyncio.Event()
        """Set while it is stopped."""
        self._since_s = 0.0

    def told(self) -> Told:
        """Say how it is."""
        return Told(
            name=self.name,
            state=self.state,
            address=self.address,
            reason=self.reason,
            failures=self.failures,
            restarts=self.restarts,
        )

    def runs(self, serving: Serving) -> None:
        """Note that requests can be answered."""
        self.serving, self.state, self._since_s = serving, State.RUNNING, time.monotonic()

    def failed(self, error: BaseException) -> None:
        """Note why it does not run."""
        ran = self.state is State.RUNNING
        steady = ran and time.monotonic() - self._since_s >= STEADY_S
        self.failures = 1 if steady else self.failures + 1
        self.restarts += 1
        self.state, self.reason = State.FAILED, reason_of(error)

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """Count a request while the block runs."""
        self._requests += 1
        self.quiet.clear()
        try:
            yield
        finally:
            self._requests -= 1
            if not self._requests:
                self.quiet.set()

    def start(self) -> None:
        """Have it run, at once."""
        self.at_rest.clear()
        self.unwanted.clear()
        self.hurry.set()
        self.wanted.set()

    def stop(self) -> None:
        """Have it stop, and stay so."""
        self.wanted.clear()
        self.hurry.set()
        self.unwanted.set()
