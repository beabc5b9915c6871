"""An umbrella follows and audits by itself: when it is due, one at a time, again after trouble."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from federation.umbrella import mirror, use_cases
from federation.umbrella.keeping_up import keep_up
from federation.umbrella.turns import AGAIN_S, AuditTurns, due_in_s, turns_of
from schemas.errors import Code, StorageError
from tests.federation.umbrella.conftest import Federation, report

EVERY_S = 300


class Time:
    """A clock that stands still until the test lets whoever waits for it go on."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.asked: asyncio.Queue[float] = asyncio.Queue()
        self._go = asyncio.Semaphore(0)

    def clock(self) -> float:
        return self.now_s

    async def wait(self, left_s: float) -> None:
        self.asked.put_nowait(left_s)
        await self._go.acquire()

    async def asleep(self) -> float:
        """Wait until the task sleeps; gives for how long it wants to."""
        async with asyncio.timeout(20):
            return await self.asked.get()

    def go_on(self, after_s: float) -> None:
        self.now_s += after_s
        self._go.release()


@contextlib.asynccontextmanager
async def keeping_up(federation: Federation) -> AsyncIterator[Time]:
    """Run the task of this umbrella on a clock of the test; cancelled at the end."""
    time, node = Time(), federation.umbrella.node
    node.parts[AuditTurns] = AuditTurns(time.clock)
    task = asyncio.create_task(keep_up(node, wait=time.wait))
    try:
        yield time
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def audited(federation: Federation) -> int:
    """Tell how many payments the audit has read."""
    count: int = await federation.umbrella.node.pool.fetchval("SELECT count(*) FROM audit_path")
    return count


@pytest.mark.parametrize(
    ("now_s", "failed", "left_s"),
    [
        (1_000, False, EVERY_S),
        (1_299, False, 1),
        (1_300, False, 0),
        (9_999, False, 0),
        (1_000, True, AGAIN_S),
        (1_060, True, 0),
    ],
)
def test_the_next_audit_is_due_an_interval_after_the_last(
    now_s: int, left_s: int, *, failed: bool
) -> None:
    assert due_in_s(1_000, now_s, every_s=EVERY_S, failed=failed) == left_s


def test_what_failed_is_never_tried_later_than_it_is_due() -> None:
    assert due_in_s(1_000, 1_000, every_s=20, failed=True) == 20


async def test_an_umbrella_audits_when_it_is_due_without_being_asked(
    federation: Federation,
) -> None:
    await federation.pay()
    async with keeping_up(federation) as time:
        assert await time.asleep() == EVERY_S
        assert await audited(federation) == 0

        time.go_on(EVERY_S)
        assert await time.asleep() == EVERY_S
        assert await audited(federation) == 1

        await federation.pay()
        time.go_on(EVERY_S - 1)
        assert await time.asleep() == 1
        assert await audited(federation) == 1
        time.go_on(1)
        await time.asleep()
        assert await audited(federation) == 2


async def test_a_report_that_somebody_asks_for_puts_off_the_next_audit(
    federation: Federation,
) -> None:
    async with keeping_up(federation) as time:
        await time.asleep()
        time.now_s += 200
        await report(federation.umbrella)
        time.go_on(100)

        assert await time.asleep() == 200


async def test_an_audit_waits_for_a_report_that_runs_and_then_is_not_needed(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling, go_on, pulls = asyncio.Event(), asyncio.Event(), 0
    pull = mirror.pull

    async def slow(*arguments: object, **named: object) -> object:
        nonlocal pulls
        pulls += 1
        pulling.set()
        await go_on.wait()
        return await pull(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(use_cases, "pull", slow)
    async with keeping_up(federation) as time:
        await time.asleep()
        time.now_s += EVERY_S
        asked = asyncio.create_task(report(federation.umbrella))
        await pulling.wait()
        time.go_on(0)
        await asyncio.sleep(0)  # the task now waits for its turn
        go_on.set()
        await asked

        assert await time.asleep() == EVERY_S
        assert pulls == 2  # of each group once


@pytest.mark.parametrize(
    ("error", "level"),
    [(StorageError(Code.DATABASE_UNAVAILABLE), "warning"), (ValueError("a bug"), "critical")],
)
async def test_an_audit_that_fails_is_logged_and_tried_again(
    federation: Federation, monkeypatch: pytest.MonkeyPatch, error: Exception, level: str
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise error

    await federation.pay()
    async with keeping_up(federation) as time:
        await time.asleep()
        with capture_logs() as logs, monkeypatch.context() as patched:
            patched.setattr(use_cases, "pull", broken)
            time.go_on(EVERY_S)
            assert await time.asleep() == AGAIN_S
        told = [log["log_level"] for log in logs if log["event"] == "audit_failed"]
        assert told == [level]

        time.go_on(AGAIN_S)
        assert await time.asleep() == EVERY_S
        assert await audited(federation) == 1


async def test_a_node_that_stops_ends_an_audit_in_the_midst(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling = asyncio.Event()

    async def endless(*_: object, **__: object) -> None:
        pulling.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(use_cases, "pull", endless)
    async with keeping_up(federation) as time:
        await time.asleep()
        time.go_on(EVERY_S)
        await pulling.wait()

    assert not turns_of(federation.umbrella.node).one.locked()


async def test_an_umbrella_runs_the_task_and_a_group_does_not(federation: Federation) -> None:
    names = [task.get_name() for task in asyncio.all_tasks()]

    assert names.count("audits") == 1
    assert federation.umbrella.node.settings.audit.every_s == EVERY_S
