"""A partner's key statements: what is added counts, what is rewritten does not."""

from __future__ import annotations

from typing import Any

import pytest

from events.keys import pre_commitment, sign_statement
from events.signing import PrivateKey
from schemas.encoding import b64, encode, unb64
from schemas.keys import Cause, KeyStatement, Role, SignedKeyStatement
from tests.federation.world.conftest import World, WorldNode

NEXT = PrivateKey(b"n" * 32)


def root_of(node: WorldNode) -> PrivateKey:
    text = (node.folder.keys / "root.key").read_text("ascii").strip()
    return PrivateKey(unb64(text, size=32))


def states(node: WorldNode, cause: Cause, key: PrivateKey, at: int) -> SignedKeyStatement:
    statement = KeyStatement(
        v=1,
        role=Role.LOG,
        cause=cause,
        key=b64(key.public.data),
        next=pre_commitment(NEXT.public.data),
        holds_from=at,
        salt=b64(bytes(16)),
        node=node.node.id,
    )
    return sign_statement(statement, [root_of(node)])


async def told(
    b: WorldNode, a: WorldNode, statements: Any, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, int | None]]:
    """What `b` holds of the log keys of `a` when those are its statements."""

    async def answers(*_: Any, **__: Any) -> bytes:
        return encode(statements)

    monkeypatch.setattr(b.node.client, "get_unsigned", answers)
    await b.node.peers.refresh(a.node.id)
    history = b.node.peers.history(a.node.id)
    assert history is not None
    return [(key.key, key.holds_until) for key in history.keys if key.role is Role.LOG]


async def test_a_revocation_is_taken_in_and_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await world.make("alfa", 20), await world.make("beta", 60)
    await b.ask("line.invite", invitation=a.invitation)
    own, log = a.node.identity.statements, a.node.identity.log
    later = PrivateKey(b"k" * 32)
    new = states(a, Cause.RECOVERY, later, 50)
    revoked = [(b64(log.public.data), 50), (b64(later.public.data), None)]

    statements = (*own, new, states(a, Cause.REVOCATION, log, 50))
    assert await told(b, a, statements, monkeypatch) == revoked

    rewritten = (*own[:1], states(a, Cause.FIRST, later, 0), *own[2:])
    assert await told(b, a, own, monkeypatch) == revoked
    assert await told(b, a, rewritten, monkeypatch) == revoked
    await b.stop()
    await b.start()
    history = b.node.peers.history(a.node.id)
    assert history is not None
    assert [k.holds_until for k in history.keys if k.role is Role.LOG] == [50, None]
