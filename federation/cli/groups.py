"""`ruilbrug import`, `member`, `account`, `log` and `audit`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from federation.cli.findings import findings, solve
from federation.cli.flow_reports import check_report, export_cores
from federation.cli.node_commands import JSON
from federation.cli.reach import ask, folder, followed, show
from schemas.errors import Code, InputError


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would come of it.")
@click.option("--book-difference", is_flag=True, help="Book differences to the group account.")
@click.option("--same-codes", is_flag=True, help="Members here are those with their codes.")
@click.option("--choices", type=click.File("rb"), help="Choices as JSON; docs/moving-in.md.")
@JSON
def import_(
    file: Path,
    *,
    dry_run: bool,
    book_difference: bool,
    same_codes: bool,
    choices: BinaryIO | None,
    as_json: bool,
) -> None:
    """Read the export of a former system."""
    said = {} if choices is None else read_choices(choices.read())
    said |= {"book_difference": True} if book_difference else {}
    said |= {"same_codes": True} if same_codes else {}
    arguments = {"file": str(file.resolve()), "dry_run": dry_run, "choices": said}
    answer = asyncio.run(followed("import", arguments, quiet=as_json))
    show(answer, answer["text"], as_json=as_json)


def read_choices(content: bytes) -> dict[str, Any]:
    """Read the choices of an import from JSON, as the node takes them.

    Raises:
        InputError: `malformed`, with what is wrong where.

    """
    import msgspec

    from federation.migrate.choices import Choices

    try:
        chosen = msgspec.json.decode(content, type=Choices)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(Code.MALFORMED, field="choices", reason=str(error)[:200]) from error
    said: dict[str, Any] = msgspec.to_builtins(chosen)
    return said


@click.group()
def member() -> None:
    """Members."""


@member.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--lower", "lower_minor", type=int, help="Own lower limit, in the smallest unit.")
@click.option("--upper", "upper_minor", type=int, help="Own upper limit, in the smallest unit.")
@JSON
def member_add(
    code: str, name: str, lower_minor: int | None, upper_minor: int | None, *, as_json: bool
) -> None:
    """Take in a member."""
    answer = ask(
        "member.add", code=code, name=name, lower_minor=lower_minor, upper_minor=upper_minor
    )
    show(answer, f"{name} is member {code}.", as_json=as_json)


@member.command("list")
@JSON
def member_list(*, as_json: bool) -> None:
    """List the members."""
    rows = ask("member.list")
    show(rows, _accounts(rows), as_json=as_json)


@click.group()
def account() -> None:
    """Accounts and statements."""


@account.command("list")
@JSON
def account_list(*, as_json: bool) -> None:
    """List every account."""
    rows = ask("account.list")
    show(rows, _accounts(rows), as_json=as_json)


def _accounts(rows: list[dict[str, Any]]) -> str:
    lines = [f"{'code':14} {'name':34} {'kind':12} {'status':9} {'balance':>9} {'held':>6}"]
    lines += [
        f"{row['code'][:14]:14} {row['name'][:34]:34} {row['kind']:12} {row['status']:9} "
        f"{row['balance_minor']:>9} {row['held_minor']:>6}"
        for row in rows
    ]
    return "\n".join([*lines, f"sum of balances: {sum(row['balance_minor'] for row in rows)}"])


@account.command("statement")
@click.argument("code")
@click.option("--from", "from_day", type=click.DateTime(["%Y-%m-%d"]), help="First day (UTC).")
@click.option("--until", "until_day", type=click.DateTime(["%Y-%m-%d"]), help="Day after the last.")
@click.option("--before", nargs=2, type=int, help="The place where the last page ended.")
@click.option("--limit", type=click.IntRange(1, 500), default=50)
@JSON
def account_statement(
    code: str,
    from_day: datetime | None,
    until_day: datetime | None,
    before: tuple[int, int] | None,
    limit: int,
    *,
    as_json: bool,
) -> None:
    """Show an account's statement, newest first."""
    arguments: dict[str, Any] = {"code": code, "limit": limit}
    if from_day is not None:
        arguments["from_s"] = int(from_day.replace(tzinfo=UTC).timestamp())
    if until_day is not None:
        arguments["until_s"] = int(until_day.replace(tzinfo=UTC).timestamp())
    if before:
        arguments["before_seq"], arguments["before_ordinal"] = before
    page = ask("account.statement", **arguments)
    lines = [f"{page['code']}: balance {page['balance_minor']}"]
    for row in page["lines"]:
        day = datetime.fromtimestamp(row["at_s"], UTC).strftime("%Y-%m-%d %H:%M")
        theirs = f" ({row['their_minor']} there)" if "their_minor" in row else ""
        lines.append(
            f"{day} {row['amount_minor']:>8}{theirs} {row['balance_minor']:>8}  "
            f"{row['other'][:24]:24} {row['description']}"
        )
    if page["next"]:
        lines.append(f"more: --before {page['next'][0]} {page['next'][1]}")
    show(page, "\n".join(lines), as_json=as_json)


@click.group()
def log() -> None:
    """The node's log."""


@log.command("verify")
@click.option("--no-signatures", is_flag=True, help="Leave out the signatures: much faster.")
@JSON
def log_verify(*, no_signatures: bool, as_json: bool) -> None:
    """Recompute everything, and name what is wrong and where."""
    from federation.node.remembered import LastVerify, remember
    from federation.node.service import now_s
    from federation.node.verify import verify_log

    result = asyncio.run(verify_log(folder(), signatures=not no_signatures))
    remember(folder(), LastVerify(at_s=now_s(), events=result.events, found=result.found))
    text = [f"{result.events} events read, {result.erased} erased openings"]
    text += [f"WRONG at event {f.seq}, {f.what}: {f.reason}" for f in result.findings]
    text.append("everything agrees" if not result.findings else f"{result.found} findings")
    show(result, "\n".join(text), as_json=as_json)
    if result.findings:
        raise click.exceptions.Exit(1)


@log.command("rebuild")
@JSON
def log_rebuild(*, as_json: bool) -> None:
    """Fill the tables of ledger and lines anew from the log; the node has to be stopped."""
    from federation.node.rebuild import rebuild_tables

    settings = folder().settings()
    events = asyncio.run(rebuild_tables(settings.database, settings.database_owner))
    show({"events": events}, f"{events} events folded, every table filled anew", as_json=as_json)


@click.group()
def audit() -> None:
    """The umbrella's register and audit."""


audit.add_command(check_report)
audit.add_command(export_cores)
audit.add_command(findings)
audit.add_command(solve)


@audit.command("admit")
@click.argument("invitation")
@JSON
def audit_admit(invitation: str, *, as_json: bool) -> None:
    """Take the group with this INVITATION into the register."""
    answer = ask("audit.admit", invitation=invitation)
    show(answer, f"{answer['name']} is registered.", as_json=as_json)


@audit.command("report")
@click.option(
    "--full", is_flag=True, help="Fetch and audit everything anew, and see that both agree."
)
@click.option("--signatures", is_flag=True, help="With --full: check every signature again, too.")
@JSON
def audit_report(*, full: bool, signatures: bool, as_json: bool) -> None:
    """Follow every group's log, hold them together, and say what flowed and what is wrong."""
    answer = ask("audit.report", full=full, signatures=signatures)
    show(answer["report"], answer["text"], as_json=as_json)
    if answer["report"]["findings"] or not answer["report"]["agrees"]:
        raise click.exceptions.Exit(1)
