"""What tables hold about agreeing is what the log says: after a start, a rebuild, a recovery."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from events.restore import Mode
from federation.node.postgres import PostgresServer
from federation.node.rebuild import rebuild_tables
from federation.node.verify import verify_log
from schemas.encoding import b64
from tests.federation.members.conftest import Group
from tests.federation.world.backups import Backups, groups, pay, recovery_key
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.test_verify import intruder

TABLES = (
    "SELECT * FROM request ORDER BY request",
    "SELECT * FROM booking_reversal ORDER BY original",
    "SELECT * FROM activity ORDER BY activity",
    "SELECT * FROM member_block ORDER BY account",
    "SELECT * FROM thread_message ORDER BY seq, account",
    "SELECT * FROM thanks ORDER BY seq",
    "SELECT * FROM report ORDER BY seq",
)
CHANGES = {
    "request": "UPDATE request SET state = convert_to(replace(convert_from(state, 'UTF8'), "
    "'\"payee\"', '\"payef\"'), 'UTF8') WHERE NOT open",
    "booking_reversal": "UPDATE booking_reversal SET reversal = reversal + 1000",
    "activity": "DELETE FROM activity",
    "member_block": "DELETE FROM member_block",
    "thread_message": "UPDATE thread_message SET thread = 'x' WHERE account = 5",
}
DAY = {"starts_at_s": 4_000_000_000, "ends_at_s": 4_000_003_600}


def key(number: int) -> str:
    return b64(bytes(15) + bytes([number]))


async def lively(node: WorldNode) -> None:
    """Let something of every kind happen; members 001 and 002."""
    begun = await node.ask("thread.start", by="001", code="002", text="Hallo", key=key(1))
    name = begun["thread"]
    asked = await node.ask("thread.propose", by="002", thread=name, amount_minor=4)
    to = asked["standing"]["id"]
    await node.ask("thread.answer", by="001", thread=name, reply="yes", to=to)
    paid = await node.ask("thread.book", by="001", thread=name, description="Ramen")
    await node.ask("trade.thank", by="001", trade=paid["id"], text="Helder", public=True)
    back = await node.ask("trade.reverse", by="001", trade=paid["id"])
    await node.ask("trade.consent", by="002", trade=back["id"])
    for number, by in ((2, "001"), (3, "002")):
        await node.ask("trade.ask", by="002", payer="001", amount_minor=3, key=key(number))
        await node.ask("trade.decline", by=by, trade=key(number))
    await node.ask("trade.ask", by="002", payer="001", amount_minor=7, key=key(4))
    placed = await node.ask("activity.place", by="001", title="Hagen", **DAY)
    number = placed["activity"]
    await node.ask("activity.join", by="002", activity=number)
    await node.ask("activity.spread", by="001", activity=number, helpers=["002"], total_minor=2)
    off = await node.ask("activity.place", by="001", title="Toch niet", **DAY)
    await node.ask("activity.cancel", by="001", activity=off["activity"])
    await node.ask("member.role", code="002", role="coordinator")
    await node.ask(
        "collective.book", by="002", amount_minor=2, description="Bijdrage", members=["001"]
    )
    given = await node.ask(
        "collective.book", by="002", amount_minor=5, description="Feest", gives=True
    )
    await node.ask("collective.reverse", by="002", original=given["seq"])
    await node.ask("report.make", by="001", text="Let eens op", key=key(5))
    await node.ask("member.block", by="001", code="002")


async def shown(node: WorldNode) -> list[Any]:
    """Give all that the two members see of it."""
    found: list[Any] = []
    for by in ("001", "002"):
        found.append(await node.ask("thread.show", by=by, thread=key(1)))
        found.append(await node.ask("trade.list", by=by))
        found.append(await node.ask("activity.list", by=by))
    found.append(await node.ask("collective.list", by="002"))
    return found


async def stored(node: WorldNode) -> list[list[Any]]:
    return [[tuple(row) for row in await node.node.pool.fetch(query)] for query in TABLES]


async def test_a_start_and_a_rebuild_give_what_was_there(group: Group) -> None:
    node = group.world
    await lively(node)
    before, seen = await stored(node), await shown(node)
    assert all(before)
    settings = node.folder.settings()

    for chunk in (0, 1, 4096):
        await node.stop()
        if chunk:
            await rebuild_tables(settings.database, settings.database_owner, chunk=chunk)
            assert (await verify_log(node.folder)).findings == []
        await node.start()
        assert await shown(node) == seen
        if chunk:
            assert await stored(node) == before

    consented = await node.ask("trade.consent", by="001", trade=key(4), expected_minor=7)
    assert consented["state"] == "settled"


async def test_verify_names_the_table_that_was_changed(
    group: Group, postgres_server: PostgresServer
) -> None:
    await lively(group.world)
    await group.world.stop()
    assert (await verify_log(group.world.folder)).findings == []
    missed: dict[str, list[str]] = {}

    async with intruder(postgres_server, group.world) as connection:
        for name, change in CHANGES.items():
            transaction = connection.transaction()
            await transaction.start()
            assert not (await connection.execute(change)).endswith(" 0")
            await transaction.commit()
            found = {f.what.split()[0] for f in (await verify_log(group.world.folder)).findings}
            if name not in found:
                missed[name] = sorted(found)

    assert missed == {}


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    made = Backups(postgres_server)
    yield made
    await made.close()


async def test_what_nobody_saw_is_agreed_anew_behind_the_longer_log(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await backups.take(a, machine=True)
    await pay(a, 3)
    await pay(a, 3)
    await koepel.ask("audit.report")
    await backups.restore(a, machine=True)
    await koepel.stop()
    await b.stop()
    await a.start()
    assert a.node.gate.mode is Mode.RELEASES_NOTHING
    await lively(a)
    seen = await inside(a)
    await koepel.start()
    await b.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)

    report = await a.ask("node.recover", key=recovery_key(a))

    assert report["mode"] == "open", report
    assert [line for line in report["tail"] if ": appended anew" not in line] == []
    assert await inside(a) == seen
    assert (await verify_log(a.folder)).findings == []


async def inside(node: WorldNode) -> Any:
    """Give what the two see of what happened inside their group."""
    found = [without_places(part) for part in await shown(node)]
    return [
        [one for one in part if not one.get("between")] if isinstance(part, list) else part
        for part in found
    ]


def without_places(found: Any) -> Any:
    """Leave out what is another number behind a longer log: places of events, and times."""
    if isinstance(found, list):
        return [without_places(one) for one in found]
    if isinstance(found, dict):
        left_out = {"seq", "at_s", "expires_at_s", "reverses", "reversed_by"}
        return {name: without_places(v) for name, v in found.items() if name not in left_out}
    return found
