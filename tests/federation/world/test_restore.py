"""The restore rule in a running node: what it releases while nobody vouches for its log."""

from __future__ import annotations

import pytest

from events.mark import Mark, MarkFile
from events.restore import Mode
from schemas.encoding import b64
from schemas.errors import Code, RuilbrugError
from tests.federation.world.conftest import World, WorldNode, eventually, lines


async def trade(node: WorldNode) -> dict[str, object]:
    answer: dict[str, object] = await node.ask(
        "pay", payer="001", payee="002", amount_minor=30, group="beta", wait_s=0.2
    )
    return answer


async def test_releases_nothing_while_nobody_answers_and_goes_on_when_somebody_does(
    world: World,
) -> None:
    a, b = await world.pair()
    await trade(a)
    await a.stop()
    await b.stop()

    await a.start()

    assert a.node.gate.mode is Mode.RELEASES_NOTHING
    inside = await a.ask("pay", payer="001", payee="002", amount_minor=1)
    assert inside["state"] == "settled"
    held = await trade(a)
    assert held["state"] == "held"
    with pytest.raises(RuilbrugError) as refused:
        await a.node.gate.release(a.node.sequencer.size)
    assert refused.value.code is Code.RELEASES_NOTHING
    released = MarkFile(a.folder.mark).read()
    assert released is not None
    assert released.size < a.node.sequencer.size

    await b.start()

    await eventually(lambda: a.node.gate.mode is Mode.OPEN)
    await eventually(lambda: lines(b)[0].credited_units == 2 * 180_000)


async def restarted_behind_its_mark(node: WorldNode) -> None:
    """Start a node again whose database is shorter than what it released."""
    await node.stop()
    mark = MarkFile(node.folder.mark)
    before = mark.read()
    assert before is not None
    mark.write(Mark(before.size + 100, bytes(32)))
    await node.start()


async def test_mark_ahead_of_the_database_makes_the_node_read_only(world: World) -> None:
    a, _ = await world.pair()
    await restarted_behind_its_mark(a)

    assert a.node.gate.mode is Mode.READ_ONLY
    with pytest.raises(RuilbrugError) as refused:
        await a.ask("pay", payer="001", payee="002", amount_minor=1)
    assert refused.value.code is Code.READ_ONLY
    status = await a.ask("status")
    assert "ahead" in status["reason"]


async def test_partner_that_has_seen_more_of_a_line_makes_the_node_read_only(
    world: World,
) -> None:
    a, b = await world.pair()
    await trade(a)
    (line,) = lines(b)
    await a.stop()
    await _forget_newest_event(a, line.line)

    await a.start()

    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)
    assert "has seen more of line" in a.node.gate.judgement.reason


async def _forget_newest_event(node: WorldNode, line: str) -> None:
    """Take the mark away and let the books believe in a shorter chain, as a backup would."""
    import asyncpg
    import msgspec

    connection = await asyncpg.connect(node.folder.settings().database_owner, timeout=10)
    try:
        state = await connection.fetchval("SELECT state FROM line WHERE line = $1", line)
        known = msgspec.json.decode(state)
        known["out_n"] -= 1
        await connection.execute(
            "UPDATE line SET state = $1 WHERE line = $2", msgspec.json.encode(known), line
        )
    finally:
        await connection.close()


async def test_a_key_that_the_log_does_not_state_signs_nothing(world: World) -> None:
    a, b = await world.pair()
    await trade(a)
    await a.stop()
    size = a.node.sequencer.size
    key = a.folder.keys / "log.key"
    former = key.read_bytes()
    key.write_text(b64(b"k" * 32) + "\n")

    await a.start()

    await eventually(lambda: b.node.id in a.node.question.answers)
    assert a.node.gate.mode is Mode.READ_ONLY
    assert "log key" in a.node.gate.judgement.reason
    with pytest.raises(RuilbrugError) as refused:
        await a.ask("pay", payer="001", payee="002", amount_minor=1)
    assert refused.value.code is Code.READ_ONLY
    assert a.node.sequencer.size == size
    await a.stop()
    key.write_bytes(former)
    await a.open()


async def test_mark_that_is_missing_needs_somebody_who_vouches(world: World) -> None:
    a, b = await world.pair()
    await trade(a)
    await a.stop()
    await b.stop()
    a.folder.mark.unlink()

    await a.start()
    assert a.node.gate.mode is Mode.RELEASES_NOTHING
    await b.start()

    await eventually(lambda: a.node.gate.mode is Mode.OPEN)
    assert MarkFile(a.folder.mark).read() is not None


async def test_operator_vouches_for_a_lost_mark_when_nobody_answers(world: World) -> None:
    a, b = await world.pair()
    await trade(a)
    await a.stop()
    await b.stop()
    a.folder.mark.unlink()
    await a.start()
    size = a.node.sequencer.size

    await a.ask("node.override")

    await eventually(lambda: a.node.gate.mode is Mode.OPEN)
    assert a.node.sequencer.size == size + 1
    await b.start()


async def test_node_that_only_reads_says_so_before_it_asks_a_partner(world: World) -> None:
    a, b = await world.pair()
    await restarted_behind_its_mark(a)
    await b.stop()

    for command in ("pay", "pay.request"):
        with pytest.raises(RuilbrugError) as refused:
            await a.ask(command, payer="001", payee="002", amount_minor=1, group="beta")
        assert refused.value.code is Code.READ_ONLY
