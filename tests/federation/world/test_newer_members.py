"""Members who are newer than the backup that a node was restored from are still found by others."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from events.restore import Mode
from federation.node.postgres import PostgresServer
from tests.federation.world.backups import Backups, balances, groups, pay, recovery_key
from tests.federation.world.conftest import World, eventually


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    made = Backups(postgres_server)
    yield made
    await made.close()


async def test_members_newer_than_the_backup_are_paid_each_their_own(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await pay(a, 3)
    await backups.take(a)
    for code in ("003", "004", "005"):
        await a.ask("member.add", code=code, name=f"Lid {code}")
    payment = {"payer": "001", "group": "alfa", "amount_minor": 5}
    await b.ask("pay", **payment, payee="003")  # beta knows this one by name from before
    await pay(a, 3)
    await koepel.ask("audit.report")
    await backups.restore(a)
    await a.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)
    assert (await a.ask("node.recover", key=recovery_key(a)))["mode"] == "open"

    for code in ("004", "005"):
        assert (await b.ask("pay", **payment, payee=code))["state"] == "settled"
    states = [(await b.ask("pay", **payment, payee="003"))["state"] for _ in range(2)]

    found = await balances(a)
    assert (found["004"], found["005"]) == (5, 5)
    assert states[-1] == "settled", "who is not known by the old name is asked for again"
    assert found["003"] == 5 + 5 * states.count("settled")
