"""The mails of who asks to become a member, each put down together with what it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.mail.compose import joining as letters
from federation.mail.letter import Recipient
from federation.mail.office import office_of
from federation.mail.own_words import OwnLetter, own_words, paragraphs_of
from federation.mail.people import STRANGER
from federation.members import joining
from federation.members.member_list import require
from federation.members.profiles import person_by_address
from federation.node.identity import system_random
from federation.node.patience import connection_in_time
from federation.web.invitations import LASTS_S, NEXT_PATH, SQL
from federation.web.languages import FIRST, read_language
from federation.web.sessions import new_token, token_hash

if TYPE_CHECKING:
    from events.log_store import AnyConnection
    from federation.members.joining import Applicant, Asked
    from federation.members.reader import Reader
    from federation.node.service import Node
    from schemas.bodies import AccountStatus

PATH: Final = "/join"
_HASH_SIZE: Final = 32


async def ask(node: Node, said: Asked, *, now_s: int) -> None:
    """Note what a stranger asks and mail a link to confirm it; a known address is told so.

    Whatever the address is, a row and a mail are written: nobody learns by waiting either.

    Raises:
        InputError: as `joining.fit`.
        StorageError: `busy` when too many wait to be confirmed.

    """
    fit, office, link = joining.fit(said), office_of(node), new_token()
    known = await person_by_address(node, fit.address)
    to, about, desk = _to(fit), token_hash(link).hex(), office.desk()
    if known:
        to = to._replace(account=known[0].account, person=known[0].person)
        letter = letters.known_already(desk, to, about=about, at_s=now_s)
    else:
        url = desk.page(f"{PATH}/{link}")
        lasts_s = joining.CONFIRM_WITHIN_S
        letter = letters.confirm(desk, to, link=url, about=about, lasts_s=lasts_s, at_s=now_s)
    async with connection_in_time(node.pool) as connection, connection.transaction():
        await joining.ask(connection, token_hash(link), fit, now_s=now_s)
        await office.put(connection, letter)
    office.courier.wake()


async def approve(
    node: Node, reader: Reader, who: Applicant, *, code: str, status: AccountStatus, now_s: int
) -> int:
    """Let somebody in: open the account, mail a link that signs in; gives the account.

    The same again, also after a crash half-way, opens nothing and mails nothing twice.
    Raises as `joining.open_for`.
    """
    account = await joining.open_for(node, reader, who, code=code, status=status)
    link, office = new_token(), office_of(node)
    to = _to(who)._replace(account=account)
    own = paragraphs_of(await own_words(node.pool), OwnLetter.WELCOME, office.desk(), to)
    letter = letters.welcome(
        office.desk(),
        to,
        own=own,
        link=office.desk().page(f"/login/{link}" if status.books() else "/"),
        about=f"welcome {who.applicant} {who.confirmed_at_s}",
        lasts_s=LASTS_S,
        at_s=now_s,
    )
    async with connection_in_time(node.pool) as connection, connection.transaction():
        decided = await joining.decide(connection, who.applicant, "approved", account, now_s=now_s)
        if decided:
            await _let_in(connection, link, account, now_s=now_s)
            await office.put(connection, letter)
    office.courier.wake()
    return account


async def decline(node: Node, reader: Reader, who: Applicant, *, reason: str, now_s: int) -> None:
    """Say no, once, with the reason; what was written goes.

    Raises:
        RefusedError: `forbidden`.

    """
    require(reader)
    office = office_of(node)
    about = f"declined {who.applicant} {who.confirmed_at_s}"
    desk, to = office.desk(), _to(who)
    own = paragraphs_of(await own_words(node.pool), OwnLetter.DECLINED, desk, to)
    letter = letters.declined(desk, to, reason=reason, about=about, at_s=now_s, own=own)
    async with connection_in_time(node.pool) as connection, connection.transaction():
        if await joining.decide(connection, who.applicant, "declined", None, now_s=now_s):
            await office.put(connection, letter)
    office.courier.wake()


async def _let_in(connection: AnyConnection, link: str, account: int, *, now_s: int) -> None:
    await connection.execute(
        SQL["begin_invitation"],
        token_hash(link),
        token_hash(new_token()),
        system_random(_HASH_SIZE),  # no code: the link is all there is
        [account],
        [0],
        NEXT_PATH,
        now_s + LASTS_S,
    )


def _to(said: Asked) -> Recipient:
    return Recipient(STRANGER, 0, said.name, said.address, read_language(said.language) or FIRST)
