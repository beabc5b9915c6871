"""The demo's drawings, its cables, and how pictures are put into the docs."""

from __future__ import annotations

import asyncio
import io
import re
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from PIL import Image

from deploy.demo import posts
from deploy.demo.cable import Cables
from deploy.demo.drawings import DRAWINGS, HEIGHT, WIDTH, draw_all
from deploy.demo.pictures import PLACES, SIZE_MAX, placed, smaller
from tests.ports import free_port


def test_the_same_drawing_comes_out_every_time(tmp_path: Path) -> None:
    once, again = draw_all(tmp_path / "once"), draw_all(tmp_path / "again")

    for name in DRAWINGS:
        assert once[name].read_bytes() == again[name].read_bytes()
        with Image.open(once[name]) as image:
            assert image.size == (WIDTH, HEIGHT)
            assert len(image.getcolors(WIDTH * HEIGHT) or ()) > 4


def test_every_post_has_a_drawing_and_every_drawing_a_post() -> None:
    named = {name for said in posts.POSTS.values() for post in said for name in post.drawings}

    assert named == DRAWINGS.keys()


def test_a_category_of_a_post_stands_below_one_that_is_there() -> None:
    lower = {post.category for said in posts.POSTS.values() for post in said}

    assert lower <= posts.UPPER.keys()
    assert not set(posts.UPPER.values()) & posts.UPPER.keys()


class Echo:
    """A server that sends back what it gets, and remembers it."""

    def __init__(self) -> None:
        self.got = b""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(1000):
            self.got += piece
            writer.write(piece)
        writer.close()


def carried(path: str) -> bytes:
    """Write an event as it travels."""
    core = f'{{"n":1,"path":"{path}","type":"pay.commit"}}'.encode()
    return b'{"core":"' + urlsafe_b64encode(core).rstrip(b"=") + b'"}'


@pytest.mark.parametrize("pieces", [1, 7])
async def test_a_cable_breaks_before_the_event_is_there(pieces: int) -> None:
    echo, cables = Echo(), Cables()
    port, target = free_port(), free_port()
    server = await asyncio.start_server(echo.answer, "127.0.0.1", target)
    await cables.lay(port, target)
    event, older = carried("one"), carried("other")

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    cables.break_at("pay.commit", "one")
    writer.write(older)
    assert await reader.readexactly(len(older)) == older
    size = -(-len(event) // pieces)
    for at in range(0, len(event), size):
        writer.write(event[at : at + size])
        await writer.drain()
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await cables.broken.wait()
    writer.transport.abort()

    assert echo.got.startswith(b"hello" + older)
    assert event not in echo.got
    again, closed = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(10):
        assert await again.read() == b""
    closed.close()
    cables.mend()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(event)
    assert await reader.readexactly(len(event)) == event
    writer.close()
    await cables.close()
    server.close()
    await server.wait_closed()


def test_a_picture_fits_into_its_size() -> None:
    noise = Image.effect_noise((900, 600), 90).convert("RGB")
    kept = io.BytesIO()
    Image.new("RGB", (780, 1688), "#abcdef").save(kept, "PNG")

    assert len(smaller(kept.getvalue())) < SIZE_MAX
    kept = io.BytesIO()
    noise.save(kept, "PNG")
    with pytest.raises(ValueError, match="larger"):
        smaller(kept.getvalue())


def test_pictures_are_put_at_their_places_and_taken_away_again() -> None:
    text = (
        "a\n<!-- picture home -->\nb\n<!-- picture post -->\n![old](pictures/members-post.png)\nc"
    )

    once = placed(text, {"home": "Thuis"}, "pictures")

    want = (
        "a\n<!-- picture home -->\n![Thuis](pictures/members-home.png)\nb\n<!-- picture post -->\nc"
    )
    assert once == want == placed(once, {"home": "Thuis"}, "pictures")


def test_no_place_for_a_picture_is_empty() -> None:
    for page in PLACES:
        empty = re.findall(r"<!-- picture ([a-z-]+) -->\n(?!!\[)", page.read_text("utf-8"))
        assert empty == [], page
