"""Backup, wipe, restore while partners trade: what was acknowledged and mirrored is there again.

A group's server is gone: process, folder and database. What is left is a backup made while trades
went on, the keys file, and the recovery key on paper. The partner trades all the time. How much the
backup lacks is printed; what umbrella and partner have seen of that comes back, and the proxies and
the judge hold both sides to one history: no index is used twice.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from federation.node.postgres import create_node_database
from tests import forks
from tests.federation.crash.backups import DROP
from tests.federation.crash.endings import quiet, require_agreement
from tests.federation.crash.payments import End, made_up, until_final
from tests.federation.crash.places import ONE, OTHER, Places, make_places, until
from tests.federation.crash.test_recovered import events, look, mode, recover, require_all_back

CHECKOUT = Path(__file__).resolve().parents[3]
LONG_S = 120


async def ruilbrug(places: Places, *arguments: str) -> dict[str, Any]:
    """Run a command on the group's folder, as its operator does."""
    done = await forks.ruilbrug(
        CHECKOUT, "--node", str(places.one.folder.path), *arguments, "--json"
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@asynccontextmanager
async def trading(places: Places, chance: random.Random, *payers: str) -> AsyncIterator[list[End]]:
    """Pay and pay again from these groups while the block lasts; each payment comes to its end."""
    ends: list[End] = []
    stop = asyncio.Event()

    async def pay(payer: str) -> None:
        while not stop.is_set():
            ends.append(await until_final(places.groups[payer], made_up(chance, payer)))

    async with asyncio.TaskGroup() as tasks:
        for payer in payers:
            tasks.create_task(pay(payer), name=f"{payer} pays")
        try:
            yield ends
        finally:
            stop.set()


async def more(ends: list[End], count: int) -> None:
    """Wait until so many more payments have come to their end."""
    wanted = len(ends) + count

    async def there() -> bool:
        return len(ends) >= wanted

    await until(there, wait_s=LONG_S)


async def wipe(places: Places) -> None:
    """Lose the group's server: its process, its folder and its database; make an empty one."""
    await places.one.kill()
    shutil.rmtree(places.one.folder.path)
    connection = await asyncpg.connect(places.server.dsn(), timeout=10, command_timeout=60)
    try:
        await connection.execute(await connection.fetchval(DROP, ONE.key))
    finally:
        await connection.close()
    await create_node_database(places.server, ONE.key)


@pytest.mark.told
async def test_backup_wipe_restore_while_partners_trade(server_folder: Path) -> None:
    chance = random.Random(23)
    places = await make_places(server_folder)
    safe = server_folder / "elsewhere"
    safe.mkdir(mode=0o700)
    try:
        shutil.copy(places.one.folder.keys / "recovery.key", safe / "paper")
        await ruilbrug(places, "backup", "--keys", str(safe / "keys"))
        async with trading(places, chance, ONE.key, OTHER.key, OTHER.key) as ends:
            await more(ends, 5)
            kept = await ruilbrug(places, "backup", str(safe))
            await more(ends, 5)
        await places.one.ask("pay", payer="000", payee="001", amount_minor=3)
        await quiet(places)
        await places.umbrella.ask("audit.report")
        ends += await seen_by_partner_alone(places, chance)

        async with trading(places, chance, OTHER.key, OTHER.key) as meanwhile:
            await more(meanwhile, 2)
            await places.one.kill()
            before = await look(places)
            await wipe(places)
            assert not places.one.folder.path.exists()
            back = await ruilbrug(
                places,
                *("restore", kept["file"]),
                *("--key", str(safe / "paper"), "--keys", str(safe / "keys")),
            )
            assert back["events"] == kept["events"]
            shutil.copy(safe / "paper", places.one.folder.keys / "recovery.key")
            await places.one.start()
            assert await mode(places) != "open", "umbrella and partner have seen more"
            await until(lambda: recovered(places), wait_s=LONG_S)
            await more(meanwhile, 2)
        ends += meanwhile

        here, lost = require_all_back(before, await events(places))
        lag = len(before.acknowledged) - kept["events"]
        print(
            f"\nbackup of {kept['events']} events, lag {lag}: acknowledged "
            f"{len(before.acknowledged)}, mirrored {before.mirrored}, back {here}, lost {lost}; "
            f"{len(meanwhile)} payments of the partner went on meanwhile"
        )
        assert lag > 0
        ends.append(await until_final(places.one, made_up(chance, ONE.key)))
        await require_agreement(places, ends)
    finally:
        await places.close()


async def seen_by_partner_alone(places: Places, chance: random.Random) -> list[End]:
    """Pay after the umbrella has looked; the partner has all of it."""
    paid = [await until_final(places.one, made_up(chance, ONE.key)) for _ in range(2)]
    await quiet(places)
    return paid


async def recovered(places: Places) -> bool:
    await recover(places)
    return await mode(places) == "open"
