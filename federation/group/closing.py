"""What stands between a group and its end: members not at zero, lines that are open. Pure.

The order is fixed: members come to zero first, and may trade with partners for that; then lines are
brought to zero, which the group account bears, and closed; then nothing is left but to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.line.closing import clear, pending
from schemas.bodies import AccountKind, AccountStatus

if TYPE_CHECKING:
    from collections.abc import Collection

    from projections.books import Books

_ENDED = frozenset({AccountStatus.LEAVING, AccountStatus.INACTIVE})


class MemberLeft(NamedTuple):
    """A member whose account is still open."""

    account: int
    code: str
    balance_minor: int
    leaving: bool


class LineLeft(NamedTuple):
    """A line that is still open; a positive balance is what we owe."""

    line: str
    peer: str
    balance_units: int
    pending: int
    clear: bool


class Plan(NamedTuple):
    """What is left to do before a group can end."""

    members: tuple[MemberLeft, ...]
    lines: tuple[LineLeft, ...]

    @property
    def done(self) -> bool:
        """Tell whether nothing is left to do."""
        return not (self.members or self.lines)

    @property
    def to_leave(self) -> tuple[MemberLeft, ...]:
        """Name the members who have not been told that they leave."""
        return tuple(member for member in self.members if not member.leaving)

    def in_the_way(self, keep: Collection[int] = ()) -> tuple[MemberLeft, ...]:
        """Name the members for whom lines stay open: all but those who are kept, at zero."""
        return tuple(one for one in self.members if one.balance_minor or one.account not in keep)


def plan(books: Books) -> Plan:
    """Say what is left, members by their code and lines by their id."""
    ledger = books.ledger
    members = [
        MemberLeft(
            account.account,
            account.code,
            ledger.balance(account.account),
            account.status in _ENDED,
        )
        for account in ledger.accounts.values()
        if account.kind is AccountKind.MEMBER
        and (account.status is not AccountStatus.INACTIVE or ledger.balance(account.account))
    ]
    lines = [
        LineLeft(line.line, line.peer, line.balance_units, pending(books, line), clear(books, line))
        for line in books.lines.values()
        if line.terms is not None and not line.own_closed
    ]
    members.sort(key=lambda member: member.code)
    lines.sort(key=lambda line: line.line)
    return Plan(tuple(members), tuple(lines))
