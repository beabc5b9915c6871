"""An umbrella follows and audits by itself: when it is due, one at a time, again after trouble."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from federation.node.peers import Peer
from federation.node.remembered import LastFullAudit, last_full_audit, remember
from federation.node.service import Node
from federation.umbrella import auditing, flow_views, mirror, use_cases
from federation.umbrella.keeping_up import keep_up
from federation.umbrella.turns import (
    AGAIN_S,
    FULL_AGAIN_S,
    AuditTurns,
    due_in_s,
    full_due_s,
    turns_of,
)
from schemas.errors import Code, StorageError
from tests.federation.umbrella.conftest import Federation, report
from tests.federation.umbrella.forging import superuser

EVERY_S = 300


ZONE = ZoneInfo("Europe/Brussels")


def at(*moment: int) -> int:
    """Give the second at which clocks in Brussels say this."""
    return int(datetime(*moment, tzinfo=ZONE).timestamp())  # type: ignore[arg-type, misc]


class Time:
    """A clock that stands still until the test lets whoever waits for it go on."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.day_s = at(2026, 3, 2, 12)
        """What the clock on the wall said when this one said 1,000."""
        self.asked: asyncio.Queue[float] = asyncio.Queue()
        self._go = asyncio.Semaphore(0)

    def clock(self) -> float:
        return self.now_s

    def wall_clock(self) -> int:
        return int(self.day_s + self.now_s - 1_000)

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
    node.parts[AuditTurns] = AuditTurns(time.clock, wall_clock=time.wall_clock)
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
            patched.setattr(auditing, "go_on", broken)
            time.go_on(EVERY_S)
            assert await time.asleep() == AGAIN_S
        told = [log["log_level"] for log in logs if log["event"] == "audit_failed"]
        assert told == [level]

        time.go_on(AGAIN_S)
        assert await time.asleep() == EVERY_S
        assert await audited(federation) == 1


async def test_a_log_that_breaks_what_follows_it_holds_up_no_other(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    pull = mirror.pull

    async def broken(node: Node, peer: Peer, *, again: bool) -> object:
        if peer.node == b.node.id:
            raise ValueError("a bug")
        return await pull(node, peer, again=again)

    await federation.pay()
    with capture_logs() as logs, monkeypatch.context() as patched:
        patched.setattr(use_cases, "pull", broken)
        told = await report(umbrella)

    ((level, peer),) = [
        (log["log_level"], log["peer"]) for log in logs if log["event"] == "mirror_failed"
    ]
    assert (level, peer, told["behind"]) == ("critical", b.node.id, [b.node.id])
    assert told["events"] == a.node.sequencer.size
    assert (await report(umbrella))["behind"] == []


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


@pytest.mark.parametrize(
    ("last", "every_s", "due"),
    [
        ((2026, 3, 2, 12), 86_400, (2026, 3, 3, 3)),
        ((2026, 3, 3, 3, 40), 86_400, (2026, 3, 4, 3)),  # it took its time, and does not slip
        ((2026, 3, 3, 14, 59), 86_400, (2026, 3, 4, 3)),
        ((2026, 3, 3, 15, 1), 86_400, (2026, 3, 5, 3)),  # somebody asked for one by day
        ((2026, 3, 28, 3, 10), 86_400, (2026, 3, 29, 3)),  # the hour of that night is left out
        ((2026, 3, 3, 3), 7 * 86_400, (2026, 3, 10, 3)),
        ((2026, 3, 3, 3), 7_200, (2026, 3, 3, 5)),
    ],
)
def test_a_full_audit_is_due_at_a_quiet_hour(
    last: tuple[int, ...], every_s: int, due: tuple[int, ...]
) -> None:
    assert full_due_s(at(*last), every_s=every_s, zone=ZONE, hour=3) == at(*due)


async def test_what_was_changed_in_an_old_entry_is_found_at_night_by_itself(
    federation: Federation,
) -> None:
    umbrella = federation.umbrella
    await federation.pay()
    async with keeping_up(federation) as time:
        await time.asleep()
        time.go_on(EVERY_S)
        await time.asleep()
        async with superuser(umbrella) as connection:
            await connection.execute(
                "UPDATE mirror_event SET signature = sha512(signature) WHERE node = $1 AND seq = 5",
                federation.a.node.id,
            )
        time.go_on(at(2026, 3, 3, 2, 59) - time.wall_clock())
        await time.asleep()
        by_day = await umbrella.ask("audit.findings")
        assert last_full_audit(umbrella.folder) is None

        time.go_on(EVERY_S)
        await time.asleep()

    (found,) = await umbrella.ask("audit.findings")
    done = last_full_audit(umbrella.folder)
    assert by_day == []
    assert (found["what"], found["node"], found["seq"]) == (
        "mirror_altered",
        federation.a.node.id,
        5,
    )
    assert done is not None
    assert (done.at_s, done.agrees) == (at(2026, 3, 3, 3, 4), False)


async def test_a_night_later_is_the_next_one_and_a_node_that_was_off_catches_up(
    federation: Federation,
) -> None:
    folder = federation.umbrella.folder
    long_ago = at(2026, 2, 20, 3, 5)
    remember(folder, LastFullAudit(at_s=long_ago, events=1, agrees=True))
    done = []
    async with keeping_up(federation) as time:
        for moment in ((2026, 3, 2, 12, 5), (2026, 3, 3, 2, 55), (2026, 3, 3, 3, 1)):
            await time.asleep()
            time.go_on(at(*moment) - time.wall_clock())
            await time.asleep()
            last = last_full_audit(folder)
            done.append(None if last is None else last.at_s)
            time.go_on(0)

    assert done == [at(2026, 3, 2, 12, 5), at(2026, 3, 2, 12, 5), at(2026, 3, 3, 3, 1)]


async def test_a_full_audit_without_signatures_stands_for_none_that_has_them(
    federation: Federation,
) -> None:
    umbrella, folder = federation.umbrella, federation.umbrella.folder
    await federation.pay()

    await umbrella.ask("audit.report", full=True)
    alone = last_full_audit(folder)
    await umbrella.ask("audit.report", full=True, signatures=True)
    whole = last_full_audit(folder)
    await umbrella.node.pool.execute("DELETE FROM audit_line")
    await umbrella.ask("audit.report", full=True)
    told = last_full_audit(folder)

    assert alone is None
    assert whole is not None
    assert whole.agrees
    assert told == replace(whole, agrees=False), "the trouble is told, beside the date of before"


async def test_a_full_audit_that_fails_is_not_tried_with_every_other_one(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    async def broken(*_: object, **__: object) -> None:
        tried.append(time.wall_clock())
        raise StorageError(Code.DATABASE_UNAVAILABLE)

    monkeypatch.setattr(auditing, "from_the_start", broken)
    async with keeping_up(federation) as time:
        await time.asleep()
        time.go_on(at(2026, 3, 3, 3) - time.wall_clock())
        for _ in range(2 + FULL_AGAIN_S // EVERY_S):
            time.go_on(await time.asleep())
        await time.asleep()

    assert len(tried) == 2
    assert tried[1] - tried[0] >= FULL_AGAIN_S


async def test_settings_may_leave_full_audits_to_people(federation: Federation) -> None:
    turns = AuditTurns(lambda: 0.0, wall_clock=lambda: at(2030, 1, 1))

    assert turns.full_is_due(0, every_s=86_400, zone=ZONE, hour=3)
    assert not turns.full_is_due(0, every_s=0, zone=ZONE, hour=3)


async def test_a_full_audit_that_runs_blocks_no_page(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    from_the_start = auditing.from_the_start

    async def slow(*arguments: object, **named: object) -> object:
        begun.set()
        await go_on.wait()
        return await from_the_start(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(auditing, "from_the_start", slow)
    node = federation.umbrella.node
    async with keeping_up(federation) as time:
        await time.asleep()
        time.go_on(at(2026, 3, 3, 3) - time.wall_clock())
        async with asyncio.timeout(20):
            await begun.wait()
            logs = await flow_views.followed(node, await flow_views.groups(node))
            answered = await federation.umbrella.ask("audit.findings")
        go_on.set()
        await time.asleep()

    assert len(logs) == 2
    assert answered == []
    assert last_full_audit(node.folder) is not None
