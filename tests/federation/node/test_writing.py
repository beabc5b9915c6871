"""The single writer over real PostgreSQL: overlay, fencing, and commits with an unknown outcome."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import asyncpg
import pytest

from events import log_store, sequencer
from events.log_store import Advance, append_last, read_state, take_over
from events.merkle import EMPTY_ROOT
from events.migrations import Migration, migrate, read_migrations
from events.recovery import connect
from events.sealed import Keyring
from events.sequencer import Sequencer
from events.signing import PrivateKey
from events.transaction import Statement, batch_transaction
from federation.group.commands import Configure, OpenAccount, Transfer
from federation.node.machine import NodeMachine
from federation.node.use_cases import new_key
from projections.tables import read_books
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind
from schemas.errors import Code, Refusal, StorageError

NODE = "a" * 52
TRANSFERS = 60
Writer = Sequencer[Any, Any, Any]


def migrations() -> list[Migration]:
    return read_migrations(files("federation.node").joinpath("migrations"))


async def role_of(dsn: str) -> str:
    connection = await connect(dsn)
    try:
        return str(await connection.fetchval("SELECT current_user"))
    finally:
        await connection.close()


async def prepare(database: tuple[str, str]) -> None:
    owner, runtime = database
    connection = await connect(owner)
    try:
        await migrate(connection, migrations(), runtime_role=await role_of(runtime))
        await connection.execute(log_store.SQL["create_state"], NODE, EMPTY_ROOT)
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def writer(dsn: str) -> AsyncIterator[Writer]:
    connection = await connect(dsn)
    keyring = Keyring({"w": bytes(32)}, "w")
    machine = NodeMachine(node=NODE, books=await read_books(connection), keyring=keyring)
    made: Writer = Sequencer(
        dsn=dsn,
        machine=machine,
        key=PrivateKey(bytes(32)),
        clock=lambda: 1_700_000_000,
        random=os.urandom,
    )
    await made.open(connection)
    running = asyncio.ensure_future(made.run())
    try:
        yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        current = made._connection
        if current is not None:
            current.terminate()


async def members(made: Writer, *limits: int) -> list[int]:
    await made.submit(Configure(Unit(singular="u", plural="u", rate=Rate(20)), None, None))
    answers = [
        await made.submit(
            OpenAccount(new_key(), f"{at:03}", AccountKind.MEMBER, new_key(), None, lower)
        )
        for at, lower in enumerate(limits)
    ]
    return [answer.value for answer in answers]


async def test_two_spends_of_the_same_last_unit_in_one_batch(database: tuple[str, str]) -> None:
    await prepare(database)
    async with writer(database[1]) as made:
        payer, payee = await members(made, -1, -1)

        answers = await asyncio.gather(
            *(made.submit(Transfer(new_key(), payer, payee, 1)) for _ in range(3))
        )

        refused = [answer for answer in answers if isinstance(answer, Refusal)]
        assert [answer.code for answer in refused] == [Code.PAYER_LIMIT] * 2


async def test_a_second_writer_fences_the_first(database: tuple[str, str]) -> None:
    await prepare(database)
    async with writer(database[1]) as first:
        payer, payee = await members(first, -100, -100)
        async with writer(database[1]) as second:
            with pytest.raises(StorageError) as fenced:
                await first.submit(Transfer(new_key(), payer, payee, 1))
            booked = await second.submit(Transfer(new_key(), payer, payee, 2))

            assert fenced.value.code is Code.FENCED
            assert booked.seq == second.size - 1
            with pytest.raises(StorageError):
                first.submit(Transfer(new_key(), payer, payee, 1))


WRITE_KEY = Statement(
    "INSERT INTO command_key (key, digest, seq) VALUES ($1, $2, $3)",
    (bytes(16), bytes(32), 0),
)


async def write_key(
    connection: asyncpg.Connection[asyncpg.Record], advance: Advance, *, before: bool = False
) -> None:
    async with batch_transaction(connection) as transaction:
        if before:
            await transaction.execute(WRITE_KEY.sql, *WRITE_KEY.arguments)
        await append_last(transaction, ((), (), ()), advance, [WRITE_KEY])


async def test_a_fenced_writer_has_written_nothing(database: tuple[str, str]) -> None:
    await prepare(database)
    connection = await connect(database[1])
    state = await take_over(connection, bytes(16))
    mine = Advance(state.size, state.root, state.size, state.epoch)

    with pytest.raises(StorageError) as fenced:
        await write_key(connection, mine._replace(epoch=state.epoch - 1))

    assert fenced.value.code is Code.FENCED
    assert await read_state(connection) == state
    assert await connection.fetchval("SELECT count(*) FROM command_key") == 0
    await write_key(connection, mine)
    assert await connection.fetchval("SELECT count(*) FROM command_key") == 1
    await connection.close()


async def test_what_came_before_a_failed_last_statement_is_gone(
    database: tuple[str, str],
) -> None:
    await prepare(database)
    connection = await connect(database[1])
    state = await take_over(connection, bytes(16))
    mine = Advance(state.size, state.root, state.size, state.epoch)

    with pytest.raises(asyncpg.UniqueViolationError):
        await write_key(connection, mine, before=True)

    assert await read_state(connection) == state
    assert await connection.fetchval("SELECT count(*) FROM command_key") == 0
    await connection.close()


async def test_backends_that_die_lose_and_double_nothing(
    database: tuple[str, str], postgres_server: Any
) -> None:
    await prepare(database)
    killer = await connect(postgres_server.dsn())
    async with writer(database[1]) as made:
        payer, payee = await members(made, -1000, -1000)

        async def pay() -> Any:
            return await made.submit(Transfer(new_key(), payer, payee, 1, "soep"))

        async def kill() -> None:
            for _ in range(10):
                connection = made._connection
                if connection is not None and not connection.is_closed():
                    pid = connection.get_server_pid()
                    await killer.execute("SELECT pg_terminate_backend($1)", pid)
                await asyncio.sleep(0.02)

        killing = asyncio.ensure_future(kill())
        answers: list[Any] = []
        while len(answers) < TRANSFERS or not killing.done():
            answers += await asyncio.gather(*(pay() for _ in range(5)))
        await killing
        seqs = [answer.seq for answer in answers]
        assert len(set(seqs)) == len(answers)
        assert made.size == max(seqs) + 1
    reader = await connect(database[1])
    stored = await reader.fetchval("SELECT count(*) FROM posting")
    balance = await reader.fetchval("SELECT balance_minor FROM account WHERE account = $1", payer)
    for connection in (reader, killer):
        await connection.close()
    assert stored == 2 * len(answers)
    assert balance == -len(answers)


async def test_the_log_is_never_changed(database: tuple[str, str]) -> None:
    await prepare(database)
    async with writer(database[1]) as made:
        await members(made, -1)
    for dsn, error in (
        (database[1], asyncpg.InsufficientPrivilegeError),
        (database[0], asyncpg.PostgresError),
    ):
        connection = await connect(dsn)
        for statement in (
            "UPDATE log_event SET seq = seq",
            "DELETE FROM log_event",
            "TRUNCATE log_event",
            "DELETE FROM line_inbox",
            "UPDATE log_checkpoint SET size = size",
        ):
            with pytest.raises(error):
                await connection.execute(statement)
        await connection.close()


async def test_two_migrators_at_once_and_a_file_that_was_changed(
    database: tuple[str, str],
) -> None:
    owner, runtime = database
    role = await role_of(runtime)
    connections = [await connect(owner) for _ in range(2)]

    done = await asyncio.gather(
        *(migrate(connection, migrations(), runtime_role=role) for connection in connections)
    )

    assert sorted(map(len, done)) == [0, len(migrations())]
    first, *rest = migrations()
    with pytest.raises(StorageError) as changed:
        await migrate(
            connections[0], [first._replace(sql=first.sql + " "), *rest], runtime_role=role
        )
    assert changed.value.code is Code.MIGRATION_CHANGED
    for connection in connections:
        await connection.close()


async def test_too_many_that_wait_are_told_so(
    database: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepare(database)
    monkeypatch.setattr(sequencer, "WAITING_MAX", 3)
    async with writer(database[1]) as made:
        payer, payee = await members(made, -100, -100)
        waiting = [made.submit(Transfer(new_key(), payer, payee, 1)) for _ in range(3)]

        with pytest.raises(StorageError) as busy:
            made.submit(Transfer(new_key(), payer, payee, 1))

        assert busy.value.code is Code.BUSY
        await asyncio.gather(*waiting)
