"""Findings on the control socket: arguments, use case, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import asdict

from federation.node.control_shapes import ControlCommand, Nothing
from federation.umbrella import noting
from schemas.ids import Salt

if TYPE_CHECKING:
    from federation.node.service import Node
    from federation.umbrella.noting import Shown


class Solve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A finding, by its id or the beginning of it, and how it was solved."""

    finding: str
    text: str
    key: Salt | None = None


async def audit_findings(node: Node, _: Nothing) -> list[dict[str, Any]]:
    """Give every finding in the log, open ones first."""
    return [_show(node, one) for one in await noting.all_findings(node)]


async def audit_solve(node: Node, arguments: Solve) -> dict[str, Any]:
    """Write down how a finding was solved."""
    solved = await noting.solve(node, arguments.finding, arguments.text, key=arguments.key or "")
    return _show(node, solved)


def _show(node: Node, shown: Shown) -> dict[str, Any]:
    known, peer = shown.known, node.peers.get(shown.known.finding.node)
    return {
        "id": shown.id,
        **asdict(known.finding),
        "name": "" if peer is None else peer.name,
        "found_at_s": known.found_at_s,
        "gone_since_s": shown.gone_since_s,
        "solved": None if known.solved is None else known.solved._asdict(),
        "solved_before": [one._asdict() for one in known.before],
        "proofs": [row.id for row in shown.proofs],
    }


COMMANDS = {
    "audit.findings": ControlCommand(Nothing, audit_findings),
    "audit.solve": ControlCommand(Solve, audit_solve),
}
