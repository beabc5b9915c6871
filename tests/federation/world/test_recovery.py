"""A node that was restored from an old backup gets its own log back from those who saw it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from events.mark import MarkFile
from events.restore import Mode
from federation.group.commands import Transfer
from federation.node.postgres import PostgresServer
from federation.node.rebuild import rebuild_tables
from federation.node.use_cases import new_key
from federation.node.verify import verify_log
from schemas.errors import Code, RuilbrugError
from tests.federation.world.backups import Backups, balances, groups, ids, pay, recovery_key
from tests.federation.world.conftest import WAIT_S, World, WorldNode, eventually, lines
from tests.federation.world.own_statement import own_lines
from tests.federation.world.test_verify import intruder


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    made = Backups(postgres_server)
    yield made
    await made.close()


async def read_only(node: WorldNode) -> None:
    await node.start()
    await eventually(lambda: node.node.gate.mode is Mode.READ_ONLY)


async def sound(*nodes: WorldNode) -> None:
    """`log verify` finds nothing, and a rebuild gives the tables that are there."""
    for node in nodes:
        assert (await verify_log(node.folder)).findings == []
        before = await balances(node)
        await node.stop()
        settings = node.folder.settings()
        await rebuild_tables(settings.database, settings.database_owner)
        assert (await verify_log(node.folder)).findings == []
        await node.start()
        assert await balances(node) == before


async def settled(a: WorldNode, b: WorldNode) -> None:
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units)
    await eventually(lambda: lines(b)[0].paid_units == lines(a)[0].credited_units)
    assert lines(a)[0].balance_units == -lines(b)[0].balance_units


async def busy(a: WorldNode, b: WorldNode) -> None:
    """Trade across in both directions, book inside, take in a member."""
    await pay(a, 30, description="taart")
    await a.ask("member.add", code="003", name="Lid 003")
    await a.ask("pay", payer="001", payee="003", amount_minor=4, description="appels")
    await pay(b, 7, group="alfa")
    await settled(a, b)


async def recover(node: WorldNode, **arguments: Any) -> Any:
    arguments = {"key": recovery_key(node)} | arguments
    return await node.ask("node.recover", **arguments)


async def test_everything_mirrored_comes_back_from_the_umbrella(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await backups.take(a)
    await busy(a, b)
    await koepel.ask("audit.report")
    before, books = await ids(a), await balances(a)
    await backups.restore(a)
    await read_only(a)
    assert len(await ids(a)) < len(before)

    report = await recover(a)

    assert report["mode"] == "open"
    assert report["missing"] == []
    assert report["lost"] == 0
    assert await ids(a) == before
    assert await balances(a) == books
    await pay(a, 3)
    await settled(a, b)
    assert (await ids(a))[: len(before)] == before
    assert (await koepel.ask("audit.report"))["report"]["findings"] == []
    await sound(a, b)


async def test_a_booking_that_came_back_is_not_booked_twice(world: World, backups: Backups) -> None:
    a, _, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await backups.take(a)
    plain = {"payer": "001", "payee": "002", "amount_minor": 4, "key": "A" * 22}
    told = {"payer": "001", "payee": "002", "amount_minor": 4, "key": "B" * 21 + "A"}
    first = await a.ask("pay", **plain)
    await a.ask("pay", **told, description="appels")
    await koepel.ask("audit.report")
    books = await balances(a)
    await backups.restore(a)
    await read_only(a)
    await recover(a)

    again = await a.ask("pay", **plain)
    with pytest.raises(RuilbrugError) as refused:
        await a.ask("pay", **told, description="appels")

    assert again == first
    assert refused.value.code is Code.CONFLICT
    assert await balances(a) == books


async def test_line_events_come_back_from_a_partner_alone(world: World, backups: Backups) -> None:
    a, b, _ = await groups(world, umbrella=False)
    await pay(a, 30)
    await settled(a, b)
    await backups.take(a)
    await pay(a, 60)
    await pay(b, 7, group="alfa")
    await settled(a, b)
    before, books = await ids(a), await balances(a)
    await backups.restore(a)
    await read_only(a)

    held_back = await recover(a)
    assert held_back["mode"] == "read_only"
    assert "without their bodies" in held_back["missing"][0]
    report = await recover(a, without_bodies=True)

    assert report["mode"] == "open"
    assert report["missing"] == []
    assert (await ids(a))[: len(before)] == before
    now = await balances(a)
    assert now["te onderzoeken"] == books["001"] + books["002"] - now["001"] - now["002"]
    assert now["te onderzoeken"] != 0
    clearing = next(code for code in books if code.startswith("groep"))
    assert now[clearing] == books[clearing]
    await pay(a, 3)
    await settled(a, b)
    await sound(a, b)


async def test_stays_read_only_when_a_local_event_is_missing_and_says_so(
    world: World, backups: Backups
) -> None:
    a, b, _ = await groups(world, umbrella=False)
    await backups.take(a)
    await a.ask("pay", payer="001", payee="002", amount_minor=4)
    await pay(a, 30)
    await settled(a, b)
    await backups.restore(a)
    await read_only(a)
    size = len(await ids(a))

    report = await recover(a, without_bodies=True)

    assert report["mode"] == "read_only"
    assert report["events"] == 0
    (missing,) = report["missing"]
    assert f"events {size} to {size} were seen by nobody who answers" in missing
    assert "newer backup" in missing
    assert len(await ids(a)) == size
    with pytest.raises(RuilbrugError) as refused:
        await a.ask("pay", payer="001", payee="002", amount_minor=1)
    assert refused.value.code is Code.READ_ONLY


async def test_what_nobody_saw_is_appended_anew_behind_the_longer_log(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await pay(a, 3)
    await settled(a, b)
    await backups.take(a, machine=True)
    await busy(a, b)
    await koepel.ask("audit.report")
    before = await ids(a)
    await backups.restore(a, machine=True)
    await koepel.stop()
    await b.stop()
    await a.start()
    assert a.node.gate.mode is Mode.RELEASES_NOTHING
    await a.ask("member.add", code="004", name="Lid 004")
    await a.ask(
        "pay", payer="001", payee="004", amount_minor=5, description="peren", key="C" * 21 + "A"
    )
    await a.ask("member.add", code="003", name="Iemand anders")
    await a.ask("pay", payer="003", payee="002", amount_minor=2)
    held = await pay(a, 9, wait_s=0.1)
    assert held["state"] == "held"
    await b.start()
    await koepel.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)

    report = await recover(a)

    assert report["mode"] == "open", report
    now = await ids(a)
    assert now[: len(before)] == before
    assert len(now) > len(before)
    tail = "\n".join(report["tail"])
    assert "account.opened: appended anew" in tail
    assert "with the new number" in tail
    assert "this code is in use" in tail
    assert "there is no such account here" in tail
    assert "transfer: appended anew" in tail
    assert "pay.prepare: appended anew" in tail
    names = {row["code"]: row for row in await a.ask("member.list")}
    assert names["004"]["balance_minor"] == 5
    assert names["004"]["name"] == "Lid 004"
    assert (await own_lines(a, "004"))[0].description == "peren"
    await settled(a, b)
    await eventually(lambda: lines(a)[0].held_out_units == 0)
    async with asyncio.timeout(WAIT_S):  # the tables know of a COMMIT a moment earlier
        while await remembered(a) != await stored(a):
            pass
    (trade,) = await a.ask("transfer.show", path=held["path"])
    assert trade["state"] in ("committed", "settled", "booked", "confirmed")
    assert (await koepel.ask("audit.report"))["report"]["findings"] == []
    await sound(a, b)


async def stored(node: WorldNode) -> dict[int, bytes]:
    """The own chain by place, as the tables hold it, as far as memory goes."""
    rows = await node.node.pool.fetch("SELECT n, core FROM line_event JOIN log_event USING (seq)")
    known = node.node.machine.recent
    line = lines(node)[0].line
    return {row["n"]: row["core"] for row in rows if known.after(line, row["n"] - 1, 1)}


async def remembered(node: WorldNode) -> dict[int, bytes]:
    """The own chain by place, as the node remembers it."""
    line = lines(node)[0]
    found = [node.node.machine.recent.after(line.line, n, 1) for n in range(line.out_n)]
    return {event.n: event.core for events in found for event in events}


async def test_what_a_partner_believes_to_be_here_is_fetched_again(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await pay(a, 3)
    await settled(a, b)
    await eventually(lambda: unsent(a) == unsent(b) == 0)
    await backups.take(a)
    await b.ask("line.propose", group="alfa")
    await eventually(lambda: lines(a)[0].their_proposal is not None and unsent(b) == 0)
    await a.ask("pay", payer="001", payee="002", amount_minor=4)
    await koepel.ask("audit.report")
    await backups.restore(a)
    await read_only(a)
    assert lines(a)[0].their_proposal is None

    await recover(a)

    assert lines(a)[0].their_proposal is not None


def unsent(node: WorldNode) -> int:
    (line,) = lines(node)
    return int(line.out_n - node.node.outbox.delivery(line.line).acknowledged_n)


async def test_a_lost_mark_is_made_anew_when_the_log_is_back(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await backups.take(a)
    await busy(a, b)
    await koepel.ask("audit.report")
    before = await ids(a)
    await backups.restore(a)
    a.folder.mark.unlink()
    await read_only(a)

    await recover(a)

    assert a.node.gate.mode is Mode.OPEN
    assert await ids(a) == before
    mark = MarkFile(a.folder.mark).read()
    assert mark is not None
    assert mark.size == len(before)


async def test_a_snapshot_of_the_whole_machine_is_caught_by_the_partner(
    world: World, backups: Backups
) -> None:
    a, b, _ = await groups(world, umbrella=False)
    await backups.take(a, machine=True)
    await pay(a, 30)
    await settled(a, b)
    before = await ids(a)
    await backups.restore(a, machine=True)
    await read_only(a)
    assert "has seen more of line" in a.node.gate.judgement.reason

    await recover(a, without_bodies=True)

    assert a.node.gate.mode is Mode.OPEN
    assert (await ids(a))[: len(before)] == before
    await pay(a, 3)
    await settled(a, b)
    await sound(a, b)


async def test_a_tail_as_long_as_what_was_seen_is_noticed_after_another_start(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await backups.take(a, machine=True)
    await a.ask("pay", payer="001", payee="002", amount_minor=4)
    await koepel.ask("audit.report")
    before = await ids(a)
    await backups.restore(a, machine=True)
    await koepel.stop()
    await b.stop()
    await a.start()
    for _ in range(3):
        await a.ask("pay", payer="002", payee="001", amount_minor=1)
    assert len(await ids(a)) > len(before)
    await a.stop()
    await koepel.start()

    await read_only(a)
    assert "has seen another event" in a.node.gate.judgement.reason
    report = await recover(a)

    assert report["mode"] == "releases_nothing", "the partner has not answered yet"
    await b.start()
    await eventually(lambda: a.node.gate.mode is Mode.OPEN)
    await recover(a)
    now = await ids(a)
    assert now[: len(before)] == before
    assert len(now) == len(before) + 3
    await sound(a)


async def test_lost_bodies_are_booked_on_suspense_and_listed(
    world: World, backups: Backups, postgres_server: PostgresServer
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await backups.take(a)
    await busy(a, b)
    await koepel.ask("audit.report")
    before, books = await ids(a), await balances(a)
    await backups.restore(a)
    await read_only(a)

    held_back = await recover(a, key="")
    assert "give the recovery key" in held_back["missing"][0]
    assert len(await ids(a)) < len(before)
    report = await recover(a, key="", without_bodies=True)

    assert report["mode"] == "open", report
    assert report["lost"] > 0
    now = await balances(a)
    assert (await ids(a))[: len(before)] == before
    clearing = next(code for code in books if code.startswith("groep"))
    assert now[clearing] == books[clearing]
    assert sum(now.values()) == 0
    assert "003" not in now
    (listed,) = await a.node.pool.fetch(
        "SELECT seq FROM log_event WHERE convert_from(body, 'UTF8') LIKE '%local.lost%'"
    )
    assert listed["seq"] >= len(before)
    page = await a.ask("account.statement", code="te onderzoeken")
    assert page["lines"]
    await pay(a, 3)
    await settled(a, b)
    await sound(a, b)
    await a.stop()
    async with intruder(postgres_server, a) as connection:
        await connection.execute(
            """UPDATE lost_body SET stands_in = replace(convert_from(stands_in, 'UTF8'),
            '"payee":"A', '"payee":"B')::bytea WHERE stands_in IS NOT NULL"""
        )
    found = [finding.what for finding in (await verify_log(a.folder)).findings]
    assert "body" in found
    await b.stop()


async def test_the_command_brings_back_several_tiles_and_tells_how_far_it_is(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await a.ask("pay", payer="001", payee="002", amount_minor=1)
    await backups.take(a)
    payments = [a.node.do(Transfer(new_key(), 6, 7, 1)) for _ in range(600)]
    async with asyncio.timeout(60):
        await asyncio.gather(*payments)
    await pay(a, 30)
    await settled(a, b)
    await koepel.ask("audit.report")
    before = await ids(a)
    await backups.restore(a)
    paper = a.folder.path / "paper"
    (a.folder.keys / "recovery.key").rename(paper)

    without = await ruilbrug(a.folder.path, "node", "recover")
    done = await ruilbrug(a.folder.path, "node", "recover", "--key", str(paper))

    assert without.returncode == 1
    assert b"MISSING" in without.stdout
    assert b"--key FILE" in without.stdout
    assert done.returncode == 0, done.stderr
    assert b"all of them verify" in done.stderr
    assert f"{len(before)} events are here".encode() in done.stderr
    assert b"open: " in done.stdout
    await a.start()
    assert (await ids(a))[: len(before)] == before
    await sound(a)


async def ruilbrug(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "federation.cli", "--node", str(folder), *arguments]
    return await asyncio.to_thread(
        subprocess.run, command, capture_output=True, check=False, timeout=120
    )
