"""Rules about categories of offers and wants: two levels, kept in order by the group. Pure.

A category that ends leaves nothing behind: what it holds goes on in another that is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.commands import GROUP_SUBJECT
from federation.group.member_commands import (
    CategoryCommand,
    ChangeCategory,
    EndCategory,
    OrderCategories,
    PlaceCategory,
)
from federation.group.members import lacks
from federation.group.rights import Right
from federation.line.drafts import LocalDraft
from schemas import bodies
from schemas.content_bodies import (
    CATEGORIES_MAX,
    CategoriesOrdered,
    CategoryChanged,
    CategoryEnded,
)
from schemas.errors import Code, Refusal
from schemas.openings import NameText

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line.drafts import Draft
    from projections.books import Books
    from projections.membership import Membership, Placed

UPPER: Final = None
"""In place of a parent: the category stands on the upper level."""


def decide(
    books: Books, command: CategoryCommand, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Decide a command about categories; gives the number of what it is about, or a refusal."""
    refusal = lacks(books, command.actor, Right.TELL)
    if refusal is not None:
        return refusal
    match command:
        case PlaceCategory():
            return (yield from place(books, command, now_s=now_s))
        case ChangeCategory():
            return (yield from change(books, command, now_s=now_s))
        case OrderCategories():
            return (yield from order(books, command, now_s=now_s))
        case EndCategory():
            return (yield from end(books, command, now_s=now_s))


def place(
    books: Books, command: PlaceCategory, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Make a category and give its number.

    Refusals, in this order: `forbidden`, `category_unknown`, `category_too_deep`, `too_many`.
    """
    refusal = _parent_refused(books.members, command.parent)
    if refusal is not None:
        return refusal
    category = books.members.next_category
    if category > CATEGORIES_MAX:
        return Refusal(Code.TOO_MANY, {"field": "category", "limit": CATEGORIES_MAX})
    yield LocalDraft(
        bodies.CategoryPlaced(v=1, at_s=now_s, category=category, source="", parent=command.parent),
        ((GROUP_SUBJECT, NameText(name=command.name)),),
    )
    return category


def change(
    books: Books, command: ChangeCategory, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Call a category something else, or put it below another.

    Refusals, in this order: `forbidden`, `category_unknown`, `category_too_deep` also of one that
    has others below it.
    """
    members = books.members
    if living(members, command.category) is None:
        return Refusal(Code.CATEGORY_UNKNOWN, {"field": "category"})
    refusal = _parent_refused(members, command.parent)
    if refusal is not None:
        return refusal
    if command.parent is not UPPER and (
        command.parent == command.category or below(members, command.category)
    ):
        return Refusal(Code.CATEGORY_TOO_DEEP, {"field": "parent"})
    yield LocalDraft(
        CategoryChanged(
            v=1,
            at_s=now_s,
            category=command.category,
            parent=command.parent,
            entered_by=command.actor,
        ),
        ((GROUP_SUBJECT, NameText(name=command.name)),),
    )
    return command.category


def order(
    books: Books, command: OrderCategories, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Let categories stand in this order; those that are not named come behind, by name.

    Refusals, in this order: `forbidden`, `category_unknown`, `malformed` when one stands twice.
    """
    if any(living(books.members, one) is None for one in command.categories):
        return Refusal(Code.CATEGORY_UNKNOWN, {"field": "categories"})
    if len(set(command.categories)) != len(command.categories):
        return Refusal(Code.MALFORMED, {"field": "categories", "reason": "one stands twice"})
    yield LocalDraft(
        CategoriesOrdered(v=1, at_s=now_s, categories=command.categories, entered_by=command.actor)
    )
    return 0


def end(books: Books, command: EndCategory, *, now_s: int) -> Generator[Draft, str, int | Refusal]:
    """End a category; its posts and those below it go on in another. Merges two.

    Refusals, in this order: `forbidden`, `category_unknown` of the one or the other, and of none
    while posts stand in it; `category_too_deep` where those below it would stand a level too low.
    """
    members = books.members
    if living(members, command.category) is None:
        return Refusal(Code.CATEGORY_UNKNOWN, {"field": "category"})
    into = None if command.into is None else living(members, command.into)
    unknown = command.into is not None and into is None
    if unknown or command.into == command.category or (into is None and used(members, command)):
        return Refusal(Code.CATEGORY_UNKNOWN, {"field": "into"})
    if below(members, command.category) and into is not None and into.parent is not UPPER:
        return Refusal(Code.CATEGORY_TOO_DEEP, {"field": "into"})
    yield LocalDraft(
        CategoryEnded(
            v=1,
            at_s=now_s,
            category=command.category,
            into=command.into,
            entered_by=command.actor,
        )
    )
    return command.category


def living(members: Membership, category: int) -> Placed | None:
    """Give a category that has not ended."""
    found = members.categories.get(category)
    return None if found is None or found.ended else found


def below(members: Membership, category: int) -> bool:
    """Tell whether a category has others below it."""
    return any(one.parent == category and not one.ended for one in members.categories.values())


def used(members: Membership, command: EndCategory) -> bool:
    """Tell whether posts stand in a category, ended ones too: each can be renewed."""
    return any(post.category == command.category for post in members.posts.values())


def _parent_refused(members: Membership, parent: int | None) -> Refusal | None:
    if parent is UPPER:
        return None
    found = living(members, parent)
    if found is None:
        return Refusal(Code.CATEGORY_UNKNOWN, {"field": "parent"})
    if found.parent is not UPPER:
        return Refusal(Code.CATEGORY_TOO_DEEP, {"field": "parent"})
    return None
