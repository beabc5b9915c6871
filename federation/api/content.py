"""Operations about what stands among offers and wants: hiding one, and the order of categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.api import content_shapes as shapes
from federation.api.access import reader_for
from federation.api.member_shapes import Categories, Category, Post
from federation.api.operation import TELLERS, Call, KeyUse, Operation
from federation.api.posts import shown
from federation.api.shapes import Empty
from federation.members import categories, moderation, posts
from federation.node.use_cases import new_key
from schemas.errors import Code

if TYPE_CHECKING:
    from federation.node.service import Node


async def post_hide(call: Call, asked: shapes.HideAsked) -> Post:
    """Hide an offer or a want from everybody but its member, who is told why."""
    number, reader = int(call.places["post"]), reader_for(call)
    await moderation.hide(call.node, reader, number, asked.reason, key=call.key)
    return shown(call.node, await posts.post(call.node, number, reader))


async def post_unhide(call: Call, _: Empty) -> Post:
    """Show an offer or a want again."""
    number, reader = int(call.places["post"]), reader_for(call)
    await moderation.unhide(call.node, reader, number, key=call.key)
    return shown(call.node, await posts.post(call.node, number, reader))


async def category_change(call: Call, asked: shapes.CategorySaid) -> Category:
    """Call a category something else, or put it below another."""
    number = int(call.places["category"])
    parent = None if asked.parent is None else int(asked.parent)
    await categories.change(
        call.node, reader_for(call), number, asked.name, parent=parent, key=new_key()
    )
    return Category(category=str(number), parent=asked.parent, name=asked.name.strip())


async def category_order(call: Call, asked: shapes.CategoryOrder) -> Categories:
    """Let the categories stand in this order."""
    order = tuple(int(one) for one in asked.categories)
    await categories.order(call.node, reader_for(call), order, key=new_key())
    return await _all(call.node)


async def category_end(call: Call, asked: shapes.CategoryEnds) -> Categories:
    """End a category; what stands in it goes on in another: so two are merged."""
    into = None if asked.into is None else int(asked.into)
    number = int(call.places["category"])
    await categories.end(call.node, reader_for(call), number, into=into, key=call.key)
    return await _all(call.node)


async def _all(node: Node) -> Categories:
    found = await categories.categories(node)
    return Categories(
        categories=tuple(
            Category(
                category=str(one.category),
                parent=None if one.parent is None else str(one.parent),
                name=one.name,
            )
            for one in found
        )
    )


_HIDING: Final = (Code.POST_UNKNOWN, Code.ALREADY_SO)
OPERATIONS: Final = (
    Operation(
        "post_hide",
        "POST",
        "/posts/{post}/hide",
        TELLERS,
        post_hide,
        Post,
        shapes.HideAsked,
        codes=(*_HIDING, Code.ACCOUNT_UNKNOWN, Code.TEXT_MISSING),
        key=KeyUse.KEPT,
    ),
    Operation(
        "post_unhide",
        "POST",
        "/posts/{post}/unhide",
        TELLERS,
        post_unhide,
        Post,
        Empty,
        codes=_HIDING,
        key=KeyUse.KEPT,
    ),
    Operation(
        "category_order",
        "PUT",
        "/categories",
        TELLERS,
        category_order,
        Categories,
        shapes.CategoryOrder,
        codes=(Code.CATEGORY_UNKNOWN,),
    ),
    Operation(
        "category_change",
        "PUT",
        "/categories/{category}",
        TELLERS,
        category_change,
        Category,
        shapes.CategorySaid,
        codes=(Code.TEXT_MISSING, Code.CATEGORY_UNKNOWN, Code.CATEGORY_TOO_DEEP),
    ),
    Operation(
        "category_end",
        "POST",
        "/categories/{category}/end",
        TELLERS,
        category_end,
        Categories,
        shapes.CategoryEnds,
        codes=(Code.CATEGORY_UNKNOWN, Code.CATEGORY_TOO_DEEP),
        key=KeyUse.KEPT,
    ),
)
