"""Who may do what for a group: one table of roles and rights, each role with the least it needs.

A coordinator may do everything that the group's own people may. Nobody reads the conversations of
others, nor what a booking between two of them was for: no right lets one. What a member does for
itself needs no right and stands with its rule. Pure.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from schemas.member_bodies import Role

if TYPE_CHECKING:
    from collections.abc import Collection


class Right(StrEnum):
    """Something that not every member may do."""

    LEAD = "lead"
    """Members, roles, limits, settings, reports, other groups; acting for a member, erasing one."""
    BOOK = "book"
    """Book between one account and many members, and give that back."""
    SEE_BOOKS = "see_books"
    """See every balance and every booking; not what bookings say of people."""
    TELL = "tell"
    """News, dates, documents, pages, the newsletter, the look, and the categories of posts."""
    MODERATE = "moderate"
    """Hide an offer or a want with a reason, and show it again; reads no report for it."""


RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.COORDINATOR: frozenset(Right),
    Role.TREASURER: frozenset({Right.BOOK, Right.SEE_BOOKS}),
    Role.EDITOR: frozenset({Right.TELL, Right.MODERATE}),
    Role.AUDITOR: frozenset({Right.SEE_BOOKS}),
}


def may(roles: Collection[Role], right: Right) -> bool:
    """Tell whether somebody with these roles has a right."""
    return any(right in RIGHTS[role] for role in roles)


class Looks(NamedTuple):
    """Who looks at the bookings of one account."""

    stands_for: bool
    """Of its household, or somebody whom they let act for them."""
    books: bool
    """By the right to book for the group."""
    sees_books: bool


BY_SERVER: Final = Looks(stands_for=False, books=True, sees_books=True)
"""Whoever runs the node: looks at books as a treasurer does, and at no member's texts."""


def reads_words(looks: Looks, *, of_group: bool, to_all: bool) -> bool:
    """Tell whether somebody reads what a booking on an account was for.

    The two between whom it is read it, and nobody else; amount, date and persons are another
    matter. For the group's own account (`of_group`) those stand who book for it. What one gave to
    many or many to one (`to_all`) is the group's: who is in it reads it, and who sees the books.
    """
    if to_all and looks.sees_books:
        return True
    return looks.stands_for or (of_group and looks.books)


def holders(right: Right) -> frozenset[Role]:
    """Name the roles that have a right."""
    return frozenset(role for role, rights in RIGHTS.items() if right in rights)
