"""A node whose database, or whole machine, is put back to an older day: it never equivocates.

The proxies keep everything that anyone received. Whoever is there to tell or not, the restored
node says no second thing at an index, and in plain words what it waits for.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest

from schemas.errors import Code, RuilbrugError
from tests.federation.crash import backups
from tests.federation.crash.backups import Backup
from tests.federation.crash.endings import quiet, require_agreement
from tests.federation.crash.payments import End, made_up, until_final
from tests.federation.crash.places import ONE, OTHER, Places, make_places, until

MODES = ("read_only", "releases_nothing")
IN_PLAIN_WORDS = ("the mark", "has seen", "has cosigned", "nobody", "not answered yet")


class Story(NamedTuple):
    """A group with an old backup, and what happened since."""

    places: Places
    old: Backup
    true: Backup
    """As it stood when the trouble began."""
    ends: list[End]
    mirrored: int
    """How many entries of its log the umbrella holds."""


async def some_trades(places: Places, chance: random.Random) -> list[End]:
    """Trade both ways and inside; everything is acknowledged."""
    ends = []
    for group in (ONE, OTHER, ONE):
        payment = made_up(chance, group.key)
        ends.append(await until_final(places.groups[group.key], payment))
    await places.one.ask("pay", payer="000", payee="001", amount_minor=3)
    return ends


@contextlib.asynccontextmanager
async def story(folder: Path) -> AsyncIterator[Story]:
    """Trade, back up, trade, mirror, and trade once more; the group's node is down then."""
    chance = random.Random(7)
    places = await make_places(folder)
    try:
        ends = await some_trades(places, chance)
        await places.one.kill()
        old = await backups.take(places, ONE.key, "old")
        await places.one.start()
        ends += await some_trades(places, chance)
        await quiet(places)
        await places.umbrella.ask("audit.report")
        mirrored = await mirrored_size(places)
        ends += await some_trades(places, chance)
        await quiet(places)
        await places.one.kill()
        true = await backups.take(places, ONE.key, "true")
        yield Story(places, old, true, ends, mirrored)
    finally:
        await places.close()


async def mirrored_size(places: Places) -> int:
    connection = await asyncpg.connect(places.server.dsn("koepel"), timeout=10)
    try:
        node = places.one.invitation.partition("#")[2]
        return int(
            await connection.fetchval("SELECT count(*) FROM mirror_event WHERE node = $1", node)
        )
    finally:
        await connection.close()


class Case(NamedTuple):
    """Who is there when the restored node starts, and what was restored."""

    name: str
    umbrella: bool
    partner: bool
    mark: str
    """`kept`: newer than the database; `lost`; `restored`: as old as the database."""


CASES = [
    Case("umbrella and partner there", umbrella=True, partner=True, mark="kept"),
    Case("umbrella there", umbrella=True, partner=False, mark="kept"),
    Case("partner there", umbrella=False, partner=True, mark="kept"),
    Case("nobody there", umbrella=False, partner=False, mark="kept"),
    Case("mark lost, umbrella there", umbrella=True, partner=False, mark="lost"),
    Case("mark lost, partner there", umbrella=False, partner=True, mark="lost"),
    Case("mark lost, nobody there", umbrella=False, partner=False, mark="lost"),
    Case("snapshot, umbrella there", umbrella=True, partner=False, mark="restored"),
    Case("snapshot, partner there", umbrella=False, partner=True, mark="restored"),
    Case("snapshot, nobody there", umbrella=False, partner=False, mark="restored"),
]


async def test_a_restored_node_never_says_a_second_thing_at_an_index(server_folder: Path) -> None:
    async with story(server_folder) as told:
        for case in CASES:
            await _restored(told, case)
            await _put_right(told)
        await told.places.one.start()
        await require_agreement(told.places, told.ends)


async def _restored(told: Story, case: Case) -> None:
    """Start the restored node among those who are there, and try to make it speak."""
    places = told.places
    await backups.restore(places, ONE.key, told.old, mark=case.mark == "restored")
    if case.mark == "lost":
        places.one.folder.mark.unlink()
    if not case.umbrella:
        await places.umbrella.kill()
    if not case.partner:
        await places.other.kill()
    said = places.wire.newest(node_of(places))
    await places.one.start()

    async def judged() -> bool:
        """It may start open for a moment only if nobody has contradicted it yet."""
        status = await places.one.ask("status")
        asked = case.umbrella or case.partner
        wanted = "read_only" if asked or case.mark == "kept" else "releases_nothing"
        return bool(status["mode"] == wanted)

    await until(judged)
    status = await places.one.ask("status")
    assert any(words in status["reason"] for words in IN_PLAIN_WORDS), status
    await _try_to_make_it_speak(places, status["mode"])
    if case.partner:
        await _partner_waits(places)
    if status["mode"] == "releases_nothing":
        await _somebody_comes_back(places)
    assert places.wire.newest(node_of(places)) == said, f"{case.name}: it released something"
    places.wire.require_one_history()
    assert (await places.one.ask("status"))["mode"] in MODES


def node_of(places: Places) -> str:
    return places.one.invitation.partition("#")[2]


async def _try_to_make_it_speak(places: Places, mode: str) -> None:
    """Pay inside and across; what is refused is refused in words."""
    inside: dict[str, Any] = {"payer": "000", "payee": "001", "amount_minor": 2}
    across = made_up(random.Random(), ONE.key).arguments | {"wait_s": 0.3}
    for payment in (inside, across):
        if mode == "read_only":
            with pytest.raises(RuilbrugError) as refused:
                await places.one.ask("pay", **payment)
            assert refused.value.code in (Code.READ_ONLY, Code.PEER_UNREACHABLE)
        elif payment is inside:
            assert (await places.one.ask("pay", **payment))["state"] == "settled"


async def _somebody_comes_back(places: Places) -> None:
    """The umbrella has seen more: what was appended meanwhile is not released."""
    await places.umbrella.start()

    async def read_only() -> bool:
        mode = (await places.one.ask("status"))["mode"]
        assert mode in MODES
        return bool(mode == "read_only")

    await until(read_only)


async def _partner_waits(places: Places) -> None:
    """The partner pays: nothing comes back, its payment is held."""
    payment = made_up(random.Random(), OTHER.key).arguments | {"wait_s": 0.5}
    answer = await places.other.ask("pay", **payment)
    assert answer["state"] == "held"
    await places.other.kill()


async def _put_right(told: Story) -> None:
    """Put everything back to where it stood, and start whoever is stopped."""
    places = told.places
    await places.one.kill()
    await backups.restore(places, ONE.key, told.true, mark=True)
    for node in (places.umbrella, places.other):
        await node.kill()
        await node.start()
