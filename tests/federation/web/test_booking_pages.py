"""Booking without a thread: one decision a screen, exactly the numbers, and once however often."""

from __future__ import annotations

import re

import pytest

from federation.group.commands import SetGroupLimits
from federation.members import erasing, posts, roles
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key, set_limits, set_status
from schemas.bodies import AccountStatus
from schemas.limit_bodies import Limits
from schemas.texts.words import Language
from tests.federation.web.booking_help import balance, typed_in
from tests.federation.web.conftest import House
from tests.federation.web.two_groups import place, plain, press

GONE = {
    Language.NL: "Een van jullie doet op dit ogenblik niet mee. Er is niets geboekt.",
    Language.FR: "L'un de vous ne participe pas pour l'instant. Rien n'est comptabilisé.",
    Language.EN: "One of you is not taking part at the moment. Nothing is booked.",
}


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

    first, *again = [await press(an, page) for page in (third, third, tab)]
    other = await press(an, await typed_in(an, second, "9"))
    words = await press(an, third, description="Nog iets")

    assert {page.path for page in again} == {f"{first.path}?done=booked-once"}
    assert "Dit had je al geboekt" in plain(again[0])
    assert "Dit had je al geboekt" not in plain(first)
    assert other.status == 422
    assert "Dit formulier was al verstuurd." in plain(other)
    assert words.path == again[0].path
    assert balance(house, "001") == -8
    assert not (await press(an, other)).path.startswith(first.path)
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


async def test_a_page_with_all_numbers_in_its_address_takes_a_key_into_it(house: House) -> None:
    an = await house.signed_in("001")

    page = await an.get("/give?to=002&amount=8")
    again = await an.get(page.path)

    assert "&form=" in page.path
    assert again.path == page.path
    assert again.key == page.key


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
    assert again.path == f"{asked.path}?done=asked-once"
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


async def test_a_soft_limit_is_told_kindly_and_hinders_nobody(house: House) -> None:
    limits = Limits(lower_minor=-100, soft_lower_minor=-5, soft_upper_minor=5)
    await house.node.do(SetGroupLimits(new_key(), None, limits))
    an, bert = await house.signed_in("001"), await house.signed_in("002")

    within = await typed_in(an, await an.get("/give?to=002"), "5")
    beyond = await typed_in(an, await an.get("/give?to=002"), "6")
    asked = await typed_in(bert, await bert.get("/ask?to=001"), "6", "/ask")
    booked = await press(an, beyond)

    assert "Dat is in orde." in plain(within)
    assert "Je kreeg dan al veel hulp. Het mag" in plain(beyond)
    assert "Je gaf dan al veel. Het mag" in plain(asked)
    assert booked.status == 200
    assert balance(house, "001") == -6


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


@pytest.mark.parametrize("gone", ["closed", "erased"])
async def test_who_goes_between_two_screens_gets_nothing(house: House, gone: str) -> None:
    an = await house.signed_in("001")
    pages = {
        language: await an.get(f"/give?to=002&amount={n}") for n, language in enumerate(GONE, 5)
    }
    for page in pages.values():
        assert "Ja, boek dit" in plain(page)
    if gone == "closed":
        await set_status(house.node, "002", AccountStatus.INACTIVE)
    else:
        await erasing.erase(house.node, OPERATOR, house.account("002"))
    await house.seen()
    size = house.node.sequencer.size

    for language, page in pages.items():
        await an.post("/language", language=language, next="/me")
        said = await press(an, page, description="Fiets hersteld")
        assert said.status == 422
        assert GONE[language] in plain(said)
        assert "Ja, boek dit" not in plain(said)

    assert house.node.sequencer.size == size
    assert (balance(house, "001"), balance(house, "002")) == (0, 0)


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


async def test_another_number_begins_with_the_guide_price_again(house: House) -> None:
    an = await house.signed_in("001")
    number = await place(house, "002", "Gras maaien", 8)

    page = await an.get(f"/give?to=002&post={number}&amount=")

    assert "Hoeveel geef je" in page.words
    assert 'value="8"' in page.text
