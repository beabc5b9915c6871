"""Evidence on a node: kept when a partner is caught, once, and written to the own log.

Invariant: what is kept proves itself; what cannot be proven accuses nobody and sets no line aside.
The file comes first, then the quarantine, then `evidence.kept`; a proof that is in the log already
changes nothing more, so the word of a coordinator who ended a quarantine stands. Both halves of
two verdicts lie in the inbox before anybody acts, so `finish` makes a file that a crash or an old
backup has taken anew at the start, which costs the append nothing and the tables no new row. The
other event of a fork lies nowhere else, so its file is durable before it is refused or acted upon,
and `finish` does what is left of that.
"""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from events.evidence import (
    build_fork,
    build_verdicts,
    check_evidence,
    evidence_id,
    exclude_each_other,
    kind_of,
    read_evidence,
)
from events.queries import load_queries
from federation.group.commands import Note
from federation.line.commands import Quarantine
from federation.peer.channel import decode_line_core
from projections.tables import read_command_keys
from schemas.audit_bodies import EvidenceKept, LogEvidenceKept
from schemas.cores import PayAbort, PayCommit
from schemas.encoding import b64
from schemas.errors import Code, InputError, VerificationError
from schemas.evidence import EvidenceKind, SignedEvent
from schemas.keys import SignedKeyStatement

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from asyncpg import Pool, Record

    from federation.node.machine import NodeMachine
    from federation.peer.channel import ChannelEvent
    from schemas.pay_cores import SignedDecision

log = structlog.get_logger()

SQL: Final = load_queries(files("federation.node").joinpath("sql/evidence.sql"))
PER_LINE_MAX: Final = 16
"""So many against each group on a line. One is enough; who cheats without end fills no disk, and
keeps no proof against the other end out."""
ABOUT_LOGS: Final = (
    EvidenceKind.SAME_SIZE,
    EvidenceKind.SAME_INDEX,
    EvidenceKind.BROKEN_PROMISE,
)
"""Kinds that are kept under the accused node, where the others are kept under a line."""
PAGE: Final = 1024
PREFIX_MIN: Final = 6
KEY_SIZE: Final = 16
_STATEMENT: Final = msgspec.json.Decoder(SignedKeyStatement)


class EvidenceRow(msgspec.Struct, frozen=True):
    """A proof as it is listed; `id` is the SHA-256 of its file in hexadecimal digits."""

    id: str
    kind: str
    line: str
    about: str
    accused: str
    kept_at_s: int


class EvidenceKeeper:
    """Keeps proofs, and acts on them."""

    def __init__(
        self,
        *,
        pool: Pool[Record],
        machine: NodeMachine,
        submit: Callable[[Any], Awaitable[Any]],
        clock: Callable[[], int],
    ) -> None:
        """Take the tables, the books, the sequencer, and the clock in seconds."""
        self._pool = pool
        self._machine = machine
        self._submit = submit
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def fork(self, peer: str, event: ChannelEvent) -> bool:
        """Keep that a partner signed another event for a place that is taken, if it is proven."""
        line = event.core.line
        rows = await self._pool.fetch(SQL["received"], line, [event.n])
        if not rows:
            return False
        received = SignedEvent(core=b64(event.core_bytes), signature=b64(event.signature))
        stored = SignedEvent(core=b64(rows[0]["core"]), signature=b64(rows[0]["signature"]))
        file = build_fork(peer, await self.statements(peer), stored, received)
        return await self._keep(file, line=line, about=str(event.n), n=event.n)

    async def verdicts(self, line: str, path: str, n: int) -> bool:
        """Keep that a decision in event `n` excludes an earlier one on its payment, if it does."""
        rows = await self._pool.fetch(SQL["about"], line, path)
        carried = [core for row in rows if (core := _carrier(row["core"], path)) is not None]
        last = next((core.decision for core in carried if core.n == n), None)
        if last is None:
            return False
        for core in carried:
            if exclude_each_other(core.decision.decision, last.decision):
                accused = last.decision.origin
                statements = await self.statements(accused)
                file = build_verdicts(accused, statements, core.decision, last)
                if await self._keep(file, line=line, about=path, n=n):
                    return True
        return False

    async def of_log(self, file: bytes, *, accused: str, about: str) -> bool:
        """Keep proof about a whole log, under the node that it accuses; idempotent."""
        return await self._keep(file, line=accused, about=about, n=None)

    async def of_line(self, file: bytes, *, line: str, about: str) -> bool:
        """Keep proof about a line between two others, which an umbrella has made; idempotent."""
        return await self._keep(file, line=line, about=about, n=None)

    async def statements(self, node: str) -> list[SignedKeyStatement]:
        """Give the key statements of another node, as they are known here."""
        rows = await self._pool.fetch(SQL["statements"], node)
        return [_STATEMENT.decode(row["statement"]) for row in rows]

    async def finish(self) -> None:
        """Do what was left undone when the last process ended; for a node that may write.

        Reads no chain but those of lines that are set aside, and without a proof of two verdicts.
        """
        proven = set()
        for kept in await self._pool.fetch(SQL["list"]):
            # the rules set a line aside for two verdicts in the transaction that stored them
            line, kind = kept["line"], kept["kind"]
            n = int(kept["about"]) if kind == EvidenceKind.CHANNEL_FORK else None
            async with self._one_at_a_time:
                await self._act(kept, line=line, kind=kind, n=n)
            if kind == EvidenceKind.TWO_VERDICTS:
                proven.add(line)
        for known in list(self._machine.books.lines.values()):
            if known.quarantined and known.line not in proven:
                await self._find_again(known.line)

    async def _find_again(self, line: str) -> None:
        """Look through the decisions of a chain for two that exclude each other."""
        first: dict[str, SignedDecision] = {}
        tried, after = 0, 0
        while rows := await self._pool.fetch(SQL["decisions"], line, after, PAGE):
            after = rows[-1]["n"]
            for row in rows:
                core = _carrier(row["core"])
                if core is None:
                    continue
                known = first.setdefault(core.path, core.decision)
                if not exclude_each_other(known.decision, core.decision.decision):
                    continue
                tried += 1
                if await self.verdicts(line, core.path, core.n) or tried >= PER_LINE_MAX:
                    return

    async def _keep(self, file: bytes, *, line: str, about: str, n: int | None) -> bool:
        """Check a file as a stranger would, keep it, set the line aside and log it; idempotent."""
        evidence = read_evidence(file)
        kind = kind_of(evidence)
        verdict = await asyncio.to_thread(check_evidence, evidence)
        if not verdict.proven:
            log.warning("evidence_not_proven", line=line, kind=kind, n=n, finding=verdict.finding)
            return False
        async with self._one_at_a_time:
            await self._pool.execute(
                SQL["keep"],
                evidence_id(file),
                kind,
                line,
                about,
                evidence.accused,
                self._clock(),
                file,
                PER_LINE_MAX,
            )
            kept = await self._pool.fetchrow(SQL["kept"], line, kind, about, evidence.accused)
            if kept is None:
                log.warning("evidence_enough", line=line, kind=kind, n=n)
                return False
            await self._act(kept, line=line, kind=kind, n=n)
        return True

    async def _act(self, kept: Record, *, line: str, kind: str, n: int | None) -> None:
        key = kept["id"][:KEY_SIZE]
        async with self._pool.acquire() as connection:
            if key in await read_command_keys(connection, [key]):
                return
        log.critical("evidence_kept", line=line, kind=kind, n=n, id=kept["id"].hex())
        now = self._machine.books.lines.get(line)
        if n is not None and now is not None and not now.quarantined:
            await self._submit(Quarantine(line, n, kind.replace("-", "_")))
        at_s, digest = kept["kept_at_s"], b64(kept["id"])
        body: EvidenceKept | LogEvidenceKept
        if kind in ABOUT_LOGS:
            body = LogEvidenceKept(v=1, at_s=at_s, node=line, kind=kind, digest=digest)
        else:
            body = EvidenceKept(v=1, at_s=at_s, line=line, kind=kind, digest=digest)
        await self._submit(Note(b64(key), body))


def _carrier(core: bytes, path: str | None = None) -> PayCommit | PayAbort | None:
    """Read a stored event that carries a decision, on this payment if one is named."""
    try:
        read = decode_line_core(core)
    except VerificationError:
        return None
    if not isinstance(read, PayCommit | PayAbort):
        return None
    return read if path in (None, read.path) else None


async def list_evidence(pool: Pool[Record]) -> list[EvidenceRow]:
    """Give every proof that is kept, oldest first."""
    rows = await pool.fetch(SQL["list"])
    return [EvidenceRow(row["id"].hex(), *list(row)[1:]) for row in rows]


async def read_file(pool: Pool[Record], name: str) -> bytes:
    """Give the file of a proof, named by its id or by a beginning that only one has.

    Raises:
        InputError: `not_found`.

    """
    found = [row.id for row in await list_evidence(pool) if row.id.startswith(name.lower())]
    if len(name) < PREFIX_MIN or len(found) != 1:
        raise InputError(Code.NOT_FOUND, field="id")
    file: bytes = await pool.fetchval(SQL["file"], bytes.fromhex(found[0]))
    return file
