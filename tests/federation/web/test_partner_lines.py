"""Lines to other groups on the pages of coordinators: where they stand, a pause, a proposal."""

from __future__ import annotations

import re

from msgspec.structs import replace

from federation.members import roles
from federation.members.reader import OPERATOR
from federation.node.line_doctor import Advice, Doubt, Who
from federation.node.line_use_cases import Proposal, propose_terms
from federation.node.peers import Peer
from federation.node.use_cases import new_key
from federation.web.line_words import WORDS, doubts
from schemas.member_bodies import Role
from tests.federation.web.conftest import Browser, House
from tests.federation.web.two_groups import Two, plain, two
from tests.federation.world.conftest import eventually, lines

__all__ = ["two"]

HOUR_UNITS = 360_000
STANDINGS = (("u", "umbrella"), ("g", "registered"))


async def coordinator(house: House) -> Browser:
    key = new_key()
    await roles.give_role(house.node, OPERATOR, house.account("001"), Role.COORDINATOR, key=key)
    await house.seen()
    return await house.signed_in("001")


async def test_what_they_propose_is_answered_on_the_page(two: Two) -> None:
    await two.met()
    lies = await coordinator(two.there)
    here, there = two.here.group, two.there.group
    peer = there.node.id
    await propose_terms(here.node, peer, Proposal(grants_units=30 * 360_000))
    await eventually(lambda: lines(there)[0].their_proposal is not None)
    path = f"/group/partners/line/{lines(there)[0].line}"
    blank = await lies.get(path)
    assert "Zij stellen afspraken voor." in blank.words
    shown = plain(blank)
    for said in (
        "Zij mogen meer krijgen dan geven, tot 20 uur (300 blommekes) 30 uur (450 blommekes)",
        "Grootste ruil in een keer 5 uur (75 blommekes) 5 uur (75 blommekes)",
        "We waarschuwen als zij meer kregen dan 12 uur (180 blommekes) 18 uur (270 blommekes)",
    ):
        assert said in shown
    read = {"terms": terms_hash_on(blank.text)}
    other = await lies.post(path, {"do": "accept", "terms": "A" * 43}, form=blank.key)
    assert other.status == 422
    assert lines(there)[0].their_proposal is not None

    page = await lies.post(path, {"do": "accept", **read}, form=blank.key)

    assert "Zij stellen afspraken voor." not in page.words
    terms = lines(there)[0].terms
    assert terms is not None
    assert {side.grants_units for side in (terms.side(peer), terms.other(peer))} == {30 * 360_000}


def terms_hash_on(page: str) -> str:
    found = re.search(r'name="terms" value="([\w-]{43})"', page)
    assert found is not None
    return found[1]


async def test_what_is_set_apart_on_a_line_is_shown(two: Two) -> None:
    await two.met()
    an = await coordinator(two.here)
    books, line = two.here.node.machine.books, lines(two.here.group)[0]
    books.lines.base[line.line] = replace(line, held_out_units=48_000, held_in_units=90_000)

    page = await an.get(f"/group/partners/line/{line.line}")

    assert "Staat apart om te krijgen 2 pollekes Staat apart om te geven 5 pollekes" in page.words


async def test_a_balance_is_shown_as_it_is_booked(two: Two) -> None:
    await two.met()
    an = await coordinator(two.here)
    books, line = two.here.node.machine.books, lines(two.here.group)[0]
    for units, shown in ((27_000, "2 pollekes"), (-27_000, "2 pollekes"), (26_999, "1 polleke")):
        books.lines.base[line.line] = replace(line, balance_units=units)

        page = await an.get(f"/group/partners/line/{line.line}")

        assert f"{shown} meer dan ze" in page.words


async def test_a_partner_that_ended_is_listed_with_its_day_and_proposed_to_no_more(
    two: Two,
) -> None:
    an = await coordinator(two.here)
    node, gone = two.here.node, "g" * 52
    await node.peers.add(Peer(gone, "http://127.0.0.1:1", "LETS Gone", "registered"))
    before = await an.get("/group/partners")
    await node.pool.execute(
        "INSERT INTO peer_closing (node, size, closed_at_s, closing) VALUES ($1, 9, $2, '')",
        gone,
        1_777_809_600,
    )
    await node.peers.end(gone)

    page = await an.get("/group/partners")

    assert "Stel LETS Gone een koppeling voor" in before.words
    assert "gestopt" not in before.words
    assert "LETS Gone gestopt op 3 mei 2026" in page.words
    assert "Stel LETS Gone een koppeling voor" not in page.words


async def test_a_line_that_there_is_not_is_not_shown(two: Two) -> None:
    an = await coordinator(two.here)

    assert (await an.get("/group/partners/line/" + "a" * 52)).status == 404
    wrong = await an.post("/group/partners", {"peer": "somebody"})
    assert wrong.status == 422


def test_every_doubt_of_the_doctor_has_plain_words() -> None:
    assert set(WORDS) == set(Doubt)
    assert all(WORDS[code].strip() for code in Doubt)
    assert len(set(WORDS.values())) == len(WORDS)


def test_the_same_words_are_said_once_with_how_often_they_hold() -> None:
    found = [Doubt.HELD, Doubt.REQUESTED, Doubt.HELD]
    told = [Advice(line="l", code=code, needs=Who.NOBODY, text="") for code in found]
    assert doubts(told) == [(WORDS[Doubt.HELD], 2), (WORDS[Doubt.REQUESTED], 1)]
    assert doubts([]) == []


async def test_one_tap_proposes_a_line_with_the_usual_limits(two: Two) -> None:
    third = await two.here.world.make("LETS Brugge", 20)
    for one, other in ((two.here.group, third), (third, two.here.group)):
        await one.ask("line.invite", invitation=other.invitation)
    an = await coordinator(two.here)
    assert "Stel LETS Brugge een koppeling voor" in (await an.get("/group/partners")).words

    page = await an.post("/group/partners", {"peer": third.node.id})

    assert page.status == 200
    await eventually(lambda: any(line.their_proposal for line in lines(third)))
    (line,) = lines(third)
    terms = line.their_proposal
    assert line.peer == two.here.node.id
    grants = (terms.lower.grants_units, terms.higher.grants_units)
    assert grants == (20 * HOUR_UNITS, 20 * HOUR_UNITS)
    assert terms.largest_units == 5 * HOUR_UNITS


async def test_who_the_groups_are_is_read_at_the_umbrella(two: Two) -> None:
    cora = await coordinator(two.here)
    assert "/groups" not in (await cora.get("/group/partners")).text

    node = two.here.node
    node.settings = replace(node.settings, umbrella=f"https://koepel.example#{'u' * 52}")

    assert 'href="https://koepel.example/groups"' in (await cora.get("/group/partners")).text


async def test_no_line_is_proposed_to_the_umbrella(two: Two) -> None:
    umbrella, other = (Peer(c * 52, "http://127.0.0.1/x", c, s) for c, s in STANDINGS)
    for peer in (umbrella, other):
        await two.here.node.peers.add(peer)
    cora = await coordinator(two.here)

    page = await cora.get("/group/partners")

    assert f'value="{other.node}"' in page.text
    assert f'value="{umbrella.node}"' not in page.text
