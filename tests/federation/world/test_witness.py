"""The node as a witness, over real PostgreSQL and sockets: every status, races, and its key."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from events.checkpoint import open_checkpoint
from events.cosignature import CosignatureKey, CosignatureSigner
from events.note import NoteKey, SignedNote
from events.restore import Mode
from events.signing import PrivateKey, PublicKey
from events.witness import SUBMISSION_SIZE_MAX, Latest
from federation.node.database import migrate_database
from federation.node.settings import NodeSettings
from federation.node.witness import Witness, signed_and_cosigned
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, StorageError
from schemas.keys import Cause
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.test_keys import states
from tests.federation.world.witness_help import FORK, PATH, PaperLog, ask

if TYPE_CHECKING:
    from pathlib import Path

    from events.note import Verifier

LOG = PaperLog("paper.example/log")
WITNESS = CosignatureSigner("witness.example", PrivateKey(b"w" * 32))
LOCK_WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1"
)


class OpenGate:
    """A gate that lets everything through, or nothing."""

    closed = False

    async def release(self, _size: int) -> None:
        if self.closed:
            raise StorageError(Code.RELEASES_NOTHING)


class Made(Witness):
    """A witness of one log that asks nobody; `meet` makes two requests read before one writes."""

    def __init__(self, pool: Any, key: NoteKey, gate: OpenGate | None = None) -> None:
        self.asked_anew: list[str] = []
        self.doubts: list[bytes] = []
        self.meet: asyncio.Barrier | None = None
        self.life = 0
        super().__init__(
            pool=pool,
            gate=gate or OpenGate(),  # type: ignore[arg-type]
            signer=WITNESS,
            trusted=lambda origin: [key] if origin == key.name else None,
            refresh=self._note,
            doubt=self.doubts.append,
            life=lambda _: self.life,
            clock=lambda: 1_700_000_000,
        )

    async def _note(self, origin: str) -> None:
        self.asked_anew.append(origin)

    async def _latest(self, origin: str) -> Latest | None:
        found = await super()._latest(origin)
        if self.meet is not None:
            await self.meet.wait()
            self.meet = None
        return found


@pytest.fixture
async def pool(
    another_database: Callable[[], tuple[str, str]],
) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
    owner, runtime = another_database()
    await migrate_database(
        NodeSettings(
            name="witness",
            public_url="https://witness.example",
            listen_port=1,
            database=runtime,
            database_owner=owner,
        )
    )
    async with asyncpg.create_pool(runtime, min_size=0, max_size=4) as made:
        yield made


def key_of(log: PaperLog) -> NoteKey:
    return NoteKey(log.origin, log.key.public)


async def test_the_public_conversation_of_a_witness_passes(pool: Any, shared_vectors: Path) -> None:
    file = shared_vectors / "witness-litewitness" / "add_checkpoint.json"
    spoken = json.loads(file.read_bytes())
    log_key = PublicKey(bytes.fromhex(spoken["log_public_key_hex"]))
    key = NoteKey(spoken["log_origin"], log_key)
    witness = Made(pool, key)

    for step in spoken["steps"]:
        answer = await witness.add_checkpoint(step["request_body"].encode())

        assert answer.status == step["c2sp_status"]
        if answer.status == 200:
            assert answer.body.decode().startswith("\N{EM DASH} witness.example ")
        if step["assert"].startswith("body =="):
            assert f'body == "{answer.body.decode()}"' == step["assert"].replace("\\n", "\n")
            assert answer.content_type == "text/x.tlog.size"

    kept = await witness.newest(sha256(key.name.encode()).digest())
    assert kept is not None
    note = SignedNote.parse(kept)
    both: list[Verifier] = [key, WITNESS.public]
    assert note.require(both) == both
    assert WITNESS.public.cosigned_at_s(note) == 1_700_000_000
    assert open_checkpoint(kept, origin=key.name, trusted=[WITNESS.public]).size == 5


@pytest.mark.parametrize("old", [0, 3])
async def test_of_two_forks_at_once_one_is_cosigned(pool: Any, old: int) -> None:
    witness, fork = Made(pool, key_of(LOG)), LOG._replace(entries=FORK)
    if old:
        await witness.add_checkpoint(LOG.submission(0, old))
    witness.meet = asyncio.Barrier(2)

    answers = await asyncio.gather(
        *(witness.add_checkpoint(log.submission(old, 9)) for log in (LOG, fork))
    )

    assert sorted(answer.status for answer in answers) == [200, 409]
    assert [answer.body for answer in answers if answer.status == 409] == [b"9\n"]


async def test_an_older_checkpoint_does_not_roll_a_newer_one_back(pool: Any) -> None:
    witness = Made(pool, key_of(LOG))
    await witness.add_checkpoint(LOG.submission(0, 2))
    witness.meet = asyncio.Barrier(2)

    answers = await asyncio.gather(
        *(witness.add_checkpoint(LOG.submission(2, size)) for size in (5, 9))
    )

    kept = await pool.fetchval("SELECT size FROM witnessed")
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert kept == (5 if answers[0].status == 200 else 9)
    assert b"%d\n" % kept in {answer.body for answer in answers}


async def test_a_cosignature_leaves_only_after_commit(pool: Any) -> None:
    witness = Made(pool, key_of(LOG))
    await witness.add_checkpoint(LOG.submission(0, 2))
    async with pool.acquire() as other, asyncio.TaskGroup() as tasks, other.transaction():
        await other.execute("SELECT FROM witnessed FOR UPDATE")
        asking = tasks.create_task(witness.add_checkpoint(LOG.submission(2, 9)))
        async with asyncio.timeout(10):
            while not await pool.fetchval(LOCK_WAITS, "UPDATE witnessed%"):
                assert not asking.done()
    answer = asking.result()

    assert answer.status == 200
    assert await pool.fetchval("SELECT size FROM witnessed") == 9


async def test_what_an_earlier_life_submitted_is_not_cosigned_after_its_node_was_told(
    pool: Any,
) -> None:
    witness = Made(pool, key_of(LOG))
    await witness.add_checkpoint(LOG.submission(0, 2))
    meeting = witness.meet = asyncio.Barrier(2)
    asking = asyncio.create_task(witness.add_checkpoint(LOG.submission(2, 9)))

    await eventually(lambda: meeting.n_waiting == 1)
    witness.life += 1
    assert await signed_and_cosigned(pool, LOG.origin) == LOG.note(2)
    await meeting.wait()

    with pytest.raises(StorageError) as refused:
        await asking
    assert refused.value.code is Code.BUSY
    assert await pool.fetchval("SELECT size FROM witnessed") == 2
    assert (await witness.add_checkpoint(LOG.submission(2, 5))).status == 200


async def test_who_asks_is_told_of_what_is_just_being_cosigned(pool: Any) -> None:
    witness = Made(pool, key_of(LOG))
    await witness.add_checkpoint(LOG.submission(0, 2))

    async def told() -> bytes | None:
        async with witness.turn(LOG.origin):
            return await signed_and_cosigned(pool, LOG.origin)

    async with pool.acquire() as other, asyncio.TaskGroup() as tasks, other.transaction():
        await other.execute("SELECT FROM witnessed FOR UPDATE")
        tasks.create_task(witness.add_checkpoint(LOG.submission(2, 9)))
        async with asyncio.timeout(10):
            while not await pool.fetchval(LOCK_WAITS, "UPDATE witnessed%"):
                pass
        asking = tasks.create_task(told())
        for _ in range(5):
            await pool.fetchval("SELECT 1")

    assert asking.result() == LOG.note(9)


async def test_what_was_cosigned_is_never_taken_back_in_the_database(pool: Any) -> None:
    await Made(pool, key_of(LOG)).add_checkpoint(LOG.submission(0, 5))

    for change in (
        "UPDATE witnessed SET size = 4",
        "UPDATE witnessed SET root = sha256(root)",
        "DELETE FROM witnessed",
    ):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await pool.execute(change)
        assert refused.value.sqlstate == "RB001"


async def test_a_witness_that_releases_nothing_cosigns_nothing(pool: Any) -> None:
    gate = OpenGate()
    witness = Made(pool, key_of(LOG), gate)
    gate.closed = True

    for asked in (witness.add_checkpoint(LOG.submission(0, 5)), witness.newest(b"x" * 32)):
        with pytest.raises(StorageError):
            await asked

    assert await pool.fetchval("SELECT count(*) FROM witnessed") == 0


async def test_keys_are_asked_for_anew_when_no_known_one_has_signed(pool: Any) -> None:
    witness = Made(pool, key_of(LOG))
    other = LOG._replace(key=PrivateKey(b"q" * 32))

    assert (await witness.add_checkpoint(other.submission(0, 5))).status == 403
    assert (await witness.add_checkpoint(LOG.submission(0, 5))).status == 200
    unknown = LOG._replace(origin="else.example/log")
    assert (await witness.add_checkpoint(unknown.submission(0, 5))).status == 404
    assert witness.asked_anew == [LOG.origin]


def log_of(node: WorldNode, entries: tuple[bytes, ...] = PaperLog("").entries) -> PaperLog:
    """A log as this node might have it, under its origin and key."""
    origin = node.node.settings.public_url.removeprefix("http://") + "/log"
    return PaperLog(origin, node.node.identity.log, entries)


async def knows(world: World) -> tuple[WorldNode, WorldNode]:
    """Give two groups of which the second knows the first, and no line between them."""
    a, b = await world.make("alfa", 20), await world.make("beta", 60)
    await b.ask("line.invite", invitation=a.invitation)
    return a, b


async def test_every_status_over_http(world: World) -> None:
    a, b = await knows(world)
    log, fork = log_of(a), log_of(a, FORK)
    stranger = log._replace(key=PrivateKey(b"q" * 32))
    unknown = log._replace(origin="else.example/log")

    for body, status in (
        (unknown.submission(0, 5), 404),
        (stranger.submission(0, 5), 403),
        (log.submission(0, 5), 200),
        (log.submission(0, 5), 409),
        (fork.submission(5, 5), 409),
        (fork.submission(5, 9), 422),
        (log.submission(7, 6), 400),
        (b"old 5\n", 400),
        (b"\xff\n\n" * 40, 400),
        (b"x" * (SUBMISSION_SIZE_MAX + 1), 400),
        (log.submission(5, 9), 200),
    ):
        told = await ask(b, PATH, body)

        assert told.status == status, body[:60]
        conflict = status == 409
        assert told.content_type == (
            "text/x.tlog.size" if conflict else "text/plain; charset=utf-8"
        )
        assert (told.body == b"5\n") is conflict


async def test_the_cosignature_is_by_the_key_that_the_node_states(world: World) -> None:
    a, b = await knows(world)
    log = log_of(a)

    told = await ask(b, PATH, log.submission(0, 5))

    history = await ask(b, "/federation/v1/keys")
    assert b64(witness_key(b).key.data).encode() in statements(history.body)
    note = SignedNote.parse(log.note(5) + told.body)
    key = witness_key(b)
    assert note.require([key]) == [key]
    at = sha256(log.origin.encode()).hexdigest()
    newest = await ask(b, f"/log/witness/{at}/checkpoint")
    assert newest.status == 200
    assert newest.body == log.note(5) + told.body


def statements(body: bytes) -> bytes:
    """Give the statements of an answer, opened."""
    return b"".join(unb64(signed["statement"]) for signed in json.loads(body))


def witness_key(node: WorldNode) -> CosignatureKey:
    assert node.node.identity.witness is not None
    host = node.node.settings.public_url.removeprefix("http://")
    return CosignatureKey(f"{host}/log/witness", node.node.identity.witness.public)


@pytest.mark.parametrize("log", ["a" * 64, "a" * 63, "A" * 64, "", "../checkpoint"])
async def test_a_log_that_was_not_cosigned_is_not_found(world: World, log: str) -> None:
    node = await world.make("alfa", 20)

    told = await ask(node, f"/log/witness/{log}/checkpoint")

    assert told.status == 404


async def test_a_registered_group_is_known_to_the_umbrella(world: World) -> None:
    koepel = await world.make("koepel", None)
    group = await world.make("alfa", 20, umbrella=koepel.invitation)
    assert (await ask(koepel, PATH, log_of(group).submission(0, 5))).status == 404

    await koepel.ask("audit.admit", invitation=group.invitation)

    # its own checkpoints are on their way as well: whichever comes first is the history
    assert (await ask(koepel, PATH, log_of(group).submission(0, 5))).status in {200, 409}


async def test_after_a_rotation_the_new_key_counts_and_the_old_one_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await knows(world)
    old, new = log_of(a), log_of(a)._replace(key=PrivateKey(b"k" * 32))
    assert (await ask(b, PATH, old.submission(0, 3))).status == 200
    later = states(a, Cause.RECOVERY, new.key, 50)

    async def answers(*_: Any, **__: Any) -> bytes:
        return encode((*a.node.identity.statements, later))

    monkeypatch.setattr(b.node.client, "get_unsigned", answers)

    assert (await ask(b, PATH, new.submission(3, 5))).status == 200
    assert (await ask(b, PATH, old.submission(5, 9))).status == 403


async def test_a_node_that_only_reads_answers_503(world: World) -> None:
    a, b = await knows(world)
    b.node.gate.judgement = b.node.gate.judgement._replace(mode=Mode.READ_ONLY)

    told = await ask(b, PATH, log_of(a).submission(0, 5))

    assert told.status == 503
    assert b"read" in told.body


@pytest.mark.parametrize("other_key", [True, False])
async def test_a_node_without_its_witness_key_runs_and_cosigns_nothing(
    world: World, *, other_key: bool
) -> None:
    a, b = await knows(world)
    await b.stop()
    file = b.folder.keys / "witness.key"
    file.unlink()
    if other_key:
        file.write_text(b64(b"z" * 32) + "\n")

    await b.start()

    assert b.node.identity.witness is None
    assert (await ask(b, PATH, log_of(a).submission(0, 5))).status == 404
    assert (await ask(b, "/readyz")).status == 200


async def test_a_request_that_breaks_off_is_no_bug(world: World) -> None:
    node = await world.make("alfa", 20)
    host, port = "127.0.0.1", node.node.settings.listen_port
    _reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nold 0".encode())
    await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()

    assert (await ask(node, PATH, b"old 0\n")).status == 400
