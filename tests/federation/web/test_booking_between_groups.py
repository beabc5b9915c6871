"""Booking with a member of another group: found, both numbers, and what that group says."""

from __future__ import annotations

import re
from html import unescape

import pytest

from federation.members import roles
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key
from schemas.texts.words import Language
from tests.federation.web.booking_help import balance, typed_in
from tests.federation.web.two_groups import Two, fields, plain, press, two
from tests.federation.world.conftest import lines

__all__ = ["two"]


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


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "Vraag naar de letscode, en vul die hieronder in."),
        ("fr", "Demande son code et remplis-le ci-dessous."),
        ("en", "Ask for their member code, and fill it in below."),
    ],
)
async def test_the_page_says_how_somebody_without_offers_elsewhere_is_found(
    two: Two, language: str, words: str
) -> None:
    """Names stay in their group; only what its members placed or wrote brings one here."""
    an = await two.here.signed_in("001")
    await an.post("/language", language=language)

    page = await an.get("/give?q=Lies")

    assert words in page.words
    assert "Lies Maes" not in page.words
    by_code = await an.get(f"/give?node={two.there.node.id}&code=001")
    assert by_code.status == 200
    assert "LETS Leuven" in by_code.words


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
