"""Threads: interest, quick answers, another number, contacts, booked; blocked and reported."""

from __future__ import annotations

import re

import pytest

from federation.members import blocks, posts, roles, threads
from federation.members.projector import reached
from federation.members.reader import OPERATOR
from federation.node.service import now_s
from federation.node.use_cases import new_key, set_status
from schemas.bodies import AccountStatus
from schemas.texts.words import Language
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.web.two_groups import Two, fields, place, plain, press, two
from tests.federation.world.conftest import eventually

__all__ = ["two"]
HOSTILE = "<script>alert(1)</script> {{ 7*7 }} %(name)s 💐 דוד \u202eevil"


async def begun(house: House, by: Browser, *, minor: int | None = 8, **typed: str) -> Page:
    """Let somebody take up an offer of Bert's."""
    number = await place(house, "002", "Gras maaien", minor)
    page = await by.get(f"/threads/new?post={number}")
    assert page.status == 200
    return await press(by, page, **typed)


async def test_from_an_offer_to_booked_in_a_few_taps(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    number = await place(house, "002", "Gras maaien", 8)

    new = await an.get(f"/threads/new?post={number}")
    assert "Gras maaien" in new.words
    assert "Dit kun je nu met elkaar boeken." in new.words
    assert 'value="8"' in new.text
    mine = await press(an, new, text="Zaterdag?")
    assert "Je deed een voorstel. Bert <b>Bold</b> is aan de beurt." in mine.words
    assert "Er is nog niets geboekt." in mine.words
    assert "Telefoon en mail zie je zodra" in mine.words

    home = await bert.get("/home")
    assert "An Peeters" in home.words
    assert "Er is een voorstel. Wat zeg je?" in home.words
    theirs = await bert.get(mine.path.partition("?")[0])
    assert "An Peeters stelt voor: jij krijgt 8" in plain(theirs)
    theirs = await press(bert, theirs, "yes")
    assert "Jullie zijn het eens" in theirs.words
    assert "an@voorbeeld.be" in theirs.words  # they have answered each other
    assert "Ik gaf deze hulp" in theirs.words

    mine = await an.get(mine.path)
    assert "bert@voorbeeld.be" in mine.words
    confirm = await an.get(mine.path.partition("?")[0] + "/book")
    words = plain(confirm)
    assert "Je geeft Bert <b>Bold</b> 8 units" in words
    assert "Je saldo wordt -8 units. Dat is in orde." in words
    trade = await press(an, confirm, description="Gras")
    assert trade.path.startswith("/trades/")
    assert "Bevestigd" in trade.words
    assert "Bert <b>Bold</b> ziet dit ook." in trade.words

    again = await press(an, confirm, description="Gras")
    assert again.path == f"{trade.path}?done=booked-once"
    assert house.node.machine.books.ledger.balance(house.account("001")) == -8
    booked = await an.get(confirm.path)
    assert booked.path == again.path
    assert "Dit is geboekt." in (await bert.get(mine.path)).words


async def test_a_counter_proposal_changes_one_number(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    page = await begun(house, an)
    thread = page.path.partition("?")[0]

    seen = await bert.get(thread)
    assert fields(seen, "but")["amount"] == "8"
    other = await press(bert, seen, "but", amount="10")
    assert other.status == 200

    stale = await press(an, page, "say", text="Top")
    assert stale.status == 200
    offered = await an.get(thread)
    assert "stelt voor: jij geeft 10" in plain(offered)
    await press(bert, await bert.get(thread), "propose", amount="9")
    late = await press(an, offered, "yes")

    assert late.status == 422
    assert "Intussen staat hier een nieuwer voorstel." in late.words
    assert "jij geeft 9" in plain(late)
    countered = await press(an, offered, "but", amount="7")
    assert "Intussen staat hier een nieuwer voorstel." in countered.words


async def test_yes_but_with_words_alone_is_an_answer_and_with_nothing_is_none(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    thread = (await begun(house, an)).path.partition("?")[0]
    seen = await bert.get(thread)

    nothing = await press(bert, seen, "but")
    words = await press(bert, seen, "but", text="Niet voor maandag")

    assert nothing.status == 422
    assert "Schrijf wat je anders wilt, of vul een ander aantal in." in nothing.words
    assert "<details open" in nothing.text
    assert "Ja, maar …" in words.words
    assert "Niet voor maandag" in (await an.get(thread)).words


async def test_no_is_said_kindly_and_can_be_taken_up_again(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    thread = (await begun(house, an)).path.partition("?")[0]

    no = await press(bert, await bert.get(thread), "no")
    assert "Dit gaat niet door. Wie wil, doet een nieuw voorstel." in no.words
    twice = await press(bert, no, "propose", amount="5")

    assert "Je deed een voorstel." in twice.words


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("een", "Schrijf een getal, zoals 8 of 1,5."),
        ("1,5", "Zo fijn rekent jullie munteenheid niet. Rond af."),
        ("-3", "Dit moet meer dan nul zijn."),
        ("1.000", "Schrijf een getal"),
    ],
)
async def test_an_amount_that_is_none_is_told_and_nothing_is_lost(
    house: House, typed: str, says: str
) -> None:
    an = await house.signed_in("001")
    number = await place(house, "002", "Gras maaien", 8)
    page = await an.get(f"/threads/new?post={number}")

    back = await press(an, page, text="Zaterdag?", amount=typed)

    assert back.status == 422
    assert says in back.words
    assert "Zaterdag?" in back.text
    assert f'value="{typed}"' in back.text


async def test_pressed_twice_or_in_two_tabs_a_thread_begins_once(house: House) -> None:
    an = await house.signed_in("001")
    number = await place(house, "002", "Gras maaien", 8)
    page = await an.get(f"/threads/new?post={number}")

    first = await press(an, page, text="Zaterdag?")
    second = await press(an, page, text="Zaterdag?")
    third = await press(an, page, text="Toch zondag?")

    assert first.path == second.path
    assert third.status == 422
    assert "Dit formulier was al verstuurd." in third.words
    assert (await an.get("/threads")).text.count('href="/threads/') == 1


async def test_posts_that_are_gone_or_ones_own_are_told_kindly(house: House) -> None:
    an = await house.signed_in("001")
    number = await place(house, "002", "Gras maaien", 8)
    own = await place(house, "001", "Taart", 5)
    talk = await press(an, await an.get(f"/threads/new?post={number}"), text="Zaterdag?")
    page = await an.get(f"/threads/new?post={number}")
    await posts.end(house.node, OPERATOR, number, key=new_key())
    await house.seen()

    gone = await an.get(f"/threads/new?post={number}")
    late = await press(an, page, text="Nog?")
    mine = await an.get(f"/threads/new?post={own}")
    nobody = await an.get("/threads/new?post=999")
    nowhere = await an.get("/threads/new?node=x&offer=y")
    thread = await an.get(talk.path)

    for answer in (gone, late):
        assert answer.status in (404, 422)
        assert "is voorbij. Er is niets veranderd." in answer.words
    assert "Dat ben je zelf." in mine.words
    assert nobody.status == nowhere.status == 404
    assert "Dat aanbod of die vraag is er niet meer." in thread.words
    assert thread.status == 200


async def test_a_member_who_has_left_can_no_longer_be_asked(house: House) -> None:
    an = await house.signed_in("001")
    talk = await begun(house, an)
    await set_status(house.node, "002", AccountStatus.INACTIVE)
    await reached(house.node, house.node.sequencer.size - 1)

    page = await an.get(talk.path)

    assert "doet niet meer mee in onze groep" in page.words
    assert 'value="say"' not in page.text


async def test_blocking_asks_first_and_can_be_undone(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    thread = (await begun(house, an)).path.partition("?")[0]
    before = await bert.get(thread)
    ask = await bert.get(thread + "/block")
    assert "Niemand krijgt te horen dat je dit koos." in ask.words
    assert thread.rpartition("/")[2] in (await bert.get("/threads")).text

    blocked = await bert.post(thread + "/block")
    assert "geen berichten meer" in blocked.words
    assert thread not in blocked.text
    late = await press(bert, before, "yes")
    told = await press(an, await an.get(thread), "say", text="Hallo?")
    for page in (late, told):
        assert page.status == 422
        assert "Jullie kunnen elkaar nu geen berichten sturen." in page.words
    assert "Hallo?" in told.text

    again = await bert.post(thread + "/block", {"do": "unblock"})
    assert again.path.startswith(thread)
    assert (await press(an, told, "say", text="Hallo?")).status == 200


async def test_a_report_tells_the_coordinators_what_its_writer_wants(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    thread = (await begun(house, an, text="Lelijke woorden")).path.partition("?")[0]
    ask = await bert.get(thread + "/report")
    assert "Lelijke woorden" in ask.words
    found = re.search(r'name="message" type="checkbox" value="([^"]+)"', ask.text)
    assert found is not None

    empty = await press(bert, ask)
    told = await press(bert, ask, text="Dit hoort niet", message=found[1])

    assert empty.status == 422
    assert "De kerngroep weet het nu." in told.words
    reader = roles.reader_of(house.node, house.account("003"))
    (report,) = await blocks.reports(house.node, reader)
    assert (report.text, report.quoted) == ("Dit hoort niet", "Lelijke woorden")


async def test_threads_of_others_are_nobodys_business(house: House) -> None:
    an = await house.signed_in("001")
    thread = (await begun(house, an)).path.partition("?")[0]

    for code in ("003", "004"):
        other = await house.signed_in(code)
        for end in ("", "/book", "/block", "/report"):
            assert (await other.get(thread + end)).status == 404
            assert (await other.post(thread + end, {"do": "say", "text": "x"})).status in (404, 422)


async def test_what_people_write_is_text(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    thread = (await begun(house, an, text=HOSTILE)).path.partition("?")[0]

    for language in Language:
        await bert.post("/language", language=language, next="/me")
        for path in (thread, "/threads", thread + "/report"):
            page = await bert.get(path)
            assert "<script>alert" not in page.text
            assert "alert(1)" in page.text
            assert "49" not in page.words.partition("alert(1)")[2][:40]


async def test_a_thread_without_an_offer_asks_who_gets_help(house: House) -> None:
    """Such as one that began with why something was declined."""
    an = await house.signed_in("001")
    reader = roles.reader_of(house.node, house.account("002"))
    made = await threads.start(
        house.node, reader, threads.Recipient(house.account("001")), key=new_key(), text="Dag"
    )
    page = await an.get(f"/threads/{made.thread}")
    assert "Wie krijgt hulp?" in page.words

    proposed = await press(an, page, "but", amount="4", gives="no")

    assert "jij krijgt 4" in plain(proposed)


async def test_an_ended_session_loses_nothing(house: House) -> None:
    an = await house.signed_in("001")
    thread = (await begun(house, an)).path.partition("?")[0]
    page = await an.get(thread)
    clock = house.place.now_s
    house.place.now_s = lambda: clock() + 91 * 86_400

    away = await press(an, page, "say", text="Ik kom om tien uur")
    assert away.path.startswith("/login")
    house.place.now_s = clock
    await house.signed_in("001", an)

    assert "Ik kom om tien uur" in (await an.get(thread)).text


async def test_threads_go_on_over_pages_and_the_newest_comes_first(house: House) -> None:
    an = await house.signed_in("001")
    for count in range(21):
        number = await place(house, "002", f"Ding {count}", 3)
        if count == 20:
            before_s = now_s()
            await eventually(lambda before_s=before_s: now_s() > before_s)  # type: ignore[misc]
        await press(an, await an.get(f"/threads/new?post={number}"), text=f"Woord {count}")

    page = await an.get("/threads")
    found = re.search(r'href="(\?before=[^"]+)"', page.text)
    assert found is not None
    rest = await an.get("/threads" + found[1].replace("&amp;", "&"))

    assert "Woord 20" in page.words
    assert page.text.count('href="/threads/') == 20
    assert "Oudere gesprekken" not in rest.words
    assert rest.text.count('href="/threads/') == 1


async def test_two_groups_agree_and_book_though_one_was_away(two: Two) -> None:
    an, marc = await two.here.signed_in("001"), await two.there.signed_in("002")
    offer, node = await two.offer(), two.there.node.id
    new = await an.get(f"/threads/new?node={node}&offer={offer}")
    assert "Marc · LETS Leuven" in new.words
    assert fields(new)["amount"] == "8"
    mine = await press(an, new, text="Kan het zaterdag?")
    assert "Marc is aan de beurt." in mine.words
    thread = mine.path.partition("?")[0]
    assert "jij geeft 8 pollekes (bij LETS Leuven 6 blommekes)" in plain(mine)
    await two.met()

    theirs = await marc.get(thread)
    words = plain(theirs)
    assert "An Peeters stelt voor: jij krijgt 6 blommekes" in words
    assert "Fiets herstellen" in words
    await press(marc, theirs, "yes")
    await two.met()
    mine = await an.get(thread)
    assert "016 22 3002" in mine.words
    assert "Jullie zijn het eens: jij geeft 8 pollekes" in plain(mine)
    await two.there.group.stop()

    confirm = await an.get(thread + "/book")
    words = plain(confirm)
    assert "Je geeft Marc Claes 8 pollekes." in words
    assert "Marc Claes krijgt 6 blommekes (LETS Leuven)." in words
    assert "Je saldo wordt -8 pollekes. Dat is in orde." in words
    held = await press(an, confirm)
    words = plain(held)
    assert "Aangevraagd" in words
    assert "We wachten op LETS Leuven. Je pollekes staan apart. Lukt het niet voor" in words
    assert "je hoeft niets te doen" in words
    assert 'hx-trigger="every 2s"' in held.text

    await two.restarted()
    path = held.path.rpartition("/")[2]
    await two.settled(path)
    done = await an.get(held.path)
    assert "Bevestigd" in done.words
    assert "Marc Claes ziet dit ook." in done.words
    assert "hx-trigger" not in done.text
    marc = await two.there.signed_in("002")
    got = await marc.get(f"/trades/{path}")
    assert "Je kreeg van An Peeters 6 blommekes." in plain(got)


async def test_what_changed_before_booking_is_asked_again(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    thread = (await begun(house, an)).path.partition("?")[0]
    await press(bert, await bert.get(thread), "yes")
    confirm = await an.get(thread + "/book")

    older = await press(an, confirm, own="7")
    assert older.status == 422
    assert "Het is nu 8 units. Nog goed?" in plain(older)
    await press(bert, await bert.get(thread), "propose", amount="8")
    late = await press(an, older)

    assert late.status == 422
    assert "Intussen staat hier een nieuwer voorstel." in plain(late)
    assert house.node.machine.books.ledger.balance(house.account("001")) == 0
    assert (await press(an, late)).path.startswith("/trades/")
