"""What coordinators do with a line on pages: read what changes, then do it; two real nodes."""

from __future__ import annotations

import re

import pytest

from federation.line.commands import Quarantine
from federation.members import roles
from federation.members.reader import OPERATOR
from federation.node.line_deeds import Deed, Measure
from federation.node.line_use_cases import Proposal, propose_terms
from federation.node.use_cases import new_key
from federation.web.deed_words import ABOUT, MEASURES, OFFERS, THEY, YES
from projections.lines import Line, granted_by_them, granted_by_us
from schemas.bodies import AccountKind
from schemas.member_bodies import Role
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.web.test_partner_lines import coordinator
from tests.federation.web.two_groups import Two, fields, plain, two
from tests.federation.world.conftest import eventually, lines

__all__ = ["two"]

HOUR = 360_000


def ours(house: House) -> Line:
    found: Line = lines(house.group)[0]
    return found


def at(house: House, more: str = "") -> str:
    return f"/group/partners/line/{ours(house).line}{more}"


async def confirm(browser: Browser, page: Page) -> Page:
    """Press the one button of a page that says what would change."""
    assert "Klopt dit?" in page.words, page.words
    return await browser.post(page.path, fields(page))


async def pay(two: Two, minor: int) -> None:
    """Let An give Marc so many blommekes: Gent receives, and owes."""
    paid = {"payer": "001", "payee": "002", "group": "LETS Leuven", "amount_minor": minor}
    assert (await two.here.group.ask("pay", **paid))["state"] == "settled"
    await two.met()


async def test_a_limit_is_lowered_alone_after_it_was_read(two: Two) -> None:
    an = await coordinator(two.here)
    blank = await an.get(at(two.here))
    assert "De grens voor hen verlagen" in blank.words
    form = await an.get(at(two.here, "/limit"))
    assert "Zij mogen nu meer krijgen dan geven, tot 20 uur (400 pollekes)." in plain(form)

    read = await an.post(form.path, {**fields(form), "limit": "2,5"})

    said = plain(read)
    assert "Zij mogen meer krijgen dan geven, tot 20 uur (400 pollekes) 2,5 uur (50 pollek" in said
    assert "De andere groep hoeft niets te doen: ze ziet de nieuwe grens vanzelf." in said
    assert granted_by_us(ours(two.here)) == 20 * HOUR
    done = await confirm(an, read)
    assert done.path.startswith(at(two.here))
    assert "Bewaard." in done.words
    assert granted_by_us(ours(two.here)) == 5 * HOUR // 2
    await eventually(lambda: granted_by_them(ours(two.there)) == 5 * HOUR // 2)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("21", "Stel nieuwe afspraken voor om ze te verhogen."),
        ("veel", "Schrijf een getal, zoals 8 of 1,5."),
        ("", "Schrijf een aantal uren, zoals 8 of 1,5."),
        ("999999", "Hoogstens 100000 uur."),
    ],
)
async def test_a_limit_that_cannot_be_is_refused_with_the_next_step(
    two: Two, typed: str, said: str
) -> None:
    an = await coordinator(two.here)
    form = await an.get(at(two.here, "/limit"))

    page = await an.post(form.path, {**fields(form), "limit": typed})

    assert page.status == 422
    assert said in plain(page)
    assert fields(page)["limit"] == typed
    assert granted_by_us(ours(two.here)) == 20 * HOUR


async def test_a_higher_limit_is_proposed_and_holds_once_both_said_yes(two: Two) -> None:
    an, lies = await coordinator(two.here), await coordinator(two.there)
    form = await an.get(at(two.here, "/terms"))

    read = await an.post(form.path, {**fields(form), "limit": "30", "largest": "6"})

    said = plain(read)
    for row in (
        "Een uur is bij ons 20 20",
        "Een uur is bij hen 15 15",
        "Wij mogen meer krijgen dan geven, tot 20 uur (400 pollekes) 30 uur (600 pollekes)",
        "Zij mogen meer krijgen dan geven, tot 20 uur (400 pollekes) 30 uur (600 pollekes)",
        "Grootste ruil in een keer 5 uur (100 pollekes) 6 uur (120 pollekes)",
        "We waarschuwen als wij meer kregen dan 12 uur (240 pollekes) 18 uur (360 pollekes)",
        "De andere groep moet ja zeggen. Tot dan blijft alles zoals het nu is.",
    ):
        assert row in said
    assert ours(two.here).own_proposal is None
    done = await confirm(an, read)
    assert "Wij stellen afspraken voor." in done.words
    assert granted_by_us(ours(two.here)) == 20 * HOUR
    await eventually(lambda: ours(two.there).their_proposal is not None)
    page = await lies.get(at(two.there))
    await lies.post(at(two.there), {**fields(page, "accept"), "do": "accept"})
    await two.met()
    for house in (two.here, two.there):
        assert granted_by_us(ours(house)) == granted_by_them(ours(house)) == 30 * HOUR
    again = await an.get(at(two.here))
    assert "Wij stellen afspraken voor." not in again.words


async def test_a_second_proposal_is_refused_with_the_next_step(two: Two) -> None:
    an = await coordinator(two.here)
    form = await an.get(at(two.here, "/terms"))
    await propose_terms(two.here.node, two.there.node.id, Proposal())

    page = await an.post(form.path, {**fields(form), "limit": "30"})

    assert page.status == 422
    assert "Beantwoord het, of wacht op het antwoord." in plain(page)
    nothing = await an.post(form.path, {**fields(form), "limit": "0"})
    assert "Schrijf een aantal uren, zoals 8 of 1,5." in nothing.words


async def test_a_line_is_paused_with_a_reason_and_goes_on(two: Two) -> None:
    an = await coordinator(two.here)
    form = await an.get(at(two.here, "/pause"))
    wrong = await an.post(form.path, {**fields(form), "reason": "zomaar"})
    assert wrong.status == 422

    read = await an.post(form.path, {**fields(form), "reason": "maintenance"})

    assert "De reden die zij lezen: Er wordt aan de server gewerkt." in plain(read)
    assert "Nieuwe ruil kan nu, en daarna niet meer." in plain(read)
    assert ours(two.here).open()
    page = await confirm(an, read)
    assert "Op pauze: Er wordt aan de server gewerkt." in plain(page)
    await two.met()
    lies = await coordinator(two.there)
    other = (await lies.get("/group/partners")).words
    assert "De andere groep laat voorlopig geen nieuwe ruil toe." in other
    read = await an.get(at(two.here, "/resume"))
    assert "Nieuwe ruil kan nu niet, en daarna weer wel." in plain(read)
    page = await confirm(an, read)
    assert "Wij laten voorlopig geen nieuwe ruil toe." not in page.words
    assert ours(two.here).open()


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("nl", ("verlaagde de grens voor", "pauzeerde de ruil met", "liet weer ruilen met")),
        ("fr", ("a abaissé la limite de", "a mis en pause les échanges avec", "a repris")),
        ("en", ("lowered the limit of", "paused trade with", "let trade go on with")),
    ],
)
async def test_who_decided_alone_about_a_line_stands_in_the_register(
    two: Two, language: str, says: tuple[str, str, str]
) -> None:
    an, bert = await coordinator(two.here), await two.here.signed_in("002")
    await bert.post("/language", language=language, next="/me")
    limit = await an.get(at(two.here, "/limit"))
    read = await an.post(limit.path, {**fields(limit), "limit": "2,5"})
    before = await bert.get("/me/looked")
    await confirm(an, read)
    pause = await an.get(at(two.here, "/pause"))
    await confirm(an, await an.post(pause.path, {**fields(pause), "reason": "coordinator"}))
    await confirm(an, await an.get(at(two.here, "/resume")))
    await two.here.group.ask("line.freeze", group="LETS Leuven")

    seen = plain(await bert.get("/me/looked"))

    for words in says:
        assert words not in plain(before)
        assert f"An Peeters 001 {words}" in seen
    assert seen.count("LETS Leuven") == 4
    operator = {"nl": "Wie de server beheert", "fr": "La personne", "en": "Whoever"}[language]
    assert re.search(rf"{operator}[^·]* {says[1]} LETS Leuven", seen), seen


async def test_what_they_owe_is_settled_to_zero_and_then_the_line_is_closed(two: Two) -> None:
    await pay(two, 30)
    an, lies = await coordinator(two.here), await coordinator(two.there)
    first = await an.get(at(two.here, "/close"))
    assert "vraag hun kerngroep om de stand op nul te brengen" in plain(first)
    other = await lies.get(at(two.there, "/close"))
    assert f'href="{at(two.there, "/settle")}"' in other.text
    read = await lies.get(at(two.there, "/settle"))
    said = plain(read)
    assert "Zij kregen meer dan ze gaven 2 uur (30 blommekes) 0 uur (0 blommekes)" in said
    assert "Saldo van onze groepsrekening 0 blommekes -30 blommekes" in said
    assert "Hun groepsrekening krijgt 40 in hun eenheid." in said

    form = fields(read)
    done = await lies.post(read.path, form)
    twice = await lies.post(read.path, form)

    assert "Bewaard." in done.words
    assert "Bewaard." in twice.words
    await eventually(lambda: ours(two.there).balance_units == 0)
    await two.met()
    assert ours(two.here).balance_units == 0
    ledger = two.there.node.machine.books.ledger
    group = ledger.account_of_kind(AccountKind.GROUP)
    assert group is not None
    assert ledger.balance(group.account) == -30  # once, though it was sent twice
    read = await an.get(at(two.here, "/close"))
    assert "Dit is voorgoed" in plain(read)
    gone = await confirm(an, read)
    assert gone.path.startswith("/group/partners?")
    await eventually(lambda: ours(two.here).closed() and ours(two.there).closed())


async def test_who_owes_cannot_settle_and_reads_why(two: Two) -> None:
    await pay(two, 30)
    an = await coordinator(two.here)

    page = await an.get(at(two.here, "/settle"))

    assert page.status == 200
    assert "Breng de stand eerst op nul" in plain(page)
    assert ours(two.here).balance_units == 2 * HOUR


async def test_a_line_set_aside_goes_on_by_a_decision_that_is_on_record(two: Two) -> None:
    an = await coordinator(two.here)
    line = ours(two.here)
    await two.here.node.sequencer.submit(Quarantine(line.line, line.in_n, "claim_differs"))
    blank = await an.get(at(two.here))
    assert "Opzijgezet" in blank.words
    assert "Nagekeken: weer ruilen" in blank.words
    read = await an.get(at(two.here, "/release"))
    assert "Doe dit pas als je met hun kerngroep gesproken hebt." in plain(read)
    assert "Nieuwe ruil kan nu niet, en daarna weer wel." in plain(read)

    page = await confirm(an, read)

    assert "Opzijgezet" not in page.words
    assert ours(two.here).open()
    body = await two.here.node.pool.fetchval(
        "SELECT body FROM log_event WHERE body IS NOT NULL ORDER BY seq DESC LIMIT 1"
    )
    by = two.here.account("001")
    assert f'"entered_by":{by}'.encode() in bytes(body)
    assert b'"type":"line.quarantine_ended"' in bytes(body)


async def test_nothing_is_done_when_it_changed_after_it_was_read(two: Two) -> None:
    await pay(two, 30)
    lies = await coordinator(two.there)
    read = await lies.get(at(two.there, "/settle"))
    await pay(two, 15)

    late = await confirm(lies, read)

    assert late.status == 409
    assert "Intussen is er iets veranderd. Er is nog niets gedaan" in plain(late)
    assert "3 uur (45 blommekes)" in plain(late)
    assert ours(two.there).balance_units == -3 * HOUR
    await confirm(lies, late)
    await eventually(lambda: ours(two.there).balance_units == 0)


async def test_another_rate_is_read_first_and_proposed_to_each_partner(two: Two) -> None:
    await pay(two, 30)
    an, lies = await coordinator(two.here), await coordinator(two.there)
    form = await an.get("/group/partners/rate")
    assert "Een uur is nu 20 pollekes." in plain(form)
    wrong = await an.post(form.path, {**fields(form), "per_hour": "0"})
    assert wrong.status == 422
    assert "Schrijf een geheel getal van 1 tot 360000." in wrong.words

    read = await an.post(form.path, {**fields(form), "per_hour": "10"})

    said = plain(read)
    assert "Een uur is nu 20, en daarna 10 pollekes." in said
    assert "Wij kregen meer dan we gaven 2 uur (40 pollekes) 2 uur (20 pollekes)" in said
    assert "We vragen het die groep nu. Zij moet ja zeggen." in said
    assert two.here.node.machine.books.ledger.settings.unit.rate.per_hour == 20  # type: ignore[union-attr]
    await confirm(an, read)
    await eventually(lambda: ours(two.there).their_proposal is not None)
    again = await an.post(form.path, {**fields(form), "per_hour": "10"})
    assert "We vroegen het al; zij moeten nog ja zeggen." in plain(again)
    page = await lies.get(at(two.there))
    assert "Een uur is bij hen 20 10" in plain(page)
    await lies.post(at(two.there), {**fields(page, "accept"), "do": "accept"})
    await two.met()
    line = ours(two.here)
    assert line.clearing_rate is not None
    assert line.clearing_rate.per_hour == 10
    assert two.here.node.machine.books.ledger.balance(line.clearing) == 20


async def test_a_group_that_cannot_be_asked_for_the_new_rate_is_asked_later(two: Two) -> None:
    an = await coordinator(two.here)
    await two.there.group.stop()
    form = await an.get("/group/partners/rate")
    read = await an.post(form.path, {**fields(form), "per_hour": "10"})
    page = await confirm(an, read)
    assert "Niet elke groep kon nu gevraagd worden" in page.words
    assert ours(two.here).own_proposal is None
    await two.restarted()
    form = await an.get("/group/partners/rate")
    assert "Met 1 groep geldt nog een ander tarief." in plain(form)

    await confirm(an, await an.post(form.path, {**fields(form), "per_hour": "10"}))

    await eventually(lambda: ours(two.there).their_proposal is not None)


async def test_coordinators_write_to_each_other_and_take_words_back(two: Two) -> None:
    an, lies = await coordinator(two.here), await coordinator(two.there)
    page = await an.get(at(two.here))
    typed = {**fields(page, "note"), "text": "Goede dag.\nMogen de limieten hoger?"}
    sent = await an.post(at(two.here), typed)
    await an.post(at(two.here), typed)
    assert "Verstuurd." in sent.words
    assert (await an.get(at(two.here))).text.count("Mogen de limieten hoger?") == 1
    await two.met()
    page = await lies.get(at(two.there))
    assert "LETS Gent" in page.words
    assert "Mogen de limieten hoger?" in page.words
    assert "Deze woorden wissen" not in page.words
    empty = await lies.post(at(two.there), {**fields(page, "note"), "text": " "})
    assert empty.status == 422
    assert "Vul dit in." in empty.words
    await lies.post(at(two.there), {**fields(page, "note"), "text": "Ja, dertig uur."})
    await two.met()
    page = await an.get(at(two.here))
    assert page.words.index("Mogen de limieten") < page.words.index("Ja, dertig uur.")
    found = re.search(r'href="([^"]+/notes/\d+)"', page.text)
    assert found is not None
    asked = await an.get(found[1])
    assert "Mogen de limieten hoger?" in asked.words
    assert "zodra hun server bereikt wordt" in asked.words

    done = await an.post(found[1], fields(asked))

    assert "De woorden zijn hier gewist" in done.words
    assert "Dit bericht is gewist." in done.words
    assert "limieten hoger" not in done.words
    await two.met()
    assert "limieten hoger" not in (await lies.get(at(two.there))).words
    theirs = next(n for n in range(1, 40) if n != int(found[1].rsplit("/", 1)[1]))
    assert (await an.get(at(two.here, f"/notes/{theirs + 30}"))).status == 404


async def test_a_note_to_a_group_that_is_away_keeps_its_words(two: Two) -> None:
    an = await coordinator(two.here)
    page = await an.get(at(two.here))
    await two.there.group.stop()

    away = await an.post(at(two.here), {**fields(page, "note"), "text": "Hallo?"})

    assert away.status == 422
    assert "LETS Leuven is nu niet bereikbaar." in plain(away)
    assert fields(away, "note")["text"] == "Hallo?"
    await two.restarted()


@pytest.mark.parametrize("deed", [*map(str, Deed), "notes/1"])
async def test_only_coordinators_lead_the_line(two: Two, deed: str) -> None:
    bert, key = two.here.account("002"), new_key()
    for role in (Role.TREASURER, Role.EDITOR, Role.AUDITOR):
        await roles.give_role(two.here.node, OPERATOR, bert, role, key=new_key())
    browser = await two.here.signed_in("002")
    assert (await browser.get(at(two.here, f"/{deed}"))).status == 403
    refused = await browser.post(at(two.here, f"/{deed}"), {"seen": key})
    assert refused.status == 403
    assert ours(two.here).open()


async def test_a_deed_that_there_is_not_is_no_page(two: Two) -> None:
    an = await coordinator(two.here)
    assert (await an.get(at(two.here, "/explode"))).status == 404
    assert (await an.get(f"/group/partners/line/{'a' * 52}/pause")).status == 404


def test_every_deed_and_measure_has_plain_words() -> None:
    for words in (OFFERS, YES, ABOUT, THEY):
        assert set(words) == set(Deed)
        assert len(set(words.values())) == len(Deed)
    assert set(MEASURES) == set(Measure)
