"""What no page of ours writes into an address, a form or a cookie: never a 500."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from tests.federation.web.conftest import House
from tests.federation.web.two_groups import Two, two
from tests.federation.world.conftest import WAIT_S

__all__ = ["two"]

TOO_LARGE = "9" * 19
"""No number of the database holds as much."""
PATHS = ("/threads/a%00", "/threads/a%00/book", "/trades/a%00/wrong", "/members/a%00")
QUERIES = (
    "/threads?before=5.a%00",
    f"/threads?before={TOO_LARGE}.a",
    "/trades?before=" + TOO_LARGE,
    "/members?q=a%00",
    "/give?q=ab%00",
    "/ask?q=ab%00",
    "/give?to=%00",
    "/search?q=a%00&near=%00&category=%00",
    "/statement?who=%00&text=%00",
)


async def test_a_path_with_a_nul_is_no_page(house: House) -> None:
    browser = await house.signed_in("001")

    seen = {path: (await browser.get(path)).status for path in PATHS}

    assert seen == dict.fromkeys(PATHS, 404)


async def test_a_form_sent_to_a_path_with_a_nul_finds_no_page(house: House) -> None:
    page = await (await house.signed_in("001")).post("/threads/a%00", text="Dag")

    assert page.status == 404
    assert "Hier is niets" in page.words


async def test_an_address_with_a_nul_or_too_large_a_number_is_read_without_it(house: House) -> None:
    browser = await house.signed_in("001")

    seen = {path: (await browser.get(path)).status for path in QUERIES}

    assert seen == dict.fromkeys(QUERIES, 200)


@pytest.mark.parametrize("field", ["code", "offer", "person"])
async def test_a_nul_in_what_names_somebody_elsewhere_is_dropped(two: Two, field: str) -> None:
    browser = await two.here.signed_in("001")
    group = two.there.node.id

    shown = await browser.get(f"/give?node={group}&{field}=a%00")
    sent = await browser.post("/give", {"node": group, field: "a\x00", "amount": "5"})
    begun = await browser.post("/threads/new", {"node": group, field: "a\x00", "text": "Dag"})

    assert (shown.status, sent.status) == (200, 422)
    assert begun.status < 500


FORM = "application/x-www-form-urlencoded"
BODIES = {
    "half a character": (f"{FORM}; charset=utf-7", b"address=+2AA-an@voorbeeld.be"),
    "half a character beside a password": (
        f"{FORM}; charset=unicode_escape",
        b"address=an%40voorbeeld.be&password=\\ud800",
    ),
    "parts without names": ("multipart/form-data; boundary=x", b"--x\r\nabcde"),
    "parts without a boundary": ("multipart/form-data", b"--x\r\nabcde"),
    "an unknown charset": (f"{FORM}; charset=base64", b"address=a"),
    "not packed": (f"{FORM}\r\nContent-Encoding: gzip", b"abcdef"),
}


async def _sent(house: House, head: str, body: bytes = b"") -> int:
    """Send bytes as they are, and give the status of the answer."""
    url = urlsplit(house.node.settings.public_url)
    async with asyncio.timeout(WAIT_S):
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        ends = f"Host: {url.netloc}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write((head + ends).encode("latin-1") + body)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    return int(answer.split()[1])


@pytest.mark.parametrize("kind", BODIES)
async def test_a_body_that_no_form_of_ours_sends_is_refused(house: House, kind: str) -> None:
    type_said, body = BODIES[kind]
    head = (
        "POST /login/password HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\n"
        f"Content-Type: {type_said}\r\n"
    )

    status = await _sent(house, head, body)

    assert status == 422


@pytest.mark.parametrize("path", ["/home", "/login/choose"])
async def test_a_cookie_of_other_bytes_signs_nobody_in(house: House, path: str) -> None:
    names = (house.place.cookie(), house.place.cookie("-login"))
    cookies = "; ".join(f"{name}=a\xff" for name in names)

    status = await _sent(house, f"GET {path} HTTP/1.1\r\nCookie: {cookies}\r\n")

    assert status == 303
