"""The picture of a member: chosen, replaced and taken away on its page, seen by its group."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

from federation.members import my_data, profiles
from federation.members.reader import OPERATOR
from federation.members.roles import reader_of
from tests.federation.web.conftest import Browser, House, Page, house
from tests.federation.web.post_help import drawing, send, typed

__all__ = ["house"]

PATH = "/me/picture"


def faces(page: Page) -> list[tuple[str, str]]:
    """Give address and words of each picture of a page."""
    return re.findall(r'<img class="face[^"]*" src="([^"]*)" alt="([^"]*)"', page.text)


async def choose(browser: Browser, *photos: bytes, **more: str) -> Page:
    form = await browser.get(PATH)
    return await send(browser, PATH, {"form": form.key, **more}, photos)


async def test_a_picture_is_chosen_replaced_and_taken_away(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    before = await bert.get("/members")

    chosen = await choose(an, drawing((200, 0, 0)))
    await house.seen()
    listed, alone = await bert.get("/members"), await bert.get("/members/001")
    await choose(an, drawing((0, 0, 200)))
    await house.seen()
    replaced = await bert.get("/members/001")
    form = await an.get(PATH)
    gone = await an.post(PATH, {"form": form.key, "remove": "yes"})
    await house.seen()

    assert faces(before) == []
    assert chosen.path == "/me?done=saved"
    ((small, words),) = faces(chosen)
    assert words == "Foto van An Peeters"
    assert faces(listed) == faces(alone) == [(small, words)]
    assert [alt for _, alt in faces(replaced)] == [words]
    assert faces(replaced) != faces(alone)
    assert "Foto weghalen" in form.words
    assert (gone.path, faces(gone)) == ("/me?done=saved", [])
    assert faces(await bert.get("/members/001")) == []
    assert faces(await bert.get("/members")) == []


async def test_the_picture_is_for_members_alone(house: House) -> None:
    an, bert, stranger = await house.signed_in("001"), await house.signed_in("002"), house.browser()
    ((small, _),) = faces(await choose(an, drawing()))
    await house.seen()

    async with bert.session.get(bert.url + small) as response:
        shown = Image.open(BytesIO(await response.read()))
    refused = await stranger.get(small)
    told = await stranger.get("/privacy")

    assert "Een foto van jezelf, als je er een kiest" in told.words
    assert shown.size == (320, 240)
    assert dict(shown.getexif()) == {}
    assert refused.status == 404


@pytest.mark.parametrize(
    ("upload", "said"),
    [(b"", "Kies eerst een foto."), (b"no picture", "geen foto die we kunnen lezen")],
)
async def test_what_is_no_picture_is_said_beside_the_field_and_changes_nothing(
    house: House, upload: bytes, said: str
) -> None:
    an = await house.signed_in("001")
    await choose(an, drawing())

    answer = await choose(an, *([upload] if upload else []))
    await house.seen()

    assert answer.status == 422
    assert said in answer.words
    assert 'id="picture-wrong"' in answer.text
    profile = await profiles.profile(house.node, house.account("001"), OPERATOR)
    assert profile.picture is not None


async def test_a_profile_that_is_saved_keeps_its_picture(house: House) -> None:
    an = await house.signed_in("001")
    await choose(an, drawing())
    form = await an.get("/me/profile")

    await an.post("/me/profile", {**typed(form), "name": "Anna"})
    await house.seen()

    profile = await profiles.profile(house.node, house.account("001"), OPERATOR)
    assert (profile.name, profile.picture is None) == ("Anna", False)


async def test_the_picture_is_among_all_my_data(house: House) -> None:
    an = await house.signed_in("001")
    ((small, _),) = faces(await choose(an, drawing()))
    reader = reader_of(house.node, house.account("001"))

    rows = await my_data._profile(house.node, house.account("001"))
    found = [one async for one in my_data.pictures_of(house.node, reader)]

    (named,) = [row["value"] for row in rows if row["field"] == "picture"]
    assert [name for name, _ in found] == [named]
    assert small.split("/")[2].startswith(named.removesuffix(".jpg"))
    assert Image.open(BytesIO(found[0][1])).size == (640, 480)
