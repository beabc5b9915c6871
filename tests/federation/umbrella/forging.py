"""Groups whose people rewrite their own databases, with their own keys: roots and signatures fit.

What the mirror then follows over HTTP is a log in which nothing is wrong but what it says.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

import asyncpg
import msgspec

from events.evidence import DECISION_PREFIX
from events.growing import GrowingTree
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from federation.umbrella.following import read_core
from schemas import cores
from schemas.encoding import b64, encode
from tests.federation.umbrella.history import History, Log, Writer
from tests.federation.world.conftest import WorldNode, eventually

UNSIGNED = "A" * 86
LOG_TABLES = ("log_event", "log_checkpoint")
UMBRELLA_TABLES = (
    "mirror_event",
    "mirror_state",
    "mirror_cosigned",
    "mirror_held",
    "mirror_tree",
    "mirror_bodies",
    "audit_node",
    "audit_line",
    "audit_path",
    "evidence",
)


@contextlib.asynccontextmanager
async def superuser(node: WorldNode) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """Let somebody at a node's database whom no trigger stops."""
    connection = await asyncpg.connect(node.node.settings.database_owner)
    try:
        tables = [
            row["relname"]
            for row in await connection.fetch(
                "SELECT DISTINCT relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE NOT tgisinternal"
            )
        ]
        for table in tables:
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield connection
        for table in tables:
            await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    finally:
        await connection.close()


async def forget(umbrella: WorldNode) -> None:
    """Let an umbrella begin anew: nothing mirrored, audited or proven."""
    async with superuser(umbrella) as connection:
        for table in UMBRELLA_TABLES:
            await connection.execute(f"TRUNCATE {table}")


class Forgery(History):
    """The logs of real groups, to be changed and put back as if they had always been so."""

    def __init__(self, groups: Iterable[WorldNode]) -> None:
        super().__init__()
        self.groups = {group.node.id: group for group in groups}
        self.unsigned: set[str] = set()
        """Payments, and accepts, of which the decisions bear no signature that fits."""
        self._found: dict[str, list[tuple[bytes, bytes]]] = {}

    @classmethod
    async def read(cls, *groups: WorldNode) -> Forgery:
        forgery = cls(groups)
        for name, group in forgery.groups.items():
            rows = await group.node.pool.fetch("SELECT core, signature FROM log_event ORDER BY seq")
            forgery._found[name] = [(row["core"], row["signature"]) for row in rows]
            forgery.logs[name] = [
                (read_core(row["core"]), b64(leaf_hash(row["core"]))) for row in rows
            ]
        return forgery

    def anew(self) -> Forgery:
        """Give the logs as they were found, to be changed in another way."""
        other = Forgery(self.groups.values())
        other._found = self._found
        other.logs = {name: list(log) for name, log in self.logs.items()}
        return other

    def paths(self, node: Writer) -> set[str]:
        """Name the payments of which a group speaks."""
        named = (getattr(core, "path", "") for core, _ in self.logs[node.id])
        return {path for path in named if path}

    def pass_on(self, path: str, other: str, originator: Writer) -> None:
        """Let a payment be part of another, by the decision of the one who began that."""
        for log in self.logs.values():
            for at, (core, name) in enumerate(log):
                if getattr(core, "path", "") == path:
                    log[at] = (_passed_on(core, other, originator), name)

    def settle(self, core: Any) -> Any:
        """Give a core its root, and a decision in it the signature of its own group."""
        if isinstance(core, cores.PayCommit | cores.PayAbort):
            decision = core.decision.decision
            signs = self.groups.get(decision.origin, self.groups[core.origin])
            key = signs.node.identity.log
            decision = msgspec.structs.replace(decision, key=b64(key.public.data))
            signature = b64(key.sign(DECISION_PREFIX + encode(decision)))
            if self.unsigned & {core.path, decision.accept}:
                signature = UNSIGNED
            signed = cores.SignedDecision(decision=decision, signature=signature)
            core = msgspec.structs.replace(core, decision=signed)
        tree = self._trees.setdefault(core.origin, GrowingTree.from_tiles([], []))
        core = msgspec.structs.replace(core, root=b64(tree.root()), seq=tree.size)
        tree.append(leaf_hash(encode(core)))
        return core

    def made(self) -> dict[str, Log]:
        self._trees: dict[str, GrowingTree] = {}
        return super().made()

    async def plant(self) -> None:
        """Write the changed logs over those that the groups hold."""
        for name, log in self.made().items():
            group = self.groups[name]
            known = dict(self._found[name])
            sign = group.node.identity.log.sign
            rows = []
            for seq, (core, _) in enumerate(log):
                data = encode(core)
                assert read_core(data) == core
                signature = known.get(data) or sign(EVENT_PREFIX + data)
                rows.append((seq, leaf_hash(data), data, signature))
            await self._write(group, rows, self._trees[name].root())

    async def _write(
        self, group: WorldNode, rows: list[tuple[int, bytes, bytes, bytes]], root: bytes
    ) -> None:
        async with (
            superuser(group) as connection,
            group.node.sequencer.set_aside(),
        ):
            await eventually(lambda: is_recorded(group))
            async with connection.transaction():
                await connection.execute("LOCK TABLE cosignature IN EXCLUSIVE MODE")
                await connection.execute("DELETE FROM log_event")
                await connection.copy_records_to_table(
                    "log_event", records=rows, columns=("seq", "id", "core", "signature")
                )
                await connection.execute(
                    "UPDATE log_state SET size = $1, root = $2", len(rows), root
                )
                await connection.execute("DELETE FROM cosignature")
                await connection.execute("DELETE FROM log_checkpoint")


def is_recorded(group: WorldNode) -> bool:
    """Tell whether the checkpoint of all that a group holds is written: none comes of itself then.

    One that is still on its way would stand in the changed log, with the root of the log before.
    """
    node = group.node
    return node.newest is not None and node.newest[0] == (node.sequencer.size, node.sequencer.root)


def _passed_on(core: Any, path: str, originator: Writer) -> Any:
    passed = msgspec.structs.replace(core, path=path)
    if not isinstance(core, cores.PayCommit):
        return passed
    decision = msgspec.structs.replace(core.decision.decision, path=path, origin=originator.id)
    signed = msgspec.structs.replace(core.decision, decision=decision)
    return msgspec.structs.replace(passed, decision=signed)
