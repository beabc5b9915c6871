"""The one task that brings mails from the outbox to the server, until each has its end.

An attempt is noted before it begins and ended after it. Where the process dies in between, nobody
knows whether the server has taken the mail: it is sent once more, with the same bytes and the same
Message-ID, so that a mail client shows it once; dies the process again, it is given up. A mail is
tried for three days, with twice the pause each time, and never beyond its own use. One of a kind
that this version of the program does not know is left as it is, for a version that does.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from events.recovery import STORAGE_TROUBLE
from federation.mail.bug_place import where
from federation.mail.kinds import ALWAYS, AT_ONCE, MailKind
from federation.mail.message import Mail, Stationery, write_message
from federation.mail.outbox import DELIVER_WITHIN_S
from federation.mail.queries import SQL
from federation.mail.quiet import may_go_at_s, night_of
from federation.mail.sending import Kept, Later, Refused, Sent, ServerAway
from federation.members.words import address_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from zoneinfo import ZoneInfo

    from asyncpg import Pool, Record

    from federation.mail.sending import Answer, Carrier, Session

log = structlog.get_logger()

POLL_S: Final = 2.0
"""A mail put down by another process is found so soon; one of this process wakes the courier."""
BATCH: Final = 50
FIRST_PAUSE_S: Final = 60
PAUSE_MAX_S: Final = 7200
SERVER_FIRST_PAUSE_S: Final = 5
SERVER_PAUSE_MAX_S: Final = 300
JITTER: Final = 0.5
"""A pause is stretched by at most this part of it."""
BEGUN_MAX: Final = 2
SWEEP_S: Final = 3600
KEPT_S: Final = 10 * DELIVER_WITHIN_S
YEAR_S: Final = 366 * 86_400
MAILBOX_MAX: Final = 2000
KNOWN: Final = [kind.value for kind in MailKind]
"""Mails of other kinds were put down by a newer version of the program, and wait for it."""
DIED_TWICE: Final = "the process died twice while this was being sent"


def pause_s(failures: int, jitter: float, *, first_s: int, max_s: int) -> int:
    """Give how long to wait after so many failures; `jitter` lies in 0 to 1. Pure."""
    doubled = min(max_s, first_s * 2 ** min(failures - 1, 20))
    return int(doubled * (1 + JITTER * jitter))


class Courier:
    """Delivers the outbox of one node."""

    def __init__(
        self,
        *,
        pool: Pool[Record],
        carrier: Carrier,
        stationery: Stationery,
        zone: ZoneInfo | None,
        released: Callable[[], bool],
        bounced: Callable[[Mail, str], Awaitable[None]],
        clock: Callable[[], int],
        jitter: Callable[[], float],
    ) -> None:
        """Take what it reads, by what it sends, and whom it tells of a bounce.

        `released` tells whether what is in the log may leave the node: until then only what lets
        somebody in goes.
        """
        self._pool = pool
        self._carrier = carrier
        self._stationery = stationery
        self._zone = zone
        self._released = released
        self._bounced = bounced
        self._now_s = clock
        self._jitter = jitter
        self.looks_s = POLL_S
        """So long at most it rests when nothing wakes it."""
        self._wake = asyncio.Event()
        self._server_failures = 0
        self._server_not_before_s = 0
        self._swept_at_s = 0
        self._unknown: set[str] = set()

    def wake(self) -> None:
        """Look at the outbox now: something was put down."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver, for ever."""
        while True:
            self._wake.clear()
            try:
                rest_s = await self.round()
            except STORAGE_TROUBLE as error:
                log.warning("mail_without_database", kind=type(error).__name__)
                rest_s = POLL_S
            except Exception as bug:  # noqa: BLE001 - the edge: it is noted, and the rest goes on
                log.critical("mail_courier_failed", kind=type(bug).__name__, place=where(bug))
                rest_s = POLL_S
            try:
                async with asyncio.timeout(rest_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def round(self) -> float:
        """Deliver what is due, at most one batch, and give the seconds until the next look."""
        now_s = self._now_s()
        await self._sweep(now_s)
        if now_s < self._server_not_before_s:
            return min(self.looks_s, self._server_not_before_s - now_s)
        rows = await self._pool.fetch(
            SQL["due_mails"], now_s, KNOWN, [kind.value for kind in AT_ONCE], BATCH
        )
        due = [msgspec.convert(dict(row), Mail) for row in rows]
        ready = [mail for mail in due if await self._may_go(mail, now_s)]
        if not ready:
            return self.looks_s
        try:
            async with self._carrier.session() as session:
                for mail in ready:
                    if await self._attempt(session, mail):
                        break
        except ServerAway as error:
            self._server_failures += 1
            pause = pause_s(
                self._server_failures,
                self._jitter(),
                first_s=SERVER_FIRST_PAUSE_S,
                max_s=SERVER_PAUSE_MAX_S,
            )
            self._server_not_before_s = self._now_s() + pause
            log.warning("mail_server_away", reason=str(error), failures=self._server_failures)
            return POLL_S
        self._server_failures = 0
        return 0 if len(rows) == BATCH else self.looks_s

    async def _may_go(self, mail: Mail, now_s: int) -> bool:
        """Look at a due mail again: much may have happened since it was put down."""
        if mail.kind not in AT_ONCE and not self._released():
            return False
        if now_s >= mail.give_up_at_s:
            await self._end(mail, "given_up", "its time was over")
            return False
        if mail.begun >= BEGUN_MAX:
            await self._end(mail, "given_up", DIED_TWICE)
            return False
        row = await self._pool.fetchrow(
            SQL["may_mail"],
            mail.account,
            mail.person,
            mail.kind.value,
            address_key(mail.address),
            1,
        )
        assert row is not None
        if mail.kind not in ALWAYS and (row["marked"] or row["stopped"]):
            await self._end(mail, "stopped", "")
            return False
        wait_s = may_go_at_s(
            mail.kind,
            now_s,
            self._zone,
            useful_until_s=mail.give_up_at_s,
            night=night_of(row["evening"], row["morning"]),
        )
        if wait_s > now_s:
            await self._pool.execute(SQL["wait_until"], mail.mail, wait_s)
            return False
        return True

    async def _attempt(self, session: Session, mail: Mail) -> bool:
        """Try to hand one mail over, and tell whether the connection is of no more use."""
        pause = pause_s(mail.attempts + 1, self._jitter(), first_s=FIRST_PAUSE_S, max_s=PAUSE_MAX_S)
        next_s = self._now_s() + pause
        if await self._pool.fetchval(SQL["begin_attempt"], mail.mail, next_s) is None:
            return False
        message = write_message(mail, self._stationery)
        try:
            answer = await session.send(mail.address, message)
        except ServerAway as error:
            await self._pool.execute(SQL["put_off"], mail.mail, self._now_s(), str(error))
            raise
        await self._take(mail, answer, self._now_s() + pause)
        return isinstance(answer, Later | Refused) and answer.over

    async def _take(self, mail: Mail, answer: Answer, next_s: int) -> None:
        """Write down what became of an attempt."""
        match answer:
            case Sent(reply):
                await self._end(mail, "sent", reply)
            case Kept():
                await self._pool.execute(SQL["keep_mail"], mail.mail)
            case Later(reply):
                log.info("mail_put_off", kind=mail.kind.value, attempts=mail.attempts + 1)
                await self._pool.execute(SQL["put_off"], mail.mail, next_s, reply)
            case Refused(reply, bounced):
                await self._end(mail, "refused", reply)
                if bounced:
                    await self._bounced(mail, reply)

    async def _end(self, mail: Mail, state: str, reply: str) -> None:
        await self._pool.execute(SQL["end_mail"], mail.mail, state, reply)
        log.info("mail_ended", kind=mail.kind.value, state=state, attempts=mail.attempts)

    async def _sweep(self, now_s: int) -> None:
        if now_s < self._swept_at_s + SWEEP_S:
            return
        await self._pool.execute(SQL["sweep_mails"], now_s - KEPT_S)
        await self._pool.execute(SQL["crowded_mailbox"], MAILBOX_MAX)
        await self._pool.execute(SQL["sweep_told"], now_s - KEPT_S)
        await self._pool.execute(SQL["sweep_member_mail_words"], now_s - KEPT_S)
        await self._pool.execute(SQL["sweep_member_mails"], now_s - YEAR_S)
        await self._note_unknown()
        self._swept_at_s = now_s

    async def _note_unknown(self) -> None:
        """Say once of each kind that this version does not know that mails of it wait."""
        for row in await self._pool.fetch(SQL["mails_of_unknown_kinds"], KNOWN):
            if row["kind"] not in self._unknown:
                log.warning("mail_kind_unknown", kind=row["kind"], mails=row["mails"])
                self._unknown.add(row["kind"])
