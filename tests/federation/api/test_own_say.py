"""What a member has a say in over the API: thanks on the web, digests, looks, its end, limits."""

from __future__ import annotations

from federation.group.erasing import COOLING_OFF_S
from federation.node.service import now_s
from federation.public import web_thanks
from tests.federation.api.conftest import Asker, Group
from tests.federation.api.test_agreeing import made


async def thanked(asker: Asker, text: str, *, public: bool) -> str:
    """Give a unit, thank for it, and name the booking."""
    said = {"payer": "001", "payee": "002", "amount_minor": 1, "description": text}
    booked = (await made(asker, "/transfers", said, text))["booking"]
    path = f"/accounts/001/trades/{booked}/thanks"
    await made(asker, path, {"text": text, "public": public}, text)
    return str(booked)


async def test_thanks_are_on_the_web_when_their_writer_says_so_and_only_then(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    for text, public in (("Wat een soep!", True), ("Mooie fiets", True), ("Tussen ons", False)):
        await thanked(anna, text, public=public)
    listed = (await anna.get("/me/thanks")).json["thanks"]
    ids = {one["text"]: one["id"] for one in listed}

    by_other = await bert.ask("PUT", "/me/thanks", json={"everybody": list(ids.values())})
    untouched = await web_thanks.for_everybody(group.node)
    chosen = await anna.ask("PUT", "/me/thanks", json={"everybody": [ids["Wat een soep!"], "999"]})
    shown = await web_thanks.for_everybody(group.node)
    await anna.ask("PUT", "/me/thanks", json={"everybody": []})

    assert [(one["text"], one["name"], one["everybody"]) for one in listed] == [
        ("Mooie fiets", "Lid 002", False),
        ("Wat een soep!", "Lid 002", False),
    ]
    assert by_other.json["thanks"] == untouched == []
    assert [one["everybody"] for one in chosen.json["thanks"]] == [False, True]
    assert [one.text for one in shown] == ["Wat een soep!"]
    assert await web_thanks.for_everybody(group.node) == []


async def test_a_member_reads_who_looked_and_at_what(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    staff = await group.token("coordinator", "003")
    nobody = (await anna.get("/me/looked")).json["looks"]

    for _ in range(2):
        await staff.get("/accounts/001/statement")
    await staff.get("/accounts")

    told = (await anna.get("/me/looked")).json
    looks = {one["what"]: one for one in told["looks"]}
    assert [one for one in nobody if one["what"] != "sign_in"] == []
    assert (looks["bookings"]["code"], looks["bookings"]["times"]) == ("003", 2)
    assert not looks["bookings"]["of_all"]
    assert (looks["listed"]["name"], looks["listed"]["of_all"]) == ("Lid 003", True)
    assert told["kept_days"] > 0
    whats = {one["what"] for one in (await bert.get("/me/looked")).json["looks"]}
    assert "bookings" not in whats
    assert "listed" in whats


async def test_a_member_asks_to_be_erased_and_stays_after_all(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    before, size = now_s(), group.node.sequencer.size

    asked = await anna.ask("PUT", "/me/erasing", json={"erase": True})
    again = await anna.ask("PUT", "/me/erasing", json={"erase": True})
    written = group.node.sequencer.size - size
    elsewhere = (await bert.get("/me/erasing")).json
    stays = await anna.ask("PUT", "/me/erasing", json={"erase": False})

    assert before + COOLING_OFF_S <= asked.json["due_s"] <= now_s() + COOLING_OFF_S
    assert asked.json == again.json
    assert written == 1, "asked twice, it is asked once"
    assert elsewhere.get("due_s") is None
    assert stays.json.get("due_s") is None
    assert (await anna.get("/me/erasing")).json == stays.json


async def test_a_helper_does_not_erase_whom_it_helps(group: Group) -> None:
    anna = await group.token("member", "001")
    await group.world_node.ask("member.helper", code="001", helper="002")
    helper = await group.token("member", "002")

    asked = await helper.ask("PUT", "/me/erasing", json={"erase": True})

    assert asked.json["due_s"] is not None
    assert (await anna.get("/me/erasing")).json.get("due_s") is None


async def test_why_limits_are_what_they_are_is_told_to_who_may_see_the_account(
    group: Group,
) -> None:
    anna, staff = await group.token("member", "001"), await group.token("coordinator", "003")
    await staff.ask("PUT", "/accounts/001/limits", json={"lower_minor": -70})

    told = await anna.get("/accounts/001/limits")

    assert (told.json["lower"]["hard_minor"], told.json["lower"]["reason"]) == (-70, "own")
    assert told.json["lower"]["room_minor"] == 70
    assert (told.json["upper"]["hard_minor"], told.json["upper"]["reason"]) == (None, "none")
    assert (await staff.get("/accounts/001/limits")).json == told.json
    assert (await anna.get("/accounts/002/limits")).status == 404


async def test_a_member_chooses_how_often_a_digest_comes_and_with_what(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    before = (await anna.get("/me/mail")).json
    chosen = {"wanted": ["digest"], "evening": 22, "morning": 7}

    digest = {"rhythm": "monthly", "blocks": ["dates", "here"]}
    said = await anna.ask("PUT", "/me/mail", json=chosen | {"digest": digest})
    left_out = await anna.ask("PUT", "/me/mail", json=chosen)
    wrong = await anna.ask("PUT", "/me/mail", json=chosen | {"digest": {"rhythm": "hourly"}})

    assert (before["digest"]["rhythm"], len(before["digest"]["blocks"])) == ("weekly", 4)
    assert said.json["digest"] == left_out.json["digest"] == digest
    assert wrong.json["code"] == "malformed"
    assert (await bert.get("/me/mail")).json["digest"] == before["digest"]
