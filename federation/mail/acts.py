"""What the buttons behind acting links do: one use case each, under the link's own key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.mail.links import Purpose, two_parts
from federation.members import posts, threads, trades
from federation.members.roles import reader_of
from schemas.errors import Code, RefusedError
from schemas.proposals import Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from federation.mail.links import Link
    from federation.node.service import Node
    from projections.membership import Posted

    Act = Callable[[Node, Link], Awaitable[None]]


async def accept(node: Node, link: Link) -> None:
    """Give what was asked: exactly the amount that the mail named, or nothing."""
    trade, amount = two_parts(link)
    reader = reader_of(node, link.account, link.person)
    await trades.consent(node, reader, trade, expected_minor=number(amount))


async def decline(node: Node, link: Link) -> None:
    """Refuse what was asked."""
    await trades.decline(node, reader_of(node, link.account, link.person), link.subject)


async def agree(node: Node, link: Link) -> None:
    """Say yes to a proposal, or to somebody's interest."""
    await _answer(node, link, Reply.YES)


async def turn_down(node: Node, link: Link) -> None:
    """Say no to a proposal, or to somebody's interest."""
    await _answer(node, link, Reply.RATHER_NOT)


async def _answer(node: Node, link: Link, reply: Reply) -> None:
    thread, proposal = two_parts(link)
    reader = reader_of(node, link.account, link.person)
    await threads.answer(node, reader, thread, reply, to=proposal)


async def renew(node: Node, link: Link) -> None:
    """Renew an offer or a want until the day that the mail named.

    What was taken back meanwhile stays so, and what was renewed for longer is not made shorter.
    """
    post, until = (number(part) for part in two_parts(link))
    found = node.machine.books.members.posts.get(post)
    if found is not None and (found.ended or lasts(found, until)):
        return
    reader = reader_of(node, link.account, link.person)
    await posts.renew(node, reader, post, until, key=link.command_key())


def lasts(post: Posted, until_s: int) -> bool:
    """Tell whether a post lasts until then in any case; one without an end does."""
    return post.expires_at_s is None or post.expires_at_s >= until_s


def number(text: str) -> int:
    """Read a number of a subject.

    Raises:
        RefusedError: `not_found`.

    """
    if not (text.isascii() and text.isdigit()):
        raise RefusedError(Code.NOT_FOUND, field="link")
    return int(text)


ACTS: Final[Mapping[Purpose, Act]] = {
    Purpose.ACCEPT: accept,
    Purpose.DECLINE: decline,
    Purpose.AGREE: agree,
    Purpose.TURN_DOWN: turn_down,
    Purpose.RENEW: renew,
}
"""By purpose: every one that acts. What stops mails is in `choices`."""
