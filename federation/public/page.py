"""A group's public page: what its coordinators tell everybody, in up to three languages.

Whoever saves says which version was read: of two coordinators at once the second one is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from msgspec import Meta

from federation.members.postcodes import place_of
from federation.node.patience import connection_in_time
from federation.public.queries import SQL
from schemas.encoding import encode
from schemas.errors import Code, InputError, RefusedError
from schemas.texts.words import Language

if TYPE_CHECKING:
    from federation.members.postcodes import Spot
    from federation.members.reader import Reader
    from federation.node.service import Node

LEAD_MAX: Final = 300
TEXT_MAX: Final = 6_000

ByLanguage = dict[Annotated[str, Meta(pattern="^(nl|fr|en)$")], str]


class PublicPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page says; a text that is left out in a language stands there in another one."""

    lead: ByLanguage = {}
    """Who we are, in a sentence or two; the umbrella's directory has it too."""
    text: ByLanguage = {}
    join: ByLanguage = {}
    """How to join, beside the form for it."""
    postcode: str = ""
    contact: str = ""
    """A mail address for everybody to write to."""
    posts: bool = True
    thanks: bool = True
    figures: bool = True
    findable: bool = False
    """Search engines may list the page, and the umbrella's directory may tell of the group."""

    @property
    def spot(self) -> Spot | None:
        """Where the group is: the middle of its postcode."""
        place = place_of(self.postcode)
        return None if place is None else place.spot

    def place(self, language: Language) -> str:
        """Give the name of the place; empty when it is not known."""
        place = place_of(self.postcode)
        return "" if place is None else place.name(language.value)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The page with its version; version 0 was never written."""

    page: PublicPage
    version: int = 0
    changed_at_s: int = 0


_PAGE: Final = msgspec.json.Decoder(PublicPage)


def said_in(texts: ByLanguage, language: Language) -> tuple[str, str]:
    """Give a text and the language that it is in: the wanted one, else Dutch, French, English."""
    for one in (language, *Language):
        if texts.get(one.value):
            return texts[one.value], one.value
    return "", language.value


async def read(node: Node) -> Kept:
    """Give the public page."""
    async with connection_in_time(node.pool) as connection:
        row = await connection.fetchrow(SQL["read_page"])
    if row is None:
        return Kept(page=PublicPage())
    page = _PAGE.decode(row["said"])
    return Kept(page=page, version=row["version"], changed_at_s=row["changed_at_s"])


async def save(node: Node, reader: Reader, page: PublicPage, *, version: int, now_s: int) -> bool:
    """Write the page in place of the version that was read; tells whether it still was that one.

    Raises:
        RefusedError: `forbidden`.
        InputError: `place_unknown`.

    """
    if not reader.coordinator:
        raise RefusedError(Code.FORBIDDEN, field="account")
    if page.postcode and page.spot is None:
        raise InputError(Code.PLACE_UNKNOWN, field="postcode")
    node.gate.require_writable()
    async with connection_in_time(node.pool) as connection:
        written = await connection.fetchval(
            SQL["write_page"], version, encode(page), reader.account or 0, now_s
        )
    return written is not None
