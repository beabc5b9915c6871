"""Words of thanks as the two of a trade read them, and the public ones of a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from federation.members.agreeing_queries import SQL
from federation.members.people import names_of
from federation.members.thread_messages import open_note, open_texts
from federation.members.trade_views import ShownThanks
from schemas.openings import NoteText, ThanksText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.node.service import Node


class PublicThanks(msgspec.Struct, frozen=True, kw_only=True):
    """A word of thanks that everybody of the group may read."""

    name: str
    group: str = ""
    """Of who thanks, when it is another."""
    text: str
    at_s: int


async def thanks_for(
    node: Node, account: int, trades: Sequence[tuple[str, int, bool]]
) -> dict[str, tuple[ShownThanks, ...]]:
    """Give the words of thanks for some trades of a member, by (id, place in the log, between)."""
    names = {str(seq): name for name, seq, between in trades if seq and not between}
    names |= {name: name for name, _, between in trades if between}
    found: dict[str, list[ShownThanks]] = {}
    rows = await node.pool.fetch(SQL["thanks_of_trade"], list(names)) if names else []
    texts = await open_texts(node, account, [row["seq"] for row in rows])
    for row in rows:
        text = texts.get(row["seq"])
        if isinstance(text, ThanksText | NoteText):
            told = text.thanks if isinstance(text, NoteText) else None
            shown = ShownThanks(
                own=row["account"] == account,
                text=text.text,
                public=row["public"] if told is None else told.public,
                at_s=row["at_s"],
            )
            found.setdefault(names[row["trade"]], []).append(shown)
    paths = [name for name, _, between in trades if between]
    for row in await node.pool.fetch(SQL["received_thanks"], account, paths) if paths else ():
        note = open_note(node, row)
        if note is not None:
            public = row["kind"] == "public_thanks"
            shown = ShownThanks(own=False, text=note.text, public=public, at_s=row["at_s"])
            found.setdefault(row["trade"], []).append(shown)
    return {name: tuple(said) for name, said in found.items()}


async def public_thanks(node: Node, account: int, *, limit: int = 20) -> list[PublicThanks]:
    """Give the public words of thanks to a member, newest first."""
    rows = await node.pool.fetch(SQL["thanks_to"], account, limit)
    texts = await open_texts(node, account, [row["seq"] for row in rows])
    names = await names_of(node, {row["account"] for row in rows})
    found = [
        PublicThanks(name=names.get(row["account"], ""), text=text.text, at_s=row["at_s"])
        for row in rows
        if isinstance(text := texts.get(row["seq"]), ThanksText)
    ]
    for row in await node.pool.fetch(SQL["received_thanks_to"], account, limit):
        note = open_note(node, row)
        peer = node.peers.get(node.machine.books.lines[row["line"]].peer)
        if note is not None:
            group = "" if peer is None else peer.name
            thanks = PublicThanks(name=note.name, group=group, text=note.text, at_s=row["at_s"])
            found.append(thanks)
    return sorted(found, key=lambda thanks: thanks.at_s, reverse=True)[:limit]
