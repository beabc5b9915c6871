"""A leaver's account closes by itself when it comes to zero, whatever moved it there."""

from __future__ import annotations

from federation.node.use_cases import set_status
from schemas.bodies import AccountStatus
from tests.federation.world.conftest import World, WorldNode, eventually


def status(node: WorldNode, code: str) -> AccountStatus:
    ledger = node.node.machine.books.ledger
    return ledger.accounts[ledger.codes[code]].status


async def test_a_leaver_is_gone_once_a_partners_member_has_paid_back(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", payer="001", payee="001", amount_minor=30, group="beta")
    await set_status(a.node, "001", AccountStatus.LEAVING)
    assert status(a, "001") is AccountStatus.LEAVING

    await b.ask("pay", payer="001", payee="001", amount_minor=10, group="alfa")

    await eventually(lambda: status(a, "001") is AccountStatus.INACTIVE)
