"""What of a member's goes from the tables of its node when it is erased.

In the transaction that appends `member.erased` goes what the log
cannot bring back; names and texts in `plain` that are read from the log go with the projector. Done
again at each start, and after a recovery, for everybody who was ever erased: an older backup may
have brought a data key back.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

import structlog

from events.log_store import SQL as LOG_SQL
from events.queries import load_queries
from events.sealed import WrappedKey
from schemas.encoding import unb64

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log_store import AnyConnection
    from events.sealed import Keyring
    from events.transaction import Writing
    from projections.books import Books

log = structlog.get_logger()

SQL: Final = load_queries(files("federation.node").joinpath("sql/erasing.sql"))
STEPS: Final = tuple(name for name in SQL if name.startswith("erase_"))
"""Each takes accounts and subjects."""


async def erase(writing: Writing, accounts: Sequence[int], subjects: Sequence[bytes]) -> None:
    """Delete what is personal about members, by their accounts and those who had data keys."""
    for name in STEPS:
        await writing.execute(SQL[name], accounts, subjects)


async def learn_keys(connection: AnyConnection, books: Books, keyring: Keyring) -> None:
    """Unwrap every data key, but of those who were erased.

    Raises:
        VerificationError: `bad_key` when a wrapping key is not there or does not fit.

    """
    await erase_again(connection, books, keyring)
    for row in await connection.fetch(LOG_SQL["read_data_keys"]):
        keyring.learn(WrappedKey(*row))


async def erase_again(connection: AnyConnection, books: Books, keyring: Keyring) -> None:
    """Make sure that nothing has come back of those who were erased."""
    accounts = sorted(one.account for one in books.members.erasures.values() if one.done)
    subjects = [unb64(subject) for account in accounts for subject in subjects_of(books, account)]
    keyring.lose(subjects)
    if subjects and await connection.fetchval(SQL["came_back"], subjects):
        async with connection.transaction():
            await erase(connection, accounts, subjects)
        log.warning("erased_again", members=len(accounts))


def subjects_of(books: Books, account: int) -> list[str]:
    """Name who has data keys at an account: its member, and the persons of its household.

    Of a group by mail these are its earlier contacts: the one that it has now stays.
    """
    partner = books.agreeing.partners.get(account)
    if partner is not None:
        return list(partner.former)
    own = books.ledger.accounts[account].subject
    persons = [person.subject for person in books.members.persons_of(account)]
    return [*([] if own is None else [own]), *persons]
