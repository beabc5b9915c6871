"""`ruilbrug audit findings` and `audit solve`: what audits found, and how it was solved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show
from schemas.finding_words import words_of
from schemas.findings import Finding


@click.command("findings")
@JSON
def findings(*, as_json: bool) -> None:
    """List what audits found, open ones first, and how it was solved."""
    rows = ask("audit.findings")
    show(rows, "\n".join(map(_told, rows)) or "nothing was ever found", as_json=as_json)


@click.command("solve")
@click.argument("finding")
@click.argument("text")
@JSON
def solve(finding: str, text: str, *, as_json: bool) -> None:
    """Write down in TEXT how FINDING (its id, or the beginning of it) was solved."""
    answer = ask("audit.solve", finding=finding, text=text)
    show(answer, f"Solved; it is open again if it comes back.\n{_told(answer)}", as_json=as_json)


def _told(row: dict[str, Any]) -> str:
    finding = msgspec.convert(
        {name: row[name] for name in Finding.__struct_fields__}, Finding, strict=False
    )
    place = f", event {finding.seq}" if finding.seq >= 0 else ""
    where = row["name"] or finding.node or f"line {finding.line}"
    weight = f"{finding.severity.upper()} {finding.check}"
    head = f"{row['id'][:16]}  {_day(row['found_at_s'])}  {weight} at {where}{place}"
    lines = [f"{head}: {words_of(finding).what}"]
    if row["gone_since_s"] is not None:
        lines.append(f"  not found any more since {_day(row['gone_since_s'])}")
    lines += [f"  proof: ruilbrug evidence export {proof[:16]}" for proof in row["proofs"]]
    if row["solved"] is not None:
        lines.append(f"  solved {_day(row['solved']['at_s'])}: {row['solved']['text']}")
    return "\n".join(lines)


def _day(at_s: int) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d}"
