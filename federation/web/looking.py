"""Which visits of pages are looks: by a right that not every member has, or in another's name.

The one place where the pages write the register `federation.node.looked`. Pure but for the codes of
accounts, which the books know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.rights import Right
from federation.node.looked import EVERYBODY, Look, What, by_right, in_the_name_of
from projections.ledger import code_key

if TYPE_CHECKING:
    from federation.web.routes import Page
    from federation.web.visit import Visit

OF_OTHERS: Final = frozenset({"edit", "renew", "end", "hide", "unhide"})
"""What is done to somebody else's offer or want by a right that not every member has."""
_LOOKING: Final = (Right.SEE_BOOKS, Right.LEAD, Right.MODERATE)
OF_ALL: Final = frozenset({"/group/retention"})
"""What is changed about everybody at once."""
LISTS: Final = frozenset(
    {
        *("/group/balances", "/group/balances/csv", "/group/far"),
        *("/group/export.zip", "/group/export/{table}.csv"),
        *("/group/members", "/group/members/csv", "/group/member-file/template"),
        "/group/partners/{account}",
    }
)


def look_of(visit: Visit, page: Page) -> Look | None:
    """Say what this visit is to somebody else than the visitor; nothing for most."""
    person = visit.person
    if person is None:
        return None
    if person.acting_for is not None:
        return in_the_name_of(person.account, person.acting_for, changes=page.method != "GET")
    if page.method != "GET" and page.path in OF_ALL:
        return Look(person.account, EVERYBODY, What.CHANGED)
    if page.path in LISTS:
        return Look(person.account, EVERYBODY, What.LISTED)
    about = _account_in(visit, page)
    more = any(person.reader.may(right) for right in _LOOKING)
    if about is None or not more:
        return None
    bookings = "/bookings" in page.path
    return by_right(person.account, about, changes=page.method != "GET", bookings=bookings)


def _account_in(visit: Visit, page: Page) -> int | None:
    """Give the member whom an address names, or whose post it is that is being changed."""
    books, places = visit.node.machine.books, visit.request.match_info
    code, post = places.get("code"), places.get("post", "")
    if code is not None:
        return books.ledger.codes.get(code_key(code))
    if not post.isdigit() or page.method == "GET" or page.path.split("/")[-1] not in OF_OTHERS:
        return None
    found = books.members.posts.get(int(post))
    return None if found is None else found.account
