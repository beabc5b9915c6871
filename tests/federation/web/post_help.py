"""Offers and wants for tests of their pages: placed as members place them, here and in beta."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape
from io import BytesIO
from typing import Any

import aiohttp
from PIL import Image

from federation.members import pictures, posts
from federation.members.reader import Reader
from federation.members.roles import reader_of
from federation.node.service import now_s
from federation.node.use_cases import account_by_code, new_key
from schemas.member_bodies import Price, PriceKind, Visibility
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.world.conftest import WorldNode
from tests.federation.world.test_feed import read

DAY_S = 86_400
BIKE = "Fiets herstellen"


def drawing(
    colour: tuple[int, int, int] = (200, 120, 40), size: tuple[int, int] = (640, 480)
) -> bytes:
    """Give a picture as a phone makes one, with the place where it was made."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (51.0, 3.0, 0.0)}  # where it was made
    made = BytesIO()
    Image.new("RGB", size, colour).save(made, "JPEG", exif=exif)
    return made.getvalue()


async def put(node: WorldNode, code: str, title: str = BIKE, /, **said: Any) -> int:
    """Place an offer of a member."""
    reader: Reader = reader_of(node.node, account_by_code(node.node, code).account)
    shown = tuple(
        [(await pictures.store(node.node, reader, one)).picture for one in said.pop("photos", ())]
    )
    fields: dict[str, Any] = {
        "want": False,
        "visibility": Visibility.INTERLETS,
        "expires_at_s": now_s() + 90 * DAY_S,
        "price": Price(kind=PriceKind.PIECE, amount_minor=8),
        "pictures": shown,
    } | said
    form = posts.PostForm(title=title, **fields)
    return await posts.place(node.node, reader, form, key=new_key())


async def beta(house: House, *, per_hour: int = 60) -> WorldNode:
    """Give a second group with a line, in which Marc of Leuven is member 001."""
    other = await house.world.make("beta", per_hour)
    await house.world.link(house.group, other)
    await other.ask("member.add", code="001", name="Marc")
    await other.ask("member.describe", code="001", name="Marc", postcode="3000")
    return other


async def heard(house: House, other: WorldNode) -> str:
    """Read what the other group offers, and give the address of its newest post here."""
    await read(house.group, other)
    offer = await house.node.pool.fetchval(
        "SELECT post FROM plain.post WHERE node = $1 ORDER BY placed_at_s DESC, change_n DESC",
        other.node.id,
    )
    assert offer is not None
    return f"/posts/{other.node.id}.{offer}"


async def lives_in(house: House, code: str, name: str, postcode: str) -> None:
    await house.group.ask("member.describe", code=code, name=name, postcode=postcode)
    await house.seen()


def typed(page: Page) -> dict[str, str]:
    """Give what the fields of a form of a page hold, as a browser would send them."""
    text = page.text.replace("\n", "\v")
    found = {"form": page.key}
    for tag in re.findall(r"<input ([^>]*)>", text):
        said = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        kind = said.get("type", "text")
        if kind in {"file", "search", "url"} or "name" not in said or said["name"] == "next":
            continue
        if kind in {"radio", "checkbox"} and " checked" not in tag:
            continue
        found[said["name"]] = unescape(said.get("value", ""))
    for name, options in re.findall(r'<select id="[^"]*" name="([^"]*)"[^>]*>(.*?)</select>', text):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        first = re.search(r'<option value="([^"]*)"', options)
        assert first is not None
        found[name] = unescape((chosen or first)[1])
    for name, words in re.findall(
        r'<textarea id="[^"]*" name="([^"]*)"[^>]*>(.*?)</textarea>', text
    ):
        found[name] = unescape(words.replace("\v", "\n").removeprefix("\n"))
    return found


async def send(
    browser: Browser, path: str, fields: Mapping[str, str], photos: Sequence[bytes] = ()
) -> Page:
    """Send a form with its files."""
    body = aiohttp.FormData(quote_fields=False)
    for name, text in fields.items():
        body.add_field(name, text, content_type="text/plain; charset=utf-8")
    for n, photo in enumerate(photos):
        body.add_field("picture", BytesIO(photo), filename=f"{n}.jpg", content_type="image/jpeg")
    if not photos:
        body.add_field("picture", b"", filename="", content_type="application/octet-stream")
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with browser.session.post(browser.url + path, data=body, headers=headers) as response:
        return Page(
            response.status, response.url.raw_path_qs, await response.text(), response.headers
        )
