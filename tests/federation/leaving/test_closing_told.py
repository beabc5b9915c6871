"""Umbrella and partners hear from a group itself that it has ended, and believe nobody else."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import Path

import msgspec
import pytest

from events.signing import PrivateKey
from federation.leaving import announcing
from federation.leaving.closed import PATH, last_word, take_in
from federation.leaving.closings import sign_closing
from federation.metrics.facts import read_facts
from federation.node.rebuild import rebuild_tables
from federation.node.verify import verify_log
from federation.peer.problems import read_problem
from federation.umbrella import flow_views
from schemas.closings import Closed
from schemas.encoding import encode
from schemas.errors import Code, RefusedError, VerificationError
from schemas.keys import SignedKeyStatement
from tests.federation.world.backups import groups
from tests.federation.world.conftest import WAIT_S, World, WorldNode, eventually, lines


async def ended(node: WorldNode, file: Path) -> None:
    """Let a group of which nobody owes anything end for good."""
    await node.ask("close-group.go")
    await eventually(lambda: all(line.own_closed and line.their_closed for line in lines(node)))
    await node.ask("close-group.end", file=str(file))


async def left_at_s(umbrella: WorldNode, name: str) -> int | None:
    found = (await umbrella.ask("group.list"))["groups"]
    (at_s,) = [group["left_at_s"] for group in found if group["name"] == name]
    return None if at_s is None else int(at_s)


async def heard(umbrella: WorldNode, node: WorldNode) -> None:
    async with asyncio.timeout(WAIT_S):
        while node.node.id not in {one.node for one in await umbrella.node.peers.closed()}:  # noqa: ASYNC110 - a condition over a table
            await asyncio.sleep(0.01)


async def test_umbrella_and_partner_hear_that_a_group_has_ended_and_its_history_stays(
    world: World, tmp_path: Path
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await ended(a, tmp_path / "alfa.zip")
    assert await left_at_s(koepel, "alfa") is None, "its log has not been followed to its end"

    report = (await koepel.ask("audit.report"))["report"]
    await heard(koepel, a)

    assert report["findings"] == []
    followed = await flow_views.followed(koepel.node, await flow_views.groups(koepel.node))
    (log,) = [one for one in followed if one.node == a.node.id]
    word = last_word(a.node, await shown(a))
    assert log.name == "alfa"
    assert (log.size, log.closed_at_s) == (a.node.sequencer.size, word.closed_at_s)
    assert not log.silent(word.closed_at_s + 400 * 86_400), "its silence is no alarm"
    again = (await koepel.ask("audit.report", full=True))["report"]
    assert (again["findings"], again["behind"], again["agrees"]) == ([], [], True)
    assert again["events"] == report["events"], "its history stays"
    await b.node.peers.read_register()
    await eventually(lambda: b.node.peers.get(a.node.id) is None)
    (gone,) = await b.node.peers.closed()
    assert (gone.name, gone.closed_at_s) == ("alfa", word.closed_at_s)
    assert (await verify_log(koepel.folder)).findings == []


async def test_a_group_that_ended_while_nobody_listened_tells_it_until_it_is_heard(
    world: World, tmp_path: Path
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await a.ask("close-group.go")
    await eventually(lambda: all(line.own_closed and line.their_closed for line in lines(a)))
    await koepel.stop()
    assert not (await a.ask("close-group"))["ended"]
    await a.ask("close-group.end", file=str(tmp_path / "alfa.zip"))
    await eventually(lambda: b.node.peers.get(a.node.id) is None)
    await eventually(lambda: announcing.unheard(a.node) == ("koepel",))
    shown_now = await a.ask("close-group")
    assert (shown_now["ended"], shown_now["unheard"]) == (True, ["koepel"])
    await a.stop()
    await koepel.start()
    await a.start()  # and once more from the beginning, as after a power cut
    umbrella = koepel.node.id
    # Its question, as every start asks it, breaks off who is reading its log.
    await eventually(lambda: a.node.sessions.held(umbrella) != "")

    await koepel.ask("audit.report")
    await heard(koepel, a)

    await eventually(lambda: announcing.unheard(a.node) == ())
    facts = await read_facts(koepel.node)
    assert facts.stored is not None
    assert [one.group for one in facts.stored.mirrors] == ["beta"], "nobody is alarmed about it"
    at_s = await left_at_s(koepel, "alfa")
    settings = koepel.folder.settings()
    await koepel.stop()
    await rebuild_tables(settings.database, settings.database_owner)
    await koepel.start()
    assert await left_at_s(koepel, "alfa") == at_s


async def test_a_closing_counts_once_and_only_by_the_word_of_the_group_itself(
    world: World, tmp_path: Path
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await ended(a, tmp_path / "alfa.zip")
    size = await shown(a)
    word = last_word(a.node, size)
    true = Closed(closing=sign_closing(word, a.node.identity.log), statements=statements(a))
    stranger = PrivateKey(b"s" * 32)
    forged = Closed(closing=sign_closing(word, stranger), statements=statements(a))
    borrowed = Closed(closing=sign_closing(word, b.node.identity.log), statements=statements(b))
    for lie in (forged, borrowed):
        with pytest.raises(VerificationError) as refused:
            await take_in(koepel.node, lie)
        assert refused.value.code is Code.BAD_CLOSING
    early = msgspec.structs.replace(word, size=size + 1)
    said = sign_closing(early, a.node.identity.log)
    with pytest.raises(RefusedError) as behind:
        await take_in(koepel.node, msgspec.structs.replace(true, closing=said))
    assert behind.value.code is Code.LOG_NOT_FOLLOWED
    assert await left_at_s(koepel, "alfa") is None

    await koepel.ask("audit.report")
    await heard(koepel, a)
    await take_in(koepel.node, true)  # the same again is the same answer
    await koepel.ask("group.admit", invitation=a.invitation)

    with pytest.raises(RefusedError) as replayed:
        await take_in(koepel.node, true)
    assert replayed.value.code is Code.CLOSING_LATE
    assert await left_at_s(koepel, "alfa") is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"closing":1}'])
async def test_what_is_no_last_word_is_refused_over_the_wire(world: World, content: bytes) -> None:
    a, b = await world.pair()

    answer = await a.node.client.post_public(b.node.settings.public_url, PATH, content)

    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert read_problem(answer).code is Code.MALFORMED


async def test_a_stranger_ends_nobody(world: World, tmp_path: Path) -> None:
    a, b = await world.pair()
    c = await world.make("gamma", 20)
    await ended(c, tmp_path / "gamma.zip")
    said = sign_closing(last_word(c.node, await shown(c)), c.node.identity.log)
    body = encode(Closed(closing=said, statements=statements(c)))

    answer = await c.node.client.post_public(b.node.settings.public_url, PATH, body)

    assert read_problem(answer).code is Code.PEER_UNKNOWN
    assert b.node.peers.get(a.node.id) is not None


async def shown(node: WorldNode) -> int:
    """How much of its log a group has shown under a checkpoint."""
    return int(await node.node.pool.fetchval("SELECT max(size) FROM log_checkpoint"))


def statements(node: WorldNode) -> tuple[SignedKeyStatement, ...]:
    return node.node.identity.statements
