"""`ruilbrug line`: what coordinators do with the lines to other groups."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import click

from federation.cli.line_terms import proposals, table, terms_of
from federation.cli.node_commands import JSON
from federation.cli.payments import trade_text
from federation.cli.reach import ask, show
from federation.umbrella.use_cases import hours
from schemas.core_parts import FreezeReason
from schemas.errors import Code, InputError
from schemas.moments import moment_in


@click.group()
def line() -> None:
    """Lines with other groups."""


@line.command("invite")
@click.argument("invitation")
@JSON
def line_invite(invitation: str, *, as_json: bool) -> None:
    """Trust another group's INVITATION."""
    answer = ask("line.invite", invitation=invitation)
    show(answer, f"{answer['name']} is invited.", as_json=as_json)


@line.command("propose")
@click.argument("group")
@click.option("--hours", "grant_hours", type=click.IntRange(1, 1000), help="Default: 20.")
@click.option("--largest-hours", type=click.IntRange(1, 1000), help="Default: 5.")
@click.option("--we-owe-units", type=int, default=0, help="Opening position, in 1/100 s of time.")
@click.option("--old-account", default="", help="Code of the account it comes from.")
@JSON
def line_propose(
    group: str,
    grant_hours: int | None,
    largest_hours: int | None,
    we_owe_units: int,
    old_account: str,
    *,
    as_json: bool,
) -> None:
    """Propose terms to GROUP."""
    answer = ask(
        "line.propose",
        group=group,
        grants_units=None if grant_hours is None else grant_hours * 360_000,
        largest_units=None if largest_hours is None else largest_hours * 360_000,
        we_owe_units=we_owe_units,
        old_account=old_account,
    )
    show(answer, f"{_line(answer)}\n{proposals(answer)}", as_json=as_json)


TERMS = click.option(
    "--terms", default="", help="Hash of the terms that you have read; asked for otherwise."
)


@line.command("accept")
@click.argument("group")
@TERMS
@click.option("--old-account", default="", help="Code of the account of the opening position.")
@JSON
def line_accept(group: str, terms: str, old_account: str, *, as_json: bool) -> None:
    """Show what GROUP proposes beside what holds, and accept it once you say yes."""
    read = terms or _read(group, "Trade by these terms?")
    answer = ask("line.accept", group=group, terms=read, old_account=old_account)
    show(answer, _line(answer), as_json=as_json)


@line.command("refuse")
@click.argument("group")
@TERMS
@JSON
def line_refuse(group: str, terms: str, *, as_json: bool) -> None:
    """Show what GROUP proposes beside what holds, and refuse it once you say yes."""
    read = terms or _read(group, "Refuse these terms?")
    answer = ask("line.refuse", group=group, terms=read)
    show(answer, _line(answer), as_json=as_json)


def _read(group: str, question: str) -> str:
    """Show an open proposal and ask about it; gives the hash of exactly what was shown."""
    row = ask("line.show", group=group)
    proposed = terms_of(row["proposed"])
    if proposed is None:
        raise InputError(Code.NOT_FOUND, field="terms")
    click.echo(table(proposed, terms_of(row["agreed"])), err=True)
    click.confirm(question, abort=True, err=True)
    return proposed.terms


@line.command("list")
@JSON
def line_list(*, as_json: bool) -> None:
    """List the lines."""
    rows = ask("line.list")
    shown = "\n".join(text for row in rows for text in (_line(row), proposals(row)) if text)
    show(rows, shown or "no lines yet", as_json=as_json)


BY = click.option(
    "--coordinator", default="", help="Member code of who has decided; goes in the register."
)


@line.command("lower")
@click.argument("group")
@click.argument("grant_hours", type=click.IntRange(0, 100_000))
@BY
@JSON
def line_lower(group: str, grant_hours: int, coordinator: str, *, as_json: bool) -> None:
    """Let GROUP owe us at most GRANT_HOURS from now on; raising takes both sides."""
    units = grant_hours * 360_000
    answer = ask("line.lower", group=group, grants_units=units, coordinator=coordinator)
    show(answer, _line(answer), as_json=as_json)


@line.command("freeze")
@click.argument("group")
@click.option("--reason", type=click.Choice([r.value for r in FreezeReason]), default="coordinator")
@BY
@JSON
def line_freeze(group: str, reason: str, coordinator: str, *, as_json: bool) -> None:
    """Admit no new trades with GROUP; what is under way goes on."""
    answer = ask("line.freeze", group=group, reason=reason, coordinator=coordinator)
    show(answer, _line(answer), as_json=as_json)


def _decision(name: str, text: str) -> None:
    """Make a command by which somebody decides about a line, and shows the line."""

    @line.command(name, help=text)
    @click.argument("group")
    @BY
    @JSON
    def command(group: str, coordinator: str, *, as_json: bool) -> None:
        answer = ask(f"line.{name}", group=group, coordinator=coordinator)
        show(answer, _line(answer), as_json=as_json)


_decision("unfreeze", "Admit new trades with GROUP again.")
_decision("close", "Close the line with GROUP: at zero, or with a loss when it has gone.")


@line.command("heads")
@click.argument("group")
@JSON
def line_heads(group: str, *, as_json: bool) -> None:
    """Tell GROUP now where our books stand; it compares them with its own."""
    answer = ask("line.heads", group=group)
    show(answer, _line(answer), as_json=as_json)


@line.command("release")
@click.argument("group")
@click.option("--coordinator", default="", help="Member code of who has decided; goes in the log.")
@JSON
def line_release(group: str, coordinator: str, *, as_json: bool) -> None:
    """End a quarantine after you have looked into it and talked to GROUP."""
    answer = ask("line.release", group=group, coordinator=coordinator)
    show(answer, _line(answer), as_json=as_json)


@line.command("settle")
@click.argument("group")
@JSON
def line_settle(group: str, *, as_json: bool) -> None:
    """Bring the line with GROUP to exactly zero: our group account gives what they owe."""
    answer = ask("line.settle", group=group)
    show(answer, trade_text(answer), as_json=as_json)


@line.command("rate")
@click.argument("per_hour", type=click.IntRange(1, 360_000))
@JSON
def line_rate(per_hour: int, *, as_json: bool) -> None:
    """Change the group's rate to PER_HOUR units, and propose it to every partner."""
    answer = ask("line.rate", per_hour=per_hour)
    names = ", ".join(answer["asked"]) or "no partner"
    late = ", ".join(f"{name} ({code})" for name, code in answer["not_asked"].items())
    more = f" Not asked yet: {late}; run this again later." if late else ""
    show(answer, f"{per_hour} an hour; to be accepted by: {names}.{more}", as_json=as_json)


@line.command("note")
@click.argument("group")
@click.argument("text")
@click.option("--trade", default=None, help="Id of the trade that it is about.")
@JSON
def line_note(group: str, text: str, trade: str | None, *, as_json: bool) -> None:
    """Write TEXT to the coordinator of GROUP; only the two nodes can read it."""
    answer = ask("line.note", group=group, text=text, trade=trade)
    show(answer, _note(answer), as_json=as_json)


@line.command("notes")
@click.argument("group")
@JSON
def line_notes(group: str, *, as_json: bool) -> None:
    """Read what we and GROUP wrote to each other, oldest first."""
    rows = ask("line.notes", group=group)
    show(rows, "\n".join(map(_note, rows)) or "no notes yet", as_json=as_json)


@line.command("forget")
@click.argument("group")
@click.argument("number", type=click.IntRange(1))
@JSON
def line_forget(group: str, number: int, *, as_json: bool) -> None:
    """Erase the text of our note NUMBER, here and at GROUP."""
    answer = ask("line.forget", group=group, n=number)
    text = f"The text of note {number} is erased here, and at {group} as soon as it is reached."
    show(answer, text, as_json=as_json)


@line.command("doctor")
@JSON
def line_doctor(*, as_json: bool) -> None:
    """Say what is in doubt, what will happen by itself, and what needs a person."""
    rows = ask("line.doctor")
    lines = [
        f"{'YOU' if row['needs'] == 'person' else 'by itself'}: {row['group']}"
        f"{', trade ' + row['path'] if row['path'] else ''}: {row['text']}"
        for row in rows
    ]
    show(rows, "\n".join(lines) or "Nothing is in doubt.", as_json=as_json)


def _note(row: dict[str, Any]) -> str:
    """Show a note; the lines of its text are set in, so that no text looks like another note."""
    at = moment_in(UTC, row["at_s"]).strftime("%Y-%m-%d %H:%M UTC")
    about = f", trade {row['trade']}" if row["trade"] else ""
    text = "[forgotten]" if row["forgotten"] else row["text"] or "[not readable]"
    who = "ours" if row["own"] else "theirs"
    return f"{who} {row['n']}, {at}{about}: " + text.replace("\n", "\n    ")


def _line(row: dict[str, Any]) -> str:
    balance = row["balance_units"]
    stands = (
        f"we owe {hours(balance)}"
        if balance > 0
        else f"they owe {hours(-balance)}"
        if balance < 0
        else "nobody owes anything"
    )
    waits = " - their proposal waits for our answer" if row["waits_for_us"] else ""
    why = f" ({row['reason']})" if row["reason"] else ""
    alarm = f" - ATTENTION: {row['used_percent']}% of a limit is used" if row["alarm"] else ""
    gone = row["partner_left"] and row["state"] != "closed"
    left = " - it has left the register: `ruilbrug line close`" if gone else ""
    return (
        f"{row['group']}: {row['state']}{why}, {stands}; we may owe "
        f"{hours(row['we_may_owe_units'])}, they {hours(row['they_may_owe_units'])}, "
        f"{hours(row['largest_units'])} at once{waits}{alarm}{left}"
    )
