"""PostgreSQL takes the settings for a small machine, and they promise what a node promises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import asyncpg

from federation.node.pools import FINDER_SIZE, POOL_SIZE
from federation.node.postgres import start_server
from tests.deploy.validators import DEPLOY

FILE: Final = DEPLOY / "postgresql" / "ruilbrug.conf"
BESIDE_POOLS: Final = 3
NODES: Final = 2
RESERVED: Final = 3
"""Connections that PostgreSQL keeps for its superuser."""


def settings() -> dict[str, str]:
    """Give what the file says, by name."""
    lines = re.findall(r"^(\w+) = ('?)(.*)\2$", FILE.read_text(), re.MULTILINE)
    return {name: value for name, _, value in lines}


async def test_a_server_runs_with_each_of_the_settings(server_folder: Path) -> None:
    server = await start_server(server_folder / "data", settings=settings())
    try:
        connection = await asyncpg.connect(server.dsn())
        found = {name: await connection.fetchval(f"SHOW {name}") for name in settings()}
        await connection.close()
    finally:
        await server.stop()

    alike = {"pglz": "on"}  # how `on` is told of wal_compression
    told = {name: alike.get(value, value) for name, value in found.items()}
    assert told == settings()


def test_every_line_is_a_setting_or_says_why() -> None:
    lines = [line for line in FILE.read_text().splitlines() if line and not line.startswith("#")]

    assert len(lines) == len(settings())


def test_two_nodes_find_connections_enough() -> None:
    each = POOL_SIZE + FINDER_SIZE + BESIDE_POOLS

    assert int(settings()["max_connections"]) - RESERVED >= NODES * each


def test_what_was_acknowledged_is_on_the_disk() -> None:
    said = settings()

    assert [said[name] for name in ("fsync", "synchronous_commit", "full_page_writes")] == [
        "on"
    ] * 3
