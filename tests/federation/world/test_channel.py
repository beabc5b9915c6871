"""What a partner must not send: each is refused with its code, and the line goes on."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from events.machine import EVENT_PREFIX
from federation.node.queries import SQL
from schemas import cores
from schemas.encoding import b64, encode
from schemas.errors import Code, RuilbrugError
from schemas.messages import WireEvent
from tests.federation.world.conftest import World, WorldNode, lines

_CORE = msgspec.json.Decoder(cores.LineEvent)


async def newest(node: WorldNode) -> Any:
    """The newest core of the node's own chain."""
    (line,) = lines(node)
    rows = await node.node.pool.fetch(SQL["own_chain"], line.line, line.out_n - 1, 1)
    return _CORE.decode(rows[0]["core"])


def signed(node: WorldNode, core: Any, **changed: Any) -> WireEvent:
    """A core with changes, signed by the node's own log key."""
    data = encode(msgspec.structs.replace(core, **changed))
    signature = node.node.identity.log.sign(EVENT_PREFIX + data)
    return WireEvent(core=b64(data), signature=b64(signature))


async def refused(a: WorldNode, b: WorldNode, *wire: WireEvent) -> Code:
    """Send events of `a` to `b` and give the code of the refusal; nothing may change."""
    (line,) = lines(b)
    size = b.node.sequencer.size
    with pytest.raises(RuilbrugError) as error:
        await b.node.intake.take(a.node.id, line.line, wire)
    assert b.node.sequencer.size == size
    assert lines(b)[0] == line
    return error.value.code


async def test_what_does_not_continue_the_chain_is_refused_and_the_line_goes_on(
    world: World,
) -> None:
    a, b = await world.pair()
    await a.ask("pay", payer="001", payee="002", amount_minor=3, group="beta")
    core = await newest(a)
    nothing = b64(bytes(32))

    gap = signed(a, core, n=core.n + 7, seq=core.seq + 7)
    prev = signed(a, core, n=core.n + 1, seq=core.seq + 1, prev=nothing)
    assert await refused(a, b, gap) is Code.LINE_GAP
    assert await refused(a, b, prev) is Code.LINE_PREV

    good = await a.ask("pay", payer="001", payee="002", amount_minor=3, group="beta")
    assert good["state"] == "settled"


async def test_bytes_and_signatures_that_are_wrong_are_refused(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", payer="001", payee="002", amount_minor=3, group="beta")
    core = await newest(a)
    following = {"n": core.n + 1, "seq": core.seq + 1}
    right = signed(a, core, **following)

    forged = msgspec.structs.replace(right, signature=b64(bytes(64)))
    other_key = signed(b, core, **following)
    other_line = signed(a, core, **following, line=b.node.id)
    other_origin = signed(a, core, **following, origin=b.node.id)
    spaced = msgspec.structs.replace(right, core=b64(b" " + encode(core)))
    strange_key = signed(a, core, **following, key=b64(b.node.identity.log.public.data))
    cases = {
        Code.BAD_SIGNATURE: [forged, other_key],
        Code.LINE_OTHER: [other_line, other_origin],
        Code.NOT_CANONICAL: [spaced],
        Code.BAD_KEY: [strange_key],
    }

    for code, events in cases.items():
        for event in events:
            assert await refused(a, b, event) is code
    too_large = WireEvent(core=b64(bytes(8193)), signature=right.signature)
    assert await refused(a, b, too_large) is Code.TOO_LARGE


async def test_a_type_from_the_future_is_stored_and_skipped(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", payer="001", payee="002", amount_minor=3, group="beta")
    core = await newest(a)
    known = lines(a)[0]
    fields = msgspec.json.decode(encode(core))
    fields |= {"type": "line.wave", "n": core.n + 1, "seq": core.seq + 1, "prev": known.out_id}
    data = encode(fields)
    signature = b64(a.node.identity.log.sign(EVENT_PREFIX + data))

    taken = await b.node.intake.take(
        a.node.id, known.line, [WireEvent(core=b64(data), signature=signature)]
    )

    assert taken.in_n == core.n + 1
    assert lines(b)[0].in_n == core.n + 1
    assert not lines(b)[0].quarantined


async def test_the_same_path_with_other_content_is_a_conflict(world: World) -> None:
    a, _ = await world.pair()
    payment = {"payer": "001", "payee": "002", "amount_minor": 3, "group": "beta"}
    first = await a.ask("pay", **payment)

    again = await a.ask("pay", **payment, key=first["path"])
    with pytest.raises(RuilbrugError) as error:
        await a.ask("pay", **(payment | {"amount_minor": 4}), key=first["path"])

    assert again == first
    assert error.value.code is Code.CONFLICT


async def test_a_stranger_cannot_propose(world: World) -> None:
    a = await world.make("alfa", 20)
    b = await world.make("beta", 60)
    await a.ask("line.invite", invitation=b.invitation)

    await a.ask("line.propose", group="beta")

    assert not lines(b)
    delivery = a.node.outbox.delivery(lines(a)[0].line)
    assert delivery.acknowledged_n == 0
