"""Trades with groups reached by mail, over the API: begun, told, taken back, given back."""

from __future__ import annotations

from typing import Any

from federation.members import partners
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key
from tests.federation.api.conftest import Answer, Asker, Group

SAID: dict[str, Any] = {"gives": True, "amount_minor": 5, "person": "Els", "description": "Soep"}


async def reached(group: Group, name: str = "LETS Veraf", code: str = "veraf") -> str:
    form = partners.PartnerForm(
        group=name,
        contact="Vera",
        address="vera@mail.example",
        language="nl",
        lower_minor=-100,
        upper_minor=100,
        code=code,
    )
    return str(await partners.reach(group.node, OPERATOR, form, key=new_key()))


async def ask(member: Asker, partner: str, key: str = "a", **instead: Any) -> Answer:
    said = SAID | {"partner": partner} | instead
    return await member.post("/accounts/001/mailed-trades", said, key)


async def balance(member: Asker) -> int:
    return int((await member.get("/accounts/001")).json["balance_minor"])


async def test_a_member_starts_a_trade_by_mail_once_and_reads_how_it_stands(group: Group) -> None:
    partner, member = await reached(group), await group.token("member", "001")
    assert (await member.get("/mailed-groups")).json["groups"] == [
        {"partner": partner, "code": "veraf", "name": "LETS Veraf", "paused": False, "reason": ""}
    ]

    made, again = await ask(member, partner), await ask(member, partner)
    other = await ask(member, partner, amount_minor=6)

    assert (made.status, again.json, other.json["code"]) == (201, made.json, "conflict")
    assert await balance(member) == 0, "it stands apart until the contact confirms"
    trade = f"/accounts/001/trades/{made.json['trade']}"
    assert (await member.get(trade)).json["state"] == "held"
    name = made.json["trade"]
    listed = (await member.get("/accounts/001/trades")).json["trades"]
    assert [one["trade"] for one in listed] == [name]
    await partners.confirm(group.node, int(partner), name, expected_minor=5)
    assert await balance(member) == -5
    assert (await member.get(trade)).json["state"] == "settled"


async def test_a_trade_by_mail_is_taken_back_until_it_is_confirmed(group: Group) -> None:
    partner, member = await reached(group), await group.token("member", "001")
    made = await ask(member, partner)

    taken = await member.post(f"/accounts/001/trades/{made.json['trade']}/decline", {}, "b")

    assert taken.status == 200
    assert (await member.get(f"/accounts/001/trades/{made.json['trade']}")).json["state"] in (
        "cancelled",
        "refused",
    )
    assert await balance(member) == 0


async def test_what_the_pages_refuse_the_api_refuses_by_name(group: Group) -> None:
    partner, member = await reached(group), await group.token("member", "001")
    staff = await group.token("coordinator", "003")

    assert (await ask(member, "999", "1")).json["code"] == "account_unknown"
    assert (await ask(member, partner, "2", amount_minor=1_000_000)).json["code"] == "payee_limit"
    assert (await ask(member, partner, "3", person=" ")).json["code"] == "text_missing"
    await partners.pause(
        group.node, OPERATOR, int(partner), paused=True, reason="Verhuis", key=new_key()
    )
    assert (await ask(member, partner, "4")).json["code"] == "partner_paused"
    assert (await member.get("/mailed-groups")).json["groups"][0]["reason"] == "Verhuis"
    other = {**SAID, "partner": partner}
    assert (await member.post("/accounts/002/mailed-trades", other, "5")).status == 404
    assert (await member.get(f"/mailed-groups/{partner}")).json["code"] == "forbidden"
    assert (await staff.get("/mailed-groups/999")).json["code"] == "not_found"


async def test_a_coordinator_sees_what_is_open_without_what_it_is_for_and_gives_back_once(
    group: Group,
) -> None:
    partner, member = await reached(group), await group.token("member", "001")
    staff = await group.token("coordinator", "003")
    made = await ask(member, partner)
    waiting = await staff.get(f"/mailed-groups/{partner}")
    (open_,) = waiting.json["open"]
    assert (open_["trade"], open_["code"], open_["amount_minor"]) == (made.json["trade"], "001", 5)
    assert "Soep" not in waiting.text
    assert "vera@mail.example" not in waiting.text, "who answers is on the page, for those who mail"
    await partners.confirm(group.node, int(partner), made.json["trade"], expected_minor=5)
    (booked,) = (await staff.get(f"/mailed-groups/{partner}")).json["booked"]
    path = f"/mailed-groups/{partner}/trades/{booked['booking']}/reversal"
    other = await reached(group, "LETS Elders", "elders")
    elsewhere = path.replace(f"/{partner}/", f"/{other}/")
    wrong = await staff.post(elsewhere, {"reason": "Vergissing"}, "t")
    assert wrong.json["code"] == "reversal_unknown"

    back = await staff.post(path, {"reason": "Vergissing"}, "r")
    again = await staff.post(path, {"reason": "Vergissing"}, "r")
    twice = await staff.post(path, {"reason": "Vergissing"}, "s")

    assert back.status == again.status == 200
    assert back.json == again.json
    assert twice.json["code"] == "already_reversed"
    assert await balance(member) == back.json["balance_minor"] == 0
    assert [(one["reversed"], one["reversal"]) for one in back.json["booked"]] == [
        (False, True),
        (True, False),
    ]
    assert (await member.post(path, {"reason": "Vergissing"}, "u")).json["code"] == "forbidden"
