"""A group whose server answers anything: an alarm with the facts, and the others are audited.

What comes from that server is read up to a limit and for a limited time. A group is accused of what
it signed, and of nothing that somebody between could have sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from random import Random
from typing import Any

import msgspec
import pytest

from events.checkpoint import Checkpoint, sign_checkpoint
from events.note import NoteSigner
from federation.node.service import now_s
from federation.umbrella.audit import LAG_S
from schemas.findings import What
from tests.federation.umbrella.conftest import Federation, proofs, report
from tests.federation.umbrella.test_mirror import served
from tests.federation.world.conftest import WorldNode

OK = b"HTTP/1.1 200 OK\r\n"
DRIP_S = 0.01
READ_MAX = 1_500_000
"""What a stranger can make the umbrella read for one checkpoint: the limit, and what came with the
last piece. What the kernel takes in beyond that, of its own accord, nobody reads."""


class Waiting:
    """A writer that waits."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.path = b""

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def hung_up(self) -> None:
        """Wait until the other side has enough."""
        await self._reader.read()


Answering = Callable[[Waiting], Awaitable[None]]


class Stranger:
    """Something else at a group's address."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._talking: set[asyncio.Task[None]] = set()
        self.asked = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talking = asyncio.create_task(self._talk(reader, writer))
        self._talking.add(talking)
        talking.add_done_callback(self._talking.discard)

    async def end(self) -> None:
        """Hang up on everybody."""
        talking = list(self._talking)
        for one in talking:
            one.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        await asyncio.sleep(0)  # connections that were closed are lost in the next round

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                request = await reader.readuntil(b"\r\n\r\n")
                waiting = Waiting(reader, writer)
                waiting.path = request.split(b" ")[1]
                await self._answering(waiting)
        finally:
            writer.close()


async def endless(writer: Waiting) -> None:
    await writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        await writer.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")


async def huge(writer: Waiting) -> None:
    await writer.write(OK + b"Content-Length: 999999999999\r\n\r\n" + bytes(1000))


async def slow(writer: Waiting) -> None:
    await writer.write(OK + b"Content-Length: 100\r\n\r\n")
    await writer.hung_up()


async def drip(writer: Waiting) -> None:
    """Never silent for long, and never done: only a limit for the whole answer ends this."""
    await writer.write(OK + b"Content-Length: 100000\r\n\r\n")
    while True:
        await writer.write(b"a")
        await asyncio.sleep(DRIP_S)


async def nonsense(writer: Waiting) -> None:
    body = Random(1).randbytes(700)
    await writer.write(OK + b"Content-Length: 700\r\n\r\n" + body)


async def no_http(writer: Waiting) -> None:
    await writer.write(Random(2).randbytes(700))


async def cut(writer: Waiting) -> None:
    await writer.write(OK + b"Content-Length: 100\r\n\r\nlets")


@contextlib.asynccontextmanager
async def instead_of(group: WorldNode, answering: Answering) -> AsyncIterator[Stranger]:
    """Let a stranger answer at the address of a group."""
    port = group.node.settings.listen_port
    await group.stop()
    stranger = Stranger(answering)
    server = await asyncio.start_server(stranger.answer, "127.0.0.1", port)
    try:
        yield stranger
    finally:
        server.close()
        await stranger.end()
        await group.start()


def whats(told: Any) -> list[str]:
    return [found["what"] for found in told["findings"]]


@pytest.mark.parametrize(
    ("answering", "what", "reason"),
    [
        (endless, What.ANSWER_WRONG, "too_large"),
        (huge, What.ANSWER_WRONG, "too_large"),
        (nonsense, What.ANSWER_WRONG, "bad_note"),
        (slow, None, ""),
        (drip, None, ""),
        (no_http, None, ""),
        (cut, None, ""),
    ],
)
async def test_a_stranger_in_front_accuses_nobody(
    federation: Federation,
    monkeypatch: pytest.MonkeyPatch,
    taken: list[int],
    answering: Answering,
    what: What | None,
    reason: str,
) -> None:
    umbrella, b = federation.umbrella, federation.b
    await federation.pay()
    await report(umbrella)
    limits = msgspec.structs.replace(umbrella.node.client._limits, timeout_s=3)
    monkeypatch.setattr(umbrella.node.client, "_limits", limits)

    taken.clear()
    async with instead_of(b, answering) as stranger:
        await federation.a.ask("member.add", code="009", name="Nieuw")
        told = await report(umbrella)
        monkeypatch.setattr("federation.umbrella.mirror.now_s", lambda: now_s() + LAG_S + 9)
        later = await report(umbrella)

    assert whats(told) == ([what] if what else [])
    assert [found["reason"] for found in told["findings"]] == ([reason] if what else [])
    assert whats(later) == [what or What.NO_ANSWER]
    assert {found["severity"] for found in later["findings"]} == {"alarm"}
    assert later["findings"][0]["node"] == b.node.id
    assert 0 < sum(taken) < READ_MAX * stranger.asked
    assert later["events"] > told["events"] - 1 > 0
    assert await proofs(umbrella) == []


async def test_a_log_that_drips_is_waited_for_so_long_and_the_others_are_followed(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    await federation.pay()
    await report(umbrella)
    followed_before = b.node.sequencer.size
    note = note_of(b, followed_before + 1, bytes(32))
    limits = msgspec.structs.replace(umbrella.node.client._limits, timeout_s=0.5)
    monkeypatch.setattr(umbrella.node.client, "_limits", limits)
    paths: list[bytes] = []

    async def only_the_checkpoint(writer: Waiting) -> None:
        paths.append(writer.path)
        if writer.path == b"/log/checkpoint":
            await writer.write(OK + b"Connection: close\r\n\r\n" + note)
        else:
            await drip(writer)

    async with instead_of(b, only_the_checkpoint):
        await a.ask("member.add", code="009", name="Nieuw")
        told = await report(umbrella)

    assert any(b"/tile/" in path for path in paths), paths
    assert whats(told) == []
    rows = await umbrella.node.pool.fetch("SELECT node, size FROM mirror_state")
    sizes = {row["node"]: row["size"] for row in rows}
    assert sizes == {a.node.id: a.node.sequencer.size, b.node.id: followed_before}


async def test_a_group_that_vanishes_is_told_of_after_a_day(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, b = federation.umbrella, federation.b
    await federation.pay()
    await report(umbrella)

    await b.stop()
    soon = await report(umbrella)
    monkeypatch.setattr("federation.umbrella.mirror.now_s", lambda: now_s() + LAG_S + 9)
    later = await report(umbrella)
    await b.start()

    assert whats(soon) == []
    assert [(one["what"], one["node"]) for one in later["findings"]] == [
        (What.NO_ANSWER, b.node.id)
    ]
    assert len(later["lines"]) == 1


def note_of(group: WorldNode, size: int, root: bytes, name: str = "") -> bytes:
    """A checkpoint by a group's own key."""
    origin = group.node.settings.public_url.removeprefix("http://") + "/log"
    signer = NoteSigner(name or origin, group.node.identity.log)
    return sign_checkpoint(Checkpoint(origin, size, root), signer)


NOTES: dict[str, Callable[[bytes, WorldNode], bytes]] = {
    "no signature": lambda note, _: note.rpartition(b"\n\n")[0] + b"\n\n",
    "cut": lambda note, _: note[: len(note) // 2],
    "one byte": lambda note, _: note.replace(b"\n", b"\n1", 1),
    "an unknown key": lambda _, group: note_of(group, 5, bytes(32), name="elders.example.org/log"),
    "one key twice, once wrongly": lambda note, group: (
        note + note_of(group, 5, bytes(32)).rpartition(b"\n\n")[2]
    ),
    "empty": lambda _note, _group: b"",
    "beyond all numbers": lambda note, _: note.replace(b"/log\n", b"/log\n9999999999999999", 1),
}


def answered(change: Callable[[bytes, WorldNode], bytes], group: WorldNode, note: bytes) -> bytes:
    return change(note, group)


async def test_a_note_that_cannot_be_believed_is_an_alarm(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, b = federation.umbrella, federation.b
    await federation.pay()

    for name, change in NOTES.items():
        with monkeypatch.context() as patch:
            asked = partial(answered, change, b)
            served(patch, umbrella, b, "get_unsigned", "/log/checkpoint", asked)
            told = await report(umbrella)

        assert whats(told) == [What.ANSWER_WRONG], name
        assert told["events"] == federation.a.node.sequencer.size
    assert await proofs(umbrella) == []


async def test_unknown_and_repeated_keys_below_a_note_do_no_harm(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, b = federation.umbrella, federation.b
    await federation.pay()
    stranger = note_of(b, 5, bytes(32), name="elders.example.org/log").rpartition(b"\n\n")[2]

    served(
        monkeypatch,
        umbrella,
        b,
        "get_unsigned",
        "/log/checkpoint",
        lambda note: note + stranger + note.rpartition(b"\n\n")[2] + stranger,
    )

    assert whats(await report(umbrella)) == []


BUNDLES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda bundle: bundle[:-1],
    "empty": lambda _: b"",
    "one byte": lambda bundle: bundle[:-9] + bytes([bundle[-9] ^ 1]) + bundle[-8:],
    "one too many": lambda bundle: bundle + bundle[:64],
    "noughts": lambda bundle: bytes(len(bundle)),
}


@pytest.mark.parametrize("part", ["entries", "signatures"])
async def test_a_bundle_that_does_not_verify_is_refused_and_the_rest_goes_on(
    federation: Federation, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    await federation.pay()

    for name, change in BUNDLES.items():
        with monkeypatch.context() as patch:
            served(patch, umbrella, b, "get", f"/tile/{part}/", change)
            told = await report(umbrella)

        found = [(one["what"], one["node"]) for one in told["findings"]]
        assert found == [(What.LOG_REFUSED, b.node.id)], name
        assert told["events"] >= a.node.sequencer.size
    assert await proofs(umbrella) == []
    assert whats(await report(umbrella, full=True)) == []


async def test_a_node_that_answers_each_request_differently_is_proven(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, b = federation.umbrella, federation.b
    await federation.pay()
    await report(umbrella)
    size = b.node.sequencer.size
    asked = iter(range(1, 99))

    served(
        monkeypatch,
        umbrella,
        b,
        "get_unsigned",
        "/log/checkpoint",
        lambda _: note_of(b, size, bytes([next(asked)] * 32)),
    )
    for _ in range(3):
        assert whats(await report(umbrella)) == [What.LOG_REFUSED]

    assert await proofs(umbrella) == [("same-size", b.node.id)]


async def test_a_log_without_end_is_followed_for_a_limited_time(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, b = federation.umbrella, federation.b
    monkeypatch.setattr("federation.umbrella.mirror.PULL_S", -1)
    for number in range(2, 300):
        await b.ask("member.add", code=f"{number:03}", name="Lid")

    taken = [(await report(umbrella))["events"] for _ in range(3)]

    assert b.node.sequencer.size > 256
    assert taken[0] < taken[1] == taken[2]
    assert taken[1] == sum(group.node.sequencer.size for group in (federation.a, b))
