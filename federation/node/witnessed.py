"""The newest checkpoint of the own log that its policy lets through.

What was cosigned stays cosigned: while a witness is away, an older checkpoint still stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from events.note import SignedNote
from events.policy import NONE, Witnessed, require_witnessed
from federation.node.patience import patience
from federation.node.witness_queries import SQL
from federation.node.witnesses import policy_of
from schemas.errors import VerificationError
from schemas.ids import SAFE_INTEGER

if TYPE_CHECKING:
    from events.policy import Policy
    from federation.node.service import Node

PAGE: Final = 64
PAGES_MAX: Final = 64
"""So far back is searched: some thousand checkpoints, a second's work at most."""


async def witnessed_checkpoint(node: Node) -> bytes | None:
    """Give the newest checkpoint that meets the node's policy, with its cosignatures, as a note.

    None while there is none: the log is new, witnesses are away, or no policy would be honest.

    Raises:
        StorageError: `releases_nothing`, `read_only`, `database_unavailable`.

    """
    policy = policy_of(node)
    found = None if policy is None else await find_witnessed(node, policy)
    return None if found is None else found[0]


async def find_witnessed(node: Node, policy: Policy) -> tuple[bytes, Witnessed] | None:
    """Give the newest checkpoint that meets a policy: the note, and what it was found to be.

    Raises:
        StorageError: as `witnessed_checkpoint`.

    """
    names: dict[tuple[str, bytes], list[str]] = {}
    for one in policy.witnesses:
        names.setdefault((one.key.name, one.key.key_id), []).append(one.name)
    before = SAFE_INTEGER + 1
    for _ in range(PAGES_MAX):
        async with patience():
            rows = await node.pool.fetch(
                SQL["cosigned_checkpoints"], before, PAGE, policy.quorum == NONE
            )
        for row in rows:
            note = row["note"] + b"".join(row["lines"])
            found = _met(policy, names, note)
            if found is not None:
                await node.gate.release(found.checkpoint.size)
                return note, found
        if len(rows) < PAGE:
            break
        before = rows[-1]["size"]
    return None


def _met(
    policy: Policy, names: dict[tuple[str, bytes], list[str]], note: bytes
) -> Witnessed | None:
    """Read a checkpoint that meets the policy; names of signers are looked at first, for speed."""
    try:
        lines = SignedNote.parse(note).signatures
        claimed = {name for one in lines for name in names.get((one.name, one.key_id), ())}
        return require_witnessed(policy, note) if policy.suffices(claimed) else None
    except VerificationError:
        return None  # by a log key that was revoked since
