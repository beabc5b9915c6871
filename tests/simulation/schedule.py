"""Simulated time: a queue of what happens when, and coroutines driven by hand.

One thread, no event loop: a coroutine waits for a `Promise`, and whoever keeps the promise lets it
go on as a step of its own. Equal times happen in the order in which they were asked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Generator
from heapq import heappop, heappush
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Crashed(BaseException):
    """The process that runs this coroutine is gone; nothing of it goes on."""


class Life:
    """One run of a process, from its start to its end."""

    __slots__ = ("alive",)

    def __init__(self) -> None:
        self.alive = True


class Promise(Generic[T]):
    """A value or an error that is still to come; may be awaited by one coroutine or more."""

    __slots__ = ("_error", "_value", "_waiting", "done")

    def __init__(self) -> None:
        self.done = False
        self._value: Any = None
        self._error: BaseException | None = None
        self._waiting: list[Callable[[], None]] = []

    def keep(self, value: T) -> None:
        """Give the value; the first one counts."""
        if not self.done:
            self.done, self._value = True, value
            self._tell()

    def fail(self, error: BaseException) -> None:
        """Give the error; the first one counts."""
        if not self.done:
            self.done, self._error = True, error
            self._tell()

    def _tell(self) -> None:
        for call in self._waiting:
            call()
        self._waiting.clear()

    def then(self, call: Callable[[], None]) -> None:
        """Call this when the promise is kept or broken."""
        if self.done:
            call()
        else:
            self._waiting.append(call)

    def result(self) -> T:
        """Give the value or raise the error; it is there."""
        if self._error is not None:
            raise self._error
        value: T = self._value
        return value

    def __await__(self) -> Generator[Promise[T], None, T]:
        if not self.done:
            yield self
        return self.result()


class Schedule:
    """What happens when. Times are milliseconds of the one true clock."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self.steps = 0
        self._later: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._soon: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._asked = 0

    def soon(self, call: Callable[..., None], *args: Any) -> None:
        """Do this next, after what was asked for before."""
        self._soon.append((call, args))

    def after(self, delay_ms: int, call: Callable[..., None], *args: Any) -> None:
        """Do this in some milliseconds."""
        self._asked += 1
        heappush(self._later, (self.now_ms + delay_ms, self._asked, call, args))

    def pause(self, delay_ms: int) -> Promise[None]:
        """Give a promise that is kept in some milliseconds."""
        promise: Promise[None] = Promise()
        self.after(delay_ms, promise.keep, None)
        return promise

    def timeout(self, promise: Promise[Any], delay_ms: int, error: BaseException) -> None:
        """Break a promise that is not kept in some milliseconds."""
        self.after(delay_ms, _time_is_up, promise, error)

    def step(self) -> bool:
        """Let the next thing happen; false when there is nothing left.

        The end of a wait that is over already is nothing that happens.
        """
        if self._soon:
            call, args = self._soon.popleft()
        else:
            while self._later:
                at_ms, _, call, args = heappop(self._later)
                if call is not _time_is_up or not args[0].done:
                    break
            else:
                return False
            self.now_ms = at_ms
        self.steps += 1
        call(*args)
        return True

    def next_ms(self) -> int | None:
        """Tell when the next thing happens."""
        if self._soon:
            return self.now_ms
        return self._later[0][0] if self._later else None

    def close(self) -> None:
        """End: coroutines that have not begun never will."""
        for call, args in (*self._soon, *((later[2], later[3]) for later in self._later)):
            if call is _go_on:
                args[2].close()

    def spawn(
        self,
        life: Life,
        work: Coroutine[Promise[Any], None, Any],
        done: Promise[Any] | None = None,
    ) -> None:
        """Run a coroutine as long as its process lives; `done` gets its outcome."""
        self.soon(_go_on, self, life, work, done)


def _time_is_up(promise: Promise[Any], error: BaseException) -> None:
    promise.fail(error)


def _go_on(
    schedule: Schedule,
    life: Life,
    work: Coroutine[Promise[Any], None, Any],
    done: Promise[Any] | None,
) -> None:
    if not life.alive:
        work.close()
        return
    try:
        waits_for = work.send(None)
    except StopIteration as end:
        if done is not None:
            done.keep(end.value)
        return
    except Crashed:
        return
    except Exception as error:
        if done is None:
            raise
        done.fail(error)
        return
    waits_for.then(lambda: schedule.soon(_go_on, schedule, life, work, done))


class Turn:
    """A lock for coroutines of one process, in the order in which they ask."""

    def __init__(self) -> None:
        self._held = False
        self._waiting: deque[Promise[None]] = deque()

    async def __aenter__(self) -> None:
        if self._held:
            promise: Promise[None] = Promise()
            self._waiting.append(promise)
            await promise
        self._held = True

    async def __aexit__(self, *_: object) -> None:
        self._held = False
        if self._waiting:
            self._held = True
            self._waiting.popleft().keep(None)
