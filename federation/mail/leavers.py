"""Who left so long ago as the group chose is told that its data will be erased.

The notice is written in the transaction that puts the mails down: both are there or neither, so
nobody is told twice, and the time until it is erased runs from what it was told. Whoever has no
address cannot be told; its time runs all the same. Erasing is `federation.members.erasing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from federation.group.leavers import Notice, to_tell
from federation.group.statuses import at_rest
from federation.mail.compose.leaving import Leaver, erased_soon
from federation.mail.kinds import MailKind
from federation.mail.people import people_of
from federation.members.projector import reached
from federation.node.retention import leaving, note_told
from schemas.errors import RuilbrugError

if TYPE_CHECKING:
    from federation.mail.letter import Letter, Recipient
    from federation.mail.office import PostOffice
    from federation.node.service import Node

log = structlog.get_logger()


class Leavers:
    """Tells those who left one node's group."""

    def __init__(self, node: Node, office: PostOffice) -> None:
        """Take the node and where letters are put down."""
        self._node = node
        self._office = office

    async def round(self, at_s: int) -> int:
        """Tell whoever is due and could be erased today; gives how many."""
        try:
            return await self._round(at_s)
        except RuilbrugError as error:
            log.info("mail_not_written", what=MailKind.LEFT.value, code=str(error.code))
            return 0

    async def _round(self, at_s: int) -> int:
        known = await leaving(self._node)
        books = self._node.machine.books
        due = [one for one in to_tell(known, now_s=at_s) if at_rest(books, one)]
        if known.days is None or not due:
            return 0
        # tables that are filled anew would say that nobody has an address
        await reached(self._node, self._node.sequencer.size - 1)
        async with self._node.pool.acquire() as connection:
            people = await people_of(connection, due)
        for account in due:
            notice = Notice(account, known.left[account], at_s)
            letters = self._letters(people.get(account, []), notice, known.days)
            await self._tell(notice, letters)
        self._office.courier.wake()
        log.info("left_told", members=len(due))
        return len(due)

    def _letters(self, people: list[Recipient], notice: Notice, days: int) -> list[Letter]:
        contact = self._node.settings.privacy.contact
        what = Leaver(notice.left_s, days, notice.due_s, contact)
        desk, at_s = self._office.desk(), notice.told_at_s
        return [erased_soon(desk, to, what, node=self._node.id, at_s=at_s) for to in people]

    async def _tell(self, notice: Notice, letters: list[Letter]) -> None:
        """Note it and put the mails down, both or neither."""
        async with self._node.pool.acquire() as connection, connection.transaction():
            if await note_told(connection, notice):
                for letter in letters:
                    await self._office.put(connection, letter)
