"""What a token may touch: the accounts that are its own, and nobody else's.

What belongs to somebody else is answered as if it were not there, so that nothing is learned by
guessing ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.api.tokens import TokenRole
from federation.members.reader import Reader
from federation.members.roles import may_act_for
from projections.ledger import code_key
from schemas.bodies import AccountKind
from schemas.errors import Code, RefusedError
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.api.operation import Call
    from projections.ledger import Account

ROLES: Final[Mapping[TokenRole, Role]] = {
    TokenRole.COORDINATOR: Role.COORDINATOR,
    TokenRole.TREASURER: Role.TREASURER,
    TokenRole.EDITOR: Role.EDITOR,
    TokenRole.AUDITOR: Role.AUDITOR,
}
"""Which role of the group the member of such a token must have."""


PAYABLE: Final = (AccountKind.MEMBER, AccountKind.GROUP)


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
        account=own,
        acting_for=acting_for,
        uninvited=frozenset(() if account is None or account in own_accounts(call) else (account,)),
        roles=frozenset() if role is None else frozenset({role}),
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


def seen_member(call: Call) -> Account:
    """Give the same of an account that trades: a member's, or the group's own.

    Raises:
        RefusedError: `not_found`.

    """
    found = seen_account(call)
    if found.kind not in PAYABLE:
        raise RefusedError(Code.NOT_FOUND, field="code")
    return found


def acting(call: Call) -> Reader:
    """Give the reader that acts for the account that the address names.

    Raises:
        RefusedError: `not_found`, as `seen_member`.

    """
    return reader_for(call, seen_member(call).account)


def require_member(call: Call, code: str | None) -> int | None:
    """Give the account of a member for whom somebody asks; its own when none is named.

    Raises:
        RefusedError: `not_found`, the same for one that is not there and one of somebody else.

    """
    if code is None:
        return call.token.account
    number = call.node.machine.books.ledger.codes.get(code_key(code))
    if number is None or number not in own_accounts(call):
        raise RefusedError(Code.NOT_FOUND, field="code")
    return number


def require_own(call: Call, code: str, *, field: str) -> int | None:
    """Check that somebody may book for an account; gives who enters it for its member.

    A coordinator may book for everybody, and is named in the booking.

    Raises:
        RefusedError: `forbidden`, whether there is such an account or not.

    """
    number, own = call.node.machine.books.ledger.codes.get(code_key(code)), call.token.account
    if number is not None and number == own:
        return None
    if call.token.role is TokenRole.MEMBER and number not in own_accounts(call):
        raise RefusedError(Code.FORBIDDEN, field=field)
    return own
