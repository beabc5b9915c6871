"""Confirmed trades with groups that are reached by mail: seen by coordinators, and given back.

The rule is `federation.group.partner_reversals`; the contact is told by `federation.mail`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.group import partner_commands
from federation.members.acting import needed
from federation.members.collective import require
from federation.members.partners import REASON_LENGTH_MAX, OpenTrade
from federation.members.people import names_of
from federation.members.submitting import actor_of
from federation.members.thread_messages import group_texts
from projections import tables, tables_agreeing
from schemas.bodies import TransferBooked
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node

BOOKED_SHOWN: Final = 30


class BookedTrade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade with a group that its contact confirmed, or what gives one back."""

    seq: int
    at_s: int
    amount_minor: int
    """Above zero what came onto the group's account."""
    member_name: str
    description: str
    person: str
    reversed: bool
    reversal: bool


async def given_back(node: Node, account: int, seq: int) -> OpenTrade:
    """Give the trade that an event gave back, as its contact reads it: the description says why.

    Raises:
        RefusedError: `not_found` for what gives back no trade with this group.

    """
    body = await _booking(node, seq)
    if body is None or body.reverses is None or account not in {p.account for p in body.postings}:
        raise RefusedError(Code.NOT_FOUND, field="trade")
    payer, payee = body.postings
    gave = payer.account == account  # what the group gives back now, the member had given
    member = payee.account if gave else payer.account
    text = (await group_texts(node, [seq])).get(seq)
    return OpenTrade(
        request="",
        member=member,
        member_name=(await names_of(node, [member])).get(member, ""),
        gives=gave,
        amount_minor=payee.amount_minor,
        description=getattr(text, "description", ""),
        person=getattr(text, "payer_real" if gave else "payee_real", ""),
        at_s=body.at_s,
        expires_at_s=body.at_s,
    )


async def booked_with(node: Node, reader: Reader, account: int) -> list[BookedTrade]:
    """Give the newest booked trades with a group, for coordinators.

    Raises:
        RefusedError: `forbidden`.

    """
    require(reader)
    async with node.pool.acquire() as connection:
        rows = await tables.read_statement(connection, account, limit=BOOKED_SHOWN)
        bookings = await tables_agreeing.read_bookings(connection, [row.seq for row in rows])
        undone = await tables_agreeing.read_reversals(connection, [row.seq for row in rows])
    texts = await group_texts(node, [row.seq for row in rows])
    others = {
        row.seq: next((leg.account for leg in body.postings if leg.account != account), account)
        for row in rows
        if (body := bookings.get(row.seq)) is not None
    }
    names = await names_of(node, set(others.values()))
    return [
        BookedTrade(
            seq=row.seq,
            at_s=row.at_s,
            amount_minor=row.amount_minor,
            member_name=names.get(others.get(row.seq, account), ""),
            description=getattr(texts.get(row.seq), "description", ""),
            person=getattr(
                texts.get(row.seq), "payee_real" if row.amount_minor > 0 else "payer_real", ""
            ),
            reversed=row.seq in undone,
            reversal=getattr(bookings.get(row.seq), "reverses", None) is not None,
        )
        for row in rows
        if row.seq in bookings
    ]


async def reverse(
    node: Node, reader: Reader, account: int, original: int, *, reason: str, key: str
) -> int:
    """Give back a confirmed trade, and tell the contact; gives the place of what does it.

    Raises:
        InputError: `text_missing`, `malformed`, `too_large`.
        RefusedError: the refusals of `federation.group.partner_reversals`, `conflict`.

    """
    require(reader)
    text = needed(reason, field="description", length_max=REASON_LENGTH_MAX)
    said_then = (await group_texts(node, [original])).get(original)
    persons = (getattr(said_then, name, "") for name in ("payer_real", "payee_real"))
    person = next((one for one in persons if one), "")
    command = partner_commands.ReverseTrade(key, actor_of(reader), account, original, text, person)
    answer: Any = await node.do(command)
    return int(answer.seq)


async def _booking(node: Node, seq: int) -> TransferBooked | None:
    async with node.pool.acquire() as connection:
        found = (await tables_agreeing.read_bookings(connection, [seq])).get(seq)
    return found if isinstance(found, TransferBooked) else None
