"""Word against word where the one who was hidden from lost its copy with an old backup."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from federation.node.postgres import PostgresServer
from schemas import cores
from schemas.errors import Code, PeerUnavailable, VerificationError
from schemas.findings import What
from tests.federation.umbrella.conftest import Federation
from tests.federation.umbrella.test_byzantine import audited, exchange, hide
from tests.federation.umbrella.test_mirror import served
from tests.federation.world.backups import Backups
from tests.federation.world.conftest import WorldNode
from tests.federation.world.test_recovery import read_only, recover


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    made = Backups(postgres_server)
    yield made
    await made.close()


async def test_a_restored_group_is_not_accused_while_its_copy_is_away_and_shows_it_when_back(
    federation: Federation, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    await backups.take(b, machine=True)
    await federation.pay()
    await exchange(a, b)
    await hide(a, cores.PayPrepare, cores.PayCommit)
    with monkeypatch.context() as now:
        served(now, umbrella, b, "get", "/received/", lambda _: b"")
        assert await audited(umbrella) == {(What.WORD_AGAINST_WORD, "")}
    await backups.restore(b, machine=True)
    await read_only(b)

    away = await audited(umbrella)
    with monkeypatch.context() as now:
        silent(now, b, a)
        with pytest.raises(VerificationError) as forked:
            await recover(b)
        still_away = await audited(umbrella)
    back = await recover(b)

    assert forked.value.code is Code.LINE_FORK, "the mirror has what was shown instead"
    assert {node for _, node in away | still_away} <= {a.node.id, ""}
    assert (back["mode"], back["missing"]) == ("open", [])
    assert await audited(umbrella) == {(What.SENT_OTHERWISE, a.node.id)}


def silent(monkeypatch: pytest.MonkeyPatch, asker: WorldNode, group: WorldNode) -> None:
    """Let a group give nothing of a line to one that asks."""
    client, url = asker.node.client, group.node.settings.public_url
    for name in ("get", "post"):
        monkeypatch.setattr(client, name, partial(_unless_of_a_line, getattr(client, name), url))


async def _unless_of_a_line(real: Any, url: str, *arguments: Any, **options: Any) -> bytes:
    if url in arguments and "/lines/" in arguments[2]:
        raise PeerUnavailable(Code.PEER_UNREACHABLE, reason="it says nothing")
    answer: bytes = await real(*arguments, **options)
    return answer
