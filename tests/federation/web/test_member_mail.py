"""Mail to a selection of members: seen first, tried on oneself, once to each, by whom on record."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from federation.mail import choices, member_mail
from federation.mail.kinds import MailKind
from federation.mail.member_mail import Words
from federation.mail.office import office_of
from federation.members.roles import reader_of
from federation.node.service import now_s
from federation.web.pages import member_mail as member_mail_page
from federation.web.place import LoginMail
from schemas.errors import RefusedError
from schemas.openings import MemberText
from tests.federation.web.conftest import Browser, House, Page, house
from tests.federation.web.test_mail_pages import keep_mails
from tests.federation.world.conftest import WAIT_S

__all__ = ["house"]

SAID = {
    "subject": "Lentefeest",
    "text": "# Kom je ook?\n\n- soep\n- **taart** & <b>thee</b>\n\nZie [hier](https://feest.be/x).",
}


class ProcessDiedError(Exception):
    """Stands for whatever stops a sending on its way."""


NEW = "/group/letters/new"


@pytest.fixture
async def demo(house: House) -> House:
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    return house


async def mails(house: House) -> list[Any]:
    rows = await house.node.pool.fetch(
        "SELECT address, subject, text, html, stop_url FROM plain.mail WHERE kind = 'group' "
        "ORDER BY address"
    )
    return list(rows)


async def previewed(browser: Browser, query: str = "", **typed: str) -> Page:
    blank = await browser.get(f"{NEW}{query}")
    return await browser.post(f"{NEW}{query}", {**SAID, **typed, "form": blank.key})


def shown(page: Page, **more: str) -> dict[str, str]:
    """Give what the form of a preview sends."""
    found = re.search(r'name="accounts" value="([0-9 ]*)"', page.text)
    assert found is not None, page.words
    return {**SAID, "accounts": found[1], "form": page.key, **more}


async def test_what_is_seen_goes_once_to_each_with_the_name_of_who_wrote_it(demo: House) -> None:
    cora = await demo.signed_in("003")
    listed = await cora.get("/group/members?q=voorbeeld")
    preview = await previewed(cora)
    sent = await cora.post("/group/letters/send", shown(preview))
    again = await cora.post("/group/letters/send", shown(preview))

    assert f'href="{NEW}?' in listed.text
    assert "<strong>taart</strong> &amp; &lt;b&gt;thee&lt;/b&gt;" in preview.text
    assert "Dag Cora Coördinator" in preview.words
    assert "Verstuur naar 5 leden" in preview.words
    assert "De mails gaan de deur uit" in sent.words
    assert "Cora Coördinator 003" in again.words
    assert again.words.count("5 mails") == 1
    found = await mails(demo)
    assert [mail["address"] for mail in found] == sorted(
        f"{name}@voorbeeld.be" for name in ("an", "bert", "cora", "dirk", "david")
    )
    assert all("Geschreven door Cora Coördinator" in mail["text"] for mail in found)
    assert "<strong>taart</strong>" in found[0]["html"]
    assert "hier (https://feest.be/x)" in found[0]["text"]
    assert "* soep" in found[0]["text"]
    assert all(mail["stop_url"] for mail in found)


async def test_a_try_goes_to_oneself_alone_and_leaves_everybody_to_be_mailed(demo: House) -> None:
    cora = await demo.signed_in("003")
    preview = await previewed(cora)

    tried = await cora.post("/group/letters/send", shown(preview, **{"try": "yes"}))
    reloaded = await cora.post("/group/letters/send", shown(preview, **{"try": "yes"}))

    assert "De proef is onderweg" in tried.words
    assert [mail["address"] for mail in await mails(demo)] == ["cora@voorbeeld.be"]
    assert "Verstuur naar 5 leden" in reloaded.words


async def test_the_list_its_filters_and_boxes_choose_who_gets_it(demo: House) -> None:
    await demo.describe("004", MemberText(name="Dirk Zonder Mail"))
    await choices.choose(
        demo.node.pool, demo.account("001"), 0, MailKind.GROUP, wanted=False, now_s=now_s()
    )
    cora = await demo.signed_in("003")
    preview = await previewed(cora, "", **{f"skip-{demo.account('002')}": "yes"})
    back = await cora.post(NEW, shown(preview, back="yes"))
    await cora.post("/group/letters/send", shown(preview))
    one = await previewed(cora, "?q=bert")

    assert "Zonder mailadres, dus niet: 004" in preview.words
    assert "1 mens wil zulke mails niet" in preview.words
    assert f'name="skip-{demo.account("002")}" value="yes" checked' in back.text
    assert "**taart**" in back.text
    assert [mail["address"] for mail in await mails(demo)] == [
        "cora@voorbeeld.be",
        "david@voorbeeld.be",
    ]
    assert "Verstuur naar 1 lid" in one.words


async def test_a_mail_that_reaches_nobody_has_no_button_and_says_why_and_what_to_do(
    demo: House,
) -> None:
    await demo.describe("004", MemberText(name="Dirk Zonder Mail"))
    cora = await demo.signed_in("003")

    nobody = await previewed(cora, "?q=dirk")

    assert "Zonder mailadres, dus niet: 004" in nobody.words
    assert "Zo krijgt niemand deze mail; hierboven staat waarom." in nobody.words
    assert "zet een mailadres bij wie er geen heeft" in nobody.words
    assert 'href="/group/members?q=dirk' in nobody.text
    assert "Verstuur naar" not in nobody.words
    assert "Ieder krijgt het één keer" not in nobody.words
    assert "Mail het eerst naar mezelf" in nobody.words
    assert "Zo krijgt niemand" not in (await previewed(cora, "?q=bert")).words


async def test_two_coordinators_at_once_mail_nobody_twice(demo: House) -> None:
    reader = reader_of(demo.node, demo.account("003"))
    words, everybody = Words("Feest", "Kom"), [demo.account(f"00{n}") for n in range(1, 6)]

    counts = await asyncio.gather(
        *(
            member_mail.send(demo.node, reader, words, everybody, key=key, now_s=now_s())
            for key in ("one", "two", "one")
        )
    )

    assert sum(counts) == 5
    assert len(await mails(demo)) == 5
    later = await member_mail.receivers(demo.node, reader, words, everybody)
    assert (later.people, later.told) == ((), 5)
    assert len(await member_mail.sendings(demo.node, reader)) == 2


async def test_nothing_is_half_sent_when_it_stops_on_the_way(
    demo: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, put = reader_of(demo.node, demo.account("003")), office_of(demo.node).put
    everybody, count = [demo.account(f"00{n}") for n in range(1, 6)], 0

    async def fails(connection: Any, letter: Any) -> bool:
        nonlocal count
        count += 1
        if count == 4:
            raise ProcessDiedError
        return await put(connection, letter)

    monkeypatch.setattr(office_of(demo.node), "put", fails)
    words = Words("Feest", "Kom")
    with pytest.raises(ProcessDiedError):
        await member_mail.send(demo.node, reader, words, everybody, key="k", now_s=now_s())

    assert await mails(demo) == []
    monkeypatch.undo()
    assert await member_mail.send(demo.node, reader, words, everybody, key="k", now_s=now_s()) == 5


async def test_a_long_list_goes_in_portions_that_a_restart_goes_on_with_and_nobody_gets_it_twice(
    demo: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_mail, "PORTION", 2)
    reader = reader_of(demo.node, demo.account("003"))
    everybody = [demo.account(f"00{n}") for n in range(1, 6)]
    words = Words("Feest", "Kom")
    held = asyncio.Event()
    put, at_work = office_of(demo.node).put, asyncio.Event()

    async def waits(connection: Any, letter: Any) -> bool:
        if len({one["address"] for one in await mails(demo)}) >= 2:
            at_work.set()
            await held.wait()
        return await put(connection, letter)

    monkeypatch.setattr(office_of(demo.node), "put", waits)

    begun = await member_mail.send(demo.node, reader, words, everybody, key="k", now_s=now_s())
    async with asyncio.timeout(WAIT_S):
        await at_work.wait()

    (sending,) = await member_mail.sendings(demo.node, reader)
    assert (begun, sending.mails, sending.members, sending.waiting) == (2, 2, 5, 3)
    cora = await demo.signed_in("003")
    assert "3 leden wachten nog" in (await cora.get("/group/letters")).words
    await demo.group.stop()  # in the middle of a portion
    monkeypatch.setattr(member_mail, "PORTION", 2)
    await demo.group.start()

    async def all_gone() -> bool:
        (now,) = await member_mail.sendings(demo.node, reader)
        return (now.mails, now.waiting) == (5, 0)

    async with asyncio.timeout(WAIT_S):
        while not await all_gone():  # noqa: ASYNC110 - a condition over a table
            await asyncio.sleep(0.01)
    assert len({one["address"] for one in await mails(demo)}) == len(await mails(demo)) == 5
    again = await member_mail.send(demo.node, reader, words, everybody, key="k", now_s=now_s())
    assert again == 0


async def test_more_than_goes_at_once_is_said_so_in_plain_words(
    demo: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_mail_page, "MEMBERS_MAX", 3)
    cora = await demo.signed_in("003")

    page = await previewed(cora)

    assert page.status == 422
    assert "Dit zijn meer dan 3 leden. Kies in de ledenlijst een deel" in page.words
    assert member_mail.MEMBERS_MAX == 10_000


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"text": ""}, "Vul dit in"), ({"subject": ""}, "Vul dit in")],
)
async def test_words_are_needed_and_kept(demo: House, typed: dict[str, str], said: str) -> None:
    cora = await demo.signed_in("003")
    page = await previewed(cora, "", **typed)

    assert (page.status, said in page.words) == (422, True)
    assert ("Lentefeest" in page.text) or ("Kom je ook" in page.text)


async def test_only_coordinators_write_and_strange_receivers_are_refused(demo: House) -> None:
    an = reader_of(demo.node, demo.account("001"))
    cora = await demo.signed_in("003")
    preview = await previewed(cora)
    with pytest.raises(RefusedError):
        await member_mail.send(demo.node, an, Words("a", "b"), [], key="k", now_s=now_s())

    for accounts in ("", "x", "999999", "1 " * 2000):
        page = await cora.post("/group/letters/send", shown(preview, accounts=accounts))
        assert page.status in {400, 404, 413, 422}, (accounts, page.status)
    assert await mails(demo) == []


async def test_a_node_without_mail_says_so_and_sends_nothing(house: House) -> None:
    cora = await house.signed_in("003")
    preview = await previewed(cora)
    page = await cora.post("/group/letters/send", shown(preview))

    assert "Er kunnen nu geen mails vertrekken" in page.words
    assert await mails(house) == []
