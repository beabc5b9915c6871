"""What comes back is not believed: each changed byte is refused by name, and nothing is written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from events.restore import Mode
from federation.node.postgres import PostgresServer
from federation.node.verify import verify_log
from schemas.errors import Code, VerificationError
from tests.federation.world.backups import Backups, groups, ids, pay, recovery_key
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.federation.world.test_verify import intruder

CHANGES = {
    "core": (
        """UPDATE mirror_event SET core = pg_temp.flip(core)
        WHERE node = $1 AND seq = (SELECT max(seq) - 1 FROM mirror_event WHERE node = $1)""",
        {Code.NOT_CANONICAL, Code.MALFORMED, Code.BAD_SIGNATURE, Code.BAD_PROOF},
        "event {before_last}",
    ),
    "signature": (
        """UPDATE mirror_event SET signature = pg_temp.flip(signature)
        WHERE node = $1 AND seq = (SELECT max(seq) - 1 FROM mirror_event WHERE node = $1)""",
        {Code.BAD_SIGNATURE},
        "event {before_last}",
    ),
    "sealed bodies": (
        "UPDATE mirror_bodies SET sealed = pg_temp.flip(sealed) WHERE node = $1",
        {Code.BAD_COMMITMENT},
        "the sealed bodies of events 0 to ",
    ),
}
"""Each undoes itself when it is done twice: what to run, which code, what is named."""


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    made = Backups(postgres_server)
    yield made
    await made.close()


async def restored(world: World, backups: Backups) -> tuple[WorldNode, WorldNode, WorldNode]:
    """Give a node restored from an old backup that others have seen more of."""
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await backups.take(a)
    await a.ask("pay", payer="001", payee="002", amount_minor=4, description="appels")
    await pay(a, 30)
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units)
    await koepel.ask("audit.report")
    await backups.restore(a)
    await a.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)
    await eventually(lambda: len(a.node.question.answers) == 2)
    return a, b, koepel


async def refused(a: WorldNode) -> VerificationError:
    """Recover, and give what was said; nothing may have changed."""
    before = await ids(a)
    with pytest.raises(VerificationError) as error:
        await a.ask("node.recover", key=recovery_key(a))
    assert await ids(a) == before
    assert a.node.gate.mode is Mode.READ_ONLY
    assert (await verify_log(a.folder)).findings == []
    return error.value


async def test_changed_bytes_of_the_mirror_are_refused_by_name(
    world: World, backups: Backups, postgres_server: PostgresServer
) -> None:
    a, _, koepel = await restored(world, backups)
    size = int(await koepel.node.pool.fetchval(SIZE, a.node.id))
    wrong: dict[str, Any] = {}

    async with intruder(postgres_server, koepel) as connection:
        for name, (change, codes, named) in CHANGES.items():
            assert not (await connection.execute(change, a.node.id)).endswith(" 0")
            error = await refused(a)
            await connection.execute(change, a.node.id)
            field = str(error.facts.get("field"))
            if error.code not in codes or named.format(before_last=size - 2) not in field:
                wrong[name] = (error.code, error.facts)

    assert wrong == {}
    report = await a.ask("node.recover", key=recovery_key(a))
    assert report["mode"] == "open"
    assert len(await ids(a)) == size


SIZE = "SELECT max(seq) + 1 FROM mirror_event WHERE node = $1"
SWAP = {
    "bodies": """UPDATE mirror_bodies SET sealed = other.sealed, width = other.width
        FROM (SELECT sealed, width FROM mirror_bodies WHERE node = $2 AND tile = 0
              ORDER BY width DESC LIMIT 1) AS other
        WHERE mirror_bodies.node = $1 AND tile = 0""",
    "entries": """UPDATE mirror_event SET core = other.core, signature = other.signature
        FROM mirror_event AS other
        WHERE mirror_event.node = $1 AND other.node = $2 AND other.seq = mirror_event.seq
          AND mirror_event.seq >= (SELECT max(seq) - 2 FROM mirror_event WHERE node = $1)""",
}


@pytest.mark.parametrize("what", sorted(SWAP))
async def test_what_belongs_to_another_node_is_refused(
    world: World, backups: Backups, postgres_server: PostgresServer, what: str
) -> None:
    a, b, koepel = await restored(world, backups)

    async with intruder(postgres_server, koepel) as connection:
        done = await connection.execute(SWAP[what], a.node.id, b.node.id)
    error = await refused(a)

    assert not done.endswith(" 0")
    if what == "bodies":
        assert error.code is Code.BAD_COMMITMENT
        assert "the sealed bodies of events 0 to " in str(error.facts["field"])
    else:
        assert error.code in {Code.MALFORMED, Code.BAD_PROOF}
        assert str(error.facts["field"]).startswith("event ")


async def test_own_events_that_a_partner_changed_are_refused(
    world: World, backups: Backups, postgres_server: PostgresServer
) -> None:
    a, b, _ = await groups(world, umbrella=False)
    await backups.take(a)
    await pay(a, 30)
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units)
    await backups.restore(a)
    await a.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)
    change = """UPDATE line_inbox SET signature = pg_temp.flip(signature)
        WHERE n = (SELECT max(n) FROM line_inbox)"""
    async with intruder(postgres_server, b) as connection:
        await connection.execute(change)

    error = await refused(a)

    assert error.code is Code.BAD_SIGNATURE
    assert str(error.facts["field"]).startswith("event ")


async def test_a_partner_that_brings_another_chain_than_was_seen_stops_it(
    world: World, backups: Backups, postgres_server: PostgresServer
) -> None:
    a, b, _ = await restored(world, backups)
    change = """UPDATE log_event SET core = pg_temp.flip(core)
        WHERE seq = (SELECT seq FROM line_event WHERE n = 2)"""
    async with intruder(postgres_server, b) as connection:
        await b.stop()
        await connection.execute(change)
        await b.start()
        before = await ids(a)
        with pytest.raises(VerificationError):
            await a.ask("node.recover", key=recovery_key(a))
        assert (await ids(a))[: len(before)] == before
        assert (await verify_log(a.folder)).findings == []
        await b.stop()
        await connection.execute(change)
        await b.start()

    report = await a.ask("node.recover", key=recovery_key(a))

    assert report["mode"] == "open"


async def test_of_a_partner_that_is_away_the_umbrella_gives_the_chain(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await restored(world, backups)
    await b.stop()

    report = await a.ask("node.recover", key=recovery_key(a))

    assert report["mode"] == "releases_nothing", report
    assert report["missing"] == [
        (
            "what is known to be missing is back, but beta does not answer, and may know of more: "
            "try again after that"
        )
    ]
    assert (await verify_log(a.folder)).findings == []
    await b.start()
    report = await a.ask("node.recover", key=recovery_key(a))
    assert report["mode"] == "open", report
    await pay(a, 3)
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units)
    assert (await koepel.ask("audit.report"))["report"]["findings"] == []


async def test_a_partner_that_is_away_is_waited_for_and_the_next_run_goes_on(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await backups.take(a)
    await pay(a, 30)
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units)
    await b.stop()
    await koepel.ask("audit.report")  # follows one of the two
    await backups.restore(a)
    await a.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)

    first = await a.ask("node.recover", key=recovery_key(a))

    assert first["mode"] == "read_only"
    assert "cannot give it now" in first["missing"][0]
    assert (await verify_log(a.folder)).findings == []
    await b.start()
    report = await a.ask("node.recover", key=recovery_key(a))
    assert report["mode"] == "open"
    assert (await koepel.ask("audit.report"))["report"]["findings"] == []
    await pay(a, 3)
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units)


async def test_an_old_log_that_was_released_twice_is_left_to_people(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await backups.take(a, machine=True)
    await a.ask("pay", payer="001", payee="002", amount_minor=4)
    await koepel.ask("audit.report")
    await backups.restore(a, machine=True)
    await koepel.stop()
    await a.start()
    await a.ask("node.override")  # by an operator who does not know of the backup
    await a.ask("pay", payer="002", payee="001", amount_minor=1)
    await pay(a, 3)
    await a.stop()
    await b.stop()
    await koepel.start()
    await a.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)

    error = await refused(a)

    assert error.code is Code.BAD_PROOF
    assert "than was released here" in str(error.facts["reason"])
    await b.start()


async def test_the_mirror_keeps_a_bundle_that_holds_a_body_which_a_newer_one_lacks(
    world: World, backups: Backups
) -> None:
    a, _, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await a.ask("pay", payer="001", payee="002", amount_minor=4)
    await koepel.ask("audit.report")
    await a.ask("pay", payer="001", payee="002", amount_minor=4)
    await koepel.ask("audit.report")
    kept = "SELECT count(*) FROM mirror_bodies WHERE node = $1"
    assert await koepel.node.pool.fetchval(kept, a.node.id) == 1
    await backups.take(a)
    await a.ask("pay", payer="001", payee="002", amount_minor=5)
    await koepel.ask("audit.report")
    await backups.restore(a)
    await a.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)

    await a.ask("node.recover", without_bodies=True)
    await koepel.ask("audit.report")

    assert await koepel.node.pool.fetchval(kept, a.node.id) == 2
