"""From agreed to booked: what two members have agreed on in a thread becomes a booking, once.

The payer books, or consents to what the other has asked for; the payee asks. The id of it is made
of the thread and the proposal, so pressing twice, or in two tabs, books once, and the other side's
node knows by the id which proposal was booked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.group.agreeing import AskPayment
from federation.group.commands import Transfer
from federation.line.conversion import Quote
from federation.members import trades
from federation.members.acting import account_of, actor, said
from federation.members.thread_messages import trade_standing
from federation.members.thread_views import load
from federation.node import payment_use_cases as payments
from projections import tables, tables_agreeing
from projections.agreeing import FAILED_REQUESTS
from projections.lines import FAILED
from projections.threads import (
    ATTEMPTS_MAX,
    ThreadState,
    booking_id,
    booking_ids,
    other_booking_ids,
)
from schemas.core_parts import Fixed
from schemas.errors import Code, InputError, RefusedError
from schemas.openings import DESCRIPTION_LENGTH_MAX
from schemas.proposals import PricedBy

if TYPE_CHECKING:
    from federation.members.acting import Actor
    from federation.members.reader import Reader
    from federation.members.thread_views import Loaded, ShownProposal
    from federation.node.service import Node


async def book(
    node: Node,
    reader: Reader,
    thread: str,
    *,
    description: str = "",
    expected_minor: int | None = None,
    proposal: str = "",
    wait_s: float = 10,
) -> str:
    """Book what was agreed, or as its payee ask for it; gives the id of the trade.

    The payer need not have said yes before: booking the other's proposal says so.
    `expected_minor` is what the payer has seen that it gives, `proposal` the id of what it has
    seen; empty: whatever stands there.

    Raises:
        InputError: `not_found`, `malformed`, `too_large`, `line_not_open`.
        RefusedError: `proposal_changed`, `not_agreed`, `quote_changed`, `booked_already` when
            what was in the way has failed by now, the refusals of a booking or a request.

    """
    who = actor(reader)
    loaded = await load(node, who, thread)
    shown, standing = loaded.shown, loaded.shown.standing
    agreed = shown.state in (ThreadState.AGREED, ThreadState.BOOKED)
    consents = shown.state is ThreadState.PROPOSED and shown.own_turn
    if proposal and (standing is None or standing.id != proposal):
        raise RefusedError(Code.PROPOSAL_CHANGED, field="thread")
    if standing is None or not (agreed or (consents and standing.gives)):
        raise RefusedError(Code.NOT_AGREED, field="thread")
    description = said(description, field="description", length_max=DESCRIPTION_LENGTH_MAX)
    if shown.trade:
        return await _go_on(node, reader, loaded, standing, expected_minor, wait_s)
    name = await _id_to_book(node, thread, standing)
    try:
        if shown.line:
            await _across(node, who, loaded, standing, name, description, expected_minor, wait_s)
        else:
            await _inside(node, who, loaded, standing, name, description, expected_minor)
    except RefusedError as error:
        if error.code is not Code.BOOKED_ALREADY:
            raise
        # the payer has consented in another window: what came of that is the trade
        meanwhile = await trade_standing(node, booking_ids(thread, standing.id))
        if not meanwhile:
            raise
        return meanwhile
    return name


async def _go_on(
    node: Node,
    reader: Reader,
    loaded: Loaded,
    standing: ShownProposal,
    expected_minor: int | None,
    wait_s: float,
) -> str:
    """Consent to what the payee asked for meanwhile; what is booked already stays as it is."""
    name = loaded.shown.trade
    found = await trades.trade(node, reader, name)
    if standing.gives and trades.Action.CONSENT in found.actions:
        await trades.consent(node, reader, name, expected_minor=expected_minor, wait_s=wait_s)
    return name


async def _id_to_book(node: Node, thread: str, standing: ShownProposal) -> str:
    """Give the first id of the proposal under which nothing has failed yet.

    One under which something goes on is the right one: a second window asks for the same again.
    """
    asked = not standing.gives
    names = [booking_id(thread, standing.id, at, asked=asked) for at in range(ATTEMPTS_MAX)]
    async with node.pool.acquire() as connection:
        transfers = await tables.read_transfers(connection, names)
        requests = await tables_agreeing.read_requests(connection, names)
    burned = {transfer.path for transfer in transfers if transfer.phase in FAILED}
    burned |= {request.request for request in requests if request.phase in FAILED_REQUESTS}
    free = [name for name in names if name not in burned]
    if not free:
        raise RefusedError(Code.NOT_AGREED, field="thread")
    return free[0]


async def _inside(
    node: Node,
    who: Actor,
    loaded: Loaded,
    standing: ShownProposal,
    name: str,
    description: str,
    expected_minor: int | None,
) -> None:
    other, amount = loaded.shown.other.account, standing.amount_minor
    assert other is not None
    if not standing.gives:
        await node.do(AskPayment(name, other, who.account, amount, description, who.entered_by))
        return
    if expected_minor not in (None, amount):
        raise RefusedError(Code.QUOTE_CHANGED, field="amount", possible_minor=amount)
    try:
        others = other_booking_ids(loaded.shown.thread, standing.id, name)
        await node.do(
            Transfer(name, who.account, other, amount, description, who.entered_by, others)
        )
    except RefusedError as error:
        if error.code is not Code.CONFLICT:  # booked before, in other words
            raise


async def _across(
    node: Node,
    who: Actor,
    loaded: Loaded,
    standing: ShownProposal,
    name: str,
    description: str,
    expected_minor: int | None,
    wait_s: float,
) -> None:
    other = loaded.shown.other
    own = account_of(node, who.account).code
    payment = payments.Payment(
        payer=own if standing.gives else "",
        group=other.node,
        payee="" if standing.gives else own,
        fixed=Fixed(standing.fixed.value),
        amount=standing.amount_minor,
        description=description,
        path=name,
        expected_minor=expected_minor,
        pseudonym=other.pseudonym,
        entered_by=who.entered_by,
        other_ids=other_booking_ids(loaded.shown.thread, standing.id, name),
    )
    if standing.gives:
        await payments.pay_across(node, payment, wait_s=wait_s)
    else:
        await payments.request_payment(node, payment)


def numbers(node: Node, standing: ShownProposal, group: str) -> Quote:
    """Give what a proposal across groups comes to on both sides by the terms of today.

    Raises:
        InputError, RefusedError: as `payments.quote_payment`.

    """
    fixed = Fixed(standing.fixed.value)
    payment = payments.Payment("", group, "", fixed, standing.amount_minor)
    return payments.quote_payment(node, payment, we_pay=standing.gives)


def both_sides(node: Node, proposal: ShownProposal, group: str) -> tuple[int | None, int | None]:
    """Give (own, other's) minor units of a proposal, by the terms of today; what is not known, not.

    Inside the group both are the same.
    """
    if not group:
        return proposal.amount_minor, proposal.amount_minor
    try:
        found = numbers(node, proposal, group)
    except (InputError, RefusedError):
        own = (proposal.fixed is PricedBy.PAYER) is proposal.gives
        return (proposal.amount_minor, None) if own else (None, proposal.amount_minor)
    if proposal.gives:
        return found.payer_minor, found.payee_minor
    return found.payee_minor, found.payer_minor
