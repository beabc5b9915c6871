"""A group that stops hands out members' data: a mailed link to each, good for some days.

Once to each person: pressed again, it mails those who were not mailed in the last month. Only once
everybody leaves, but those who do the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.closing import plan
from federation.group.members import member_refused
from federation.mail.compose.closing import DAY_S, data_letter
from federation.mail.links import Purpose, read_token
from federation.mail.office import office_of
from federation.mail.people import people_of
from federation.members.member_list import require
from federation.members.reader import Reader
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection

    from federation.mail.links import Link
    from federation.node.service import Node

LASTS_DAYS: Final = 60


async def send_links(node: Node, reader: Reader, *, keep: Collection[int], now_s: int) -> int:
    """Mail everybody the link to the own data, and give how many mails that is.

    Raises:
        RefusedError: `forbidden`, `group_not_clear` while somebody else than those to keep has not
            been told to leave, `read_only`.

    """
    require(reader)
    node.gate.require_writable()
    books = node.machine.books
    staying = [one for one in plan(books).to_leave if one.account not in keep]
    if staying:
        raise RefusedError(Code.GROUP_NOT_CLEAR, members=len(staying), lines=0)
    office, until_s, mails = office_of(node), now_s + LASTS_DAYS * DAY_S, 0
    accounts = sorted(
        account
        for account in (one.account for one in books.ledger.accounts.values())
        if member_refused(books, account) is None
    )
    desk = office.desk()
    async with node.pool.acquire() as connection, connection.transaction():
        found = await people_of(connection, accounts)
        for account in accounts:
            for to in found.get(account, ()):
                letter = data_letter(desk, to, node=node.id, until_s=until_s, at_s=now_s)
                mails += await office.put(connection, letter)
    office.courier.wake()
    return mails


def read_link(node: Node, token: str, *, now_s: int) -> tuple[Link, Reader]:
    """Read whose data a link hands out, also when the account is closed.

    Raises:
        RefusedError: `not_found` for a link that is not ours, and for who was erased; `expired`.

    """
    link = read_token(office_of(node).secret, token, Purpose.DATA, now_s=now_s)
    if link.subject != node.id or member_refused(node.machine.books, link.account) is not None:
        raise RefusedError(Code.NOT_FOUND, field="link")
    return link, Reader(account=link.account, person=link.person)
