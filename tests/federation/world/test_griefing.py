"""A partner that keeps sending what cannot be is frozen with a reason; nobody else can be."""

from __future__ import annotations

from typing import Any

import aiohttp

from federation.line.life import FAULTS_MAX
from schemas.core_parts import FreezeReason
from schemas.encoding import b64, encode
from schemas.errors import Code, RuilbrugError
from schemas.messages import Exchange, WireEvent
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.federation.world.test_channel import newest, signed

PAYMENT = {"payer": "001", "payee": "002", "amount_minor": 3, "group": "beta"}
GARBAGE = (b"", b"{", b'{"after":-1}', b"\xff\xfe", b'{"after":0,"events":[{"core":1}]}')


async def post(sender: WorldNode, to: WorldNode, body: bytes) -> Code | None:
    """Post to the exchange of `to` on its only line, signed by `sender`; gives the refusal."""
    url, node_id = to.node.settings.public_url, to.node.id
    path = f"/federation/v1/lines/{lines(to)[0].line}/events"
    try:
        await sender.node.client.post(node_id, url, path, body)
    except RuilbrugError as error:
        return error.code
    return None


async def own_events(node: WorldNode) -> list[WireEvent]:
    line = lines(node)[0]
    wire = await node.node.outbox.own_chain(line.line, 0, 256)
    return [WireEvent(core=b64(row.core), signature=b64(row.signature)) for row in wire]


def batch(sender: WorldNode, to: WorldNode, *events: WireEvent) -> bytes:
    """Give a question with events, in the session that the two have."""
    session = sender.node.outbox.sessions.held(to.node.id)
    return encode(Exchange(after=0, session=session, events=events))


async def doctor(node: WorldNode) -> dict[str, Any]:
    return {row["code"]: row for row in await node.ask("line.doctor")}


async def test_partner_that_sends_garbage_is_frozen_with_the_reason_and_can_come_back(
    world: World,
) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    unsigned = [
        WireEvent(core=event.core, signature="A" * 86) for event in (await own_events(a))[-1:]
    ]
    undecodable = WireEvent(core="AAAA", signature="A" * 86)
    rubbish = [*GARBAGE, batch(a, b, *unsigned), batch(a, b, undecodable)]

    for number in range(FAULTS_MAX - 1):
        assert await post(a, b, rubbish[number % len(rubbish)]) is not None
    assert not lines(b)[0].own_frozen
    await post(a, b, GARBAGE[0])

    assert lines(b)[0].own_frozen == FreezeReason.TOO_MANY_ERRORS
    advice = (await doctor(b))["frozen_by_us"]
    assert advice["needs"] == "person"
    assert "Too much came in that was wrong." in advice["text"]
    await eventually(lambda: bool(lines(a)[0].their_frozen))
    assert "Too much came in that was wrong." in (await doctor(a))["frozen_by_them"]["text"]
    assert (await refusal(a)) is Code.LINE_FROZEN

    await b.ask("line.unfreeze", group="alfa")
    await eventually(lambda: not lines(a)[0].their_frozen)
    for _ in range(FAULTS_MAX - 1):
        await post(a, b, GARBAGE[0])
    assert (await a.ask("pay", **PAYMENT))["state"] == "settled"
    assert not lines(b)[0].own_frozen


async def refusal(node: WorldNode) -> Code | None:
    try:
        await node.ask("pay", **PAYMENT)
    except RuilbrugError as error:
        return error.code
    return None


async def test_strangers_freeze_nobody(world: World) -> None:
    a, b = await world.pair()
    c = await world.make("gamma", 30)
    await b.ask("line.invite", invitation=c.invitation)
    await c.ask("line.invite", invitation=b.invitation)
    forged = batch(a, b, *await own_events(a))
    path = f"{b.node.settings.public_url}/federation/v1/lines/{lines(b)[0].line}/events"

    for number in range(2 * FAULTS_MAX):
        assert await post(c, b, (*GARBAGE, forged)[number % 6]) is not None
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as session:
        for _ in range(2 * FAULTS_MAX):
            async with session.post(path, data=GARBAGE[1]) as answer:
                assert answer.status == 401

    assert not any(line.own_frozen for line in lines(b))
    assert (await a.ask("pay", **PAYMENT))["state"] == "settled"


async def test_what_honest_nodes_come_to_after_a_restore_freezes_nobody(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    core, size, before = await newest(a), b.node.sequencer.size, lines(b)[0]
    following = {"n": core.n + 1, "seq": core.seq + 1, "prev": before.in_id}
    sent = {
        Code.LINE_GAP: batch(a, b, signed(a, core, **following | {"n": core.n + 7})),
        Code.LINE_PREV: batch(a, b, signed(a, core, **following | {"prev": before.out_id})),
        Code.BAD_KEY: batch(a, b, signed(a, core, **following, key=b64(bytes(32)))),
        Code.SESSION_UNKNOWN: encode(
            Exchange(after=0, session="A" * 22, events=(signed(a, core, **following),))
        ),
        Code.PEER_UNREACHABLE: encode(Exchange(after=10_000)),  # answered by `read_only`
    }

    for code, body in sent.items():
        assert {await post(a, b, body) for _ in range(FAULTS_MAX + 1)} == {code}

    assert b.node.sequencer.size == size
    assert lines(b)[0] == before
