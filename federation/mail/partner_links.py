"""What stands behind a link to the contact of a group without a node, and what its buttons do.

Opening a link reads and asks; only posting to it acts. It is for one contact: who follows that one
gets links of its own, and the old ones end. Twice is harmless: the log knows what was done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from federation.group import partner_commands
from federation.mail.acts import number
from federation.mail.compose.partners import trade_words
from federation.mail.letter import Recipient
from federation.mail.links import Purpose, read_token, two_parts
from federation.mail.office import office_of
from federation.members import partners
from federation.members.acting import derived_key, needed
from federation.members.partner_statement import MonthStatement, month_statement
from federation.members.partners import REASON_LENGTH_MAX
from projections.agreeing import RequestPhase
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from federation.mail.links import Link
    from federation.node.service import Node
    from projections.partners import MonthAnswer
    from schemas.texts.words import Language


class TradeQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A trade, and how it stands."""

    sentence: str
    description: str
    phase: RequestPhase
    expires_at_s: int


class MonthQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A month, and what was said of it."""

    statement: MonthStatement
    changed: bool
    """It is not what the mail said any more: something was booked since for this month."""
    answer: MonthAnswer | None = None


def open_link(node: Node, token: str, *, now_s: int) -> Link:
    """Read a link to the contact that a group has now.

    Raises:
        RefusedError: `not_found`, `expired`.

    """
    purposes = (Purpose.PARTNER_TRADE, Purpose.PARTNER_STATEMENT)
    link = read_token(office_of(node).secret, token, *purposes, now_s=now_s)
    partner = node.machine.books.agreeing.partners.get(link.account)
    if partner is None or partner.contact != link.person:
        raise RefusedError(Code.NOT_FOUND, field="link")
    return link


async def trade_question(node: Node, link: Link, language: Language) -> TradeQuestion:
    """Give what a link asks about a trade; changes nothing.

    Raises:
        RefusedError: `not_found`.

    """
    request = await partners.request_of(node, link.account, two_parts(link)[0])
    trade = await partners.open_trade(node, request)
    to = Recipient(link.account, link.person, "", "", language)
    return TradeQuestion(
        sentence=trade_words(office_of(node).desk(), to, trade),
        description=trade.description,
        phase=request.phase,
        expires_at_s=request.expires_at_s,
    )


async def month_question(node: Node, link: Link) -> MonthQuestion:
    """Give what a link asks about a month; changes nothing.

    Raises:
        InputError: `malformed`.

    """
    month, closing = two_parts(link)
    statement = await month_statement(node, link.account, month)
    partner = node.machine.books.agreeing.partners[link.account]
    return MonthQuestion(
        statement=statement,
        changed=str(statement.closing_minor) != closing,
        answer=partner.answer(month),
    )


async def answer_trade(node: Node, link: Link, *, right: bool, reason: str) -> None:
    """Confirm a trade, or refuse it with a reason.

    Raises:
        InputError: `text_missing`, `malformed`, `too_large`.
        RefusedError: `already_decided`, `expired`, `not_found`.

    """
    request, amount = two_parts(link)
    if right:
        await partners.confirm(node, link.account, request, expected_minor=number(amount))
    else:
        await partners.refuse(node, link.account, request, reason)


async def answer_month(node: Node, link: Link, *, right: bool, reason: str) -> None:
    """Say that a month is right, or what is not; the same again changes nothing.

    Raises:
        InputError: `text_missing`, `malformed`, `too_large`.

    """
    asked = await month_question(node, link)
    why = "" if right else needed(reason, field="reason", length_max=REASON_LENGTH_MAX)
    closing = asked.statement.closing_minor
    before = asked.answer
    if right and before is not None and before.agrees and before.balance_minor == closing:
        return
    place = 0 if before is None else before.seq
    key = derived_key("partner month", link.account, asked.statement.month, place, right, why)
    await node.do(
        partner_commands.AnswerStatement(
            key, link.account, asked.statement.month, closing, right, why
        )
    )
