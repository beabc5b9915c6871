"""`ruilbrug board`: what a group tells its members, as coordinators do on the pages."""

from __future__ import annotations

from typing import Any

import click

from federation.cli.agreeing import KEY, doer
from federation.cli.reach import ask, show

KIND = click.argument("kind", type=click.Choice(["news", "date", "document"]))


def entry_text(entry: dict[str, Any]) -> str:
    """Say what was told, with its number; an activity in the calendar has one of its own."""
    number = entry["item"] or f"activity {entry['activity']}"
    return f"{number}: {entry['title']}"


@click.group()
def board() -> None:
    """News, dates and documents of the group."""


@board.command("place")
@doer
@KIND
@click.argument("title")
@click.option("--text", default="")
@click.option("--place", default="")
@click.option("--starts", "starts_at_s", type=int, help="Seconds since 1970; now if left out.")
@click.option("--ends", "ends_at_s", type=int, help="Seconds since 1970.")
@click.option("--file", default="", help="A document's file on the node's machine.")
@KEY
def board_place(*, as_json: bool, **more: Any) -> None:
    """Tell the members something; BY is a coordinator."""
    answer = ask("board.place", **more)
    show(answer, f"told as number {answer['item']}", as_json=as_json)


@board.command("list")
@doer
@KIND
def board_list(*, as_json: bool, **more: Any) -> None:
    """List what was told, the newest first; of dates those to come."""
    rows = ask("board.list", **more)
    show(rows, "\n".join(map(entry_text, rows)) or "nothing yet", as_json=as_json)


@board.command("remove")
@doer
@click.argument("item", type=int)
@KEY
def board_remove(*, as_json: bool, **more: Any) -> None:
    """Tell an item no longer."""
    answer = ask("board.remove", **more)
    show(answer, f"number {answer['item']} is gone", as_json=as_json)
