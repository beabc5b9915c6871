"""`ruilbrug group`: the register of an umbrella."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show


@click.group()
def group() -> None:
    """The groups in an umbrella's register."""


@group.command("list")
@JSON
def group_list(*, as_json: bool) -> None:
    """List the groups, with the keys that speak for them, and the lines between them."""
    answer = ask("group.list")
    names = {one["node"]: one["name"] for one in answer["groups"]}
    text = [_group(one) for one in answer["groups"]]
    text += [
        f"{names.get(line['lower'], line['lower'])} - {names.get(line['higher'], line['higher'])}"
        for line in answer["lines"]
    ]
    show(answer, "\n".join(text) or "no groups yet", as_json=as_json)


@group.command("admit")
@click.argument("invitation")
@click.option("--name", default="", help="Default: as the group calls itself.")
@JSON
def group_admit(invitation: str, name: str, *, as_json: bool) -> None:
    """Take the group with this INVITATION into the register, with its keys."""
    answer = ask("group.admit", invitation=invitation, name=name)
    show(answer, f"{answer['name']} is registered.", as_json=as_json)


@group.command("keys")
@click.argument("name", metavar="GROUP")
@JSON
def group_keys(name: str, *, as_json: bool) -> None:
    """Fetch the key statements of GROUP now, and record what is new."""
    answer = ask("group.keys", group=name)
    show(answer, _group(answer), as_json=as_json)


@group.command("leave")
@click.argument("name", metavar="GROUP")
@click.confirmation_option(
    prompt="Its partners are told, and may write off what it owes them. Is it certain?"
)
@JSON
def group_leave(name: str, *, as_json: bool) -> None:
    """Take GROUP out of the register."""
    answer = ask("group.leave", group=name)
    show(answer, _group(answer), as_json=as_json)


def _group(shown: dict[str, Any]) -> str:
    left = shown["left_at_s"]
    since = "" if left is None else f", left {datetime.fromtimestamp(left, UTC):%Y-%m-%d}"
    lines = [f"{shown['name']} ({shown['url']}){since}"]
    for key in shown["keys"]:
        until = key["holds_until"]
        revoked = "" if until is None else f", revoked from entry {until}"
        lines.append(f"  {key['role']:8} {key['key']} from entry {key['holds_from']}{revoked}")
    return "\n".join(lines)
