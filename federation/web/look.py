"""How the pages of a group look: its colour and its logo, kept in a table and in memory.

A page links one stylesheet: ours, or that with the group's colour behind it. Either has an address
that changes with what it gives.
"""

from __future__ import annotations

import asyncio
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from events.queries import load_queries
from federation.group.members import lacks
from federation.group.rights import Right
from federation.members import pictures
from federation.members.submitting import actor_of
from federation.node.node_key import NODE
from federation.web.colours import Colour, read_colour, rules
from federation.web.static_files import (
    DIGEST_LENGTH,
    STYLE,
    StaticFile,
    read_static_files,
    static_file,
)
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from federation.members.reader import Reader
    from federation.node.service import Node

SQL: Final = load_queries(files("federation.web").joinpath("sql/look.sql"))
LOGO_MAX: Final = 256 * 1024


class Look(NamedTuple):
    """How the pages look; what is empty is ours."""

    colour: str = ""
    style: StaticFile | None = None
    """The whole stylesheet with the colour, named by what it says."""
    logo: bytes = b""
    logo_digest: str = ""

    @property
    def stylesheet(self) -> str:
        """Give the address of the one stylesheet of every page."""
        static = read_static_files()
        return static.path(STYLE) if self.style is None else static.beside(self.style.name)


PLAIN: Final = Look()


def look_of(node: Node) -> Look:
    """Give how the pages of a node look."""
    return cast("Look", node.parts.get(Look, PLAIN))


async def load(app: web.Application) -> AsyncIterator[None]:
    """Read how the pages look before the first is asked for; for `cleanup_ctx`."""
    node = app[NODE]
    row = await node.pool.fetchrow(SQL["look"])
    if row is not None:
        node.parts[Look] = _made(row["colour"], row["logo"] or b"")
    yield


async def choose(node: Node, reader: Reader, colour: str, *, logo: bytes | None) -> None:
    """Choose colour and logo, by coordinators and editors; empty is ours, no logo: it stays.

    Raises:
        InputError: `malformed` for a colour that is none; `too_large`, `picture_unreadable`,
            `picture_too_many_pixels` for the logo.
        RefusedError: `forbidden`.

    """
    refusal = lacks(node.machine.books, actor_of(reader), Right.TELL)
    if refusal is not None:
        raise RefusedError.of(refusal)
    read = read_colour(colour)
    if colour and read is None:
        raise InputError(Code.MALFORMED, field="colour", reason="it looks like #a63c11")
    kept = look_of(node).logo
    if logo is not None:
        kept = await _small(node, logo) if logo else b""
    said = "" if read is None else str(read)
    await node.pool.execute(SQL["write_look"], said, kept or None)
    node.parts[Look] = _made(said, kept)


async def _small(node: Node, upload: bytes) -> bytes:
    """Make a logo of a picture: small, and nothing but pixels."""
    async with node.parts.setdefault(pictures.Workshop, pictures.Workshop()).places:
        made = (await asyncio.to_thread(pictures.clean, upload)).thumbnail
    if len(made) > LOGO_MAX:
        raise InputError(Code.TOO_LARGE, field="logo", limit=LOGO_MAX)
    return made


def _made(colour: str, logo: bytes) -> Look:
    read = read_colour(colour)
    return Look(colour, None if read is None else _style(read), logo, _digest(logo))


def _style(colour: Colour) -> StaticFile:
    """Put a colour behind our stylesheet, where it takes the place of ours."""
    whole = read_static_files().by_name[STYLE].content.plain + rules(colour).encode()
    return static_file(style_name(_digest(whole)), whole)


def style_name(digest: str) -> str:
    """Name the stylesheet that has a digest."""
    return f"style-{digest}.css"


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:DIGEST_LENGTH] if content else ""
