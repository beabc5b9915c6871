"""After an old backup: what members did comes back, or is done anew behind the longer log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from events.restore import Mode
from federation.members import projector
from federation.node.postgres import PostgresServer
from federation.node.use_cases import account_by_code
from federation.node.verify import verify_log
from tests.federation.members.conftest import later
from tests.federation.world.backups import Backups, groups, pay, recovery_key
from tests.federation.world.conftest import World, WorldNode, eventually


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    made = Backups(postgres_server)
    yield made
    await made.close()


async def place(node: WorldNode, **said: Any) -> int:
    fields = {"code": "001", "title": "Soep", "expires_at_s": later()} | said
    return int((await node.ask("post.place", **fields))["post"])


async def titles(node: WorldNode) -> list[str]:
    await projector.reached(node.node, node.node.sequencer.size - 1)
    rows = await node.node.pool.fetch(
        "SELECT title, shown FROM plain.post WHERE node = '' ORDER BY post::bigint"
    )
    return [row["title"] if row["shown"] else f"({row['title']})" for row in rows]


async def test_what_nobody_saw_is_done_anew_under_its_new_number(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await backups.take(a, machine=True)
    await place(a, title="Van voor de ramp")
    await pay(a, 3)
    await koepel.ask("audit.report")
    await backups.restore(a, machine=True)
    await koepel.stop()
    await b.stop()
    await a.start()
    assert a.node.gate.mode is Mode.RELEASES_NOTHING
    category = (await a.ask("category.place", name="Keuken"))["category"]
    first = await place(a, title="Taart", category=category)
    second = await place(a, title="Wafels")
    await a.ask("post.end", post=second)
    await a.ask("post.place", post=first, title="Appeltaart", expires_at_s=later())
    await a.ask("member.describe", code="001", name="Anna")
    await a.ask("member.join", code="001", name="Dirk", address="dirk@voorbeeld.invalid")
    await a.ask("member.join", code="001", name="Els", address="els@voorbeeld.invalid")
    await a.ask("member.leave", code="001", person=1)
    await a.ask("member.helper", code="001", helper="002")
    await a.ask("member.role", code="002", role="coordinator")
    await a.ask("member.rules", members_see_balances=True)
    await a.ask("group.share_names", names_shared=True)
    await a.ask("member.share_name", code="001", by="001", shares=True)
    await a.ask("member.pause", code="002")
    await b.start()
    await koepel.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)

    report = await a.ask("node.recover", key=recovery_key(a))

    assert report["mode"] == "open", report
    tail = [line.partition(", ")[2] for line in report["tail"]]
    assert len(tail) == 15
    assert all(": appended anew" in line for line in tail), tail
    assert await titles(a) == ["", "Appeltaart", "(Wafels)"]  # texts since the backup are lost
    seen = await a.ask("member.show", code="001")
    assert [person["name"] for person in seen["persons"]] == ["Anna", "Els"]
    assert (await a.ask("member.show", code="002"))["roles"] == ["coordinator"]
    members = a.node.machine.books.members
    assert members.names_shared
    assert members.members_see_balances
    assert members.shares_name(account_by_code(a.node, "001").account)
    assert (await verify_log(a.folder)).findings == []
