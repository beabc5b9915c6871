"""The pages themselves: what they show, to whom, in which words, and how heavy they are."""

from __future__ import annotations

import gzip
import io
import re

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from federation.members import posts, roles
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key
from federation.web.forms import FIELDS_MAX
from schemas.openings import Contact, MemberText
from schemas.texts.words import Language
from tests.federation.web.conftest import Browser, House
from tests.federation.web.test_profile_pages import save

PLAIN_PAGES = (
    "/",
    "/login",
    "/login/password",
    "/home",
    "/me",
    "/me/profile",
    "/me/devices",
    "/me/password",
    "/members",
    "/members/002",
    "/statement",
    "/nothing-here",
)

HOSTILE = (
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "{{ 7*7 }} %(name)s %s {0}",
    "🍰💐👩‍🌾",
    "דוד \u202eevil",
    "'; DROP TABLE plain.member; --",
)


async def test_a_stranger_sees_the_front_door(house: House) -> None:
    page = await house.browser().get("/")

    assert page.status == 200
    assert "Buren helpen elkaar" in page.words
    assert "An Peeters" not in page.words


@pytest.mark.parametrize("path", PLAIN_PAGES)
async def test_a_page_is_made_for_everybody(house: House, path: str) -> None:
    """One heading, landmarks, a skip link, a language, labels for all fields, headers."""
    browser = await house.signed_in("001")
    for language in Language:
        await browser.post("/language", language=language, next="/me")
        page = await browser.get(path)

        assert page.text.count("<h1") == 1
        assert f'<html lang="{language}">' in page.text
        for mark in ('class="skip" href="#main"', '<main id="main"', "<header", "<footer"):
            assert mark in page.text
        fields = set(re.findall(r'<(?:input|select|textarea) id="([^"]+)"', page.text))
        assert fields == set(re.findall(r'<label for="([^"]+)"', page.text))
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-cache" in page.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("paid", "words"),
    [
        (0, "Je gaf evenveel als je kreeg."),
        (12, "Je kreeg tot nu toe 12 units meer dan je gaf. Dat is in orde."),
        (-12, "Je gaf tot nu toe 12 units meer dan je kreeg."),
        (-1, "Je gaf tot nu toe 1 unit meer dan je kreeg."),
        (-160, "Je gaf veel. Tijd om iets te vragen?"),
    ],
)
async def test_the_balance_is_said_in_words_on_every_page(
    house: House, paid: int, words: str
) -> None:
    payer, payee = ("001", "002") if paid > 0 else ("002", "001")
    if paid:
        await house.group.ask("pay", payer=payer, payee=payee, amount_minor=abs(paid))
    browser = await house.signed_in("001")

    for path in ("/home", "/members", "/me", "/statement"):
        assert words in (await browser.get(path)).words.replace("\xa0", " ")


async def test_members_are_found_by_name_and_code(house: House) -> None:
    browser = await house.signed_in("001")

    everybody = await browser.get("/members")
    named = await browser.get("/members?q=peeters")
    coded = await browser.get("/members?q=003")
    nobody = await browser.get("/members?q=%3Cscript%3E")

    assert all(name in everybody.words for name in ("An Peeters", "Bert <b>Bold</b>", "דוד כהן"))
    assert "<b>Bold" not in everybody.text
    assert "Bert" not in named.words
    assert "Cora" in coded.words
    assert "Geen lid gevonden" in nobody.words
    assert "<script>" not in nobody.text


async def test_contacts_show_to_whom_they_are_for(house: House) -> None:
    contacts = (
        Contact(kind="mail", value="bert@voorbeeld.be", access="members"),
        Contact(kind="tel", value="0470 12 34 56", access="staff"),
    )
    await house.describe("002", MemberText(name="Bert", contacts=contacts))
    member, coordinator = await house.signed_in("001"), await house.signed_in("003")

    seen = await member.get("/members/002")
    all_seen = await coordinator.get("/members/002")

    assert "bert@voorbeeld.be" in seen.words
    assert "0470" not in seen.words
    assert "0470 12 34 56" in all_seen.words


async def test_balances_of_others_show_only_where_the_group_wants_it(house: House) -> None:
    await house.group.ask("pay", payer="002", payee="003", amount_minor=9)
    member, auditor = await house.signed_in("001"), await house.signed_in("004")
    before = await member.get("/members/002")
    audited = await auditor.get("/members/002")

    await roles.set_rules(house.node, OPERATOR, members_see_balances=True, key=new_key())
    after = await member.get("/members/002")

    assert "-9 units" not in before.words.replace("\xa0", " ")
    assert "-9 units" in audited.words.replace("\xa0", " ")
    assert "-9 units" in after.words.replace("\xa0", " ")


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_whatever_somebody_writes_harms_no_page(house: House, hostile: str) -> None:
    browser, other = await house.signed_in("001"), await house.signed_in("002")
    contact = {
        "contact-1-kind": "tel",
        "contact-1-value": hostile,
        "contact-1-access": "members",
    }

    status, _ = await save(
        browser, name=hostile, about=hostile, skills=hostile, place=hostile, **contact
    )
    await house.seen()

    assert status == 200
    await house.group.ask("pay", payer="001", payee="002", amount_minor=1, description=hostile)
    for path in ("/members", "/members/001", "/statement", "/home", "/statement?who=" + "x"):
        page = await other.get(path)
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert '" onmouseover' not in page.text
    shown = await other.get("/members/001")
    assert hostile.replace("\u202e", "") in shown.words


async def test_errors_come_in_words_and_never_as_a_traceback(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from federation.web.pages import home

    browser = await house.signed_in("001")
    missing = await browser.get("/nothing-here")
    method = await browser.get("/logout")

    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(home, "waiting_for", broken)
    bug = await browser.get("/home")

    assert (missing.status, method.status, bug.status) == (404, 405, 500)
    assert "Hier is niets" in missing.words
    assert "Het ligt niet aan jou" in bug.words
    for page in (missing, method, bug):
        assert "Traceback" not in page.text
        assert "secret" not in page.text
        assert page.text.count("<h1") == 1


async def test_without_a_database_the_page_says_so(house: House) -> None:
    browser = await house.signed_in("001")

    await house.node.pool.close()
    page = await browser.get("/home")

    assert page.status == 503
    assert page.headers["Retry-After"] == "60"
    assert "Traceback" not in page.text


async def test_a_form_that_is_too_large_is_refused(house: House) -> None:
    browser = await house.signed_in("001")

    page = await browser.post("/me/profile", about="x" * 300_000)
    many = await browser.post("/me/profile", {f"field{n}": "x" for n in range(FIELDS_MAX + 1)})
    odd = await browser.session.post(
        browser.url + "/me/profile",
        data=b"--x\r\nbroken",
        headers={
            "Content-Type": "multipart/form-data; boundary=y",
            "Sec-Fetch-Site": "same-origin",
        },
    )

    assert page.status == 413
    assert many.status == 413
    assert odd.status == 422


async def test_a_file_comes_with_its_form_and_an_empty_one_is_none(house: House) -> None:
    """No page of this room takes files; those that do read them so."""
    from federation.web.visit import Visit

    seen = {}

    async def take(request: web.Request) -> web.Response:
        form = await Visit(request, house.place, None, 0).form(bytes_max=3_000_000)
        seen.update(form.files)
        return web.Response(text=form.value("title"))

    app = web.Application()
    app.router.add_post("/", take)
    typed = aiohttp.FormData({"title": "Taart 🍰"})
    typed.add_field("picture", io.BytesIO(b"x" * 2_000_000), filename="a.jpg")
    typed.add_field("picture", io.BytesIO(b"y"), filename="b.jpg")
    typed.add_field("other", io.BytesIO(), filename="")
    async with TestClient(TestServer(app)) as client:
        response = await client.post("/", data=typed)
        assert await response.text() == "Taart 🍰"

    assert {name: [len(part) for part in parts] for name, parts in seen.items()} == {
        "picture": [2_000_000, 1]
    }


async def test_the_language_is_switched_and_leads_back(house: House) -> None:
    browser = house.browser()

    page = await browser.post("/language", language="fr", next="/login")
    evil = await browser.post("/language", language="xx", next="https://evil.example")

    assert page.path == "/login"
    assert "Se connecter" in page.words
    assert evil.path == "/"
    assert '<html lang="nl">' in evil.text


async def test_a_browser_gets_the_language_that_it_likes(house: House) -> None:
    page = await house.browser().get("/login", **{"Accept-Language": "en-GB,en;q=0.9"})

    assert '<html lang="en">' in page.text


async def test_home_tells_what_waits_and_what_is_new(house: House) -> None:
    now_s = house.place.now_s()
    for code, title, days in (("001", "Fiets herstellen", 5), ("002", "Taart <b>bakken", 90)):
        form = posts.PostForm(want=False, title=title, expires_at_s=now_s + days * 86_400)
        await posts.place(house.node, OPERATOR, form, key=new_key(), account=house.account(code))
    await house.seen()

    page = await (await house.signed_in("001")).get("/home")

    waits, _, near = page.words.partition("Nieuw in de buurt")
    assert "Fiets herstellen" in waits
    assert "Taart <b>bakken" in near
    assert "Fiets herstellen" not in near
    assert "Vraag of aanbod plaatsen" in page.words


async def first_load(house: House, browser: Browser, path: str) -> dict[str, int]:
    """Count the bytes that a browser fetches for a first page, as they travel."""
    sizes = {}
    headers = {"Accept-Encoding": "gzip"}
    async with aiohttp.ClientSession(
        auto_decompress=False, cookie_jar=browser.session.cookie_jar
    ) as session:
        async with session.get(browser.url + path, headers=headers) as response:
            page = await response.read()
        sizes[path] = len(page)
        html = gzip.decompress(page).decode()
        linked = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', html))
        assert linked
        style = f"/static/{house.place.static.digest}/style.css"
        fonts = {
            f"/static/{house.place.static.digest}/atkinson-hyperlegible-next-latin-{weight}-normal.woff2"
            for weight in (400, 700)
        }
        assert style in linked
        for url in linked | fonts:
            async with session.get(browser.url + url, headers=headers) as response:
                assert response.status == 200
                assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
                sizes[url] = len(await response.read())
    return sizes


@pytest.mark.parametrize("path", ["/home", "/members", "/statement", "/me"])
async def test_the_first_load_is_light(house: House, path: str) -> None:
    browser = await house.signed_in("001")

    sizes = await first_load(house, browser, path)

    assert sum(sizes.values()) < 60_000, sizes


async def test_a_file_that_is_not_there_is_told_in_words(house: House) -> None:
    browser = house.browser()

    for path in ("/static/x/nothing.css", "/static/x/..%2f..%2fapp.py", "/static/x/README.md"):
        page = await browser.get(path)
        assert page.status == 404
        assert "Hier is niets" in page.words
    old = await browser.get("/static/0000/style.css")
    assert old.status == 200
    assert old.headers["Cache-Control"] == "no-cache"
    assert old.headers["Content-Type"] == "text/css; charset=utf-8"
