"""The order in which the own offer feed changed, in memory. Pure.

Invariant: whoever reads from number 0, page after page, and goes on behind the last number it was
given, holds exactly what is listed, whenever the pages are taken. Each post has one place, that of
its newest change; what left the list leaves a tombstone, and what never was in it leaves nothing.

The numbers are those of one `epoch`, which begins with the process. So a database that was put back
from a backup or a snapshot never uses a number again for something else: its process is a new one,
and every reader begins anew. A list of a whole group is one or two pages.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TOMBSTONES_MAX: Final = 50_000
"""With more of them a new epoch costs the readers less than we keep for it."""
_SPARE: Final = 64


class Listed(NamedTuple):
    """A post that is in the feed: its own name, what it says (a digest), its name outside.

    Or a member's card, whose own name is the number of its account.
    """

    post: str
    content: str
    offer: str
    card: bool = False


class Place(NamedTuple):
    """Where a post or a card stands in the order; `post` is none when it is gone."""

    n: int
    offer: str
    post: str | None
    card: bool = False


class _Known(NamedTuple):
    n: int
    post: str
    content: str | None
    card: bool


class OfferIndex:
    """The places of all posts that are or were in the feed in this epoch."""

    def __init__(self, new_epoch: Callable[[], str]) -> None:
        """Begin with nothing listed."""
        self._new_epoch = new_epoch
        self._begin()

    def _begin(self) -> None:
        self.epoch = self._new_epoch()
        self.head = 0
        self._known: dict[str, _Known] = {}
        self._order: list[tuple[int, str]] = []
        self._gone = 0

    def refresh(self, listed: Iterable[Listed]) -> None:
        """Take in what is listed now; a change of anything gets the next number."""
        if self._gone > TOMBSTONES_MAX:
            self._begin()
        now = {post.offer: post for post in listed}
        for offer, known in list(self._known.items()):
            if offer not in now and known.content is not None:
                self._gone += 1
                self._place(known._replace(content=None), offer)
        for offer, post in now.items():
            before = self._known.get(offer)
            if before is None or before.content != post.content:
                self._gone -= before is not None and before.content is None
                self._place(_Known(0, post.post, post.content, post.card), offer)
        if len(self._order) > 2 * len(self._known) + _SPARE:
            self._order = sorted((known.n, offer) for offer, known in self._known.items())

    def _place(self, known: _Known, offer: str) -> None:
        self.head += 1
        self._known[offer] = known._replace(n=self.head)
        self._order.append((self.head, offer))

    def after(self, n: int, limit: int, *, cards: bool = True) -> list[Place]:
        """Give the places behind a number, in order; without those of cards for who wants none."""
        found: list[Place] = []
        for at in range(bisect_right(self._order, n, key=_number), len(self._order)):
            number, offer = self._order[at]
            known = self._known[offer]
            if known.n == number and (cards or not known.card):  # it has not moved since
                post = None if known.content is None else known.post
                found.append(Place(number, offer, post, known.card))
                if len(found) == limit:
                    break
        return found

    def post_of(self, offer: str) -> str | None:
        """Give the own post that a listed offer stands for."""
        known = self._known.get(offer)
        return None if known is None or known.content is None or known.card else known.post


def _number(place: tuple[int, str]) -> int:
    return place[0]
