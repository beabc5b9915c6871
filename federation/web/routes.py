"""Which pages there are and for whom; each module of `federation.web.pages` fills a `Pages`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.group.rights import Right

if TYPE_CHECKING:
    from aiohttp import web

    from federation.node.sending import Pieces
    from federation.web.sessions import Person
    from federation.web.visit import Visit

PageHandler = Callable[["Visit"], Awaitable["web.StreamResponse | Pieces"]]


class Audience(StrEnum):
    """Who gets a page. What it shows to whom is the use case's business."""

    EVERYBODY = "everybody"
    MEMBERS = "members"
    COORDINATORS = "coordinators"
    AUDITORS = "auditors"
    """Who may see the books: auditors, treasurers, coordinators."""
    TREASURERS = "treasurers"
    """Who books for many; coordinators too."""
    EDITORS = "editors"
    """Who writes the group's pages; coordinators too."""
    MODERATORS = "moderators"
    """Who hides what should not be among offers and wants: editors, coordinators."""

    def admits(self, person: Person | None) -> bool:
        """Tell whether this one gets the page."""
        if self is Audience.EVERYBODY:
            return True
        if person is None:
            return False
        right = _RIGHTS.get(self)
        return right is None or person.reader.may(right)


_RIGHTS: Final = {
    Audience.COORDINATORS: Right.LEAD,
    Audience.AUDITORS: Right.SEE_BOOKS,
    Audience.TREASURERS: Right.BOOK,
    Audience.EDITORS: Right.TELL,
    Audience.MODERATORS: Right.MODERATE,
}


class Page(NamedTuple):
    """One address with one method."""

    method: str
    path: str
    audience: Audience
    handler: PageHandler
    from_elsewhere: bool
    """A post that is no form of ours: the one-click unsubscription of RFC 8058."""
    bytes_max: int | None = None
    """How much its form may send, where that is more than usual: it takes files."""


class Pages:
    """The pages of one module, in the order in which they are matched."""

    def __init__(self) -> None:
        """Start with none."""
        self.all: list[Page] = []

    def get(
        self, path: str, audience: Audience = Audience.MEMBERS
    ) -> Callable[[PageHandler], PageHandler]:
        """Mark a handler that shows a page."""
        return self._mark("GET", path, audience)

    def post(
        self,
        path: str,
        audience: Audience = Audience.MEMBERS,
        *,
        from_elsewhere: bool = False,
        bytes_max: int | None = None,
    ) -> Callable[[PageHandler], PageHandler]:
        """Mark a handler that takes what a form sends, from the page with the same path."""
        return self._mark(
            "POST", path, audience, from_elsewhere=from_elsewhere, bytes_max=bytes_max
        )

    def _mark(
        self,
        method: str,
        path: str,
        audience: Audience,
        *,
        from_elsewhere: bool = False,
        bytes_max: int | None = None,
    ) -> Callable[[PageHandler], PageHandler]:
        def add(handler: PageHandler) -> PageHandler:
            self.all.append(Page(method, path, audience, handler, from_elsewhere, bytes_max))
            return handler

        return add
