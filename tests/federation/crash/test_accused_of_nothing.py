"""An honest federation in which a node is killed, and one restored from an old backup.

Both are processes of their own. The audit that goes on and the one from the start, with every
signature, find nothing before, between and after; nobody holds proof against anybody. While the
restored node waits for its own log, an alarm says that it is shorter than before.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

from tests.federation.crash import backups
from tests.federation.crash.endings import audited, quiet, require_agreement
from tests.federation.crash.payments import End, made_up, until_final
from tests.federation.crash.places import ONE, OTHER, Places, make_places, until
from tests.federation.crash.proxy import Hold
from tests.federation.crash.survey import carries
from tests.federation.crash.test_restored import some_trades


async def require_nothing_found(places: Places) -> None:
    """Audit in both modes, and look for proof on every node."""
    await quiet(places)
    going_on = await audited(places)
    answer = await places.umbrella.ask("audit.report", full=True, signatures=True)
    anew: dict[str, Any] = answer["report"]
    assert (going_on["findings"], anew["findings"], anew["agrees"]) == ([], [], True)
    assert anew["behind"] == []
    for node in (places.umbrella, places.one, places.other):
        assert await node.ask("evidence.list") == []
        assert (await node.ask("witness.status"))["forks"] == []


async def paid_through_a_crash(places: Places, chance: random.Random) -> list[End]:
    """Kill a node that has accepted a payment, before the commit comes in, and start it again."""
    payment = made_up(chance, OTHER.key)
    hold = Hold(lambda message: carries(message, "commit", payment.path))
    for proxy in places.proxies.values():
        proxy.holds.append(hold)
    async with asyncio.TaskGroup() as tasks:
        paying = tasks.create_task(until_final(places.other, payment))
        await hold.reached.wait()
        await places.one.kill()
        assert await found(places) == []
        hold.let_go.set()
        await places.one.start()
    return [paying.result()]


async def found(places: Places) -> list[tuple[str, str]]:
    """Audit in both modes while a group is away, or not sure of its own log; both find the same."""
    told = []
    for full in (False, True):
        answer = await places.umbrella.ask("audit.report", full=full, signatures=full)
        findings = answer["report"]["findings"]
        told.append([(finding["severity"], finding["what"]) for finding in findings])
    assert told[0] == told[1]
    return told[0]


async def restored(places: Places, old: backups.Backup) -> None:
    """Put an old database in place beside the newer mark, and come back by the restore rule."""
    await places.one.kill()
    await backups.restore(places, ONE.key, old)
    await places.one.start()

    async def read_only() -> bool:
        return bool((await places.one.ask("status"))["mode"] == "read_only")

    await until(read_only)
    assert await found(places) == [("alarm", "log_shorter")], "no more than that, and not for long"
    key = (places.one.folder.keys / "recovery.key").read_text("ascii").strip()
    assert (await places.one.ask("node.recover", key=key))["mode"] == "open"


async def test_a_crash_and_a_restore_accuse_nobody(server_folder: Path) -> None:
    chance = random.Random(11)
    places = await make_places(server_folder)
    try:
        ends = await some_trades(places, chance)
        await require_nothing_found(places)
        ends += await paid_through_a_crash(places, chance)
        await require_nothing_found(places)
        await places.one.kill()
        old = await backups.take(places, ONE.key, "old")
        await places.one.start()
        ends += await some_trades(places, chance)
        await require_nothing_found(places)

        await restored(places, old)

        ends += await some_trades(places, chance)
        await require_nothing_found(places)
        await require_agreement(places, ends)
    finally:
        await places.close()
