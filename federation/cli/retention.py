"""`ruilbrug retention`: how long a group keeps what it may choose, as on its page for that."""

from __future__ import annotations

import click

from federation.cli.members import BY
from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show


@click.command()
@click.option(
    "--looked-days",
    type=int,
    metavar="DAYS",
    help="Keep who looked at whom for so many days, 30 to 3650; left out: only say how many.",
)
@BY
@JSON
def retention(looked_days: int | None, by: str, *, as_json: bool) -> None:
    """Say for how long who looked at whom is kept, or choose it."""
    if looked_days is None:
        found = ask("retention.show")
    else:
        found = ask("retention.set", looked_days=looked_days, by=by)
    show(found, f"Who looked at whom is kept for {found['looked_days']} days.", as_json=as_json)
