"""A member's statement: by period, person and text, with what a partner group's side was.

A text that the reader does not read is empty before anything is looked for in it.
Names and texts lie sealed in the log, so a search by them opens one booking after the other; it
goes on from where it stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.members.home import SQL
from federation.members.people import names_of, peer_names
from federation.members.reader import looks_at, may_see_balance
from federation.node import statements
from federation.node.patience import connection_in_time
from projections.ledger import code_key
from schemas.bodies import AccountKind
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from federation.members.reader import Reader
    from federation.node.service import Node

LAST: Final = (2**62, 2**15 - 1)
PAGE: Final = 30
BATCH: Final = 500
LOOKED_AT_MAX: Final = 5_000
"""So many bookings one search opens; the next page looks at the next ones."""
EVER_S: Final = 2**62


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What part of a statement somebody wants to see."""

    from_s: int = 0
    until_s: int = EVER_S
    who: str = ""
    text: str = ""
    before: tuple[int, int] = LAST


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One booking as the account's member sees it."""

    seq: int
    at_s: int
    amount_minor: int
    balance_minor: int
    other_code: str
    """The other member's code; empty for one of another group."""
    other_name: str
    """Of another group's member as far as it is known here."""
    description: str
    """Empty also for who does not read it."""
    other_group: str = ""
    """Empty inside the group."""
    path: str = ""
    their_minor: int | None = None
    their_decimals: int = 0
    their_unit: tuple[str, str] | None = None
    """Singular and plural; none as long as the other group has told of no offer."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a statement, newest first."""

    balance_minor: int
    lines: list[Line]
    next: tuple[int, int] | None


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """What one month came to."""

    starts_at_s: int
    received_minor: int
    """Units that came in: help that was given."""
    given_minor: int
    balance_minor: int
    """At the end of the month, or now."""


async def statement(
    node: Node, account: int, reader: Reader, wanted: Wanted, *, limit: int = PAGE
) -> Statement:
    """Give a page of an account's statement.

    Raises:
        RefusedError: `forbidden` when it is not for this reader.

    """
    _require(node, account, reader)
    lines: list[Line] = []
    following: tuple[int, int] | None = None
    looked_at = 0
    async for batch, after in _batches(node, account, reader, wanted, limit):
        for line, place in batch:
            if len(lines) == limit:
                return await _page(node, account, lines, following)
            following = place
            if _fits(line, wanted):
                lines.append(line)
        looked_at += len(batch)
        following = after
        if after is None or looked_at >= max(limit, LOOKED_AT_MAX):
            break
    return await _page(node, account, lines, following)


async def _batches(
    node: Node, account: int, reader: Reader, wanted: Wanted, limit: int
) -> AsyncIterator[tuple[list[tuple[Line, tuple[int, int]]], tuple[int, int] | None]]:
    """Give bookings with their places, and from where to go on; none at the end."""
    code = node.machine.books.ledger.accounts[account].code
    before: tuple[int, int] | None = wanted.before
    size = BATCH if wanted.who or wanted.text else min(limit + 1, BATCH)
    while before is not None:
        page = await statements.page(
            node,
            code,
            looks=looks_at(reader, account),
            from_s=wanted.from_s,
            until_s=wanted.until_s,
            before=before,
            limit=size,
        )
        named = await _named(node, account, page["lines"])
        before = None if page["next"] is None else (page["next"][0], page["next"][1])
        yield named, before


async def _named(
    node: Node, account: int, lines: list[dict[str, Any]]
) -> list[tuple[Line, tuple[int, int]]]:
    """Put the names of members, and of other groups' members and units, to bookings."""
    codes = list({line["other"] for line in lines if "peer" not in line})
    peers = list({line["peer"] for line in lines if "peer" in line})
    async with connection_in_time(node.pool) as connection:
        members = await connection.fetch(SQL["members_by_code"], codes)
        units = await connection.fetch(SQL["partner_units"], peers) if peers else []
    names = {row["code"]: row["name"] for row in members}
    ledger = node.machine.books.ledger
    groups = {code: ledger.codes[code_key(code)] for code in codes if code not in names}
    called = await names_of(node, list(groups.values()))
    names |= {code: called[one] for code, one in groups.items() if one in called}
    names |= await peer_names(node, account, {line["person"] for line in lines if "peer" in line})
    unit_of = {row["node"]: (row["unit_singular"], row["unit_plural"]) for row in units}
    return [(_line(line, names, unit_of), (line["seq"], line["ordinal"])) for line in lines]


def _line(said: dict[str, Any], names: dict[str, str], unit_of: dict[str, tuple[str, str]]) -> Line:
    across = "peer" in said
    return Line(
        seq=said["seq"],
        at_s=said["at_s"],
        amount_minor=said["amount_minor"],
        balance_minor=said["balance_minor"],
        other_code="" if across else said["other"],
        other_name=names.get(said["person"] if across else said["other"], ""),
        other_group=said["other"] if across else "",
        description=said["description"],
        path=said.get("path", ""),
        their_minor=said.get("their_minor"),
        their_decimals=said.get("their_decimals", 0),
        their_unit=unit_of.get(said["peer"]) if across else None,
    )


def _fits(line: Line, wanted: Wanted) -> bool:
    who = f"{line.other_code} {line.other_name} {line.other_group}".casefold()
    return wanted.who.casefold() in who and wanted.text.casefold() in line.description.casefold()


async def _page(
    node: Node, account: int, lines: list[Line], following: tuple[int, int] | None
) -> Statement:
    return Statement(
        balance_minor=node.machine.books.ledger.balance(account), lines=lines, next=following
    )


async def months(node: Node, account: int, reader: Reader, starts_s: list[int]) -> list[Month]:
    """Give what the months that begin at these seconds came to; the last one goes on until now.

    Raises:
        RefusedError: `forbidden`.

    """
    _require(node, account, reader)
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["months_of"], account, starts_s)
    found = {row["month"]: row for row in rows}
    balance = node.machine.books.ledger.balance(account)
    balance -= sum(row["change_minor"] for row in rows)
    told = []
    for number, starts_at_s in enumerate(starts_s, 1):
        row = found.get(number)
        balance += 0 if row is None else row["change_minor"]
        told.append(
            Month(
                starts_at_s=starts_at_s,
                received_minor=(row["received_minor"] or 0) if row is not None else 0,
                given_minor=(row["given_minor"] or 0) if row is not None else 0,
                balance_minor=balance,
            )
        )
    return told


def _require(node: Node, account: int, reader: Reader) -> None:
    """Refuse a statement that is not for this reader.

    What members let each other see are their own accounts: not that of the group, nor those that
    stand for other groups.
    """
    books = node.machine.books
    trades = books.ledger.accounts[account].kind is AccountKind.MEMBER
    see = trades and books.members.members_see_balances
    if not may_see_balance(reader, account, members_see_balances=see):
        raise RefusedError(Code.FORBIDDEN, field="account")
