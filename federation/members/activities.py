"""Doing things together: place, join, and one booking that gives units to all who helped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.group import requests as rules
from federation.group.activities import equal_shares
from federation.group.agreeing import CancelActivity, JoinActivity, PlaceActivity, SpreadUnits
from federation.group.commands import GROUP_SUBJECT
from federation.members.acting import actor, needed, said
from federation.members.people import Party, names_of, party
from federation.members.trade_loading import load_trade
from federation.members.trade_reading import as_read
from federation.members.trade_views import ShownTrade
from federation.node.service import now_s
from federation.node.statements import texts_of
from projections.agreeing import Activity
from schemas.bodies import AccountKind
from schemas.errors import Code, InputError, Refusal, RefusedError
from schemas.openings import DESCRIPTION_LENGTH_MAX, ActivityText

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.members.reader import Reader
    from federation.node.service import Node

TITLE_LENGTH_MAX: Final = 120
TEXT_LENGTH_MAX: Final = 4_000
PLACE_LENGTH_MAX: Final = 200


class ActivityForm(NamedTuple):
    """All that an activity says."""

    title: str
    starts_at_s: int
    ends_at_s: int
    text: str = ""
    place: str = ""


class ShownActivity(msgspec.Struct, frozen=True, kw_only=True):
    """An activity as members read it."""

    activity: int
    by: Party
    title: str
    text: str = ""
    place: str = ""
    starts_at_s: int
    ends_at_s: int
    joined: tuple[Party, ...] = ()
    cancelled: bool = False
    booked: bool = False
    """Units were given to those who helped."""
    own: bool = False
    for_group: bool = False
    """The group itself organises it."""
    comes: bool = False
    """The reader comes along."""


async def place(
    node: Node,
    reader: Reader,
    form: ActivityForm,
    *,
    key: str,
    activity: int | None = None,
    for_group: bool = False,
) -> ShownActivity:
    """Place an activity, or change an own one; for the group by a coordinator.

    Raises:
        InputError: `text_missing`, `malformed`, `too_large`.
        RefusedError: the refusals of `federation.group.activities.place`, `forbidden`, `conflict`.

    """
    who = actor(reader)
    account, entered_by = who.account, who.entered_by
    if for_group:
        account, entered_by = _group_account(node, reader), who.account
    text = ActivityText(
        title=needed(form.title, field="title", length_max=TITLE_LENGTH_MAX),
        text=said(form.text, length_max=TEXT_LENGTH_MAX),
        place=said(form.place, field="place", length_max=PLACE_LENGTH_MAX),
    )
    before = node.machine.books.agreeing.next_activity
    answer = await node.do(
        PlaceActivity(key, account, form.starts_at_s, form.ends_at_s, text, activity, entered_by)
    )
    number = answer.value or activity or _placed_by(node, answer.seq, before)
    return await show(node, reader, number)


def _placed_by(node: Node, seq: int, before: int) -> int:
    """Find the activity that an earlier try of the same has placed."""
    known = node.machine.books.agreeing.activities.base.values()
    return next((one.activity for one in known if one.text_seq == seq), before - 1)


async def show(node: Node, reader: Reader, activity: int) -> ShownActivity:
    """Give one activity.

    Raises:
        InputError: `not_found`.
        RefusedError: `forbidden` for who is not a member.

    """
    found = node.machine.books.agreeing.activities.get(activity)
    if found is None:
        raise InputError(Code.NOT_FOUND, field="activity")
    return (await _shown(node, reader, [found]))[0]


async def coming(node: Node, reader: Reader, *, limit: int = 50) -> list[ShownActivity]:
    """Give what is to be done together from now on, soonest first.

    Raises:
        RefusedError: `forbidden` for who is not a member.

    """
    now = now_s()
    known = node.machine.books.agreeing.activities.base.values()
    there = [one for one in known if one.ends_at_s >= now and not one.cancelled]
    return await _shown(node, reader, sorted(there, key=lambda one: one.starts_at_s)[:limit])


async def past(node: Node, reader: Reader, *, limit: int = 50) -> list[ShownActivity]:
    """Give what was done together, newest first.

    Raises:
        RefusedError: `forbidden` for who is not a member.

    """
    now = now_s()
    known = node.machine.books.agreeing.activities.base.values()
    over = [one for one in known if one.ends_at_s < now and not one.cancelled]
    return await _shown(node, reader, sorted(over, key=lambda one: -one.starts_at_s)[:limit])


async def join(node: Node, reader: Reader, activity: int, *, joins: bool = True) -> ShownActivity:
    """Come along, or not after all; once more is the same.

    Raises:
        InputError: `not_found`.
        RefusedError: the refusals of `federation.group.activities.join`, `forbidden`.

    """
    await node.do(JoinActivity(activity, actor(reader).account, joins))
    return await show(node, reader, activity)


async def cancel(node: Node, reader: Reader, activity: int) -> ShownActivity:
    """Call an own activity off, or as a coordinator any.

    Raises:
        InputError: `not_found`.
        RefusedError: `already_decided` when units were given for it, `forbidden`.

    """
    await to_cancel(node, reader, activity)
    await node.do(CancelActivity(activity))
    return await show(node, reader, activity)


async def to_cancel(node: Node, reader: Reader, activity: int) -> ShownActivity:
    """Give an activity to who may call it off.

    Raises:
        InputError: `not_found`.
        RefusedError: `forbidden`.

    """
    shown = await show(node, reader, activity)
    if not (shown.own or reader.coordinator):
        raise RefusedError(Code.FORBIDDEN, field="activity")
    return shown


async def spread(
    node: Node,
    reader: Reader,
    activity: int,
    shares: Iterable[tuple[int, int]],
    *,
    key: str,
    description: str = "",
    from_group: bool = False,
) -> ShownTrade:
    """Give units to those who helped, in one booking.

    The reader gives them, or as a coordinator the group account.

    Raises:
        InputError: `malformed`, `too_large`.
        RefusedError: the refusals of `federation.group.requests.spread`, `forbidden`, `conflict`.

    """
    who = actor(reader)
    payer, entered_by = who.account, who.entered_by
    if from_group:
        payer, entered_by = _group_account(node, reader), who.account
    text = said(description, field="description", length_max=DESCRIPTION_LENGTH_MAX)
    await node.do(SpreadUnits(key, activity, payer, tuple(shares), text, entered_by))
    return as_read(node, reader, await load_trade(node, payer, key))


class SpreadQuote(NamedTuple):
    """Exactly what a booking over those who helped would be now."""

    payer: int
    shares: tuple[tuple[int, int], ...]
    total_minor: int
    after_minor: int
    """What the payer's balance becomes."""
    refusal: Refusal | None
    """Why it cannot be booked now; nothing when it can."""


def quote_spread(
    node: Node,
    reader: Reader,
    activity: int,
    shares: Iterable[tuple[int, int]],
    *,
    from_group: bool = False,
) -> SpreadQuote:
    """Say what `spread` would book, by the same rule; nothing is booked.

    Raises:
        RefusedError: `forbidden`.

    """
    payer = _group_account(node, reader) if from_group else actor(reader).account
    each = tuple(shares)
    books = node.machine.books
    steps = rules.spread(books, SpreadUnits("", activity, payer, each), now_s=now_s())
    refusal = None
    try:
        next(steps)  # as far as what it would write
    except StopIteration as stop:
        refusal = stop.value
    steps.close()
    total = sum(amount for _, amount in each)
    after = books.ledger.balance(payer) - total
    return SpreadQuote(payer, each, total, after, refusal)


def evenly(total_minor: int, helpers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Spread a sum as evenly as minor units can.

    Raises:
        InputError: `malformed` without helpers, `amount_not_positive` when some would get nothing.

    """
    chosen = tuple(helpers)
    if not chosen:
        raise InputError(Code.MALFORMED, field="shares", reason="nobody is named")
    if total_minor < len(chosen):
        raise InputError(Code.AMOUNT_NOT_POSITIVE, field="amount")
    return equal_shares(total_minor, chosen)


def _group_account(node: Node, reader: Reader) -> int:
    if not reader.coordinator:
        raise RefusedError(Code.FORBIDDEN, field="account")
    account = node.machine.books.ledger.account_of_kind(AccountKind.GROUP)
    if account is None:
        raise InputError(Code.NOT_CONFIGURED, field="account")
    return account.account


async def _shown(node: Node, reader: Reader, found: list[Activity]) -> list[ShownActivity]:
    me = actor(reader).account
    accounts = node.machine.books.ledger.accounts
    texts = await texts_of(node, [one.text_seq for one in found]) if found else {}
    names = await names_of(node, {m for one in found for m in (one.account, *one.joined)})
    shown = []
    for one in found:
        subject = accounts[one.account].subject or GROUP_SUBJECT
        said_there = texts.get((one.text_seq, subject), [])
        text = next((t for t in said_there if isinstance(t, ActivityText)), ActivityText(title=""))
        shown.append(
            ShownActivity(
                activity=one.activity,
                by=party(node, one.account, names),
                title=text.title,
                text=text.text,
                place=text.place,
                starts_at_s=one.starts_at_s,
                ends_at_s=one.ends_at_s,
                joined=tuple(party(node, member, names) for member in one.joined),
                cancelled=one.cancelled,
                booked=one.booked,
                own=one.account == me,
                for_group=accounts[one.account].kind is AccountKind.GROUP,
                comes=me in one.joined,
            )
        )
    return shown
