"""Hiding posts, closing reports and keeping categories over the API, by a coordinator's token."""

from __future__ import annotations

from tests.federation.api.conftest import Group
from tests.federation.api.test_agreeing import made
from tests.federation.api.walking import in_a_month_s

POST = {"code": "001", "want": False, "title": "Wonderpil", "visibility": "members"}


async def test_a_post_is_hidden_from_others_and_shown_again(group: Group) -> None:
    staff = await group.token("coordinator", "003")
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    placed = await made(anna, "/posts", POST | {"expires_at_s": in_a_month_s()})
    path = f"/posts/{placed['post']}"

    forbidden = await bert.post(path + "/hide", {"reason": "x"}, "f")
    hidden = await staff.post(path + "/hide", {"reason": "Dit is reclame"}, "h")
    again = await staff.post(path + "/hide", {"reason": "Dit is reclame"}, "h2")
    others, own = await bert.get(path), await anna.get(path)
    shown = await staff.post(path + "/unhide", {}, "u")

    assert forbidden.status == 403
    assert (hidden.json["hidden"], hidden.json["shown"]) == (True, False)
    assert again.json["code"] == "already_so"
    assert others.json["code"] == "post_unknown"
    assert own.json["hidden"] is True
    assert (shown.json["hidden"], shown.json["shown"]) == (False, True)
    assert (await bert.get(path)).status == 200


async def test_categories_are_ordered_renamed_and_merged(group: Group) -> None:
    staff, anna = await group.token("coordinator", "003"), await group.token("member", "001")
    garden = (await made(staff, "/categories", {"name": "Tuin"}))["category"]
    house = (await made(staff, "/categories", {"name": "Huis"}, "2"))["category"]
    said = POST | {"category": garden, "expires_at_s": in_a_month_s()}
    post = (await made(anna, "/posts", said))["post"]

    ordered = await staff.ask("PUT", "/categories", json={"categories": [garden, house]})
    named = await staff.ask("PUT", f"/categories/{garden}", json={"name": "Moestuin"})
    before = (await anna.get(f"/posts/{post}")).json["category_name"]
    in_use = await staff.post(f"/categories/{garden}/end", {}, "e1")
    ended = await staff.post(f"/categories/{garden}/end", {"into": house}, "e2")

    assert [one["name"] for one in ordered.json["categories"]] == ["Tuin", "Huis"]
    assert (named.json["name"], before) == ("Moestuin", "Moestuin")
    assert in_use.json["code"] == "category_unknown"
    assert [one["name"] for one in ended.json["categories"]] == ["Huis"]
    assert (await anna.get(f"/posts/{post}")).json["category"] == house


async def test_a_report_is_closed_with_a_note(group: Group) -> None:
    staff, anna = await group.token("coordinator", "003"), await group.token("member", "001")
    report = (await made(anna, "/accounts/001/reports", {"text": "Vuile zaal"}))["report"]

    await staff.post(f"/reports/{report}/handled", {"note": "Gepoetst"}, "h")

    (told,) = (await staff.get("/reports")).json["reports"]
    assert (told["handled_by"], told["note"]) == ("003", "Gepoetst")
