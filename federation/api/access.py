"""What a token may touch: the accounts and trades that are its own, and nobody else's.

What belongs to somebody else is answered as if it were not there, so that nothing is learned by
guessing ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.api.queries import SQL
from federation.api.tokens import TokenRole
from federation.group.commands import GROUP_SUBJECT
from federation.members.reader import Reader
from federation.members.roles import may_act_for
from federation.node.patience import connection_in_time
from federation.node.statements import shown_transfers
from projections.ledger import code_key
from projections.lines import Phase
from schemas.bodies import AccountKind
from schemas.encoding import b64, unb64
from schemas.errors import Code, RefusedError
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from federation.api.operation import Call
    from federation.node.service import Node
    from projections.ledger import Account
    from projections.lines import Transfer
    from projections.trade_state import TradeState

ROLES: Final[Mapping[TokenRole, Role]] = {
    TokenRole.COORDINATOR: Role.COORDINATOR,
    TokenRole.AUDITOR: Role.AUDITOR,
}
"""Which role of the group the member of such a token must have."""


def own_accounts(call: Call) -> tuple[int, ...]:
    """Give the accounts that a member's token acts for, its own first."""
    own = call.token.account
    return () if own is None else (own, *may_act_for(call.node, own))


def reader_for(call: Call, account: int | None = None) -> Reader:
    """Give the reader that stands for a token, acting for an account when that is not its own.

    A member's token has no role, whatever its member has: that takes a token of its own.
    """
    own, role = call.token.account, ROLES.get(call.token.role)
    acting_for = account if account != own else None
    return Reader(
        account=own, acting_for=acting_for, roles=frozenset() if role is None else frozenset({role})
    )


def own_code(call: Call) -> str | None:
    """Give the code of the token's own account."""
    account = call.node.machine.books.ledger.accounts.get(call.token.account or 0)
    return None if account is None else account.code


def seen_account(call: Call) -> Account:
    """Give the account that the address names, for those who may see it.

    Raises:
        RefusedError: `not_found`, the same for one that is not there and one of somebody else.

    """
    ledger = call.node.machine.books.ledger
    number = ledger.codes.get(code_key(call.places["code"]))
    theirs = call.token.role is TokenRole.MEMBER and number not in own_accounts(call)
    if number is None or theirs:
        raise RefusedError(Code.NOT_FOUND, field="code")
    return ledger.accounts[number]


def require_own(call: Call, code: str, *, field: str) -> int | None:
    """Check that somebody may book for an account; gives who enters it for its member.

    A coordinator may book for everybody, and is named in the booking.

    Raises:
        RefusedError: `forbidden`, whether there is such an account or not.

    """
    number = call.node.machine.books.ledger.codes.get(code_key(code))
    if call.token.role is TokenRole.COORDINATOR:
        return call.token.account if call.token.account != number else None
    if number is None or number not in own_accounts(call):
        raise RefusedError(Code.FORBIDDEN, field=field)
    return call.token.account if call.token.account != number else None


async def seen_trade(call: Call) -> tuple[Transfer, TradeState]:
    """Give the trade that the address names, for those who may see it.

    Raises:
        RefusedError: `not_found`.

    """
    for transfer, state in await shown_transfers(call.node, call.places["path"]):
        if call.token.role is not TokenRole.MEMBER:
            return transfer, state
        for number in own_accounts(call):
            if transfer.account == number or await is_asked(call.node, number, transfer):
                return transfer, state
    raise RefusedError(Code.NOT_FOUND, field="path")


async def is_asked(node: Node, number: int, transfer: Transfer) -> bool:
    """Tell whether a request of another group is addressed to an account."""
    return bool(await asked_of(node, number, [transfer]))


async def asked_of(node: Node, number: int, transfers: Sequence[Transfer]) -> list[Transfer]:
    """Give those of some requests of other groups that are addressed to an account."""
    account = node.machine.books.ledger.accounts[number]
    subject = GROUP_SUBJECT if account.kind is AccountKind.GROUP else account.subject
    requests = [t for t in transfers if t.direction == "out" and t.request]
    if subject is None or not requests:
        return []
    ids = [unb64(transfer.request) for transfer in requests]
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["asked_of"], unb64(subject), ids)
    found = {(row["line"], b64(row["id"])) for row in rows}
    return [t for t in requests if (t.line, t.request) in found]


async def waiting_for(node: Node, number: int) -> list[Transfer]:
    """Give the requests of other groups that wait for the consent of an account."""
    transfers = node.machine.books.transfers.values()
    waiting = [t for t in transfers if (t.phase, t.direction) == (Phase.REQUESTED, "out")]
    return await asked_of(node, number, waiting)
