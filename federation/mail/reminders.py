"""What time brings: offers and wants that end, activities that begin, trades that wait for a group.

And those who left so long ago that their data goes. Looked at again and again; each is told once
(`mail_told`, `left_told`), however often it is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from federation.mail.compose import together
from federation.mail.compose.people import Ending, ending
from federation.mail.leavers import Leavers
from federation.mail.outbox import DELIVER_WITHIN_S, told_key
from federation.mail.own_words import OwnLetter, own_words, paragraphs_of
from federation.mail.partner_reminders import PartnerReminders
from federation.mail.people import people_of
from federation.mail.queries import SQL
from federation.mail.writing import Writer
from federation.members.posts import expiring
from projections.lines import Transfer
from schemas.errors import RuilbrugError

if TYPE_CHECKING:
    from collections.abc import Collection

    from federation.mail.letter import Letter, Recipient
    from federation.mail.office import PostOffice
    from federation.node.service import Node

log = structlog.get_logger()

BEFORE_END_S: Final = 7 * 86_400
RENEWED_FOR_S: Final = 180 * 86_400
BEFORE_START_S: Final = 86_400
WAITS_LONG_S: Final = 60
"""A trade that waits for another group so long is told of; most are seen within a second."""
_TRANSFER: Final = msgspec.json.Decoder(Transfer)


class Reminders:
    """Reminds the members of one node."""

    def __init__(self, node: Node, office: PostOffice) -> None:
        """Take the node and where letters are put down."""
        self._node = node
        self._office = office

    async def round(self, now_s: int) -> None:
        """Remind of all that is due."""
        await self._posts(now_s)
        await self._activities(now_s)
        await self._waiting(now_s)
        await PartnerReminders(self._node, self._office).round(now_s)
        await Leavers(self._node, self._office).round(now_s)

    async def _posts(self, now_s: int) -> None:
        """Remind once of each end, when at most half of the time is left."""
        found = await expiring(self._node, from_s=now_s, until_s=now_s + BEFORE_END_S)
        due = [post for post in found if now_s >= (post.placed_at_s + post.expires_at_s) // 2]
        people = await self._people({post.account for post in due})
        desk = self._office.desk() if due else None
        own = await own_words(self._node.pool) if due else {}
        letters = [
            ending(
                desk,
                to,
                Ending(
                    post=str(post.post),
                    title=post.title,
                    want=post.want,
                    ends_at_s=post.expires_at_s,
                    renew_until_s=post.expires_at_s + RENEWED_FOR_S,
                ),
                at_s=now_s,
                own=paragraphs_of(own, OwnLetter.ENDING, desk, to),
            )
            for post in due
            if desk is not None
            for to in people.get(post.account, [])
        ]
        await self._post(letters)

    async def _activities(self, now_s: int) -> None:
        """Remind everybody who comes along, the organiser too, a day before."""
        known = self._node.machine.books.agreeing.activities.base.values()
        due = [
            one
            for one in known
            if not one.cancelled and now_s < one.starts_at_s <= now_s + BEFORE_START_S
        ]
        people = await self._people({a for one in due for a in (one.account, *one.joined)})
        letters = []
        for one in due:
            for account in sorted({one.account, *one.joined} & set(people)):
                writer = Writer(self._node, self._office.desk())
                what = await writer.gathering(account, one.activity)
                letters += [
                    together.soon(self._office.desk(), to, what, at_s=now_s)
                    for to in people[account]
                ]
        await self._post(letters)

    async def _waiting(self, now_s: int) -> None:
        """Tell whoever gives that the other group has not been reached for a while."""
        rows = await self._node.pool.fetch(SQL["trades_waiting"])
        found = [_TRANSFER.decode(row["state"]) for row in rows]
        due = [one for one in found if now_s - DELIVER_WITHIN_S < one.at_s <= now_s - WAITS_LONG_S]
        people = await self._people({one.account for one in due})
        for one in due:
            try:
                writer = Writer(self._node, self._office.desk())
                letters = await writer.trade(
                    one.account, one.path, people.get(one.account, []), at_s=one.at_s, waits=True
                )
            except RuilbrugError as error:
                log.info("mail_not_written", what="waits", code=str(error.code))
                continue
            await self._post(letters)

    async def _people(self, accounts: Collection[int]) -> dict[int, list[Recipient]]:
        if not accounts:
            return {}
        async with self._node.pool.acquire() as connection:
            return await people_of(connection, accounts)

    async def _post(self, letters: list[Letter]) -> None:
        """Put down what was not told yet."""
        keys = {told_key(letter.key): letter for letter in letters}
        rows = await self._node.pool.fetch(SQL["told_of"], list(keys)) if keys else ()
        for row in rows:
            del keys[row["key"]]
        for letter in keys.values():
            await self._office.post(letter)
