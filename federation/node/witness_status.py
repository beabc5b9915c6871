"""What there is to tell about witnesses: of the own log, and as a witness of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from events.cosignature import CosignatureKey
from events.policy import NONE, write_policy
from events.restore import Mode
from federation.node import witness_words as words
from federation.node.control_shapes import ControlCommand, Nothing
from federation.node.origins import WITNESS_PATH, witness_name
from federation.node.patience import patience
from federation.node.standing import Standing
from federation.node.witness_queries import SQL
from federation.node.witnessed import find_witnessed
from federation.node.witnesses import (
    asked_of,
    is_hosted,
    policy_of,
    server_of,
    umbrella_servers,
    witness_key,
)
from schemas.encoding import b64
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from asyncpg import Record

    from events.policy import Policy
    from federation.node.service import Node

LOGS_MAX: Final = 1000
FORKS_MAX: Final = 100


class WitnessRow(msgspec.Struct, frozen=True, kw_only=True):
    """One witness that is asked."""

    id: str
    name: str
    url: str
    policy_name: str
    """How the policy names it; empty when it does not count."""
    size: int
    """The newest checkpoint that it has cosigned; 0 for none."""
    cosigned_at_s: int
    failures: int
    next_attempt_at_s: int
    trouble: str


class WitnessedLog(msgspec.Struct, frozen=True, kw_only=True):
    """A log of which this node has cosigned checkpoints."""

    origin: str
    size: int
    cosigned_at_s: int


class Fork(msgspec.Struct, frozen=True, kw_only=True):
    """Two checkpoints of one log that do not fit; the notes are unpadded base64url."""

    origin: str
    peer: str
    """Who told of the second; empty for whoever submitted it."""
    told_at_s: int
    held: str
    told: str


class WitnessStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Who has cosigned what, whether the policy is met, and what to do."""

    newest_size: int
    policy: str
    """`default`, or the name of the operator's file."""
    wanted: str
    met: bool
    """Whether the newest checkpoint is cosigned as the policy wants it."""
    met_size: int | None
    """The newest checkpoint of which that is so."""
    met_at_s: int | None
    lacking: str
    advice: str
    witnesses: tuple[WitnessRow, ...]
    as_witness: str
    """The line by which others name this node in their policies; empty without its key."""
    logs: tuple[WitnessedLog, ...]
    forks: tuple[Fork, ...]


async def witness_status(node: Node) -> WitnessStatus:
    """Tell who has cosigned what of this node's log, and what this node has cosigned.

    Raises:
        StorageError: `database_unavailable`.

    """
    policy = policy_of(node)
    async with patience():
        newest = await node.pool.fetchval(SQL["newest_size"]) or 0
        times = await node.pool.fetch(SQL["newest_cosignatures"])
        logs = await node.pool.fetch(SQL["witnessed_logs"], LOGS_MAX)
        forks = await node.pool.fetch(SQL["forks"], FORKS_MAX)
    rows = _rows(node, policy, {row["witness"]: row for row in times})
    found = None
    if policy is not None and node.gate.mode is Mode.OPEN:
        found = await find_witnessed(node, policy)
    shown = {row.policy_name: row.name for row in rows if row.policy_name}
    met = found is not None and found[1].checkpoint.size == newest
    late = [row for row in rows if row.policy_name and row.size != newest]
    lacks = ""
    if policy is not None and not met:
        there = set(shown) - {row.policy_name for row in late}
        lacks = words.lacking(policy, there, shown) or words.wanted(policy, shown)
    return WitnessStatus(
        newest_size=newest,
        policy=node.settings.witness.policy or "default",
        wanted="" if policy is None else words.wanted(policy, shown),
        met=met,
        met_size=None if found is None else found[1].checkpoint.size,
        met_at_s=None if found is None else max(found[1].cosigned_at_s.values(), default=None),
        lacking=lacks,
        advice=_advice(node, policy, lacks, late),
        witnesses=rows,
        as_witness=_as_witness(node),
        logs=tuple(WitnessedLog(**row) for row in logs),
        forks=tuple(
            Fork(
                origin=row["origin"],
                peer=row["peer"],
                told_at_s=row["told_at_s"],
                held=b64(row["held"]),
                told=b64(row["told"]),
            )
            for row in forks
        ),
    )


def policy_text(node: Node) -> str:
    """Give the policy that counts, as a file for whoever checks proofs of this node.

    Raises:
        RefusedError: `not_found` while no policy would be honest.

    """
    policy = policy_of(node)
    if policy is None:
        raise RefusedError(Code.NOT_FOUND, field="policy")
    return write_policy(policy).decode("utf-8", "replace")


def _rows(node: Node, policy: Policy | None, times: Mapping[str, Record]) -> tuple[WitnessRow, ...]:
    names = {} if policy is None else {one.key.vkey(): one.name for one in policy.witnesses}
    rows = []
    for one in asked_of(node):
        key = one.key or witness_key(node.peers, one.id)
        policy_name = "" if key is None else names.get(key.vkey(), "")
        peer, newest = node.peers.get(one.id), times.get(one.id)
        standing = node.cosigning.standings.get(one.id, Standing())
        rows.append(
            WitnessRow(
                id=one.id,
                name=(peer.name if peer is not None else "") or policy_name or one.url,
                url=one.url,
                policy_name=policy_name,
                size=0 if newest is None else newest["size"],
                cosigned_at_s=0 if newest is None else newest["cosigned_at_s"],
                failures=standing.failures,
                next_attempt_at_s=standing.next_attempt_at_s,
                trouble=standing.trouble,
            )
        )
    return tuple(rows)


def _advice(node: Node, policy: Policy | None, lacks: str, late: Iterable[WitnessRow]) -> str:
    if node.gate.mode is not Mode.OPEN:
        return words.CLOSED
    if policy is None:
        return words.UMBRELLA_UNKNOWN if _umbrella_unknown(node) else words.HOSTED
    if policy.quorum == NONE:
        return words.ALONE if node.own_policy is None else words.ASKED_NOBODY
    servers = umbrella_servers(node)
    here = [w.name for w in policy.witnesses if server_of(node.settings, w.url) in servers]
    if is_hosted(node) and policy.suffices(here):
        return words.ONLY_HERE
    return words.advice(lacks, [(row.name, row.trouble) for row in late])


def _umbrella_unknown(node: Node) -> bool:
    return node.umbrella is not None and witness_key(node.peers, node.umbrella) is None


def _as_witness(node: Node) -> str:
    url = node.settings.public_url
    if node.witness is None or node.identity.witness is None:
        return ""
    key = CosignatureKey(witness_name(url), node.identity.witness.public)
    return f"witness {key.name} {key.vkey()} {url}{WITNESS_PATH}"


async def _status(node: Node, _: Nothing) -> WitnessStatus:
    return await witness_status(node)


async def _policy(node: Node, _: Nothing) -> dict[str, str]:
    return {"policy": policy_text(node)}


COMMANDS = {
    "witness.status": ControlCommand(Nothing, _status),
    "witness.policy": ControlCommand(Nothing, _policy),
}
