"""The one table of operations: routes, OpenAPI document and page are made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.api import accounts, lines, members, posts, trades
from federation.api.shapes import Number
from schemas.body_parts import MemberCode
from schemas.ids import NodeId, PathId

if TYPE_CHECKING:
    from federation.api.operation import Operation

OPERATIONS: Final[tuple[Operation, ...]] = (
    *accounts.OPERATIONS,
    *trades.OPERATIONS,
    *members.OPERATIONS,
    *posts.OPERATIONS,
    *lines.OPERATIONS,
)
PLACES: Final[dict[str, Any]] = {
    "code": MemberCode,
    "group": NodeId,
    "path": PathId,
    "person": Number,
    "post": Number,
}
"""What may stand in an address, by the name of its place."""
