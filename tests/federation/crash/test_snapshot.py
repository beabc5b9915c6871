"""A snapshot of the whole machine, and an umbrella that has seen no more than it holds."""

from __future__ import annotations

import random
from pathlib import Path

from tests.federation.crash import backups
from tests.federation.crash.endings import quiet
from tests.federation.crash.places import ONE, Places, make_places, until
from tests.federation.crash.test_restored import some_trades


async def test_a_snapshot_is_not_vouched_for_by_an_umbrella_that_saw_no_more(
    server_folder: Path,
) -> None:
    """The partner alone has seen more, and is away: the umbrella's answer is not enough."""
    chance = random.Random(8)
    places = await make_places(server_folder)
    try:
        await some_trades(places, chance)
        await quiet(places)
        await places.umbrella.ask("audit.report")
        await places.one.stop()
        old = await backups.take(places, ONE.key, "old")
        await places.one.start()
        await places.umbrella.stop()  # it would cosign what comes now
        await some_trades(places, chance)
        await quiet(places)
        await places.one.kill()
        await places.other.stop()
        await backups.restore(places, ONE.key, old, mark=True)
        await places.umbrella.start()

        await places.one.start()
        await places.one.ask("pay", payer="000", payee="001", amount_minor=2)
        for _ in range(3):
            await places.umbrella.ask("audit.report")

        places.wire.require_one_history()
        await places.other.start()
        await until(lambda: _reads_only(places))
        places.wire.require_one_history()
    finally:
        await places.close()


async def _reads_only(places: Places) -> bool:
    return bool((await places.one.ask("status"))["mode"] == "read_only")
