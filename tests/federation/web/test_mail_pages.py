"""Pages of mails: links that act, one click that stops, choices, the demo's mailbox."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest

from federation.mail import bounces, choices
from federation.mail.compose.asking import acting_url
from federation.mail.kinds import MailKind
from federation.mail.letter import Recipient, stop_token
from federation.mail.links import STOP_PATH, Purpose
from federation.mail.office import login_mail, office_of
from federation.node.identity import system_random
from federation.node.service import now_s
from federation.web.place import LoginMail
from schemas.texts.words import Language
from tests.federation.web.conftest import Browser, House, house
from tests.federation.world.conftest import WAIT_S

__all__ = ["house"]

DAY_S = 86_400
MAIL = r'href="(/mailbox/[0-9a-f]{32})">(.*?)</a>'
MAILBOX = '[mail]\nmode = "mailbox"\n'


async def keep_mails(house: House) -> None:
    """Let a house keep its mails, as the demo does."""
    await house.group.stop()
    file = house.group.folder.path / "node.toml"
    file.write_text(f"{file.read_text()}{MAILBOX}")
    await house.group.start()
    await house.seen()


@pytest.fixture
async def demo(house: House) -> House:
    await keep_mails(house)
    return house


def to(house: House, code: str) -> Recipient:
    return Recipient(house.account(code), 0, "", f"{code}@voorbeeld.be", Language.NL)


def link(house: House, code: str, purpose: Purpose, subject: str, *, lasts_s: int = DAY_S) -> str:
    desk = office_of(house.node).desk()
    url = acting_url(desk, to(house, code), purpose, subject, until_s=now_s() + lasts_s)
    return url.removeprefix(desk.url)


def stop_path(house: House, code: str, kind: MailKind) -> str:
    return STOP_PATH + stop_token(office_of(house.node).secret, to(house, code), kind)


async def asked(house: House, amount_minor: int = 8) -> str:
    """Let Bert ask An for units; gives the trade."""
    trade = await house.group.ask("trade.ask", by="002", payer="001", amount_minor=amount_minor)
    return str(trade["id"])


def balance(house: House, code: str) -> int:
    return house.node.machine.books.ledger.balance(house.account(code))


async def test_a_request_is_consented_to_without_signing_in(house: House) -> None:
    trade = await asked(house)
    path, stranger = link(house, "001", Purpose.ACCEPT, f"{trade}:8"), house.browser()

    page = await stranger.get(path)
    assert (page.status, balance(house, "001")) == (200, 0)
    assert "Je geeft Bert <b>Bold</b> 8 units." in page.words.replace("\u00a0", " ")
    assert "Je saldo wordt -8 units. Dat is in orde." in page.words.replace("\u00a0", " ")
    assert "<b>Bold</b>" not in page.text
    done = await stranger.post(path, form=page.key)
    assert "Dat is gebeurd." in done.words
    assert "Dit is geboekt" in done.words
    again = await stranger.post(path, form=page.key)

    assert (again.status, balance(house, "001")) == (200, -8)
    assert stranger.cookie() == ""
    assert (await stranger.get("/home")).path.startswith("/login")


async def test_a_link_is_for_one_thing_and_says_when_it_is_too_late(house: House) -> None:
    trade, browser = await asked(house), house.browser()
    other = link(house, "001", Purpose.ACCEPT, f"{trade}:9")
    old = link(house, "001", Purpose.ACCEPT, f"{trade}:8", lasts_s=-1)
    alien = link(house, "002", Purpose.ACCEPT, f"{trade}:8")
    broken = old[:-3] + "AAA"

    changed, late = await browser.get(other), await browser.get(old)
    assert "Het bedrag is veranderd" in changed.words
    assert "Deze knop is te oud" in late.words
    assert f'href="/trades/{trade}"' in late.text
    assert (await browser.get(broken)).status == 404
    for path in (other, old, alien, broken):
        page = await browser.get(path)
        await browser.post(path, form=page.key)
    assert (balance(house, "001"), balance(house, "002")) == (0, 0)

    no = link(house, "001", Purpose.DECLINE, trade)
    page = await browser.post(no, form=(await browser.get(no)).key)
    assert "Hier werd nee gezegd. Er is niets geboekt." in page.words


async def test_what_changed_since_the_page_was_opened_is_said(house: House) -> None:
    trade, browser = await asked(house), house.browser()
    path = link(house, "001", Purpose.ACCEPT, f"{trade}:8")
    page = await browser.get(path)
    await house.group.ask("trade.decline", by="002", trade=trade)

    page = await browser.post(path, form=page.key)

    assert (page.status, balance(house, "001")) == (422, 0)
    assert 'role="alert"' in page.text
    assert "Dit werd teruggenomen. Er is niets geboekt." in page.words


async def test_interest_and_a_proposal_are_answered_from_the_mail(house: House) -> None:
    posted = await house.group.ask(
        "post.place", by="002", title="Fiets", expires_at_s=now_s() + 90 * DAY_S
    )
    begun = await house.group.ask(
        "thread.start", by="001", code="002", text="Kan het?", offer=str(posted["post"])
    )
    browser, thread = house.browser(), begun["thread"]
    yes = link(house, "002", Purpose.AGREE, f"{thread}:")
    page = await browser.get(yes)
    assert "An Peeters heeft interesse." in page.words
    assert "Je zei ja." in (await browser.post(yes, form=page.key)).words
    shown = await house.group.ask(
        "thread.propose", by="001", thread=thread, gives=True, amount_minor=6
    )
    no = link(house, "002", Purpose.TURN_DOWN, f"{thread}:{shown['standing']['id']}")
    page = await browser.get(no)
    assert "jij geeft hulp en krijgt 6 units" in page.words.replace("\u00a0", " ")
    assert "Je zei liever niet." in (await browser.post(no, form=page.key)).words

    assert (await house.group.ask("thread.show", by="001", thread=thread))["state"] == "declined"


async def test_a_post_is_renewed_with_one_button(house: House) -> None:
    ends_s = now_s() + 3 * DAY_S
    posted = await house.group.ask("post.place", by="002", title="Fiets", expires_at_s=ends_s)
    await house.seen()
    path = link(house, "002", Purpose.RENEW, f"{posted['post']}:{ends_s + 100 * DAY_S}")
    browser = house.browser()

    page = await browser.get(path)
    await browser.post(path, form=page.key)
    await house.seen()

    assert "“Fiets” geldt tot" in (await browser.get(path)).words


async def test_one_click_stops_a_kind_without_cookie_or_origin(house: House) -> None:
    path = stop_path(house, "001", MailKind.BOOKED)
    url, who = house.node.settings.public_url + path, (house.account("001"), 0)
    browser = house.browser()
    assert "Geen mails meer van deze soort?" in (await browser.get(path)).words
    assert await choices.unwanted(house.node.pool, *who) == set()

    async with aiohttp.ClientSession() as program:
        for body in ("List-Unsubscribe=One-Click",) * 2:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            async with program.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                assert answer.status == 200
    assert await choices.unwanted(house.node.pool, *who) == {MailKind.BOOKED}
    form = aiohttp.FormData()
    form.add_field("List-Unsubscribe", "One-Click", content_type="text/plain")
    other = house.node.settings.public_url + stop_path(house, "001", MailKind.THANKED)
    async with aiohttp.ClientSession() as program, program.post(other, data=form) as answer:
        assert answer.status == 200

    assert await choices.unwanted(house.node.pool, *who) == {MailKind.BOOKED, MailKind.THANKED}
    assert "weer" in (await browser.post(path, again="1")).words
    assert await choices.unwanted(house.node.pool, *who) == {MailKind.THANKED}
    assert (await browser.post(path[:-2] + "AA", {"List-Unsubscribe": "One-Click"})).status == 404


async def test_what_is_posted_to_another_page_from_elsewhere_is_refused(house: House) -> None:
    trade = await asked(house)
    path = link(house, "001", Purpose.ACCEPT, f"{trade}:8")

    page = await house.browser().post(path, headers={})

    assert (page.status, balance(house, "001")) == (403, 0)


async def test_a_member_chooses_kinds_hours_and_language(house: House) -> None:
    browser = await house.signed_in("001")
    page = await browser.get("/me/mail")
    assert page.text.count(" checked") == page.text.count('type="checkbox"') > 5
    assert "Mailadres werkt niet" not in page.words  # for coordinators only

    typed = {"form": page.key, "kind-asked": "1", "night": "22-7", "language": "fr"}
    typed["rhythm"] = "weekly"
    page = await browser.post("/me/mail", typed)

    assert page.text.count(" checked") == 1
    habit = await choices.habit(house.node.pool, house.account("001"), 0)
    assert (habit.language, habit.night) == (Language.FR, (22, 7))
    (person,) = await office_of(house.node).people(house.account("001"))
    assert person.language is Language.FR
    bad = await browser.post("/me/mail", {"form": page.key, "night": "3-4"})
    assert bad.status == 422
    assert "Mailadres werkt niet" in (await (await house.signed_in("003")).get("/me/mail")).words


async def test_who_has_a_dead_address_is_told_and_can_mend_it(house: House) -> None:
    browser = await house.signed_in("001")
    async with house.node.pool.acquire() as connection:
        await bounces.mark(
            connection,
            office_of(house.node).desk(),
            bounces.Bounce(house.account("001"), 0, "an@voorbeeld.be", "550 <script>"),
            now_s=now_s(),
            zone=office_of(house.node).quiet_in,
            random=system_random,
        )

    for path in ("/home", "/me/mail"):
        page = await browser.get(path)
        assert "Onze mails komen niet bij jou aan" in page.words, path
        assert "550" not in page.words
    assert "Onze mails" not in (await (await house.signed_in("002")).get("/home")).words
    page = await browser.post("/me/mail", works="1")

    assert "Goed, we mailen weer naar dit adres." in page.words
    assert await bounces.marked(house.node.pool) == []


async def test_a_node_that_sends_its_mails_has_no_mailbox(house: House) -> None:
    for path in ("/mailbox", f"/mailbox/{'0' * 32}", f"/mailbox/{'0' * 32}/html"):
        assert (await house.browser().get(path)).status == 404, path


async def test_in_the_demo_one_signs_in_by_the_mailbox(demo: House) -> None:
    """The login mails go out through the mail room, when no test stands in for it."""
    assert demo.node.parts[LoginMail] is login_mail
    browser = demo.browser()
    page = await browser.post("/login", address="an@voorbeeld.be")
    assert 'href="/mailbox"' in page.text

    mail = await _mail(browser, "is je code voor")
    html = await browser.get(f"{mail}/html")
    assert "sandbox" in html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    page = await browser.get(mail)
    path = re.search(r'href="(/login/[^"]+)">Aanmelden', page.text)
    assert path is not None, page.text
    page = await browser.get(path[1])
    page = await browser.post(path[1], form=page.key)

    assert "Dag An Peeters" in page.words
    await demo.group.ask("pay", payer="001", payee="002", amount_minor=3, description="<b>x</b>")
    page = await browser.get(await _mail(browser, "An Peeters gaf je"))
    assert "<b>x</b>" in page.words
    assert "<b>x</b>" not in page.text


async def _mail(browser: Browser, subject: str) -> str:
    """Wait, bounded, until the mailbox has a mail; gives its page."""
    async with asyncio.timeout(WAIT_S):
        while True:
            page = await browser.get("/mailbox")
            for path, said in re.findall(MAIL, page.text, re.DOTALL):
                if subject in said:
                    return str(path)
