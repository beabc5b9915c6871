"""Who is mailed: persons of an account, and coordinators, from the tables of the projector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.mail.letter import Recipient
from federation.mail.queries import SQL
from schemas.texts.words import Language

if TYPE_CHECKING:
    from collections.abc import Collection

    from asyncpg import Record

    from events.log_store import AnyConnection

COORDINATORS_MAX: Final = 50
STRANGER: Final = 0
"""In place of an account: somebody who asked to become a member, and has none yet."""


async def people(connection: AnyConnection, account: int) -> list[Recipient]:
    """Give everybody of an account who has an address, the member itself first."""
    return (await people_of(connection, [account])).get(account, [])


async def people_of(
    connection: AnyConnection, accounts: Collection[int]
) -> dict[int, list[Recipient]]:
    """Give the same of several accounts; those without an address are left out."""
    found: dict[int, list[Recipient]] = {}
    for row in await connection.fetch(SQL["people"], list(accounts)):
        found.setdefault(row["account"], []).append(_recipient(row))
    return found


async def coordinators(connection: AnyConnection) -> list[Recipient]:
    """Give every coordinator who has an address."""
    rows = await connection.fetch(SQL["coordinators"], COORDINATORS_MAX)
    return [_recipient(row) for row in rows]


def _recipient(row: Record) -> Recipient:
    said = row["language"]
    return Recipient(
        account=row["account"],
        person=row["person"],
        name=row["name"],
        address=row["address"],
        language=Language(said) if said in set(Language) else Language.NL,
    )
