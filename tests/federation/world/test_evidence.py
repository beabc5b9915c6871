"""A partner that signs two stories is caught, once, with proof; an honest one never is."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from msgspec.structs import replace

from events.evidence import DECISION_PREFIX, check_evidence, read_evidence
from events.merkle import leaf_hash
from federation.line.commands import Quarantine, ReceiveEvents
from federation.node import evidence as room
from federation.node.evidence import EvidenceKeeper, list_evidence, read_file
from federation.node.service import now_s
from federation.peer.channel import read_event
from schemas import cores
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, InputError, RuilbrugError
from schemas.messages import WireEvent
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.federation.world.test_channel import newest, signed

PAYMENT = {"payer": "001", "payee": "002", "amount_minor": 3, "group": "beta"}


async def taken(b: WorldNode, a: WorldNode, *wire: WireEvent) -> RuilbrugError | None:
    """Hand events of `a` to `b`; gives the refusal."""
    try:
        await b.node.intake.take(a.node.id, lines(b)[0].line, wire)
    except RuilbrugError as error:
        return error
    return None


async def test_a_fork_is_kept_once_and_sets_the_line_aside(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    fork = signed(a, await newest(a), ts=1_700_000_000)

    refusals = [await taken(b, a, fork) for _ in range(3)]

    assert [error.code for error in refusals if error] == [Code.LINE_FORK] * 3
    assert lines(b)[0].quarantined == "channel_fork"
    (row,) = await b.ask("evidence.list")
    assert (row["kind"], row["accused"], row["name"]) == ("channel-fork", a.node.id, "alfa")
    evidence = read_evidence(await read_file(b.node.pool, row["id"][:8]))
    assert check_evidence(evidence).proven
    assert check_evidence(evidence, b.node.peers.history(a.node.id)).proven
    assert await logged(b) == ["line.quarantined", "evidence.kept"]
    assert not await a.ask("evidence.list")


ABOUT_CHEATING = ("line.quarantined", "evidence.kept", "line.quarantine_ended")


async def bodies_of(node: WorldNode, *kinds: str) -> list[dict[str, Any]]:
    """The bodies of these types in a node's log, in order."""
    rows = await node.node.pool.fetch(
        "SELECT body FROM log_event WHERE body IS NOT NULL ORDER BY seq"
    )
    found = [json.loads(row["body"]) for row in rows]
    return [body for body in found if body["type"] in kinds]


async def logged(node: WorldNode) -> list[str]:
    """The types of the bodies about cheating in a node's log, in order."""
    return [body["type"] for body in await bodies_of(node, *ABOUT_CHEATING)]


async def test_a_forgery_accuses_nobody(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    core = await newest(a)
    size = b.node.sequencer.size
    right = signed(a, core, ts=core.ts + 1)
    forged = {
        Code.BAD_SIGNATURE: [replace(right, signature=b64(bytes(64))), signed(b, core, ts=1)],
        Code.BAD_KEY: [signed(a, core, key=b64(b.node.identity.log.public.data))],
        Code.LINE_OTHER: [signed(b, core, origin=b.node.id)],
    }

    for code, events in forged.items():
        for event in events:
            error = await taken(b, a, event)
            assert error is not None
            assert error.code is code

    assert b.node.sequencer.size == size
    assert not lines(b)[0].quarantined
    assert not await b.ask("evidence.list")
    assert (await a.ask("pay", **PAYMENT))["state"] == "settled"


async def test_an_unsigned_event_before_a_signed_one_accuses_nobody(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    core = await newest(a)
    unsigned = replace(signed(a, core, ts=core.ts + 1), signature=b64(bytes(64)))
    forked = encode(replace(core, ts=core.ts + 1))
    cover = signed(a, core, n=core.n + 1, seq=core.seq + 1, prev=b64(leaf_hash(forked)))

    error = await taken(b, a, unsigned, cover)

    assert error is not None
    assert error.code is Code.BAD_SIGNATURE
    assert not await b.ask("evidence.list")
    assert not lines(b)[0].quarantined


async def test_retries_replays_and_restarts_give_no_evidence(world: World) -> None:
    a, b = await world.pair()
    for _ in range(3):
        await a.ask("pay", **PAYMENT)
        await b.ask("pay", **PAYMENT | {"group": "alfa"})
    line = lines(a)[0]
    chain = await a.node.outbox.own_chain(line.line, 0, 256)
    wire = [WireEvent(core=b64(row.core), signature=b64(row.signature)) for row in chain]

    assert await taken(b, a, *wire) is None
    assert await taken(b, a, *wire[2:5]) is None
    await asyncio.gather(*(taken(b, a, *wire[start:]) for start in range(len(wire))))
    await b.stop()
    await b.start()
    assert await taken(b, a, *wire) is None

    assert not await b.ask("evidence.list")
    assert not lines(b)[0].quarantined
    assert (await a.ask("pay", **PAYMENT))["state"] == "settled"


async def test_two_chains_at_once_are_a_fork_whichever_comes_first(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    core, known = await newest(a), lines(a)[0]
    following = {"n": core.n + 1, "seq": core.seq + 1, "prev": known.out_id}
    one, other = (signed(a, core, **following, ts=core.ts + more) for more in (1, 2))

    found = await asyncio.gather(taken(b, a, one), taken(b, a, other))

    assert sorted(str(error and error.code) for error in found) == ["None", "line_fork"]
    # both repeat a commit: what was taken first may have set the line aside for that already
    assert lines(b)[0].quarantined in ("channel_fork", "commit_repeated")
    assert len(await b.ask("evidence.list")) == 1


async def test_the_word_of_a_coordinator_stands_when_the_partner_repeats_itself(
    world: World,
) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    fork = signed(a, await newest(a), ts=1_700_000_000)
    await taken(b, a, fork)
    await b.ask("line.release", group="alfa")

    await taken(b, a, fork)

    assert not lines(b)[0].quarantined
    assert await logged(b) == ["line.quarantined", "evidence.kept", "line.quarantine_ended"]


async def test_a_coordinator_ends_a_quarantine_and_trades_settle_again(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    await taken(b, a, signed(a, await newest(a), ts=1_700_000_000))
    assert (await b.ask("line.list"))[0]["state"] == "quarantined"
    assert (await b.ask("line.doctor"))[0]["code"] == "quarantined"
    with pytest.raises(RuilbrugError) as refused:
        await b.ask("pay", **PAYMENT | {"group": "alfa"})
    assert refused.value.code is Code.LINE_NOT_OPEN
    assert (await a.ask("pay", **PAYMENT))["state"] == "refused"

    with pytest.raises(InputError) as unknown:
        await b.ask("line.release", group="alfa", coordinator="999")
    assert (unknown.value.code, unknown.value.facts) == (
        Code.ACCOUNT_UNKNOWN,
        {"field": "coordinator"},
    )
    assert lines(b)[0].quarantined == "channel_fork"
    for code in ("001", "002"):
        await b.ask("member.role", code=code, role="coordinator")
    released = [
        await b.ask("line.release", group="alfa", coordinator=code) for code in ("002", "001")
    ]

    assert [(line["state"], line["reason"]) for line in released] == [("open", "")] * 2
    assert "quarantined" not in [row["code"] for row in await b.ask("line.doctor")]
    (ended,) = await bodies_of(b, "line.quarantine_ended")
    assert ended["entered_by"] == account_of(b, "002")
    assert (await a.ask("pay", **PAYMENT))["state"] == "settled"
    assert (await b.ask("pay", **PAYMENT | {"group": "alfa"}))["state"] == "settled"
    assert lines(a)[0].balance_units == -lines(b)[0].balance_units
    await b.stop()
    await b.start()
    assert not lines(b)[0].quarantined
    assert len(await b.ask("evidence.list")) == 1


def account_of(node: WorldNode, code: str) -> int:
    ledger = node.node.machine.books.ledger
    return ledger.codes[code]


async def test_what_a_crash_left_undone_is_done_at_the_next_repetition(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    fork = signed(a, await newest(a), ts=1_700_000_000)
    event = _read(fork, lines(b)[0].line, a)

    dying = EvidenceKeeper(pool=b.node.pool, machine=b.node.machine, submit=dies, clock=now_s)
    with pytest.raises(ConnectionError):
        await dying.fork(a.node.id, event)
    assert not lines(b)[0].quarantined
    await taken(b, a, fork)

    assert lines(b)[0].quarantined == "channel_fork"
    assert len(await list_evidence(b.node.pool)) == 1
    assert await logged(b) == ["line.quarantined", "evidence.kept"]


def _read(wire: WireEvent, line: str, origin: WorldNode) -> Any:
    return read_event(wire, line=line, origin=origin.node.id)


async def test_a_partner_that_cheats_without_end_fills_no_disk(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await world.pair()
    for _ in range(2):
        await a.ask("pay", **PAYMENT)
    monkeypatch.setattr(room, "PER_LINE_MAX", 2)
    chain = await a.node.outbox.own_chain(lines(a)[0].line, 0, 256)
    for row in chain:
        core = _read(
            WireEvent(core=b64(row.core), signature=b64(row.signature)), lines(a)[0].line, a
        ).core
        error = await taken(b, a, signed(a, core, ts=7))
        assert error is not None
        assert error.code is Code.LINE_FORK

    assert len(await b.ask("evidence.list")) == 2


async def decided(node: WorldNode, core: Any, accept: str | None) -> cores.SignedDecision:
    decision = cores.Decision(
        v=1,
        origin=node.node.id,
        path=core.path,
        verdict=cores.Verdict.COMMIT if accept else cores.Verdict.ABORT,
        key=core.key,
        accept=accept,
    )
    signature = node.node.identity.log.sign(DECISION_PREFIX + encode(decision))
    return cores.SignedDecision(decision=decision, signature=b64(signature))


async def aborted_too(a: WorldNode, *before: WireEvent) -> WireEvent:
    """An abort of the payment that `a` has just committed, as the next event of its chain."""
    core, prev = await newest(a), lines(a)[0].out_id
    assert isinstance(core, cores.PayCommit)
    for wire in before:
        core = replace(core, n=core.n + 1, seq=core.seq + 1)
        prev = b64(leaf_hash(unb64(wire.core)))
    abort = cores.PayAbort(
        v=1,
        origin=core.origin,
        seq=core.seq + 1,
        root=core.root,
        key=core.key,
        ts=core.ts,
        line=core.line,
        n=core.n + 1,
        prev=prev,
        salt=b64(bytes(16)),
        path=core.path,
        code=cores.WireCode.CANCELLED,
        decision=await decided(a, core, None),
    )
    return signed(a, abort)


async def dies(*_: Any, **__: Any) -> None:
    raise ConnectionError


async def restarted(node: WorldNode, *, events: int) -> None:
    """Start anew, and wait until the node has written so many events by itself."""
    size = node.node.sequencer.size
    await node.stop()
    await node.start()
    await eventually(lambda: node.node.sequencer.size >= size + events)


@pytest.mark.parametrize("before", ["", "claim_differs"])
async def test_two_verdicts_whose_proof_a_crash_has_taken_are_proven_after_the_start(
    world: World, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    line = lines(b)[0]
    if before:
        await b.node.sequencer.submit(Quarantine(line.line, line.in_n, before))
    with monkeypatch.context() as patched:
        patched.setattr(b.node.intake._evidence, "_keep", dies)
        with pytest.raises(ConnectionError):
            await taken(b, a, await aborted_too(a))
    assert lines(b)[0].quarantined == (before or "two_verdicts")
    assert not await b.ask("evidence.list")

    await restarted(b, events=1)

    (row,) = await b.ask("evidence.list")
    assert row["kind"] == "two-verdicts"
    assert check_evidence(read_evidence(await read_file(b.node.pool, row["id"]))).proven
    assert await logged(b) == ["line.quarantined", "evidence.kept"]


async def test_what_fails_behind_two_verdicts_does_not_hide_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    core = await newest(a)
    again = signed(a, core, n=core.n + 1, seq=core.seq + 1, prev=lines(a)[0].out_id)
    intake = b.node.intake
    submit = intake._submit

    async def overtaken(command: Any) -> Any:
        if isinstance(command, ReceiveEvents):
            await submit(command._replace(events=command.events[:1]))
        return await submit(command)

    monkeypatch.setattr(intake, "_submit", overtaken)
    monkeypatch.setattr(intake, "inbox_ids", dies)

    with pytest.raises(ConnectionError):
        await taken(b, a, again, await aborted_too(a, again))

    assert [row["kind"] for row in await b.ask("evidence.list")] == ["two-verdicts"]


async def test_a_fork_whose_file_outlived_a_crash_is_acted_upon_after_the_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    fork = signed(a, await newest(a), ts=1_700_000_000)
    with monkeypatch.context() as patched:
        patched.setattr(b.node.intake._evidence, "_submit", dies)
        with pytest.raises(ConnectionError):
            await taken(b, a, fork)
    assert not lines(b)[0].quarantined

    await restarted(b, events=2)

    assert lines(b)[0].quarantined == "channel_fork"
    assert await logged(b) == ["line.quarantined", "evidence.kept"]
    assert len(await b.ask("evidence.list")) == 1


async def test_a_start_accuses_nobody_of_what_is_no_contradiction(world: World) -> None:
    a, b = await world.pair()
    for _ in range(3):
        await a.ask("pay", **PAYMENT)
    line = lines(b)[0]
    await b.node.sequencer.submit(Quarantine(line.line, line.in_n, "claim_differs"))
    keeper = b.node.intake._evidence

    await keeper.finish()

    assert not await b.ask("evidence.list")
    assert await logged(b) == ["line.quarantined"]


async def test_a_start_does_not_set_aside_again_what_a_coordinator_has_ended(
    world: World,
) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    await taken(b, a, await aborted_too(a))
    await b.ask("member.role", code="001", role="coordinator")
    await b.ask("line.release", group="alfa", coordinator="001")
    size = b.node.sequencer.size

    await b.node.intake._evidence.finish()

    assert b.node.sequencer.size == size
    assert not lines(b)[0].quarantined


async def test_two_verdicts_on_one_payment_are_kept(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    core = await newest(a)
    await taken(b, a, await aborted_too(a))
    found = await b.ask("evidence.list")
    keeper = b.node.intake._evidence

    kept = [await keeper.verdicts(core.line, core.path, core.n + 1) for _ in range(2)]

    assert kept == [True, True]
    assert await b.ask("evidence.list") == found
    (row,) = found  # kept by the intake, before anybody asked the keeper
    assert lines(b)[0].quarantined == "two_verdicts"
    assert (row["kind"], row["about"]) == ("two-verdicts", core.path)
    assert check_evidence(read_evidence(await read_file(b.node.pool, row["id"]))).proven
    assert not await keeper.verdicts(core.line, core.path, 1)
    assert not await keeper.verdicts(core.line, b64(bytes(16)), core.n)


async def test_an_unknown_proof_is_not_found(world: World) -> None:
    a = await world.make("alfa", 20)

    for name in ("", "12345", "123456"):
        with pytest.raises(InputError) as error:
            await read_file(a.node.pool, name)
        assert error.value.code is Code.NOT_FOUND
