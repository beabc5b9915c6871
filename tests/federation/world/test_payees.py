"""By a letscode another group is told who can be paid, and nothing of who is a member no more."""

from __future__ import annotations

from typing import Any

import pytest

from federation.group.commands import SetStatus
from projections.ledger import code_key
from projections.lines import DONE
from schemas.bodies import AccountStatus
from schemas.errors import Code, RefusedError
from tests.federation.world.conftest import World, WorldNode, eventually


async def becomes(node: WorldNode, code: str, status: AccountStatus) -> None:
    number = node.node.machine.books.ledger.codes[code_key(code)]
    await node.node.do(SetStatus(number, status))


def status(node: WorldNode, code: str) -> AccountStatus:
    ledger = node.node.machine.books.ledger
    return ledger.accounts[ledger.codes[code_key(code)]].status


async def pay(payer: WorldNode, group: str, amount_minor: int, **more: Any) -> dict[str, Any]:
    paid: dict[str, Any] = await payer.ask(
        "pay", payer="001", payee="002", amount_minor=amount_minor, group=group, **more
    )
    return paid


async def told(asker: WorldNode, asked: WorldNode, code: str) -> dict[str, Any]:
    """Give all that is told of a code for which nobody can be paid."""
    with pytest.raises(RefusedError) as refused:
        await asker.ask("pay", payer="001", payee=code, amount_minor=3, group=asked.name)
    return {"code": refused.value.code, **refused.value.facts}


@pytest.mark.parametrize("gone", [AccountStatus.INACTIVE, AccountStatus.INFORMATION])
async def test_a_code_of_who_takes_part_in_no_booking_is_answered_like_one_of_nobody(
    world: World, gone: AccountStatus
) -> None:
    a, b = await world.pair()
    await becomes(b, "002", gone)

    assert await told(a, b, "002") == await told(a, b, "777")
    assert (await told(a, b, "002"))["code"] is Code.PAYEE_UNKNOWN
    with pytest.raises(RefusedError) as refused:
        await a.ask("pay.request", payer="002", payee="001", amount_minor=3, group="beta")
    assert refused.value.code is Code.PAYEE_UNKNOWN
    assert await b.node.pool.fetchval("SELECT count(*) FROM pseudonym") == 0

    await becomes(b, "002", AccountStatus.ACTIVE)
    assert (await pay(a, "beta", 3))["state"] == "settled"


async def test_a_leaver_is_found_by_code_and_paid_as_far_as_zero(world: World) -> None:
    a, b = await world.pair()
    await b.ask("pay", payer="002", payee="001", amount_minor=3, group="alfa")
    await becomes(b, "002", AccountStatus.LEAVING)

    beyond = await pay(a, "beta", 12)
    back = await pay(a, "beta", 9)

    assert (beyond["state"], beyond["code"]) == ("refused", "payee_limit")
    assert back["state"] == "settled"
    await eventually(lambda: status(b, "002") is AccountStatus.INACTIVE)
    assert (await pay(a, "beta", 1))["code"] == "payee_inactive"  # told before: see below


async def test_who_was_told_before_is_refused_in_plain_words_when_the_member_has_left(
    world: World,
) -> None:
    a, b = await world.pair()
    await pay(a, "beta", 3)
    await becomes(b, "002", AccountStatus.INACTIVE)

    refused = await pay(a, "beta", 3)
    asked = await a.ask("pay.request", payer="002", payee="001", amount_minor=3, group="beta")

    assert (refused["state"], refused["code"]) == ("refused", "payee_inactive")
    await eventually(lambda: not open_trades(a))
    (ended,) = await a.ask("transfer.show", path=asked["path"])
    assert (ended["state"], ended["code"]) == ("refused", "payer_unknown")


def open_trades(node: WorldNode) -> list[str]:
    transfers = node.node.machine.books.transfers.values()
    return [trade.path for trade in transfers if trade.phase not in DONE]
