"""Code that shares nothing with ours follows a log over HTTP and finds it whole.

`RUILBRUG_FOLLOWED_EVENTS=1000000` makes the log that long; by default it is just longer than what
one tile of the second level covers, so that a third level has begun.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import pytest

from federation.node.identity import read_key_file
from tests.benchmarks.writing import writing
from tests.federation.world.conftest import World, WorldNode
from tests.independent.follower import Door, Followed, follow

EVENTS = int(os.environ.get("RUILBRUG_FOLLOWED_EVENTS", "65_800"))
SHORT = 700


async def filled(world: World, events: int) -> tuple[WorldNode, WorldNode]:
    """Make an umbrella and a group whose log is so long."""
    umbrella = await world.make("koepel", None)
    group = await world.make("alfa", 20, umbrella=umbrella.invitation)
    await umbrella.ask("audit.admit", invitation=group.invitation)
    await group.stop()
    async with writing(group.folder) as writer:
        await writer.open_members(20)
        await writer.fill(events)
    await group.open()
    return umbrella, group


async def followed(
    umbrella: WorldNode, group: WorldNode, changed: Callable[[str, bytes], bytes] | None = None
) -> Followed:
    """Follow the group's log as the umbrella may; `changed` stands between them."""
    seed = read_key_file(umbrella.folder.keys / "http.key")
    door = Door(group.node.settings.public_url, umbrella.node.id, seed)

    def get(path: str) -> bytes:
        body = door.get(path)
        return body if changed is None else changed(path, body)

    try:
        return await asyncio.to_thread(follow, get, group.node.id)
    finally:
        door.close()


async def test_a_long_log_is_followed_to_its_checkpoint(world: World) -> None:
    umbrella, group = await filled(world, EVENTS)

    checkpoint, tiles, signatures = await followed(umbrella, group)

    full = EVENTS // 256
    assert checkpoint == (EVENTS, group.node.sequencer.root)
    assert signatures == EVENTS
    assert tiles == -(-EVENTS // 256) + -(-full // 256) + -(-(full // 256) // 256)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/log/checkpoint", "the signature of the checkpoint"),
        ("/log/tile/0/001", "hash tile 0/1"),
        ("/log/tile/0/002.p/188", "hash tile 0/2"),
        ("/log/tile/1/000.p/2", "hash tile 1/0"),
        ("/federation/v1/log/tile/entries/001", "hash tile 0/1"),
        ("/federation/v1/log/tile/signatures/001", "the signature of event"),
    ],
)
async def test_one_changed_byte_is_found(world: World, place: str, said: str) -> None:
    umbrella, group = await filled(world, SHORT)
    met = []

    def changed(path: str, body: bytes) -> bytes:
        if path != place:
            return body
        met.append(path)
        at = body.index(b"\n") + 1 if path == "/log/checkpoint" else 10
        return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]

    with pytest.raises(AssertionError, match=said):
        await followed(umbrella, group, changed)

    assert met == [place]
    assert (await followed(umbrella, group)).signatures == SHORT
