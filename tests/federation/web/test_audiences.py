"""Who gets which page: every route that there is, walked as everybody.

A new page has to be named here, with an address that exists in the world of the test.
"""

from __future__ import annotations

import pytest
from aiohttp import web

from federation.node.app import make_app
from federation.web.app import MODULES, OTHERS
from federation.web.routes import Audience, Page
from tests.federation.web.conftest import Browser, House
from tests.federation.web.test_reports import tell

EVERYBODY = frozenset({"anonymous", "other group", "member", "coordinator", "auditor"})
SIGNED_IN = frozenset({"member", "coordinator", "auditor"})
COORDINATORS = frozenset({"coordinator"})
WHO_GETS = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/login"): EVERYBODY,
    ("POST", "/login"): EVERYBODY,
    ("GET", "/login/code"): EVERYBODY,
    ("POST", "/login/code"): EVERYBODY,
    ("GET", "/login/password"): EVERYBODY,
    ("POST", "/login/password"): EVERYBODY,
    ("GET", "/login/choose"): EVERYBODY,
    ("POST", "/login/choose"): EVERYBODY,
    ("GET", "/login/{link}"): EVERYBODY,
    ("POST", "/login/{link}"): EVERYBODY,
    ("POST", "/logout"): EVERYBODY,
    ("POST", "/language"): EVERYBODY,
    ("GET", "/home"): SIGNED_IN,
    ("GET", "/me"): SIGNED_IN,
    ("GET", "/me/profile"): SIGNED_IN,
    ("POST", "/me/profile"): SIGNED_IN,
    ("POST", "/me/acting"): SIGNED_IN,
    ("GET", "/me/devices"): SIGNED_IN,
    ("POST", "/me/devices"): SIGNED_IN,
    ("GET", "/me/password"): SIGNED_IN,
    ("POST", "/me/password"): SIGNED_IN,
    ("GET", "/members"): SIGNED_IN,
    ("GET", "/members/{code}"): SIGNED_IN,
    ("GET", "/statement"): SIGNED_IN,
    ("GET", "/statement/csv"): SIGNED_IN,
    # the group together, and one's own
    ("GET", "/group"): SIGNED_IN,
    ("GET", "/group/settings"): COORDINATORS,
    ("POST", "/group/settings"): COORDINATORS,
    ("GET", "/group/reports"): COORDINATORS,
    ("POST", "/group/reports"): COORDINATORS,
    ("GET", "/news"): SIGNED_IN,
    ("GET", "/news/{item}"): SIGNED_IN,
    ("GET", "/news/new"): COORDINATORS,
    ("GET", "/news/{item}/edit"): COORDINATORS,
    ("GET", "/news/{item}/remove"): COORDINATORS,
    ("POST", "/news/new"): COORDINATORS,
    ("POST", "/news/{item}/edit"): COORDINATORS,
    ("POST", "/news/{item}/remove"): COORDINATORS,
    ("GET", "/calendar"): SIGNED_IN,
    ("GET", "/calendar/{item}"): SIGNED_IN,
    ("GET", "/calendar/new"): COORDINATORS,
    ("GET", "/calendar/{item}/edit"): COORDINATORS,
    ("GET", "/calendar/{item}/remove"): COORDINATORS,
    ("POST", "/calendar/new"): COORDINATORS,
    ("POST", "/calendar/{item}/edit"): COORDINATORS,
    ("POST", "/calendar/{item}/remove"): COORDINATORS,
    ("GET", "/documents"): SIGNED_IN,
    ("GET", "/documents/{item}"): SIGNED_IN,
    ("GET", "/documents/new"): COORDINATORS,
    ("GET", "/documents/{item}/edit"): COORDINATORS,
    ("GET", "/documents/{item}/remove"): COORDINATORS,
    ("POST", "/documents/new"): COORDINATORS,
    ("POST", "/documents/{item}/edit"): COORDINATORS,
    ("POST", "/documents/{item}/remove"): COORDINATORS,
    ("GET", "/documents/{item}/file"): SIGNED_IN,
    ("GET", "/activities"): SIGNED_IN,
    ("GET", "/activities/{activity}"): SIGNED_IN,
    ("POST", "/activities/{activity}/join"): SIGNED_IN,
    ("POST", "/activities/{activity}/spread/confirm"): SIGNED_IN,
    ("GET", "/activities/new"): SIGNED_IN,
    ("GET", "/activities/{activity}/edit"): SIGNED_IN,
    ("GET", "/activities/{activity}/cancel"): SIGNED_IN,
    ("GET", "/activities/{activity}/spread"): SIGNED_IN,
    ("POST", "/activities/new"): SIGNED_IN,
    ("POST", "/activities/{activity}/edit"): SIGNED_IN,
    ("POST", "/activities/{activity}/cancel"): SIGNED_IN,
    ("POST", "/activities/{activity}/spread"): SIGNED_IN,
    ("GET", "/me/household"): SIGNED_IN,
    ("GET", "/me/household/{person}/leave"): SIGNED_IN,
    ("GET", "/me/helpers"): SIGNED_IN,
    ("POST", "/me/household"): SIGNED_IN,
    ("POST", "/me/household/{person}/leave"): SIGNED_IN,
    ("POST", "/me/helpers"): SIGNED_IN,
    ("GET", "/me/acting"): SIGNED_IN,
    ("GET", "/me/data"): SIGNED_IN,
    ("GET", "/me/data.zip"): SIGNED_IN,
    ("GET", "/members/{code}/bookings"): frozenset({"coordinator", "auditor"}),
    ("GET", "/members/{code}/bookings/{booking}/proof"): frozenset({"coordinator", "auditor"}),
    ("GET", "/members/{code}/bookings/{booking}/proof/file"): frozenset({"coordinator", "auditor"}),
    ("GET", "/statement/{booking}/proof"): SIGNED_IN,
    ("GET", "/statement/{booking}/proof/file"): SIGNED_IN,
    ("GET", "/do/{link}"): EVERYBODY,
    ("POST", "/do/{link}"): EVERYBODY,
    ("GET", "/mail/stop/{link}"): EVERYBODY,
    ("POST", "/mail/stop/{link}"): EVERYBODY,
    ("GET", "/me/mail"): SIGNED_IN,
    ("POST", "/me/mail"): SIGNED_IN,
    ("GET", "/mailbox"): EVERYBODY,
    ("GET", "/mailbox/{mail}"): EVERYBODY,
    ("GET", "/mailbox/{mail}/html"): EVERYBODY,
    ("GET", "/search"): EVERYBODY,
    ("GET", "/posts/new"): SIGNED_IN,
    ("POST", "/posts/new"): SIGNED_IN,
    ("GET", "/posts/{post}"): EVERYBODY,
    ("GET", "/posts/{post}/edit"): SIGNED_IN,
    ("POST", "/posts/{post}/edit"): SIGNED_IN,
    ("GET", "/posts/{post}/renew"): SIGNED_IN,
    ("POST", "/posts/{post}/renew"): SIGNED_IN,
    ("GET", "/posts/{post}/end"): SIGNED_IN,
    ("POST", "/posts/{post}/end"): SIGNED_IN,
    ("GET", "/posts/{post}/report"): SIGNED_IN,
    ("POST", "/posts/{post}/report"): SIGNED_IN,
    ("GET", "/me/posts"): SIGNED_IN,
    ("GET", "/me/away"): SIGNED_IN,
    ("POST", "/me/away"): SIGNED_IN,
    ("GET", "/pictures/{digest}/{size}"): EVERYBODY,
    ("GET", "/pictures/{node}/{digest}/{size}"): EVERYBODY,
    ("GET", "/give"): SIGNED_IN,
    ("POST", "/give"): SIGNED_IN,
    ("GET", "/ask"): SIGNED_IN,
    ("POST", "/ask"): SIGNED_IN,
    ("GET", "/threads"): SIGNED_IN,
    ("GET", "/threads/new"): SIGNED_IN,
    ("POST", "/threads/new"): SIGNED_IN,
    ("GET", "/threads/{thread}"): SIGNED_IN,
    ("POST", "/threads/{thread}"): SIGNED_IN,
    ("GET", "/threads/{thread}/book"): SIGNED_IN,
    ("POST", "/threads/{thread}/book"): SIGNED_IN,
    ("GET", "/threads/{thread}/block"): SIGNED_IN,
    ("POST", "/threads/{thread}/block"): SIGNED_IN,
    ("GET", "/threads/{thread}/report"): SIGNED_IN,
    ("POST", "/threads/{thread}/report"): SIGNED_IN,
    ("GET", "/trades"): SIGNED_IN,
    ("GET", "/trades/{path}"): SIGNED_IN,
    ("POST", "/trades/{path}"): SIGNED_IN,
    ("GET", "/trades/{path}/decline"): SIGNED_IN,
    ("POST", "/trades/{path}/decline"): SIGNED_IN,
    ("GET", "/trades/{path}/wrong"): SIGNED_IN,
    ("POST", "/trades/{path}/wrong"): SIGNED_IN,
    ("GET", "/me/qr"): SIGNED_IN,
    ("GET", "/me/qr.svg"): SIGNED_IN,
}
PARTS = {
    "{booking}": "1",
    "{link}": "A" * 43,
    "{code}": "002",
    "{item}": "1",
    "{activity}": "1",
    "{person}": "1",
    "{mail}": "0" * 32,
    "{post}": "1",
    "{digest}": "A" * 43,
    "{size}": "small",
    "{node}": "b" * 52,
    "{thread}": "A" * 22,
    "{path}": "A" * 22,
}


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


async def walkers(house: House) -> dict[str, Browser]:
    other = await house.world.make("beta", 60)
    stranger = house.browser()
    cookie = f"ruilbrug-{other.node.id[:8]}"
    stranger.session.headers["Cookie"] = f"{cookie}={'A' * 43}"
    return {
        "anonymous": house.browser(),
        "other group": stranger,
        "member": await house.signed_in("001"),
        "coordinator": await house.signed_in("003"),
        "auditor": await house.signed_in("004"),
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
        (Audience.AUDITORS, {"coordinator", "auditor"}),
    ],
)
async def test_pages_for_a_role_are_for_that_role(
    house: House, audience: Audience, admitted: set[str]
) -> None:
    """No page of this room needs a role yet; those of other rooms will."""
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
