"""The audit over the mirror: kept in tables and going on with what is new, or from the start.

Invariant: both find the same. The records are written in the transaction that read them, so an
audit that dies half-way has read nothing.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from events.merkle import leaf_hash
from events.queries import load_queries
from federation.node.service import now_s
from federation.umbrella.audit import Audit, State
from federation.umbrella.audit.records import LineRecord, NodeRecord, PathRecord
from federation.umbrella.checking import Checking, Row
from federation.umbrella.following import Local, read_verified
from federation.umbrella.queries import SQL as MIRROR
from schemas.encoding import b64

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncpg import Pool, Record

    from events.log_store import AnyConnection
    from federation.umbrella.following import AnyEntry
    from schemas.findings import Finding

SQL: Final = load_queries(files("federation.umbrella").joinpath("sql/audit.sql"))
LOCK: Final = 0x72620019
PAGE: Final = 4096
PATHS_MAX: Final = 8192
"""So many payments may have changed before they are stored."""

_PACK: Final = msgspec.msgpack.Encoder()
_NODE: Final = msgspec.msgpack.Decoder(NodeRecord)
_LINE: Final = msgspec.msgpack.Decoder(LineRecord)
_PATH: Final = msgspec.msgpack.Decoder(PathRecord)


class Anew(NamedTuple):
    """An audit from the start, and what is wrong with the mirror itself."""

    audit: Audit
    altered: list[Finding]


async def go_on(pool: Pool[Record], nodes: Sequence[str]) -> Audit:
    """Audit what the mirror has taken in since the last time, and keep how far it came."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["one_at_a_time"], LOCK)
        return await _audit(connection, nodes, None)


async def from_the_start(
    pool: Pool[Record], nodes: Sequence[str], *, signatures: bool = False
) -> Anew:
    """Audit all that the mirror holds as if for the first time; nothing is kept.

    Every entry is checked again, with its signature when that is asked for. The records lie in the
    same tables, emptied in a transaction that is undone: memory does not grow with the logs.
    """
    async with pool.acquire() as connection:
        undone = connection.transaction()
        await undone.start()
        try:
            await connection.execute(SQL["one_at_a_time"], LOCK)
            for table in ("no_nodes", "no_lines", "no_paths"):
                await connection.execute(SQL[table])
            async with Checking(signatures=signatures) as checking:
                audit = await _audit(connection, nodes, checking)
            return Anew(audit, checking.findings())
        finally:
            await undone.rollback()


async def _audit(
    connection: AnyConnection, nodes: Sequence[str], checking: Checking | None
) -> Audit:
    audit = Audit(await _read(connection))
    more = True
    while more:
        more = False
        for node in nodes:
            more = await _page(connection, audit, node, checking) or more
            if len(audit.state.changed_paths) > PATHS_MAX:
                await _settle(connection, audit)
        await _settle(connection, audit)
    await _load(connection, audit.state, _originals(audit.state))
    return audit


async def _settle(connection: AnyConnection, audit: Audit) -> None:
    """Judge what has changed, store it, and forget what is done with."""
    await _load(connection, audit.state, _originals(audit.state))
    audit.findings(now_s())
    await _write(connection, audit.state)


async def _page(
    connection: AnyConnection, audit: Audit, node: str, checking: Checking | None
) -> bool:
    """Read the next page of a log; a little of each, so that what belongs together meets."""
    start = audit.state.node(node).events
    columns = await connection.fetchrow(MIRROR["read_columns"], node, start, PAGE)
    assert columns is not None
    rows = [Row(*row) for row in zip(*(column or () for column in columns), strict=True)]
    if checking is None:
        events = [_verified(row.core) for row in rows]
    else:
        events = await checking.page(node, rows)
    await _load(connection, audit.state, _paths(core for core, _ in events))
    for core, event_id in events:
        audit.read(node, core, event_id)
    return bool(events)


async def _read(connection: AnyConnection) -> State:
    state = State()
    for row in await connection.fetch(SQL["read_nodes"]):
        node = _NODE.decode(row["state"])
        state.nodes[node.node] = node
    for row in await connection.fetch(SQL["read_lines"]):
        line = _LINE.decode(row["state"])
        state.lines[line.line] = line
    for row in await connection.fetch(SQL["read_open"]):
        path = _PATH.decode(row["state"])
        state.paths[path.path] = path
        state.open.add(path.path)
    return state


def _verified(core_bytes: bytes) -> tuple[AnyEntry, str]:
    core = read_verified(core_bytes)
    return core, "" if type(core) is Local else b64(leaf_hash(core_bytes))


def _paths(cores: Iterable[Any]) -> set[str]:
    named = (
        (getattr(core, "path", None), getattr(core, "reverses", None))
        for core in cores
        if type(core) is not Local
    )
    return {path for pair in named for path in pair if path}


def _originals(state: State) -> set[str]:
    """Name the payments that open reversals are held against."""
    return {
        half.prepare.reverses
        for path in state.open
        for half in state.paths[path].given.values()
        if half.prepare is not None and half.prepare.reverses
    }


async def _load(connection: AnyConnection, state: State, paths: set[str]) -> None:
    missing = sorted(path for path in paths if path not in state.paths)
    rows: list[Record] = await connection.fetch(SQL["read_paths"], missing) if missing else []
    for row in rows:
        record = _PATH.decode(row["state"])
        state.paths[record.path] = record


async def _write(connection: AnyConnection, state: State) -> None:
    """Keep what has changed, and forget the payments that nothing open needs."""
    nodes = list(state.nodes.values())
    await connection.execute(
        SQL["write_nodes"],
        [node.node for node in nodes],
        [node.events for node in nodes],
        [_PACK.encode(node) for node in nodes],
    )
    lines = sorted(state.changed_lines)
    packed = [_PACK.encode(state.lines[line]) for line in lines]
    await connection.execute(SQL["write_lines"], lines, packed)
    paths = sorted(path for path in state.changed_paths if path in state.paths)
    await connection.execute(
        SQL["write_paths"],
        paths,
        [path in state.open for path in paths],
        [_PACK.encode(state.paths[path]) for path in paths],
    )
    state.changed_lines.clear()
    state.changed_paths.clear()
    needed = state.open | _originals(state)
    for path in [path for path in state.paths if path not in needed]:
        del state.paths[path]
