"""A database with the tables of mails, and a courier whose server and clock are the test's."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from federation.mail.courier import Courier
from federation.mail.kinds import MailKind
from federation.mail.letter import Letter
from federation.mail.message import Mail
from federation.mail.outbox import enqueue_alone
from federation.mail.sending import Answer, Sent, ServerAway
from federation.node.database import migrate_database
from federation.node.identity import system_random
from federation.node.settings import NodeSettings
from tests.federation.mail.letters import BRUSSELS, NOON_S
from tests.federation.mail.mails import STATIONERY


class ProcessDied(BaseException):
    """What a killed process looks like from inside: nothing after it runs."""


class Server:
    """A mail server that says what the test wants, and notes what it was handed."""

    def __init__(self) -> None:
        self.answers: list[Answer | BaseException] = []
        """Said one after the other; then it takes everything."""
        self.handed: list[tuple[str, bytes]] = []
        self.sessions = 0
        self.away = False

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Server]:
        if self.away:
            raise ServerAway("nobody home")
        self.sessions += 1
        yield self

    async def send(self, address: str, message: bytes) -> Answer:
        self.handed.append((address, message))
        answer = self.answers.pop(0) if self.answers else Sent("250 OK")
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Office:
    """One outbox, its courier and its server; `restart` makes a new courier over the same rows."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self.pool = pool
        self.now_s = NOON_S
        self.jitter = 0.0
        self.released = True
        self.server = Server()
        self.bounced: list[tuple[Mail, str]] = []
        self.restart()

    def restart(self, carrier: Any = None) -> None:
        self.courier = Courier(
            pool=self.pool,
            carrier=carrier or self.server,
            stationery=STATIONERY,
            zone=BRUSSELS,
            released=lambda: self.released,
            bounced=self._bounced,
            clock=lambda: self.now_s,
            jitter=lambda: self.jitter,
        )

    async def _bounced(self, mail: Mail, reply: str) -> None:
        self.bounced.append((mail, reply))

    async def put(self, letter: Letter) -> bool:
        return await enqueue_alone(
            self.pool, letter, now_s=self.now_s, zone=BRUSSELS, random=system_random
        )

    async def rows(self) -> list[dict[str, Any]]:
        rows = await self.pool.fetch("SELECT * FROM plain.mail ORDER BY written_at_s, subject")
        return [dict(row) for row in rows]

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.rows()]

    async def stop(self, kind: MailKind, *, account: int = 7) -> None:
        await self.pool.execute(
            "INSERT INTO mail_choice VALUES ($1, 0, $2, 0)", account, kind.value
        )

    async def mark(self, address_key: str) -> None:
        await self.pool.execute(
            "INSERT INTO plain.mail_address VALUES ($1, 7, 0, '550', 0)", address_key
        )


@pytest.fixture
async def pool(database: tuple[str, str]) -> AsyncIterator[asyncpg.Pool[Any]]:
    """Give a pool of the runtime role over fresh tables."""
    owner, runtime = database
    await migrate_database(
        NodeSettings(
            name="LETS Gent",
            public_url="https://gent.example",
            listen_port=1,
            database=runtime,
            database_owner=owner,
        )
    )
    async with asyncpg.create_pool(runtime, min_size=1, max_size=4) as made:
        yield made


@pytest.fixture
def office(pool: asyncpg.Pool[Any]) -> Office:
    return Office(pool)
