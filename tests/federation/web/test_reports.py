"""What members report: coordinators read it on a page and say that it is dealt with."""

from __future__ import annotations

import re

import pytest

from federation.group.agreeing import MakeReport
from federation.members import blocks, roles, threads
from federation.node.use_cases import new_key
from schemas.texts.words import Language
from tests.federation.web.conftest import House, Page
from tests.federation.web.two_groups import Two, place, plain, press, two

__all__ = ["two"]
HOSTILE = "<script>alert(1)</script> {{ 7*7 }} %(name)s"
BUTTON = re.compile(r'name="report" value="([^"]*)"')


async def tell(house: House, text: str, *, by: str = "001", about: str = "") -> str:
    """Let a member report something; about another it quotes what that one wrote."""
    reader, thread, message = roles.reader_of(house.node, house.account(by)), "", ""
    if about:
        other = roles.reader_of(house.node, house.account(about))
        to = threads.Recipient(house.account(by))
        begun = await threads.start(house.node, other, to, key=new_key(), text="Lelijk woord")
        thread, message = begun.thread, begun.messages[0].id
    key = new_key()
    await blocks.report(house.node, reader, text, key=key, thread=thread, message=message)
    return key


def buttons(page: Page) -> list[str]:
    return BUTTON.findall(page.text)


async def test_coordinators_read_who_told_what_about_whom_and_say_it_is_dealt_with(
    house: House,
) -> None:
    first = await tell(house, "Dit hoort niet", about="002")
    second = await tell(house, "De zaal was vuil", by="004")
    cora = await house.signed_in("003")
    seen = (await cora.get("/group")).words
    assert "2 meldingen wachten" in seen
    assert seen.index("2 meldingen van leden wachten") < seen.index("Nieuws"), "first of all"

    page = await cora.get("/group/reports")
    assert buttons(page) == [second, first]
    assert "An Peeters (001) vertelt iets over Bert <b>Bold</b> (002)" in plain(page)
    assert "Dirk Auditor (004) vertelt iets De zaal was vuil" in plain(page)
    assert "Dit hoort niet Dit hoort erbij: Lelijk woord" in page.words
    assert 'href="/members/001"' in page.text
    assert 'href="/members/002"' in page.text
    assert "/threads/" not in page.text  # coordinators read no threads

    pages = [await cora.post("/group/reports", report=first) for _ in range(2)]  # a double click
    assert {page.path for page in pages} == {"/group/reports?done=report-handled"}
    page = await cora.get("/group/reports")
    assert buttons(page) == [second]
    assert page.words.index("De zaal was vuil") < page.words.index("Dit hoort niet")
    assert "Geregeld door Cora Coördinator." in plain(page)
    assert "1 melding wacht" in (await cora.get("/group")).words


async def test_the_first_who_deals_with_a_report_is_named(house: House) -> None:
    report = await tell(house, "Let eens op")
    await house.group.ask("member.role", code="002", role="coordinator")
    cora, bert = await house.signed_in("003"), await house.signed_in("002")

    for browser in (cora, bert):
        done = await browser.post("/group/reports", report=report)
        assert done.path == "/group/reports?done=report-handled"

    words = plain(await bert.get("/group/reports"))
    assert "Geregeld door Cora Coördinator." in words
    assert "Geregeld door Bert" not in words


@pytest.mark.parametrize("name", ["", "x", "A" * 22, "<script>", "💐" * 50])
async def test_a_report_that_is_not_there_is_not_found(house: House, name: str) -> None:
    cora = await house.signed_in("003")
    before = house.node.sequencer.size

    page = await cora.post("/group/reports", report=name)

    assert page.status == 404
    assert "<script>" not in page.text
    assert house.node.sequencer.size == before


async def test_nobody_else_reads_a_report_or_is_told_how_many_there_are(house: House) -> None:
    report = await tell(house, "GEHEIM")

    for code in ("001", "004"):
        browser = await house.signed_in(code)
        for page in (
            await browser.get("/group/reports"),
            await browser.post("/group/reports", report=report),
        ):
            assert page.status == 403
            assert "GEHEIM" not in page.text
        assert "melding" not in (await browser.get("/group")).words.lower()
    anonymous = await house.browser().get("/group/reports")
    assert anonymous.path.startswith("/login")
    cora = await house.signed_in("003")
    assert buttons(await cora.get("/group/reports")) == [report]
    forged = await cora.post(
        "/group/reports", report=report, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert forged.status == 403
    assert buttons(await cora.get("/group/reports")) == [report]


async def test_what_is_written_is_text_in_every_language(house: House) -> None:
    await tell(house, HOSTILE, about="002")
    cora = await house.signed_in("003")

    for language in Language:
        await cora.post("/language", language=language, next="/me")
        page = await cora.get("/group/reports")
        assert "<script>alert" not in page.text
        assert HOSTILE in page.words
        assert "<b>Bold</b>" not in page.text


async def test_a_reported_offer_is_linked(house: House) -> None:
    number = await place(house, "002", "Vreemd aanbod", 3)
    account, other = house.account("001"), house.account("002")
    await house.node.do(MakeReport(new_key(), account, "Mag dit?", "", other, None, int(number)))
    cora = await house.signed_in("003")

    page = await cora.get("/group/reports")

    assert f'href="/posts/{number}"' in page.text
    assert "Vreemd aanbod" in (await cora.get(f"/posts/{number}")).words


async def test_nothing_waits_where_nothing_was_reported(house: House) -> None:
    cora = await house.signed_in("003")

    assert "Er wacht geen melding." in (await cora.get("/group/reports")).words
    assert "Er wacht geen melding." in (await cora.get("/group")).words


async def test_somebody_of_another_group_is_named_with_that_group(two: Two) -> None:
    an = await two.here.signed_in("001")
    offer, node = await two.offer(), two.there.node.id
    begun = await press(an, await an.get(f"/threads/new?node={node}&offer={offer}"), text="Dag")
    ask = await an.get(begun.path.partition("?")[0] + "/report")
    await press(an, ask, text="Hij kwam niet")
    await two.here.group.ask("member.role", code="002", role="coordinator")
    bert = await two.here.signed_in("002")

    page = await bert.get("/group/reports")

    assert "An Peeters (001) vertelt iets over Marc (LETS Leuven)" in plain(page)
    assert page.text.count('href="/members/') == 1


async def test_an_offer_is_reported_with_its_title(house: House) -> None:
    number = await place(house, "002", f"Taart {HOSTILE}", 8)
    an, cora = await house.signed_in("001"), await house.signed_in("003")
    page = await an.get(f"/posts/{number}")
    assert f'href="/posts/{number}/report"' in page.text

    page = await an.get(f"/posts/{number}/report")
    assert f"dat het over Taart {HOSTILE} gaat" in page.words
    empty = await press(an, page)
    assert empty.status == 422
    done = [await press(an, page, text="Dit is reclame") for _ in range(2)]  # a double click
    assert {one.path for one in done} == {f"/posts/{number}?done=reported"}

    told = await cora.get("/group/reports")
    assert len(buttons(told)) == 1
    assert "An Peeters (001) vertelt iets over Bert <b>Bold</b> (002)" in plain(told)
    assert f"Dit is reclame Dit hoort erbij: Taart {HOSTILE}" in told.words
    assert f'href="/posts/{number}"' in told.text
    own = await house.signed_in("002")
    assert "/report" not in (await own.get(f"/posts/{number}")).text


async def test_an_offer_of_another_group_is_reported_too(two: Two) -> None:
    post = f"{two.there.node.id}.{await two.offer()}"
    await two.here.group.ask("member.role", code="002", role="coordinator")
    an, bert = await two.here.signed_in("001"), await two.here.signed_in("002")

    page = await an.get(f"/posts/{post}/report")
    await press(an, page, text="Hij komt nooit")

    told = await bert.get("/group/reports")
    assert "An Peeters (001) vertelt iets over Marc" in plain(told)
    assert "Hij komt nooit Dit hoort erbij: Fiets herstellen" in told.words


async def test_what_is_not_seen_is_not_reported(house: House) -> None:
    an = await house.signed_in("001")

    for post in ("999", "0", "x", f"{'b' * 52}.1"):
        assert (await an.get(f"/posts/{post}/report")).status == 404, post
        sent = await an.post(f"/posts/{post}/report", form="A" * 22, text="x")
        assert sent.status == 422, post

    assert buttons(await (await house.signed_in("003")).get("/group/reports")) == []


async def test_a_coordinator_neither_reads_nor_settles_what_is_reported_about_her(
    house: House,
) -> None:
    report = await tell(house, "GEHEIM", about="003")
    other = await tell(house, "Let eens op", by="004")
    await house.group.ask("member.role", code="002", role="coordinator")
    cora, bert = await house.signed_in("003"), await house.signed_in("002")
    before = house.node.sequencer.size

    page = await cora.get("/group/reports")
    assert buttons(page) == [other]
    assert "GEHEIM" not in page.text
    assert "1 melding wacht" in (await cora.get("/group")).words
    assert (await cora.post("/group/reports", report=report)).status == 404
    assert house.node.sequencer.size == before

    page = await bert.get("/group/reports")
    assert buttons(page) == [other, report]
    assert "An Peeters (001) vertelt iets over Cora Coördinator (003)" in plain(page)
    assert "2 meldingen wachten" in (await bert.get("/group")).words
    await bert.post("/group/reports", report=report)
    page = await cora.get("/group/reports")
    assert "GEHEIM" not in page.text, "nor when it is dealt with"


async def test_who_shares_the_account_or_acts_for_somebody_reads_no_more(house: House) -> None:
    await tell(house, "GEHEIM", about="003")
    cora_reader, account = roles.reader_of(house.node, house.account("003")), house.account("003")
    await roles.join_person(
        house.node, cora_reader, account, name="Wim", address="wim@voorbeeld.be", key=new_key()
    )
    await house.seen()
    wim, cora = house.browser(), await house.signed_in("003")
    sent = await house.ask(wim, "wim@voorbeeld.be")
    await wim.post(sent.path, form=(await wim.get(sent.path)).key)
    await cora.post("/me/acting", account=str(house.account("001")))

    for browser in (wim, cora):
        page = await browser.get("/group/reports")
        assert page.status == 200
        assert "GEHEIM" not in page.text
        assert "Er wacht geen melding." in page.words


KEPT = {
    Language.NL: ("Je melding is bewaard, maar nu leest niemand ze", "De anderen van de kerngroep"),
    Language.FR: ("Ton signalement est gardé, mais personne ne le lit", "Les autres membres de"),
    Language.EN: ("Your report is kept, but nobody reads it for now", "The other coordinators"),
}


@pytest.mark.parametrize("language", Language)
async def test_whoever_reports_a_coordinator_is_told_who_reads_it(
    house: House, language: Language
) -> None:
    kept, others = KEPT[language]
    number = await place(house, "003", "Taart", 8)
    cora = roles.reader_of(house.node, house.account("003"))
    to = threads.Recipient(house.account("001"))
    begun = await threads.start(house.node, cora, to, key=new_key(), text="Lelijk woord")
    an = await house.signed_in("001")
    await an.post("/language", language=language, next="/me")

    for path in (f"/posts/{number}", f"/threads/{begun.thread}"):
        told = await press(an, await an.get(f"{path}/report"), text="Niet in orde")
        assert told.path == f"{path}?done=reported-kept"
        assert kept in told.words

    await house.group.ask("member.role", code="002", role="coordinator")
    told = await press(an, await an.get(f"/posts/{number}/report"), text="Nog altijd")
    assert others in told.words
    bert = await house.signed_in("002")
    assert len(buttons(await bert.get("/group/reports"))) == 3, "what was kept is there for him"
