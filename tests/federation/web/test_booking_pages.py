"""Booking without a thread: one decision a screen, exactly the numbers, and once however often."""

from __future__ import annotations

import re
from html import unescape

import pytest

from federation.members import posts, roles
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key, set_limits, set_status
from schemas.bodies import AccountStatus
from schemas.texts.words import Language
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.web.two_groups import Two, fields, place, plain, press, two
from tests.federation.world.conftest import lines

__all__ = ["two"]


def balance(house: House, code: str) -> int:
    return house.node.machine.books.ledger.balance(house.account(code))


async def typed_in(browser: Browser, page: Page, amount: str, path: str = "/give") -> Page:
    """Type an amount on the second screen and go on, as its form does."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))
    query = "&".join(f"{name}={value}" for name, value in {**hidden, "amount": amount}.items())
    return await browser.get(f"{path}?{query}")


async def test_three_screens_from_a_name_to_booked(house: House) -> None:
    an = await house.signed_in("001")

    first = await an.get("/give?q=bert")
    assert "Wie hielp je?" in plain(first)
    found = re.search(r'href="(/give\?to=002)"', first.text)
    assert found is not None
    second = await an.get(found[1])
    assert "Hoeveel geef je Bert <b>Bold</b>?" in plain(second)
    assert "Een uur is ongeveer 20 units." in plain(second)
    third = await typed_in(an, second, "8")
    assert "Je geeft Bert <b>Bold</b> 8 units." in plain(third)
    assert "Je saldo wordt -8 units. Dat is in orde." in plain(third)
    done = await press(an, third, description="Fiets hersteld")

    assert done.path.startswith("/trades/")
    assert "Je gaf Bert <b>Bold</b> 8 units." in plain(done)
    assert "Bert <b>Bold</b> ziet dit ook." in plain(done)
    assert "Fiets hersteld" in plain(done)
    assert (balance(house, "001"), balance(house, "002")) == (-8, 8)


async def test_a_double_click_back_and_a_second_tab_book_once(house: House) -> None:
    an = await house.signed_in("001")
    second = await an.get("/give?to=002")
    third = await typed_in(an, second, "8")
    tab = await an.get(third.path)
    assert tab.key == third.key  # the same screen again is the same booking

    paths = {(await press(an, page)).path for page in (third, third, tab)}
    other = await press(an, await typed_in(an, second, "9"))
    words = await press(an, third, description="Nog iets")

    assert len(paths) == 1
    assert other.status == 422
    assert "Dit formulier was al verstuurd." in plain(other)
    assert words.path in paths
    assert balance(house, "001") == -8
    assert (await press(an, other)).path not in paths
    assert balance(house, "001") == -17


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("een", "Schrijf een getal, zoals 8 of 1,5."),
        ("1,5", "Zo fijn rekent jullie munteenheid niet. Rond af."),
        ("1.5", "Zo fijn rekent jullie munteenheid niet. Rond af."),
        ("0", "Dit moet meer dan nul zijn."),
        ("9" * 16, "Dit is te groot om te boeken."),
        ("1 000", "Je geeft Bert <b>Bold</b> 1 000 units."),
        ("8,0", "Je geeft Bert <b>Bold</b> 8 units."),
    ],
)
async def test_amounts_are_read_as_people_write_them(house: House, amount: str, says: str) -> None:
    an = await house.signed_in("001")

    page = await typed_in(an, await an.get("/give?to=002"), amount)

    assert says in plain(page)
    assert f'value="{amount}"' in page.text


async def test_an_offer_fills_everything_in_and_may_end_meanwhile(house: House) -> None:
    an = await house.signed_in("001")
    number = await place(house, "002", "Gras maaien", 8)

    second = await an.get(f"/give?post={number}")
    assert 'value="8"' in second.text
    assert "Gras maaien" in plain(second)
    third = await typed_in(an, second, "8")
    assert 'value="Gras maaien"' in third.text
    await posts.end(house.node, OPERATOR, number, key=new_key())
    await house.seen()
    done = await press(an, third, description="Gras maaien")

    assert "Bevestigd" in plain(done)
    gone = await an.get(f"/give?post={number}")
    assert gone.status == 200
    assert "is voorbij. Er is niets veranderd." in plain(gone)
    assert "Wie hielp je?" in plain(gone)


async def test_a_want_is_taken_up_by_asking(house: House) -> None:
    an = await house.signed_in("001")
    number = await place(house, "002", "Boor te leen", 3, want=True)

    page = await an.get(f"/give?post={number}")

    assert page.path.startswith("/ask?to=002&post=")
    assert "Hoeveel vraag je aan Bert" in plain(page)
    assert 'value="3"' in page.text


async def test_who_gave_help_asks_and_the_payer_consents(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    third = await an.get("/ask?to=002&amount=5")
    assert "Eerst zegt Bert <b>Bold</b> of het klopt." in plain(third)
    assert "Dan wordt je saldo 5 units." in plain(third)

    asked = await press(an, third, description="Haag")
    again = await press(an, third, description="Haag")
    assert asked.path == again.path
    assert "We wachten tot Bert <b>Bold</b> zegt of dit klopt." in plain(asked)
    assert "Er is nog niets geboekt." in plain(asked)
    assert balance(house, "001") == 0

    home = await bert.get("/home")
    assert "An Peeters gaf je hulp" in plain(home)
    seen = await bert.get(asked.path)
    assert "Zeg je ja, dan wordt je saldo -5 units." in plain(seen)
    done = await press(bert, seen, "consent")
    assert "Je gaf An Peeters 5 units." in plain(done)
    assert balance(house, "001") == 5
    assert "An Peeters gaf je hulp" not in (await bert.get("/home")).words


async def test_a_limit_reached_is_told_before_and_after(house: House) -> None:
    an = await house.signed_in("001")
    third = await an.get("/give?to=002&amount=8")
    await set_limits(house.node, "001", lower_minor=-5, upper_minor=None)

    late = await press(an, third)
    before = await an.get("/give?to=002&amount=8")

    for page in (late, before):
        assert "onder de grens van zijn of haar groep; mogelijk is nu 5 units." in plain(page)
        assert "Er is niets geboekt." in plain(page)
    assert late.status == 422
    assert "Ja, boek dit" not in plain(before)
    for language, says in ((Language.FR, "Rien n'est comptabilisé."), (Language.EN, "Nothing is")):
        await an.post("/language", language=language, next="/me")
        assert says in (await an.get("/give?to=002&amount=8")).words


async def test_nobody_oneself_and_the_inactive_are_refused_kindly(house: House) -> None:
    an = await house.signed_in("001")
    await set_status(house.node, "005", AccountStatus.INACTIVE)
    await house.seen()

    for path, says in (
        ("/give?to=999", "Hier is er niemand met deze letscode."),
        ("/give?to=%3Cscript%3E", "Hier is er niemand met deze letscode."),
        ("/give?to=001&amount=3", "Dat ben je zelf."),
        ("/give?to=005&amount=3", "Een van jullie doet op dit ogenblik niet mee."),
        ("/give?node=zzz&person=yyy", "Die groep kennen we hier niet."),
    ):
        page = await an.get(path)
        assert says in plain(page), page.words
        assert "<script>" not in page.text
    assert "דוד" not in (await an.get("/give")).words


async def test_an_ended_session_brings_back_what_was_to_be_booked(house: House) -> None:
    an = await house.signed_in("001")
    third = await an.get("/give?to=002&amount=8")
    clock = house.place.now_s
    house.place.now_s = lambda: clock() + 91 * 86_400
    away = await press(an, third, description="Gras gemaaid")
    house.place.now_s = clock
    assert away.path.startswith("/login")
    await house.signed_in("001", an)

    page = await an.get("/give")

    assert "Je geeft Bert <b>Bold</b> 8 units." in plain(page)
    assert 'value="Gras gemaaid"' in page.text
    assert "Wie hielp je?" in (await an.get("/give?q=")).words


async def test_a_helper_books_for_a_member_and_both_names_stay(house: House) -> None:
    await roles.appoint_helper(
        house.node, OPERATOR, house.account("001"), house.account("002"), key=new_key()
    )
    await house.seen()
    bert = await house.signed_in("002")
    await bert.post("/me/acting", account=str(house.account("001")))

    third = await bert.get("/give?to=003&amount=4")
    assert "Je doet dit in naam van An Peeters (001)." in plain(third)
    done = await press(bert, third)

    assert "Ingevuld door Bert <b>Bold</b>" in plain(done)
    assert balance(house, "001") == -4
    an = await house.signed_in("001")
    assert "Ingevuld door Bert <b>Bold</b>" in (await an.get(done.path)).words
    code = await bert.get("/me/qr")
    assert "/give?to=001" in plain(code)


async def test_the_code_on_paper_holds_a_plain_link(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    page = await an.get("/me/qr")
    picture = await an.get("/me/qr.svg")

    link = f"{house.node.settings.public_url}/give?to=001"
    assert link in unescape(page.text)
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.text.startswith("<svg")
    assert "style=" not in picture.text
    assert "viewBox" in picture.text
    opened = await bert.get("/give?to=001")
    assert "Hoeveel geef je An Peeters?" in plain(opened)


async def test_between_groups_by_name_by_offer_and_by_code(two: Two) -> None:
    an = await two.here.signed_in("001")
    offer, node = await two.offer(), two.there.node.id

    found = await an.get("/give?q=marc")
    link = re.search(r'href="(/give\?node=[^"]+)"', found.text)
    assert link is not None
    assert "LETS Leuven" in plain(found)
    named = await an.get(unescape(link[1]))
    assert "Hoeveel geef je Marc?" in plain(named)
    offered = await an.get(f"/give?node={node}&offer={offer}")
    assert 'value="8"' in offered.text
    third = await typed_in(an, offered, "8")
    assert "Je geeft Marc 8 pollekes. Marc krijgt 6 blommekes (LETS Leuven)." in plain(third)
    done = await press(an, third)
    assert "Bevestigd" in plain(done)
    assert "Marc ziet dit ook." in plain(done)

    nobody = await an.get(f"/give?node={node}&code=999")
    assert "Bij LETS Leuven is er niemand met deze letscode." in plain(nobody)
    coded = await an.get(f"/give?node={node}&code=001&amount=4")
    assert "letscode 001 krijgt 3 blommekes (LETS Leuven)." in plain(coded)
    await two.there.group.stop()
    away = await an.get(f"/give?node={node}&code=002")
    assert away.status == 200
    assert "LETS Leuven is nu niet bereikbaar. Er is niets geboekt" in plain(away)
    held = await press(an, coded)
    assert "We wachten op LETS Leuven." in plain(held)
    back = await press(an, held, "cancel")
    assert "Geannuleerd" in plain(back)
    assert balance(two.here, "001") == -8
    await two.restarted()


async def test_between_groups_who_gave_help_asks_too(two: Two) -> None:
    an = await two.here.signed_in("001")
    await two.offer()
    found = await an.get("/ask?q=marc")
    link = re.search(r'href="(/ask\?node=[^"]+)"', found.text)
    assert link is not None
    third = await an.get(unescape(link[1]) + "&amount=8")
    assert "Marc geeft 6 blommekes (LETS Leuven)." in plain(third)
    asked = await press(an, third, description="Haag geknipt")
    await two.met()

    marc = await two.there.signed_in("002")
    home = await marc.get("/home")
    assert "gaf je hulp" in plain(home)
    assert "LETS Gent" in plain(home)
    seen = await marc.get(asked.path)
    assert "Haag geknipt" in plain(seen)
    assert "Je geeft" in plain(seen)
    assert "6 blommekes" in plain(seen)
    done = await press(marc, seen, "consent")

    assert "Bevestigd" in plain(done)
    await two.met()
    assert "Bevestigd" in (await an.get(asked.path)).words
    assert balance(two.here, "001") == 8


async def test_numbers_that_changed_are_asked_again(two: Two) -> None:
    """The terms are new since the page was made: nothing is booked, the new numbers are shown."""
    an = await two.here.signed_in("001")
    offer, node = await two.offer(), two.there.node.id
    third = await an.get(f"/give?node={node}&offer={offer}&amount=8")

    old = await press(an, third, own="7", theirs="6")
    there = await press(an, third, own="8", theirs="5")

    assert old.status == there.status == 422
    assert "Het is nu 8 pollekes. Nog goed?" in plain(old)
    assert "Bij de ander is het nu 6 blommekes. Nog goed?" in plain(there)
    assert balance(two.here, "001") == 0
    assert fields(old)["own"] == "8"
    assert "Bevestigd" in (await press(an, old)).words


async def test_a_line_on_hold_is_told_in_three_languages(two: Two) -> None:
    an = await two.here.signed_in("001")
    offer, node = await two.offer(), two.there.node.id
    third = await an.get(f"/give?node={node}&offer={offer}&amount=8")
    await two.here.group.ask("line.freeze", group="LETS Leuven")
    assert lines(two.here.group)[0].own_frozen

    late = await press(an, third)
    assert late.status == 422
    for language, says in (
        (Language.NL, "Met LETS Leuven kan er even geen nieuwe ruil beginnen."),
        (Language.FR, "Avec LETS Leuven, aucun nouvel échange ne peut commencer"),
        (Language.EN, "With LETS Leuven no new trade can begin for a while."),
    ):
        await an.post("/language", language=language, next="/me")
        page = await an.get(f"/give?node={node}&offer={offer}&amount=8")
        assert says in plain(page)
        new = await an.get(f"/threads/new?node={node}&offer={offer}")
        assert says in plain(new)


async def test_a_helper_books_between_groups_and_both_names_stay(two: Two) -> None:
    here = two.here
    await roles.appoint_helper(
        here.node, OPERATOR, here.account("001"), here.account("002"), key=new_key()
    )
    await here.seen()
    offer, node = await two.offer(), two.there.node.id
    bert = await here.signed_in("002")
    await bert.post("/me/acting", account=str(here.account("001")))

    done = await press(bert, await bert.get(f"/give?node={node}&offer={offer}&amount=8"))
    asked = await press(bert, await bert.get(f"/ask?node={node}&code=001&amount=4"))

    an = await here.signed_in("001")
    for path in (done.path, asked.path):
        assert "Ingevuld door Bert Bold" in plain(await an.get(path))
    assert balance(here, "001") == -8


async def test_another_number_begins_with_the_guide_price_again(house: House) -> None:
    an = await house.signed_in("001")
    number = await place(house, "002", "Gras maaien", 8)

    page = await an.get(f"/give?to=002&post={number}&amount=")

    assert "Hoeveel geef je" in page.words
    assert 'value="8"' in page.text
