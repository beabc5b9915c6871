"""Collective bookings on a node: planned, booked once as shown, in every statement, given back."""

from __future__ import annotations

from typing import Any

import pytest

from events.tlog_proof import TlogProof
from federation.group.collective import Beyond
from federation.group.collective_recipes import Basis
from federation.members import booking_proof, collective, trades
from federation.members.collective import Recipe
from federation.node.service import cosigned_checkpoint
from federation.node.use_cases import set_limits
from federation.node.verify import verify_log
from projections.receipt import read_receipt
from schemas.encoding import b64, unb64
from schemas.errors import Code, RefusedError
from tests.federation.members.conftest import Group


def key(number: int) -> str:
    return b64(bytes(15) + bytes([number]))


async def contribute(group: Group, amount_minor: int = 4, **changed: Any) -> Any:
    asked = {"by": "003", "amount_minor": amount_minor, "description": "Bijdrage 2026"}
    return await group.ask("collective.book", **(asked | changed))


async def balances(group: Group) -> dict[str, int]:
    found = await group.ask("account.list")
    return {row["code"]: row["balance"] for row in found}


async def statement(group: Group, code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await group.ask("account.statement", code=code))["lines"]
    return found


async def test_everybody_contributes_and_finds_it_in_the_statement(group: Group) -> None:
    made = await contribute(group)

    assert (made["total_minor"], made["members"], made["gives"]) == (12, 3, False)
    assert made["description"] == "Bijdrage 2026"
    assert made["entered_by"]["code"] == "003"
    for code in ("001", "002", "003"):
        (line,) = await statement(group, code)
        assert (line["amount_minor"], line["balance_minor"]) == (-4, -4)
        assert (line["other"], line["description"]) == ("secretariaat", "Bijdrage 2026")
    (own,) = await statement(group, "secretariaat")
    assert (own["amount_minor"], own["description"]) == (12, "Bijdrage 2026")
    (trade,) = await group.ask("trade.list", by="001")
    (read,) = await trades.trades_of(group.node, group.reader("001"))
    assert (read.description, trade["other"]["name"]) == ("Bijdrage 2026", "alfa")
    assert (trade["gives"], trade["more"], trade["actions"]) == (True, 0, [])


async def test_the_same_key_books_once_also_after_balances_moved(group: Group) -> None:
    once = await contribute(
        group, basis="balance", amount_minor=0, key=key(1), members=["001"], amounts_minor=[3]
    )
    await group.ask("pay", payer="001", payee="002", amount_minor=5)
    again = await contribute(group, basis="balance", amount_minor=10, key=key(1))

    assert again == once


async def test_what_was_shown_is_booked_or_it_is_said_why_not(group: Group) -> None:
    carla = group.reader("003")
    one = collective.group_account(group.node, carla)
    await set_limits(group.node, "001", lower_minor=-3, upper_minor=None)
    recipe = Recipe(one=one, gives=False, basis=Basis.EACH, amount_minor=5, beyond=Beyond.LOWER)
    planned = await collective.plan(group.node, carla, recipe)
    assert [(row.member.name, row.amount_minor) for row in planned.rows] == [
        ("Anna", 3),
        ("Bert", 5),
        ("Carla", 5),
    ]
    assert planned.rows[0].refusal is not None
    assert planned.rows[0].refusal.code is Code.PAYER_LIMIT

    await group.ask("pay", payer="001", payee="002", amount_minor=1)
    with pytest.raises(RefusedError) as refused:
        await collective.book(
            group.node,
            carla,
            one=one,
            gives=False,
            shares=planned.shares,
            description="Bijdrage",
            key=key(2),
        )

    assert refused.value.code is Code.PAYER_LIMIT
    assert await collective.made(group.node, carla) == []


async def test_it_is_given_back_in_one_go_and_the_log_verifies(group: Group) -> None:
    made = await contribute(group, gives=True)

    back = await group.ask("collective.reverse", by="003", original=made["seq"])

    assert (back["reverses"], back["total_minor"]) == (made["seq"], 12)
    listed = await group.ask("collective.list", by="003")
    assert [(one["seq"], one["reversed_by"]) for one in listed] == [
        (back["seq"], None),
        (made["seq"], back["seq"]),
    ]
    (_, trade) = await group.ask("trade.list", by="001")
    assert trade["state"] == "reversed"
    await group.world.stop()
    assert (await verify_log(group.world.folder)).findings == []
    await group.world.start()


async def test_only_coordinators_look_or_book(group: Group) -> None:
    asked = {"by": "001", "amount_minor": 4}
    for name, more in (
        ("plan", {}),
        ("book", {"description": "Bijdrage"}),
        ("plan", {"one": "001"}),
    ):
        with pytest.raises(RefusedError) as refused:
            await group.ask(f"collective.{name}", **asked, **more)
        assert refused.value.code is Code.FORBIDDEN
    with pytest.raises(RefusedError):
        await group.ask("collective.list", by="001")


async def test_the_proof_of_a_contribution_opens_what_it_was_for(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booking_proof, "witnessed_checkpoint", cosigned_checkpoint)
    made = await contribute(group)
    anna = group.reader("001")

    file = await booking_proof.proof_file(group.node, anna, group.account("001"), made["seq"])

    receipt = read_receipt(TlogProof.parse(file))
    assert receipt.text is not None
    assert b"Bijdrage 2026" in unb64(receipt.text.bytes)
