"""Found by name from another group: both say yes on a page, and the booking goes as by an offer."""

from __future__ import annotations

import re
from html import unescape

import pytest

from federation.members import roles
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key
from schemas.member_bodies import Role
from tests.federation.web.booking_help import balance, typed_in
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.web.two_groups import Two, plain, press, two
from tests.federation.world.conftest import eventually, lines
from tests.federation.world.feed_posts import read_feed

__all__ = ["two"]

SENTENCE = (
    "Leden van andere groepen waarmee we ruilen zien dan je naam, je gemeente en onze groep. "
    "Niets anders."
)


async def open_names(house: House, code: str = "001") -> Browser:
    """Let a coordinator turn it on, on the page with the settings of the group."""
    key = new_key()
    await roles.give_role(house.node, OPERATOR, house.account(code), Role.COORDINATOR, key=key)
    coordinator = await house.signed_in(code)
    settings = await coordinator.get("/group/settings")
    assert re.search(r'name="names" value="no" checked', settings.text)
    saved = await coordinator.post("/group/settings", see="no", names="yes", form=settings.key)
    assert saved.path == "/group/settings?done=saved"
    assert re.search(r'name="names" value="yes" checked', saved.text)
    return coordinator


async def says_yes(house: House, code: str = "002") -> Page:
    """Let a member say yes on its own page."""
    member = await house.signed_in(code)
    page = await member.get("/me")
    assert SENTENCE in plain(page)
    return await member.post("/me/found", form=page.key, shares="yes")


async def found(two: Two, words: str) -> Page:
    """Read the feed of the other group, and look for somebody by name."""
    await read_feed(two.here.group, two.there.group)
    an = await two.here.signed_in("001")
    return await an.get(f"/give?q={words}")


async def test_a_member_without_posts_is_found_by_name_and_booked(two: Two) -> None:
    assert "Marc Claes" not in plain(await found(two, "claes"))
    await open_names(two.there)
    assert "Marc Claes" not in plain(await found(two, "claes"))
    said = await says_yes(two.there)
    assert said.path == "/me?done=saved"

    page = await found(two, "claes")

    assert "Marc Claes LETS Leuven" in plain(page)
    link = re.search(r'href="(/give\?node=[^"]+)"', page.text)
    assert link is not None
    an = await two.here.signed_in("001")
    second = await an.get(unescape(link[1]))
    assert "Hoeveel geef je Marc Claes?" in plain(second)
    third = await typed_in(an, second, "8")
    assert "Je geeft Marc Claes 8 pollekes. Marc Claes krijgt 6 eenheden (LETS Leuven)." in plain(
        third
    )
    done = await press(an, third, description="Fiets hersteld")
    assert "Bevestigd" in plain(done)
    await two.met()
    assert (balance(two.here, "001"), balance(two.there, "002")) == (-8, 6)


async def test_place_and_group_stand_beside_and_a_post_makes_no_second_row(two: Two) -> None:
    await open_names(two.there)
    await two.there.group.ask("member.describe", code="002", place="Heverlee")
    marc = await two.there.signed_in("002")
    assert "Zo lezen ze het: Marc Claes · Heverlee · LETS Leuven" in plain(await marc.get("/me"))
    await says_yes(two.there)
    await two.offer()

    page = await found(two, "marc")

    assert plain(page).count("LETS Leuven") == 2, "one row, and the choice of groups"
    assert "Marc Claes Heverlee · LETS Leuven" in plain(page)
    link = re.search(r'href="(/give\?node=[^"]+)"', page.text)
    assert link is not None
    an = await two.here.signed_in("001")
    assert "Hoeveel geef je Marc Claes?" in plain(await an.get(unescape(link[1])))


async def test_a_name_that_is_taken_back_is_found_no_more(two: Two) -> None:
    await open_names(two.there)
    await says_yes(two.there)
    assert "Marc Claes" in plain(await found(two, "claes"))
    marc = await two.there.signed_in("002")
    page = await marc.get("/me")
    assert "Leden van andere groepen vinden je nu op naam." in plain(page)

    await marc.post("/me/found", form=page.key, shares="no")

    assert "Marc Claes" not in plain(await found(two, "claes"))
    assert "Leden van andere groepen vinden je nu op naam." not in plain(await marc.get("/me"))


async def test_nobody_is_offered_over_a_line_on_hold(two: Two) -> None:
    await open_names(two.there)
    await says_yes(two.there)
    assert "Marc Claes" in plain(await found(two, "claes"))

    await two.here.group.ask("line.freeze", group="LETS Leuven")
    page = await (await two.here.signed_in("001")).get("/give?q=claes")

    assert "Marc Claes" not in plain(page)


async def test_a_name_is_text_whatever_it_holds(two: Two) -> None:
    await open_names(two.there)
    name = '<script>kuis("x")</script>'
    await two.there.group.ask("member.describe", code="002", name=name, place="<b>Gent</b>")
    await says_yes(two.there)

    page = await found(two, "kuis")

    assert name not in page.text
    assert "<b>Gent" not in page.text
    assert "&lt;script&gt;kuis" in page.text


async def test_the_page_asks_nothing_while_the_group_shares_no_names(house: House) -> None:
    an = await house.signed_in("001")
    page = await an.get("/me")
    assert "/me/found" not in page.text

    other = await an.get("/me/profile")
    refused = await an.post("/me/found", form=other.key, shares="yes")

    assert refused.status == 422
    assert "deze groep zegt aan andere groepen geen namen." in plain(refused)
    assert not house.node.machine.books.members.shares_name(house.account("001"))


async def test_who_acts_for_a_member_may_say_no_in_its_name_and_never_yes(two: Two) -> None:
    there = two.there
    await open_names(there)
    lies, marc = there.account("001"), there.account("002")
    browser = await there.signed_in("001")
    await browser.post("/me/acting", account=str(marc))
    page = await browser.get("/me")
    assert SENTENCE in plain(page)
    assert "Enkel het lid zelf kan dit aanzetten." in plain(page)
    assert "/me/found" not in page.text
    other = await browser.get("/me/profile")
    refused = await browser.post("/me/found", form=other.key, shares="yes")
    assert refused.status == 422
    assert not there.node.machine.books.members.shares_name(marc)

    await says_yes(there)
    page = await browser.get("/me")
    await browser.post("/me/found", form=page.key, shares="no")

    assert not there.node.machine.books.members.shares_name(marc)
    assert not there.node.machine.books.members.shares_name(lies)


async def test_a_member_may_take_its_name_back_when_the_group_shares_none_any_more(
    two: Two,
) -> None:
    coordinator = await open_names(two.there)
    await says_yes(two.there)
    settings = await coordinator.get("/group/settings")
    await coordinator.post("/group/settings", see="no", names="no", form=settings.key)
    marc = await two.there.signed_in("002")

    page = await marc.get("/me")

    assert "Leden van andere groepen vinden je nu op naam." not in plain(page)
    assert "Zet de groep het weer aan, dan vinden ze je weer." in plain(page)
    await marc.post("/me/found", form=page.key, shares="no")
    assert "/me/found" not in (await marc.get("/me")).text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "voient alors ton nom, ta commune et notre groupe. Rien d'autre."),
        ("en", "then see your name, your town and our group. Nothing else."),
    ],
)
async def test_what_others_see_is_said_in_the_language_of_the_page(
    two: Two, language: str, words: str
) -> None:
    await open_names(two.there)
    marc = await two.there.signed_in("002")
    await marc.post("/language", language=language)

    page = await marc.get("/me")

    assert words in plain(page)


async def test_a_payment_to_a_name_is_held_to_the_limits_of_the_line(two: Two) -> None:
    await open_names(two.there)
    await says_yes(two.there)
    page = await found(two, "claes")
    link = re.search(r'href="(/give\?node=[^"]+)"', page.text)
    assert link is not None
    an = await two.here.signed_in("001")

    third = await typed_in(an, await an.get(unescape(link[1])), "100000")
    refused = await press(an, third)

    assert refused.status == 422
    assert balance(two.here, "001") == 0
    await eventually(lambda: not lines(two.here.group)[0].held_out_units)
