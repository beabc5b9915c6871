"""`ruilbrug mail`: the outbox, mails that came back, and addresses that work again."""

from __future__ import annotations

import base64
from typing import IO

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show


@click.group()
def mail() -> None:
    """Look at the outbox, and tell it what came back."""


@mail.command()
@JSON
def status(*, as_json: bool) -> None:
    """Tell how many mails wait, and which addresses do not work."""
    answer = ask("mail.status")
    counts = ", ".join(f"{count} {state}" for state, count in answer["mails"].items())
    text = [f"mode {answer['mode']}: {counts or 'no mails'}"]
    text += [f"marked {row['address']}: {row['reply']}" for row in answer["marked"]]
    show(answer, "\n".join(text), as_json=as_json)


@mail.command()
@click.argument("report", type=click.File("rb"), default="-")
@JSON
def bounced(report: IO[bytes], *, as_json: bool) -> None:
    """Take in a report of failed delivery, from a file or standard input.

    For the mail server: let it pipe what comes back to the address `bounces` into this command.
    """
    answer = ask("mail.bounced", report=base64.b64encode(report.read()).decode())
    show(answer, f"{len(answer['marked'])} addresses marked.", as_json=as_json)


@mail.command()
@click.argument("address")
@JSON
def works(address: str, *, as_json: bool) -> None:
    """Mail to an address again, after it was mended."""
    answer = ask("mail.works", address=address)
    text = "It is mailed to again." if answer["cleared"] else "It was not marked."
    show(answer, text, as_json=as_json)
