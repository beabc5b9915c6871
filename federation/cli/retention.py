"""`ruilbrug retention`: how long a group keeps what it may choose, as on its page for that."""

from __future__ import annotations

from typing import Any

import click

from federation.cli.members import BY
from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show

NEVER = "never"


def _days_or_never(_: click.Context, __: click.Parameter, said: str | None) -> int | str | None:
    if said is None or said == NEVER:
        return said
    if not said.isascii() or not said.isdigit():
        raise click.BadParameter(f"{said!r} is neither a number of days nor {NEVER!r}")
    return int(said)


@click.command()
@click.option(
    "--looked-days",
    type=int,
    metavar="DAYS",
    help="Keep who looked at whom for so many days, 30 to 3650; left out: only say how many.",
)
@click.option(
    "--left-days",
    callback=_days_or_never,
    metavar="DAYS",
    help="Erase who left so many days ago, 180 to 3650, two weeks after a mail; or never.",
)
@BY
@JSON
def retention(
    looked_days: int | None, left_days: int | str | None, by: str, *, as_json: bool
) -> None:
    """Say for how long things are kept, or choose it: who looked at whom, and who has left."""
    chosen: dict[str, Any] = {} if looked_days is None else {"looked_days": looked_days}
    if left_days is not None:
        chosen["left_days"] = None if left_days == NEVER else left_days
    found = ask("retention.set", **chosen, by=by) if chosen else ask("retention.show")
    days = found["left_days"]
    left = "is not erased by itself" if days is None else f"is told after {days} days, then erased"
    lines = (f"Who looked at whom is kept for {found['looked_days']} days.", f"Who left {left}.")
    show(found, "\n".join(lines), as_json=as_json)
