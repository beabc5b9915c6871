"""A rebuild in small portions fills the tables as the running node had filled them."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from federation.node.rebuild import rebuild_tables
from federation.node.verify import verify_log
from schemas import cores
from schemas.encoding import b64
from tests.federation.world.conftest import World, WorldNode, lines
from tests.federation.world.test_channel import newest, signed
from tests.federation.world.test_evidence import decided

TABLES: Final = (
    "SELECT * FROM account ORDER BY account",
    "SELECT * FROM hold WHERE open ORDER BY line, path, direction",
    "SELECT * FROM line ORDER BY line",
    "SELECT * FROM transfer ORDER BY line, path, direction",
    "SELECT * FROM posting ORDER BY seq, ordinal",
)
VOIDED: Final = (
    "SELECT count(*) FROM transfer WHERE done AND convert_from(state, 'UTF8') LIKE '%voided%'"
)
_CORE: Final = msgspec.json.Decoder(cores.LineEvent)


async def stored(node: WorldNode) -> list[list[Any]]:
    """Everything that a rebuild fills, row by row."""
    return [[tuple(row) for row in await node.node.pool.fetch(query)] for query in TABLES]


async def take(b: WorldNode, a: WorldNode, core: Any, **changed: Any) -> None:
    """Hand an event of `a` to `b` as the next one of its chain."""
    line = lines(b)[0]
    place = {"n": line.in_n + 1, "prev": line.in_id, "seq": core.seq + line.in_n}
    await b.node.intake.take(a.node.id, line.line, [signed(a, core, **place, **changed)])


async def test_what_a_partner_says_about_finished_trades_is_folded_as_it_was(
    world: World,
) -> None:
    a, b = await world.pair()
    payment = {"payer": "001", "payee": "002", "amount_minor": 3, "group": "beta"}
    await a.ask("pay", **payment)
    commit = await newest(a)
    (row,) = await a.node.outbox.own_chain(commit.line, commit.n - 2, 1)
    prepare = msgspec.structs.replace(_CORE.decode(row.core), path=b64(b"late" * 4))
    abort = cores.PayAbort(
        v=1,
        origin=commit.origin,
        seq=commit.seq,
        root=commit.root,
        key=commit.key,
        ts=commit.ts,
        line=commit.line,
        n=commit.n,
        salt=b64(bytes(16)),
        path=prepare.path,
        code=cores.WireCode.CANCELLED,
        decision=await decided(a, prepare, None),
    )
    other = msgspec.structs.replace(
        abort, path=commit.path, decision=await decided(a, commit, None)
    )
    await take(b, a, prepare, expires_at_s=1)  # refused: it is over
    late = msgspec.structs.replace(abort, code=cores.WireCode.EXPIRED)
    for core in (abort, commit, other, late, prepare, commit):
        for _ in range(3):
            await b.ask("pay", payer="001", payee="002", amount_minor=1)
        await take(b, a, core)
    before = await stored(b)
    assert await b.node.pool.fetchval(VOIDED) == 1

    settings = b.folder.settings()
    for chunk in (3, 1, 4096):
        await b.stop()
        await rebuild_tables(settings.database, settings.database_owner, chunk=chunk)
        await b.start()
        assert await stored(b) == before, chunk
        assert (await verify_log(b.folder)).findings == []
