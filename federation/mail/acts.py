"""What the buttons behind acting links do: one use case each, under the link's own key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.mail.acting import two_parts
from federation.mail.links import Purpose
from federation.members import posts
from federation.members.roles import reader_of
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.mail.acting import Act
    from federation.mail.links import Link
    from federation.node.service import Node


async def renew(node: Node, link: Link) -> None:
    """Renew an offer or a want until the day that the mail named."""
    post, until = two_parts(link)
    if not (post.isascii() and post.isdigit() and until.isascii() and until.isdigit()):
        raise RefusedError(Code.NOT_FOUND, field="link")
    reader = reader_of(node, link.account, link.person)
    await posts.renew(node, reader, int(post), int(until), key=link.command_key())


ACTS: Final[Mapping[Purpose, Act]] = {Purpose.RENEW: renew}
"""By purpose; those of trades and threads join where their use cases are."""
