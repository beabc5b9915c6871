"""Idempotency keys: a request that is sent again does nothing again, and is answered the same.

draft-ietf-httpapi-idempotency-key-header: the header is a string in quotes; one without quotes is
read as well. A key belongs to whom a token speaks for and to one operation. Most operations hand
it to the log, which remembers it for ever; for the others the answer is kept here for some days.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from federation.api.queries import SQL
from federation.node.patience import connection_in_time
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from asyncpg import Pool, Record

    from federation.api.operation import Operation
    from federation.api.tokens import Token

HEADER: Final = "Idempotency-Key"
PATTERN: Final = r'^("[ !#-\[\]-~]{1,120}"|[A-Za-z0-9_.:-]{1,120})$'
KEPT_S: Final = 7 * 24 * 3600
PRUNE_PAUSE_S: Final = 3600
_KEY: Final = re.compile(PATTERN.replace("$", r"\Z"))


def read_key(header: str | None, operation: Operation, token: Token) -> str:
    """Give the 16 bytes that stand for a key, as text.

    Raises:
        InputError: `idempotency_key_missing`, `malformed`.

    """
    if header is None:
        raise InputError(Code.IDEMPOTENCY_KEY_MISSING, field=HEADER)
    if not _KEY.match(header):
        reason = "a text in quotes of 1 to 120 printable characters"
        raise InputError(Code.MALFORMED, field=HEADER, reason=reason)
    whom = token.role.value if token.account is None else str(token.account)
    named = f"ruilbrug/api-key/v1\n{operation.name}\n{whom}\n{header.strip(chr(34))}"
    return b64(sha256(named.encode()).digest()[:16])


class KeptAnswers:
    """Answers by key, for operations whose key the log does not know."""

    def __init__(self, pool: Pool[Record], *, now: Callable[[], int]) -> None:
        """Take the database."""
        self._pool = pool
        self._now = now
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}
        self._prune_at_s = 0

    @contextlib.asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Let one request of a key run at a time; this process is the only one."""
        lock, waiting = self._turns.get(key, (asyncio.Lock(), 0))
        self._turns[key] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._turns[key]
            if waiting == 1:
                del self._turns[key]
            else:
                self._turns[key] = (lock, waiting - 1)

    async def read(self, key: str, digest: bytes) -> bytes | None:
        """Give what a key was answered before.

        Raises:
            RefusedError: `conflict` when the key was used for something else.

        """
        async with connection_in_time(self._pool) as connection:
            row = await connection.fetchrow(SQL["read_answer"], unb64(key))
        if row is None:
            return None
        if row["digest"] != digest:
            raise RefusedError(Code.CONFLICT, field="key")
        return bytes(row["answer"])

    async def write(self, key: str, digest: bytes, answer: bytes) -> None:
        """Keep an answer, and let go once an hour of those that have grown old."""
        now_s = self._now()
        async with connection_in_time(self._pool) as connection:
            await connection.execute(SQL["write_answer"], unb64(key), digest, answer, now_s)
            if now_s >= self._prune_at_s:
                self._prune_at_s = now_s + PRUNE_PAUSE_S
                await connection.execute(SQL["forget_answers"], now_s - KEPT_S)
