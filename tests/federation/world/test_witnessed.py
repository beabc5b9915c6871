"""The newest checkpoint that the policy of a node lets through, and what that policy is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.checkpoint import Checkpoint
from events.cosignature import CosignatureSigner
from events.note import SignedNote
from events.policy import NONE, Policy, parse_policy, require_witnessed, write_policy
from events.restore import Mode
from events.signing import PrivateKey
from federation.node import witnessed, witnesses
from federation.node.settings import WitnessSettings
from federation.node.witnessed import witnessed_checkpoint
from federation.node.witnesses import asked_of, policy_of
from schemas.errors import InputError, StorageError
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.test_cosigning import grow, has_cosigned, registered, served
from tests.federation.world.test_witness import witness_key


def size_of(note: bytes | None) -> int:
    return -1 if note is None else Checkpoint.parse(SignedNote.parse(note).text).size


def address(node: WorldNode) -> str:
    """Name what stands for a node's server: in tests, host and port."""
    return node.node.settings.public_url.removeprefix("http://")


def settle(node: WorldNode, *on_the_umbrellas_server: WorldNode) -> None:
    """Tell a node who is on the umbrella's server."""
    hosts = tuple(address(one) for one in on_the_umbrellas_server)
    settings = node.node.settings
    node.node.settings = replace(settings, witness=WitnessSettings(umbrella_hosts=hosts))


def policy(node: WorldNode) -> Policy:
    made = policy_of(node.node)
    assert made is not None
    return made


async def test_by_default_umbrella_and_partner_have_to_cosign(world: World) -> None:
    koepel, a, b = await registered(world)
    await eventually(lambda: has_cosigned(koepel, a) and has_cosigned(b, a))

    note = await witnessed_checkpoint(a.node)

    made = parse_policy(write_policy(policy(a)))
    assert note is not None
    found = require_witnessed(made, note)
    assert found.checkpoint.size == a.node.sequencer.size
    assert set(found.cosigned_at_s) == {witness_key(koepel).name, witness_key(b).name}
    assert made.suffices([witness_key(koepel).name]) is False
    assert made.suffices([witness_key(b).name]) is False


async def test_while_a_witness_is_away_the_checkpoint_before_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    koepel, a, b = await registered(world)
    await eventually(lambda: has_cosigned(koepel, a) and has_cosigned(b, a))
    before = await witnessed_checkpoint(a.node)
    await b.stop()
    await grow(a, 3)
    await eventually(lambda: has_cosigned(koepel, a))

    assert size_of(await witnessed_checkpoint(a.node)) == size_of(before)
    monkeypatch.setattr(witnessed, "PAGE", 1)
    assert size_of(await witnessed_checkpoint(a.node)) == size_of(before)
    monkeypatch.setattr(witnessed, "PAGES_MAX", 1)
    assert await witnessed_checkpoint(a.node) is None

    await b.start()
    await eventually(lambda: has_cosigned(b, a))
    assert size_of(await witnessed_checkpoint(a.node)) == a.node.sequencer.size


async def test_on_the_umbrellas_server_a_witness_there_is_not_enough(world: World) -> None:
    koepel, a, b = await registered(world)
    await eventually(lambda: has_cosigned(koepel, a) and has_cosigned(b, a))

    settle(a, a, b)
    assert policy_of(a.node) is None
    assert await witnessed_checkpoint(a.node) is None

    settle(a, a)
    assert policy(a).suffices([witness_key(b).name, witness_key(koepel).name])
    assert size_of(await witnessed_checkpoint(a.node)) == a.node.sequencer.size


async def test_a_partner_on_the_umbrellas_server_is_no_other_pair_of_eyes(world: World) -> None:
    koepel, a, b = await registered(world)
    await eventually(lambda: has_cosigned(koepel, a) and has_cosigned(b, a))

    settle(a, b)

    assert [one.name for one in policy(a).witnesses] == [witness_key(koepel).name]
    assert policy(a).suffices([witness_key(koepel).name])


async def test_a_node_that_does_not_know_its_umbrellas_key_has_no_policy_yet(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _koepel, a, _b = await registered(world)
    histories = a.node.peers.history

    monkeypatch.setattr(
        a.node.peers, "history", lambda node: None if node == a.node.umbrella else histories(node)
    )

    assert policy_of(a.node) is None


async def test_a_partner_with_the_umbrellas_key_counts_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    koepel, a, _b = await registered(world)
    await eventually(lambda: has_cosigned(koepel, a))
    key = witness_key(koepel)

    monkeypatch.setattr(witnesses, "witness_key", lambda _peers, _node: key)

    assert [one.name for one in policy(a).witnesses] == [key.name]


async def test_a_node_alone_needs_nobody(world: World) -> None:
    a = await world.make("alfa", 20)
    await eventually(lambda: a.node.gate.mode is Mode.OPEN)
    newest = await served(a)

    assert policy(a).quorum == NONE
    assert await witnessed_checkpoint(a.node) == newest.encode()


async def test_nothing_leaves_while_the_node_releases_nothing(world: World) -> None:
    a = await world.make("alfa", 20)
    await served(a)
    a.node.gate.judgement = a.node.gate.judgement._replace(mode=Mode.RELEASES_NOTHING)

    with pytest.raises(StorageError):
        await witnessed_checkpoint(a.node)


async def test_a_witness_that_the_operator_names_is_asked_and_counts(world: World) -> None:
    a, elsewhere = await world.make("alfa", 20), await world.make("beta", 60)
    await elsewhere.ask("line.invite", invitation=a.invitation)  # so that it knows the log
    url = f"http://{witness_key(elsewhere).name}"
    await a.stop()
    (a.folder.path / "trust").write_text(
        f"witness elders {witness_key(elsewhere).vkey()} {url}\nquorum elders\n"
    )
    with (a.folder.path / "node.toml").open("a") as file:
        file.write('[witness]\npolicy = "trust"\n')

    await a.start()

    assert [one.url for one in asked_of(a.node)] == [url]
    key = witness_key(elsewhere)
    await eventually(
        lambda: (s := a.node.cosigning.standings.get(key.vkey())) is not None and s.size > 0
    )
    note = await witnessed_checkpoint(a.node)
    assert note is not None
    found = require_witnessed(policy(a), note)
    assert list(found.cosigned_at_s) == ["elders"]


async def test_a_partner_that_the_policy_names_is_asked_once(world: World) -> None:
    a, b = await world.pair()
    await eventually(lambda: has_cosigned(b, a))

    a.node.own_policy = parse_policy(
        f"witness b {witness_key(b).vkey()} http://{witness_key(b).name}\nquorum b\n".encode()
    )

    assert [one.id for one in asked_of(a.node)] == [b.node.id]
    assert size_of(await witnessed_checkpoint(a.node)) == a.node.sequencer.size


@pytest.mark.parametrize(
    ("text", "said"), [("quorum elders\n", "line 1"), (None, "trust")], ids=["nonsense", "missing"]
)
async def test_a_policy_that_cannot_be_read_is_named_at_the_start(
    world: World, text: str | None, said: str
) -> None:
    a = await world.make("alfa", 20)
    await a.stop()
    if text is not None:
        (a.folder.path / "trust").write_text(text)
    with (a.folder.path / "node.toml").open("a") as file:
        file.write('[witness]\npolicy = "trust"\n')

    with pytest.raises(InputError) as refused:
        await a.start()

    assert refused.value.facts["field"] == said
    (a.folder.path / "trust").write_text("quorum none\n")
    await a.start()


async def test_a_line_that_the_policy_does_not_know_counts_for_nothing(world: World) -> None:
    a, b = await world.pair()
    await eventually(lambda: has_cosigned(b, a))
    thief = CosignatureSigner(witness_key(b).name, PrivateKey(b"t" * 32))

    a.node.own_policy = parse_policy(f"witness b {thief.public.vkey()}\nquorum b\n".encode())

    assert await witnessed_checkpoint(a.node) is None
