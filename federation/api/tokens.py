"""Bearer tokens of the JSON API: made, found, listed, revoked.

A token is 32 random bytes, shown once; only its SHA-256 is kept. It is found by that hash, which
nobody can choose, so how long a look-up takes tells nothing about the token. This process is the
only one that works on the database, so what it holds in memory is what counts: a token that was
revoked is refused from that moment on.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from events.queries import load_queries
from federation.node.identity import system_random
from federation.node.patience import connection_in_time
from federation.node.service import now_s
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError, RefusedError, VerificationError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from asyncpg import Pool, Record

    from federation.node.service import Node

SQL: Final = load_queries(files("federation.api").joinpath("sql/tokens.sql"))

TOKEN_BYTES: Final = 32
TOKEN_PREFIX: Final = "ruilbrug_"  # noqa: S105 - by which scanners and people know what it is
TOKENS_MAX: Final = 10_000
LISTED_MAX: Final = 1_000
DAYS_MAX: Final = 3 * 365
DAY_S: Final = 24 * 3600


class TokenRole(StrEnum):
    """For whom a token speaks; each may do the least that its work needs."""

    MEMBER = "member"
    """Its own account, and those that it helps."""
    COORDINATOR = "coordinator"
    """The group's matters."""
    TREASURER = "treasurer"
    """Sees the group's books with names, and not what bookings say of people."""
    EDITOR = "editor"
    """Tells the members things, keeps the categories, hides what should not stand there."""
    AUDITOR = "auditor"
    """Reads the group's books, without names and texts."""


class Token(NamedTuple):
    """One token, without its secret."""

    token: str
    digest: bytes
    name: str
    role: TokenRole
    account: int | None
    made_at_s: int
    expires_at_s: int
    revoked_at_s: int | None


class NewToken(NamedTuple):
    """A token that has just been made, with its secret for the only time."""

    token: Token
    secret: str


class Tokens:
    """The tokens of a node that may be used."""

    def __init__(
        self, pool: Pool[Record], *, now: Callable[[], int], random: Callable[[int], bytes]
    ) -> None:
        """Start empty; `load` reads the table."""
        self._pool = pool
        self._now = now
        self._random = random
        self._by_digest: dict[bytes, Token] = {}

    async def load(self) -> None:
        """Read the tokens that may still be used."""
        for row in await self._pool.fetch(SQL["read_tokens"], self._now()):
            token = _token(row)
            self._by_digest[token.digest] = token

    def find(self, secret: str) -> Token:
        """Give the token that somebody sends.

        Raises:
            RefusedError: `token_invalid`, the same for whatever is wrong with it.

        """
        try:
            data = unb64(secret.removeprefix(TOKEN_PREFIX), size=TOKEN_BYTES)
        except VerificationError as error:
            raise RefusedError(Code.TOKEN_INVALID, field="authorization") from error
        digest = sha256(data).digest()
        token = self._by_digest.get(digest)
        if token is None or not compare_digest(token.digest, digest):
            raise RefusedError(Code.TOKEN_INVALID, field="authorization")
        if token.expires_at_s <= self._now():
            del self._by_digest[digest]
            raise RefusedError(Code.TOKEN_INVALID, field="authorization")
        return token

    async def make(self, name: str, role: TokenRole, account: int | None, days: int) -> NewToken:
        """Make a token that lasts some days.

        Raises:
            InputError: `malformed` without an account, which only an auditor's may lack;
                `too_large` for one that would last for years, or when there are too many.

        """
        if role is not TokenRole.AUDITOR and account is None:
            reason = "a token of any role but auditor needs the member's code"
            raise InputError(Code.MALFORMED, field="account", reason=reason)
        if not 1 <= days <= DAYS_MAX:
            raise InputError(Code.TOO_LARGE, field="days", limit=f"{DAYS_MAX} days")
        if len(self._by_digest) >= TOKENS_MAX:
            raise InputError(Code.TOO_LARGE, field="tokens", limit=TOKENS_MAX)
        data, now_s = self._random(TOKEN_BYTES), self._now()
        token = Token(
            token=b64(self._random(9)),
            digest=sha256(data).digest(),
            name=name,
            role=role,
            account=account,
            made_at_s=now_s,
            expires_at_s=now_s + days * DAY_S,
            revoked_at_s=None,
        )
        async with connection_in_time(self._pool) as connection:
            await connection.execute(SQL["write_token"], *token[:-1])
        self._by_digest[token.digest] = token
        return NewToken(token, TOKEN_PREFIX + b64(data))

    async def list(self) -> list[Token]:
        """Give every token, the newest first: those too that can no longer be used."""
        async with connection_in_time(self._pool) as connection:
            rows = await connection.fetch(SQL["list_tokens"], LISTED_MAX)
        return [_token(row) for row in rows]

    async def revoke(self, token: str) -> None:
        """Make a token of no use.

        Raises:
            RefusedError: `not_found`; also when it was revoked before.

        """
        async with connection_in_time(self._pool) as connection:
            digest = await connection.fetchval(SQL["revoke_token"], token, self._now())
        if digest is None:
            raise RefusedError(Code.NOT_FOUND, field="token")
        self._by_digest.pop(bytes(digest), None)


async def start(node: Node, _tasks: asyncio.TaskGroup) -> None:
    """Read the tokens of a node that starts."""
    tokens = Tokens(node.pool, now=now_s, random=system_random)
    await tokens.load()
    node.parts[Tokens] = tokens


def of(node: Node) -> Tokens:
    """Give the tokens of a running node."""
    return cast("Tokens", node.parts[Tokens])


def _token(row: Record) -> Token:
    fields = dict(row)
    return Token(**{**fields, "digest": bytes(row["digest"]), "role": TokenRole(row["role"])})
