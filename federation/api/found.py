"""Operations about posts of all groups, their pictures, and what waits for a member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.api import found_shapes as shapes
from federation.api import posts as api_posts
from federation.api import threads as api_threads
from federation.api.access import acting, own_accounts, reader_for, require_member
from federation.api.operation import BOOKERS, JPEG, MEMBER, PICTURES, Call, KeyUse, Operation
from federation.api.trade_shapes import Reason
from federation.api.trade_shown import code_of, shown_trade
from federation.members import feed_post, home, pictures, search, threads, trades
from federation.members.feed_of import feed_of
from federation.members.search_shapes import Query
from federation.node.service import now_s
from schemas.errors import Code

if TYPE_CHECKING:
    from federation.members.search_shapes import Hit
    from federation.node.service import Node
    from schemas.amounts import Unit


async def find(call: Call, asked: shapes.SearchAsked) -> shapes.FoundPosts:
    """Look for offers and wants of all groups, those that can be booked now first."""
    query = Query(
        text=asked.text,
        side=asked.side,
        kind=asked.kind,
        category=asked.category,
        group=asked.group or "",
        within_km=asked.within_km,
        near=asked.near,
        scope=asked.scope,
        sort=asked.sort,
        page=asked.after or "",
    )
    reader = reader_for(call, require_member(call, asked.code))
    page = await search.search(call.node, reader, query, now_s=now_s())
    return shapes.FoundPosts(
        posts=tuple(_found(call.node, hit) for hit in page.hits),
        total=page.total,
        more=page.more,
        next=page.next or None,
        forgiven=page.forgiven,
        located=page.located,
    )


async def feed_post_show(call: Call, _: None) -> shapes.Found:
    """Give an offer or a want of another group, whole."""
    group, name = call.places["group"], call.places["name"]
    hit = await feed_post.post(call.node, reader_for(call), group, name, now_s=now_s())
    return _found(call.node, hit)


async def home_show(call: Call, _: None) -> shapes.Home:
    """Tell a member its balance, what waits for it, and what is new near by."""
    node, reader = call.node, acting(call)
    account = reader.subject_account
    assert account is not None
    ending = await home.ending_soon(node, reader, now_s=now_s())
    return shapes.Home(
        balance_minor=node.machine.books.ledger.balance(account),
        trades=tuple(shown_trade(call, one) for one in await trades.waiting(node, reader)),
        threads=tuple(api_threads.shown(node, one) for one in await threads.waiting(node, reader)),
        ending=tuple(api_posts.shown(node, one) for one in ending),
        new=tuple(map(_new, await home.new_near(node, reader, now_s=now_s()))),
    )


async def picture_take(call: Call, content: bytes) -> shapes.PictureTaken:
    """Take in a picture for a post or profile: smaller, without where and by what it was made."""
    reader = acting(call)
    made = await pictures.store(call.node, reader, content, account=reader.subject_account)
    picture = made.picture
    return shapes.PictureTaken(
        digest=picture.digest, size=picture.size, width=made.width, height=made.height
    )


async def picture(call: Call, asked: shapes.PictureAsked) -> bytes:
    """Give a picture to whom a post or a profile that shows it is visible."""
    readers = [reader_for(call), *(reader_for(call, own) for own in own_accounts(call)[1:])]
    digest, small = call.places["digest"], asked.small
    return await pictures.read_for(call.node, digest, readers, thumbnail=small)


async def feed_picture(call: Call, asked: shapes.PictureAsked) -> bytes:
    """Give a picture of another group's post."""
    group, digest = call.places["group"], call.places["digest"]
    return await feed_of(call.node).pictures.read(group, digest, thumb=asked.small)


def _found(node: Node, hit: Hit) -> shapes.Found:
    price, why = hit.price, hit.refusal
    return shapes.Found(
        post=hit.post,
        group=hit.node or None,
        group_name=hit.group_name,
        code=code_of(node, hit.account),
        pseudonym=hit.poster or None,
        name=hit.poster_name,
        want=hit.want,
        goods=hit.goods,
        category_name=hit.category_name,
        title=hit.title,
        text=hit.text,
        price=shapes.PriceTold(
            kind=price.kind,
            own_minor=price.own_minor,
            their_minor=price.their_minor,
            their_unit=_unit(price.their_unit),
        ),
        postcode=hit.postcode,
        place=hit.place,
        distance_m=hit.distance_m,
        placed_at_s=hit.placed_at_s,
        expires_at_s=hit.expires_at_s,
        pictures=hit.pictures,
        refusal=None if why is None else Reason(code=why.code, facts=dict(why.facts)),
    )


def _new(post: home.NewPost) -> shapes.NewPost:
    return shapes.NewPost(
        post=post.post,
        group=post.node or None,
        group_name=post.group,
        name=post.poster_name,
        want=post.want,
        goods=post.goods,
        title=post.title,
        place=post.place,
        distance_km=post.distance_km,
        price_kind=post.price_kind,
        price_minor=post.price_minor,
        unit=_unit(post.unit),
    )


def _unit(unit: Unit | None) -> shapes.UnitTold | None:
    if unit is None:
        return None
    return shapes.UnitTold(
        singular=unit.singular,
        plural=unit.plural,
        per_hour=unit.rate.per_hour,
        decimals=unit.rate.decimals,
    )


OPERATIONS: Final = (
    Operation(
        "home",
        "GET",
        "/accounts/{code}/home",
        MEMBER,
        home_show,
        shapes.Home,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "search",
        "GET",
        "/search",
        BOOKERS,
        find,
        shapes.FoundPosts,
        shapes.SearchAsked,
        codes=(Code.NOT_FOUND, Code.PLACE_UNKNOWN),
    ),
    Operation(
        "feed_post",
        "GET",
        "/groups/{group}/posts/{name}",
        BOOKERS,
        feed_post_show,
        shapes.Found,
        codes=(Code.POST_UNKNOWN,),
    ),
    Operation(
        "picture_take",
        "POST",
        "/accounts/{code}/pictures",
        BOOKERS,
        picture_take,
        shapes.PictureTaken,
        bytes,
        codes=(
            Code.NOT_FOUND,
            Code.ACCOUNT_UNKNOWN,
            Code.ACCOUNT_INACTIVE,
            Code.NOT_YOURS,
            Code.PICTURE_UNREADABLE,
            Code.PICTURE_TOO_MANY_PIXELS,
            Code.TOO_MANY,
        ),
        key=KeyUse.KEPT,
        status=201,
        takes=PICTURES,
    ),
    Operation(
        "picture",
        "GET",
        "/pictures/{digest}",
        BOOKERS,
        picture,
        bytes,
        shapes.PictureAsked,
        codes=(Code.NOT_FOUND,),
        gives=JPEG,
    ),
    Operation(
        "feed_picture",
        "GET",
        "/groups/{group}/pictures/{digest}",
        BOOKERS,
        feed_picture,
        bytes,
        shapes.PictureAsked,
        codes=(Code.NOT_FOUND, Code.PEER_UNREACHABLE),
        gives=JPEG,
    ),
)
