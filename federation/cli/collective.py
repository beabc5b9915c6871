"""`ruilbrug collective`: one booking between one account and many members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from federation.cli.agreeing import KEY, doer
from federation.cli.reach import ask, show

if TYPE_CHECKING:
    from collections.abc import Callable


def between(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say who takes part, and for how much."""
    for option in (
        click.option("--gives", is_flag=True, help="The one gives to the others."),
        click.option("--one", default="", metavar="CODE", help="Else the group's own account."),
        click.option(
            "--basis",
            type=click.Choice(["each", "equal", "balance", "given"]),
            default="each",
            help="AMOUNT each; or together: in equal parts, by balance above zero, by help given.",
        ),
        click.option(
            "--whom",
            type=click.Choice(["all", "settled", "newcomers", "leavers"]),
            default="all",
        ),
        click.option("--member", "members", multiple=True, metavar="CODE", help="Only these."),
        click.option(
            "--beyond",
            type=click.Choice(["skip", "lower"]),
            default="skip",
            help="What becomes of a share beyond a member's limit.",
        ),
        click.argument("amount_minor", metavar="AMOUNT", type=int),
    ):
        command = option(command)
    return command


def made_text(made: dict[str, Any]) -> str:
    """Say what was booked."""
    side = "gives" if made["gives"] else "gets"
    undone = f", given back by event {made['reversed_by']}" if made.get("reversed_by") else ""
    undoes = f", gives back event {made['reverses']}" if made.get("reverses") is not None else ""
    return (
        f"event {made['seq']}: {made['one']['code']} {side} {made['total_minor']}, "
        f"{made['members']} members: {made['description']}{undoes}{undone}"
    )


def plan_text(plan: dict[str, Any]) -> str:
    """Show each row, and what it comes to."""
    lines = [f"{'code':14} {'name':34} {'asked':>9} {'booked':>9} {'after':>9}"]
    for row in plan["rows"]:
        member, refusal = row["member"], row.get("refusal")
        why = refusal["code"] if refusal else "beyond the soft limit" if row.get("soft") else ""
        lines.append(
            f"{member['code'][:14]:14} {member['name'][:34]:34} {row['asked_minor']:9} "
            f"{row['amount_minor']:9} {row['after_minor']:9} {why}".rstrip()
        )
    one = plan["one"]["code"]
    lines.append(f"together {plan['total_minor']}; {one} then stands at {plan['one_after_minor']}")
    if plan.get("refusal"):
        lines.append(f"cannot be booked: {plan['refusal']['code']}")
    return "\n".join(lines)


@click.group()
def collective() -> None:
    """One booking between one account and many members, for coordinators."""


@collective.command("plan")
@doer
@between
def collective_plan(*, as_json: bool, **more: Any) -> None:
    """Show row by row what would be booked; nothing is."""
    answer = ask("collective.plan", **more)
    show(answer, plan_text(answer), as_json=as_json)


@collective.command("book")
@doer
@between
@click.option("--description", "-d", required=True, help="What for.")
@KEY
def collective_book(*, as_json: bool, **more: Any) -> None:
    """Book it in one event, as `plan` shows it now."""
    answer = ask("collective.book", **more)
    show(answer, made_text(answer), as_json=as_json)


@collective.command("reverse")
@doer
@click.argument("original", metavar="EVENT", type=int)
@click.option("--description", "-d", default="", help="Why.")
@KEY
def collective_reverse(*, as_json: bool, **more: Any) -> None:
    """Give all of it back in one event."""
    answer = ask("collective.reverse", **more)
    show(answer, made_text(answer), as_json=as_json)


@collective.command("list")
@doer
def collective_list(*, as_json: bool, **more: Any) -> None:
    """List those of the group's own account, newest first."""
    rows = ask("collective.list", **more)
    show(rows, "\n".join(map(made_text, rows)) or "none yet", as_json=as_json)
