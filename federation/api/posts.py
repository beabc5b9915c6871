"""Operations about offers and wants of this group's members, and their categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.api import member_shapes as shapes
from federation.api.access import own_accounts, reader_for
from federation.api.members import TEXT_CODES, known_member
from federation.api.operation import BOOKERS, LISTENERS, TELLERS, Call, KeyUse, Operation
from federation.api.shapes import Empty
from federation.api.tokens import TokenRole
from federation.members import categories as use_cases_of_categories
from federation.members import posts as use_cases
from federation.node.use_cases import account_by_code, new_key
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node


async def categories(call: Call, _: None) -> shapes.Categories:
    """Give the categories of offers and wants."""
    found = await use_cases_of_categories.categories(call.node)
    return shapes.Categories(
        categories=tuple(
            shapes.Category(category=str(one.category), parent=_text(one.parent), name=one.name)
            for one in found
        )
    )


async def category_place(call: Call, asked: shapes.CategoryAsked) -> shapes.Category:
    """Make a category."""
    number = await use_cases_of_categories.place(
        call.node, reader_for(call), asked.name, parent=_number(asked.parent), key=call.key
    )
    return shapes.Category(category=str(number), parent=asked.parent, name=asked.name.strip())


async def posts_of(call: Call, asked: shapes.PostsAsked) -> shapes.Posts:
    """Give a member's offers and wants, newest first."""
    account = known_member(call)
    found = await use_cases.posts_of(
        call.node, account, _looking(call, account), all_of_them=asked.ended
    )
    return shapes.Posts(posts=tuple(shown(call.node, one) for one in found))


async def post(call: Call, _: None) -> shapes.Post:
    """Give an offer or a want."""
    return await _post(call, int(call.places["post"]))


async def post_place(call: Call, asked: shapes.PostAsked) -> shapes.Post:
    """Place an offer or a want of a member."""
    account = account_by_code(call.node, asked.code, field="code").account
    _require_own(call, account)
    number = await use_cases.place(
        call.node, reader_for(call, account), _form(asked), key=call.key, account=account
    )
    return await _post(call, number)


async def post_change(call: Call, asked: shapes.PostSaid) -> shapes.Post:
    """Let an offer or a want say something else, as a whole."""
    number, reader = _own_post(call)
    await use_cases.change(call.node, reader, number, _form(asked), key=new_key())
    return await _post(call, number)


async def post_renew(call: Call, asked: shapes.PostRenewed) -> shapes.Post:
    """Let an offer or a want last until another day; one that had ended is there again."""
    number, reader = _own_post(call)
    await use_cases.renew(call.node, reader, number, asked.expires_at_s, key=new_key())
    return await _post(call, number)


async def post_end(call: Call, _: Empty) -> shapes.Post:
    """Take an offer or a want back."""
    number, reader = _own_post(call)
    await use_cases.end(call.node, reader, number, key=call.key)
    return await _post(call, number)


def _require_own(call: Call, account: int) -> None:
    """Refuse what a member's token does for somebody whom it does not help."""
    if call.token.role is TokenRole.MEMBER and account not in own_accounts(call):
        raise RefusedError(Code.NOT_YOURS, field="code")


def _own_post(call: Call) -> tuple[int, Reader]:
    """Give the post that the address names, and the reader that may change it.

    Raises:
        RefusedError: `post_unknown`, the same for one of somebody else's.

    """
    number = int(call.places["post"])
    found = call.node.machine.books.members.posts.get(number)
    theirs = call.token.role is TokenRole.MEMBER
    if found is None or (theirs and found.account not in own_accounts(call)):
        raise RefusedError(Code.POST_UNKNOWN, field="post")
    return number, reader_for(call, found.account)


def _looking(call: Call, account: int) -> Reader:
    """Give the reader that looks at something of a member."""
    return reader_for(call, account if account in own_accounts(call) else None)


async def _post(call: Call, number: int) -> shapes.Post:
    known = call.node.machine.books.members.posts.get(number)
    reader = reader_for(call) if known is None else _looking(call, known.account)
    return shown(call.node, await use_cases.post(call.node, number, reader))


def _form(asked: shapes.PostSaid) -> use_cases.PostForm:
    return use_cases.PostForm(
        want=asked.want,
        title=asked.title,
        text=asked.text,
        goods=asked.goods,
        category=_number(asked.category),
        price=asked.price,
        postcode=asked.postcode,
        place=asked.place,
        visibility=asked.visibility,
        expires_at_s=asked.expires_at_s,
        pictures=asked.pictures,
    )


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def shown(node: Node, found: use_cases.ShownPost) -> shapes.Post:
    """Give a post of this group."""
    return shapes.Post(
        post=str(found.post),
        code=node.machine.books.ledger.accounts[found.account].code,
        name=found.poster_name,
        want=found.want,
        goods=found.goods,
        category=_text(found.category),
        category_name=found.category_name,
        title=found.title,
        text=found.text,
        price=found.price,
        postcode=found.postcode,
        place=found.place,
        visibility=found.visibility,
        placed_at_s=found.placed_at_s,
        expires_at_s=found.expires_at_s,
        ended=found.ended,
        shown=found.shown,
        hidden=found.hidden,
        pictures=found.pictures,
    )


SEEN_CODES: Final = (Code.POST_UNKNOWN, Code.POST_ENDED, Code.POST_PAUSED)
CHANGE_CODES: Final = (*SEEN_CODES, Code.ACCOUNT_INACTIVE, Code.NOT_YOURS)
EXPIRY_CODES: Final = (Code.EXPIRY_PAST, Code.EXPIRY_TOO_FAR)
CONTENT_CODES: Final = (
    *TEXT_CODES,
    *EXPIRY_CODES,
    Code.PRICE_INVALID,
    Code.CATEGORY_UNKNOWN,
    Code.PICTURE_UNKNOWN,
)
OPERATIONS: Final = (
    Operation("categories", "GET", "/categories", LISTENERS, categories, shapes.Categories),
    Operation(
        "category_place",
        "POST",
        "/categories",
        TELLERS,
        category_place,
        shapes.Category,
        shapes.CategoryAsked,
        codes=(
            Code.TEXT_MISSING,
            Code.CATEGORY_UNKNOWN,
            Code.CATEGORY_TOO_DEEP,
            Code.TOO_MANY,
        ),
        key=KeyUse.COMMAND,
        status=201,
    ),
    Operation(
        "posts_of",
        "GET",
        "/members/{code}/posts",
        BOOKERS,
        posts_of,
        shapes.Posts,
        shapes.PostsAsked,
        codes=(Code.NOT_FOUND,),
    ),
    Operation("post", "GET", "/posts/{post}", LISTENERS, post, shapes.Post, codes=SEEN_CODES),
    Operation(
        "post_place",
        "POST",
        "/posts",
        BOOKERS,
        post_place,
        shapes.Post,
        shapes.PostAsked,
        codes=(Code.ACCOUNT_UNKNOWN, *CHANGE_CODES, *CONTENT_CODES),
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation(
        "post_change",
        "PUT",
        "/posts/{post}",
        BOOKERS,
        post_change,
        shapes.Post,
        shapes.PostSaid,
        codes=(*CHANGE_CODES, *CONTENT_CODES),
    ),
    Operation(
        "post_renew",
        "PUT",
        "/posts/{post}/expiry",
        BOOKERS,
        post_renew,
        shapes.Post,
        shapes.PostRenewed,
        codes=(*CHANGE_CODES, *EXPIRY_CODES),
    ),
    Operation(
        "post_end",
        "POST",
        "/posts/{post}/end",
        BOOKERS,
        post_end,
        shapes.Post,
        Empty,
        codes=CHANGE_CODES,
        key=KeyUse.KEPT,
    ),
)
