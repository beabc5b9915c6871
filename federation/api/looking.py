"""Which requests of programs are looks: by a token with a right, or in another member's name.

The one place where the API writes the register `federation.node.looked`, as for pages
`federation.web.looking`. Pure but for the codes of accounts, which the books know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.api.access import own_accounts
from federation.api.tokens import TokenRole
from federation.node.looked import (
    EVERYBODY,
    OPERATOR,
    Look,
    What,
    by_right,
    in_the_name_of,
)
from projections.ledger import code_key
from schemas.bodies import AccountKind

if TYPE_CHECKING:
    from federation.api.operation import Call, Operation

LISTS: Final = frozenset({"accounts", "members", "books", "reports", "mailed_group"})
"""What tells of many members at once what is not for every member."""
OF_NEW: Final = frozenset({"member_add"})
"""About somebody who has not been there before."""
BOOKINGS: Final = frozenset({"statement", "months", "bookings", "trades", "quote"})
"""Parts of addresses under which the bookings of an account are told."""
DOERS: Final[dict[str, str]] = {"request": "payee"}
"""Which field names the member for whom something is asked, where that is not the usual one."""
USUAL: Final = ("payer", "code")


def look_of(call: Call, operation: Operation, asked: Any) -> Look | None:
    """Say what a request is to somebody else than the member of the token; nothing for most."""
    by = OPERATOR if call.token.account is None else call.token.account
    changes = operation.method != "GET"
    about, named = _account_in(call, operation, asked)
    if call.token.role is TokenRole.MEMBER:
        helped = about is not None and about in own_accounts(call)
        return in_the_name_of(by, about, changes=changes) if helped and about else None
    if operation.name in LISTS:
        return Look(by, EVERYBODY, What.LISTED)
    if about is None:
        return None
    if named:
        return None if by == about else Look(by, about, What.ACTED)
    bookings = not BOOKINGS.isdisjoint(operation.path.split("/"))
    return by_right(by, about, changes=changes, bookings=bookings)


def _account_in(call: Call, operation: Operation, asked: Any) -> tuple[int | None, bool]:
    """Give the member whom a request is about; true where the content names whose doing it is."""
    ledger, members = call.node.machine.books.ledger, call.node.machine.books.members
    if operation.name in OF_NEW:
        return None, False
    if operation.method != "GET" and "post" in call.places:
        post = members.posts.get(int(call.places["post"]))
        return (None if post is None else post.account), False
    code, named = call.places.get("code", ""), False
    if not code:
        fields = (DOERS.get(operation.name, ""), *USUAL)
        code = next((said for name in fields if name and (said := getattr(asked, name, ""))), "")
        named = True
    number = ledger.codes.get(code_key(code)) if code else None
    if number is None or ledger.accounts[number].kind is not AccountKind.MEMBER:
        return None, False
    return number, named
