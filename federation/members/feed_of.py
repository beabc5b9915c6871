"""The parts of the offer feed that belong to one running node."""

from __future__ import annotations

import random as chance
from typing import TYPE_CHECKING, NamedTuple, cast

from federation.members.feed import FeedReader
from federation.members.feed_choices import FeedChoices
from federation.members.feed_pictures import FeedPictures
from federation.members.feed_rows import spot_of
from federation.members.feed_serving import FeedServer
from federation.node.service import now_s

if TYPE_CHECKING:
    from federation.node.service import Node


class Feed(NamedTuple):
    """What a node has of the feed."""

    choices: FeedChoices
    server: FeedServer
    reader: FeedReader
    pictures: FeedPictures


def feed_of(node: Node) -> Feed:
    """Give the feed of a node, made when it is first asked for."""
    found = node.parts.get(Feed)
    if found is None:
        choices = FeedChoices(node.pool, node.peers)
        found = node.parts[Feed] = Feed(
            choices,
            FeedServer(node, choices),
            FeedReader(node, choices, clock=now_s, jitter=chance.random, where=spot_of),
            FeedPictures(node, choices),
        )
    return cast("Feed", found)
