"""Every page with things that exist, as all who may see it: it is made, and has the balance.

`audiences` says who gets which page, with ids that mostly are nobody's. Here each address is
one of the furnished group; what belongs to An alone is refused to all others by its real id.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple

import pytest

from federation.members import feed_serving
from federation.members.reader import OPERATOR
from federation.web import look
from federation.web.app import MODULES
from tests.browser.test_every_page import BETWEEN, FILES, patterns
from tests.browser.whole_world import STRANGER, Way, furnish
from tests.federation.web.audiences import WHO_GETS
from tests.federation.web.conftest import Browser, House
from tests.federation.web.test_booking_words import newcomer

HERS = frozenset(
    {
        "/threads/{thread}",
        "/threads/{thread}/book",
        "/threads/{thread}/block",
        "/threads/{thread}/report",
        "/trades/{path}",
        "/trades/{path}/decline",
        "/trades/{path}/wrong",
        "/statement/{booking}/proof",
        "/statement/{booking}/proof/file",
        "/me/household/{person}/leave",
        "/activities/{activity}/edit",
        "/activities/{activity}/cancel",
        "/posts/{post}/edit",
        "/posts/{post}/renew",
        "/posts/{post}/end",
    }
)
"""Of what An wrote, booked or leads; a coordinator has the rest of her things by acting for her."""
OF_LEADERS = frozenset(
    {
        "/activities/{activity}/cancel",
        "/posts/{post}/edit",
        "/posts/{post}/renew",
        "/posts/{post}/end",
    }
)
"""What coordinators may do about it without her."""
SOME_PUBLIC = frozenset(
    {"/posts/{post}", "/pictures/{digest}/{size}", "/pictures/{node}/{digest}/{size}"}
)
"""Strangers see what its member made public."""
BARE = ("/mailbox/",)
"""A mail as it came is no page of ours."""
NOT_MADE = frozenset(
    {
        "/group/import/receipt",
        "/look/{digest}/logo.jpg",
        "/statement/{booking}/proof/file",
        "/members/{code}/bookings/{booking}/proof/file",
    }
)
"""Nobody moved in, nor chose a logo; and what cosigns the books has been stopped."""
LINKED = re.compile(r'(?:href|src)="(/[^"#]*)"')


class Got(NamedTuple):
    """What an address gave."""

    status: int
    path: str
    text: str
    is_page: bool

    @property
    def words(self) -> str:
        plain = re.sub(r"<[^>]*>", " ", self.text)
        return " ".join(unescape(plain).replace("\N{NO-BREAK SPACE}", " ").split())


async def get(browser: Browser, path: str) -> Got:
    async with browser.session.get(browser.url + path) as response:
        body = await response.read()
        return Got(
            response.status,
            response.url.raw_path_qs,
            body.decode(errors="replace"),
            response.content_type == "text/html",
        )


def route_of(path: str) -> str:
    """Name the route of an address; one without a name in it goes before one with."""
    plain = path.partition("?")[0]
    if plain in ROUTES:
        return plain
    fitting = [route for route, pattern in ROUTES.items() if pattern.fullmatch(plain)]
    return min(fitting, key=lambda route: route.count("{"), default="")


ROUTES = {
    page.path: re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(page.path)))
    for module in MODULES
    for page in module.pages.all
    if page.method == "GET"
}


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_serving, "REST", 0)


async def everybody(house: House) -> dict[str, Browser]:
    return {
        "anonymous": house.browser(),
        "member": await house.signed_in("001"),
        "coordinator": await house.signed_in("003"),
        "auditor": await house.signed_in("004"),
        "treasurer": await newcomer(house, "012", "treasurer"),
        "editor": await newcomer(house, "013", "editor"),
    }


def gets(who: str, route: str, path: str, ways: list[Way]) -> bool:
    """Tell whether somebody gets a page; of what is An's not everybody does."""
    if who == "anonymous" and route in SOME_PUBLIC:
        return Way(STRANGER, path) in ways
    if route == "/posts/{post}" and any(way.path == f"{path}/unhide" for way in ways):
        return who in ("member", "coordinator", "editor")  # hidden: who sees to it, and the owner
    if route in HERS and who != "member":
        return who == "coordinator" and route in OF_LEADERS
    return who in WHO_GETS["GET", route]


async def test_every_page_is_made_for_whom_it_is_and_for_nobody_else(house: House) -> None:
    ways = [way for way in await furnish(house) if not way.path.endswith("/999")]
    people = await everybody(house)
    paths = {*(way.path for way in ways), *await linked(people["member"], ways)}
    paths |= await linked(people["coordinator"], ways)
    wrong, made = [], set()

    for path in sorted(paths):
        route = route_of(path)
        for who, browser in people.items():
            got = await get(browser, path)
            fine = got.status == 200 and (
                route.startswith("/login") or not got.path.startswith("/login?")
            )
            if fine is not gets(who, route, path, ways):
                wrong.append(f"{who}: {path} ({route}) gave {got.status} {got.path}")
            elif fine:
                made.add(route)

    assert not wrong, "\n".join(wrong)
    assert set(patterns()) - made == BETWEEN
    assert made >= FILES - NOT_MADE


class Styles(HTMLParser):
    """Reads what of a page says how it looks."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.linked: list[str | None] = []
        self.own: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "link" and "stylesheet" in (said.get("rel") or "").split():
            self.linked.append(said.get("href"))
        if tag == "style" or "style" in said:
            self.own.append(self.get_starttag_text())


async def test_each_page_links_one_stylesheet_and_says_no_style_itself(house: House) -> None:
    await look.choose(house.node, OPERATOR, "#1d5a4d", logo=None)
    people = {STRANGER: house.browser()}
    sheets, wrong, made = set(), [], set()

    for way in (*await furnish(house), Way(STRANGER, "/api/v1/")):
        if way.code not in people:
            people[way.code] = await house.signed_in(way.code)
        got = await get(people[way.code], way.path)
        if not got.is_page or (way.path.startswith(BARE) and way.path.endswith("/html")):
            continue
        made.add(route_of(way.path))
        styles = Styles(got.text)
        sheets |= {*styles.linked}
        if len(styles.linked) != 1 or styles.own:
            wrong.append(f"{way.path}: {styles.linked} {styles.own}")

    assert not wrong, "\n".join(wrong)
    assert len(sheets) == 1, sheets
    assert set(patterns()) - made == {*BETWEEN, "/mailbox/{mail}/html"}


def test_more_than_a_stylesheet_is_found() -> None:
    page = Styles('<link rel="icon stylesheet" href=a><style>p{}</style><br style="color: red"/>')

    assert page.linked == ["a"]
    assert page.own == ["<style>", '<br style="color: red"/>']


async def linked(browser: Browser, ways: list[Way]) -> set[str]:
    """Give the files that pages lead to or show."""
    found = {"/robots.txt", "/share.png"}
    for way in ways:
        page = await get(browser, way.path)
        found |= {unescape(link) for link in LINKED.findall(page.text)}
    return {link for link in found if route_of(link) in FILES}


async def test_the_own_balance_stands_on_every_page_in_words_and_units(house: House) -> None:
    ways = [way for way in await furnish(house) if not way.path.endswith("/999")]
    people = await everybody(house)
    del people["anonymous"]
    codes = {"member": "001", "coordinator": "003", "auditor": "004"}
    wrong = []

    for who, browser in people.items():
        minor = house.node.machine.books.ledger.balance(house.account(codes.get(who, ROLES[who])))
        amount = f"Saldo {minor} {'unit' if abs(minor) == 1 else 'units'}"
        said = re.search(r"Je (gaf|kreeg) [^.]*\.", (await get(browser, "/me")).words)
        assert said is not None, who
        assert (str(abs(minor)) in said[0]) is (minor != 0), said[0]
        for path in dict.fromkeys(way.path for way in ways):
            got = await get(browser, path)
            if not got.is_page or (path.startswith(BARE) and path.endswith("/html")):
                continue
            words = got.words.replace("\N{MINUS SIGN}", "-")
            if amount not in words or said[0] not in words:
                wrong.append(f"{who}: {path} gave {got.status}, without {amount}, {said[0]}")

    assert not wrong, "\n".join(wrong)


ROLES = {"treasurer": "012", "editor": "013", "member": "", "coordinator": "", "auditor": ""}


async def test_the_balance_of_whom_one_acts_for_stands_there_instead(house: House) -> None:
    await house.group.ask("pay", payer="001", payee="002", amount_minor=7)
    cora = await house.signed_in("003")
    await cora.post("/me/acting", account=str(house.account("001")))

    for path in ("/home", "/statement", "/give", "/trades", "/members", "/me"):
        words = (await get(cora, path)).words.replace("\N{MINUS SIGN}", "-")
        assert "Saldo van An Peeters -7 units" in words, path
        assert "An Peeters kreeg tot nu toe 7 units meer" in words, path
