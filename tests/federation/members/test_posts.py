"""Offers and wants are placed, changed, renewed, ended and paused, and seen by who may see them."""

from __future__ import annotations

import asyncio

import pytest

from federation.group.commands import SetStatus
from federation.members import posts, projector
from federation.members.queries import PLAIN
from federation.members.reader import ANONYMOUS, NEIGHBOUR
from federation.node.service import now_s
from federation.node.use_cases import new_key
from schemas.bodies import AccountStatus
from schemas.errors import Code, RuilbrugError
from schemas.member_bodies import Price, PriceKind, Visibility
from tests.federation.members.conftest import DAY_S, Group, later

FORM = posts.PostForm(
    want=False,
    title="  Fiets\u202e herstellen ",
    text="Ook <b>remmen</b>\r\n\r\n\r\n\r\nen licht 🚲",
    price=Price(kind=PriceKind.HOUR, amount_minor=8),
    expires_at_s=later(),
)


async def test_a_post_says_what_its_member_wrote(group: Group) -> None:
    category = (await group.ask("category.place", by="003", name="Herstellen"))["category"]
    form = posts.PostForm(**{**_fields(FORM), "category": category})

    number = await posts.place(group.node, group.reader("001"), form, key=new_key())

    seen = await posts.post(group.node, number, group.reader("002"))
    assert (seen.title, seen.text) == (
        "Fiets herstellen",
        "Ook <b>remmen</b>\n\nen licht 🚲",
    )
    assert (seen.category_name, seen.poster_name) == ("Herstellen", "Anna")
    assert seen.price == Price(kind=PriceKind.HOUR, amount_minor=8)


def _fields(form: posts.PostForm) -> dict[str, object]:
    return {name: getattr(form, name) for name in form.__struct_fields__}


async def test_the_same_key_places_once(group: Group) -> None:
    reader, key = group.reader("001"), new_key()

    first, again = await asyncio.gather(
        *(posts.place(group.node, reader, FORM, key=key) for _ in range(2))
    )
    with pytest.raises(RuilbrugError) as error:
        await posts.place(group.node, group.reader("002"), FORM, key=key)

    assert first == again
    assert error.value.code is Code.CONFLICT
    assert len(await posts.posts_of(group.node, group.account("001"), reader)) == 1


@pytest.mark.parametrize("visibility", Visibility)
async def test_a_post_is_seen_by_whom_it_is_for(group: Group, visibility: Visibility) -> None:
    post = (await group.post(visibility=visibility))["post"]
    readers = {
        "anonymous": ANONYMOUS,
        "neighbour": NEIGHBOUR,
        "member": group.reader("002"),
        "own": group.reader("001"),
        "coordinator": group.reader("003"),
    }
    seen = set()
    for name, reader in readers.items():
        listed = await posts.posts_of(group.node, group.account("001"), reader)
        try:
            await posts.post(group.node, post, reader)
        except RuilbrugError as error:
            assert error.code is Code.POST_UNKNOWN
            assert listed == []
        else:
            assert [found.post for found in listed] == [post]
            seen.add(name)

    wanted = {
        Visibility.STAFF: {"own", "coordinator"},
        Visibility.MEMBERS: {"member", "own", "coordinator"},
        Visibility.INTERLETS: {"neighbour", "member", "own", "coordinator"},
        Visibility.PUBLIC: set(readers),
    }
    assert seen == wanted[visibility]


async def refused(group: Group, post: int, code: str = "002") -> Code | None:
    try:
        await posts.post(group.node, post, group.reader(code))
    except RuilbrugError as error:
        return error.code
    return None


async def test_a_post_ends_and_is_there_again_when_renewed(group: Group) -> None:
    post = (await group.post())["post"]

    await group.ask("post.end", by="001", post=post)

    assert await refused(group, post) is Code.POST_ENDED
    assert await refused(group, post, "001") is None
    with pytest.raises(RuilbrugError) as error:
        await group.ask("post.place", by="001", post=post, title="Anders", expires_at_s=later())
    assert error.value.code is Code.POST_ENDED
    await group.ask("post.renew", by="001", post=post, expires_at_s=later(60))
    assert await refused(group, post) is None
    assert (await posts.post(group.node, post, group.reader("002"))).shown


async def test_pausing_hides_every_post_until_the_member_is_back(group: Group) -> None:
    post = (await group.post())["post"]
    assert (await group.ask("member.pause", by="001", code="001"))["paused_until_s"] > later(9999)

    assert await refused(group, post) is Code.POST_PAUSED
    while_away = (await group.post())["post"]
    assert await refused(group, while_away) is Code.POST_PAUSED
    await group.ask("post.end", by="001", post=while_away)

    await group.ask("member.resume", by="001", code="001")
    assert await refused(group, post) is None
    assert await refused(group, while_away) is Code.POST_ENDED


async def test_posts_return_by_themselves_when_a_pause_is_over(group: Group) -> None:
    post = (await group.post())["post"]
    before = await change_number(group, post)
    await group.ask("member.pause", by="001", code="001", until_s=now_s() + DAY_S)
    assert await refused(group, post) is Code.POST_PAUSED
    hidden = await change_number(group, post)

    late = projector.Projector(group.node, clock=lambda: now_s() + 2 * DAY_S)
    await late.catch_up()

    assert await refused(group, post) is None
    assert before < hidden < await change_number(group, post)


async def change_number(group: Group, post: int) -> int:
    query = "SELECT change_n FROM plain.post WHERE node = '' AND post = $1"
    found: int = await group.node.pool.fetchval(query, str(post))
    return found


async def test_a_post_lies_where_its_member_lives_unless_it_says_otherwise(group: Group) -> None:
    mine, elsewhere = await group.post(), await group.post(postcode="9000", place="Gent")

    await group.ask("member.describe", code="001", postcode="3000", place="Leuven", name="Anna A.")

    found = {
        post.post: (post.postcode, post.place, post.poster_name)
        for post in await posts.posts_of(group.node, group.account("001"), group.reader("002"))
    }
    assert found == {
        mine["post"]: ("3000", "Leuven", "Anna A."),
        elsewhere["post"]: ("9000", "Gent", "Anna A."),
    }


async def test_posts_of_a_member_who_left_are_not_shown(group: Group) -> None:
    post = (await group.post())["post"]
    await group.node.do(SetStatus(group.account("001"), AccountStatus.INACTIVE))
    await projector.reached(group.node, group.node.sequencer.size - 1)

    assert await refused(group, post) is Code.POST_ENDED


async def test_nobody_changes_the_post_of_somebody_else(group: Group) -> None:
    post = (await group.post())["post"]

    for name, more in (
        ("post.end", {}),
        ("post.renew", {"expires_at_s": later()}),
        ("post.place", {"title": "Gekaapt", "expires_at_s": later()}),
    ):
        with pytest.raises(RuilbrugError) as error:
            await group.ask(name, by="002", post=post, **more)
        assert error.value.code is Code.NOT_YOURS
    for reader in (ANONYMOUS, NEIGHBOUR):
        with pytest.raises(RuilbrugError) as error:
            await posts.end(group.node, reader, post, key=new_key())
        assert error.value.code is Code.FORBIDDEN
    await group.ask("post.end", by="003", post=post)


async def test_reminders_find_what_expires_soon(group: Group) -> None:
    soon = (await group.post(expires_at_s=later(3)))["post"]
    await group.post(expires_at_s=later(30))
    ended = (await group.post(expires_at_s=later(3)))["post"]
    await group.ask("post.end", by="001", post=ended)

    found = await posts.expiring(group.node, from_s=now_s(), until_s=later(7))

    assert [post.post for post in found] == [soon]


async def test_what_the_group_hides_stays_hidden_whatever_its_member_does(group: Group) -> None:
    post = (await group.post())["post"]
    await group.ask("post.hide", by="003", post=post, reason="Reclame")
    assert await refused(group, post) is Code.POST_UNKNOWN
    assert await refused(group, post, "001") is None

    for command in ("member.pause", "member.resume"):
        await group.ask(command, by="001", code="001")
    await group.ask("post.renew", by="001", post=post, expires_at_s=later(60))
    await group.ask("post.place", by="001", post=post, title="Anders", expires_at_s=later())
    await group.node.pool.execute(PLAIN["show_returned"], now_s())

    assert await refused(group, post) is Code.POST_UNKNOWN
    own = await posts.post(group.node, post, group.reader("001"))
    assert (own.hidden, own.shown, own.title) == (True, False, "Anders")
    await group.ask("post.unhide", by="003", post=post)
    seen = await posts.post(group.node, post, group.reader("002"))
    assert (seen.hidden, seen.shown, seen.title) == (False, True, "Anders")


async def test_what_its_member_ended_while_it_was_hidden_stays_ended(group: Group) -> None:
    post = (await group.post())["post"]
    await group.ask("post.hide", by="003", post=post, reason="Reclame")
    await group.ask("post.end", by="001", post=post)

    await group.ask("post.unhide", by="003", post=post)

    assert await refused(group, post) is Code.POST_ENDED
    assert not (await posts.post(group.node, post, group.reader("001"))).shown
