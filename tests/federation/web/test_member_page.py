"""One member as coordinators see it: status, own limits, note, and what happened by whom."""

from __future__ import annotations

import asyncio
import re

from federation.group.commands import SetStatus
from federation.members import profiles
from schemas.bodies import AccountStatus
from schemas.openings import MemberText
from tests.federation.web.conftest import House

PATH = "/group/members/001"


async def test_limits_status_and_note_are_set_once_and_the_history_names_who(house: House) -> None:
    cora, an = await house.signed_in("003"), house.account("001")
    size = house.node.sequencer.size
    limits, note = await cora.get(f"{PATH}/limits"), await cora.get(f"{PATH}/note")
    typed = {"lower": "40", "upper": "", "soft-lower": "20", "soft-upper": ""}

    for _ in range(2):
        await cora.post(f"{PATH}/limits", typed, form=limits.key)
        noted = await cora.post(f"{PATH}/note", note="Belt liever", known="", form=note.key)

    account = house.node.machine.books.ledger.accounts[an]
    assert (account.lower_minor, account.upper_minor, account.soft_lower_minor) == (-40, None, -20)
    assert house.node.sequencer.size == size + 2
    words = noted.words
    assert "Belt liever" in words
    assert "Aangepast: notitie van de kerngroep." in words
    assert "Eigen grenzen: van -40 tot zoals de groep." in words
    assert "door Cora Coördinator" in words
    assert "Kwam erbij." in words
    assert 'value="40"' in (await cora.get(f"{PATH}/limits")).text
    for page, heading in (("limits", "Grenzen"), ("note", "Notitie"), ("status", "Toestand")):
        said = (await cora.get(f"{PATH}/{page}")).words
        assert re.search(rf"{heading} (van|over) An Peeters 001", said), "by name, not by code"
    assert "Belt liever" not in (await (await house.signed_in("002")).get("/members/001")).text


async def test_who_leaves_at_zero_is_gone_and_can_come_back(house: House) -> None:
    cora, an = await house.signed_in("003"), house.account("001")
    form = await cora.get(f"{PATH}/status")

    gone = await cora.post(f"{PATH}/status", status="leaving", form=form.key)
    assert house.node.machine.books.ledger.accounts[an].status is AccountStatus.INACTIVE
    assert "Toestand weg" in gone.words
    assert "Toestand werd: vertrekker." in gone.words
    back = await cora.post(f"{PATH}/status", status="active", form=form.key)

    assert "Toestand lid" in back.words
    assert house.node.machine.books.ledger.accounts[an].status is AccountStatus.ACTIVE


async def test_what_cannot_be_is_told_beside_its_field_and_changes_nothing(house: House) -> None:
    cora = await house.signed_in("003")
    size = house.node.sequencer.size

    order = await cora.post(f"{PATH}/limits", {"lower": "10", "soft-lower": "20"})
    text = await cora.post(f"{PATH}/limits", lower="veel")
    status = await cora.post(f"{PATH}/status", status="king")
    long = await cora.post(f"{PATH}/note", note="x" * 2001)
    group = await cora.get("/group/members/secretariaat")
    nobody = await cora.get("/group/members/999")

    assert [page.status for page in (order, text, status, long)] == [422] * 4
    assert "Schrijf een getal" in text.words
    assert "Kies een van de mogelijkheden" in status.words
    assert (group.status, nobody.status) == (404, 404)
    assert house.node.sequencer.size == size


async def test_two_coordinators_at_once_do_not_write_over_each_others_note(house: House) -> None:
    await house.group.ask("member.role", code="002", role="coordinator")
    cora, bert = await house.signed_in("003"), await house.signed_in("002")
    mine, other = await cora.get(f"{PATH}/note"), await bert.get(f"{PATH}/note")

    first = await bert.post(f"{PATH}/note", note="Van Bert", known="", form=other.key)
    second = await cora.post(f"{PATH}/note", note="Van Cora", known="", form=mine.key)

    assert first.path.endswith("done=saved")
    assert second.status == 422
    assert "“Van Bert”" in second.words
    assert "Van Cora" in second.text
    fixed = await cora.post(
        f"{PATH}/note", note="Van Bert\nVan Cora", known="Van Bert", form=second.key
    )
    text = await profiles.member_text(house.node, house.account("001"))
    assert fixed.path.endswith("done=saved")
    assert text is not None
    assert text.admin_comment == "Van Bert\nVan Cora"


async def test_a_page_of_a_member_without_texts_still_says_what_there_is(house: House) -> None:
    await house.node.do(SetStatus(house.account("005"), AccountStatus.LEAVING))
    await house.describe("001", MemberText(name="<script>x", place="'\"&"))
    cora = await house.signed_in("003")

    pages = await asyncio.gather(cora.get(PATH), cora.get("/group/members/005"))

    assert [page.status for page in pages] == [200, 200]
    assert "<script>x" not in pages[0].text
    assert "<script>x" in pages[0].words
