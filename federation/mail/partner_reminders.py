"""What time brings to contacts of groups without a node: open trades again, and their months."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from federation.mail.compose.partners import month_asked
from federation.mail.outbox import told_key
from federation.mail.people import people_of
from federation.mail.queries import SQL
from federation.mail.writing import Writer
from federation.members.partner_statement import bounds_s, month_before, month_statement
from projections.agreeing import RequestPhase
from schemas.errors import RuilbrugError

if TYPE_CHECKING:
    from federation.mail.letter import Letter, Recipient
    from federation.mail.office import PostOffice
    from federation.node.service import Node

log = structlog.get_logger()

DAY_S: Final = 86_400
REMIND_AFTER_S: Final = (4 * DAY_S, 10 * DAY_S)
"""So long after the question its contact is reminded, while it has not answered."""
MONTH_TOLD_WITHIN_S: Final = 10 * DAY_S
"""So long after the end of a month its statement is still sent."""


class PartnerReminders:
    """Reminds the contacts of one node's partners."""

    def __init__(self, node: Node, office: PostOffice) -> None:
        """Take the node and where letters are put down."""
        self._node = node
        self._office = office

    async def round(self, now_s: int) -> None:
        """Remind of all that is due; what was told is not told again."""
        partners = list(self._node.machine.books.agreeing.partners.values())
        if not partners:
            return
        async with self._node.pool.acquire() as connection:
            people = await people_of(connection, [one.account for one in partners])
        try:
            await self._trades(people, now_s)
            for one in partners:
                await self._month(one.account, one.since_s, people.get(one.account, []), now_s)
        except RuilbrugError as error:
            log.info("mail_not_written", what="partner", code=str(error.code))

    async def _trades(self, people: dict[int, list[Recipient]], now_s: int) -> None:
        writer = Writer(self._node, self._office.desk())
        for request in list(self._node.machine.books.agreeing.requests.values()):
            asked = request.confirms
            if asked is None or request.phase is not RequestPhase.OPEN:
                continue
            times = sum(now_s >= request.at_s + after_s for after_s in REMIND_AFTER_S)
            to = people.get(asked, [])
            if times and to and now_s < request.expires_at_s:
                await self._post(
                    await writer.partner_trade(
                        asked, request.request, to, at_s=now_s, reminder=times
                    )
                )

    async def _month(self, account: int, since_s: int, to: list[Recipient], now_s: int) -> None:
        """Send the statement of the month that has ended, when there is something in it."""
        month = month_before(now_s, self._office.zone)
        _, end_s = bounds_s(month, self._office.zone)
        if not to or since_s >= end_s or now_s >= end_s + MONTH_TOLD_WITHIN_S:
            return
        statement = await month_statement(self._node, account, month)
        if statement.lines or statement.closing_minor:
            desk = self._office.desk()
            await self._post([month_asked(desk, one, statement, at_s=now_s) for one in to])

    async def _post(self, letters: list[Letter]) -> None:
        keys = {told_key(letter.key): letter for letter in letters}
        rows = await self._node.pool.fetch(SQL["told_of"], list(keys)) if keys else ()
        for row in rows:
            del keys[row["key"]]
        for letter in keys.values():
            await self._office.post(letter)
