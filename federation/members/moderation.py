"""Hiding an offer or a want with a reason, showing it again, and what is hidden just now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.group.member_commands import HidePost, UnhidePost
from federation.group.rights import Right
from federation.members import words
from federation.members.queries import SQL
from federation.members.reader import visibilities
from federation.members.submitting import actor_of, submit
from federation.node.statements import texts_of
from schemas.errors import Code, RefusedError
from schemas.openings import MessageText

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node

REASON_MAX: Final = 500
SHOWN_MAX: Final = 200


class HiddenPost(msgspec.Struct, frozen=True, kw_only=True):
    """An offer or a want that the group hides."""

    post: int
    title: str
    poster_name: str
    reason: str


async def hide(node: Node, reader: Reader, post: int, reason: str, *, key: str) -> None:
    """Show an offer or a want to nobody but its member and who may show it again.

    Its member is told with the reason, by mail and on its page.

    Raises:
        InputError: `text_missing`, `too_large`.
        RefusedError: the refusals of `federation.group.moderation.hide`, `conflict`.

    """
    reason = words.paragraphs(reason, "reason", REASON_MAX, needed=True)
    await submit(node, HidePost(key, actor_of(reader), post, reason))


async def unhide(node: Node, reader: Reader, post: int, *, key: str) -> None:
    """Show an offer or a want again, as its member has it now.

    Raises:
        RefusedError: the refusals of `federation.group.moderation.unhide`, `conflict`.

    """
    await submit(node, UnhidePost(key, actor_of(reader), post))


async def reasons(node: Node, posts: list[int]) -> dict[int, str]:
    """Give why the group hides some posts; for their members and for who may show them again."""
    known = node.machine.books.members.posts
    found = {post: known.get(post) for post in posts}
    seqs = {post: one.hidden_seq for post, one in found.items() if one and one.hidden_seq}
    texts = await texts_of(node, list(seqs.values()))
    said = {
        seq: text.text
        for (seq, _), few in texts.items()
        for text in few
        if isinstance(text, MessageText)
    }
    return {post: said.get(seq, "") for post, seq in seqs.items()}


async def hidden_posts(node: Node, reader: Reader) -> list[HiddenPost]:
    """Give what the group hides just now.

    Raises:
        RefusedError: `forbidden`.

    """
    if not reader.may(Right.MODERATE):
        raise RefusedError(Code.FORBIDDEN, field="account")
    seen = [visibility.value for visibility in visibilities(reader)]
    rows = await node.pool.fetch(SQL["hidden_posts"], seen, SHOWN_MAX)
    why = await reasons(node, [int(row["post"]) for row in rows])
    return [
        HiddenPost(
            post=int(row["post"]),
            title=row["title"],
            poster_name=row["poster_name"],
            reason=why.get(int(row["post"]), ""),
        )
        for row in rows
    ]
