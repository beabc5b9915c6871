"""The colour of a group can be read whatever it is, and is no way to write into a page."""

from __future__ import annotations

import re
from io import BytesIO

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from federation.members.reader import OPERATOR
from federation.node.node_key import NODE
from federation.web import colours, look
from federation.web.colours import BLACK, DARK, LIGHT, WHITE, Colour, contrast
from federation.web.look import Look, look_of
from federation.web.static_files import read_static_files
from schemas.errors import Code, InputError
from tests.federation.web.conftest import House, Page

AA = 4.5  # WCAG 2.2, success criterion 1.4.3
COLOURS = st.builds(Colour, *[st.integers(0, 255)] * 3)


@given(COLOURS)
def test_every_colour_gives_shades_that_can_be_read(colour: Colour) -> None:
    for theme in (LIGHT, DARK):
        found = colours.shades(colour, theme)
        for front in (found.main, found.deep):
            for behind in (theme.paper, theme.card, found.tint, found.on):
                assert contrast(front, behind) >= AA
        assert contrast(theme.ink, found.tint) >= AA


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(Colour(0x76, 0x76, 0x76), WHITE) == pytest.approx(4.54, abs=0.01)
    good = Colour(0x1D, 0x5A, 0x4D)
    assert colours.shades(good, LIGHT).main == good
    assert colours.shades(Colour(0xFF, 0xFF, 0), LIGHT).main != Colour(0xFF, 0xFF, 0)


def test_the_themes_are_those_of_the_stylesheet() -> None:
    css = read_static_files().by_name["style.css"].content.plain.decode()
    light, dark = re.findall(r"--paper: (#\w+); --card: (#\w+); --ink: (#\w+);", css)[:2]
    for theme, said in ((LIGHT, light), (DARK, dark)):
        written = ["#ffffff" if one == "#fff" else one for one in said]
        assert [str(theme.paper), str(theme.card), str(theme.ink)] == written


@pytest.mark.parametrize("bad", ["red", "#12345", "#1234567", "#12345g", "}", "url(x)"])
async def test_only_a_colour_is_a_colour(bad: str) -> None:
    assert colours.read_colour(bad) is None


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGBA", (900, 300), (10, 90, 80, 128)).save(made, "PNG")
    return made.getvalue()


async def test_a_coordinator_chooses_and_everybody_sees(house: House) -> None:
    cora, stranger = await house.signed_in("003"), house.browser()
    page = await cora.get("/group/look")
    fields = aiohttp.FormData({"form": page.key, "own": "yes", "colour": "#FFEE00"})
    fields.add_field("logo", picture(), filename="logo.png", content_type="image/png")
    headers = {"Sec-Fetch-Site": "same-origin"}
    url = house.node.settings.public_url
    async with cora.session.post(f"{url}/group/look", data=fields, headers=headers) as response:
        assert response.status == 200
        assert "aangepast" in await response.text()

    page = await stranger.get("/login")
    path = linked(page, r'href="(/static/\w+/style-\w+\.css)"')
    css = await stranger.get(path)
    assert css.headers["Content-Type"] == "text/css; charset=utf-8"
    assert css.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert css.headers["Content-Encoding"] == "gzip"
    assert css.headers["Vary"] == "Accept-Encoding"
    ours = house.place.static.by_name["style.css"].content.plain.decode()
    whole, behind = css.text[: len(ours)], css.text[len(ours) :]
    assert whole == ours
    assert behind.startswith("@media screen {\n  :root { --warm: #")
    assert behind.count("@media screen ") == behind.count(":root") == 2, "paper stays black"
    assert behind.count("{") == behind.count("}")
    async with stranger.session.get(url + linked(page, r'src="(/look/\w+/logo\.jpg)"')) as response:
        with Image.open(BytesIO(await response.read())) as logo:
            assert logo.size == (320, 107)
    folder, _, name = path.rpartition("/")
    for old in (f"{folder}/style-older.css", f"/static/0000/{name}"):
        given = await stranger.get(old)
        assert given.text == css.text
        assert given.headers["Cache-Control"] == "no-cache"

    del house.node.parts[Look]  # a process that starts
    async for _ in look.load({NODE: house.node}):  # type: ignore[arg-type]
        assert look_of(house.node).colour == "#ffee00"
        assert look_of(house.node).logo
    page = await cora.post("/group/look", form=page.key, without__logo="yes")
    assert "/look/" not in (await stranger.get("/login")).text
    assert house.place.static.path("style.css") in (await stranger.get("/login")).text
    assert (await stranger.get(path)).status == 404


def linked(page: Page, pattern: str) -> str:
    found = re.search(pattern, page.text)
    assert found is not None
    return found[1]


async def test_what_is_no_colour_and_no_picture_changes_nothing(house: House) -> None:
    for colour, logo, code in (
        ("red; } body { display: none", None, Code.MALFORMED),
        ("#123456", b"<svg onload=alert(1)>", Code.PICTURE_UNREADABLE),
    ):
        with pytest.raises(InputError) as refused:
            await look.choose(house.node, OPERATOR, colour, logo=logo)
        assert refused.value.code is code
    assert look_of(house.node) == look.PLAIN
