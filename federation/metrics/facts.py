"""A node's numbers at one moment, from its memory and its database. Changes nothing."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

import msgspec

from events.log_store import SQL as LOG_SQL
from federation.mail.queries import SQL as MAIL_SQL
from federation.metrics.queries import SQL
from federation.node.origins import log_origin
from federation.node.patience import patience
from federation.node.remembered import last_backup, last_full_audit
from federation.node.witness_queries import SQL as WITNESS_SQL
from federation.umbrella import flow_tables
from federation.umbrella.noting import open_findings
from federation.umbrella.queries import SQL as UMBRELLA_SQL
from projections.lines import Phase
from schemas.cores import LineEvent
from schemas.errors import StorageError

if TYPE_CHECKING:
    from federation.node.service import Node
    from projections.lines import Line

IN_DOUBT: Final = frozenset({Phase.PREPARED, Phase.COMMITTED, Phase.ACCEPTED, Phase.SILENT})
MAIL_STATES: Final = ("waiting", "sent", "kept", "stopped", "refused", "given_up")
"""Each is told from the start, so that its first mail is seen as one more."""
LOGS_MAX: Final = 1000
ID_SHOWN: Final = 12
_CORE: Final = msgspec.json.Decoder(LineEvent)


class LineFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One line that is not closed."""

    group: str
    state: str
    unsent: int
    """Own events that the other group has not acknowledged."""
    oldest_unsent_at_s: int
    """When the oldest of them was made; 0 without any."""
    in_doubt: int
    """Trades of which one group does not know yet how they end for the other."""
    failures: int
    """Attempts in a row that did not reach the other group."""
    contact_at_s: int


class MirrorFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How far the umbrella has followed one log."""

    group: str
    lag: int
    """Events that are known to be there and are not mirrored."""
    pulled_at_s: int
    aside: int
    """Events that are in no sum of flows."""
    stopped: bool
    """The sums of its flows stand still."""


class StoredFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What only the database can tell."""

    checkpoint_at_s: int
    migrations: int
    mails: dict[str, int]
    lines: list[LineFacts]
    mirrors: list[MirrorFacts]
    findings: dict[str, int]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """A node at one moment; times are seconds since 1970, 0 for never."""

    role: str
    version: str
    mode: str
    events: int
    started_at_s: int
    cosigned_at_s: int
    backup_at_s: int
    full_audit_at_s: int = 0
    """When an umbrella last audited everything anew."""
    full_audit_agrees: bool = True
    stored: StoredFacts | None
    """None while the database does not answer."""


async def read_facts(node: Node) -> Facts:
    """Read everything; a database that is away is a fact like others."""
    try:
        stored = await _read_stored(node)
    except StorageError:
        stored = None
    audited = last_full_audit(node.folder)
    return Facts(
        role=node.settings.role,
        version=program_version(),
        mode=node.gate.mode.value,
        events=node.sequencer.size,
        started_at_s=node.started_at_s,
        cosigned_at_s=max((s.cosigned_at_s for s in node.cosigning.standings.values()), default=0),
        backup_at_s=_backup_at_s(node),
        full_audit_at_s=0 if audited is None else audited.at_s,
        full_audit_agrees=audited is None or audited.agrees,
        stored=stored,
    )


def program_version() -> str:
    """Give the version that is installed; a checkout has none."""
    try:
        return version("ruilbrug")
    except PackageNotFoundError:
        return "checkout"


def _backup_at_s(node: Node) -> int:
    last = last_backup(node.folder)
    return 0 if last is None else last.made_at_s


async def _read_stored(node: Node) -> StoredFacts:
    async with patience():
        checkpoint = await node.pool.fetchrow(LOG_SQL["newest_checkpoint"])
        migrations = await node.pool.fetchval(SQL["count_migrations"])
        mails = await node.pool.fetch(MAIL_SQL["outbox_counts"])
        doubts = Counter(
            transfer.line
            for transfer in node.machine.books.transfers.values()
            if transfer.phase in IN_DOUBT
        )
        lines = [
            await _line(node, line, doubts[line.line])
            for line in list(node.machine.books.lines.values())
            if not line.closed()
        ]
        umbrella = node.settings.role == "umbrella"
        mirrors = await _mirrors(node) if umbrella else []
        found = await open_findings(node) if umbrella else []
    return StoredFacts(
        checkpoint_at_s=0 if checkpoint is None else checkpoint["made_at_s"],
        migrations=migrations,
        mails=dict.fromkeys(MAIL_STATES, 0) | {row["state"]: row["mails"] for row in mails},
        lines=lines,
        mirrors=mirrors,
        findings=Counter(finding.severity.value for finding in found),
    )


async def _line(node: Node, line: Line, in_doubt: int) -> LineFacts:
    delivery = node.outbox.delivery(line.line)
    unsent = max(0, line.out_n - delivery.acknowledged_n)
    oldest_at_s = 0
    if unsent:
        rows = await node.outbox.own_chain(line.line, delivery.acknowledged_n, 1)
        oldest_at_s = _CORE.decode(rows[0].core).ts if rows else 0
    return LineFacts(
        group=name_of(node, line.peer),
        state=state_of(line),
        unsent=unsent,
        oldest_unsent_at_s=oldest_at_s,
        in_doubt=in_doubt,
        failures=delivery.failures,
        contact_at_s=delivery.last_contact_at_s,
    )


def state_of(line: Line) -> str:
    """Say in one word whether a line that is not closed admits trades."""
    if line.quarantined:
        return "quarantined"
    if line.own_frozen or line.their_frozen:
        return "paused"
    return "open" if line.open() else "waiting"


def name_of(node: Node, peer: str) -> str:
    """Give a group's name, or the beginning of its id."""
    known = node.peers.get(peer)
    return peer[:ID_SHOWN] if known is None or not known.name else known.name


async def _mirrors(node: Node) -> list[MirrorFacts]:
    logs = await node.pool.fetch(WITNESS_SQL["witnessed_logs"], LOGS_MAX)
    sizes = {row["origin"]: row["size"] for row in logs}
    async with node.pool.acquire() as connection:  # which has its patience from the caller
        asides = await flow_tables.read_asides(connection)
    stopped = flow_tables.of(node).stopped
    found = []
    for row in await node.pool.fetch(UMBRELLA_SQL["read_mirror_states"]):
        peer = node.peers.get(row["node"])
        if peer is None:  # it has left or ended: its silence is no reason to wake anybody
            continue
        known = sizes.get(log_origin(peer.url), row["size"])
        found.append(
            MirrorFacts(
                group=name_of(node, row["node"]),
                lag=max(0, known - row["size"]),
                pulled_at_s=row["pulled_at_s"],
                aside=sum(one.entries for one in asides if one.node == row["node"]),
                stopped=row["node"] in stopped,
            )
        )
    return found
