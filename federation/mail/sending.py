"""Handing mails to an SMTP server, and what its answers mean. Every wait is bounded.

A server that is not there, refuses us or our sender says nothing about a mail: all wait. An answer
about one mail decides about that one alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import aiosmtplib

from federation.mail.addresses import one_line, parse_address
from schemas.errors import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from federation.mail.server import Server

REPLY_LENGTH_MAX: Final = 300
QUIT_WITHIN_S: Final = 5
CLOSING: Final = 421
PERMANENT: Final = 500
OVER_QUOTA: Final = 552
_ENHANCED: Final = re.compile(r"\s*[245]\.(?P<subject>\d{1,3})\.(?P<detail>\d{1,3})\b")
_ABOUT_ADDRESS: Final = frozenset({"1", "2"})
_ABOUT_OTHERS: Final = frozenset({"3", "4", "6", "7"})
"""System, routing, content and policy (RFC 3463): an address behind them may well work."""
_MAILBOX_FULL: Final = ("2", "2")


class Sent(NamedTuple):
    """The server has taken the mail."""

    reply: str


class Kept(NamedTuple):
    """The mail stays here, in the demo's mailbox."""


class Later(NamedTuple):
    """Not now; with `over` the connection is of no more use."""

    reply: str
    over: bool = False


class Refused(NamedTuple):
    """Never; with `bounced` because nobody is reached by this address."""

    reply: str
    bounced: bool
    over: bool = False


Answer = Sent | Kept | Later | Refused


class ServerAway(Exception):
    """The mail server cannot be used now; all mails wait. Its text says why."""


class Stage(StrEnum):
    """Which step of the conversation an answer is about."""

    RECIPIENT = "recipient"
    CONTENT = "content"


class Session(Protocol):
    """A connection over which mails leave."""

    async def send(self, address: str, message: bytes) -> Answer:
        """Hand one mail over."""


class Carrier(Protocol):
    """What brings mails out of the node."""

    def session(self) -> AbstractAsyncContextManager[Session]:
        """Give a connection for some mails."""


def meaning(stage: Stage, code: int, reply: str) -> Later | Refused:
    """Tell what a refusal means; a full mailbox may have room tomorrow."""
    said = one_line(f"{code} {reply}", REPLY_LENGTH_MAX)
    enhanced = _ENHANCED.match(reply)
    status = (enhanced["subject"], enhanced["detail"]) if enhanced else None
    full = status == _MAILBOX_FULL or (status is None and code == OVER_QUOTA)
    if code < PERMANENT or full:
        return Later(said, over=code == CLOSING)
    if stage is Stage.RECIPIENT:
        return Refused(said, bounced=status is None or status[0] not in _ABOUT_OTHERS)
    return Refused(said, bounced=status is not None and status[0] in _ABOUT_ADDRESS)


class Mailbox:
    """Keeps mails instead of sending them."""

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Mailbox]:
        """Give the mailbox itself."""
        yield self

    async def send(self, address: str, message: bytes) -> Answer:
        """Keep one mail."""
        del address, message
        return Kept()


class Smtp:
    """Sends over SMTP."""

    def __init__(self, server: Server) -> None:
        """Take where to send; nothing is opened yet."""
        self._server = server

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Open a connection for some mails.

        Raises:
            ServerAway: it cannot be used now.

        """
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=server.local_name,
            timeout=server.timeout_s,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=server.tls,
        )
        try:
            async with _bounded(2 * server.timeout_s):
                await client.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise ServerAway(_reason(error)) from error
        try:
            yield _SmtpSession(client, server)
        finally:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                async with _bounded(QUIT_WITHIN_S):
                    await client.quit()
            client.close()


class _SmtpSession:
    def __init__(self, client: aiosmtplib.SMTP, server: Server) -> None:
        self._client = client
        self._server = server

    async def send(self, address: str, message: bytes) -> Answer:
        """Hand one mail over; a connection that breaks meanwhile is told from a refusal."""
        try:
            async with _bounded(3 * self._server.timeout_s):
                return await self._send(parse_address(address), message)
        except InputError as error:
            return Refused(one_line(str(error), REPLY_LENGTH_MAX), bounced=True)
        except aiosmtplib.SMTPSenderRefused as error:
            raise ServerAway(_reason(error)) from error
        except aiosmtplib.SMTPResponseException as error:
            return Later(_reason(error), over=True)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Later(_reason(error), over=True)

    async def _send(self, address: str, message: bytes) -> Answer:
        await self._client.mail(self._server.bounces)
        try:
            await self._client.rcpt(address)
        except aiosmtplib.SMTPRecipientRefused as error:
            return await self._ready(meaning(Stage.RECIPIENT, error.code, error.message))
        try:
            response = await self._client.data(message)
        except aiosmtplib.SMTPDataError as error:
            return await self._ready(meaning(Stage.CONTENT, error.code, error.message))
        return Sent(one_line(f"{response.code} {response.message}", REPLY_LENGTH_MAX))

    async def _ready(self, answer: Later | Refused) -> Answer:
        """Make the connection ready for the next mail; this one has its answer in any case."""
        if answer.over:
            return answer
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            return answer._replace(over=True)
        return answer


@contextlib.asynccontextmanager
async def _bounded(seconds: float) -> AsyncIterator[None]:
    """Bound what the SMTP client does, and raise the cancellation that it has lost.

    It waits by `asyncio.wait_for`, which before Python 3.12 drops a cancellation that comes in the
    same turn as the answer (cpython gh-86296). Lost, the task would never end, and so would no stop
    of the node.
    """
    task = asyncio.current_task()
    assert task is not None
    asked_before = task.cancelling()
    async with asyncio.timeout(seconds):
        try:
            yield
        finally:
            if task.cancelling() > asked_before:
                raise asyncio.CancelledError


def _reason(error: BaseException) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return one_line(f"{error.code} {error.message}", REPLY_LENGTH_MAX)
    return one_line(f"{type(error).__name__}: {error}", REPLY_LENGTH_MAX)
