"""A member's own data as one ZIP that is sent while it is made.

A table is read once for each of its two files, so that no more than a page of it is in memory; what
is booked in between may stand in the second file alone.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from federation.members import my_data
from federation.members.data_files import KINDS, NAMES
from federation.node.zip_stream import ZipStream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable
    from zoneinfo import ZoneInfo

    from federation.members.data_files import Kind
    from federation.members.devices import SignedIn
    from federation.members.my_data import Table
    from federation.members.reader import Reader
    from federation.node.service import Node
    from federation.words.texts import Texts


class Packing(NamedTuple):
    """In which words data are packed, where and when."""

    texts: Texts
    zone: ZoneInfo
    now_s: int
    read_me: str = ""
    """What a file beside the data says about them."""


async def data_of(
    node: Node, reader: Reader, person: SignedIn, packing: Packing
) -> AsyncGenerator[bytes]:
    """Give all data of a member, piece by piece; none of what another person of it signs in on.

    Raises:
        RefusedError: `forbidden` for who is not a member here, before the first piece.

    """
    tables = await my_data.tables(node, reader, person, now_s=packing.now_s)
    async with aclosing(pack(tables, my_data.pictures_of(node, reader), packing)) as pieces:
        async for piece in pieces:
            yield piece


async def pack(
    tables: Iterable[Table], pictures: AsyncIterator[tuple[str, bytes]], packing: Packing
) -> AsyncGenerator[bytes]:
    """Pack tables and pictures; a piece leaves as soon as it is there."""
    say = packing.texts.say
    now = datetime.fromtimestamp(packing.now_s, packing.zone)
    packed = ZipStream((now.year, now.month, now.day, now.hour, now.minute, now.second))
    folder = say("mijn-gegevens")
    if packing.read_me:
        yield packed.add(f"{folder}/{say('lees-mij')}.txt", packing.read_me.encode("utf-8-sig"))
    for table in tables:
        for kind in KINDS:
            with packed.file(f"{folder}/{say(NAMES[table.name])}.{kind.ending}") as opened:
                async with aclosing(_parts(table, kind, packing)) as parts:
                    async for part in parts:
                        await asyncio.to_thread(opened.write, part)
                        if piece := packed.take():
                            yield piece
            yield packed.take()
    async for name, content in pictures:
        yield packed.add(f"{folder}/{say(NAMES[my_data.PICTURES])}/{name}", content)
    yield packed.end()


async def _parts(table: Table, kind: Kind, packing: Packing) -> AsyncGenerator[bytes]:
    yield kind.begins
    first = True
    async with aclosing(table.pages()) as pages:
        async for rows in pages:
            if rows:
                yield kind.rows(rows, packing.zone, packing.texts, first=first)
                first = False
    yield kind.ends
