"""Who starts over from home after a lost connection is told what was booked, and may book again."""

from __future__ import annotations

import re
from html import unescape

import pytest

from federation.members import roles
from federation.members.booked_lately import LATELY_S
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key
from federation.web.dates import clock
from tests.federation.web.booking_help import balance
from tests.federation.web.conftest import House, Page
from tests.federation.web.test_household import WIM
from tests.federation.web.two_groups import Two, plain, press, two

__all__ = ["two"]
QUESTION = "Deze ruil boekte je net al, om"


def id_of(page: Page) -> str:
    """Give the id of the trade that a page shows."""
    return page.path.removeprefix("/trades/").partition("?")[0]


def button(page: Page) -> str:
    """Give the words on the main button of a page."""
    found = re.search(r'<button class="button main-button">(.*?)</button>', page.text, re.DOTALL)
    assert found is not None, page.words
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[1])).split())


async def test_who_starts_over_is_told_what_was_booked_and_when(house: House) -> None:
    an = await house.signed_in("001")
    done = await press(an, await an.get("/give?to=002&amount=8"))
    at = clock(house.place.now_s(), house.place.zone)

    over = await an.get("/give?to=002&amount=8")

    said = plain(over)
    assert QUESTION in said
    assert "Nog een keer boeken?" in said
    assert at[:3] in said  # the hour; its minute may be over by now
    assert f'href="/trades/{id_of(done)}"' in over.text
    assert "Bert <b>Bold</b> (002) · 8 units" in said
    assert button(over) == "Ja, boek het nog een keer"
    again = await press(an, over)
    assert id_of(again) != id_of(done)
    assert balance(house, "001") == -16


async def test_a_first_booking_and_other_ones_are_booked_without_a_question(house: House) -> None:
    an = await house.signed_in("001")
    for path in ("/give?to=002&amount=8", "/give?to=002&amount=9", "/give?to=003&amount=8"):
        page = await an.get(path)
        assert QUESTION not in plain(page)
        assert button(page) == "Ja, boek dit"
        assert (await press(an, page)).path.startswith("/trades/")
    assert balance(house, "001") == -25


async def test_words_typed_again_bring_the_question_back_before_anything_is_booked(
    house: House,
) -> None:
    an = await house.signed_in("001")
    page = await an.get("/give?to=002&amount=8")
    done = await press(an, page, description="Fiets hersteld")

    over = await an.get("/give?to=002&amount=8")
    assert QUESTION not in plain(over)
    told = await press(an, over, description="Fiets hersteld")
    assert told.status == 422
    assert QUESTION in plain(told)
    assert "8 units · Fiets hersteld" in plain(told)
    assert 'value="Fiets hersteld"' in told.text
    assert balance(house, "001") == -8

    again = await press(an, told)
    assert id_of(again) != id_of(done)
    assert balance(house, "001") == -16
    other = await press(an, await an.get("/give?to=002&amount=8"), description="Gras gemaaid")
    assert other.status == 200
    assert balance(house, "001") == -24


async def test_two_taps_on_the_second_yes_book_it_once(house: House) -> None:
    an = await house.signed_in("001")
    await press(an, await an.get("/give?to=002&amount=8"))
    over = await an.get("/give?to=002&amount=8")

    first, second = [await press(an, over) for _ in range(2)]

    assert second.path == f"{first.path}?done=booked-once"
    assert balance(house, "001") == -16


async def test_what_was_booked_meanwhile_in_another_window_is_shown_too(house: House) -> None:
    """The yes was about one booking; since then there are two."""
    an = await house.signed_in("001")
    await press(an, await an.get("/give?to=002&amount=8"))
    one, other = [await an.get("/give?to=002&amount=8") for _ in range(2)]
    second = await press(an, one)

    told = await press(an, other)

    assert told.status == 422
    assert f'href="/trades/{id_of(second)}"' in told.text
    assert balance(house, "001") == -16
    await press(an, told)
    assert balance(house, "001") == -24


async def test_after_ten_minutes_and_after_it_was_given_back_nobody_is_asked(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    done = await press(an, await an.get("/give?to=002&amount=8"))
    await press(an, await an.get("/give?to=003&amount=5"))
    back = await bert.get(f"/trades/{id_of(done)}/wrong")
    await press(bert, back)
    assert balance(house, "002") == 0

    assert QUESTION not in plain(await an.get("/give?to=002&amount=8"))
    assert QUESTION not in plain(await bert.get("/give?to=001&amount=8"))
    assert QUESTION in plain(await an.get("/give?to=003&amount=5"))
    clock_now = house.place.now_s
    house.place.now_s = lambda: clock_now() + LATELY_S + 1
    assert QUESTION not in plain(await an.get("/give?to=003&amount=5"))


async def test_who_gave_help_and_asks_again_is_told_too(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    asked = await press(an, await an.get("/ask?to=002&amount=5"), description="Haag")

    told = await press(an, await an.get("/ask?to=002&amount=5"), description="haag")
    assert told.status == 422
    assert "Dit vroeg je net al, om" in plain(told)
    assert "Nog een keer vragen?" in plain(told)
    assert f'href="/trades/{id_of(asked)}"' in told.text
    assert button(told) == "Ja, vraag het nog een keer"
    await press(bert, await bert.get(asked.path), "consent")
    told = await press(an, told)
    assert told.status == 200
    assert id_of(told) != id_of(asked)

    declined = await press(bert, await bert.get(f"/trades/{id_of(told)}/decline"), text="")
    assert "/trades/" in declined.path
    over = await press(an, await an.get("/ask?to=002&amount=5"), description="Haag")
    assert "Deze ruil staat er al, van" in plain(over)
    assert "Toch nog vragen?" in plain(over)
    assert f'href="/trades/{id_of(asked)}"' in over.text


async def test_somebody_else_of_the_household_is_told_without_being_said_to_have_booked(
    house: House,
) -> None:
    an = await house.signed_in("001")
    blank = await an.get("/me/household")
    await an.post("/me/household", WIM | {"language": "nl"}, form=blank.key)
    wim = house.browser()
    sent = await house.ask(wim, WIM["address"])
    await wim.post(sent.path, form=(await wim.get(sent.path)).key)
    done = await press(an, await an.get("/give?to=002&amount=8"))

    over = await wim.get("/give?to=002&amount=8")

    assert "Deze ruil staat er al, van" in plain(over)
    assert "Nog een keer boeken?" in plain(over)
    assert f'href="/trades/{id_of(done)}"' in over.text
    await press(wim, over)
    assert balance(house, "001") == -16


async def test_a_helper_in_a_members_name_is_told_what_the_member_booked(house: House) -> None:
    await roles.appoint_helper(
        house.node, OPERATOR, house.account("001"), house.account("002"), key=new_key()
    )
    await house.seen()
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    done = await press(an, await an.get("/give?to=003&amount=4"))

    assert "staat er al" not in plain(await bert.get("/give?to=003&amount=4"))
    await bert.post("/me/acting", account=str(house.account("001")))
    over = await bert.get("/give?to=003&amount=4")

    assert "Deze ruil staat er al, van" in plain(over)
    assert f'href="/trades/{id_of(done)}"' in over.text


@pytest.mark.parametrize(
    ("language", "words", "ask"),
    [
        ("fr", "Tu viens de comptabiliser cet échange", "Oui, comptabilise-le encore"),
        ("en", "You booked this trade just now", "Yes, book it once more"),
    ],
)
async def test_it_is_asked_in_the_readers_language(
    house: House, language: str, words: str, ask: str
) -> None:
    an = await house.signed_in("001")
    await an.post("/language", language=language, next="/me")
    await press(an, await an.get("/give?to=002&amount=8"))

    over = await an.get("/give?to=002&amount=8")

    assert words in plain(over)
    assert ask in button(over)


async def test_between_groups_what_is_held_and_what_is_asked_is_told(two: Two) -> None:
    an = await two.here.signed_in("001")
    node = two.there.node.id
    give, ask = (f"/{deed}?node={node}&code=002&amount=8" for deed in ("give", "ask"))
    page, question = await an.get(give), await an.get(ask)
    other = await an.get(f"/give?node={node}&code=001&amount=8")
    over = await an.get(give)  # opened before anything was booked
    await two.there.group.stop()
    held = await press(an, page)
    assert "We wachten op LETS Leuven." in plain(held)
    asked = await press(an, question)

    told = await press(an, over)
    assert told.status == 422
    assert QUESTION in plain(told)
    assert f'href="/trades/{id_of(held)}"' in told.text
    assert "aangevraagd" in plain(told)
    assert (await press(an, other)).status == 200
    again = await press(an, told)
    assert again.status == 200
    assert id_of(again) not in ("", id_of(held))
    await two.restarted()
    await two.settled(id_of(again))

    booked = await an.get(give)
    assert f'href="/trades/{id_of(again)}"' in booked.text
    repeated = await an.get(ask)
    assert "Dit vroeg je net al, om" in plain(repeated)
    assert f'href="/trades/{id_of(asked)}"' in repeated.text
