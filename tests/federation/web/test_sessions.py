"""Sessions: how long they last, where they are, how they end, and what was typed meanwhile."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest

from federation.group import commands as group
from federation.members import known_sessions as known_sessions_module
from federation.members import roles
from federation.members.known_sessions import KEPT_S, changing_sessions, known_sessions
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key
from federation.web import sessions
from federation.web.sessions import device_words
from schemas.bodies import AccountStatus
from tests.federation.web.conftest import MEMBERS, Browser, House
from tests.federation.web.two_groups import fields

CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/137.0.0.0 Mobile Safari/537"


def later(house: House, seconds: int) -> None:
    clock = house.place.now_s
    house.place.now_s = lambda: clock() + seconds


async def test_the_cookie_is_locked(house: House) -> None:
    browser = house.browser()
    sent = await house.ask(browser, MEMBERS["001"][1])
    key = (await browser.get(sent.path)).key
    page = await browser.post(sent.path, follow=False, form=key)

    (cookie,) = (c for c in page.headers.getall("Set-Cookie") if "login" not in c)

    assert cookie.startswith(f"ruilbrug-{house.node.id[:8]}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie, "this node is reached by http"
    token = browser.cookie()
    kept = await house.node.pool.fetchval("SELECT token FROM web_session")
    assert kept == sha256(token.encode()).digest()


async def test_a_session_lasts_as_long_as_it_is_used(house: House) -> None:
    browser = await house.signed_in("001")

    for _ in range(3):
        later(house, sessions.LASTS_S - 3600)
        assert (await browser.get("/me")).status == 200
    later(house, sessions.LASTS_S + 1)

    assert (await browser.get("/me")).path == "/login?next=/me"


async def test_my_devices_are_listed_and_signed_out(house: House) -> None:
    phone = await house.signed_in("001")
    tablet = await house.signed_in("001", house.browser(CHROME))
    page = await phone.get("/me/devices")
    assert "Firefox · Android" in page.words
    assert "Chrome · Android" in page.words
    (number,) = re.findall(r'name="which" value="(\d+)"', page.text)

    said = await phone.post("/me/devices", which=number)

    assert "Dat toestel is afgemeld" in said.words
    assert (await tablet.get("/me")).path.startswith("/login")
    assert (await phone.get("/me")).status == 200


async def test_all_other_devices_are_signed_out(house: House) -> None:
    phone, tablet, desk = [await house.signed_in("001") for _ in range(3)]

    await phone.post("/me/devices", which="others")

    assert (await phone.get("/me")).status == 200
    for browser in (tablet, desk):
        assert (await browser.get("/me")).path.startswith("/login")


async def test_nobody_signs_out_somebody_else_by_guessed_numbers(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    numbers = await house.node.pool.fetch(
        "SELECT session FROM web_session WHERE account = $1", house.account("001")
    )

    for row in numbers:
        await bert.post("/me/devices", which=str(row["session"]))

    assert (await an.get("/me")).status == 200


async def test_a_new_password_signs_other_devices_out(house: House) -> None:
    phone, tablet = [await house.signed_in("001") for _ in range(2)]
    words = "vier gewone woorden"

    await phone.post("/me/password", password=words, password__again=words)

    assert (await phone.get("/me")).status == 200
    assert (await tablet.get("/me")).path.startswith("/login")


async def test_signing_out_ends_the_session(house: House) -> None:
    browser = await house.signed_in("001")
    token = browser.cookie()

    page = await browser.post("/logout")

    assert "Tot ziens" in page.words
    assert not browser.cookie()
    found = await sessions.read_session(house.node, token, now_s=house.place.now_s())
    assert isinstance(found, sessions.Ended)


async def test_whoever_leaves_is_signed_out(house: House) -> None:
    browser = await house.signed_in("001")

    status = group.SetStatus(house.account("001"), AccountStatus.INACTIVE)
    await house.node.do(status)
    await house.seen()

    assert (await browser.get("/me")).path.startswith("/login")
    await browser.post("/login", address=MEMBERS["001"][1])
    await house.place.letters.join()
    assert house.mail.sent.empty()


async def test_a_person_of_the_household_who_leaves_is_signed_out(house: House) -> None:
    account = house.account("001")
    person = await roles.join_person(
        house.node, OPERATOR, account, name="Wout", address="wout@voorbeeld.be", key=new_key()
    )
    await house.seen()
    browser = house.browser()
    sent = await house.ask(browser, "wout@voorbeeld.be")
    page = await browser.post(sent.path, form=(await browser.get(sent.path)).key)
    assert "Dag Wout" in page.words

    await roles.leave_person(house.node, OPERATOR, account, person, key=new_key())
    await house.seen()

    assert (await browser.get("/me")).path.startswith("/login")


@pytest.mark.parametrize("token", ["x", "ééé", "A" * 5000])
async def test_a_made_up_cookie_lets_nobody_in(house: House, token: str) -> None:
    cookie = f"ruilbrug-{house.node.id[:8]}={token}"

    page = await house.browser().get("/me", Cookie=cookie)

    assert page.path == "/login?next=/me"


async def test_what_was_typed_comes_back_after_the_login(house: House) -> None:
    browser = await house.signed_in("001")
    form = await browser.get("/me/profile")
    later(house, sessions.LASTS_S + 1)

    page = await browser.post(
        "/me/profile", form=form.key, name="An", about="Ik bak <graag> taart 🍰", language=""
    )
    assert page.path == "/login?done=draft&next=/me/profile"
    assert "Wat je typte is bewaard" in page.words
    sent = await house.ask(browser, MEMBERS["001"][1], next="/me/profile")
    back = await browser.post(sent.path, form=(await browser.get(sent.path)).key)

    assert back.path == "/me/profile"
    assert "Ik bak &lt;graag&gt; taart 🍰" in back.text


async def test_a_draft_is_for_the_one_who_typed_it(house: House) -> None:
    browser = await house.signed_in("001")
    later(house, sessions.LASTS_S + 1)
    await browser.post("/me/profile", name="An", about="geheim", language="")

    await house.signed_in("002", browser)

    assert "geheim" not in (await browser.get("/me/profile")).text


async def test_a_stranger_fills_no_table_with_drafts(house: House) -> None:
    page = await house.browser().post("/me/profile", name="x", about="y")

    assert page.path == "/login?done=login&next=/me/profile"
    assert await house.node.pool.fetchval("SELECT count(*) FROM plain.draft") == 0


async def test_a_password_is_never_kept_as_a_draft(house: House) -> None:
    browser = await house.signed_in("001")
    later(house, sessions.LASTS_S + 1)

    await browser.post("/me/password", password="vier gewone", password__again="vier gewone")

    assert await house.node.pool.fetchval("SELECT count(*) FROM plain.draft") == 0


async def test_a_helper_acts_for_a_member_and_sees_it_on_every_page(house: House) -> None:
    an, bert = house.account("001"), house.account("002")
    await roles.appoint_helper(house.node, OPERATOR, an, bert, key=new_key())
    await house.group.ask("pay", payer="001", payee="003", amount_minor=7)
    browser = await house.signed_in("002")
    assert "Iets doen voor An Peeters" in (await browser.get("/me")).words

    page = await browser.post("/me/acting", account=str(an))

    assert "in naam van An Peeters" in page.words
    assert "-7\xa0units" in page.text.replace("\u2212", "-")
    assert "in naam van An Peeters" in (await browser.get("/members")).words
    await roles.dismiss_helper(house.node, OPERATOR, an, bert, key=new_key())
    assert "in naam van" not in (await browser.get("/members")).words


async def acting(house: House) -> Browser:
    """Give Bert's browser in which he acts for An."""
    an, bert = house.account("001"), house.account("002")
    await roles.appoint_helper(house.node, OPERATOR, an, bert, key=new_key())
    browser = await house.signed_in("002")
    await browser.post("/me/acting", account=str(an))
    return browser


async def test_what_was_typed_in_somebodys_name_comes_back_only_in_that_name(house: House) -> None:
    browser = await acting(house)
    form = await browser.get("/me/profile")
    later(house, sessions.LASTS_S + 1)
    page = await browser.post("/me/profile", form=form.key, name="An", about="van An", language="")
    assert page.path.startswith("/login?done=draft")

    await house.signed_in("002", browser)
    own = await browser.get("/me/profile")
    await browser.post("/me/acting", account=str(house.account("001")))
    hers = await browser.get("/me/profile")

    assert "van An" not in own.text
    assert "van An" in hers.text


@pytest.mark.parametrize("ends", ["by the member", "in another window"])
async def test_a_form_made_in_somebodys_name_does_nothing_in_another(
    house: House, ends: str
) -> None:
    browser = await acting(house)
    an, bert = house.account("001"), house.account("002")
    confirm = await browser.get("/give?to=003&amount=5")
    if ends == "by the member":
        await roles.dismiss_helper(house.node, OPERATOR, an, bert, key=new_key())
    else:
        await browser.post("/me/acting")

    page = await browser.post("/give", {**fields(confirm), "description": "Brood"})

    assert page.status == 409
    assert "voor iemand anders gemaakt" in page.words
    ledger = house.node.machine.books.ledger
    assert (ledger.balance(an), ledger.balance(bert)) == (0, 0)


async def test_nobody_acts_for_who_did_not_ask(house: House) -> None:
    browser = await house.signed_in("002")

    page = await browser.post("/me/acting", account=str(house.account("001")))

    assert page.status in (403, 422)
    assert "in naam van" not in (await browser.get("/home")).words


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Version/17.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537.36 Edg/120", "Edge · Windows"),
        ("curl/8.0", ""),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_in_two_words(agent: str, words: str) -> None:
    assert device_words(agent) == words


async def test_a_post_from_elsewhere_changes_nothing(house: House) -> None:
    browser = await house.signed_in("001")

    for headers in (
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": browser.url},
        {"Sec-Fetch-Site": "same-site"},
    ):
        page = await browser.post("/logout", headers=headers)
        assert page.status == 403
        assert "niet van deze site" in page.words
    assert (await browser.get("/me")).status == 200

    page = await browser.post("/logout", headers={"Origin": browser.url})
    assert page.status == 200
    assert (await browser.get("/me")).path.startswith("/login")


async def test_a_session_in_use_is_not_read_for_each_page(house: House) -> None:
    browser = await house.signed_in("001")
    await browser.get("/me")
    known = known_sessions(house.node)
    token = sessions.token_hash(browser.cookie())
    now_s = house.place.now_s()
    row = known.row(token, now_s=now_s)

    assert row is not None
    assert row["code"] == "001"
    assert known.row(token, now_s=now_s + KEPT_S) is None, "what was read long ago is read anew"
    assert known.row(token, now_s=now_s - 1) is None, "and by a clock that goes back"
    assert known.row(bytes(32), now_s=now_s) is None


async def test_what_was_read_before_a_deed_is_not_kept(house: House) -> None:
    browser = await house.signed_in("001")
    await browser.get("/me")
    known = known_sessions(house.node)
    token = sessions.token_hash(browser.cookie())
    now_s = house.place.now_s()
    row, version = known.row(token, now_s=now_s), known.version
    assert row is not None

    async with changing_sessions(house.node):
        pass
    known.keep(token, row, version, now_s=now_s)
    assert known.row(token, now_s=now_s) is None

    known.keep(token, row, known.version, now_s=now_s)
    assert known.row(token, now_s=now_s) == row
    with pytest.raises(ZeroDivisionError):
        async with changing_sessions(house.node):
            raise ZeroDivisionError
    assert known.row(token, now_s=now_s) is None, "a deed that failed may still have been done"


async def test_what_was_read_before_the_tables_went_on_is_not_kept(house: House) -> None:
    browser = await house.signed_in("001")
    await browser.get("/me")
    token = sessions.token_hash(browser.cookie())
    known, now_s = known_sessions(house.node), house.place.now_s()
    version = known.version
    row = known.row(token, now_s=now_s)
    assert row is not None

    await house.node.do(group.SetStatus(house.account("002"), AccountStatus.INACTIVE))
    await house.seen()

    assert known.row(token, now_s=now_s) is None, "the tables have gone on"
    known.keep(token, row, version, now_s=now_s)
    assert known.row(token, now_s=now_s) is None, "what was read before does not count"


async def test_the_session_known_longest_is_forgotten(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_sessions_module, "KEPT_MAX", 2)
    browser = await house.signed_in("001")
    await browser.get("/me")
    known, now_s = known_sessions(house.node), house.place.now_s()
    row = known.row(sessions.token_hash(browser.cookie()), now_s=now_s)
    assert row is not None

    for token in (b"1", b"2", b"3"):
        known.keep(token, row, known.version, now_s=now_s)

    found = [known.row(token, now_s=now_s) is not None for token in (b"1", b"2", b"3")]
    assert found == [False, True, True]
