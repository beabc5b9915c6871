"""Giving without a thread, and asking for what was given: to a member of the group or of another.

What is booked are exactly the numbers that the reader has seen, or nothing is: then they have
changed meanwhile (`quote_changed`). A key is used once; the same again gives the same trade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.group.commands import Transfer
from federation.members import threads, trades
from federation.members.acting import account_of, actor, derived_key, said
from federation.members.threads import recipient_of
from federation.members.trade_loading import load_trade
from federation.node import payment_use_cases as payments
from schemas.core_parts import Fixed
from schemas.errors import Code, InputError, RefusedError
from schemas.openings import DESCRIPTION_LENGTH_MAX, NOTE_LENGTH_MAX
from schemas.proposals import PricedBy

if TYPE_CHECKING:
    from federation.members.acting import Actor
    from federation.members.people import Party
    from federation.members.reader import Reader
    from federation.members.trades import ShownQuote
    from federation.node.service import Node


class Seen(NamedTuple):
    """The numbers that the reader has seen and agrees to, each in its side's minor units."""

    own_minor: int
    other_minor: int


class Done(NamedTuple):
    """The id of a trade, and whether it stood there before this was sent."""

    trade: str
    before: bool = False


def quoted(node: Node, reader: Reader, other: Party, own_minor: int, *, gives: bool) -> ShownQuote:
    """Say what would be booked for so much of the reader's own unit.

    Raises:
        InputError, RefusedError: as `trades.quote`.

    """
    fixed = PricedBy.PAYER if gives else PricedBy.PAYEE
    form = trades.QuoteForm(own_minor, gives, other.account, other.node, fixed)
    return trades.quote(node, reader, form)


async def give(
    node: Node,
    reader: Reader,
    other: Party,
    seen: Seen,
    *,
    key: str,
    description: str = "",
    wait_s: float = 10,
) -> Done:
    """Give units to another member: "Ik kreeg hulp".

    Raises:
        InputError: `line_not_open`, `peer_unknown`, `malformed`, `too_large`.
        RefusedError: `quote_changed`, `conflict`, `member_blocked`, the refusals of a booking.

    """
    who = actor(reader)
    text = said(description, field="description", length_max=DESCRIPTION_LENGTH_MAX)
    if await _done_before(node, who, other, seen, key, gives=True):
        return Done(key, before=True)
    _require_same(quoted(node, reader, other, seen.own_minor, gives=True), seen)
    if other.account is not None:
        command = Transfer(key, who.account, other.account, seen.own_minor, text, who.entered_by)
        await node.do(command)
        return Done(key)
    payment = payments.Payment(
        payer=account_of(node, who.account).code,
        group=other.node,
        payee="",
        fixed=Fixed.PAYER,
        amount=seen.own_minor,
        description=text,
        path=key,
        expected_minor=seen.own_minor,
        pseudonym=other.pseudonym,
        entered_by=who.entered_by,
    )
    await payments.pay_across(node, payment, wait_s=wait_s)
    return Done(key)


async def ask(
    node: Node, reader: Reader, other: Party, seen: Seen, *, key: str, description: str = ""
) -> Done:
    """Ask another member for units, who consents or not: "Ik gaf hulp".

    Raises:
        InputError: `line_not_open`, `peer_unknown`, `malformed`, `too_large`.
        RefusedError: `quote_changed`, `conflict`, `member_blocked`, the refusals of a request.

    """
    who = actor(reader)
    text = said(description, field="description", length_max=DESCRIPTION_LENGTH_MAX)
    if await _done_before(node, who, other, seen, key, gives=False):
        return Done(key, before=True)
    _require_same(quoted(node, reader, other, seen.own_minor, gives=False), seen)
    if other.account is not None:
        await trades.ask(node, reader, other.account, seen.own_minor, key=key, description=text)
        return Done(key)
    asked = payments.Payment(
        payer="",
        group=other.node,
        payee=account_of(node, who.account).code,
        fixed=Fixed.PAYEE,
        amount=seen.own_minor,
        description=text,
        path=key,
        pseudonym=other.pseudonym,
        entered_by=who.entered_by,
    )
    await payments.request_payment(node, asked)
    return Done(key)


async def _done_before(
    node: Node, who: Actor, other: Party, seen: Seen, key: str, *, gives: bool
) -> bool:
    """Tell whether exactly this was done under this key; what else was done under it conflicts."""
    try:
        found = await load_trade(node, who.account, key)
    except InputError:
        return False
    numbers = (found.own_minor, found.other_minor)
    same = (found.gives, found.other.account, found.other.node) == (
        gives,
        other.account,
        other.node,
    )
    person = found.other.pseudonym in ("", other.pseudonym)
    if not (same and person and numbers == tuple(seen)):
        raise RefusedError(Code.CONFLICT, field="key")
    return True


def _require_same(now: ShownQuote, seen: Seen) -> None:
    if (now.own_minor, now.other_minor) != tuple(seen):
        raise RefusedError(Code.QUOTE_CHANGED, field="amount", possible_minor=now.own_minor)


async def decline(node: Node, reader: Reader, name: str, *, reason: str = "") -> bool:
    """Refuse what is asked, or take an own question back, and write the other why.

    The refusal counts in any case; gives false when the reason could not be written to the other.

    Raises:
        InputError: `not_found`, `malformed`, `too_large`.
        RefusedError: `already_decided`.

    """
    who = actor(reader)
    text = said(reason, field="reason", length_max=NOTE_LENGTH_MAX)
    found = await trades.decline(node, reader, name)
    if not text:
        return True
    try:
        key = derived_key("declined", name, who.account)
        await threads.start(node, reader, recipient_of(found.other), key=key, text=text)
    except (InputError, RefusedError):
        return False
    return True
