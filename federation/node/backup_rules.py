"""Which backup may be put back where, and which old ones may go. Pure.

A backup belongs to the keys beside which it is put: restored under another group's keys it would
speak in a name that is not its own. The keys themselves are never in it. Whether the node may
release what it signs afterwards is `events.restore.judge`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from events.keys import pre_commitment, read_history
from schemas.encoding import b64
from schemas.errors import Code, Refusal, VerificationError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from schemas.backup import Manifest

_NODE_SHOWN: Final = 12
_NAME: Final = re.compile(r"ruilbrug-([a-z2-7]{12})-[0-9]{8}T[0-9]{6}Z\.backup")


def restore_refused(
    manifest: Manifest, keys: Collection[bytes], *, migrations: int, field: str
) -> Refusal | None:
    """Say why a backup may not be put back beside these keys, by this program.

    `keys` are the public halves of what lies in the folder. Checked in this order: it is of the
    node that its statements prove (`backup_damaged`), of the node of these keys
    (`backup_other_group`), and no newer than this program (`backup_newer`).
    """
    try:
        history = read_history(manifest.statements, node=manifest.node)
    except VerificationError:
        return Refusal(Code.BACKUP_DAMAGED, {"field": field})
    # a key that took over after the backup was made is announced there, not stated
    stated = {held.key for held in history.keys}
    announced = {held.next for held in history.keys}
    if not any(b64(key) in stated or pre_commitment(key) in announced for key in keys):
        return Refusal(Code.BACKUP_OTHER_GROUP, {"field": field, "group": manifest.name})
    if manifest.migration > migrations:
        return Refusal(Code.BACKUP_NEWER, {"field": field})
    return None


def file_name(node: str, made_at_s: int) -> str:
    """Give the name of a backup's file; those of one node sort by their time."""
    made_at = datetime.fromtimestamp(made_at_s, UTC)
    return f"ruilbrug-{node[:_NODE_SHOWN]}-{made_at:%Y%m%dT%H%M%SZ}.backup"


def unfinished_name(node: str) -> str:
    """Give the name under which a backup is written before it is whole: one for each node."""
    return f"ruilbrug-{node[:_NODE_SHOWN]}.unfinished"


def in_order(behind: Mapping[str, Collection[str]]) -> list[str]:
    """Order tables by name, but each behind those whose rows have to be there before its own."""
    order: list[str] = []
    while left := [name for name in sorted(behind) if name not in order]:
        order.append(next(name for name in left if set(behind[name]) <= set(order)))
    return order


def too_many(names: Collection[str], made: str, keep: int) -> list[str]:
    """Name the files of a node's backups beyond the newest `keep`, oldest first.

    The one that was just `made` is always kept, whatever its name says of the time: a clock may
    have been wrong. What has another name, or is of another node, is never among them.
    """
    assert keep >= 1
    of_node = _NAME.fullmatch(made)
    assert of_node is not None
    others = sorted(
        name
        for name in names
        if name != made and (parts := _NAME.fullmatch(name)) and parts[1] == of_node[1]
    )
    return others[: max(len(others) - (keep - 1), 0)]
