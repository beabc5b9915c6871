"""Keeps what a release leaves in the database, for the test that upgrades from it.

    RUILBRUG_POSTGRES_BIN=/usr/lib/postgresql/15/bin \\
        python3 dev.py run -- python tests/deploy/keep_release.py FOLDER

is run on the checkout of a release, before the next one changes tables. A group lives through a day
with a partner; then its rows (all but those of migrations, which the upgrade runs itself), its keys
and its mark are written into FOLDER. Needs `pg_dump` of the server's version. The keys are made up
for this and are of use nowhere else.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from events.migrations import read_migrations
from federation.node.postgres import create_node_database, start_server
from federation.node.verify import verify_log
from tests.federation.world.conftest import World, WorldNode

DUMP = ["pg_dump", "--data-only", "--column-inserts", "--no-owner", "--exclude-table=migration"]
ABOUT_SESSION = ("\\restrict", "\\unrestrict", "SET ", "SELECT pg_catalog.set_config", "--")
ON_PAPER = ("root.key", "root-next.key", "recovery.key")
DATA = "rows.sql.gz"
FACTS = "facts.json"


async def live(world: World) -> WorldNode:
    """Let two groups trade, and give the one that is kept."""
    group, other = await world.pair()
    await group.ask("member.add", code="003", name="Lid 003")
    for _ in range(5):
        await group.ask("pay", payer="001", payee="002", amount_minor=7, description="soep")
    await group.ask("pay", payer="002", payee="003", amount_minor=4)
    for node, there in ((group, "beta"), (other, "alfa")):
        for amount in (3, 6):
            await node.ask("pay", payer="001", payee="002", amount_minor=amount, group=there)
    await group.ask("line.freeze", group="beta", reason="coordinator")
    await group.ask("line.unfreeze", group="beta")
    return group


def dump(dsn: str) -> bytes:
    """Give the rows of a database as statements; none of them belongs to one machine."""
    address = urlsplit(dsn)
    where = parse_qs(address.query)
    command = [*DUMP, "-h", where["host"][0], "-p", where["port"][0], "-U", "postgres"]
    said = subprocess.run(
        [*command, address.path[1:]], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    kept = [line for line in said.splitlines() if not line.startswith(ABOUT_SESSION)]
    return "\n".join(kept).encode()


async def keep(folder: Path) -> None:
    """Make the folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="rbk-") as name:
        Path(name).chmod(0o755)
        server = await start_server(Path(name) / "data")
        made = iter([await create_node_database(server, n) for n in ("alfa", "beta")])
        world = World(Path(name), lambda: next(made))
        group = await live(world)
        books = group.node.machine.books.ledger
        balances = {code: books.balance(books.codes[code]) for code in ("001", "002", "003")}
        settings = group.folder.settings()
        await world.close()
        verified = await verify_log(group.folder)
        assert not verified.findings
        rows = await asyncio.to_thread(dump, settings.database_owner)
        await server.stop()
        (folder / DATA).write_bytes(gzip.compress(rows, mtime=0))
        shutil.copytree(group.folder.keys, folder / "keys", ignore=lambda *_: ON_PAPER)
        shutil.copy(group.folder.mark, folder / "mark")
    migrations = read_migrations(files("federation.node").joinpath("migrations"))
    facts = {
        "migrations": len(migrations),
        "events": verified.events,
        "balances": balances,
        "public_url": settings.public_url,
    }
    (folder / FACTS).write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    asyncio.run(keep(Path(sys.argv[1])))
