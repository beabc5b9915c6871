"""The page of an offer or a want: to whom it shows what, and what its owner may do."""

from __future__ import annotations

import re
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from federation.members import feed_serving, pictures
from federation.members.feed_of import feed_of
from federation.node.service import now_s
from schemas.encoding import unb64
from schemas.member_bodies import Price, PriceKind, Visibility
from tests.federation.web.conftest import Browser, House
from tests.federation.web.post_help import (
    BIKE,
    DAY_S,
    beta,
    drawing,
    heard,
    lives_in,
    put,
    typed,
)


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_serving, "REST", 0)


def pictures_on(text: str) -> list[str]:
    return re.findall(r'<img[^>]* src="(/pictures/[^"]+)"', text)


async def raw(browser: Browser, path: str) -> tuple[int, bytes, dict[str, str]]:
    async with browser.session.get(browser.url + path) as response:
        return response.status, await response.read(), dict(response.headers)


async def test_the_page_says_what_who_how_far_and_for_how_much(house: House) -> None:
    await lives_in(house, "001", "An", "9000")
    await lives_in(house, "002", "Bert", "9050")
    number = await put(house.group, "002", text="Ook op zondag.\nMet thee.", goods=False)

    page = await (await house.signed_in("001")).get(f"/posts/{number}")

    words = page.words.replace("\xa0", " ")
    for said in (BIKE, "± 8 units per stuk (= 24 min)", "Van wie Bert"):
        assert said in words
    assert re.search(r"Waar 9050 [A-Z]\w+ · [1-9] km", words)
    assert "Ook op zondag.\nMet thee." in page.text
    assert f'href="/threads/new?post={number}"' in page.text
    assert f'href="/give?post={number}"' in page.text
    assert "Ik kreeg deze hulp" in words
    assert f'value="{house.node.settings.public_url}/posts/{number}" readonly' in page.text
    assert "/edit" not in page.text


async def test_an_offer_of_another_group_shows_both_units_and_no_contacts(house: House) -> None:
    other = await beta(house)
    contact = {"kind": "tel", "value": "016 00 00 00", "access": "public"}
    await other.ask("member.describe", code="001", contacts=[contact])
    await put(other, "001", price=Price(kind=PriceKind.PIECE, amount_minor=24))
    path = await heard(house, other)

    page = await (await house.signed_in("001")).get(path)

    words = page.words.replace("\xa0", " ")
    assert "± 8 units per stuk (= 24 min)" in words
    assert "Bij beta is dat 24 units." in words
    assert "Van wie Marc · beta" in words
    node, _, offer = path.removeprefix("/posts/").partition(".")
    assert f'href="/threads/new?node={node}&amp;offer={offer}"' in page.text
    assert "Telefoon en mail verschijnen hier zodra Marc geantwoord heeft." in words
    assert "016" not in words


async def test_contacts_of_another_group_appear_once_the_two_have_spoken(house: House) -> None:
    other = await beta(house)
    contact = {"kind": "tel", "value": "016 00 00 00", "access": "interlets"}
    await other.ask("member.describe", code="001", contacts=[contact])
    await put(other, "001")
    path = await heard(house, other)
    offer = path.rpartition(".")[2]
    poster = await house.node.pool.fetchval("SELECT poster FROM plain.post WHERE node <> ''")
    begun = await house.group.ask(
        "thread.start", by="001", group="beta", pseudonym=poster, text="Dag", offer=offer
    )
    browser = await house.signed_in("001")
    asked = await browser.get(path)
    assert f'href="/threads/{begun["thread"]}"' in asked.text
    assert "016" not in asked.words

    await arrived(house, other)
    await other.ask("thread.answer", by="001", thread=begun["thread"], reply="yes")
    await arrived(house, other)

    assert 'href="tel:016000000"' in (await browser.get(path)).text
    assert "016" not in (await (await house.signed_in("002")).get(path)).words


async def arrived(house: House, other: object) -> None:
    from tests.federation.members.test_agreement import arrived as all_arrived
    from tests.federation.world.conftest import WorldNode

    assert isinstance(other, WorldNode)
    await all_arrived(house.group, other)


async def test_contacts_in_the_group_are_those_that_the_reader_may_see(house: House) -> None:
    contacts = [
        {"kind": "tel", "value": "09 11 11 11", "access": "members"},
        {"kind": "gsm", "value": "0470 22 22 22", "access": "staff"},
    ]
    await house.group.ask("member.describe", code="005", contacts=contacts)
    number = await put(house.group, "005")

    page = await (await house.signed_in("001")).get(f"/posts/{number}")
    staff = await (await house.signed_in("003")).get(f"/posts/{number}")

    assert 'href="tel:09111111"' in page.text
    assert "0470" not in page.text
    assert "0470 22 22 22" in staff.words


@pytest.mark.parametrize("visibility", list(Visibility))
async def test_a_stranger_sees_what_is_public_and_is_told_how_to_go_on(
    house: House, visibility: Visibility
) -> None:
    number = await put(house.group, "002", visibility=visibility, photos=[drawing()])
    stranger, member = house.browser(), await house.signed_in("001")

    page = await stranger.get(f"/posts/{number}")
    seen = await member.get(f"/posts/{number}")

    public = visibility is Visibility.PUBLIC
    assert page.status == (200 if public else 404)
    assert (BIKE in page.words) is public
    assert f'href="/login?next=%2Fposts%2F{number}"' in page.text.replace("/posts/", "%2Fposts%2F")
    assert "Ik heb interesse" not in page.words
    assert seen.status == (404 if visibility is Visibility.STAFF else 200)
    told = "Wie de link krijgt" if public else "Enkel wie lid is"
    assert (told in seen.words) is (visibility is not Visibility.STAFF)


async def test_pictures_are_shown_to_whom_the_post_is(house: House) -> None:
    number = await put(house.group, "002", visibility=Visibility.MEMBERS, photos=[drawing()])
    member, stranger = await house.signed_in("001"), house.browser()
    (full,) = pictures_on((await member.get(f"/posts/{number}")).text)
    small = full.replace("/full", "/small")

    status, content, headers = await raw(member, full)
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert headers["Cache-Control"] == "private, max-age=86400"
    with Image.open(BytesIO(content)) as picture:
        assert not picture.getexif(), "no place, no device"
    assert len((await raw(member, small))[1]) < len(content)
    for path in (full, small, "/pictures/x/small", "/pictures/" + "A" * 43 + "/full"):
        status, content, _ = await raw(stranger, path)
        assert status in {404, 422}, path
        assert not content.startswith(b"\xff\xd8")

    await member.get("/home")
    owner = await house.signed_in("002")
    end = await owner.get(f"/posts/{number}/end")
    await owner.post(f"/posts/{number}/end", form=end.key)
    await house.seen()
    assert (await raw(member, full))[0] == 404, "with the post its pictures go"
    assert (await raw(owner, full))[0] == 200


async def test_pictures_of_another_group_come_over_this_node(house: House) -> None:
    other = await beta(house)
    await put(other, "001", photos=[drawing(), drawing((0, 90, 0))], visibility=Visibility.PUBLIC)
    path = await heard(house, other)
    member = await house.signed_in("001")
    first, second = pictures_on((await member.get(path)).text)
    assert first.startswith(f"/pictures/{other.node.id}/")

    _, content, headers = await raw(member, first)
    assert sha256(content).digest() == unb64(first.split("/")[3])
    assert headers["Content-Type"] == "image/jpeg"
    await other.stop()
    kept, away = await raw(member, first), await raw(member, second)

    assert kept[1] == content, "what was looked at once is here"
    assert (away[0], away[2]["Content-Type"]) == (200, "image/svg+xml")
    assert away[2]["Cache-Control"] == "no-store"


async def test_pictures_for_members_of_partners_are_not_for_strangers(house: House) -> None:
    other = await beta(house)
    await put(other, "001", photos=[drawing()])
    path = await heard(house, other)
    member, stranger = await house.signed_in("001"), house.browser()
    (full,) = pictures_on((await member.get(path)).text)
    assert (await raw(member, full))[0] == 200

    assert (await raw(stranger, full))[0] == 404
    assert (await stranger.get(path)).status == 404
    assert feed_of(house.node).pictures is not None


@pytest.mark.parametrize("how", ["ended", "expired", "paused"])
async def test_what_is_over_says_so_kindly(house: House, how: str) -> None:
    number = await put(house.group, "002")
    owner, reader = await house.signed_in("002"), await house.signed_in("001")
    if how == "ended":
        page = await owner.get(f"/posts/{number}/end")
        await owner.post(f"/posts/{number}/end", form=page.key)
    elif how == "expired":
        await house.node.pool.execute(
            "UPDATE plain.post SET expires_at_s = $1 WHERE post = $2", now_s() - DAY_S, str(number)
        )
    else:
        page = await owner.get("/me/away")
        await owner.post("/me/away", form=page.key)
    await house.seen()

    page, own = await reader.get(f"/posts/{number}"), await owner.get(f"/posts/{number}")

    assert page.status == (404 if how == "paused" else 410)
    assert ("even weg" if how == "paused" else "weggehaald of afgelopen") in page.words
    assert "Zoek iets anders" in page.words
    assert BIKE not in page.words
    assert own.status == 200
    assert ("Ik ben terug" if how == "paused" else "Nog een jaar laten staan") in own.words
    if how != "paused":
        back = await owner.post(f"/posts/{number}/renew", typed(own))
        await house.seen()
        assert back.path == f"/posts/{number}?done=post-renewed"
        assert (await reader.get(f"/posts/{number}")).status == 200


async def test_what_another_group_took_back_says_so_too(house: House) -> None:
    other = await beta(house)
    await put(other, "001")
    path = await heard(house, other)
    await house.node.pool.execute("UPDATE plain.post SET refreshed_at_s = 0 WHERE node <> ''")

    page = await (await house.signed_in("001")).get(path)

    assert page.status == 410
    assert "voorbij" in page.words


async def test_only_its_owner_and_coordinators_change_a_post(house: House) -> None:
    number = await put(house.group, "002")
    owner, other = await house.signed_in("002"), await house.signed_in("001")
    coordinator = await house.signed_in("003")
    before = house.node.sequencer.size

    for what in ("edit", "renew", "end"):
        path = f"/posts/{number}/{what}"
        assert (await owner.get(path)).status == 200
        assert (await coordinator.get(path)).status == 200
        for got in (await other.get(path), await other.post(path, until="2027-01-01")):
            assert got.status == 403, path
        assert (await house.browser().get(path)).path.startswith("/login?")
    assert house.node.sequencer.size == before


@pytest.mark.parametrize(
    "name",
    [
        "0",
        "-1",
        "999",
        "1.2",
        ".1",
        "x.y",
        "<script>",
        "💐",
        "x" * 300,
        "a.b.c",
        "1e3",
        "²",
    ],
)
async def test_an_address_that_nobody_gave_out_is_nothing(house: House, name: str) -> None:
    browser = await house.signed_in("001")

    page = await browser.get(f"/posts/{name}")

    assert page.status == 404
    assert "hier niet te vinden" in page.words
    for what in ("edit", "renew", "end"):
        assert (await browser.get(f"/posts/{name}/{what}")).status == 404


async def test_what_somebody_wrote_is_text(house: House) -> None:
    evil = '<script>alert(1)</script>" onmouseover="alert(1)'
    number = await put(house.group, "002", evil, text=evil, place=evil, postcode="9000")
    right = await put(house.group, "005", "תיקון אופניים 🚲", text="שלום")
    browser = await house.signed_in("001")

    for path in (f"/posts/{number}", f"/posts/{right}", "/search", "/members/005", "/members/002"):
        page = await browser.get(path)
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert '" onmouseover="alert' not in page.text
    assert "<bdi>תיקון אופניים 🚲</bdi>" in (await browser.get(f"/posts/{right}")).text


async def test_own_posts_are_listed_and_renewed_in_one_tap(house: House) -> None:
    lasting = await put(house.group, "001", "Taart bakken", expires_at_s=now_s() + 200 * DAY_S)
    soon = await put(house.group, "001", "Gras maaien", expires_at_s=now_s() + 5 * DAY_S)
    browser = await house.signed_in("001")
    page = await browser.get("/me/posts")
    assert page.words.index("Wat er nu staat") < page.words.index("Taart bakken")
    assert f'action="/posts/{soon}/renew"' in page.text
    assert f'action="/posts/{lasting}/renew"' not in page.text

    fields, before = typed(page), house.node.sequencer.size
    twice = [await browser.post(f"/posts/{soon}/renew", fields) for _ in range(2)]
    await house.seen()

    assert [got.status for got in twice] == [200, 200]
    assert house.node.sequencer.size == before + 1
    assert "Nog een jaar" not in (await browser.get("/me/posts")).words


async def test_being_away_hides_posts_until_one_is_back(house: House) -> None:
    await put(house.group, "002")
    owner, reader = await house.signed_in("002"), await house.signed_in("001")

    form = await owner.get("/me/away")
    wrong = await owner.post("/me/away", form=form.key, until="morgen")
    past = await owner.post("/me/away", form=form.key, until="2001-01-01")
    gone = await owner.post("/me/away", form=past.key, until="31/12/2027")
    await house.seen()

    assert (wrong.status, past.status, gone.status) == (422, 422, 200)
    assert "Dit is geen dag." in wrong.words
    assert 'value="morgen"' in wrong.text
    assert "tot en met 31 december 2027" in (await owner.get("/me/posts")).words
    assert BIKE not in (await reader.get("/search")).words
    back = await owner.get("/me/away")
    await owner.post("/me/away", typed(back))
    await house.seen()
    assert BIKE in (await reader.get("/search")).words


async def test_every_number_of_pictures_is_shown_with_words_beside_it(house: House) -> None:
    shots = [drawing((n * 40, 0, 0)) for n in range(3)]
    number = await put(house.group, "002", photos=shots)

    page = await (await house.signed_in("001")).get(f"/posts/{number}")

    assert len(pictures_on(page.text)) == 3
    assert page.text.count('alt="Foto ') == 3
    assert pictures.SIDE_MAX == 1600
