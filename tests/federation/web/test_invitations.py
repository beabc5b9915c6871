"""Members are invited in waves: each once, with a mail that lets in and lets choose."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from federation.mail.office import office_of
from federation.members import profiles
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key
from federation.web import invitations
from federation.web.place import LoginMail
from schemas.openings import MemberText
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.web.test_mail_pages import keep_mails

PATH = "/group/import/invite"
LINK = re.compile(r"/login/[A-Za-z0-9_-]{43}")


@pytest.fixture
async def posting(house: House) -> House:
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    return house


def who(house: House, *codes: str) -> dict[str, str]:
    return {f"who-{house.account(code)}-0": "yes" for code in codes}


async def invite(house: House, browser: Browser, wave: str, *codes: str) -> Page:
    form = await browser.get(PATH)
    return await browser.post(PATH, {"wave": wave, **who(house, *codes)}, form=form.key)


async def mails(house: House) -> list[Any]:
    sql = "SELECT account, subject, text, language FROM plain.mail ORDER BY account"
    return [row for row in await house.node.pool.fetch(sql) if "verhuisd" in row["subject"]]


async def test_a_wave_is_mailed_and_its_link_lets_in_and_lets_choose(posting: House) -> None:
    cora = await posting.signed_in("003")

    sent = await invite(posting, cora, "Kerngroep eerst", "001", "002")
    page = await cora.get(PATH)
    rows = await mails(posting)

    assert sent.path == f"{PATH}?done=sent"
    assert [row["account"] for row in rows] == [posting.account("001"), posting.account("002")]
    assert "14 dagen lang" in rows[0]["text"]
    assert "Kerngroep eerst 0 van 2 leden meldden zich al aan" in page.words
    assert "An Peeters" not in page.words
    assert "Dirk Auditor (004)" in page.words

    found = LINK.search(rows[0]["text"])
    assert found is not None
    browser = posting.browser()
    inside = await browser.post(found[0], form=(await browser.get(found[0])).key)
    assert inside.path.startswith("/me/password")
    assert "Kerngroep eerst 1 van 2" in (await cora.get(PATH)).words


async def test_nobody_is_invited_twice(posting: House) -> None:
    cora = await posting.signed_in("003")
    form = await cora.get(PATH)
    typed = {"wave": "Eerst", **who(posting, "001", "002")}

    await asyncio.gather(*(cora.post(PATH, typed, form=form.key) for _ in range(3)))
    await cora.post(PATH, {**typed, "wave": "Nog eens"}, form=form.key)

    assert len(await mails(posting)) == 2
    standing = await invitations.standing(posting.node)
    assert [(wave.name, wave.invited) for wave in standing.waves] == [("Eerst", 2)]


async def test_who_cannot_be_mailed_is_not_invited(
    posting: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cora = await posting.signed_in("003")
    await profiles.describe(
        posting.node, OPERATOR, posting.account("004"), MemberText(name="Dirk"), key=new_key()
    )
    await posting.seen()
    monkeypatch.setattr(office_of(posting.node), "put", _refuses)

    page = await cora.get(PATH)
    await invite(posting, cora, "Eerst", "001")

    assert "1 lid heeft geen mailadres." in page.words
    assert "Dirk" not in page.words
    assert (await invitations.standing(posting.node)).waves == []
    links = "SELECT count(*) FROM login_link WHERE next_path = '/me/password'"
    assert await posting.node.pool.fetchval(links) == 0


async def _refuses(*_: object) -> bool:
    return False


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"wave": "", "who-1-0": "yes"}, "Vul dit in."),
        ({"wave": "Eerst"}, "Kies minstens één lid."),
        ({"wave": "Eerst", "who-x": "yes", "who-3-0": ""}, "Kies minstens één lid."),
        ({"wave": "x" * 61, "who-1-0": "yes"}, "Dit is te lang"),
    ],
)
async def test_a_wave_has_a_name_and_somebody_in_it(
    posting: House, typed: dict[str, str], words: str
) -> None:
    cora = await posting.signed_in("003")

    page = await cora.post(PATH, typed, form=(await cora.get(PATH)).key)

    assert page.status == 422
    assert words in page.words
    assert await mails(posting) == []
