"""What everybody sees of a group, as its coordinators want it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from federation.group.commands import Transfer
from federation.members import joining, thanks
from federation.members.reader import OPERATOR, Reader
from federation.node.use_cases import new_key
from federation.public import quarters, web_thanks
from tests.federation.web.conftest import Browser, House

JULY_S = int(datetime(2026, 7, 31, 12, tzinfo=UTC).timestamp())
MAY_S = int(datetime(2026, 5, 3, 12, tzinfo=UTC).timestamp())


async def write(cora: Browser, **typed: str) -> str:
    """Let the coordinator write the page; gives what it says then."""
    form = await cora.get("/group/public")
    version = form.text.split('name="version" value="')[1].partition('"')[0]
    page = await cora.post("/group/public", {"form": form.key, "version": version, **typed})
    return page.words


async def give(house: House, times: int, *, minor: int = 20) -> None:
    """Let 001 give 002 some hours, and 003 one, in May."""
    for payee, many in (("002", times), ("003", 1)):
        for _ in range(many):
            await house.node.do(
                Transfer(new_key(), house.account("001"), house.account(payee), minor, "Hulp")
            )
    await house.node.pool.execute("UPDATE posting SET at_s = $1", MAY_S)


async def test_a_coordinator_writes_what_everybody_reads(house: House) -> None:
    cora, stranger = await house.signed_in("003"), house.browser()
    before = await stranger.get("/")
    await write(
        cora,
        **{
            "lead-nl": "Wij zijn <b>buren</b>",
            "text-nl": "Elke maand\neen fuif",
            "lead-en": "We are neighbours",
            "postcode": "9000",
            "contact": "hallo@voorbeeld.be",
            "join-fr": "Appelez-nous",
            "findable": "yes",
        },
    )
    after = await stranger.get("/")
    english = await stranger.get("/", **{"Accept-Language": "en"})

    assert 'name="robots" content="noindex"' in before.text
    assert "Vraag het aan iemand van de groep" in before.words
    assert "Wij zijn <b>buren</b>" in after.words
    assert "<b>buren" not in after.text
    assert "Je vindt ons in en rond Gent." in after.words
    assert 'href="mailto:hallo@voorbeeld.be"' in after.text
    assert '<p class="said" lang="fr" dir="auto">Appelez-nous</p>' in after.text
    assert "noindex" not in after.text
    url = house.node.settings.public_url
    assert f'<link rel="canonical" href="{url}/">' in after.text
    assert f'content="{url}/share.png"' in after.text
    assert "We are neighbours" in english.words
    assert (await cora.get("/about")).words.count("Zo ziet iedereen op het web jullie groep") == 1


async def test_who_may_join_by_a_form_is_told_while_it_is_open(house: House) -> None:
    stranger = house.browser()
    assert 'href="/join"' not in (await stranger.get("/")).text

    await joining.set_open(house.node, OPERATOR, is_open=True)

    assert 'href="/join"' in (await stranger.get("/")).text


async def test_of_two_coordinators_at_once_the_second_is_told(house: House) -> None:
    cora = await house.signed_in("003")
    form = await cora.get("/group/public")
    fields = {"form": form.key, "version": "0"}
    await cora.post("/group/public", {**fields, "lead-nl": "Eerst"})

    late = await cora.post("/group/public", {**fields, "lead-nl": "Te laat"})

    assert late.status == 422
    assert "Iemand anders heeft deze bladzijde intussen bewaard" in late.words
    assert 'value="Te laat"' in late.text
    assert 'name="version" value="1"' in late.text
    assert "Eerst" in (await house.browser().get("/")).words


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"postcode": "0001"}, "plaats"),
        ({"contact": "geen adres"}, "mailadres"),
        ({"lead-nl": "x" * 301}, "te lang"),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field(
    house: House, typed: dict[str, str], said: str
) -> None:
    cora = await house.signed_in("003")
    form = await cora.get("/group/public")

    page = await cora.post("/group/public", {"form": form.key, "version": "0", **typed})

    assert page.status == 422
    assert said in page.words
    assert next(iter(typed.values())) in page.text


async def test_robots_read_only_what_may_be_found(house: House) -> None:
    stranger = house.browser()
    closed = await stranger.get("/robots.txt")
    await write(await house.signed_in("003"), findable="yes")
    opened = await stranger.get("/robots.txt")
    async with stranger.session.get(f"{stranger.url}/share.png") as response:
        drawn, kind = await response.read(), response.content_type

    assert closed.text == "User-agent: *\nDisallow: /\n"
    assert "Disallow: /\n" not in opened.text
    assert "Disallow: /login\n" in opened.text
    assert kind == "image/png"
    assert drawn.startswith(b"\x89PNG")
    assert len(drawn) < 40_000


async def test_figures_come_from_the_log_and_stay_as_they_were_published(house: House) -> None:
    await give(house, 6)
    early = await quarters.published(house.node, now_s=JULY_S - 3 * 86_400)
    found = await quarters.published(house.node, now_s=JULY_S)
    await give(house, 3)
    house.node.parts.pop(quarters._Today)
    again = await quarters.published(house.node, now_s=JULY_S + 86_400)

    assert early == []
    assert [(one.name, one.inside.hours, one.people, one.few_people) for one in found] == [
        ("2026-Q2", 7, 0, True)
    ]
    assert again == found


async def test_a_booking_that_was_given_back_is_no_help(house: House) -> None:
    await give(house, 6)
    seqs = await house.node.pool.fetch("SELECT DISTINCT seq FROM posting ORDER BY seq")
    await house.node.pool.execute(
        "INSERT INTO booking_reversal VALUES ($1, $2)", seqs[0]["seq"], seqs[1]["seq"]
    )

    (found,) = await quarters.published(house.node, now_s=JULY_S)

    assert found.inside.trades == 5


async def test_figures_are_shown_rounded_with_their_picture(house: House) -> None:
    await give(house, 12, minor=1)

    page = await house.browser().get("/figures")

    assert "2e kwartaal van 2026" in page.words
    assert "<5" in page.words
    assert page.text.count('class="hours-inside"') == 1
    assert "deden mee" in (await house.browser().get("/")).words
    await write(await house.signed_in("003"), postcode="9000")
    off = await house.browser().get("/figures")
    assert "Er zijn nog geen cijfers" in off.words


async def test_thanks_are_on_the_web_only_when_their_writer_says_so(house: House) -> None:
    an = Reader(account=house.account("001"), person=0)
    key = new_key()
    await house.node.do(Transfer(key, house.account("001"), house.account("002"), 5, "Hulp"))
    await thanks.give(house.node, an, key, "Wat een soep!", public=True)
    bert, browser = await house.signed_in("002"), await house.signed_in("001")
    (own,) = await web_thanks.own(house.node, an)
    group_only = (await house.browser().get("/")).words

    await bert.post("/me/thanks", {f"thanks-{own.seq}": "yes"})
    not_by_others = (await house.browser().get("/")).words
    form = await browser.get("/me/thanks")
    await browser.post("/me/thanks", {"form": form.key, f"thanks-{own.seq}": "yes"})
    shown = (await house.browser().get("/")).words
    form = await browser.get("/me/thanks")
    await browser.post("/me/thanks", {"form": form.key})
    taken_back = (await house.browser().get("/")).words

    assert own.text == "Wat een soep!"
    assert "Wat een soep!" not in group_only + not_by_others
    assert "Wat een soep!" in shown
    assert "Peeters" not in shown
    assert "Bold" not in shown
    assert "Wat een soep!" not in taken_back
