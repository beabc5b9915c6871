"""`ruilbrug close-group`: the end of a group, step by step."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import ask, followed, show

WAITS: dict[str, str] = {
    "members": "waits until no member's account is open",
    "trades": "trades are under way",
    "us": "they owe us: --go settles it and closes the line",
    "them": "we owe them: ask them to settle it ('ruilbrug line settle')",
}


@click.command("close-group")
@click.option("--go", is_flag=True, help="Let everybody leave, and close what stands at zero.")
@click.option(
    "--end",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Nothing is left: write the whole group into this new ZIP, and only read from now on.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
def close_group(*, go: bool, file: Path | None, yes: bool, as_json: bool) -> None:
    """Say what is left before this group can end; with --go do what can be done now."""
    if go and file is not None:
        raise click.UsageError("first --go until nothing is left, then --end")
    if (go or file is not None) and not yes:
        click.confirm("This ends the group for all its members. Is it certain?", abort=True)
    if file is not None:
        asked = followed("close-group.end", {"file": str(file.resolve())}, quiet=as_json)
        answer = asyncio.run(asked)
        text = (
            f"{answer['file']}: the whole group. This server only reads now. Leave it on until "
            "umbrella and partners have heard: 'ruilbrug close-group' says who has not."
        )
        show(answer, text, as_json=as_json)
        return
    answer = ask("close-group.go" if go else "close-group")
    show(answer, _told(answer), as_json=as_json)


def _told(answer: dict[str, Any]) -> str:
    if answer["ended"]:
        return _ended(answer["unheard"])
    if answer["done"]:
        return "Nothing is left: 'ruilbrug close-group --end FILE' writes all of it, and ends."
    lines = [
        f"{one['code']}: balance {one['balance_minor']}"
        + ("" if one["leaving"] else ", does not leave yet: --go")
        for one in answer["members"]
    ]
    lines += [
        f"line with {one['group']}: {one['balance_units']} line units, {WAITS[one['waits_for']]}"
        for one in answer["lines"]
    ]
    return "\n".join(lines)


def _ended(unheard: list[str]) -> str:
    if not unheard:
        return "This group has ended, and everybody has heard so: the server may be switched off."
    return (
        f"This group has ended. Not heard yet: {', '.join(unheard)}. Leave the server on, it goes "
        "on telling them; an umbrella first reads the log to its end."
    )
