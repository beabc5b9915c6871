"""`ruilbrug export`: everything of a group as tables, or with its signed log."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import followed, show


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--log", "with_log", is_flag=True, help="With the signed log, as JSON: to go on elsewhere."
)
@JSON
def export(file: Path, *, with_log: bool, as_json: bool) -> None:
    """Write all tables of the group, in the shape of an eLAND export, into the new ZIP FILE."""
    if with_log:
        _export_log(file, as_json=as_json)
        return
    answer = asyncio.run(followed("export", {"file": str(file.resolve())}, quiet=as_json))
    rows = ", ".join(f"{count} {table}" for table, count in answer["rows"].items())
    text = [
        f"{answer['file']}: {rows}",
        "It holds names and texts of members: keep it locked away.",
    ]
    if answer["decimals"]:
        text.append(
            f"Amounts are whole: {10 ** answer['decimals']} of them are one unit. Read it into a "
            "group whose unit has no decimals."
        )
    show(answer, "\n".join(text), as_json=as_json)


def _export_log(file: Path, *, as_json: bool) -> None:
    asked = followed("export.log", {"file": str(file.resolve())}, quiet=as_json)
    answer = asyncio.run(asked)
    text = (
        f"{answer['file']}: {answer['entries']} entries of the log, {answer['tables']} tables\n"
        "It holds names and texts of members: keep it locked away. docs/export.md says what is in "
        "it."
    )
    show(answer, text, as_json=as_json)


@click.command("check-export")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@JSON
def check_export(file: Path, *, as_json: bool) -> None:
    """See that FILE, an export with the log, is whole and as its group wrote it."""
    from federation.leaving.log_file import opened_export

    with opened_export(file) as opened:
        opened.require_whole()
        manifest = opened.manifest
    answer = {"node": manifest.node, "name": manifest.name, "entries": manifest.size}
    text = f"{file}: whole; {manifest.size} entries of {manifest.name}, all as they were signed"
    show(answer, text, as_json=as_json)
