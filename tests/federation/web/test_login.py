"""Getting in, in all its right and wrong turns."""

from __future__ import annotations

import asyncio
import re

import pytest
from yarl import URL

from federation.members import profiles, roles
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key
from federation.web import login
from schemas.openings import Contact, MemberText
from tests.federation.web.conftest import MEMBERS, House

AN = MEMBERS["001"][1]


async def test_a_mailed_link_has_a_page_with_a_button(house: House) -> None:
    browser = house.browser()
    sent = await house.ask(browser, " AN@Voorbeeld.be ")

    looked_at = await browser.get(sent.path)
    assert not browser.cookie()
    page = await browser.post(sent.path, form=looked_at.key)

    assert page.status == 200
    assert "Dag An Peeters" in page.words


async def test_a_link_that_a_mail_program_opens_is_not_used_up(house: House) -> None:
    sent = await house.ask(house.browser(), AN)

    for _ in range(3):
        await house.browser().get(sent.path)
    page = await house.browser().get(sent.path)

    assert "Aanmelden op dit toestel" in page.words


async def test_a_link_works_in_another_browser_but_only_once(house: House) -> None:
    sent = await house.ask(house.browser(), AN)
    phone = house.browser()
    await phone.post(sent.path, form=(await phone.get(sent.path)).key)

    again = await house.browser().post(sent.path)
    looked_at = await house.browser().get(sent.path)

    assert phone.cookie()
    assert "al gebruikt" in again.words
    assert "al gebruikt" in looked_at.words


async def test_a_double_click_on_the_button_is_one(house: House) -> None:
    browser = house.browser()
    sent = await house.ask(browser, AN)
    key = (await browser.get(sent.path)).key

    one, other = await asyncio.gather(
        browser.post(sent.path, form=key), browser.post(sent.path, form=key)
    )

    assert "Dag An Peeters" in one.words
    assert "Dag An Peeters" in other.words


async def test_a_code_lets_in(house: House) -> None:
    browser = house.browser()
    sent = await house.ask(browser, AN)
    key = (await browser.get("/login/code")).key

    page = await browser.post("/login/code", form=key, code=f" {sent.code[:3]} {sent.code[3:]}")

    assert "Dag An Peeters" in page.words


async def test_a_code_lets_in_once_and_its_link_not_after_it(house: House) -> None:
    browser, thief = house.browser(), house.browser()
    sent = await house.ask(browser, AN)
    thief.session.cookie_jar.update_cookies(
        browser.session.cookie_jar.filter_cookies(URL(thief.url))
    )
    key, other_key = [(await one.get("/login/code")).key for one in (browser, thief)]
    first = await browser.post("/login/code", form=key, code=sent.code)
    assert "Dag An Peeters" in first.words

    again = await thief.post("/login/code", form=other_key, code=sent.code)
    looked_at = await house.browser().get(sent.path)
    pressed = await thief.post(sent.path)

    assert again.status == 422
    assert "Deze code klopt niet" in again.words
    for page in (looked_at, pressed):
        assert "al gebruikt" in page.words
    assert not thief.cookie()


async def test_a_code_works_only_in_the_browser_that_asked(house: House) -> None:
    sent = await house.ask(house.browser(), AN)
    stranger = house.browser()
    await house.ask(stranger, MEMBERS["002"][1])

    page = await stranger.post("/login/code", code=sent.code)

    assert page.status == 422
    assert not stranger.cookie()


async def test_a_browser_that_asked_nothing_has_no_code_to_type(house: House) -> None:
    browser = house.browser()

    page = await browser.get("/login/code")
    tried = await browser.post("/login/code", code="123456")

    assert page.path == "/login"
    assert tried.status == 422


async def test_a_code_may_be_tried_five_times(house: House) -> None:
    browser = house.browser()
    sent = await house.ask(browser, AN)
    wrong = f"{(int(sent.code) + 1) % 10**6:06d}"

    for _ in range(login.TRIES_MAX):
        page = await browser.post("/login/code", code=wrong)
        assert page.status == 422
    right = await browser.post("/login/code", code=sent.code)

    assert right.status == 422
    assert not browser.cookie()
    assert "na vijf keer" in right.words


@pytest.mark.parametrize("code", ["", "een", "12345", "1234567", "💐" * 6, "<script>"])
async def test_what_is_no_code_is_refused_in_words(house: House, code: str) -> None:
    browser = house.browser()
    await house.ask(browser, AN)

    page = await browser.post("/login/code", code=code)

    assert page.status == 422
    assert "<script>" not in page.text


async def test_a_link_is_too_old_after_a_quarter_of_an_hour(house: House) -> None:
    browser = house.browser()
    sent = await house.ask(browser, AN)
    clock = house.place.now_s

    house.place.now_s = lambda: clock() + login.LASTS_S - 60
    young = await browser.get(sent.path)
    house.place.now_s = lambda: clock() + login.LASTS_S + 1
    old = await browser.post(sent.path, form=young.key)
    code = await browser.post("/login/code", code=sent.code)

    assert "Aanmelden op dit toestel" in young.words
    assert "te oud" in old.words
    assert code.status == 422
    assert not browser.cookie()


async def test_an_unknown_address_gets_the_same_answer_and_no_mail(house: House) -> None:
    pages = []
    for address in (AN, "niemand@voorbeeld.be"):
        browser = house.browser()
        page = await browser.post("/login", address=address)
        pages.append((page.status, page.path, re.sub(r'value="[\w-]{22}"', "", page.text)))
        assert browser.cookie("-login")
        await house.place.letters.join()

    assert pages[0] == pages[1]
    assert (await house.mail.next()).person.address == AN
    assert house.mail.sent.empty()


async def test_the_answer_does_not_wait_for_the_look_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same time for every address: nobody has been looked up when the answer is there."""
    looked_up: list[str] = []
    let_go = asyncio.Event()
    real = profiles.person_by_address

    async def slowly(node: object, address: str) -> object:
        looked_up.append(address)
        await let_go.wait()
        return await real(house.node, address)

    monkeypatch.setattr(login, "person_by_address", slowly)
    page = await house.browser().post("/login", address=AN)

    assert page.path == "/login/code"
    let_go.set()
    assert (await house.mail.next()).person.address == AN
    assert looked_up == [AN]


async def test_too_many_mails_are_not_asked_for(house: House) -> None:
    browser = house.browser()
    for _ in range(5):
        await house.ask(browser, AN)

    page = await browser.post("/login", address=AN)
    other = await browser.post("/login", address="niemand@voorbeeld.be")

    assert page.status == 422
    assert "minuten opnieuw" in page.words
    assert AN in page.text
    assert other.status == 200
    await house.place.letters.join()
    assert house.mail.sent.empty()


async def test_no_address_is_told_beside_its_field(house: House) -> None:
    page = await house.browser().post("/login", address='"><script>alert(1)</script>')

    assert page.status == 422
    assert "lijkt geen mailadres" in page.words
    assert "<script>alert" not in page.text
    assert 'aria-invalid="true"' in page.text


async def test_who_has_several_accounts_chooses_one(house: House) -> None:
    await roles.join_person(
        house.node,
        OPERATOR,
        house.account("002"),
        name="An, voor Bert",
        address=AN,
        key=new_key(),
    )
    await house.seen()
    browser = house.browser()
    sent = await house.ask(browser, AN, next="/members")

    page = await browser.post(sent.path, form=(await browser.get(sent.path)).key)
    assert page.path == "/login/choose"
    assert "Wie ben je?" in page.words
    stranger = await house.browser().get("/login/choose")
    other = f"{house.account('003')}-0"
    guessed = await browser.post("/login/choose", who=other)
    chosen = await browser.post("/login/choose", who=f"{house.account('002')}-1")

    assert stranger.path.startswith("/login?")
    assert guessed.status == 422
    assert chosen.path == "/members"
    assert "An, voor Bert" in (await browser.get("/home")).words


async def test_a_login_leads_where_one_wanted_to_go_but_nowhere_else(house: House) -> None:
    browser = house.browser()
    door = await browser.get("/members/002")
    assert door.path == "/login?next=/members/002"
    sent = await house.ask(browser, AN, next="/members/002")
    page = await browser.post(sent.path, form=(await browser.get(sent.path)).key)
    evil = house.browser()
    sent = await house.ask(evil, AN, next="//evil.example/")
    led = await evil.post(sent.path, form=(await evil.get(sent.path)).key)

    assert page.path == "/members/002"
    assert led.path == "/"


async def test_a_password_lets_in(house: House) -> None:
    browser = await house.signed_in("001")
    short = await browser.post("/me/password", password="kort", password__again="kort")
    differs = await browser.post(
        "/me/password", password="vier gewone woorden", password__again="vijf gewone woorden"
    )
    words = "vier gewone woorden"
    done = await browser.post("/me/password", password=words, password__again=words)

    other = house.browser()
    page = await other.post("/login/password", address=AN, password=words)

    assert short.status == differs.status == 422
    assert words not in differs.text
    assert "Je wachtwoord is bewaard" in done.words
    assert "Dag An Peeters" in page.words


async def test_a_wrong_password_and_an_unknown_address_look_alike(house: House) -> None:
    browser = await house.signed_in("001")
    words = "vier gewone woorden"
    await browser.post("/me/password", password=words, password__again=words)
    pages = []

    for address, password in ((AN, "x"), ("niemand@voorbeeld.be", words)):
        page = await house.browser().post("/login/password", address=address, password=password)
        assert page.status == 422
        pages.append(page.words)

    assert pages[0] == pages[1]
    assert "horen niet bij elkaar" in pages[0]


async def test_a_password_may_not_be_tried_for_ever(house: House) -> None:
    browser = await house.signed_in("001")
    words = "vier gewone woorden"
    await browser.post("/me/password", password=words, password__again=words)
    guesser = house.browser()
    for number in range(10):
        await guesser.post("/login/password", address=AN, password=f"gok {number}")

    page = await guesser.post("/login/password", address=AN, password=words)

    assert page.status == 422
    assert not guesser.cookie()


async def test_a_password_is_dropped(house: House) -> None:
    browser = await house.signed_in("001")
    words = "vier gewone woorden"
    await browser.post("/me/password", password=words, password__again=words)

    await browser.post("/me/password", what="drop")
    page = await house.browser().post("/login/password", address=AN, password=words)

    assert page.status == 422


async def test_the_mail_is_in_the_language_of_the_person_else_of_the_page(house: House) -> None:
    contact = Contact(kind="mail", value=AN, access="members")
    browser = house.browser()
    assert (await house.ask(browser, AN)).language == "nl"
    await browser.post("/language", language="en", next="/login")
    assert (await house.ask(browser, AN)).language == "en"

    await house.describe("001", MemberText(name="An", contacts=(contact,), language="fr"))

    assert (await house.ask(browser, AN)).language == "fr"


async def test_the_database_holds_neither_token_nor_code_nor_address(house: House) -> None:
    browser = house.browser()
    sent = await house.ask(browser, AN)
    await house.signed_in("002", browser)

    rows = await house.node.pool.fetch(
        "SELECT to_jsonb(l)::text AS said FROM login_link l"
        " UNION ALL SELECT to_jsonb(s)::text FROM web_session s"
    )

    told = " ".join(row["said"] for row in rows)
    assert len(rows) == 3
    for secret in (sent.path.rpartition("/")[2], sent.code, AN, browser.cookie()):
        assert secret not in told


async def test_what_nobody_needs_is_swept_away(house: House) -> None:
    await house.ask(house.browser(), AN)
    await house.signed_in("002")
    now_s = house.place.now_s()

    await login.sweep(house.node, now_s=now_s)
    assert await house.node.pool.fetchval("SELECT count(*) FROM login_link") == 2
    await login.sweep(house.node, now_s=now_s + 2 * 86_400)
    assert await house.node.pool.fetchval("SELECT count(*) FROM login_link") == 0
    assert await house.node.pool.fetchval("SELECT count(*) FROM web_session") == 1
    await login.sweep(house.node, now_s=now_s + 365 * 86_400)

    assert await house.node.pool.fetchval("SELECT count(*) FROM web_session") == 0
