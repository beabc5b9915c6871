"""`ruilbrug doctor`: what is well with a node, what is not, and what to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import folder, show

if TYPE_CHECKING:
    from federation.node.doctor_findings import Finding

NEEDS_A_PERSON = 1
SHOWN = {"fine": "ok  ", "note": "note", "person": "YOU "}


@click.command()
@JSON
def doctor(*, as_json: bool) -> None:
    """Look at everything a node needs; exit code 1 when something needs a person."""
    from federation.cli.doctor_looks import look
    from federation.node.doctor import examine
    from federation.node.doctor_findings import needs_a_person
    from federation.node.service import now_s

    findings = examine(asyncio.run(look(folder(), clock=now_s)))
    text = "\n".join(map(line, findings))
    show({"findings": findings}, text, as_json=as_json)
    if needs_a_person(findings):
        raise click.exceptions.Exit(NEEDS_A_PERSON)


def line(finding: Finding) -> str:
    """Show a finding, and what to do below it."""
    said = f"{SHOWN[finding.weight]} {finding.check}: {finding.what}"
    return f"{said}\n     {finding.next_step}" if finding.next_step else said
