"""A group's log written through the product's sequencer, without HTTP in front of it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice
from typing import Any

from events.log_store import SQL
from events.recovery import connect
from events.sealed import Keyring, WrappedKey
from events.sequencer import Sequencer
from events.signing import PublicKey
from federation.group.commands import OpenAccount, Transfer
from federation.node.database import read_statements
from federation.node.identity import read_identity, system_random
from federation.node.machine import NodeMachine
from federation.node.service import now_s
from federation.node.settings import NodeFolder
from projections import tables
from schemas.bodies import AccountKind
from schemas.encoding import b64
from schemas.errors import Refusal
from schemas.openings import MemberText

MEMBERS = 300
CALLERS = 256
AT_ONCE = 2048
DESCRIPTION = "Samen de haag gesnoeid, met twee ladders"


class NullKey:
    """Stands for a log key where nobody will look at signatures: signs with zeros."""

    def __init__(self, public: PublicKey) -> None:
        """Take the public half, which the log's key statements name."""
        self.public = public

    def sign(self, message: bytes) -> bytes:
        """Give 64 zeros."""
        del message
        return bytes(64)


class Writer:
    """One log with its sequencer running, and the accounts of its members."""

    def __init__(self, sequencer: Sequencer[Any, Any, Any], machine: NodeMachine) -> None:
        """Take a sequencer that runs."""
        self.sequencer = sequencer
        self._machine = machine
        self._chance = random.Random(sequencer.size)  # a log never gets a key twice

    async def open_members(self, count: int = MEMBERS) -> None:
        """Take in members with made-up names."""
        await self.hand_in(
            OpenAccount(
                key=self._key(),
                code=f"{number:03}",
                kind=AccountKind.MEMBER,
                subject=self._key(),
                text=MemberText(name=f"Lid {number:03}"),
            )
            for number in range(count)
        )

    def members(self) -> list[int]:
        """Give the accounts of all members."""
        accounts = self._machine.books.ledger.accounts.values()
        return [a.account for a in accounts if a.kind is AccountKind.MEMBER]

    def transfers(self, count: int, description: str = DESCRIPTION) -> Iterator[Transfer]:
        """Make up transfers between two members each."""
        members = list(self._machine.accounts_by_subject().values())
        for _ in range(count):
            payer, payee = self._chance.sample(members, 2)
            amount = self._chance.randint(1, 20)
            yield Transfer(self._key(), payer, payee, amount, description)

    async def fill(self, size: int) -> None:
        """Append transfers without a text until the log has `size` events."""
        transfers = self.transfers(size - self.sequencer.size, description="")
        await self.hand_in(transfers)
        assert self.sequencer.size == size

    async def rate(self, count: int, *, callers: int = CALLERS) -> float:
        """Give transfers a second while so many callers wait for their answers."""
        commands: Sequence[Transfer] = list(self.transfers(count))
        left = iter(commands)

        async def call() -> None:
            for command in left:
                answer = await self.sequencer.submit(command)
                assert not isinstance(answer, Refusal), answer

        before, start = self.sequencer.size, time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(callers):
                tasks.create_task(call(), name="caller")
        taken_s = time.perf_counter() - start
        assert self.sequencer.size == before + count
        return count / taken_s

    def _key(self) -> str:
        return b64(self._chance.randbytes(16))

    async def hand_in(self, commands: Iterator[Any]) -> None:
        """Submit commands, many at once, none of which may be refused."""
        while taken := list(islice(commands, AT_ONCE)):
            for answer in await asyncio.gather(*map(self.sequencer.submit, taken)):
                assert not isinstance(answer, Refusal), answer


@contextlib.asynccontextmanager
async def writing(folder: NodeFolder, *, signed: bool = True) -> AsyncIterator[Writer]:
    """Run the sequencer of a node whose process does not run."""
    dsn = folder.settings().database
    connection = await connect(dsn)
    try:
        identity = read_identity(folder, await read_statements(connection))
        keyring = Keyring(identity.wrapping, max(identity.wrapping))
        for row in await connection.fetch(SQL["read_data_keys"]):
            keyring.learn(WrappedKey(*row))
        books = await tables.read_books(connection)
        machine = NodeMachine(node=identity.node(), books=books, keyring=keyring)
        key: Any = identity.log if signed else NullKey(identity.log.public)
        sequencer: Sequencer[Any, Any, Any] = Sequencer(
            dsn=dsn, machine=machine, key=key, clock=now_s, random=system_random
        )
        await sequencer.open(connection)
        running = asyncio.create_task(sequencer.run(), name="sequencer")
        try:
            yield Writer(sequencer, machine)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    finally:
        await connection.close()
