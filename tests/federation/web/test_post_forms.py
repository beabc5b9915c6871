"""Placing and changing offers and wants: whatever is typed, sent twice, or sent too late."""

from __future__ import annotations

import re
import struct
import zlib

import pytest

from federation.members import posts
from federation.members.known_sessions import changing_sessions
from federation.members.posts import ShownPost
from schemas.member_bodies import PriceKind, Visibility
from tests.federation.web.conftest import MEMBERS, Browser, House, Page
from tests.federation.web.post_help import BIKE, drawing, lives_in, put, send, typed

HOSTILE = (
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "{{ 7*7 }} %(name)s %s {0}",
    "🍰💐👩‍🌾",
    "דוד \u202eevil",
    "'; DROP TABLE plain.post; --",
)


def bomb() -> bytes:
    """Give a picture of some hundred bytes that would fill the memory."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, said: bytes) -> bytes:
        return (
            struct.pack(">I", len(said)) + kind + said + struct.pack(">I", zlib.crc32(kind + said))
        )

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


async def own(house: House, code: str = "001") -> list[ShownPost]:
    await house.seen()
    from federation.members.reader import OPERATOR

    account = house.account(code)
    return await posts.posts_of(house.node, account, OPERATOR, all_of_them=True)


async def form_of(browser: Browser, path: str = "/posts/new") -> dict[str, str]:
    return typed(await browser.get(path))


def said_beside(page: Page, field: str) -> str:
    found = re.search(rf'id="{field}-wrong">(.*?)</p>', page.text)
    assert found is not None, page.words
    return found[1]


async def test_an_offer_is_placed_with_its_pictures_and_shown(house: House) -> None:
    above = (await house.group.ask("category.place", name="Vervoer"))["category"]
    below = (await house.group.ask("category.place", name="Fiets", parent=above))["category"]
    browser = await house.signed_in("001")
    fields = await form_of(browser)
    assert fields["price"] == "20", "an hour, as this group counts"

    page = await send(
        browser,
        "/posts/new",
        {**fields, "title": BIKE, "text": "Met\nthee", "category": str(below), "postcode": "9050"},
        [drawing(), drawing((9, 9, 200))],
    )

    (post,) = await own(house)
    assert page.path == f"/posts/{post.post}?done=post-placed"
    assert "Het staat er." in page.words
    assert (post.title, post.text, post.category_name, post.postcode) == (
        BIKE,
        "Met\nthee",
        "Fiets",
        "9050",
    )
    assert (post.price.kind, post.price.amount_minor) == (PriceKind.HOUR, 20)
    assert post.visibility is Visibility.INTERLETS
    assert len(post.pictures) == 2
    assert page.text.count("<img") == 2


@pytest.mark.parametrize(
    ("price", "minor"), [("1,5", 150), ("1.5", 150), ("1 000", 100_000), ("8", 800), (" 2 ", 200)]
)
async def test_amounts_are_read_as_people_write_them(house: House, price: str, minor: int) -> None:
    await house.group.ask("member.list")
    two = await house.world.make("gamma", 20, decimals=2)
    from federation.web.place import LoginMail

    two.node.parts[LoginMail] = house.mail
    await two.ask("member.add", code="001", name="An")
    contact = {"kind": "mail", "value": "an@gamma.be", "access": "members"}
    await two.ask("member.describe", code="001", contacts=[contact])
    browser = Browser(two)
    try:
        await browser.post("/login", {"address": "an@gamma.be"})
        sent = await house.mail.next()
        await browser.post(sent.path, form=(await browser.get(sent.path)).key)
        fields = await form_of(browser)
        page = await send(
            browser, "/posts/new", {**fields, "title": BIKE, "price-kind": "piece", "price": price}
        )
    finally:
        await browser.session.close()

    assert page.status == 200, page.words
    stored = await two.node.pool.fetchval("SELECT price_minor FROM plain.post")
    assert stored == minor


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ("een", "Schrijf een getal, zoals 8 of 1,5."),
        ("1.000", "Schrijf een getal"),
        ("", "Vul dit in."),
        ("-3", "Dit moet meer dan nul zijn."),
        ("0", "Dit moet meer dan nul zijn."),
        ("1,5", "Zo fijn rekent jullie munteenheid niet."),
        ("9" * 18, "Dit is te groot om te boeken."),
        ("²", "Schrijf een getal"),
    ],
)
async def test_an_amount_that_is_none_is_refused_kindly_and_nothing_is_lost(
    house: House, price: str, words: str
) -> None:
    browser = await house.signed_in("001")
    fields = {**await form_of(browser), "title": "Taart 🍰", "text": "Lekker", "price": price}

    page = await send(browser, "/posts/new", fields, [drawing()])

    assert page.status == 422
    assert words in said_beside(page, "price")
    again = typed(page)
    assert (again["title"], again["text"], again["price"]) == ("Taart 🍰", "Lekker", price)
    assert again["picture-0"], "the picture is here already"
    assert await own(house) == []
    fixed = await send(browser, "/posts/new", {**again, "price": "8"})
    assert fixed.status == 200
    (post,) = await own(house)
    assert len(post.pictures) == 1


async def test_in_talks_an_amount_does_not_count(house: House) -> None:
    browser = await house.signed_in("001")

    await send(
        browser,
        "/posts/new",
        {**await form_of(browser), "title": BIKE, "price-kind": "talk", "price": "een"},
    )

    (post,) = await own(house)
    assert (post.price.kind, post.price.amount_minor) == (PriceKind.TALK, None)


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (b"%PDF-1.7 no picture at all", "kunnen we niet lezen"),
        (drawing()[:400], "kunnen we niet lezen"),
        (bomb(), "veel te groot voor ons"),
        (b"\xff\xd8" + b"x" * (10 * 2**20), "te zwaar: hoogstens 10 MB"),
    ],
    ids=["pdf", "half", "bomb", "heavy"],
)
async def test_a_picture_that_is_none_gets_a_sentence_and_the_others_stay(
    house: House, upload: bytes, words: str
) -> None:
    browser = await house.signed_in("001")
    fields = {**await form_of(browser), "title": BIKE}

    page = await send(browser, "/posts/new", fields, [drawing(), upload, drawing((0, 0, 99))])

    assert page.status == 422
    assert words in said_beside(page, "picture")
    assert "Foto 2" in said_beside(page, "picture")
    again = typed(page)
    assert again["title"] == BIKE
    assert {"picture-0", "picture-1"} < set(again)
    assert (await send(browser, "/posts/new", again)).status == 200
    assert len((await own(house))[0].pictures) == 2


async def test_more_than_six_pictures_are_too_many_and_the_first_stay(house: House) -> None:
    browser = await house.signed_in("001")
    shots = [drawing((n * 30, 0, 0), (64, 48)) for n in range(7)]

    page = await send(browser, "/posts/new", {**await form_of(browser), "title": BIKE}, shots)

    assert page.status == 422
    assert "Hoogstens 6" in said_beside(page, "picture")
    assert len([name for name in typed(page) if name.startswith("picture-")]) == 6


async def test_a_picture_of_somebody_else_cannot_be_taken(house: House) -> None:
    await put(house.group, "002", photos=[drawing()])
    (theirs,) = (await own(house, "002"))[0].pictures
    browser = await house.signed_in("001")

    page = await send(
        browser,
        "/posts/new",
        {**await form_of(browser), "title": BIKE, "picture-0": f"{theirs.digest}.{theirs.size}"},
    )

    assert page.status == 422
    assert await own(house) == []


async def test_a_double_click_places_one_post(house: House) -> None:
    browser = await house.signed_in("001")
    fields = {**await form_of(browser), "title": BIKE}

    pages = [await send(browser, "/posts/new", fields, [drawing()]) for _ in range(3)]

    assert len({page.path for page in pages}) == 1
    assert len(await own(house)) == 1


async def test_the_back_button_with_other_words_asks_and_loses_nothing(house: House) -> None:
    browser = await house.signed_in("001")
    fields = {**await form_of(browser), "title": BIKE}
    await send(browser, "/posts/new", fields)

    page = await send(browser, "/posts/new", {**fields, "title": "Iets anders"}, [drawing()])

    assert page.status == 422
    assert "al verstuurd" in page.words
    assert typed(page)["title"] == "Iets anders"
    assert typed(page)["picture-0"]
    assert len(await own(house)) == 1
    await send(browser, "/posts/new", typed(page))
    assert len(await own(house)) == 2


async def test_two_tabs_place_two_posts_and_change_one_as_a_whole(house: House) -> None:
    browser = await house.signed_in("001")
    one, two = await form_of(browser), await form_of(browser)
    await send(browser, "/posts/new", {**one, "title": "Een"})
    await send(browser, "/posts/new", {**two, "title": "Twee"})
    two_post, one_post = await own(house)
    assert {one_post.title, two_post.title} == {"Een", "Twee"}

    path = f"/posts/{one_post.post}/edit"
    left, right = await form_of(browser, path), await form_of(browser, path)
    await send(browser, path, {**left, "title": "Links", "text": "links"})
    await send(browser, path, {**right, "title": "Rechts", "text": "rechts"})

    changed = next(post for post in await own(house) if post.post == one_post.post)
    assert (changed.title, changed.text) == ("Rechts", "rechts")


async def test_what_was_typed_comes_back_after_a_new_login(house: House) -> None:
    browser = await house.signed_in("001")
    first = await send(
        browser, "/posts/new", {**await form_of(browser), "title": "", "text": "Lang"}, [drawing()]
    )
    assert first.status == 422
    async with changing_sessions(house.node) as connection:
        await connection.execute("UPDATE web_session SET expires_at_s = 0")

    page = await send(browser, "/posts/new", {**typed(first), "title": "Taart"}, [b"x" * 2_000_000])

    assert page.path.startswith("/login?done=draft")
    assert "Wat je typte is bewaard" in page.words
    await house.signed_in("001", browser)
    again = await browser.get("/posts/new")
    assert (typed(again)["title"], typed(again)["text"]) == ("Taart", "Lang")
    assert typed(again)["picture-0"], "what had been taken in is there"
    assert "Kies ze opnieuw." in again.words, "what had not been is told"
    await send(browser, "/posts/new", typed(again))
    assert [post.title for post in await own(house)] == ["Taart"]
    assert typed(await browser.get("/posts/new"))["title"] == ""


async def test_a_stranger_cannot_make_us_read_large_files(house: House) -> None:
    page = await send(house.browser(), "/posts/new", {"title": "x"}, [b"x" * 400_000])

    assert page.status == 413


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_whatever_somebody_writes_harms_no_page(house: House, hostile: str) -> None:
    browser, other = await house.signed_in("001"), await house.signed_in("002")
    fields = {**await form_of(browser), "title": hostile, "text": hostile, "place": hostile}

    page = await send(browser, "/posts/new", {**fields, "visibility": "public"})

    assert page.status == 200
    (post,) = await own(house)
    paths = (f"/posts/{post.post}", "/search", "/home", "/members/001")
    for path in paths:
        shown = await other.get(path)
        assert shown.status == 200
        assert "<script>alert" not in shown.text
        assert '" onmouseover' not in shown.text
        assert hostile.replace("\u202e", "") in shown.words.replace("‎", "")
    again = await form_of(browser, f"/posts/{post.post}/edit")
    assert again["title"] == hostile.replace("\u202e", "")
    odd = {name: hostile for name in fields if name != "form"}
    refused = await send(browser, "/posts/new", {**odd, "form": hostile})
    assert refused.status == 422
    assert "<script>alert" not in refused.text


@pytest.mark.parametrize(
    ("field", "text", "beside"),
    [
        ("title", "", "title"),
        ("title", "x" * 121, "title"),
        ("text", "x" * 4_001, "text"),
        ("category", "99", "category"),
        ("side", "both", "side"),
        ("kind", "", "kind"),
        ("price-kind", "week", "price-kind"),
        ("visibility", "nobody", "visibility"),
        ("until", "ooit", "until"),
        ("postcode", "<9000>", "postcode"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    house: House, field: str, text: str, beside: str
) -> None:
    browser = await house.signed_in("001")

    page = await send(browser, "/posts/new", {**await form_of(browser), "title": BIKE, field: text})

    assert page.status == 422
    assert said_beside(page, beside)
    assert "Wat je typte, staat er nog." in page.words


@pytest.mark.parametrize("until", ["2001-01-01", "2099-01-01"])
async def test_an_end_that_cannot_be_is_refused(house: House, until: str) -> None:
    browser = await house.signed_in("001")

    page = await send(
        browser, "/posts/new", {**await form_of(browser), "title": BIKE, "until": until}
    )

    assert page.status == 422
    assert 'role="alert"' in page.text
    assert await own(house) == []


async def test_a_post_is_changed_and_keeps_what_is_not(house: House) -> None:
    number = await put(house.group, "001", photos=[drawing(), drawing((0, 0, 9))], want=True)
    browser = await house.signed_in("001")
    fields = await form_of(browser, f"/posts/{number}/edit")
    assert (fields["side"], fields["price"], fields["price-kind"]) == ("want", "8", "piece")
    (before,) = await own(house)

    del fields["picture-0"]
    page = await send(browser, f"/posts/{number}/edit", {**fields, "title": "Twee fietsen"})

    assert page.path == f"/posts/{number}?done=saved"
    (post,) = await own(house)
    assert (post.title, post.want, post.price) == ("Twee fietsen", True, before.price)
    assert post.pictures == before.pictures[1:]
    assert abs(post.expires_at_s - before.expires_at_s) < 86_400


async def test_a_post_that_was_ended_meanwhile_loses_no_words(house: House) -> None:
    number = await put(house.group, "001")
    browser = await house.signed_in("001")
    fields = await form_of(browser, f"/posts/{number}/edit")
    ending = await browser.get(f"/posts/{number}/end")
    await browser.post(f"/posts/{number}/end", form=ending.key)
    await house.seen()

    page = await send(browser, f"/posts/{number}/edit", {**fields, "title": "Toch nog"})
    twice = await browser.post(f"/posts/{number}/end", form=ending.key)
    late = await browser.post(f"/posts/{number}/end")

    assert page.status == 422
    assert typed(page)["title"] == "Toch nog"
    assert "voorbij" in page.words
    assert twice.path == f"/posts/{number}?done=post-ended", "a second click is the first one"
    assert late.status == 422


async def test_a_changed_post_still_moves_along_with_its_member(house: House) -> None:
    await lives_in(house, "001", "An", "9000")
    number = await put(house.group, "001")
    browser = await house.signed_in("001")
    path = f"/posts/{number}/edit"

    await send(browser, path, {**await form_of(browser, path), "title": "Anders"})
    await lives_in(house, "001", "An", "3000")

    (post,) = await own(house)
    assert (post.title, post.postcode) == ("Anders", "3000")


async def test_a_coordinator_changes_a_post_of_another_and_both_are_named(house: House) -> None:
    number = await put(house.group, "001", photos=[drawing()])
    browser = await house.signed_in("003")
    path = f"/posts/{number}/edit"

    page = await send(
        browser, path, {**await form_of(browser, path), "title": "Netjes"}, [drawing((5, 5, 5))]
    )

    assert page.status == 200
    (post,) = await own(house)
    assert (post.title, post.account, len(post.pictures)) == ("Netjes", house.account("001"), 2)


async def test_a_want_is_begun_from_a_search_that_found_nothing(house: House) -> None:
    browser = await house.signed_in("001")

    assert (await form_of(browser, "/posts/new?side=want"))["side"] == "want"
    assert (await form_of(browser, "/posts/new?side=%3Cb%3E"))["side"] == "offer"
    assert MEMBERS
