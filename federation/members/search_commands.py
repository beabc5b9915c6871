"""The command of the control socket that looks for offers and wants in all groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.members import roles, search
from federation.members.reader import OPERATOR
from federation.members.search_shapes import Query, Scope, Sort
from federation.node.control_shapes import ControlCommand
from federation.node.service import now_s
from federation.node.use_cases import account_by_code

if TYPE_CHECKING:
    from federation.node.service import Node


class LookFor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member looks for; without `by` the operator does."""

    by: str = ""
    text: str = ""
    near: str = ""
    scope: Scope = Scope.ALL
    sort: Sort = Sort.FIT
    page: str = ""


async def post_search(node: Node, asked: LookFor) -> dict[str, Any]:
    """Give a page of what was found, each with whose it is and why it could not be booked now."""
    query = Query(
        text=asked.text, near=asked.near, scope=asked.scope, sort=asked.sort, page=asked.page
    )
    reader = OPERATOR
    if asked.by:
        reader = roles.reader_of(node, account_by_code(node, asked.by).account)
    found = await search.search(node, reader, query, now_s=now_s())
    hits = [
        {
            **{name: getattr(hit, name) for name in _TOLD},
            "refusal": "" if hit.refusal is None else hit.refusal.code.value,
        }
        for hit in found.hits
    ]
    return {"hits": hits, "total": found.total, "next": found.next}


_TOLD: Final = (
    *("post", "node", "group_name", "account", "poster", "poster_name", "title", "want"),
    *("place", "distance_m", "expires_at_s"),
)
COMMANDS = {"post.search": ControlCommand(LookFor, post_search)}
