"""Operations about groups without a node: which there are, a trade by mail, and giving one back.

How a trade stands is told with all other trades of its account (`trades`, `trade`), and it is taken
back like those (`decline`). The link by which the contact confirms stays a page: it is signed for
the contact, and no token stands for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.api import mailed_shapes as shapes
from federation.api.access import acting, reader_for
from federation.api.operation import BOOKERS, STAFF, Call, KeyUse, Operation
from federation.api.trade_shapes import Trade
from federation.api.trade_shown import shown_trade
from federation.members import partner_reversals, partners
from schemas.errors import Code

if TYPE_CHECKING:
    from federation.members.partners import OpenTrade, ShownPartner


async def mailed_groups(call: Call, _: None) -> shapes.MailedGroups:
    """Give the groups without a node with which members can trade by mail."""
    found = await partners.choices(call.node, reader_for(call))
    return shapes.MailedGroups(groups=tuple(map(_group, found)))


async def mailed_group(call: Call, _: None) -> shapes.MailedDetails:
    """Give one of them with its balance, what waits for its contact and what it confirmed."""
    return await _details(call)


async def mailed_ask(call: Call, asked: shapes.MailedAsked) -> Trade:
    """Ask the contact of such a group whether a trade is right; its units stand apart till then."""
    made = await partners.ask(
        call.node,
        acting(call),
        int(asked.partner),
        asked.amount_minor,
        gives=asked.gives,
        person=asked.person,
        description=asked.description,
        key=call.key,
    )
    return shown_trade(call, made)


async def mailed_reverse(call: Call, asked: shapes.MailedReversal) -> shapes.MailedDetails:
    """Give back a trade that the contact has confirmed, once; member and contact are told."""
    await partner_reversals.reverse(
        call.node,
        reader_for(call),
        int(call.places["partner"]),
        int(call.places["mailed"]),
        reason=asked.reason,
        key=call.key,
    )
    return await _details(call)


def _group(found: ShownPartner) -> shapes.MailedGroup:
    return shapes.MailedGroup(
        partner=str(found.account),
        code=found.code,
        name=found.name,
        paused=found.paused,
        reason=found.reason,
    )


async def _details(call: Call) -> shapes.MailedDetails:
    account, reader = int(call.places["partner"]), reader_for(call)
    found = await partners.details(call.node, reader, account)
    booked = await partner_reversals.booked_with(call.node, reader, account)
    return shapes.MailedDetails(
        partner=str(found.account),
        code=found.code,
        name=found.name,
        paused=found.paused,
        reason=found.reason,
        by_mail=found.by_mail,
        balance_minor=found.balance_minor,
        lower_minor=found.lower_minor,
        upper_minor=found.upper_minor,
        held_in_minor=found.held_in_minor,
        held_out_minor=found.held_out_minor,
        open=tuple(_open(call, one) for one in found.open),
        booked=tuple(
            shapes.MailedBooked(
                booking=str(one.seq),
                at_s=one.at_s,
                amount_minor=one.amount_minor,
                person=one.person,
                reversed=one.reversed,
                reversal=one.reversal,
            )
            for one in booked
        ),
    )


def _open(call: Call, one: OpenTrade) -> shapes.MailedOpen:
    return shapes.MailedOpen(
        trade=one.request,
        code=call.node.machine.books.ledger.accounts[one.member].code,
        gives=one.gives,
        amount_minor=one.amount_minor,
        person=one.person,
        at_s=one.at_s,
        expires_at_s=one.expires_at_s,
    )


_GROUP: Final = "/mailed-groups/{partner}"
_ASK_CODES: Final = (
    Code.NOT_FOUND,
    Code.ACCOUNT_UNKNOWN,
    Code.ACCOUNT_INACTIVE,
    Code.PARTNER_PAUSED,
    Code.PAYER_LIMIT,
    Code.PAYEE_LIMIT,
    Code.TEXT_MISSING,
)
OPERATIONS: Final = (
    Operation(
        "mailed_groups", "GET", "/mailed-groups", BOOKERS, mailed_groups, shapes.MailedGroups
    ),
    Operation(
        "mailed_group",
        "GET",
        _GROUP,
        STAFF,
        mailed_group,
        shapes.MailedDetails,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "mailed_ask",
        "POST",
        "/accounts/{code}/mailed-trades",
        BOOKERS,
        mailed_ask,
        Trade,
        shapes.MailedAsked,
        codes=_ASK_CODES,
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation(
        "mailed_reverse",
        "POST",
        _GROUP + "/trades/{mailed}/reversal",
        STAFF,
        mailed_reverse,
        shapes.MailedDetails,
        shapes.MailedReversal,
        codes=(*_ASK_CODES, Code.REVERSAL_UNKNOWN, Code.ALREADY_REVERSED),
        key=KeyUse.KEPT,
    ),
)
