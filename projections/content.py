"""What hiding a post and arranging categories change in the books of members (see `membership`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schemas.content_bodies import (
    CategoriesOrdered,
    CategoryChanged,
    CategoryEnded,
    PostHidden,
    PostUnhidden,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.membership import Membership


def _hidden(books: Membership, seq: int, body: PostHidden) -> None:
    books.posts.put(body.post, books.posts[body.post]._replace(hidden_seq=seq))


def _unhidden(books: Membership, seq: int, body: PostUnhidden) -> None:
    del seq
    books.posts.put(body.post, books.posts[body.post]._replace(hidden_seq=None))


def _changed(books: Membership, seq: int, body: CategoryChanged) -> None:
    known = books.categories[body.category]
    books.categories.put(body.category, known._replace(parent=body.parent, seq=seq))


def _ordered(books: Membership, seq: int, body: CategoriesOrdered) -> None:
    del seq
    places = {category: place for place, category in enumerate(body.categories, 1)}
    for known in list(books.categories.values()):
        place = places.get(known.category, 0)
        if known.place != place:
            books.categories.put(known.category, known._replace(place=place))


def _ended(books: Membership, seq: int, body: CategoryEnded) -> None:
    del seq
    for post in list(books.posts.values()):
        if post.category == body.category:
            books.posts.put(post.post, post._replace(category=body.into))
    for known in list(books.categories.values()):
        if known.parent == body.category:
            books.categories.put(known.category, known._replace(parent=body.into))
    ended = books.categories[body.category]._replace(ended=True)
    books.categories.put(body.category, ended)


STEPS: Final[dict[type, Callable[[Membership, int, Any], None]]] = {
    PostHidden: _hidden,
    PostUnhidden: _unhidden,
    CategoryChanged: _changed,
    CategoriesOrdered: _ordered,
    CategoryEnded: _ended,
}
