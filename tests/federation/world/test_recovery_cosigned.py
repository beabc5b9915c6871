"""A node that went back to before what was cosigned of it, while nobody keeps those entries."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from events.checkpoint import Checkpoint, sign_checkpoint
from events.note import NoteSigner
from events.signing import PrivateKey
from federation.node import recovery_routes
from federation.node.origins import log_origin
from federation.node.postgres import PostgresServer
from schemas.errors import Code, RuilbrugError
from tests.federation.umbrella.conftest import proofs
from tests.federation.world.backups import Backups, groups, ids
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.test_cosigning import has_cosigned
from tests.federation.world.test_recovery import read_only, recover

LATER = 10**9
STRANGER = PrivateKey(b"s" * 32)


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    made = Backups(postgres_server)
    yield made
    await made.close()


async def cosigned_then_lost(node: WorldNode, backups: Backups, *witnesses: WorldNode) -> int:
    """Book inside the group, let witnesses cosign that alone, and put the machine back.

    Gives how many entries were cosigned.
    """
    await eventually(lambda: all(has_cosigned(one, node) for one in witnesses))
    await backups.take(node, machine=True)
    await node.ask("pay", payer="001", payee="002", amount_minor=4)
    await eventually(lambda: all(has_cosigned(one, node) for one in witnesses))
    size = node.node.sequencer.size
    await backups.restore(node, machine=True)
    return size


@pytest.fixture
def mirror_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no umbrella follow any log by itself."""
    monkeypatch.setattr("federation.umbrella.keeping_up.audit_when_due", _nothing)


async def _nothing(_: object) -> None:
    return None


@pytest.mark.usefixtures("mirror_is_late")
@pytest.mark.parametrize("umbrella", [True, False])
async def test_what_umbrella_or_partner_cosigned_is_never_written_anew(
    world: World, backups: Backups, *, umbrella: bool
) -> None:
    a, b, koepel = await groups(world, umbrella=umbrella)
    witnesses = [one for one in (b, koepel) if one is not None]
    size = await cosigned_then_lost(a, backups, *witnesses)

    await read_only(a)

    held = a.node.sequencer.size
    assert held < size
    assert "has cosigned a longer log" in a.node.gate.judgement.reason
    with pytest.raises(RuilbrugError) as refused:
        await a.ask("pay", payer="001", payee="002", amount_minor=1)
    assert refused.value.code is Code.READ_ONLY
    with pytest.raises(RuilbrugError) as overridden:
        await a.ask("node.override")
    assert overridden.value.code is Code.READ_ONLY
    before = await ids(a)
    report = await recover(a, without_bodies=True)
    assert report["mode"] == "read_only"
    (missing,) = report["missing"]
    assert missing.startswith(f"events {held} to {size - 1} were released once")
    assert await ids(a) == before
    assert [await proofs(one) for one in witnesses] == [[]] * len(witnesses)


@pytest.mark.usefixtures("mirror_is_late")
async def test_it_goes_on_as_soon_as_what_was_cosigned_is_back(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    await eventually(lambda: has_cosigned(koepel, a) and has_cosigned(b, a))
    await backups.take(a, machine=True)
    await a.ask("pay", payer="001", payee="002", amount_minor=4)
    await koepel.ask("audit.report")
    await eventually(lambda: has_cosigned(koepel, a) and has_cosigned(b, a))
    before = await ids(a)
    await backups.restore(a, machine=True)
    await read_only(a)

    report = await recover(a)

    assert (report["mode"], report["missing"]) == ("open", [])
    assert await ids(a) == before


@pytest.mark.usefixtures("mirror_is_late")
async def test_a_partner_on_an_earlier_release_names_no_checkpoint_and_is_believed(
    world: World, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, _ = await groups(world, umbrella=False)
    await cosigned_then_lost(a, backups, b)

    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(recovery_routes, "signed_and_cosigned", nothing)
    await a.open()


@pytest.mark.usefixtures("mirror_is_late")
async def test_nobody_makes_a_node_wait_for_a_log_that_it_never_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, _ = await groups(world, umbrella=False)
    await eventually(lambda: has_cosigned(b, a))
    origin = log_origin(a.node.settings.public_url)
    lie = sign_checkpoint(Checkpoint(origin, LATER, bytes(32)), NoteSigner(origin, STRANGER))

    async def invented(*_: object) -> bytes:
        return lie

    monkeypatch.setattr(recovery_routes, "signed_and_cosigned", invented)
    await a.stop()
    await a.open()
    assert b.node.id in a.node.question.answers
    assert a.node.question.answers[b.node.id].cosigned == 0
