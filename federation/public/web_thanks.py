"""Words of thanks on the public page: those whose writers said so, and without anybody's name.

Thanks that the group may read are not for the web: their writer chooses that apart, for each, and
may take it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.members.acting import actor
from federation.members.people import names_of
from federation.members.thread_messages import open_texts
from federation.node.patience import connection_in_time
from federation.public.queries import SQL
from schemas.openings import ThanksText

if TYPE_CHECKING:
    from collections.abc import Collection

    from federation.members.reader import Reader
    from federation.node.service import Node

LISTED: Final = 100
SHOWN: Final = 4


class WebThanks(NamedTuple):
    """Words for everybody; who wrote them and to whom is not said."""

    text: str
    at_s: int


class OwnThanks(NamedTuple):
    """Words that a member wrote to another, for the group to read."""

    seq: int
    other: str
    text: str
    at_s: int
    everybody: bool


async def for_everybody(node: Node) -> list[WebThanks]:
    """Give the newest words of thanks that everybody may read."""
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["web_thanks"], SHOWN)
    found = []
    for row in rows:
        text = (await open_texts(node, row["account"], [row["seq"]])).get(row["seq"])
        if isinstance(text, ThanksText):
            found.append(WebThanks(text.text, row["at_s"]))
    return found


async def own(node: Node, reader: Reader) -> list[OwnThanks]:
    """Give what the reader, or for whom it acts, has written for the group to read.

    Raises:
        RefusedError: `forbidden` for who is not a member.

    """
    account = actor(reader).account
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["thanks_by"], account, LISTED)
    texts = await open_texts(node, account, [row["seq"] for row in rows])
    names = await names_of(node, {row["other"] for row in rows})
    return [
        OwnThanks(row["seq"], names.get(row["other"], ""), text.text, row["at_s"], row["everybody"])
        for row in rows
        if isinstance(text := texts.get(row["seq"]), ThanksText)
    ]


async def choose(node: Node, reader: Reader, chosen: Collection[int], *, now_s: int) -> None:
    """Let everybody read exactly these of the own words.

    Raises:
        RefusedError: `forbidden` for who is not a member.

    """
    account = actor(reader).account
    node.gate.require_writable()
    listed = {one.seq for one in await own(node, reader)}
    async with connection_in_time(node.pool) as connection, connection.transaction():
        await connection.execute(SQL["withdraw_thanks"], account, sorted(listed - set(chosen)))
        await connection.execute(SQL["agree_thanks"], account, sorted(listed & set(chosen)), now_s)
