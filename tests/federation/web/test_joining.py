"""Strangers become members: asked, confirmed by mail, let in or told why not; each once."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from federation.mail.own_words import OwnLetter, say
from federation.members import joining
from federation.members.joining import next_code
from federation.members.reader import OPERATOR
from federation.web.place import LoginMail
from schemas.bodies import AccountStatus
from schemas.texts.words import Language
from tests.federation.web.conftest import Browser, House
from tests.federation.web.test_mail_pages import keep_mails

TYPED = {
    "name": "Nieuwe Nina",
    "address": "nina@voorbeeld.be",
    "phone": "0470 12 34 56",
    "postcode": "9000",
    "place": "Gent",
    "about": "Ik bak graag taart.",
}


@pytest.fixture
async def opened(house: House) -> House:
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    await joining.set_open(house.node, OPERATOR, is_open=True)
    return house


async def mails(house: House) -> list[Any]:
    sql = "SELECT * FROM plain.mail WHERE kind = 'joining' ORDER BY written_at_s, subject"
    return list(await house.node.pool.fetch(sql))


def link(text: str, path: str) -> str:
    found = re.search(rf"{path}/[A-Za-z0-9_-]{{43}}", text)
    assert found is not None, text
    return found[0]


async def confirmed(house: House, browser: Browser, **fields: str) -> str:
    """Ask and confirm; gives the address of the applicant's page."""
    await browser.post("/join", {**TYPED, **fields}, form=(await browser.get("/join")).key)
    newest = (await mails(house))[-1]
    where = link(newest["text"], "/join")
    assert "Ja, ik wil lid worden" in (await browser.get(where)).words
    done = await browser.post(where)
    assert "bij de kerngroep" in done.words
    number = await house.node.pool.fetchval("SELECT max(applicant) FROM plain.applicant")
    return f"/group/joining/{number}"


async def test_who_asks_confirms_is_let_in_once_and_signs_in(opened: House) -> None:
    await say(opened.node, OPERATOR, OwnLetter.WELCOME, Language.NL, "Kom ontbijten, {naam}.")
    stranger, cora = opened.browser(), await opened.signed_in("003")
    await stranger.post("/join", TYPED, form=(await stranger.get("/join")).key)
    assert "Nina" not in (await cora.get("/group/joining")).words
    page = await confirmed(opened, stranger, about="Ik bak graag brood.")
    assert "1 mens wil lid worden" in (await cora.get("/group/members")).words
    shown = await cora.get(page)
    assert "Ik bak graag brood." in shown.words
    assert 'value="006"' in shown.text

    typed = {"code": "006", "status": "active"}
    await asyncio.gather(*(cora.post(page, typed, form=shown.key) for _ in range(3)))

    ledger = opened.node.machine.books.ledger
    assert ledger.accounts[ledger.codes["006"]].status is AccountStatus.ACTIVE
    welcomes = [row for row in await mails(opened) if "Welkom" in row["subject"]]
    assert len(welcomes) == 1
    assert welcomes[0]["stop_url"] == ""
    assert f"Kom ontbijten, {TYPED['name']}." in welcomes[0]["text"]
    way_in = link(welcomes[0]["text"], "/login")
    inside = await stranger.post(way_in, form=(await stranger.get(way_in)).key)
    assert inside.path.startswith("/me/password")
    assert (await cora.get(page)).status == 410
    left = await opened.node.pool.fetchrow("SELECT * FROM plain.applicant WHERE decision <> ''")
    assert left is not None
    assert (left["name"], left["address"], left["about"], left["phone"]) == ("", "", "", "")


async def test_who_is_declined_reads_why_and_what_was_written_goes(opened: House) -> None:
    await say(opened.node, OPERATOR, OwnLetter.DECLINED, Language.NL, "Groeten van {groep}.")
    stranger, cora = opened.browser(), await opened.signed_in("003")
    page = await confirmed(opened, stranger)

    empty = await cora.post(f"{page}/decline", reason=" ")
    said = await cora.post(f"{page}/decline", reason="We zitten vol tot de lente.")
    twice = await cora.post(f"{page}/decline", reason="Toch niet.")
    too_late = await cora.post(page, code="006", status="active")

    assert (empty.status, said.path, twice.status) == (
        422,
        "/group/joining?done=applicant-out",
        410,
    )
    assert too_late.status == 410
    told = [row for row in await mails(opened) if "waarom" in row["text"]]
    assert ["vol tot de lente" in row["text"] for row in told] == [True]
    text = told[0]["text"]
    assert text.index("vol tot de lente") < text.index("Groeten van alfa.")
    assert "006" not in opened.node.machine.books.ledger.codes
    rest = await opened.node.pool.fetch("SELECT * FROM plain.applicant")
    assert not any("Nina" in str(value) for row in rest for value in row.values())


async def test_a_known_address_gets_the_same_answer_and_another_mail(opened: House) -> None:
    stranger = opened.browser()
    key = (await stranger.get("/join")).key

    new = await stranger.post("/join", TYPED, form=key)
    known = await stranger.post("/join", {**TYPED, "address": "AN@voorbeeld.be"}, form=key)

    assert (new.status, new.path, new.words) == (known.status, known.path, known.words)
    subjects = {row["address"]: row["subject"] for row in await mails(opened)}
    assert subjects["nina@voorbeeld.be"].startswith("Wil je lid worden")
    assert subjects["AN@voorbeeld.be"].startswith("Je bent al lid")


async def test_nobody_is_flooded_and_a_closed_page_takes_nothing(opened: House) -> None:
    stranger = opened.browser()
    answers = [await stranger.post("/join", TYPED) for _ in range(5)]
    await joining.set_open(opened.node, OPERATOR, is_open=False)

    assert [page.status for page in answers] == [200, 200, 200, 422, 422]
    assert "over " in answers[-1].words
    assert "Nieuwe Nina" in answers[-1].text
    assert len(await mails(opened)) == 3
    closed = await stranger.post("/join", {**TYPED, "address": "ander@voorbeeld.be"})
    assert closed.status == 404
    assert (await stranger.get("/join")).status == 404
    assert len(await mails(opened)) == 3


async def test_what_nobody_confirms_goes_and_an_old_link_says_so(opened: House) -> None:
    stranger = opened.browser()
    await stranger.post("/join", TYPED)
    where = link((await mails(opened))[-1]["text"], "/join")
    now_s = opened.place.now_s()

    await joining.sweep(opened.node, now_s=now_s + joining.CONFIRM_WITHIN_S - 60)
    assert (await stranger.get(where)).status == 200
    await joining.sweep(opened.node, now_s=now_s + joining.CONFIRM_WITHIN_S + 60)

    assert (await stranger.get(where)).status == 410
    assert (await stranger.post(where)).status == 410
    assert await opened.node.pool.fetchval("SELECT count(*) FROM plain.applicant") == 0


async def test_a_code_that_is_taken_is_told_and_another_one_works(opened: House) -> None:
    stranger, cora = opened.browser(), await opened.signed_in("003")
    page = await confirmed(opened, stranger)

    taken = await cora.post(page, code="001", status="information")
    free = await cora.post(page, code="077", status="information", form=taken.key)

    assert taken.status == 422
    assert "Nieuwe Nina" in taken.words
    assert free.path == "/group/joining?done=applicant-in"
    ledger = opened.node.machine.books.ledger
    assert ledger.accounts[ledger.codes["077"]].status is AccountStatus.INFORMATION


def test_the_next_code_follows_the_highest_number() -> None:
    assert next_code([]) == "001"
    assert next_code(["001", "045", "An"]) == "046"
    assert next_code(["9"]) == "10"
    assert next_code(["099"]) == "100"
