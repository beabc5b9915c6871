"""Something that should not be among offers and wants is hidden with a reason, and shown again."""

from __future__ import annotations

from federation.members import roles
from federation.members.reader import OPERATOR
from federation.node.looked import looks_about
from federation.node.use_cases import new_key
from schemas.member_bodies import Role
from tests.federation.web.conftest import House
from tests.federation.web.post_help import put
from tests.federation.web.test_looked import fresh, looks
from tests.federation.web.two_groups import Two, place, plain, press, two
from tests.federation.world.feed_posts import read_feed

__all__ = ["two"]
TITLE = "Gouden horloge"


async def give(house: House, code: str, role: Role) -> None:
    await roles.give_role(house.node, OPERATOR, house.account(code), role, key=new_key())


async def heard_of(two: Two) -> str | None:
    """Give the name under which the group here knows the post from there, while it does."""
    await read_feed(two.here.group, two.there.group)
    found: str | None = await two.here.node.pool.fetchval(
        "SELECT post FROM plain.post WHERE node = $1 AND title = $2",
        two.there.node.id,
        TITLE,
    )
    return found


async def test_what_is_hidden_is_gone_here_and_in_other_groups_until_it_is_shown_again(
    two: Two,
) -> None:
    post = await place(two.there, "002", TITLE, 6)
    await give(two.there, "001", Role.COORDINATOR)
    lies, marc = [await two.there.signed_in(code) for code in ("001", "002")]
    an = await two.here.signed_in("001")
    name = await heard_of(two)
    assert name is not None
    theirs = f"/posts/{two.there.node.id}.{name}"
    assert TITLE in (await an.get(theirs)).words

    asked = await lies.get(f"/posts/{post}/hide")
    page = await press(lies, asked, reason="Dit is <b>reclame</b>")
    assert page.path == f"/posts/{post}?done=post-hidden"
    assert "Dit is <b>reclame</b>" in page.words

    own = await marc.get(f"/posts/{post}")
    assert "De kerngroep verbergt dit" in own.words
    assert "Dit is <b>reclame</b>" in own.words
    assert f'href="/posts/{post}/report"' in own.text
    assert f"/posts/{post}/unhide" not in own.text
    assert TITLE not in (await lies.get(f"/search?q={TITLE}")).words.replace(f"“{TITLE}”", "")
    assert await heard_of(two) is None
    assert (await an.get(theirs)).status == 404

    page = await press(lies, await lies.get(f"/posts/{post}/unhide"))
    assert page.path == f"/posts/{post}?done=post-unhidden"
    assert await heard_of(two) is not None


async def test_it_is_hidden_from_members_strangers_and_the_public_page(house: House) -> None:
    post = await put(house.group, "001", TITLE, visibility="public")
    await give(house, "002", Role.EDITOR)
    bert, an, dirk = [await house.signed_in(code) for code in ("002", "001", "004")]
    stranger = house.browser()
    assert TITLE in (await stranger.get(f"/posts/{post}")).words
    await put(house.group, "001", "Enkel voor leden")
    front = await stranger.get("/")
    assert TITLE in front.words
    assert "Enkel voor leden" not in front.words
    await fresh(house)

    await press(bert, await bert.get(f"/posts/{post}/hide"), reason="Niet voor ons")
    await house.seen()

    assert (await stranger.get(f"/posts/{post}")).status == 404
    assert TITLE not in (await stranger.get("/")).words
    assert (await dirk.get(f"/posts/{post}")).status == 404
    assert TITLE not in (await dirk.get("/members/001")).words
    assert "Niet voor ons" in (await an.get(f"/posts/{post}")).words
    listed = await bert.get("/group/hidden")
    assert "Niet voor ons" in listed.words
    assert f'href="/posts/{post}"' in listed.text
    assert ("002", "changed", 1) in await looks(house, "001")
    assert "Niet voor ons" not in str(await looks_about(house.node, house.account("001")))


async def test_who_has_no_right_hides_nothing_and_a_reason_is_needed(house: House) -> None:
    post = await put(house.group, "001", TITLE)
    bert, cora = [await house.signed_in(code) for code in ("002", "003")]

    assert (await bert.get(f"/posts/{post}/hide")).status == 403
    assert (await bert.get("/group/hidden")).status == 403
    page = await press(cora, await cora.get(f"/posts/{post}/hide"), reason=" ")

    assert page.status == 422
    await house.seen()
    assert (await bert.get(f"/posts/{post}")).status == 200


async def test_a_report_is_closed_with_a_note_for_the_other_coordinators(house: House) -> None:
    post = await put(house.group, "001", TITLE)
    bert, cora = [await house.signed_in(code) for code in ("002", "003")]
    await press(bert, await bert.get(f"/posts/{post}/report"), text="Dit klopt niet")

    page = await cora.get("/group/reports")
    assert f'href="/posts/{post}/hide"' in page.text
    report = page.text.partition('name="report" value="')[2].partition('"')[0]
    await cora.post("/group/reports", report=report, note="Met An gebeld")
    twice = await cora.post("/group/reports", report=report, note="Iets anders")

    assert twice.status == 200
    words = plain(await cora.get("/group/reports"))
    assert "Met An gebeld" in words
    assert "Iets anders" not in words
