"""Operations about this group: its accounts, bookings inside it, statements, its books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.api import shapes
from federation.api.access import (
    PAYABLE,
    own_accounts,
    own_code,
    require_own,
    seen_account,
    seen_member,
)
from federation.api.operation import ANYBODY, BOOKERS, BOOKS, SEERS, STAFF, Call, KeyUse, Operation
from federation.api.tokens import TokenRole
from federation.group.limit_reasons import explain
from federation.node import statements, use_cases
from federation.node.service import now_s
from projections.room import limits, room_to_give, room_to_take
from schemas.errors import Code, RefusedError
from schemas.ids import SAFE_INTEGER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.group.limit_reasons import Bound
    from federation.node.service import Node
    from projections.ledger import Account


async def group(call: Call, _: None) -> shapes.Group:
    """Tell who this group is, and what its unit is worth."""
    settings = call.node.machine.books.ledger.settings
    if settings is None:
        raise RefusedError(Code.NOT_CONFIGURED)
    unit = settings.unit
    return shapes.Group(
        group=call.node.id,
        name=call.node.settings.name,
        singular=unit.singular,
        plural=unit.plural,
        per_hour=unit.rate.per_hour,
        decimals=unit.rate.decimals,
    )


async def me(call: Call, _: None) -> shapes.Me:
    """Tell for whom the token speaks."""
    accounts, token = call.node.machine.books.ledger.accounts, call.token
    return shapes.Me(
        role=token.role,
        token=token.token,
        token_name=token.name,
        expires_at_s=token.expires_at_s,
        account=own_code(call),
        acts_for=tuple(accounts[number].code for number in own_accounts(call)),
    )


async def account_list(call: Call, asked: shapes.AccountsAsked) -> shapes.Accounts:
    """Give the group's accounts in the order in which they were opened."""
    accounts = call.node.machine.books.ledger.accounts
    after = int(asked.after)
    fitting = [
        account
        for account in accounts.values()
        if account.account > after and asked.kind in (None, account.kind)
    ]
    page = sorted(fitting, key=lambda account: account.account)[: asked.limit]
    more = len(fitting) > len(page)
    return shapes.Accounts(
        accounts=await _shown(call, page),
        next=str(page[-1].account) if more else None,
    )


async def account(call: Call, _: None) -> shapes.Account:
    """Give an account: its balance, and how much it may still give and take."""
    return (await _shown(call, [seen_account(call)]))[0]


async def member_add(call: Call, asked: shapes.MemberAdded) -> shapes.Account:
    """Take in a new member."""
    await use_cases.add_member(
        call.node,
        code=asked.code,
        name=asked.name,
        key=call.key,
        lower_minor=asked.lower_minor,
        upper_minor=asked.upper_minor,
    )
    found = use_cases.account_by_code(call.node, asked.code)
    return (await _shown(call, [found]))[0]


async def limits_why(call: Call, _: None) -> shapes.Limits:
    """Say how far an account may go, and where each limit comes from."""
    found = explain(call.node.machine.books.ledger, seen_member(call), now_s=now_s())
    return shapes.Limits(
        lower=_bound(found.lower),
        upper=_bound(found.upper),
        newcomer_until_s=found.newcomer_until_s,
        given_minor=found.given_minor,
        growth_percent=found.growth_percent,
        growth_most_minor=found.growth_most_minor,
        grown_minor=found.grown_minor,
    )


def _bound(said: Bound) -> shapes.Bound:
    return shapes.Bound(**{**said._asdict(), "room_minor": _told(said.room_minor)})


async def limits_set(call: Call, asked: shapes.LimitsSet) -> shapes.Account:
    """Give an account limits of its own."""
    changed = await use_cases.set_limits(
        call.node,
        seen_member(call).code,
        lower_minor=asked.lower_minor,
        upper_minor=asked.upper_minor,
    )
    return (await _shown(call, [changed]))[0]


async def status_set(call: Call, asked: shapes.StatusSet) -> shapes.Account:
    """Make an account active, leaving or inactive."""
    changed = await use_cases.set_status(call.node, seen_member(call).code, asked.status)
    return (await _shown(call, [changed]))[0]


async def transfer(call: Call, asked: shapes.TransferAsked) -> shapes.TransferBooked:
    """Book a transfer between two accounts of this group."""
    entered_by = require_own(call, asked.payer, field="payer")
    answer = await use_cases.pay_inside(
        call.node,
        payer=asked.payer,
        payee=asked.payee,
        amount_minor=asked.amount_minor,
        description=asked.description,
        key=call.key,
        entered_by=entered_by,
    )
    return shapes.TransferBooked(
        booking=str(answer.seq),
        payer=asked.payer,
        payee=asked.payee,
        amount_minor=asked.amount_minor,
    )


async def _shown(call: Call, accounts: list[Account]) -> tuple[shapes.Account, ...]:
    """Give accounts as whoever asks may see them."""
    names: Mapping[int, str] = {}
    if call.token.role is not TokenRole.AUDITOR:
        names = await statements.names(call.node, accounts)
    return tuple(_account(call.node, one, names.get(one.account)) for one in accounts)


def _account(node: Node, shown: Account, name: str | None) -> shapes.Account:
    ledger = node.machine.books.ledger
    now = now_s()
    lower, upper = limits(ledger, shown, now_s=now)
    payable = shown.kind in PAYABLE
    return shapes.Account(
        code=shown.code,
        kind=shown.kind,
        status=shown.status,
        balance_minor=ledger.balance(shown.account),
        held_minor=ledger.held_lower.get(shown.account) or 0,
        lower_minor=lower,
        upper_minor=upper,
        may_give_minor=_told(room_to_give(ledger, shown, now_s=now)) if payable else None,
        may_take_minor=_told(room_to_take(ledger, shown, now_s=now)) if payable else None,
        name=name,
    )


def _told(room_minor: int | None) -> int | None:
    """Give how much there is room for, at most what one transfer can say."""
    return None if room_minor is None else min(room_minor, SAFE_INTEGER)


TRANSFER_CODES: Final = (
    Code.ACCOUNT_UNKNOWN,
    Code.ACCOUNT_INACTIVE,
    Code.ACCOUNT_SAME,
    Code.AMOUNT_TOO_LARGE,
    Code.PAYER_LIMIT,
    Code.PAYEE_LIMIT,
)
OPERATIONS: Final = (
    Operation("group", "GET", "/group", ANYBODY, group, shapes.Group, codes=(Code.NOT_CONFIGURED,)),
    Operation("me", "GET", "/me", ANYBODY, me, shapes.Me),
    Operation(
        "accounts", "GET", "/accounts", BOOKS, account_list, shapes.Accounts, shapes.AccountsAsked
    ),
    Operation(
        "account",
        "GET",
        "/accounts/{code}",
        SEERS,
        account,
        shapes.Account,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "transfer",
        "POST",
        "/transfers",
        BOOKERS,
        transfer,
        shapes.TransferBooked,
        shapes.TransferAsked,
        codes=TRANSFER_CODES,
        key=KeyUse.COMMAND,
        status=201,
    ),
    Operation(
        "member_add",
        "POST",
        "/members",
        STAFF,
        member_add,
        shapes.Account,
        shapes.MemberAdded,
        codes=(Code.CODE_TAKEN,),
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation(
        "limits",
        "GET",
        "/accounts/{code}/limits",
        BOOKERS,
        limits_why,
        shapes.Limits,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "limits_set",
        "PUT",
        "/accounts/{code}/limits",
        STAFF,
        limits_set,
        shapes.Account,
        shapes.LimitsSet,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "status_set",
        "PUT",
        "/accounts/{code}/status",
        STAFF,
        status_set,
        shapes.Account,
        shapes.StatusSet,
        codes=(Code.NOT_FOUND, Code.ACCOUNT_HELD, Code.LAST_COORDINATOR),
    ),
)
