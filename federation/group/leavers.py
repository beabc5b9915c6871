"""Who left so long ago that its data goes, where the group chose that: told first, erased later.

Pure. A notice is about one leaving: who comes back, or leaves anew, was told nothing. Nobody is
erased without a notice, nor within fourteen days of it, nor once the group chose otherwise. What
stands in its way (`federation.group.statuses.at_rest`) puts it off, and ends nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.group.members import member_refused

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from projections.books import Books

DAY_S: Final = 86_400
NOTICE_S: Final = 14 * DAY_S
"""So long before it is erased somebody is told, at least."""
LEFT_DAYS_MIN: Final = 180
"""Shorter, and who comes back after a winter is nobody any more."""
LEFT_DAYS_MAX: Final = 3_650


class Notice(NamedTuple):
    """Somebody was told that its data will be erased, about the time it left at `left_s`."""

    account: int
    left_s: int
    told_at_s: int

    @property
    def due_s(self) -> int:
        """When it may be erased."""
        return self.told_at_s + NOTICE_S


class Leaving(NamedTuple):
    """All that is known about it at one moment."""

    left: Mapping[int, int]
    """Account -> since when its member is gone."""
    told: Collection[Notice]
    days: int | None
    """After how many days the group erases who has left; none for never."""


def to_tell(known: Leaving, *, now_s: int) -> list[int]:
    """Name who left long enough ago and was not told of it."""
    told = {(one.account, one.left_s) for one in known.told}
    return sorted(
        account
        for account, left_s in known.left.items()
        if is_long_gone(left_s, known.days, now_s=now_s) and (account, left_s) not in told
    )


def to_erase(known: Leaving, *, now_s: int) -> list[int]:
    """Name who was told long enough ago, and of whom all that it was told is still so."""
    return sorted(
        one.account for one in known.told if now_s >= one.due_s and _is_so(known, one, now_s=now_s)
    )


def to_forget(known: Leaving, *, now_s: int) -> list[int]:
    """Name whose notice is over: it came back, or the group keeps its data longer now."""
    return sorted(one.account for one in known.told if not _is_so(known, one, now_s=now_s))


def is_long_gone(left_s: int, days: int | None, *, now_s: int) -> bool:
    """Tell whether somebody left so many days ago; nobody did where the group chose never."""
    return days is not None and now_s >= left_s + days * DAY_S


def who_left(books: Books) -> dict[int, int]:
    """Give the members who are gone, with since when.

    Not who was erased, or will be because it asked; nor an account for which another goes on: it is
    erased with that one.
    """
    asked = {one.account for one in books.members.erasures.values() if one.on}
    return {
        one.account: one.left_s
        for one in books.ledger.accounts.values()
        if one.left_s is not None
        and one.merged_into is None
        and one.account not in asked
        and member_refused(books, one.account) is None
    }


def _is_so(known: Leaving, notice: Notice, *, now_s: int) -> bool:
    same = known.left.get(notice.account) == notice.left_s
    return same and is_long_gone(notice.left_s, known.days, now_s=now_s)
