"""What a month came to with a group that is reached by mail, for it to compare with its own books.

A month begins and ends in the group's time zone. Nothing is kept of it: the log says it again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import msgspec

from federation.members.thread_messages import group_texts
from projections import tables
from schemas.errors import Code, InputError
from schemas.openings import TransferText

if TYPE_CHECKING:
    from federation.node.service import Node

LINES_MAX: Final = 500
_FORMAT: Final = "%Y-%m"
_LENGTH: Final = 7


class StatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One trade; what is above zero came onto the account of the group."""

    at_s: int
    amount_minor: int
    balance_minor: int
    description: str
    person: str


class MonthStatement(msgspec.Struct, frozen=True, kw_only=True):
    """The statement of a month, the oldest trade first."""

    month: str
    from_s: int
    until_s: int
    opening_minor: int
    closing_minor: int
    lines: tuple[StatementLine, ...]
    more: int = 0
    """So many trades, the oldest, are not among the lines."""


def month_before(at_s: int, zone: ZoneInfo) -> str:
    """Give the month before that of a moment: `2026-10`."""
    first = datetime.fromtimestamp(at_s, zone).replace(day=1)
    return (first - timedelta(days=1)).strftime(_FORMAT)


def bounds_s(month: str, zone: ZoneInfo) -> tuple[int, int]:
    """Give the first second of a month, and the first after it.

    Raises:
        InputError: `malformed`.

    """
    try:
        start = datetime.strptime(month, _FORMAT).replace(tzinfo=zone)
    except ValueError as error:
        raise InputError(Code.MALFORMED, field="month", reason="a month: 2026-11") from error
    if len(month) != _LENGTH:
        raise InputError(Code.MALFORMED, field="month", reason="a month: 2026-11")
    end = (start + timedelta(days=32)).replace(day=1)
    return int(start.timestamp()), int(end.timestamp())


async def month_statement(
    node: Node, account: int, month: str, *, words: bool = True
) -> MonthStatement:
    """Give the statement of a month of one account.

    With `words` what each trade was for, as the group's contact reads it; it is one of the two.

    Raises:
        InputError: `malformed`.

    """
    from_s, until_s = bounds_s(month, ZoneInfo(node.settings.timezone))
    async with node.pool.acquire() as connection:
        rows = await tables.read_statement(
            connection, account, from_s=from_s, until_s=until_s, limit=LINES_MAX + 1
        )
        before = await tables.read_statement(connection, account, until_s=from_s, limit=1)
        found = rows[:LINES_MAX]
        texts = await group_texts(node, [row.seq for row in found])
    opening = before[0].balance_minor if before else 0
    lines = tuple(
        StatementLine(
            at_s=row.at_s,
            amount_minor=row.amount_minor,
            balance_minor=row.balance_minor,
            description=_text(texts.get(row.seq)).description if words else "",
            person=_person(texts.get(row.seq), row.amount_minor),
        )
        for row in reversed(found)
    )
    return MonthStatement(
        month=month,
        from_s=from_s,
        until_s=until_s,
        opening_minor=opening,
        closing_minor=rows[0].balance_minor if rows else opening,
        lines=lines,
        more=max(0, len(rows) - LINES_MAX),
    )


def _text(found: object) -> TransferText:
    return found if isinstance(found, TransferText) else TransferText(description="")


def _person(found: object, amount_minor: int) -> str:
    text = _text(found)
    return text.payee_real if amount_minor > 0 else text.payer_real
