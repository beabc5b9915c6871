"""What is a member's own over the API: mails it wants, all its data, whom it blocks, its months."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pytest

from federation.mail.kinds import ALWAYS
from federation.node.service import now_s
from schemas.ids import SAFE_INTEGER
from tests.federation.api.conftest import Group
from tests.federation.api.test_agreeing import made
from tests.federation.api.test_walk import walk
from tests.federation.api.walking import Walk, in_a_month_s, jpeg

__all__ = ["walk"]

ADDRESS = {"name": "Anna", "contacts": [{"kind": "mail", "value": "anna@mail.example"}]}


async def test_a_member_chooses_its_mails_as_a_whole(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    await anna.ask("PUT", "/members/001/description", json=ADDRESS)
    before = (await anna.get("/me/mail")).json

    chosen = {"wanted": ["booked", "asked"], "language": "fr", "evening": 22, "morning": 7}
    after = await anna.ask("PUT", "/me/mail", json=chosen)

    assert before["wanted"] == before["may_choose"]
    assert not {kind.value for kind in ALWAYS} & set(before["may_choose"])
    assert "address_marked" not in before["may_choose"], "of coordinators only"
    assert (before["address"], before.get("marked_at_s")) == ("anna@mail.example", None)
    assert set(after.json["wanted"]) == {"booked", "asked"}
    assert (after.json["language"], after.json["evening"], after.json["morning"]) == ("fr", 22, 7)
    assert (await anna.get("/me/mail")).json == after.json
    assert (await bert.get("/me/mail")).json["wanted"] == before["wanted"]


@pytest.mark.parametrize(
    ("wanted", "evening", "field"),
    [(["login"], 22, "wanted"), (["address_marked"], 22, "wanted"), (["booked"], 3, "evening")],
)
async def test_what_cannot_be_chosen_is_refused_and_changes_nothing(
    group: Group, wanted: list[str], evening: int, field: str
) -> None:
    anna = await group.token("member", "001")
    before = (await anna.get("/me/mail")).json

    chosen = {"wanted": wanted, "evening": evening, "morning": 7}
    answer = await anna.ask("PUT", "/me/mail", json=chosen)

    assert (answer.json["code"], answer.json["field"]) == ("malformed", field)
    assert (await anna.get("/me/mail")).json == before


async def test_an_address_from_which_mails_came_back_works_again(group: Group) -> None:
    anna = await group.token("member", "001")
    await anna.ask("PUT", "/members/001/description", json=ADDRESS)
    account = group.node.machine.books.ledger.codes["001"]
    await group.node.pool.execute(
        "INSERT INTO plain.mail_address (address_key, account, person, reply, marked_at_s)"
        " VALUES ('anna@mail.example', $1, 0, '550 unknown', 1700000000)",
        account,
    )

    marked = (await anna.get("/me/mail")).json
    works = await made(anna, "/me/mail/works", {})

    assert marked["marked_at_s"] == 1_700_000_000
    assert works.get("marked_at_s") is None


async def test_all_data_of_a_member_comes_as_one_zip(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    taken = await anna.post(
        "/accounts/001/pictures", None, "p", data=jpeg(), headers={"Content-Type": "image/jpeg"}
    )
    shown = {name: taken.json[name] for name in ("digest", "size")}
    offer = {"code": "001", "want": False, "title": "Fiets", "expires_at_s": in_a_month_s()}
    await made(anna, "/posts", offer | {"pictures": [shown]})
    await made(anna, "/accounts/001/threads", {"other": "002", "text": "Dag Bert"})

    files = {}
    for asker, language in ((anna, "fr"), (bert, "nl")):
        headers = {"Authorization": f"Bearer {asker.secret}"}
        url = f"{group.node.settings.public_url}/api/v1/me/data?language={language}"
        async with group._session.get(url, headers=headers) as answer:
            assert (answer.status, answer.content_type) == (200, "application/zip")
            assert answer.headers["Transfer-Encoding"] == "chunked", "sent while it is made"
            with zipfile.ZipFile(BytesIO(await answer.read())) as packed:
                assert packed.testzip() is None
                files[language] = {name: packed.read(name) for name in packed.namelist()}

    assert "mijn-gegevens/toestellen.json" in files["nl"]
    french = {name.partition("/")[2]: content for name, content in files["fr"].items()}
    (posts,) = [
        json.loads(text) for name, text in french.items() if b"Fiets" in text and "json" in name
    ]
    assert [post["title"] for post in posts] == ["Fiets"]
    assert sum(name.endswith(".jpg") for name in french) == 1
    assert any(b"Dag Bert" in text for text in french.values())
    assert not any(b"Fiets" in text for text in files["nl"].values())
    assert any(b"Dag Bert" in text for text in files["nl"].values())


async def test_a_token_of_a_helper_gives_the_helpers_own_data(group: Group) -> None:
    anna = await group.token("member", "001")
    await group.world_node.ask("member.helper", code="001", helper="002")
    helper = await group.token("member", "002")
    chosen = {"wanted": [], "evening": 22, "morning": 7}

    await helper.ask("PUT", "/me/mail", json=chosen)

    assert (await helper.get("/me/mail")).json["wanted"] == []
    assert (await anna.get("/me/mail")).json["wanted"] != []


async def test_whom_somebody_blocks_is_listed_until_it_is_taken_back(group: Group) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    path = "/accounts/001/blocks"

    await anna.ask("PUT", path, json={"other": "002", "blocked": True})
    listed = (await anna.get(path)).json["blocked"]
    await anna.ask("PUT", path, json={"other": "002", "blocked": False})

    assert [(one["code"], one["name"]) for one in listed] == [("002", "Lid 002")]
    assert (await anna.get(path)).json["blocked"] == []
    assert (await bert.get("/accounts/002/blocks")).json["blocked"] == []


async def test_the_last_months_are_told_in_figures(group: Group) -> None:
    anna, auditor = await group.token("member", "001"), await group.token("auditor")
    for key, amount in (("a", 5), ("b", 7)):
        said = {"payer": "001", "payee": "002", "amount_minor": amount}
        await made(anna, "/transfers", said, key)
    back = {"payer": "002", "payee": "001", "amount_minor": 4}
    await made(await group.token("member", "002"), "/transfers", back)

    told = (await anna.get("/accounts/001/months")).json["months"]
    few = (await auditor.get("/accounts/001/months?count=2")).json["months"]

    assert len(told) == 12
    last = told[-1]
    assert (last["received_minor"], last["given_minor"], last["balance_minor"]) == (4, 12, -8)
    assert told[0]["balance_minor"] == 0
    assert [month["month"] for month in told] == sorted(month["month"] for month in told)
    assert last["starts_at_s"] <= now_s()
    assert few == told[-2:]


async def test_a_neighbours_statement_is_read_where_members_see_it(group: Group) -> None:
    anna, staff = await group.token("member", "001"), await group.token("coordinator", "003")
    said = {"payer": "002", "payee": "003", "amount_minor": 5, "description": "Soep"}
    await made(await group.token("member", "002"), "/transfers", said)

    closed = await anna.get("/members/002/statement")
    await staff.ask("PUT", "/rules", json={"members_see_balances": True})
    opened = await anna.get("/members/002/statement")
    by_text = await anna.get("/members/002/statement?text=soep")

    assert (closed.status, closed.json["code"]) == (403, "forbidden")
    assert [(line["amount_minor"], line["description"]) for line in opened.json["lines"]] == [
        (-5, "")
    ]
    assert by_text.json["lines"] == []  # a search would tell what was said
    assert (await anna.get("/accounts/002/statement")).status == 404


async def test_room_without_end_is_told_as_far_as_one_transfer_goes(group: Group) -> None:
    anna, staff = await group.token("member", "001"), await group.token("coordinator", "003")
    back = {"payer": "002", "payee": "001", "amount_minor": 2}
    await made(await group.token("member", "002"), "/transfers", back)

    wide = {"lower_minor": -SAFE_INTEGER, "upper_minor": SAFE_INTEGER}
    await staff.ask("PUT", "/accounts/001/limits", json=wide)

    told = (await anna.get("/accounts/001")).json
    assert (told["may_give_minor"], told["may_take_minor"]) == (SAFE_INTEGER, SAFE_INTEGER - 2)


async def test_a_member_signs_its_own_devices_out_and_nobody_elses(walk: Walk) -> None:
    anna, bert = await walk.group.token("member", "001"), await walk.group.token("member", "002")
    path = f"/me/devices/{walk.ids['device']}/end"

    theirs = await made(bert, path, {})
    before = (await anna.get("/me/devices")).json["devices"]
    after = await made(anna, path, {})

    assert theirs["devices"] == []
    assert [(one["device"], one["name"]) for one in before] == [
        (walk.ids["device"], "Firefox op Linux")
    ]
    assert after["devices"] == []


async def test_only_a_member_itself_lets_its_name_be_found(group: Group) -> None:
    anna, staff = await group.token("member", "001"), await group.token("coordinator", "003")
    path = "/members/001/name-shared"

    early = await anna.ask("PUT", path, json={"shares": True})
    await staff.ask("PUT", "/rules", json={"members_see_balances": True, "names_shared": True})
    rules = await staff.ask("PUT", "/rules", json={"members_see_balances": False})
    by_staff = await staff.ask("PUT", path, json={"shares": True})
    said = await anna.ask("PUT", path, json={"shares": True})
    again = await anna.ask("PUT", path, json={"shares": True})
    elsewhere = await anna.get("/members/002/name-shared")
    taken_back = await staff.ask("PUT", path, json={"shares": False})

    assert early.json["code"] == "names_not_shared"
    assert rules.json == {"members_see_balances": False, "names_shared": True}
    assert by_staff.json["code"] == "not_yours"
    assert said.json == again.json == {"group_shares": True, "shares": True, "found": True}
    assert elsewhere.status == 404
    assert taken_back.json == {"group_shares": True, "shares": False, "found": False}


async def test_a_member_shows_a_picture_of_itself_and_a_description_leaves_it(
    group: Group,
) -> None:
    anna, bert = await group.token("member", "001"), await group.token("member", "002")
    taken = await anna.post(
        "/accounts/001/pictures", None, "p", data=jpeg(), headers={"Content-Type": "image/jpeg"}
    )
    picture = {name: taken.json[name] for name in ("digest", "size")}
    hidden = await bert.get(f"/pictures/{picture['digest']}")

    shown = await anna.ask("PUT", "/members/001/picture", json={"picture": picture})
    theirs = await bert.ask("PUT", "/members/002/picture", json={"picture": picture})
    others = await bert.ask("PUT", "/members/001/picture", json={})
    await anna.ask("PUT", "/members/001/description", json=ADDRESS)
    seen = await bert.get("/members/001")
    listed = await bert.get("/members")
    file = await bert.get(f"/pictures/{picture['digest']}?small=true")
    gone = await anna.ask("PUT", "/members/001/picture", json={})

    assert (hidden.status, shown.json["picture"], file.status) == (404, picture, 200)
    assert (theirs.json["code"], others.json["code"]) == ("picture_unknown", "not_found")
    assert (seen.json["name"], seen.json["picture"]) == ("Anna", picture)
    assert [one.get("picture") for one in listed.json["members"]] == [picture, None, None]
    assert gone.json["picture"] is None
