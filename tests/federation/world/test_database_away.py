"""PostgreSQL is away for a while: whoever pays gets an answer soon, and nothing is booked twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.node.patience import ANSWER_WITHIN_S, LEAVE_WITHIN_S
from federation.node.postgres import PostgresServer, create_node_database, start_server
from schemas.errors import Code, PeerUnavailable, RuilbrugError, StorageError
from tests.federation.world.conftest import World, WorldNode, lines

WAIT_S = 60
INSIDE = {"payer": "001", "payee": "002", "amount_minor": 5, "key": "AAAAAAAAAAAAAAAAAAAAAA"}
ACROSS = {**INSIDE, "group": "beta", "key": "AAAAAAAAAAAAAAAAAAAAAQ"}


@pytest.fixture
async def server(server_folder: Path) -> AsyncIterator[PostgresServer]:
    """Give a server that a test may stop."""
    started = await start_server(server_folder / "data")
    yield started
    await started.stop()


@pytest.fixture
async def pair(
    tmp_path: Path, server: PostgresServer
) -> AsyncIterator[tuple[WorldNode, WorldNode]]:
    databases = iter([await create_node_database(server, name) for name in ("alfa", "beta")])
    world = World(tmp_path, lambda: next(databases))
    yield await world.pair()
    await world.close()


@contextlib.contextmanager
def halted(server: PostgresServer) -> Iterator[None]:
    """Hold every process of a server still: it takes connections and questions, answers none."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    pids = [server.pid, *map(int, children)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def refused(node: WorldNode, payment: dict[str, Any]) -> Code:
    async with asyncio.timeout(ANSWER_WITHIN_S + LEAVE_WITHIN_S + 1):
        with pytest.raises(RuilbrugError) as told:
            await node.ask("pay", **payment)
    return told.value.code


def balances(node: WorldNode) -> dict[str, int]:
    ledger = node.node.machine.books.ledger
    return {code: ledger.balance(ledger.codes[code]) for code in ("001", "002")}


async def test_payments_are_answered_while_postgres_is_killed(
    pair: tuple[WorldNode, WorldNode], server: PostgresServer
) -> None:
    a, b = pair
    await server.kill()

    codes = await asyncio.gather(*(refused(a, payment) for payment in (INSIDE, INSIDE, ACROSS)))

    assert set(codes) == {Code.DATABASE_UNAVAILABLE}
    again = await start_server(server.directory, socket_directory=server.socket_directory)
    try:
        await settled_once(a, b)
    finally:
        await a.stop()
        await b.stop()
        await again.stop()


async def test_payments_are_answered_while_postgres_says_nothing(
    pair: tuple[WorldNode, WorldNode], server: PostgresServer
) -> None:
    a, b = pair
    with halted(server):
        codes = await asyncio.gather(*(refused(a, payment) for payment in (INSIDE, ACROSS)))

    assert set(codes) == {Code.DATABASE_UNAVAILABLE}
    await settled_once(a, b)


async def settled_once(a: WorldNode, b: WorldNode) -> None:
    """Ask again with the same ids until both are settled: each stands once in the books."""
    inside, across = await until_settled(a, INSIDE), await until_settled(a, ACROSS)

    paid = inside["amount_minor"] + across["payer_minor"]
    assert balances(a) == {"001": -paid, "002": inside["amount_minor"]}
    assert balances(b)["002"] == ACROSS["amount_minor"]
    assert lines(a)[0].balance_units == -lines(b)[0].balance_units


async def until_settled(node: WorldNode, payment: dict[str, Any]) -> dict[str, Any]:
    async with asyncio.timeout(WAIT_S):
        while True:
            with contextlib.suppress(StorageError, PeerUnavailable):
                answer: dict[str, Any] = await node.ask("pay", **payment)
                if answer["state"] == "settled":
                    return answer
