"""Checkpoints that partners tell of: who shows two histories is found, and nobody else accused."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from events.checkpoint import Checkpoint
from events.cosignature import CosignatureSigner
from events.note import NoteSigner, SignedNote, sign_note
from events.restore import Mode
from events.signing import PrivateKey
from events.tiles import TilePath
from federation.node import hearsay
from federation.node.hearsay import Hearsay
from federation.node.known_logs import Telling
from schemas.encoding import b64, unb64
from schemas.errors import Code, PeerUnavailable
from schemas.keys import Cause, SignedKeyStatement
from tests.federation.umbrella.conftest import proofs
from tests.federation.world.conftest import WAIT_S, World, WorldNode, eventually
from tests.federation.world.test_cosigning import grow, has_cosigned, registered, served
from tests.federation.world.test_key_changes import key_file, statement
from tests.federation.world.test_witness import log_of, witness_key
from tests.federation.world.witness_help import PATH, ask

OTHER_ROOT = b"r" * 32


def signed(node: WorldNode, size: int, root: bytes = OTHER_ROOT) -> bytes:
    """Give a checkpoint that the node's key signs, whatever its log is."""
    log = log_of(node)
    text = Checkpoint(log.origin, size, root).encode()
    return sign_note(text, NoteSigner(log.origin, log.key)).encode()


async def honest(node: WorldNode) -> bytes:
    """Give what the node serves, without cosignatures."""
    note = await served(node)
    return SignedNote(note.text, note.signatures[:1]).encode()


async def forks(node: WorldNode) -> list[Any]:
    return list(await node.node.pool.fetch("SELECT * FROM forked_checkpoint"))


async def heard(node: WorldNode, note: bytes, *, by: str = "somebody") -> list[Any]:
    """Tell a node of a checkpoint and let it look."""
    node.node.hearsay.read(by, b64(note))
    await node.node.hearsay.look()
    return await forks(node)


@pytest.fixture
async def pair(world: World) -> tuple[WorldNode, WorldNode]:
    a, b = await world.pair()
    await eventually(lambda: has_cosigned(b, a) and has_cosigned(a, b))
    return a, b


async def test_another_root_of_a_size_that_was_cosigned_is_caught_with_both_notes(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    size = a.node.sequencer.size
    note = signed(a, size)

    found = await heard(b, note)

    assert [row["origin"] for row in found] == [log_of(a).origin]
    assert (found[0]["told"], found[0]["peer"]) == (note, "somebody")
    held = SignedNote.parse(found[0]["held"])
    assert Checkpoint.parse(held.text).size == size
    assert held.text == (await served(a)).text
    assert await heard(b, note) == found


async def test_two_checkpoints_of_one_size_are_kept_as_evidence_once(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    note = signed(a, a.node.sequencer.size)

    for teller in ("somebody", "another"):
        await heard(b, note, by=teller)

    assert await proofs(b) == [("same-size", a.node.id)]
    assert await proofs(a) == []
    noted = await b.node.pool.fetch("SELECT body FROM log_event WHERE body IS NOT NULL")
    assert sum(b"evidence.log_kept" in row["body"] for row in noted) == 1


async def test_a_key_that_was_revoked_is_no_evidence_and_an_alarm_all_the_same(
    pair: tuple[WorldNode, WorldNode], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = pair
    root, key, size = key_file(a, "root"), a.node.identity.log, a.node.sequencer.size
    revoked = [*a.node.identity.statements, statement(a, root, Cause.REVOCATION, key, size)]

    async def statements(_node: str) -> list[SignedKeyStatement]:
        return revoked

    monkeypatch.setattr(b.node.evidence, "statements", statements)

    found = await heard(b, signed(a, size))

    assert len(found) == 1
    assert await proofs(b) == []


async def test_a_smaller_one_that_the_log_does_not_lead_from_is_caught_without_evidence(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair

    assert len(await heard(b, signed(a, 3))) == 1
    assert await proofs(b) == []


async def test_an_older_checkpoint_of_the_same_log_accuses_nobody(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    older = await honest(a)
    await grow(a, 300)
    await eventually(lambda: has_cosigned(b, a))
    witness = b.node.witness
    assert witness is not None
    witness._recent.clear()

    assert await heard(b, older) == []
    assert [key for key in b.node.hearsay.waiting if key[0] == "somebody"] == []
    assert await heard(b, await honest(a)) == []


async def test_a_larger_one_is_looked_at_when_it_was_not_shown_to_us_in_a_while(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    size = a.node.sequencer.size
    told = signed(a, size + 2)
    b.node.hearsay.read("somebody", b64(told))
    await b.node.hearsay.look()
    assert await forks(b) == []
    await grow(a, 5)
    await eventually(lambda: has_cosigned(b, a))

    await b.node.hearsay.look()

    assert [row["told"] for row in await forks(b)] == [told]


async def test_what_its_log_has_not_signed_accuses_nobody(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    size = a.node.sequencer.size
    log = log_of(a)
    thief = NoteSigner(log.origin, PrivateKey(b"t" * 32))
    text = Checkpoint(log.origin, size, OTHER_ROOT).encode()
    note = signed(a, size)
    told = [
        sign_note(text, thief).encode(),
        sign_note(Checkpoint("else.example/log", 3, OTHER_ROOT).encode(), thief).encode(),
        sign_note(log.origin.encode() + b"\n5\n", NoteSigner(log.origin, log.key)).encode(),
        b"",
        note[:-20],
    ]
    told += [note[:at] + bytes((note[at] ^ 1,)) + note[at + 1 :] for at in range(0, len(note), 9)]

    for one in told:
        assert await heard(b, one) == [], one
    b.node.hearsay.read("somebody", "not base64!")


class Away:
    """What a node knows of logs, when none of them gives a tile."""

    def __init__(self, node: WorldNode) -> None:
        logs = node.node.hearsay._logs
        self.trusted, self.held, self.adopt = logs.trusted, logs.held, logs.adopt
        self.accuse = logs.accuse
        self.asked: list[str] = []

    async def tile(self, origin: str, _path: TilePath) -> bytes:
        self.asked.append(origin)
        raise PeerUnavailable(Code.PEER_UNREACHABLE, reason="it takes too long")


async def test_a_log_that_cannot_be_asked_is_asked_again_and_not_accused(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    now_s, logs = [1_000], Away(b)
    ears = Hearsay(pool=b.node.pool, logs=logs, clock=lambda: now_s[0])
    ears.read("somebody", b64(signed(a, 3)))

    await ears.look()
    await ears.look()
    assert (len(logs.asked), len(ears.waiting)) == (1, 1)
    for _ in range(hearsay.ATTEMPTS_MAX):
        now_s[0] += hearsay.PAUSE_S
        await ears.look()

    assert (len(logs.asked), ears.waiting) == (hearsay.ATTEMPTS_MAX, {})
    assert await forks(b) == []


async def test_who_tells_without_end_fills_neither_memory_nor_disk(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    size = a.node.sequencer.size
    ears = Hearsay(
        pool=b.node.pool,
        logs=b.node.hearsay._logs,
        clock=lambda: 1_000,
    )
    many = [b64(signed(a, size, bytes((n,)) * 32)) for n in range(hearsay.PER_PEER_MAX * 2)]

    ears.hear("somebody", (f"{n}" for n in range(3 * hearsay.KNOWN_MAX)))
    for note in many:
        ears.read("somebody", note)
    assert len(ears.waiting) == hearsay.PER_PEER_MAX
    assert len(ears._known) == hearsay.TOLD_MAX
    for note in many:
        ears.read("somebody", note)
        await ears.look()

    assert len(await forks(b)) == hearsay.FORKS_PER_LOG_MAX


async def test_who_tells_without_end_does_not_hide_what_another_tells(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    size = a.node.sequencer.size
    ears = Hearsay(pool=b.node.pool, logs=b.node.hearsay._logs, clock=lambda: 1_000)
    ears.read("honest", b64(signed(a, size + 1)))

    for more in range(2 * hearsay.PER_PEER_MAX):
        ears.read("loud", b64(signed(a, size + more)))

    assert [key[1].size - size for key in ears.waiting] == [
        1,
        *range(hearsay.PER_PEER_MAX, 2 * hearsay.PER_PEER_MAX),
    ]


async def test_a_log_that_hangs_is_asked_once_a_pass_and_keeps_nobody_waiting(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    logs = Away(b)
    ears = Hearsay(pool=b.node.pool, logs=logs, clock=lambda: 1_000)
    for size in (2, 3, 4, 5):
        ears.read("somebody", b64(signed(a, size)))
    ears.read("somebody", b64(signed(b, 10_000)))

    await ears.look()

    assert logs.asked == [log_of(a).origin]
    assert [row["origin"] for row in await forks(b)] == [log_of(b).origin]
    assert len(ears.waiting) == 4


async def test_a_partner_that_shows_another_history_in_an_exchange_is_caught(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    note = signed(a, a.node.sequencer.size)
    a.node.outbox.checkpoints = lambda: (b64(note),)

    await a.ask("pay", payer="001", payee="002", amount_minor=3, group="beta")

    async with asyncio.timeout(WAIT_S):
        while not (found := await forks(b)):
            await b.node.hearsay.look()
    assert [row["told"] for row in found] == [note]
    assert found[0]["peer"] == a.node.id


async def test_own_umbrella_and_another_in_turn_are_told(world: World) -> None:
    koepel, a, b = await registered(world)
    await eventually(lambda: all(has_cosigned(a, node) for node in (koepel, b)))
    await eventually(lambda: has_cosigned(koepel, a) and has_cosigned(b, a))
    telling = Telling(a.node)

    notes = [SignedNote.parse(unb64(note)) for note in telling.checkpoints()]

    origins = [note.text.partition(b"\n")[0].decode() for note in notes]
    assert origins == [log_of(node).origin for node in (a, koepel, b)]
    both = [witness_key(koepel), witness_key(b)]
    assert set(notes[0].require(both)) == set(both)
    a.node.gate.judgement = a.node.gate.judgement._replace(mode=Mode.RELEASES_NOTHING)
    assert telling.checkpoints() == ()


async def test_a_fork_that_is_submitted_is_refused_and_kept(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    size = a.node.sequencer.size
    note = signed(a, size)

    told = await ask(b, PATH, b"old %d\n\n" % size + note)

    assert told.status == 409
    queue = b.node.hearsay._queue
    while not queue.empty():
        b.node.hearsay.read(*queue.get_nowait())
    await b.node.hearsay.look()
    found = await forks(b)
    assert [(row["told"], row["peer"]) for row in found] == [(note, hearsay.SUBMITTED)]


def test_contradictions_are_told_from_growth() -> None:
    empty, one = Checkpoint("x", 0, b"e" * 32), Checkpoint("x", 5, b"1" * 32)

    assert hearsay.contradicts(one, Checkpoint("x", 5, b"2" * 32), [])
    assert not hearsay.contradicts(one, one, [])
    assert not hearsay.contradicts(one, empty, [])
    assert hearsay.contradicts(one, Checkpoint("x", 6, b"2" * 32), [b"3" * 32])


async def lose(node: WorldNode) -> None:
    """Put back a database from before the node cosigned anything, as after an old backup."""
    owner = await asyncpg.connect(node.node.settings.database_owner)
    try:
        await owner.execute("ALTER TABLE witnessed DISABLE TRIGGER witnessed_only_grows")
        await owner.execute("DELETE FROM witnessed")
        await owner.execute("ALTER TABLE witnessed ENABLE TRIGGER witnessed_only_grows")
    finally:
        await owner.close()
    witness = node.node.witness
    assert witness is not None
    witness._recent.clear()


async def test_a_witness_that_lost_what_it_cosigned_takes_it_back_from_what_partners_tell(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    size = a.node.sequencer.size
    cosigned = (await served(a)).encode()
    await lose(b)

    assert await heard(b, cosigned) == []

    assert await b.node.pool.fetchval("SELECT size FROM witnessed") == size
    fork = signed(a, 3)
    told = await ask(b, PATH, b"old 0\n\n" + fork)
    assert (told.status, told.body) == (409, b"%d\n" % size)


async def test_a_witness_that_cosigned_two_histories_after_a_loss_is_told_of_both(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    cosigned = (await served(a)).encode()
    await lose(b)
    fork = signed(a, 3)
    assert (await ask(b, PATH, b"old 0\n\n" + fork)).status == 200

    found = await heard(b, cosigned)

    assert [row["told"] for row in found] == [cosigned]
    assert found[0]["held"].startswith(fork)
    assert await b.node.pool.fetchval("SELECT size FROM witnessed") == a.node.sequencer.size


async def test_what_another_cosigned_is_not_taken_for_ours(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, b = pair
    text = Checkpoint(log_of(a).origin, 900, OTHER_ROOT).encode()
    note = sign_note(text, NoteSigner(log_of(a).origin, log_of(a).key))
    thief = CosignatureSigner(witness_key(b).name, PrivateKey(b"t" * 32)).sign(text, now_s=9)

    await heard(b, SignedNote(text, (*note.signatures, thief)).encode())

    assert await b.node.pool.fetchval("SELECT size FROM witnessed") == a.node.sequencer.size
