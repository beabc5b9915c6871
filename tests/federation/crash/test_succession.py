"""A group moves between servers that are processes, while a partner trades with it all the time.

The operator's own commands hand it over and take it over, with the keys from the paper. And the
trap: an export that lags behind what the group has signed since takes nothing over.
"""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from federation.node.postgres import create_node_database
from federation.node.settings import NodeFolder
from federation.node.verify import verify_log
from schemas.errors import Code, RuilbrugError
from tests import forks
from tests.federation.crash.endings import audited, quiet
from tests.federation.crash.payments import made_up, until_final
from tests.federation.crash.places import ONE, OTHER, Places, make_places, until
from tests.federation.crash.processes import QuickNode
from tests.federation.crash.test_restored_from_backup import CHECKOUT, more, ruilbrug, trading
from tests.independent import judge
from tests.ports import free_port

NEW = "elders"
LONG_S = 60


class Paper(NamedTuple):
    """The two keys that lie on paper, as somebody typed them into files."""

    root: Path
    recovery: Path


def paper(places: Places, folder: Path) -> Paper:
    folder.mkdir(mode=0o700)
    keys = places.one.folder.keys
    for name in ("root.key", "recovery.key"):
        shutil.copy(keys / name, folder / name)
    return Paper(folder / "root.key", folder / "recovery.key")


async def taken_over(places: Places, file: Path, keys: Paper) -> QuickNode:
    """Take the group over into a new folder and an empty database, by command."""
    owner, runtime = await create_node_database(places.server, NEW)
    folder, port = NodeFolder(file.parent / NEW), free_port()
    done = await forks.ruilbrug(
        CHECKOUT,
        *("--node", str(folder.path), "take-over", str(file), "--json"),
        *("--url", f"http://127.0.0.1:{port}", "--port", str(port)),
        *("--database", runtime, "--database-owner", owner),
        *("--root", str(keys.root), "--key", str(keys.recovery)),
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return QuickNode(folder, f"{answer['url']}#{answer['node']}")


async def mode(node: QuickNode) -> str:
    return str((await node.ask("status"))["mode"])


async def test_a_partner_trades_on_while_a_group_moves_between_processes(
    server_folder: Path,
) -> None:
    chance = random.Random(41)
    places = await make_places(server_folder)
    keys, file = paper(places, server_folder / "paper"), server_folder / "groep.zip"
    try:
        ends = [await until_final(places.one, made_up(chance, ONE.key)) for _ in range(2)]
        async with trading(places, chance, OTHER.key) as meanwhile:
            await more(meanwhile, 2)
            await ruilbrug(places, "hand-over", str(file), "--yes")
            old = places.one
            with pytest.raises(RuilbrugError) as fenced:
                await old.ask("pay", payer="000", payee="001", amount_minor=1)
            await old.stop()
            new = await taken_over(places, file, keys)
            await new.start()
            places.groups[ONE.key] = new

            async def opened() -> bool:
                return await mode(new) == "open"

            await until(opened, wait_s=LONG_S)
            await more(meanwhile, 2)
        ends += meanwhile
        ends.append(await until_final(new, made_up(chance, ONE.key)))

        assert fenced.value.code is Code.HANDED_OVER
        await quiet(places)
        assert (await audited(places))["findings"] == []
        assert (await verify_log(new.folder)).findings == []
        here, there = [await judge.read_log(places.server.dsn(key)) for key in (NEW, OTHER.key)]
        judge.compare(here, there)
        for end in ends:
            own, other = (here, there) if end.payment.payer == ONE.key else (there, here)
            assert own.committed_paths[end.payment.path] == end.settled
            assert other.credited_paths[end.payment.path] == end.settled
    finally:
        await places.close()


async def test_an_export_that_lags_behind_takes_nothing_over(server_folder: Path) -> None:
    chance = random.Random(43)
    places = await make_places(server_folder)
    keys, file = paper(places, server_folder / "paper"), server_folder / "groep.zip"
    try:
        await ruilbrug(places, "export", "--log", str(file))
        ends = [await until_final(places.one, made_up(chance, ONE.key)) for _ in range(2)]
        await quiet(places)
        await places.umbrella.ask("audit.report")  # it has seen what the export has not
        before = places.one
        await before.stop()
        new = await taken_over(places, file, keys)
        await new.start()
        try:

            async def refused_by_name() -> bool:
                return "move_refused" in (said := new.log.read_text()) and "key_late" in said

            await until(refused_by_name, wait_s=LONG_S)
            assert await mode(new) != "open"
        finally:
            await new.stop()
        # where it was, the group goes on as if nothing had happened
        await before.start()
        ends.append(await until_final(places.other, made_up(chance, OTHER.key)))
        await quiet(places)
        assert (await audited(places))["findings"] == []
        assert any(end.settled for end in ends)
    finally:
        await places.close()
