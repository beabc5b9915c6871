"""Threads, trades, thanks and activities over the API: inside the group and between two groups."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from federation.members.projector import reached
from federation.node.service import now_s
from tests.federation.api.conftest import Asker, Group
from tests.federation.api.test_walk import walk
from tests.federation.api.walking import Walk, in_a_month_s, jpeg
from tests.federation.world.conftest import World, eventually, lines
from tests.federation.world.feed_posts import read_feed

__all__ = ["walk"]


async def in_parts(size: int) -> AsyncIterator[bytes]:
    for at in range(0, size, 65_536):
        yield bytes(min(65_536, size - at))


async def made(asker: Asker, path: str, content: Any, key: str = "k") -> Any:
    answer = await asker.post(path, content, key)
    assert answer.status in (200, 201), answer.text
    return answer.json


async def test_a_thread_goes_from_interest_to_a_booking(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    offer = {"code": "002", "want": False, "title": "Fiets", "expires_at_s": in_a_month_s()}
    post = await made(bert, "/posts", offer)
    begun = await made(
        anna,
        "/accounts/001/threads",
        {"other": "002", "text": "Kan jij mijn fiets herstellen?", "offer": post["post"]},
    )
    theirs = f"/accounts/002/threads/{begun['thread']}"
    ours = f"/accounts/001/threads/{begun['thread']}"

    waiting = (await bert.get("/accounts/002/home")).json["threads"]
    proposed = await made(bert, theirs + "/proposals", {"gives": False, "amount_minor": 8})
    agreed = await made(anna, ours + "/answers", {"reply": "yes", "to": proposed["standing"]["id"]})
    booked = await made(anna, ours + "/booking", {"expected_minor": 8, "description": "Fiets"})

    assert [thread["thread"] for thread in waiting] == [begun["thread"]]
    assert (waiting[0]["own_turn"], waiting[0]["offer"]) == (True, post["post"])
    assert agreed["state"] == "agreed"
    assert (booked["state"], booked["own_minor"], booked["gives"]) == ("settled", 8, True)
    seen = (await bert.get(theirs)).json
    assert (seen["state"], seen["trade"]) == ("booked", booked["trade"])
    assert seen["messages"][0]["text"] == "Kan jij mijn fiets herstellen?"
    listed = (await bert.get("/accounts/002/threads")).json
    assert [one["thread"] for one in listed["threads"]] == [begun["thread"]]
    assert (await bert.get(f"/accounts/002/threads?after={listed['next']}")).json["threads"] == []


async def test_the_same_key_says_a_thing_once_and_is_answered_the_same(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    begun = await made(anna, "/accounts/001/threads", {"other": "002", "text": "Dag"})
    path = f"/accounts/001/threads/{begun['thread']}/messages"
    first = await anna.post(path, {"text": "Ben je er?"}, "m")
    await made(bert, f"/accounts/002/threads/{begun['thread']}/messages", {"text": "Ja"})

    again = await anna.post(path, {"text": "Ben je er?"}, "m")
    other = await anna.post(path, {"text": "Iets anders"}, "m")

    assert (first.status, again.text) == (201, first.text)
    assert (other.status, other.json["code"]) == (409, "conflict")
    messages = (await anna.get(f"/accounts/001/threads/{begun['thread']}")).json["messages"]
    assert [message["text"] for message in messages] == ["Dag", "Ben je er?", "Ja"]


async def test_kept_answers_are_sealed_and_say_nothing_to_who_reads_the_table(group: Group) -> None:
    anna = await group.token("member", "001")
    said = {"other": "002", "text": "GEHEIMBERICHT"}
    first = await anna.post("/accounts/001/threads", said, "k")

    rows = await group.node.pool.fetch("SELECT answer FROM api_answer")

    assert len(rows) == 1
    assert b"GEHEIM" not in rows[0]["answer"]
    assert (await anna.post("/accounts/001/threads", said, "k")).text == first.text


async def test_who_gave_asks_and_the_payer_consents_declines_or_gives_back(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    asked = {"payee": "002", "payer": "001", "amount_minor": 6, "description": "Haag"}
    one = await made(bert, "/requests", asked, "one")
    two = await made(bert, "/requests", asked, "two")

    quote = (await anna.get("/accounts/001/quote?amount_minor=6&other=002")).json
    changed = await anna.post(
        f"/accounts/001/trades/{one['trade']}/consent", {"expected_minor": 5}, "a"
    )
    given = await made(anna, f"/accounts/001/trades/{one['trade']}/consent", {"expected_minor": 6})
    declined = await made(anna, f"/accounts/001/trades/{two['trade']}/decline", {})
    thanked = await made(
        anna, f"/accounts/001/trades/{one['trade']}/thanks", {"text": "Mooi!", "public": True}
    )
    back = await made(bert, f"/accounts/002/trades/{one['trade']}/reversal", {"description": "x"})

    assert (one["state"], one["gives"], one["asked"]) == ("requested", False, True)
    assert (quote["after_minor"], quote.get("refusal")) == (-6, None)
    assert (changed.status, changed.json["code"]) == (422, "quote_changed")
    assert (given["state"], given["description"]) == ("settled", "Haag")
    assert declined["state"] == "refused"
    assert thanked["thanks"][0]["text"] == "Mooi!"
    assert (back["gives"], back["own_minor"]) == (True, 6)
    assert (await anna.get("/members/002/thanks")).json["thanks"][0]["text"] == "Mooi!"
    assert (await anna.get("/accounts/001")).json["balance_minor"] == 0
    states = {
        t["trade"]: t["state"] for t in (await anna.get("/accounts/001/trades")).json["trades"]
    }
    assert states[one["trade"]] == "reversed"


async def test_trades_come_in_pages_and_auditors_read_no_names_and_texts(group: Group) -> None:
    anna, auditor = await group.token("member", "001"), await group.token("auditor")
    for number in range(5):
        said = {"payer": "001", "payee": "002", "amount_minor": number + 1}
        await made(anna, "/transfers", said | {"description": "GEHEIM"}, str(number))

    found, after = [], ""
    while after is not None:
        page = (await anna.get(f"/accounts/001/trades?limit=2{after and '&after=' + after}")).json
        found += page["trades"]
        after = page.get("next")
    audited = await auditor.get("/accounts/001/trades")

    assert [trade["own_minor"] for trade in found] == [5, 4, 3, 2, 1]
    assert {trade["other"]["name"] for trade in found} == {"Lid 002"}
    assert len(audited.json["trades"]) == 5
    assert "GEHEIM" not in audited.text
    assert "Lid 00" not in audited.text
    assert audited.json["trades"][0]["actions"] == []


async def test_a_coordinator_asks_in_a_members_name_and_both_are_on_record(group: Group) -> None:
    staff = await group.token("coordinator", "003")

    asked = await made(staff, "/requests", {"payee": "001", "payer": "002", "amount_minor": 2})
    given = await made(staff, f"/accounts/002/trades/{asked['trade']}/consent", {})

    assert (asked["entered_by"], given["entered_by"]) == ("003", "003")


async def test_a_statement_is_searched_by_person_and_text_but_not_by_auditors(group: Group) -> None:
    anna, auditor = await group.token("member", "001"), await group.token("auditor")
    for key, payee, text in (("a", "002", "soep"), ("b", "003", "soep"), ("c", "003", "taart")):
        said = {"payer": "001", "payee": payee, "amount_minor": 1, "description": text}
        await made(anna, "/transfers", said, key)
    await reached(group.node, group.node.sequencer.size - 1)  # names of members are there

    by_text = (await anna.get("/accounts/001/statement?text=SOEP")).json["lines"]
    by_both = (await anna.get("/accounts/001/statement?text=soep&who=lid 003")).json["lines"]
    later = (await anna.get(f"/accounts/001/statement?from_s={now_s() + 60}")).json["lines"]

    assert [line["other"] for line in by_text] == ["003", "002"]
    assert [(line["other"], line["name"]) for line in by_both] == [("003", "Lid 003")]
    assert later == []
    for query in ("text=soep", "who=002"):
        answer = await auditor.get(f"/accounts/001/statement?{query}")
        assert (answer.status, answer.json["code"]) == (403, "forbidden")


async def test_an_activity_ends_in_one_booking_for_all_who_helped(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    said = {"code": "001", "title": "Haag snoeien", "starts_at_s": in_a_month_s()}
    placed = await made(anna, "/activities", said | {"ends_at_s": in_a_month_s() + 3600})
    path = f"/activities/{placed['activity']}"

    joined = await bert.ask("PUT", path + "/joined", json={"code": "002", "comes": True})
    theirs = await bert.post(path + "/cancel", {"code": "002"}, "c")
    given = await made(
        anna, path + "/shares", {"payer": "001", "helpers": ["002"], "total_minor": 12}
    )

    assert joined.json["comes"]
    assert [one["code"] for one in joined.json["joined"]] == ["002"]
    assert (theirs.status, theirs.json["code"]) == (403, "forbidden")
    assert (given["own_minor"], given["activity"]) == (12, placed["activity"])
    assert (await anna.get("/activities")).json["activities"][0]["booked"]
    assert (await bert.get("/accounts/002")).json["balance_minor"] == 12


async def test_who_is_blocked_is_not_heard_and_a_report_reaches_the_coordinators(
    group: Group,
) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    staff = await group.token("coordinator", "003")
    begun = await made(bert, "/accounts/002/threads", {"other": "001", "text": "Dag"})
    (message,) = begun["messages"]

    told = await made(
        anna,
        "/accounts/001/reports",
        {"text": "Hij dringt aan", "thread": begun["thread"], "message": message["id"]},
    )
    blocked = await anna.ask("PUT", "/accounts/001/blocks", json={"other": "002", "blocked": True})
    handled = await staff.post(f"/reports/{told['report']}/handled", {}, "h")

    assert (blocked.status, handled.status) == (200, 200)
    assert (await anna.get("/accounts/001/threads")).json["threads"] == []
    (report,) = (await staff.get("/reports")).json["reports"]
    assert (report["quoted"], report["text"]) == ("Dag", "Hij dringt aan")
    assert (report["by"]["code"], report["handled_by"]) == ("001", "003")


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "Dag"}, "other"),
        ({"text": "Dag", "other": "002", "group": "a" * 52}, "other"),
        ({"text": "Dag", "group": "a" * 52}, "other"),
        ({"other": "002"}, "text"),
    ],
)
async def test_a_thread_is_with_one_member_and_says_something(
    group: Group, content: Any, field: str
) -> None:
    anna = await group.token("member", "001")

    answer = await anna.post("/accounts/001/threads", content, "k")

    assert (answer.status, answer.json["field"]) == (422, field), answer.text


async def test_a_picture_is_taken_in_without_its_place_and_shown_with_its_post(
    group: Group,
) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    headers, path = {"Content-Type": "image/jpeg"}, "/accounts/001/pictures"
    taken = await anna.post(path, None, "p", data=jpeg(), headers=headers)
    again = await anna.post(path, None, "p", data=jpeg(), headers=headers)
    other = await anna.post(path, None, "p", data=jpeg(30), headers=headers)
    none = await anna.post(path, None, "q", data=b"none", headers=headers)
    large = await anna.post(path, None, "r", data=in_parts(10 * 2**20 + 1), headers=headers)
    form = await anna.post(path, None, "s", data=jpeg(), headers={"Content-Type": "text/plain"})
    digest = taken.json["digest"]
    unseen = await bert.get(f"/pictures/{digest}")
    shown = {"digest": digest, "size": taken.json["size"]}
    said = {"code": "001", "want": False, "title": "Fiets", "expires_at_s": in_a_month_s()}
    await made(anna, "/posts", said | {"pictures": [shown]})

    seen = await bert.get(f"/pictures/{digest}?small=true")

    assert (taken.status, again.text) == (201, taken.text)
    assert (other.status, other.json["code"]) == (409, "conflict")
    assert (none.status, none.json["code"]) == (422, "picture_unreadable")
    assert (large.status, large.json["code"]) == (413, "too_large")
    assert (form.status, form.json["code"]) == (415, "media_type")
    assert unseen.status == 404
    assert (seen.status, seen.headers["Content-Type"]) == (200, "image/jpeg")
    assert seen.headers["X-Content-Type-Options"] == "nosniff"


async def test_all_of_a_trade_with_another_group_goes_over_the_api(
    world: World, session: aiohttp.ClientSession
) -> None:
    a, b = await world.make("alfa", 20), await world.make("beta", 60)
    await world.link(a, b)
    for node in (a, b):
        await world.add_members(node)
    anna = await Group(a, session).token("member", "001")
    marc = await Group(b, session).token("member", "002")
    headers = {"Content-Type": "image/jpeg"}
    picture = (
        await marc.post("/accounts/002/pictures", None, "p", data=jpeg(), headers=headers)
    ).json
    said = {
        "code": "002",
        "want": False,
        "title": "Fiets herstellen",
        "visibility": "interlets",
        "price": {"kind": "piece", "amount_minor": 6},
        "expires_at_s": in_a_month_s(),
        "pictures": [{"digest": picture["digest"], "size": picture["size"]}],
    }
    await made(marc, "/posts", said)
    await read_feed(a, b)

    (hit,) = (await anna.get("/search?text=fietsen")).json["posts"]
    whole = await anna.get(f"/groups/{b.node.id}/posts/{hit['post']}")
    image = await anna.get(f"/groups/{b.node.id}/pictures/{picture['digest']}?small=true")
    begun = await made(
        anna,
        "/accounts/001/threads",
        {"group": b.node.id, "pseudonym": hit["pseudonym"], "text": "Dag", "offer": hit["post"]},
    )
    theirs = f"/accounts/002/threads/{begun['thread']}"
    await eventually(lambda: lines(b)[0].in_n == lines(a)[0].out_n)
    proposed = await marc.post(theirs + "/proposals", {"gives": False, "amount_minor": 6}, "k")

    assert hit["group_name"] == "beta"
    assert (hit["price"]["own_minor"], hit["price"]["their_minor"]) == (2, 6)
    assert hit.get("refusal") is None
    assert whole.json["title"] == "Fiets herstellen"
    assert (image.status, image.headers["Content-Type"]) == (200, "image/jpeg")
    assert proposed.status == 201, proposed.text
    assert proposed.json["other"]["group"] == a.node.id
    quote = (await anna.get(f"/accounts/001/quote?amount_minor=6&group={b.node.id}")).json
    paid = await made(
        anna,
        "/payments",
        {
            "payer": "001",
            "group": b.node.id,
            "pseudonym": hit["pseudonym"],
            "amount_minor": 6,
            "expected_minor": quote["own_minor"],
        },
    )
    assert (paid["state"], paid["own_minor"], paid["other_minor"]) == ("settled", 2, 6)
    asked = await made(
        anna,
        "/requests",
        {"payee": "001", "group": b.node.id, "payer": "002", "amount_minor": 2},
        "ask",
    )
    withdrawn = await made(anna, f"/accounts/001/trades/{asked['trade']}/decline", {})
    assert (asked["state"], withdrawn["state"]) == ("requested", "cancelled")
    back = await made(anna, f"/accounts/001/trades/{paid['trade']}/reversal", {}, "back")
    assert (back["state"], back["reverses"]) == ("requested", paid["trade"])


async def test_who_is_asked_declines_and_writes_why(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    staff = await group.token("coordinator", "003")
    asked = await made(bert, "/requests", {"payee": "002", "payer": "001", "amount_minor": 6})
    path = f"/accounts/001/trades/{asked['trade']}/decline"

    theirs = await staff.post(path, {"reason": "Zomaar"}, "s")
    declined = await made(anna, path, {"reason": "Ik was er niet bij"})

    assert (theirs.status, theirs.json["field"]) == (403, "reason")
    assert (declined["state"], declined["told"]) == ("refused", True)
    (thread,) = (await bert.get("/accounts/002/threads")).json["threads"]
    assert [message["text"] for message in thread["messages"]] == ["Ik was er niet bij"]


async def test_a_proposal_that_answers_an_older_one_is_refused(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    begun = await made(anna, "/accounts/001/threads", {"other": "002", "text": "Dag"})
    theirs, ours = (f"/accounts/{c}/threads/{begun['thread']}/proposals" for c in ("002", "001"))
    first = await made(bert, theirs, {"gives": False, "amount_minor": 8}, "1")
    await made(bert, theirs, {"gives": False, "amount_minor": 9}, "2")

    said = {"gives": True, "amount_minor": 7, "instead_of": first["standing"]["id"]}
    answer = await anna.post(ours, said, "3")

    assert answer.json["code"] == "proposal_changed"


async def test_whom_a_member_can_give_to_is_found_in_all_groups(walk: Walk) -> None:
    anna = await walk.group.token("member", "001")

    near = (await anna.get("/accounts/001/counterparts?said=Lid")).json["members"]
    far = (await anna.get("/accounts/001/counterparts?said=buu")).json["members"]
    own = (await anna.get("/accounts/001/counterparts?said=001")).json["members"]

    assert [one["code"] for one in near] == ["002", "003", "004"]
    assert [(one["group"], one["name"]) for one in far] == [(walk.other.node.id, "Buur")]
    assert own == []


async def test_who_lets_itself_be_found_is_a_counterpart_with_its_place(walk: Walk) -> None:
    anna, other = await walk.group.token("member", "001"), walk.other
    said = {"code": "002", "by": "002", "shares": True}
    await other.ask("member.add", code="002", name="Zonder Aanbod")
    await other.ask("member.describe", code="002", place="Heverlee")
    await other.ask("group.share_names", names_shared=True)
    await other.ask("member.share_name", **said)
    await reached(other.node, other.node.sequencer.size - 1)
    await read_feed(walk.group.world_node, other)

    found = (await anna.get("/accounts/001/counterparts?said=zonder")).json["members"]

    assert [(one["name"], one["place"], one["group"]) for one in found] == [
        ("Zonder Aanbod", "Heverlee", other.node.id)
    ]
    assert found[0]["pseudonym"]


async def test_units_for_helpers_are_quoted_as_they_would_be_booked(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    said = {"code": "001", "title": "Haag snoeien", "starts_at_s": in_a_month_s()}
    placed = await made(anna, "/activities", said | {"ends_at_s": in_a_month_s() + 3600})
    path = f"/activities/{placed['activity']}"
    await bert.ask("PUT", path + "/joined", json={"code": "002", "comes": True})
    asked = {"payer": "001", "helpers": ["002"], "total_minor": 7}
    each = {"payer": "001", "shares": [{"code": "003", "amount_minor": 3}]}

    even, other, wrong = [
        (await anna.ask("POST", path + "/shares/quote", json=content)).json
        for content in (asked, each, asked | each)
    ]
    theirs = await bert.ask("POST", path + "/shares/quote", json=asked)
    booked = await made(anna, path + "/shares", asked)

    assert even["shares"] == [{"code": "002", "amount_minor": 7}]
    assert (even["after_minor"], even.get("refusal")) == (-7, None)
    assert (other["total_minor"], other["refusal"]["code"]) == (3, "not_joined")
    assert wrong["field"] == "shares"
    assert theirs.json["code"] == "forbidden"
    assert (booked["own_minor"], booked["more"]) == (even["total_minor"], 0)
    assert (await anna.get("/accounts/001")).json["balance_minor"] == even["after_minor"]


async def test_a_report_of_an_offer_names_it_with_its_member(walk: Walk) -> None:
    anna = await walk.group.token("member", "001")
    staff = await walk.group.token("coordinator", "003")
    offer = {"code": "002", "want": False, "title": "Fiets", "expires_at_s": in_a_month_s()}
    post = await made(await walk.group.token("member", "002"), "/posts", offer)
    path, theirs = "/accounts/001/reports", {"post": walk.ids["name"], "group": walk.other.node.id}

    one = await made(anna, path, {"text": "Dit klopt niet", "post": post["post"]}, "1")
    two = await made(anna, path, {"text": "Dit ook niet"} | theirs, "2")
    unknown = await anna.post(path, {"text": "Wat?", "post": "777"}, "3")
    both = {"text": "Wat?", "post": post["post"], "thread": walk.ids["thread"]}
    wrong = await anna.post(path, both, "4")

    found = {each["report"]: each for each in (await staff.get("/reports")).json["reports"]}
    ours, elsewhere = found[one["report"]], found[two["report"]]
    assert (ours["post"], ours["quoted"], ours["about"]["code"]) == (post["post"], "Fiets", "002")
    assert (elsewhere["quoted"], elsewhere["about"]["group"]) == ("Ladder", walk.other.node.id)
    assert ours["at_s"] <= now_s()
    assert unknown.json["code"] == "post_unknown"
    assert wrong.json["field"] == "post"
