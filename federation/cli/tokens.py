"""`ruilbrug token`: for whom programs may ask over the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show


@click.group()
def token() -> None:
    """Tokens for programs that ask over the API."""


@token.command("new")
@click.argument("name")
@click.option("--account", default="", help="Code of the member for whom it speaks.")
@click.option(
    "--role",
    type=click.Choice(["member", "coordinator", "treasurer", "editor", "auditor"]),
    default="member",
    help="What it may do.",
)
@click.option("--days", type=click.IntRange(1, 1095), default=365, help="How long it lasts.")
@JSON
def new(name: str, account: str, role: str, days: int, *, as_json: bool) -> None:
    """Make a token called NAME; it is shown this once."""
    answer = ask("token.new", name=name, account=account, role=role, days=days)
    text = (
        f"{answer['secret']}\n"
        f"This is token {answer['token']} ({name}, {role}), until {_day(answer['expires_at_s'])}. "
        "It is shown this once: only its hash is kept."
    )
    show(answer, text, as_json=as_json)


@token.command("list")
@JSON
def list_(*, as_json: bool) -> None:
    """List the tokens, newest first."""
    rows = ask("token.list")
    lines = [f"{'token':13} {'role':12} {'account':10} {'until':11} {'':9} name"]
    lines += [
        f"{row['token']:13} {row['role']:12} {row['account'][:10]:10} "
        f"{_day(row['expires_at_s']):11} {_ended(row):9} {row['name']}"
        for row in rows
    ]
    show(rows, "\n".join(lines), as_json=as_json)


@token.command("revoke")
@click.argument("token_id", metavar="TOKEN")
@JSON
def revoke(token_id: str, *, as_json: bool) -> None:
    """Make a token of no use, by its id."""
    answer = ask("token.revoke", token=token_id)
    show(answer, f"Token {token_id} is revoked.", as_json=as_json)


def _day(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d")


def _ended(row: dict[str, Any]) -> str:
    return "revoked" if row["revoked_at_s"] else ""
