"""Own checkpoints are cosigned by umbrella and partners, and only what they signed is served."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from events.cosignature import CosignatureKey, CosignatureSigner
from events.note import NoteKey, NoteSigner, SignedNote, sign_note, signature_lines
from events.policy import KnownLog, KnownWitness, default_policy, require_witnessed
from events.restore import Mode
from events.signing import PrivateKey
from federation.group.commands import OpenAccount
from federation.node.cosigning import Cosigning
from federation.node.origins import WITNESS_PATH
from federation.node.standing import Standing
from federation.node.use_cases import new_key
from federation.node.witnesses import Asked
from federation.peer.signatures import Response
from schemas.bodies import AccountKind
from tests.federation.umbrella.forging import is_recorded, superuser
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.test_witness import log_of, witness_key
from tests.federation.world.witness_help import PATH, ask


def has_cosigned(witness: WorldNode, log: WorldNode) -> bool:
    """Tell whether a witness has cosigned all that a log has."""
    standing = log.node.cosigning.standings.get(witness.node.id)
    return standing is not None and standing.size == log.node.sequencer.size


async def served(node: WorldNode) -> SignedNote:
    return SignedNote.parse((await ask(node, "/log/checkpoint")).body)


async def cosigners(node: WorldNode, *trusted: CosignatureKey) -> list[str]:
    """Name those of these keys that have signed what the node serves."""
    return [key.vkey() for key in (await served(node)).require(trusted)]


async def registered(world: World) -> tuple[WorldNode, WorldNode, WorldNode]:
    """An umbrella and two groups with a line."""
    koepel = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=koepel.invitation)
    b = await world.make("beta", 60, umbrella=koepel.invitation)
    for node in (a, b):
        await koepel.ask("audit.admit", invitation=node.invitation)
    for node in (a, b):
        await eventually(lambda node=node: node.node.gate.mode is Mode.OPEN)  # type: ignore[misc]
    await world.link(a, b)
    return koepel, a, b


async def test_umbrella_and_partner_cosign_and_the_default_policy_is_content(world: World) -> None:
    koepel, a, b = await registered(world)

    await eventually(lambda: has_cosigned(koepel, a) and has_cosigned(b, a))

    log = log_of(a)
    policy = default_policy(
        KnownLog(NoteKey(log.origin, log.key.public)),
        KnownWitness("koepel", witness_key(koepel)),
        [KnownWitness("beta", witness_key(b))],
        hosted=False,
    )
    assert policy is not None
    told = await ask(a, "/log/checkpoint")
    witnessed = require_witnessed(policy, told.body)
    assert witnessed.checkpoint.size == a.node.sequencer.size
    assert sorted(witnessed.cosigned_at_s) == ["beta", "koepel"]


async def test_the_umbrella_is_cosigned_by_its_groups(world: World) -> None:
    koepel, a, b = await registered(world)

    await eventually(lambda: has_cosigned(a, koepel) and has_cosigned(b, koepel))

    keys = [witness_key(a), witness_key(b)]
    assert set((await served(koepel)).require(keys)) == set(keys)


async def grow(node: WorldNode, count: int) -> None:
    for number in range(count):
        await node.node.sequencer.submit(
            OpenAccount(new_key(), f"m{number}", AccountKind.MEMBER, new_key())
        )


async def test_what_has_grown_over_many_tiles_is_cosigned_again(world: World) -> None:
    a, b = await world.pair()
    await eventually(lambda: has_cosigned(b, a))

    await grow(a, 300)

    await eventually(lambda: has_cosigned(b, a))
    assert a.node.sequencer.size > 300
    assert await cosigners(a, witness_key(b)) == [witness_key(b).vkey()]


async def test_a_size_that_was_forgotten_is_learned_from_the_witness(world: World) -> None:
    a, b = await world.pair()
    await eventually(lambda: has_cosigned(b, a))
    a.node.cosigning.standings.clear()

    await grow(a, 1)

    await eventually(lambda: has_cosigned(b, a))
    assert a.node.cosigning.standings[b.node.id].failures == 0


async def test_what_witnesses_have_cosigned_is_known_after_a_restart(world: World) -> None:
    a, b = await world.pair()
    await eventually(lambda: has_cosigned(b, a))
    size = a.node.cosigning.standings[b.node.id].size
    await a.stop()
    await b.stop()

    await a.start()

    assert a.node.cosigning.standings[b.node.id].size == size
    assert await cosigners(a, witness_key(b)) == [witness_key(b).vkey()]
    await b.start()


async def test_a_witness_that_was_away_cosigns_when_it_is_back(world: World) -> None:
    a, b = await world.pair()
    await eventually(lambda: has_cosigned(b, a))
    await b.stop()
    await grow(a, 1)
    await eventually(lambda: a.node.cosigning.standings[b.node.id].failures > 0)

    await b.start()

    await eventually(lambda: has_cosigned(b, a))
    assert a.node.cosigning.standings[b.node.id].failures == 0


class Answers:
    """Stands for the client: gives prepared answers, and keeps what was asked."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []

    async def post_public(self, url: str, path: str, body: bytes, **_: Any) -> Response:
        assert (url + path).endswith(PATH)
        self.asked.append(body.partition(b"\n")[0])
        return self.answers.pop(0)


def answer(status: int, body: bytes, content_type: str = "text/plain") -> Response:
    return Response(status=status, fields={"content-type": content_type}, body=body)


class Pushing:
    """Node a and its newest checkpoint, node b as its witness, and no line between them."""

    def __init__(self, a: WorldNode, b: WorldNode, size: int, note: bytes) -> None:
        self.a, self.b, self.size, self.note = a, b, size, note
        self.client = Answers()
        self.now_s = 1_700_000_000
        self.cosigning: Cosigning | None = None
        self.asked = Asked(b.node.id, b.node.settings.public_url + WITNESS_PATH)
        assert b.node.identity.witness is not None
        self.signer = CosignatureSigner(witness_key(b).name, b.node.identity.witness)

    def line(self, *, text: bytes = b"", now_s: int = 0) -> bytes:
        """Give the signature line of the witness."""
        signed = self.signer.sign(text or SignedNote.parse(self.note).text, now_s=now_s or 9)
        return signature_lines([signed])

    async def push(self, *answers: Response) -> Standing:
        self.client.answers = list(answers)
        async with asyncio.TaskGroup() as tasks:
            cosigning = Cosigning(
                pool=self.a.node.pool,
                gate=self.a.node.gate,
                client=self.client,  # type: ignore[arg-type]
                peers=self.a.node.peers,
                witnesses=lambda: [self.asked],
                tasks=tasks,
                clock=lambda: self.now_s,
                jitter=lambda: 0.5,
            )
            cosigning.standings = self.cosigning.standings if self.cosigning else {}
            self.cosigning = cosigning
            cosigning.look(self.size, self.note)
            cosigning.look(self.size, self.note)  # one push at a time
        assert self.client.answers == []
        return cosigning.standings.get(self.b.node.id, Standing())

    async def kept(self) -> bytes:
        assert self.cosigning is not None
        return await self.cosigning.below(self.size)


@pytest.fixture
async def pushing(world: World) -> Pushing:
    a, b = await world.make("alfa", 20), await world.make("beta", 60)
    await a.ask("line.invite", invitation=b.invitation)
    await a.node.peers.refresh(b.node.id)
    note = (await ask(a, "/log/checkpoint")).body
    await eventually(lambda: is_recorded(a))  # nothing comes back by itself that a test deletes
    return Pushing(a, b, a.node.sequencer.size, note)


async def test_a_cosignature_is_kept_and_served(pushing: Pushing) -> None:
    standing = await pushing.push(answer(200, pushing.line()))

    assert standing == Standing(size=pushing.size, cosigned_at_s=pushing.now_s)
    assert await pushing.kept() == pushing.line()
    assert (await ask(pushing.a, "/log/checkpoint")).body == pushing.note + pushing.line()
    assert pushing.client.asked == [b"old 0"]


async def test_of_two_cosignatures_the_newer_is_served(pushing: Pushing) -> None:
    old, new = pushing.line(now_s=100), pushing.line(now_s=200)
    await pushing.push(answer(200, new + old))
    pushing.now_s += 9_999

    await pushing.push(answer(200, old))

    assert await pushing.kept() == new
    pushing.now_s += 9_999
    newest = pushing.line(now_s=300)
    await pushing.push(answer(200, newest))
    assert await pushing.kept() == newest


async def test_lines_of_others_are_not_kept(pushing: Pushing) -> None:
    text = SignedNote.parse(pushing.note).text
    other = CosignatureSigner("else.example", PrivateKey(b"e" * 32)).sign(text, now_s=9)

    await pushing.push(answer(200, signature_lines([other]) + pushing.line()))

    assert await pushing.kept() == pushing.line()


async def test_after_409_it_is_asked_once_more_from_the_size_that_was_told(
    pushing: Pushing,
) -> None:
    conflict = answer(409, b"1\n", "text/x.tlog.size")

    standing = await pushing.push(conflict, answer(200, pushing.line()))

    assert pushing.client.asked == [b"old 0", b"old 1"]
    assert standing.size == pushing.size

    pushing.now_s += 9_999
    still = await pushing.push(conflict, conflict)
    assert pushing.client.asked[2:] == [b"old %d" % pushing.size, b"old 1"]
    assert still.failures == 1


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b"0\n", "text/x.tlog.size", id="the size that was asked"),
        pytest.param(b"99999\n", "text/x.tlog.size", id="more than there is"),
        pytest.param(b"1", "text/x.tlog.size", id="no line feed"),
        pytest.param(b"1\n", "text/plain", id="another type"),
    ],
)
async def test_a_409_that_helps_nobody_is_no_reason_to_ask_again(
    pushing: Pushing, body: bytes, content_type: str
) -> None:
    standing = await pushing.push(answer(409, body, content_type))

    assert pushing.client.asked == [b"old 0"]
    assert (standing.size, standing.failures) == (0, 1)
    assert standing.next_attempt_at_s > pushing.now_s


async def test_without_its_events_a_log_is_not_cosigned_and_the_node_goes_on(
    pushing: Pushing,
) -> None:
    async with superuser(pushing.a) as connection:
        await connection.execute("DELETE FROM log_event")

    standing = await pushing.push(answer(409, b"1\n", "text/x.tlog.size"))
    tile = await ask(pushing.a, f"/log/tile/0/000.p/{pushing.size}")

    assert (standing.size, standing.failures) == (1, 1)
    assert tile.status == 503
    assert tile.body.startswith(b"The database no longer holds every event")


async def test_of_a_checkpoint_that_is_no_longer_held_nothing_is_kept(pushing: Pushing) -> None:
    async with superuser(pushing.a) as connection:
        await connection.execute("DELETE FROM log_checkpoint")

    await pushing.push(answer(200, pushing.line()))

    assert await pushing.kept() == b""


@pytest.mark.parametrize("status", [400, 403, 404, 422, 201])
async def test_a_refusal_is_tried_again_later(pushing: Pushing, status: int) -> None:
    standing = await pushing.push(answer(status, b"no\n"))

    assert standing.failures == 1
    assert await pushing.kept() == b""
    again = await pushing.push()
    assert again == standing


async def test_every_changed_byte_of_an_answer_is_refused_or_nothing(pushing: Pushing) -> None:
    line = pushing.line()
    for at in range(0, len(line), 7):
        changed = line[:at] + bytes((line[at] ^ 1,)) + line[at + 1 :]
        pushing.now_s += 9_999

        standing = await pushing.push(answer(200, changed))

        assert standing.cosigned_at_s == 0, at
        assert await pushing.kept() == b"", at


async def test_an_answer_of_the_wrong_text_key_or_time_is_refused(pushing: Pushing) -> None:
    text = SignedNote.parse(pushing.note).text
    more = text + b"\nmore\n"
    thief = CosignatureSigner(pushing.signer.public.name, PrivateKey(b"t" * 32))
    wrong = (
        pushing.line(text=text.replace(b"log", b"lag", 1)),
        b"more\n\n" + pushing.line(text=more),
        signature_lines([thief.sign(text, now_s=9)]),
        pushing.line(now_s=pushing.now_s + 99_999),
        signature_lines(sign_note(text, NoteSigner("x", PrivateKey(b"x" * 32))).signatures),
        b"",
    )
    for body in wrong:
        pushing.now_s += 999

        standing = await pushing.push(answer(200, body))

        assert standing.cosigned_at_s == 0, body
        assert await pushing.kept() == b""


async def test_nothing_is_pushed_while_the_node_releases_nothing(pushing: Pushing) -> None:
    gate = pushing.a.node.gate
    gate.judgement = gate.judgement._replace(mode=Mode.RELEASES_NOTHING)

    assert await pushing.push() == Standing()
    assert pushing.client.asked == []


async def test_a_witness_without_a_stated_key_is_not_believed(
    pushing: Pushing, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = pushing.a.node.peers.history(pushing.b.node.id)
    assert history is not None
    bare = type(history)(history.node, history.keys[:1])
    monkeypatch.setattr(pushing.a.node.peers, "history", lambda _node: bare)

    standing = await pushing.push(answer(200, pushing.line()))

    assert standing.failures == 1
    assert await pushing.kept() == b""
