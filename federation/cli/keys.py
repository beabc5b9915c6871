"""`ruilbrug key`: the keys of a node that is stopped for it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import folder, show
from schemas.keys import Role

if TYPE_CHECKING:
    from federation.node.key_changes import Change

ROLE = click.argument("role", type=click.Choice([role.value for role in Role]))
ROOT = click.option(
    "--root",
    "root_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="File with the root key, from the paper.",
)


@click.group()
def key() -> None:
    """The node's keys; stop the node first."""


@key.command("list")
@JSON
def key_list(*, as_json: bool) -> None:
    """List every key that the node's log has stated."""
    from federation.node.key_changes import key_history

    history = asyncio.run(key_history(folder()))
    lines = [
        f"{held.role.value:8} {held.key} from entry {held.holds_from}"
        + ("" if held.holds_until is None else f", revoked from entry {held.holds_until}")
        for held in history.keys
    ]
    show(history, "\n".join(lines), as_json=as_json)


@key.command("rotate")
@ROLE
@JSON
def key_rotate(role: str, *, as_json: bool) -> None:
    """Let the key that was announced for ROLE take over from the present one."""
    from federation.node.key_changes import rotate

    _told(asyncio.run(rotate(folder(), Role(role))), as_json=as_json)


@key.command("recover")
@ROLE
@ROOT
@JSON
def key_recover(role: str, root_file: Path, *, as_json: bool) -> None:
    """Give ROLE a new key by the word of the root key: the old one is lost."""
    from events.signing import PrivateKey
    from federation.node.identity import read_key_file
    from federation.node.key_changes import recover

    root = PrivateKey(read_key_file(root_file))
    _told(asyncio.run(recover(folder(), Role(role), root)), as_json=as_json)


@key.command("revoke")
@ROLE
@ROOT
@click.option("--key", "revoked", help="An older key than the present one.")
@click.option("--from", "from_index", type=click.IntRange(0), help="Default: where it ended.")
@JSON
def key_revoke(
    role: str, root_file: Path, revoked: str | None, from_index: int | None, *, as_json: bool
) -> None:
    """Revoke a key of ROLE that somebody else may have; the present one is replaced first."""
    from events.signing import PrivateKey
    from federation.node.identity import read_key_file
    from federation.node.key_changes import revoke

    root = PrivateKey(read_key_file(root_file))
    work = revoke(folder(), Role(role), root, key=revoked, from_index=from_index)
    _told(asyncio.run(work), as_json=as_json)


def _told(change: Change, *, as_json: bool) -> None:
    text = f"{change.role}: {change.key} speaks from entry {change.holds_from}"
    if change.revoked:
        text += f"\n{change.revoked} is revoked from entry {change.revoked_from}"
    show(
        change._asdict(),
        f"{text}\nStart the node again: it tells umbrella and partners by itself.",
        as_json=as_json,
    )
