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
from federation.umbrella.checking import Checking
from federation.umbrella.following import Entries, read_verified
from federation.umbrella.local_entries import Local
from federation.umbrella.reading import Pages
from schemas.encoding import b64

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncpg import Pool, Record

    from events.log_store import AnyConnection
    from federation.umbrella.reading import Page
    from schemas.findings import Finding

SQL: Final = load_queries(files("federation.umbrella").joinpath("sql/audit.sql"))
LOCK: Final = 0x72620019
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
    async with pool.acquire() as reading, pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["one_at_a_time"], LOCK)
        return await _audit(reading, connection, nodes, None)


async def from_the_start(
    pool: Pool[Record], nodes: Sequence[str], *, signatures: bool = False, processes: int = 0
) -> Anew:
    """Audit all that the mirror holds as if for the first time; nothing is kept.

    Every entry is checked again, with its signature when that is asked for, in so many processes
    beside this one (see `Verifiers`). The records lie in the same tables, emptied in a transaction
    that is undone: memory does not grow with the logs.
    """
    async with pool.acquire() as reading, pool.acquire() as connection:
        undone = connection.transaction()
        await undone.start()
        try:
            await connection.execute(SQL["one_at_a_time"], LOCK)
            for table in ("no_nodes", "no_lines", "no_paths"):
                await connection.execute(SQL[table])
            async with Checking(signatures=signatures, processes=processes) as checking:
                audit = await _audit(reading, connection, nodes, checking)
            return Anew(audit, checking.findings())
        finally:
            await undone.rollback()


async def _audit(
    reading: AnyConnection,
    connection: AnyConnection,
    nodes: Sequence[str],
    checking: Checking | None,
) -> Audit:
    audit = Audit(await _read(connection))
    starts = {node: audit.state.node(node).events for node in nodes}
    signatures = checking is not None and checking.signatures
    async with Pages(reading, starts, signatures=signatures) as pages:
        while (page := await pages.next()) is not None:
            await _take(connection, audit, page, checking)
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


async def _take(
    connection: AnyConnection, audit: Audit, page: Page, checking: Checking | None
) -> None:
    """Take in a page of a log, with the payments that it speaks of."""
    held = _verified(page) if checking is None else await checking.page(page)
    await _load(connection, audit.state, _paths(core for core, _ in held.others))
    audit.read_in_a_row(page.node, page.start, *held)


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


def _verified(page: Page) -> Entries:
    held = Entries([], [])
    for entry in page.entries:
        core = read_verified(entry)
        held.times.append(core.ts)
        if not isinstance(core, Local):
            held.others.append((core, b64(leaf_hash(entry))))
    return held


def _paths(cores: Iterable[Any]) -> set[str]:
    named = ((getattr(core, "path", None), getattr(core, "reverses", None)) for core in cores)
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
