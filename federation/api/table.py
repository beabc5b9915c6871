"""The one table of operations: routes, OpenAPI document and page are made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.api import (
    accounts,
    activities,
    board,
    content,
    found,
    lines,
    mailed,
    members,
    own,
    posts,
    statement,
    threads,
    trades,
)
from federation.api.board_shapes import FileName
from federation.api.found_shapes import FeedPost
from federation.api.shapes import Number
from federation.api.trade_shapes import TradeId
from schemas.body_parts import MemberCode
from schemas.ids import Hash, NodeId, Salt

if TYPE_CHECKING:
    from federation.api.operation import Operation

OPERATIONS: Final[tuple[Operation, ...]] = (
    *accounts.OPERATIONS,
    *statement.OPERATIONS,
    *found.OPERATIONS,
    *threads.OPERATIONS,
    *trades.OPERATIONS,
    *mailed.OPERATIONS,
    *activities.OPERATIONS,
    *members.OPERATIONS,
    *posts.OPERATIONS,
    *content.OPERATIONS,
    *board.OPERATIONS,
    *own.OPERATIONS,
    *lines.OPERATIONS,
)
PLACES: Final[dict[str, Any]] = {
    "activity": Number,
    "booking": Number,
    "category": Number,
    "code": MemberCode,
    "device": Number,
    "digest": Hash,
    "file": FileName,
    "group": NodeId,
    "item": Number,
    "mailed": Number,
    "name": FeedPost,
    "partner": Number,
    "person": Number,
    "post": Number,
    "report": Salt,
    "thread": Salt,
    "trade": TradeId,
}
"""What may stand in an address, by the name of its place."""
