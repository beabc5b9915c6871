"""Who takes part in a collective booking, and for how much: fixed, or in proportion. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from federation.group.collective import Shares, spread
from projections.room import is_newcomer
from schemas.bodies import AccountKind, AccountStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from projections.books import Books


class Whom(StrEnum):
    """Who takes part, when nobody is named."""

    ALL = "all"
    """Every member who books: newcomers and leavers too."""
    SETTLED = "settled"
    """Members, without newcomers and leavers."""
    NEWCOMERS = "newcomers"
    LEAVERS = "leavers"


class Basis(StrEnum):
    """How much each gets or gives."""

    EACH = "each"
    """The amount, each."""
    EQUAL = "equal"
    """The amount together, in equal parts."""
    BALANCE = "balance"
    """The amount together, in proportion to how far each stands above zero."""
    GIVEN = "given"
    """The amount together, in proportion to the help that each gave so far."""


def chosen(books: Books, whom: Whom, *, one: int, now_s: int) -> tuple[int, ...]:
    """Give the members who take part, by number; the one is never among them."""
    found = []
    for account in books.ledger.accounts.values():
        if account.kind is not AccountKind.MEMBER or not account.status.books():
            continue
        leaves = account.status is AccountStatus.LEAVING
        new = is_newcomer(books.ledger, account, now_s=now_s)
        fits = {
            Whom.ALL: True,
            Whom.SETTLED: not leaves and not new,
            Whom.NEWCOMERS: new,
            Whom.LEAVERS: leaves,
        }[whom]
        if fits and account.account != one:
            found.append(account.account)
    return tuple(sorted(found))


def asked(books: Books, basis: Basis, amount_minor: int, members: Sequence[int]) -> Shares:
    """Say what each is asked for; who comes to nothing is left out.

    A total is spread to the last unit; nobody is off from its exact part by a whole one.
    """
    if basis is Basis.EACH:
        return tuple((member, amount_minor) for member in members)
    ledger = books.ledger
    weights = {
        Basis.EQUAL: dict.fromkeys(members, 1),
        Basis.BALANCE: {member: max(0, ledger.balance(member)) for member in members},
        Basis.GIVEN: {member: ledger.given.get(member) or 0 for member in members},
    }[basis]
    return tuple(share for share in spread(amount_minor, weights) if share[1])
