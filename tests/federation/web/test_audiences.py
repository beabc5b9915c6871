"""Every route that there is, walked as everybody: who gets which page (`audiences`)."""

from __future__ import annotations

import pytest
from aiohttp import web

from federation.node.app import make_app
from federation.web.app import MODULES, OTHERS
from federation.web.routes import Audience, Page
from schemas.amounts import Rate, Unit
from tests.federation.web.audiences import PARTS, WHO_GETS
from tests.federation.web.conftest import Browser, House
from tests.federation.web.test_reports import tell
from tests.federation.web.two_groups import furnished


def pages() -> list[Page]:
    return [page for module in MODULES for page in module.pages.all]


def test_every_page_says_whom_it_is_for() -> None:
    assert {(page.method, page.path) for page in pages()} == set(WHO_GETS)
    assert len(pages()) == len(WHO_GETS)


async def test_no_other_address_answers_people(house: House) -> None:
    """What the application serves is a page of the table, a file, or for programs and nodes."""
    app: web.Application = make_app(house.node)
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }

    rest = {
        (method, path)
        for method, path in served - set(WHO_GETS)
        if not path.startswith((*OTHERS, "/static/"))
    }
    assert rest == {("GET", "/favicon.ico")}


def address(page: Page) -> str:
    """Give an address of a page."""
    path = page.path
    for part, text in PARTS.items():
        path = path.replace(part, text)
    return path


async def from_elsewhere(house: House) -> Browser:
    """Give a browser in which a member of another group says, under both names, that it may in."""
    unit = Unit(singular="blommeke", plural="blommekes", rate=Rate(15))
    there = await furnished(house.world, "gamma", unit, {"001": "Lies Maes"}, "016 22 3")
    lies = await there.signed_in("001")
    assert (await lies.get("/home")).path == "/home"
    names = (there.place.cookie(), house.place.cookie())
    found = house.browser()
    found.session.headers["Cookie"] = "; ".join(f"{name}={lies.cookie()}" for name in names)
    await there.close()
    return found


async def walkers(house: House) -> dict[str, Browser]:
    other = await house.world.make("beta", 60)
    await house.group.ask("member.role", code="005", role="treasurer")
    await house.group.ask("member.role", code="002", role="editor")
    await house.seen()
    stranger = house.browser()
    cookie = f"ruilbrug-{other.node.id[:8]}"
    stranger.session.headers["Cookie"] = f"{cookie}={'A' * 43}"
    return {
        "anonymous": house.browser(),
        "other group": stranger,
        "member elsewhere": await from_elsewhere(house),
        "member": await house.signed_in("001"),
        "coordinator": await house.signed_in("003"),
        "auditor": await house.signed_in("004"),
        "treasurer": await house.signed_in("005"),
        "editor": await house.signed_in("002"),
    }


async def test_everybody_gets_what_is_theirs_and_nothing_else(house: House) -> None:
    wrong = []
    everybody = await walkers(house)
    for page in pages():
        path = address(page)
        for who, browser in everybody.items():
            if page.path == "/logout":
                continue
            got = await (
                browser.get(path) if page.method == "GET" else browser.post(path, follow=False)
            )
            to_login = got.path.startswith("/login?") or got.headers.get("Location", "").startswith(
                "/login?done=login"
            )
            refused = got.status == 403 or (to_login and not page.path.startswith("/login"))
            if refused is (who in WHO_GETS[page.method, page.path]):
                wrong.append(f"{who}: {page.method} {path} gave {got.status} {got.path}")
            assert got.status < 500, f"{who}: {page.method} {path}"

    assert wrong == []


async def test_no_page_tells_a_coordinator_what_is_reported_about_her(house: House) -> None:
    await house.group.ask("member.role", code="002", role="coordinator")
    report = await tell(house, "GEHEIMKLACHT", about="003")
    cora, bert = await house.signed_in("003"), await house.signed_in("002")
    assert "GEHEIMKLACHT" in (await bert.get("/group/reports")).text

    for page in pages():
        if page.path == "/logout":
            continue
        path = address(page)
        got = await (
            cora.get(path) if page.method == "GET" else cora.post(path, follow=False, report=report)
        )
        assert got.status < 500, path
        assert "GEHEIMKLACHT" not in got.text, path
        assert report not in got.text.replace(path, ""), path


@pytest.mark.parametrize(
    ("audience", "admitted"),
    [
        (Audience.COORDINATORS, {"coordinator"}),
        (Audience.AUDITORS, {"coordinator", "auditor", "treasurer"}),
        (Audience.TREASURERS, {"coordinator", "treasurer"}),
        (Audience.EDITORS, {"coordinator", "editor"}),
        (Audience.MODERATORS, {"coordinator", "editor"}),
    ],
)
async def test_pages_for_a_role_are_for_that_role(
    house: House, audience: Audience, admitted: set[str]
) -> None:
    """Said once more by hand: the table of rights could be wrong as a whole."""
    from federation.web.sessions import read_session

    got = {None: audience.admits(None)}
    for who, browser in (await walkers(house)).items():
        if not browser.cookie():
            continue
        person = await read_session(house.node, browser.cookie(), now_s=house.place.now_s())
        got[who] = audience.admits(person)  # type: ignore[arg-type,index]

    assert {who for who, yes in got.items() if yes} == admitted


async def test_guessed_codes_show_what_anybody_may_see(house: House) -> None:
    member = await house.signed_in("001")

    for code in ("999", "0", "-1", "../003", "💐", "<script>", "x" * 300):
        page = await member.get(f"/members/{code}")
        assert page.status == 404, code
        assert "<script>" not in page.text
