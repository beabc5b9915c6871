"""The task that writes each edition of the digest, once for everybody who wants it.

An edition is fixed first, in one transaction: what is here then is known since it. Then it is told
to one person after the other, each in a transaction that also notes that this one was told. Where
the process dies in between, it goes on with those who were not told, and tells them the same.
Where the tables are lost (a backup put back, a recovery), it begins with the edition after.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import structlog

from events.recovery import STORAGE_TROUBLE
from events.restore import Mode
from federation.mail import digest_reading
from federation.mail.bug_place import where
from federation.mail.compose import digest as compose
from federation.mail.digest import choose
from federation.mail.digest_choices import DIGEST, setting
from federation.mail.digest_days import BEFORE_FIRST_S, LATE_S, due_s, is_due
from federation.mail.own_words import OwnLetter, own_words, paragraphs_of
from federation.members.projector import reached
from federation.node.service import now_s
from schemas.errors import Code, RefusedError, RuilbrugError

if TYPE_CHECKING:
    from federation.mail.digest import Digest, Edition
    from federation.mail.digest_reading import Subscription
    from federation.mail.letter import Letter
    from federation.mail.office import PostOffice
    from federation.mail.own_words import OwnWords
    from federation.node.service import Node

log = structlog.get_logger()

TICK_S: Final = 60


class Progress(NamedTuple):
    """How far digests have come, each an edition's due moment."""

    begun_s: int
    fixed_s: int
    told_s: int


class Digests:
    """Writes the digests of one node."""

    def __init__(self, node: Node, office: PostOffice) -> None:
        """Take the node and where letters are put down."""
        self._node = node
        self._office = office
        self._from_here = False

    def from_here(self) -> None:
        """Tell only what comes from now on: a recovery has brought back the rest."""
        self._from_here = True

    async def run(self) -> None:
        """Look every minute whether an edition is due, for ever."""
        while True:
            try:
                await self.round(now_s())
            except (*STORAGE_TROUBLE, RuilbrugError) as error:
                log.warning("mail_digest_waits", kind=type(error).__name__)
            except Exception as bug:  # noqa: BLE001 - the edge: it is noted, and the rest goes on
                log.critical("mail_digest_failed", kind=type(bug).__name__, place=where(bug))
            await asyncio.sleep(TICK_S)

    async def round(self, at_s: int) -> int:
        """Write what is due; gives how many letters were put down."""
        wanted = await setting(self._node.pool)
        if self._node.gate.mode is not Mode.OPEN:
            return 0
        due = due_s(at_s, self._office.zone, wanted.weekday)
        progress = await self._progress()
        if progress is None or self._from_here:
            await self._begin(due)
            return 0
        if not wanted.active or due <= progress.told_s or at_s >= due + LATE_S:
            return 0
        if progress.fixed_s < due:
            await self._fix(due)
        written = await self._tell(due, progress.begun_s)
        await self._node.pool.execute(DIGEST["told_all"], due)
        log.info("mail_digest_written", due_s=due, letters=written)
        return written

    async def _progress(self) -> Progress | None:
        row = await self._node.pool.fetchrow(DIGEST["progress"])
        return None if row is None else Progress(*row)

    async def _begin(self, due: int) -> None:
        await self._read_all()
        async with self._node.pool.acquire() as connection, connection.transaction():
            await connection.execute(DIGEST["begin"], due)
            await digest_reading.fix(self._node, connection, due)
        self._from_here = False
        log.info("mail_digest_begins", due_s=due)

    async def _fix(self, due: int) -> None:
        await self._read_all()
        async with self._node.pool.acquire() as connection, connection.transaction():
            await digest_reading.fix(self._node, connection, due)
            await connection.execute(DIGEST["fix"], due)

    async def _read_all(self) -> None:
        """Wait until all that is in the log can be read: tables that are filled anew are empty."""
        await reached(self._node, self._node.sequencer.size - 1)

    async def _tell(self, due: int, begun_s: int) -> int:
        await self._read_all()
        async with self._node.pool.acquire() as connection:
            known = await digest_reading.subscriptions(connection, due, begun_s=begun_s)
        waiting = [
            one
            for one in known
            if is_due(one.rhythm, one.subscriber.last_s, due, self._office.zone)
        ]
        since_s = min((one.subscriber.last_s for one in waiting), default=due)
        found = await digest_reading.edition(self._node, due, since_s=since_s)
        own, written = await own_words(self._node.pool), 0
        for one in waiting:
            written += await self._tell_one(one, found, own)
        self._office.courier.wake()
        return written

    async def _tell_one(self, one: Subscription, found: Edition, own: OwnWords) -> bool:
        """Put one digest down and note that it is, both or neither."""
        letter = self._letter(one, found, own)
        async with self._node.pool.acquire() as connection, connection.transaction():
            put = letter is not None and await self._office.put(connection, letter)
            await connection.execute(DIGEST["tell"], one.to.account, one.to.person, found.due_s)
        return put

    def _letter(self, one: Subscription, found: Edition, own: OwnWords) -> Letter | None:
        chosen = choose(found, one.subscriber)
        if not chosen:
            return None
        desk = self._office.desk()
        try:
            said = paragraphs_of(own, OwnLetter.DIGEST, desk, one.to)
            return compose.digest(desk, one.to, chosen, one.rhythm, due_s=found.due_s, own=said)
        except Exception as bug:  # noqa: BLE001 - the edge: it is noted, and holds up nobody else
            kind, place = type(bug).__name__, where(bug)
            log.critical("mail_not_written", what="digest", kind=kind, place=place)
            return None

    async def preview(self, account: int, person: int) -> tuple[Subscription, Digest]:
        """Give what an edition would tell somebody now, as if it had been told nothing for a while.

        Raises:
            RefusedError: `not_found` for who has no address.

        """
        at_s = now_s()
        async with self._node.pool.acquire() as connection:
            only = (account, person)
            known = await digest_reading.subscriptions(connection, at_s, begun_s=0, only=only)
        if not known:
            raise RefusedError(Code.NOT_FOUND, field="address")
        one = known[0]
        last_s = at_s - BEFORE_FIRST_S[one.rhythm]
        one = one._replace(subscriber=digest_reading.told_until(one.subscriber, last_s))
        found = await digest_reading.edition(self._node, at_s, since_s=last_s)
        return one, choose(found, one.subscriber)

    async def test(self, account: int, person: int, *, key: str) -> bool:
        """Mail somebody what `preview` gives; pressed twice it goes once. Raises as `preview`."""
        one, chosen = await self.preview(account, person)
        own, desk = await own_words(self._node.pool), self._office.desk()
        said = paragraphs_of(own, OwnLetter.DIGEST, desk, one.to)
        letter = compose.digest(desk, one.to, chosen, one.rhythm, due_s=now_s(), own=said, test=key)
        return await self._office.post(letter)


def digests_of(node: Node) -> Digests | None:
    """Give what writes the digests of a running node; none where nothing is mailed."""
    return cast("Digests | None", node.parts.get(Digests))
