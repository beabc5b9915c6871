"""Both ends of a line were restored from backups of different moments."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from events.restore import Mode
from federation.node.postgres import PostgresServer
from federation.node.recovery_chain import Place, partner_chain
from schemas.encoding import b64
from schemas.errors import Code, PeerUnavailable, RuilbrugError, VerificationError
from schemas.messages import OwnEvents, WireEvent
from tests.federation.world.backups import Backups, balances, groups, ids, pay
from tests.federation.world.conftest import World, WorldNode, lines
from tests.federation.world.test_recovery import busy, read_only, recover, settled, sound


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    made = Backups(postgres_server)
    yield made
    await made.close()


async def test_both_come_back_from_the_umbrella(world: World, backups: Backups) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await backups.take(b)
    await busy(a, b)
    await backups.take(a)
    for _ in range(3):
        await pay(a, 6)
        await pay(b, 5, group="alfa")
    await settled(a, b)
    await koepel.ask("audit.report")
    before = [(await ids(node), await balances(node)) for node in (a, b)]
    for node in (a, b):
        await backups.restore(node)
    for node in (a, b):
        await read_only(node)

    reports = [await recover(node) for node in (a, b, a)]

    assert [report["mode"] for report in reports] == ["releases_nothing", "open", "open"]
    assert reports[0]["missing"] == [
        (
            "what is known to be missing is back, but beta has to get its own log back first, "
            "and may know of more: try again after that"
        )
    ]
    assert [(await ids(node), await balances(node)) for node in (a, b)] == before
    await pay(a, 3)
    await settled(a, b)
    assert (await koepel.ask("audit.report"))["report"]["findings"] == []
    await sound(a, b)


async def test_without_an_umbrella_both_say_what_is_missing(world: World, backups: Backups) -> None:
    a, b, _ = await groups(world, umbrella=False)
    await pay(a, 6)
    await settled(a, b)
    await backups.take(b)
    await pay(b, 5, group="alfa")
    await settled(a, b)
    await backups.take(a)
    for _ in range(2):
        await pay(a, 6)
        await pay(b, 5, group="alfa")
    await settled(a, b)
    for node in (a, b):
        await backups.restore(node)
    for node in (a, b):
        await read_only(node)

    before = [await ids(node) for node in (a, b)]

    # what each has the other was given, and the older backup gains by it
    reports = [await recover(node, without_bodies=True) for node in (a, b, a)]

    assert [report["mode"] for report in reports] == ["read_only"] * 3
    assert reports[0]["events"] == reports[2]["events"] == 0
    assert reports[1]["events"] > 0
    assert (await ids(b))[: len(before[1])] == before[1]
    for node, report in zip((a, b), reports[:2], strict=True):
        (missing,) = report["missing"]
        size = node.node.sequencer.size
        wanted = node.node.gate.judgement.wants_size
        assert missing.startswith(f"events {size} to {wanted - 1} were released once")
        assert "A partner that was restored as well has lost them too" in missing
        assert node.node.recovering[-1] == missing
    await b.stop()
    report = await recover(a, without_bodies=True)
    assert "beta does not answer: try again when it does" in report["missing"]


async def asked(node: WorldNode, other: WorldNode, path: str) -> list[WireEvent] | Code:
    """What `other` answers `node`, or the code with which it refuses."""
    try:
        data = await node.node.client.get(other.node.id, other.node.settings.public_url, path)
    except RuilbrugError as error:
        return error.code
    return list(msgspec.json.decode(data, type=OwnEvents).events)


async def test_a_chain_is_told_to_who_can_name_its_end_and_to_nobody_else(world: World) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    c = await world.make("gamma", 10, umbrella=koepel.invitation)
    await koepel.ask("audit.admit", invitation=c.invitation)
    await b.ask("line.invite", invitation=c.invitation)
    await c.ask("line.invite", invitation=b.invitation)
    await pay(a, 6)
    await settled(a, b)
    await koepel.ask("audit.report")
    line = lines(a)[0]
    path = f"/federation/v1/lines/{line.line}/chain"
    mirror = f"/federation/v1/mirror/lines/{line.line}"
    own = await b.node.outbox.own_chain(line.line, 0, 256)
    chain = [WireEvent(core=b64(row.core), signature=b64(row.signature)) for row in own]

    end = f"n={line.in_n}&id={line.in_id}"
    assert await asked(a, b, f"{path}?after=0&{end}") == chain
    assert await asked(a, b, f"{path}?after=1&{end}") == chain[1:]
    assert await asked(a, b, f"{path}?after=99&{end}") == []
    for wrong in (f"n={line.in_n}&id={line.out_id}", f"n={line.in_n + 1}&id={line.in_id}"):
        assert await asked(a, b, f"{path}?after=0&{wrong}") is Code.NOT_FOUND
    assert await asked(c, b, f"{path}?after=0&{end}") is Code.NOT_FOUND
    assert await asked(a, b, f"{path}?after=-1&{end}") is Code.MALFORMED
    assert await asked(a, koepel, f"{mirror}?node={b.node.id}") == chain
    assert await asked(a, koepel, f"{mirror}?node={b.node.id}&after={own[0].seq}") == chain[1:]
    for stranger, other in ((c, b), (c, a), (a, c)):
        question = f"{mirror}?node={other.node.id}"
        assert await asked(stranger, koepel, question) is Code.NOT_FOUND
    for wrong in ("x", "-2", str(2**60)):
        question = f"{mirror}?node={b.node.id}&after={wrong}"
        assert await asked(a, koepel, question) is Code.MALFORMED


async def test_without_a_name_a_chain_is_told_as_far_as_the_mark_goes(world: World) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await pay(a, 6)
    await settled(a, b)
    line = lines(a)[0]
    path = f"/federation/v1/lines/{line.line}/chain?after=0"
    await b.stop()
    await koepel.stop()
    await b.start()
    own = await b.node.outbox.own_chain(line.line, 0, 256)
    chain = [WireEvent(core=b64(row.core), signature=b64(row.signature)) for row in own]

    held = await pay(b, 5, group="alfa", wait_s=0.1)

    assert held["state"] == "held"
    assert b.node.gate.mode is Mode.RELEASES_NOTHING
    assert lines(b)[0].out_n == len(chain) + 1
    assert await asked(a, b, f"{path}&n=99") == chain
    assert await asked(a, b, f"{path}&n=1") == chain[:1]
    assert await asked(a, b, path) == []
    await koepel.start()


async def test_a_chain_that_ends_otherwise_than_an_own_event_has_seen_is_not_taken(
    world: World,
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await pay(a, 6)
    await settled(a, b)
    known = lines(a)[0]
    fresh = msgspec.structs.replace(known, in_n=0, in_id="")

    chain = await partner_chain(a.node, fresh, until=Place(known.in_n, known.in_id))

    assert (chain[-1].n, chain[-1].id) == (known.in_n, known.in_id)
    assert await partner_chain(a.node, known, until=Place(known.in_n, known.in_id)) == []
    with pytest.raises(VerificationError) as forked:
        await partner_chain(a.node, fresh, until=Place(known.in_n, known.out_id))
    assert forked.value.code is Code.LINE_FORK
    with pytest.raises(PeerUnavailable) as short:
        await partner_chain(a.node, fresh, until=Place(known.in_n + 9, ""))
    assert f"its chain ends at {known.in_n}" in str(short.value.facts["reason"])
