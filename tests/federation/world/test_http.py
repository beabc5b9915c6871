"""What a node answers over HTTP: health, the public log, and refusals with a code."""

from __future__ import annotations

from base64 import b64decode

import aiohttp
import pytest

from events.checkpoint import open_checkpoint
from events.merkle import root_of
from events.note import NoteKey
from events.restore import Mode
from events.tiles import parse_hashes
from federation.umbrella import use_cases as umbrella_use_cases
from schemas.errors import Code, RuilbrugError
from tests.federation.world.conftest import World, WorldNode, eventually


async def get(node: WorldNode, path: str) -> tuple[int, bytes]:
    url = node.node.settings.public_url + path
    timeout = aiohttp.ClientTimeout(10)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
        return response.status, await response.read()


async def test_health_and_readiness(world: World) -> None:
    node = await world.make("alfa", 20)

    assert await get(node, "/healthz") == (200, b"ok\n")
    status, body = await get(node, "/readyz")

    assert status == 200
    assert b'"mode": "open"' in body


async def test_checkpoint_and_tiles_give_the_root_of_the_log(world: World) -> None:
    node = await world.make("alfa", 20)
    for number in range(260):
        await node.node.sequencer.submit(_member(number))

    status, note = await get(node, "/log/checkpoint")

    assert status == 200
    origin = node.node.settings.public_url.removeprefix("http://") + "/log"
    key = NoteKey(origin, node.node.identity.log.public)
    checkpoint = open_checkpoint(note, origin=origin, trusted=[key])
    assert checkpoint.size == node.node.sequencer.size > 256
    rest = checkpoint.size - 256
    _, full = await get(node, "/log/tile/0/000")
    _, partial = await get(node, f"/log/tile/0/001.p/{rest}")
    _, above = await get(node, "/log/tile/1/000.p/1")
    leaves = [*parse_hashes(full, 256), *parse_hashes(partial, rest)]
    assert root_of(leaves) == checkpoint.root
    assert above == root_of(leaves[:256])
    assert b64decode(note.splitlines()[2]) == checkpoint.root


def _member(number: int) -> object:
    from federation.group.commands import OpenAccount
    from federation.node.use_cases import new_key
    from schemas.bodies import AccountKind

    return OpenAccount(new_key(), f"m{number}", AccountKind.MEMBER, new_key())


@pytest.mark.parametrize(
    "path", ["/log/tile/0/999", "/log/tile/entries/000", "/log/tile/0/000.p/255", "/log/tile/x"]
)
async def test_tiles_that_are_not_there_are_refused(world: World, path: str) -> None:
    node = await world.make("alfa", 20)

    status, body = await get(node, path)

    assert status == 404
    assert b"Traceback" not in body


async def test_entries_are_for_the_umbrella_only(world: World) -> None:
    umbrella = await world.make("koepel", None)
    group = await world.make("alfa", 20, umbrella=umbrella.invitation)
    other = await world.make("beta", 20, umbrella=umbrella.invitation)
    for node in (group, other):
        await umbrella.ask("audit.admit", invitation=node.invitation)
    await other.ask("line.invite", invitation=group.invitation)
    path = "/federation/v1/log/tile/entries/000.p/4"
    url, node_id = group.invitation.split("#")

    await eventually(lambda: group.node.gate.mode is Mode.OPEN)
    await group.node.peers.read_register()
    assert await umbrella.node.client.get(node_id, url, path)
    with pytest.raises(RuilbrugError) as refused:
        await other.node.client.get(node_id, url, path)
    assert refused.value.code is Code.FORBIDDEN
    status, body = await get(group, path)
    assert status == 401
    assert b"signature_missing" in body


async def test_umbrella_audits_trades_between_two_groups(world: World) -> None:
    umbrella, a, b = await world.federation()

    trade = await a.ask("pay", payer="001", payee="001", amount_minor=30, group="beta")
    answer = await umbrella.ask("audit.report")

    assert trade["state"] == "settled"
    (line,) = answer["report"]["lines"]
    assert line["matched"]
    assert answer["report"]["findings"] == []
    assert sum(flow["settled_units"] for flow in line["flows"]) == trade["line_units"]
    assert "alfa gave beta 30 min in 1 trade" in answer["text"]
    assert umbrella_use_cases.hours(504_000) == "1 h 24 min"

    await b.stop()
    again = await umbrella.ask("audit.report")
    assert again["report"]["findings"] == []
