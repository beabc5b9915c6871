"""All balances on a day, and who has been far from zero for long: to help, not to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.group.far import far_minor
from federation.members.home import SQL
from federation.members.people import Party, names_of, party
from federation.node.patience import connection_in_time
from schemas.bodies import AccountKind
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node

LONG_S: Final = 182 * 86_400


class BalanceOn(msgspec.Struct, frozen=True, kw_only=True):
    """Where one account stood."""

    account: Party
    kind: AccountKind
    balance_minor: int


class Far(msgspec.Struct, frozen=True, kw_only=True):
    """A member who is far from zero."""

    member: Party
    balance_minor: int
    since_s: int
    long: bool
    """For half a year or more."""


async def balances_before(node: Node, reader: Reader, moment_s: int) -> list[BalanceOn]:
    """Give the balance of every account just before a moment, by code; their sum is zero.

    Accounts at zero are left out, but for members who book.

    Raises:
        RefusedError: `forbidden`.

    """
    _require(reader)
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["balances_before"], moment_s)
    stood = {row["account"]: row["balance_minor"] for row in rows}
    accounts = list(node.machine.books.ledger.accounts.values())
    shown = [
        one
        for one in accounts
        if stood.get(one.account) or (one.kind is AccountKind.MEMBER and one.status.books())
    ]
    names = await names_of(node, {one.account for one in shown})
    return [
        BalanceOn(
            account=party(node, one.account, names),
            kind=one.kind,
            balance_minor=stood.get(one.account, 0),
        )
        for one in sorted(shown, key=lambda one: one.code.casefold())
    ]


async def far_from_zero(node: Node, reader: Reader, *, now_s: int) -> list[Far]:
    """Give the members who are far from zero now, who is so for longest first.

    Raises:
        RefusedError: `forbidden`.

    """
    _require(reader)
    ledger = node.machine.books.ledger
    found = []
    for account in ledger.accounts.values():
        if account.kind is AccountKind.MEMBER and account.status.books():
            below, above = far_minor(ledger, account)
            balance = ledger.balance(account.account)
            if balance < below or balance > above:
                found.append((account.account, below, above))
    columns = [list(column) for column in zip(*found, strict=True)] or [[], [], []]
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["far_since"], *columns)
    since = {row["account"]: row["since_s"] for row in rows}
    names = await names_of(node, since)
    return [
        Far(
            member=party(node, number, names),
            balance_minor=ledger.balance(number),
            since_s=at_s,
            long=at_s <= now_s - LONG_S,
        )
        for number, at_s in sorted(since.items(), key=lambda item: (item[1], item[0]))
    ]


def _require(reader: Reader) -> None:
    if not reader.auditor:
        raise RefusedError(Code.FORBIDDEN, field="account")
