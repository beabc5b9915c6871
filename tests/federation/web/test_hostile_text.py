"""Hostile text in every field of every form there is: kept harmless, shown harmless, never a 500.

The forms are read from the pages of a furnished group, so a new page is walked by itself; that each
address which takes a form was reached is compared with the table of pages.
"""

from __future__ import annotations

import csv
import inspect
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from urllib.parse import quote_plus

import pytest

from federation.members import feed_serving
from federation.node.use_cases import new_key
from federation.web.app import MODULES
from tests.browser.whole_world import STRANGER, Way, furnish
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.web.sent_forms import SentForm, forms_of
from tests.federation.web.test_audiences import address

HOSTILE: dict[str, str | bytes] = {
    "nul": "ku\x00is",
    "right to left": "ku\u202eis",
    "joined signs": "👩\u200d🌾 ku\u200bis",
    "script": "<script>kuis()</script>",
    "template": "{{7*719993*919997}} {%print(7*719993*919997)%} %(kuis)s %s {0}",
    "quotes": '"\' onkuis="kuis()" \'--',
    "two lines": "kuis\r\nX-Kuis: ja",
    "formula": "=KUIS()",
    "half a character": "ku\ud800is",
    "no text at all": b"ku\xed\xa0\x80\xff\xfeis",
    "a number too large": "9" * 40,
}
PAIRS = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=kuis"
LONG = "x" * 1_000_000
SHOWN_RAW = ("<script>kuis", 'onkuis="', "\x00", "X-Kuis: ja\n")
TURNS = "\u202e"
SET_OFF = re.compile(r"<bdi>.*?</bdi>|<(p|h2|ul) dir=\"auto\">.*?</\1>", re.DOTALL)
"""What turns others around may stand in these alone: their end ends it."""
ARCHIVE = "PK\x03\x04"
KEY_LENGTH = 22
ESCAPED = "&lt;script&gt;kuis()&lt;/script&gt;"
KEPT_MIN = 100
COMPUTED = "4636739800147"
"""What a template would make of it: too long to stand in a port, a key or a time by chance."""
LEFT_ALONE = {"/logout", "/language"}
"""What ends the walk or changes its language; neither has a field to write in."""
READ = re.compile(r"form\.\w+\(\s*\"([a-z_-]+)\"")
"""How a handler names a field that it reads."""


def posted() -> dict[str, re.Pattern[str]]:
    """Give each address that takes a form, and what it looks like."""
    return {
        page.path: re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(page.path)))
        for module in MODULES
        for page in module.pages.all
        if page.method == "POST" and page.path not in LEFT_ALONE
    }


def route_of(path: str) -> str:
    """Name the route of an address; one without a name in it goes before one with."""
    plain = path.partition("?")[0]
    routes = posted()
    if plain in routes:
        return plain
    fitting = [route for route, pattern in routes.items() if pattern.fullmatch(plain)]
    return min(fitting, key=lambda route: route.count("{"), default="")


class Walker:
    """Whoever signs in again when a form has signed it out."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.kept = 0
        """So many answers showed a script as text."""
        self.browsers: dict[str, Browser] = {STRANGER: house.browser()}

    async def page(self, way: Way) -> Page:
        if way.code not in self.browsers:
            self.browsers[way.code] = await self.house.signed_in(way.code)
        return await self.browsers[way.code].get(way.path)

    async def send(
        self, way: Way, form: SentForm, said: Mapping[str, str | bytes]
    ) -> tuple[int, str]:
        """Post a form as its page would, and give what comes of it, where it leads on."""
        browser = self.browsers[way.code]
        headers = {"Sec-Fetch-Site": "same-origin"}
        body = _parts(said) if form.has_files else _pairs(said)
        headers["Content-Type"] = PARTS if form.has_files else PAIRS
        async with browser.session.post(
            browser.url + form.action, data=io.BytesIO(body), headers=headers, allow_redirects=True
        ) as response:
            return response.status, await response.text(errors="replace")


def _raw(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode(errors="surrogatepass")


def _pairs(said: Mapping[str, str | bytes]) -> bytes:
    return b"&".join(f"{quote_plus(n)}={quote_plus(_raw(v))}".encode() for n, v in said.items())


def _parts(said: Mapping[str, str | bytes]) -> bytes:
    head = '--kuis\r\nContent-Disposition: form-data; name="{}"\r\n\r\n'
    parts = (head.format(name).encode() + _raw(value) + b"\r\n" for name, value in said.items())
    return b"".join((*parts, b"--kuis--\r\n"))


def harm(text: str) -> list[str]:
    """Say what stands unescaped or was computed on a page, but for what a field holds to change."""
    if text.startswith(ARCHIVE):
        return []  # its tables are looked at in `seen`
    fields = re.compile(r'<textarea[^>]*>.*?</textarea>|value="[^"]*"', re.DOTALL)
    shown = fields.sub("", text)
    found = [mark for mark in SHOWN_RAW if mark in shown]
    found += [TURNS] if TURNS in SET_OFF.sub("", shown) else []
    found += ["<script>kuis"] if "<script>kuis" in text else []
    return found + ([COMPUTED] if COMPUTED in shown else [])


def cells(body: bytes) -> Iterable[str]:
    """Give the cells of a table, or of every table in a ZIP."""
    if body.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(body))
        tables = [archive.read(name) for name in archive.namelist() if name.endswith(".csv")]
    else:
        tables = [body]
    for table in tables:
        for row in csv.reader(io.StringIO(table.decode("utf-8-sig")), delimiter=";"):
            yield from row


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_serving, "REST", 0)


async def test_no_field_of_any_form_lets_hostile_text_do_harm(house: House) -> None:
    ways = list(dict.fromkeys(await furnish(house)))
    walker, wrong, reached = Walker(house), [], set()
    sent: set[tuple[str, str, str]] = set()

    for way in ways:
        page = await walker.page(way)
        for form in forms_of(page.text, page.path):
            route = route_of(form.action)
            for number, held in enumerate(form.ways()):
                once = (way.code, route, f"{number} {sorted(held)}")
                if not route or once in sent:
                    continue
                sent.add(once)
                reached.add(route)
                wrong += await tried(walker, way, form, held)

    assert not wrong, "\n".join(wrong)
    for route, fields in unseen(reached).items():
        form = SentForm(route)
        form.held, form.written = dict.fromkeys(fields, "Tekst"), fields
        wrong += await tried(walker, Way("003", route), form, form.held)

    assert not wrong, "\n".join(wrong)
    assert walker.kept >= KEPT_MIN, "most of it is kept, and shown as it was written"
    assert len(reached) > len(posted()) // 2
    assert await seen(walker, ways) == []


def unseen(reached: set[str]) -> dict[str, list[str]]:
    """Give addresses whose form no page of the walk shows, with the fields that are read there.

    Second steps, and what a mail leads to.
    """
    found = {}
    for module in MODULES:
        names = sorted({"form", "do", *READ.findall(inspect.getsource(module))})
        for page in module.pages.all:
            if page.method == "POST" and page.path in posted().keys() - reached:
                found[address(page)] = names
    return found


async def tried(walker: Walker, way: Way, form: SentForm, held: dict[str, str]) -> list[str]:
    """Send a form with each hostile text: in what people write, and in all that it holds."""
    wrong = []
    texts: dict[str, str | bytes] = {**HOSTILE, "long": LONG}
    for what, hostile in texts.items():
        bodies: list[dict[str, str | bytes]] = [dict.fromkeys(held, hostile)]
        if form.written and hostile is not LONG:
            bodies.append({**held, **dict.fromkeys(form.written, hostile)})
        for body in bodies:
            if "form" in held:  # a fresh one each time: it is to be done, not answered as before
                body["form"] = new_key() + held["form"][KEY_LENGTH:]
            status, text = await walker.send(way, form, body)
            found = harm(text)
            walker.kept += ESCAPED in text
            if status >= 500 or found:
                wrong.append(f"{way.code} {form.action} {what}: {status} {found}")
    return wrong


async def seen(walker: Walker, ways: list[Way]) -> list[str]:
    """Look at every page and table afterwards, and say what does harm."""
    wrong = []
    for way in ways:
        page = await walker.page(way)
        found = harm(page.text)
        if page.status >= 500 or found:
            wrong.append(f"{way.code} {way.path}: {page.status} {found}")
    for code, path in TABLES:
        browser = walker.browsers[code]
        async with browser.session.get(browser.url + path) as response:
            body = await response.read()
        bad = [cell for cell in cells(body) if cell[:1] in ("=", "@", "\t") or "\x00" in cell]
        bad += [cell for cell in cells(body) if cell[:1] in "+-" and not _is_number(cell) and cell]
        if response.status != 200 or bad:
            wrong.append(f"{path}: {response.status} {bad[:3]}")
    return wrong


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9., \u202f\xa0]+", cell) is not None


TABLES = (
    ("001", "/statement/csv"),
    ("001", "/me/data.zip"),
    ("003", "/group/balances/csv"),
    ("003", "/group/members/csv"),
)
"""Tables for people; those of `/group/export` are for programs, which read what was written."""
