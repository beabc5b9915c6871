"""What the control socket tells about evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from events.evidence import evidence_id, kind_of, read_evidence
from federation.node.evidence import list_evidence, read_file
from schemas.encoding import b64

if TYPE_CHECKING:
    from federation.node.service import Node


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A proof, by its id or the beginning of it."""

    id: str


async def evidence_list(node: Node, _: Any) -> list[dict[str, Any]]:
    """Give every proof with the name of the accused."""
    return [
        msgspec.structs.asdict(row) | {"name": _name(node, row.accused)}
        for row in await list_evidence(node.pool)
    ]


async def evidence_file(node: Node, arguments: Proof) -> dict[str, Any]:
    """Give one proof, byte for byte, in base64url."""
    file = await read_file(node.pool, arguments.id)
    claimed = read_evidence(file)
    return {
        "id": evidence_id(file).hex(),
        "kind": kind_of(claimed).value,
        "accused": claimed.accused,
        "name": _name(node, claimed.accused),
        "file": b64(file),
    }


def _name(node: Node, accused: str) -> str:
    peer = node.peers.get(accused)
    return peer.name if peer else ""
