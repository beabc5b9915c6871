"""The own profile: changed once however often it is sent, and read by others as it was saved."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from federation.group.commands import OpenAccount
from federation.members import profiles
from federation.node.use_cases import new_key
from schemas.bodies import AccountKind
from schemas.openings import Contact, MemberText
from tests.federation.web.conftest import MEMBERS, Browser, House, Page


async def save(browser: Browser, **fields: str) -> tuple[int, str]:
    form = await browser.get("/me/profile")
    known = dict(
        re.findall(r'<input id="([^"]+)"[^>]* value="([^"]*)"', form.text.replace("\n", " "))
    )
    chosen = dict(
        re.findall(
            r'<select id="([^"]+)"(?:(?!</select>).)*<option value="([^"]*)" selected',
            form.text.replace("\n", " "),
        )
    )
    typed = {"form": form.key, "language": "", **known, **chosen}
    page = await browser.post("/me/profile", {**typed, **fields})
    return page.status, page.text


async def test_a_profile_is_changed(house: House) -> None:
    browser = await house.signed_in("001")

    status, text = await save(
        browser, about="Ik bak graag.\nVooral taart.", postcode="9000", language="fr"
    )
    await house.seen()

    assert status == 200
    page = await browser.get("/members/001")
    assert "Ik bak graag.\nVooral taart." in page.text
    assert '<html lang="fr">' in page.text
    assert "Bewaard" in text or "enregistré" in text


def facts(page: Page) -> dict[str, str]:
    """Give the facts of a profile by their heads."""
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page.text, re.DOTALL)
    return {head: re.sub(r"<[^>]*>", "", fact) for head, fact in pairs}


async def test_another_member_reads_what_was_saved(house: House) -> None:
    browser, other = await house.signed_in("001"), await house.signed_in("002")

    status, _ = await save(
        browser, skills="Brood bakken\nHagen snoeien", postcode="9000", place="Sint-Amandsberg"
    )
    await house.seen()

    assert status == 200
    shown = facts(await other.get("/members/001"))
    assert shown["Kan goed"] == "Brood bakken\nHagen snoeien"
    assert shown["Woont in"] == "9000 Sint-Amandsberg"


async def test_a_profile_says_since_when_somebody_is_a_member(house: House) -> None:
    since_s = int(datetime(2019, 3, 5, 12, tzinfo=UTC).timestamp())
    text, subject = MemberText(name="Farida"), new_key()
    await house.node.do(
        OpenAccount(new_key(), "006", AccountKind.MEMBER, subject, text, since_s=since_s)
    )
    await house.seen()

    page = await (await house.signed_in("002")).get("/members/006")

    assert facts(page)["Lid sinds"] == "5 maart 2019"


async def test_a_mail_address_to_sign_in_with_stays(house: House) -> None:
    browser = await house.signed_in("001")

    status, text = await save(browser, **{"contact-0-value": ""})

    assert status == 422
    assert "daarmee meld je je aan" in text


async def test_no_way_to_reach_a_member_is_lost_however_many_there_are(house: House) -> None:
    address = Contact(kind="mail", value=MEMBERS["001"][1], access="members")
    phones = [Contact(kind="tel", value=f"09 111 {n:02}", access="members") for n in range(19)]
    await house.describe("001", MemberText(name="An", contacts=(*phones, address)))

    status, said = await save(await house.signed_in("001"))

    assert status == 200, said
    text = await profiles.member_text(house.node, house.account("001"))
    assert text is not None
    assert text.contacts == (*phones, address)


async def test_a_double_click_changes_a_profile_once(house: House) -> None:
    browser = await house.signed_in("001")
    form = await browser.get("/me/profile")
    fields = {
        "form": form.key,
        "name": "An",
        "about": "Dag",
        "language": "",
        "contact-0-kind": "mail",
        "contact-0-value": MEMBERS["001"][1],
        "contact-0-access": "members",
    }
    before = house.node.sequencer.size

    pages = [await browser.post("/me/profile", fields) for _ in range(2)]

    assert [page.status for page in pages] == [200, 200]
    assert house.node.sequencer.size == before + 1


async def test_the_back_button_with_other_words_asks_again_and_loses_nothing(
    house: House,
) -> None:
    browser = await house.signed_in("001")
    form = await browser.get("/me/profile")
    fields = {
        "form": form.key,
        "name": "An",
        "about": "Eerst",
        "language": "",
        "contact-0-kind": "mail",
        "contact-0-value": MEMBERS["001"][1],
        "contact-0-access": "members",
    }
    await browser.post("/me/profile", fields)

    page = await browser.post("/me/profile", {**fields, "about": "Daarna"})
    assert page.status == 422
    assert "al verstuurd" in page.words
    assert "Daarna" in page.text
    assert page.key != form.key
    again = await browser.post("/me/profile", {**fields, "about": "Daarna", "form": page.key})

    assert again.status == 200
    await house.seen()
    assert "Daarna" in (await browser.get("/me")).words
