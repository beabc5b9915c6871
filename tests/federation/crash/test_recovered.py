"""A node that was put back to an older day gets back what was acknowledged and seen by anybody.

Each case is a round in the life of a world: a backup, trades that the umbrella mirrors, trades that
the partner alone has seen; then the restore. Whoever is away comes back later. Where no mark is
kept there is also a booking inside that nobody has seen: it is lost. With the mark the node would
wait for it. The proxies and the judge hold both sides to one history all the time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest

from tests.federation.crash import backups
from tests.federation.crash.endings import quiet, require_agreement
from tests.federation.crash.payments import End, made_up, until_final
from tests.federation.crash.places import ONE, OTHER, Places, make_places, until
from tests.federation.crash.test_restored import CASES, Case, mirrored_size, some_trades

EVENTS = "SELECT seq, id FROM log_event"
ON_LINES = "SELECT seq FROM line_event"
ROUNDS = frozenset(
    {
        "umbrella and partner there",
        "partner there",
        "nobody there",
        "mark lost, umbrella there",
        "mark lost, nobody there",
        "snapshot, umbrella there",
        "snapshot, partner there",
        "snapshot, nobody there",
    }
)
WORLDS = 4
HELD_BY_PARTNER = "SELECT id FROM line_inbox"


class Before(NamedTuple):
    """What the log held when the trouble began, and who had seen what of it."""

    acknowledged: dict[int, bytes]
    """Index to id of every event; every one of them had been answered to somebody."""
    on_lines: frozenset[int]
    partner: frozenset[bytes]
    mirrored: int

    def undelivered(self) -> frozenset[int]:
        """Give the line events that the partner never got, as a kill came between."""
        return frozenset(n for n in self.on_lines if self.acknowledged[n] not in self.partner)


@asynccontextmanager
async def reading(places: Places, key: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(places.server.dsn(key), timeout=10, command_timeout=60)
    try:
        yield connection
    finally:
        await connection.close()


async def events(places: Places) -> dict[int, bytes]:
    async with reading(places, ONE.key) as connection:
        return {row["seq"]: row["id"] for row in await connection.fetch(EVENTS)}


async def look(places: Places) -> Before:
    """Note what there is; the restored node is stopped, so nobody learns more meanwhile."""
    async with reading(places, ONE.key) as connection:
        on_lines = frozenset(row["seq"] for row in await connection.fetch(ON_LINES))
    async with reading(places, OTHER.key) as connection:
        partner = frozenset(row["id"] for row in await connection.fetch(HELD_BY_PARTNER))
    return Before(await events(places), on_lines, partner, await mirrored_size(places))


async def fall_back(
    places: Places, case: Case, chance: random.Random
) -> tuple[list[End], Before, int]:
    """Live on after a backup, then put the backup in place; gives how long that log is."""
    await quiet(places)
    await places.one.stop()
    old = await backups.take(places, ONE.key, "old")
    size = len(await events(places))
    await places.one.start()
    ends = await some_trades(places, chance)
    await quiet(places)
    await places.umbrella.ask("audit.report")
    for group in (ONE, OTHER, ONE):
        ends.append(await until_final(places.groups[group.key], made_up(chance, group.key)))
    await quiet(places)
    if case.mark != "kept":
        await places.one.ask("pay", payer="000", payee="001", amount_minor=3)
    await places.one.kill()
    before = await look(places)
    await backups.restore(places, ONE.key, old, mark=case.mark == "restored")
    if case.mark == "lost":
        places.one.folder.mark.unlink()
    return ends, before, size


async def recover(places: Places) -> dict[str, Any]:
    key = (places.one.folder.keys / "recovery.key").read_text("ascii").strip()
    return dict(await places.one.ask("node.recover", key=key, without_bodies=True))


async def mode(places: Places) -> str:
    return str((await places.one.ask("status"))["mode"])


async def come_back(places: Places, case: Case) -> None:
    """Start the restored node, recover from who is there, then from those who come later."""
    away = [
        node
        for node, there in ((places.umbrella, case.umbrella), (places.other, case.partner))
        if not there
    ]
    for node in away:
        await node.kill()
    said = places.wire.newest(places.one.invitation.partition("#")[2])
    await places.one.start()
    if away:
        await recover(places)
        assert await mode(places) != "open", "somebody who may have seen more has not answered"
        assert places.wire.newest(places.one.invitation.partition("#")[2]) == said
        places.wire.require_one_history()
    for node in away:
        await node.start()

    async def is_open() -> bool:
        await recover(places)
        return await mode(places) == "open"

    await until(is_open)


def require_all_back(before: Before, after: dict[int, bytes]) -> tuple[int, int]:
    """Hold the log against what it was; gives how many came back and how many did not.

    Lost may be what nobody but the node had seen: local events behind the mirror.
    """
    back = {seq for seq, identity in before.acknowledged.items() if after.get(seq) == identity}
    lost = set(before.acknowledged) - back
    assert not [seq for seq in lost if seq < before.mirrored], "acknowledged, mirrored and lost"
    assert lost & before.on_lines <= before.undelivered(), "a partner had seen it"
    there = set(after.values())
    known = {i for i in before.acknowledged.values() if i in before.partner}
    assert known
    assert known <= there
    return len(back), len(lost)


async def live_through(places: Places, cases: Sequence[Case], chance: random.Random) -> None:
    """Let one world fall back and recover, case by case, and print what was seen of each."""
    ends: list[End] = []
    for case in cases:
        made, before, old_size = await fall_back(places, case, chance)
        ends += made
        assert not before.undelivered(), "all was quiet before"
        await come_back(places, case)
        back, lost = require_all_back(before, await events(places))
        print(
            f"\n{case.name}: backup of {old_size} events; acknowledged "
            f"{len(before.acknowledged)}, mirrored {before.mirrored}, back {back}, "
            f"seen by nobody {lost}"
        )
        for group in (ONE, OTHER):
            ends.append(await until_final(places.groups[group.key], made_up(chance, group.key)))
        await require_agreement(places, ends)
        assert lost <= (case.mark != "kept"), "only the booking inside that nobody had seen"


@pytest.mark.told
async def test_what_was_acknowledged_and_seen_is_back_and_no_index_is_used_twice(
    server_folder: Path,
) -> None:
    cases = [case for case in CASES if case.name in ROUNDS]
    assert len(cases) == len(ROUNDS)
    async with AsyncExitStack() as worlds, asyncio.TaskGroup() as tasks:
        for number in range(WORLDS):  # at once: they mostly wait for answers
            folder = server_folder / f"world{number}"
            folder.mkdir(mode=0o755)
            places = await make_places(folder)
            worlds.push_async_callback(places.close)
            life = live_through(places, cases[number::WORLDS], random.Random(11 + number))
            tasks.create_task(life, name=f"world{number}")
