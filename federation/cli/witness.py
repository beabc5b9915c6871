"""`ruilbrug witness`: who cosigns this node's log, and what it cosigns of others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show

NOT_MET = 1
TWO_HISTORIES = (
    "TWO HISTORIES: a log has signed checkpoints that do not fit. Trade with that group no further "
    "before its operator has explained it, and show the output of --json to the umbrella: it holds "
    "both signed notes."
)


@click.group()
def witness() -> None:
    """Who has cosigned what."""


@witness.command()
@JSON
def status(*, as_json: bool) -> None:
    """Tell who has cosigned which size, and when; exit code 1 when the policy is not met at all."""
    answer = ask("witness.status")
    show(answer, "\n".join(status_lines(answer)), as_json=as_json)
    if answer["met_size"] is None:
        raise click.exceptions.Exit(NOT_MET)


@witness.command()
@JSON
def policy(*, as_json: bool) -> None:
    """Print the policy file by which others check proofs of this node."""
    answer = ask("witness.policy")
    show(answer, answer["policy"].removesuffix("\n"), as_json=as_json)


def status_lines(answer: Any) -> list[str]:
    """Write what `witness.status` tells, for people."""
    newest = answer["newest_size"]
    lines = [f"Newest checkpoint: {newest} entries."]
    if answer["wanted"]:
        lines.append(f"The policy ({answer['policy']}) wants: {answer['wanted']}.")
    if answer["met"]:
        lines.append("It is met.")
    elif answer["met_size"] is not None:
        lines.append(
            f"It is met up to {answer['met_size']} entries{_at(answer['met_at_s'])}; for the "
            f"newest it lacks: {answer['lacking']}."
        )
    else:
        lacks = f": it lacks {answer['lacking']}" if answer["lacking"] else ""
        lines.append(f"NOT MET{lacks}.")
    lines.append(answer["advice"])
    lines += [f"  {_row(row, newest)}" for row in answer["witnesses"]]
    return [*lines, *_own(answer), *_forks(answer["forks"])]


def _row(row: Any, newest: int) -> str:
    text = f"{row['name']}: "
    if row["size"]:
        behind = newest - row["size"]
        text += f"{row['size']} entries{_at(row['cosigned_at_s'])}"
        text += f", {behind} behind" if behind > 0 else ""
    else:
        text += "nothing yet"
    if row["failures"]:
        again = _at(row["next_attempt_at_s"])
        text += f"; failed {row['failures']} times ({row['trouble']}), again{again}"
    return text if row["policy_name"] else f"{text} (not needed by the policy)"


def _own(answer: Any) -> list[str]:
    if not answer["as_witness"]:
        return [
            "This node cosigns nothing: keys/witness.key is missing, or is another than it stated."
        ]
    lines = ["As a witness, this node is named so in a policy:", f"  {answer['as_witness']}"]
    lines += [
        f"  has cosigned {log['origin']}: {log['size']} entries{_at(log['cosigned_at_s'])}"
        for log in answer["logs"]
    ]
    return lines


def _forks(forks: Any) -> list[str]:
    told = [f"  {fork['origin']}, {_teller(fork)}{_at(fork['told_at_s'])}" for fork in forks]
    return [TWO_HISTORIES, *told] if told else []


def _teller(fork: Any) -> str:
    return f"told by {fork['peer']}" if fork["peer"] else "submitted"


def _at(at_s: int | None) -> str:
    if not at_s:
        return ""
    return f" at {datetime.fromtimestamp(at_s, UTC).strftime('%Y-%m-%d %H:%M UTC')}"
