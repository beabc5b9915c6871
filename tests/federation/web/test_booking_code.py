"""The code that a member prints: what is drawn is the link that it says."""

from __future__ import annotations

import re
from html import unescape

import segno

from tests.federation.web.conftest import House
from tests.federation.web.two_groups import plain


def dark(picture: str) -> set[tuple[int, int]]:
    """Give the dark squares of a drawn code, as (row, column) without the border around it."""
    found, (row, column) = set[tuple[int, int]](), (0.0, 0.0)
    (drawn,) = re.findall(r'<path stroke="#000" d="([^"]+)"', picture)
    for step, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", drawn):
        if step == "h":
            found |= {(int(row) - 4, int(column) + n - 4) for n in range(int(first))}
            column += int(first)
        elif step == "m":
            row, column = row + float(second), column + float(first)
        else:
            row, column = float(second), float(first)
    return found


def modules(link: str) -> set[tuple[int, int]]:
    """Give the dark squares of the code that holds exactly this link."""
    made = segno.make(link, error="m", micro=False).matrix
    return {(y, x) for y, row in enumerate(made) for x, module in enumerate(row) if module}


async def test_the_code_on_paper_holds_a_plain_link(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    page = await an.get("/me/qr")
    picture = await an.get("/me/qr.svg")

    link = f"{house.node.settings.public_url}/give?to=001"
    assert link in unescape(page.text)
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.text.startswith("<svg")
    assert "style=" not in picture.text
    assert "viewBox" in picture.text
    assert dark(picture.text) == modules(link)
    assert dark(picture.text) != modules(link + "2")
    opened = await bert.get("/give?to=001")
    assert "Hoeveel geef je An Peeters?" in plain(opened)
