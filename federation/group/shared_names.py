"""Who is found by name from other groups: the group lets it, and the member itself said yes. Pure.

Invariant: without either of the two nobody is, and of who is away, leaving, no member or erased the
name is told to no other group, whatever was said before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.bodies import AccountKind, AccountStatus

if TYPE_CHECKING:
    from projections.books import Books


def found_elsewhere(books: Books, account: int, *, now_s: int) -> bool:
    """Tell whether members of other groups may find a member by name now."""
    members = books.members
    if not members.names_shared or not members.shares_name(account) or members.is_erased(account):
        return False
    found = books.ledger.accounts.get(account)
    if found is None or found.kind is not AccountKind.MEMBER:
        return False
    return found.status is AccountStatus.ACTIVE and not _away(books, account, now_s)


def all_found_elsewhere(books: Books, *, now_s: int) -> list[int]:
    """Give the accounts of all whom members of other groups may find by name now, in order."""
    if not books.members.names_shared:
        return []
    said_yes = (shares.account for shares in books.members.sharing.values())
    return sorted(one for one in said_yes if found_elsewhere(books, one, now_s=now_s))


def names_go_to(books: Books, peer: str) -> bool:
    """Tell whether a group is told names: units can pass now, or nobody could use them."""
    return any(line.peer == peer and line.open() for line in books.lines.values())


def _away(books: Books, account: int, now_s: int) -> bool:
    away = books.members.away.get(account)
    return away is not None and away.on and (away.until_s is None or now_s < away.until_s)
