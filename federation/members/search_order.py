"""In which order a search gives what it finds, over all its pages. Pure, over the books.

What cannot be booked whatever it costs comes last: posts of groups with which no units can pass
now, and the reader's own. So each part of the list is there twice, the second time for these. That
a price is too high for a limit changes with every booking and is found out post by post; such posts
stand last on their own page (`federation.members.found.hits`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.line.payer import not_now

if TYPE_CHECKING:
    from projections.books import Books

LATER: Final = "-later"
OWN_GROUP: Final = ""
EVER_S: Final = 1
"""A line is asked about without a moment at which something would expire."""


class Order(NamedTuple):
    """The parts of a list in their order."""

    parts: tuple[str, ...]
    open_to: tuple[str, ...] | None = None
    """The groups with which units can pass now; none when nothing is set behind."""

    @classmethod
    def of(cls, parts: tuple[str, ...], open_to: tuple[str, ...] | None) -> Order:
        """Put behind these parts the same ones of what comes later."""
        if open_to is None:
            return cls(parts)
        return cls((*parts, *(part + LATER for part in parts)), open_to)

    @property
    def newest(self) -> bool:
        """Whether time is what orders, not distance."""
        return plain(self.parts[0]) == "new"

    @property
    def fit(self) -> bool:
        """Whether what fits better is a part of its own."""
        return "rest" in self.parts

    def part(self, *, rest: bool, later: bool) -> str:
        """Name the part in which a row stands."""
        found = "rest" if rest else plain(self.parts[0])
        return found + LATER if later else found

    def now(self, part: str) -> bool | None:
        """Tell whether a part holds what can be booked; nothing when it holds both."""
        return None if self.open_to is None else not part.endswith(LATER)

    def later(self, node: str) -> bool:
        """Tell whether posts of a group come later."""
        return self.open_to is not None and node not in self.open_to


def plain(part: str) -> str:
    """Name a part without saying which of the two it is."""
    return part.removesuffix(LATER)


def open_to(books: Books, reader: int | None) -> tuple[str, ...] | None:
    """Give the groups with which units can pass now, the own one among them.

    Who is nobody here books nothing, so nothing comes later.
    """
    if reader is None:
        return None
    lines = books.lines.values()
    passing = {one.peer for one in lines if not_now(books, one.line, EVER_S, now_s=0) is None}
    return (OWN_GROUP, *sorted(passing))
