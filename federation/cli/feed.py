"""`ruilbrug feed`: the offers and wants of other groups, and who reads ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show


@click.group()
def feed() -> None:
    """Offers and wants of other groups, and who reads ours."""


@feed.command("status")
@JSON
def feed_status(*, as_json: bool) -> None:
    """Tell per group how many posts are here, how fresh they are, and what is wrong."""
    rows = ask("feed.status")
    show(rows, status_text(rows), as_json=as_json)


def status_text(rows: list[dict[str, Any]]) -> str:
    """Write one line a group, and below it what is wrong."""
    lines = [f"{'group':30} {'posts':>6}  {'last refreshed':16}  reads ours  shown here"]
    for row in rows:
        reads, shown = ("yes" if row[way] else "no" for way in ("reads_ours", "shown_here"))
        lines.append(
            f"{row['name'][:30]:30} {row['posts']:>6}  {_when(row['refreshed_at_s']):16}  "
            f"{reads:10}  {shown}"
        )
        if row["trouble"]:
            lines.append(f"  since {_when(row['trouble_at_s'])}: {row['trouble']}")
        if row["left_out"]:
            counts = ", ".join(f"{count} {why}" for why, count in sorted(row["left_out"].items()))
            lines.append(f"  left out: {counts}")
    return "\n".join(lines)


def _when(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M") if at_s else "never"


@feed.command("choose")
@click.argument("group", default="")
@click.option("--reads/--no-reads", "reads_ours", default=None, help="May it read our feed?")
@click.option("--shown/--hidden", "shown_here", default=None, help="Are its posts shown here?")
@JSON
def feed_choose(
    group: str, *, reads_ours: bool | None, shown_here: bool | None, as_json: bool
) -> None:
    """Choose for GROUP, or for all groups about which nothing was chosen."""
    answer = ask("feed.choose", group=group, reads_ours=reads_ours, shown_here=shown_here)
    reads = "reads our posts" if answer["reads_ours"] else "does not read our posts"
    shown = "are shown here" if answer["shown_here"] else "are not shown here"
    who = group or "Whoever else is there"
    show(answer, f"{who} {reads}; its own {shown}.", as_json=as_json)


@feed.command("read")
@click.argument("group", default="")
@JSON
def feed_read(group: str, *, as_json: bool) -> None:
    """Read the feed of GROUP, or of every group, now."""
    show(ask("feed.read", group=group), "It is being read.", as_json=as_json)
