"""Idempotency keys: a request that is sent again does nothing again, and is answered the same.

draft-ietf-httpapi-idempotency-key-header: the header is a string in quotes; one without quotes is
read as well. A key belongs to one token and one operation, so the keys of two programs never meet.
The log remembers most keys for ever; so that what is sent again is answered the same, the answer
is kept here for some days, sealed under the data key of the member for whom the token speaks.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

import structlog

from events.recovery import STORAGE_TROUBLE
from events.restore import Mode
from federation.api.queries import SQL
from federation.group.commands import GROUP_SUBJECT
from federation.node.identity import system_random
from federation.node.patience import connection_in_time
from federation.node.service import now_s
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError, RefusedError, RuilbrugError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from federation.api.operation import Call, Operation
    from federation.api.tokens import Token
    from federation.node.service import Node

log = structlog.get_logger()

HEADER: Final = "Idempotency-Key"
PATTERN: Final = r'^("[ !#-\[\]-~]{1,120}"|[A-Za-z0-9_.:-]{1,120})$'
KEPT_S: Final = 7 * 24 * 3600
PRUNE_PAUSE_S: Final = 3600
SALT_SIZE: Final = 32
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
    named = f"ruilbrug/api-key/v1\n{operation.name}\n{token.token}\n{header.strip(chr(34))}"
    return b64(sha256(named.encode()).digest()[:16])


class KeptAnswers:
    """Answers by key, for operations whose key the log does not know."""

    def __init__(self, node: Node, *, now: Callable[[], int]) -> None:
        """Take a running node."""
        self._node = node
        self._now = now
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}

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

    async def read(self, call: Call, digest: bytes) -> bytes | None:
        """Give what the key of a call was answered before.

        Raises:
            RefusedError: `conflict` when the key was used for something else.

        """
        key = unb64(call.key)
        async with connection_in_time(self._node.pool) as connection:
            row = await connection.fetchrow(SQL["read_answer"], key)
        if row is None:
            return None
        if not compare_digest(row["digest"], digest):
            raise RefusedError(Code.CONFLICT, field="key")
        plain = self._node.machine.keyring.open(_subject(call), key, row["answer"])
        return None if plain is None else plain[1]

    async def write(self, call: Call, digest: bytes, answer: bytes) -> None:
        """Keep an answer for some days."""
        at_s, key, subject = self._now(), unb64(call.key), _subject(call)
        keyring = self._node.machine.keyring
        if not keyring.knows(subject):
            return  # it was erased meanwhile
        salt = system_random(SALT_SIZE)
        sealed = keyring.seal(subject, key, salt, answer, system_random)
        async with connection_in_time(self._node.pool) as connection:
            await connection.execute(SQL["write_answer"], key, digest, sealed, at_s)


async def run(node: Node) -> None:
    """Let go once an hour of answers that have grown old, also where no program asks any more."""
    while True:
        try:
            if node.gate.mode is not Mode.READ_ONLY:
                async with connection_in_time(node.pool) as connection:
                    await connection.execute(SQL["forget_answers"], now_s() - KEPT_S)
        except (*STORAGE_TROUBLE, RuilbrugError) as error:
            log.warning("api_answers_wait", kind=type(error).__name__)
        await asyncio.sleep(PRUNE_PAUSE_S)


def _subject(call: Call) -> bytes:
    """Give under whose data key the answers to a token are sealed."""
    account = call.node.machine.books.ledger.accounts[call.token.account or 0]
    return unb64(account.subject or GROUP_SUBJECT)
