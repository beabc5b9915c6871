"""The other is gone meanwhile: every word that was typed comes back, with somebody else to choose.

Each test fills in a form about another person, lets that person go, and only then sends it.
"""

from __future__ import annotations

import re
from html import unescape

import pytest

from federation.members import blocks, erasing, posts
from federation.members.reader import OPERATOR
from federation.members.roles import reader_of
from federation.members.threads import Recipient
from federation.node.use_cases import new_key, set_limits, set_status
from schemas.bodies import AccountStatus
from schemas.texts.words import Language
from tests.browser.group_world import activity
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.web.two_groups import Two, fields, place, plain, press, two

__all__ = ["two"]

WORDS = "Fiets hersteld, nieuwe band erop"
SOMEBODY_ELSE = {
    Language.NL: "Iemand anders kiezen",
    Language.FR: "Choisir quelqu'un d'autre",
    Language.EN: "Choose somebody else",
}
LOOK_ELSEWHERE = {
    Language.NL: "Iemand anders zoeken",
    Language.FR: "Chercher quelqu'un d'autre",
    Language.EN: "Look for somebody else",
}


async def gone(house: House, how: str = "inactive", code: str = "002") -> None:
    """Let a member go."""
    if how == "erased":
        await erasing.erase(house.node, OPERATOR, house.account(code))
    else:
        await set_status(house.node, code, AccountStatus.INACTIVE)
    await house.seen()


async def speak(browser: Browser, language: Language) -> None:
    await browser.post("/language", language=language, next="/me")


def written(page: Page) -> str:
    """Give all that stands in fields of a page."""
    typed = re.findall(r'<input(?![^>]*type="hidden")[^>]* value="([^"]*)"', page.text)
    areas = re.findall(r"<textarea[^>]*>\n?([^<]*)<", page.text)
    return unescape("\n".join([*typed, *areas]))


@pytest.mark.parametrize("how", ["inactive", "erased"])
@pytest.mark.parametrize("path", ["/give", "/ask"])
async def test_a_booking_goes_on_with_somebody_else(house: House, path: str, how: str) -> None:
    an = await house.signed_in("001")
    page = await an.get(f"{path}?to=002&amount=8")
    await gone(house, how)

    for language, words in SOMEBODY_ELSE.items():
        await speak(an, language)
        refused = await press(an, page, description=WORDS)
        assert refused.status == 422
        assert WORDS in written(refused)
        assert words in plain(refused)
        assert refused.text.count('role="alert"') == 1
    await speak(an, Language.NL)

    choose = await press(an, refused, "else", description=WORDS + "!")
    assert "Je typte al:" in plain(choose)
    assert WORDS + "!" in plain(choose)
    found = re.search(rf'href="({path}\?to=003[^"]*)"', choose.text)
    assert found is not None
    assert "Fiets" not in found[1]  # an address is written down in more places
    other = await an.get(unescape(found[1]))
    assert "8 units." in plain(other)
    assert WORDS + "!" in written(other)
    done = await press(an, other)

    assert done.path.startswith("/trades/")
    assert WORDS + "!" in plain(done)
    assert "Je typte al" not in plain(await an.get(path))


async def test_what_was_typed_for_who_is_gone_waits_and_can_be_dropped(house: House) -> None:
    an = await house.signed_in("001")
    page = await an.get("/give?to=002&amount=8")
    await gone(house)
    await press(an, page, description=WORDS)

    waits = await an.get("/give")
    searched = await an.get("/give?q=cora&kept=yes")
    empty = await an.get("/give?q=")
    named = await an.get("/give?to=003")

    assert WORDS in plain(waits)
    assert 'href="/give?to=003&amp;kept=yes"' in searched.text
    assert "Je typte al" not in plain(empty)
    assert WORDS not in named.text


async def test_a_limit_reached_meanwhile_asks_for_another_amount(house: House) -> None:
    an = await house.signed_in("001")
    page = await an.get("/give?to=002&amount=8")
    await set_limits(house.node, "001", lower_minor=-5, upper_minor=None)

    refused = await press(an, page, description=WORDS)
    assert WORDS in written(refused)
    less = await press(an, refused, "less")

    assert "Hoeveel geef je Bert <b>Bold</b>?" in plain(less)
    assert WORDS in plain(less)
    third = await an.get(
        "/give?" + "&".join(f"{n}={v}" for n, v in {**hidden(less), "amount": "5"}.items())
    )
    assert WORDS in written(third)


def hidden(page: Page) -> dict[str, str]:
    found = re.search(r'<form method="get".*?</form>', page.text, re.DOTALL)
    assert found is not None
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', found[0]))


@pytest.mark.parametrize("how", ["inactive", "erased", "ended"])
async def test_interest_goes_to_another_post(house: House, how: str) -> None:
    an = await house.signed_in("001")
    number = await place(house, "002", "Gras maaien", 8)
    other = await place(house, "003", "Haag snoeien", 5)
    page = await an.get(f"/threads/new?post={number}")
    if how == "ended":
        await posts.end(house.node, OPERATOR, number, key=new_key())
        await house.seen()
    else:
        await gone(house, how)

    for language, words in LOOK_ELSEWHERE.items():
        await speak(an, language)
        refused = await press(an, page, text=WORDS, amount="7")
        assert refused.status in (404, 422)
        assert WORDS in written(refused)
        assert "7" in written(refused).splitlines()
        assert words in plain(refused)
    await speak(an, Language.NL)

    looked = await press(an, refused, "else", text=WORDS, amount="7")
    assert looked.path.startswith("/search")
    assert "Wat je schreef, is bewaard." in plain(looked)
    taken = await an.get(f"/threads/new?post={other}")
    assert WORDS in written(taken)
    sent = await press(an, taken)
    assert sent.path.startswith("/threads/")
    assert WORDS in plain(sent)


async def test_words_kept_for_one_post_do_not_come_back_for_another(house: House) -> None:
    """Those of an ended session, which still say whom they were for."""
    an = await house.signed_in("001")
    number = await place(house, "002", "Gras maaien", 8)
    other = await place(house, "003", "Haag snoeien", 5)
    page = await an.get(f"/threads/new?post={number}")
    clock = house.place.now_s
    house.place.now_s = lambda: clock() + 91 * 86_400
    await press(an, page, text="Dag Bert")
    house.place.now_s = clock
    await house.signed_in("001", an)

    second = await an.get(f"/threads/new?post={other}")
    first = await an.get("/threads/new")

    assert "Haag snoeien" in plain(second)
    assert "Dag Bert" not in second.text
    assert "Gras maaien" in plain(first)
    assert "Dag Bert" in written(first)


async def talk(house: House, an: Browser) -> Page:
    number = await place(house, "002", "Gras maaien", 8)
    return await press(an, await an.get(f"/threads/new?post={number}"), text="Zaterdag?")


@pytest.mark.parametrize("deed", ["say", "propose"])
@pytest.mark.parametrize("how", ["inactive", "erased", "blocks", "blocked"])
async def test_words_in_a_thread_come_back(house: House, deed: str, how: str) -> None:
    an = await house.signed_in("001")
    page = await an.get((await talk(house, an)).path)
    if how in ("inactive", "erased"):
        await gone(house, how)
    else:
        by, other = ("002", "001") if how == "blocks" else ("001", "002")
        reader = reader_of(house.node, house.account(by))
        await blocks.block(house.node, reader, Recipient(house.account(other)))

    for language, words in LOOK_ELSEWHERE.items():
        await speak(an, language)
        refused = await press(an, page, deed, text=WORDS, amount="7")
        assert refused.status == 422
        assert words in plain(refused)
        if deed == "say":
            assert WORDS in written(refused)
        else:
            assert "7" in written(refused).splitlines()
    looked = await press(an, refused, "else")

    assert looked.path.startswith("/search")
    post = await place(house, "003", "Haag snoeien", 5)
    taken = await an.get(f"/threads/new?post={post}")
    assert (WORDS if deed == "say" else "7") in written(taken)


async def test_words_come_back_when_it_was_answered_meanwhile(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    page = await talk(house, an)
    seen = await bert.get(page.path)
    await press(bert, seen, "yes")

    late = await press(bert, seen, "but", text=WORDS)

    assert late.status == 422
    assert "Hier heb je al op geantwoord" in plain(late)
    assert WORDS in written(late)


@pytest.mark.parametrize("how", ["inactive", "erased"])
async def test_booking_what_was_agreed_keeps_what_it_was_for(house: House, how: str) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    thread = (await talk(house, an)).path.partition("?")[0]
    await press(bert, await bert.get(thread), "yes")
    page = await an.get(thread + "/book")
    await gone(house, how)

    for language, words in SOMEBODY_ELSE.items():
        await speak(an, language)
        refused = await press(an, page, description=WORDS)
        assert refused.status == 422
        assert WORDS in written(refused)
        assert words in plain(refused)
    await speak(an, Language.NL)
    choose = await press(an, refused, "else")

    assert choose.path.startswith("/give?")
    assert "Je typte al: 8 units" in plain(choose)
    assert WORDS in plain(choose)


AWAY = {
    Language.NL: "Doet niet meer mee: Bert <b>Bold</b>.",
    Language.FR: "Ne participe plus: Bert <b>Bold</b>.",
    Language.EN: "No longer taking part: Bert <b>Bold</b>.",
}


@pytest.mark.parametrize("step", ["", "/confirm"])
async def test_giving_to_all_who_helped_names_who_is_gone(house: House, step: str) -> None:
    made = await activity(house, "002", "003")
    an = await house.signed_in("001")
    path = f"/activities/{made.activity}/spread"
    helpers = {f"helper-{house.account(code)}": "yes" for code in ("002", "003")}
    typed = {**helpers, "amount": "10", "description": WORDS}
    blank = await an.get(path)
    await gone(house)

    for language, words in AWAY.items():
        await speak(an, language)
        refused = await an.post(path + step, {**typed, "form": blank.key})
        assert refused.status == 422
        assert words in plain(refused)
        assert WORDS in written(refused)
        assert "10" in written(refused).splitlines()
        assert refused.text.count(" checked") == 2
    await speak(an, Language.NL)
    fresh = await an.get(path)

    assert fresh.text.count(" checked") == 1
    rest = {name: text for name, text in typed.items() if str(house.account("002")) not in name}
    done = await an.post(path + "/confirm", {**rest, "form": blank.key})
    assert "Geboekt. Wie hielp, heeft de eenheden." in plain(done)


async def test_giving_to_who_says_meanwhile_it_was_not_there(house: House) -> None:
    made = await activity(house, "002", "003")
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    path = f"/activities/{made.activity}"
    helpers = {f"helper-{house.account(code)}": "yes" for code in ("002", "003")}
    blank = await an.get(path + "/spread")
    await bert.post(path + "/join", joins="no")

    page = await an.post(
        path + "/spread", {**helpers, "amount": "10", "description": WORDS, "form": blank.key}
    )

    assert page.status == 422
    assert "Iemand die je koos, kwam toch niet mee." in plain(page)
    assert WORDS in written(page)
    assert page.text.count(" checked") == 1


@pytest.mark.parametrize("how", ["inactive", "erased"])
async def test_thanks_to_who_is_gone_are_kept_by_who_wrote_them(house: House, how: str) -> None:
    an = await house.signed_in("001")
    done = await press(an, await an.get("/give?to=002&amount=8"))
    await gone(house, how)

    thanked = await press(an, done, "thank", text=WORDS)

    assert thanked.status == 200
    assert WORDS in plain(thanked)


async def test_thanks_for_what_was_turned_back_meanwhile_come_back(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    done = await press(an, await an.get("/give?to=002&amount=8"))
    await press(bert, await bert.get(done.path.partition("?")[0] + "/wrong"))

    late = await press(an, done, "thank", text=WORDS)

    assert late.status == 422
    assert WORDS in written(late)
    assert "Schrijf het in een bericht" in plain(late)


async def test_why_not_comes_back_when_it_was_decided_meanwhile(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    asked = await press(an, await an.get("/ask?to=002&amount=8"))
    decline = await bert.get(asked.path.partition("?")[0] + "/decline")
    await press(bert, await bert.get(asked.path), "consent")

    late = await press(bert, decline, text=WORDS)

    assert late.status == 422
    assert "intussen al beslist" in plain(late)
    assert WORDS in written(late)


async def test_what_is_wrong_comes_back_when_it_was_turned_back_meanwhile(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    done = await press(an, await an.get("/give?to=002&amount=8"))
    wrong = done.path.partition("?")[0] + "/wrong"
    page = await an.get(wrong)
    await press(bert, await bert.get(wrong))

    late = await press(an, page, description=WORDS)

    assert late.status == 422
    assert WORDS in written(late)


async def test_words_about_what_is_not_there_at_all_stand_on_the_page_that_says_so(
    house: House,
) -> None:
    an = await house.signed_in("001")
    number = await place(house, "002", "Gras maaien", 8)
    page = await an.get(f"/posts/{number}/report")
    await posts.end(house.node, OPERATOR, number, key=new_key())
    await house.seen()

    late = await press(an, page, text=WORDS)
    nowhere = await an.post("/threads/nowhere", {**fields(page), "text": WORDS})

    for answer in (late, nowhere):
        assert answer.status in (404, 422)
        assert "Wat je typte" in plain(answer)
        assert WORDS in written(answer)


async def test_a_group_with_which_nothing_can_be_booked_meanwhile(two: Two) -> None:
    an = await two.here.signed_in("001")
    offer, node = await two.offer(), two.there.node.id
    page = await an.get(f"/give?node={node}&offer={offer}&amount=8")
    assert "Ja, boek dit" in plain(page)
    await two.here.group.ask("line.freeze", group="LETS Leuven")

    refused = await press(an, page, description=WORDS)
    choose = await press(an, refused, "else")
    found = re.search(r'href="(/give\?to=002[^"]*)"', choose.text)
    assert found is not None
    other = await an.get(unescape(found[1]))

    assert refused.status == 422
    assert "Met LETS Leuven kan er even geen nieuwe ruil beginnen." in plain(refused)
    for shown in (refused, other):
        assert WORDS in written(shown)


async def test_what_was_said_of_the_last_deed_is_not_said_of_a_refused_one(house: House) -> None:
    an = await house.signed_in("001")
    page = await talk(house, an)
    assert "Verstuurd." in plain(page)
    await gone(house)

    refused = await an.post(page.path, {**fields(page, "say"), "text": WORDS})

    assert refused.status == 422
    assert "done=sent" in refused.path
    assert "Verstuurd." not in plain(refused)
