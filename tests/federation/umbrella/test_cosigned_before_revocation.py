"""An entry under a revoked key counts when a checkpoint above it was cosigned before.

Also when the mirror had not followed the log as far as that: the witness had seen its root.
"""

from __future__ import annotations

import pytest

from events.merkle import leaf_hash
from federation.node import key_changes
from federation.umbrella import vouching
from schemas.encoding import b64
from schemas.keys import Role
from tests.federation.umbrella.conftest import Federation, report
from tests.federation.umbrella.forging import superuser
from tests.federation.world.conftest import WorldNode, eventually
from tests.federation.world.test_cosigning import has_cosigned
from tests.federation.world.test_key_changes import key_file


async def followed_then_grown(federation: Federation, *, cosigned: bool) -> int:
    """Let the umbrella follow a log, and the log grow; give the place of the last entry."""
    umbrella, a = federation.umbrella, federation.a
    await report(umbrella)
    if not cosigned:
        await eventually(lambda: has_cosigned(umbrella, a))
        a.node.cosigning.look = lambda *_: None  # type: ignore[method-assign]
    await a.ask("member.add", code="009", name="Nieuw")
    if cosigned:
        await eventually(lambda: has_cosigned(umbrella, a))
    return a.node.sequencer.size - 1


async def revoked(umbrella: WorldNode, a: WorldNode) -> None:
    """Revoke the log key of a group; the register learns it, and follows on."""
    await a.stop()
    await key_changes.revoke(a.folder, Role.LOG, key_file(a, "root"))
    await a.open()
    await umbrella.ask("group.keys", group="alfa")
    await report(umbrella)


@pytest.mark.parametrize("cosigned", [True, False])
async def test_what_was_cosigned_before_the_revocation_counts(
    federation: Federation, *, cosigned: bool
) -> None:
    umbrella, a = federation.umbrella, federation.a
    seq = await followed_then_grown(federation, cosigned=cosigned)
    core = await a.node.pool.fetchval("SELECT core FROM log_event WHERE seq = $1", seq)

    await revoked(umbrella, a)

    found = await vouching.followed_entry(umbrella.node, a.node.id, seq)
    assert found == (b64(leaf_hash(core)) if cosigned else None)
    assert await vouching.followed_entry(umbrella.node, a.node.id, 5) is not None


async def test_another_log_than_the_cosigned_one_does_not_count(federation: Federation) -> None:
    umbrella, a = federation.umbrella, federation.a
    seq = await followed_then_grown(federation, cosigned=True)
    await revoked(umbrella, a)

    async with superuser(umbrella) as connection:
        await connection.execute(
            """UPDATE mirror_event SET core = convert_to(
                replace(convert_from(core, 'UTF8'), '"ts":1', '"ts":2'), 'UTF8')
            WHERE node = $1 AND seq = $2""",
            a.node.id,
            seq - 1,
        )

    assert await vouching.followed_entry(umbrella.node, a.node.id, seq) is None
