"""`ruilbrug pay` and `ruilbrug trade`: payments inside the group and to other groups."""

from __future__ import annotations

from typing import Any

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show
from federation.umbrella.use_cases import hours

WAIT = click.option(
    "--wait", "wait_s", type=float, default=10, help="Seconds to wait for the other side."
)


def trade_text(trade: dict[str, Any]) -> str:
    """Say in one line how a trade with another group stands."""
    why = f" - {trade['code']}" if trade["code"] else ""
    return (
        f"{trade['state']}: gives {trade['payer_minor']}, gets {trade['payee_minor']} "
        f"({hours(trade['line_units'])}), id {trade['path']}{why}"
    )


@click.command()
@click.argument("payer")
@click.argument("payee")
@click.argument("amount", type=int)
@click.option("--to", "group", default="", help="The payee's group; left out: our own.")
@click.option(
    "--fixed",
    type=click.Choice(["payee", "payer"]),
    default="payee",
    help="Whose unit AMOUNT is in, in a payment to another group.",
)
@click.option("--description", "-d", default="", help="What for.")
@click.option("--key", help="Id of this payment: the same again is booked once.")
@click.option(
    "--wait", "wait_s", type=float, default=10, help="Seconds to wait for the other side."
)
@JSON
def pay(  # noqa: PLR0913 - a payment is made of these
    payer: str,
    payee: str,
    amount: int,
    group: str,
    fixed: str,
    description: str,
    key: str | None,
    wait_s: float,
    *,
    as_json: bool,
) -> None:
    """Book that PAYER gives PAYEE an AMOUNT, in the smallest unit."""
    answer = ask(
        "pay",
        payer=payer,
        payee=payee,
        amount_minor=amount,
        group=group,
        fixed=fixed,
        description=description,
        key=key,
        wait_s=wait_s,
    )
    text = trade_text(answer) if group else f"{payer} gave {payee} {amount}."
    show(answer, text, as_json=as_json)


@click.group()
def trade() -> None:
    """Trades with other groups: ask, consent, decline, cancel, reverse."""


@trade.command("ask")
@click.argument("payee")
@click.argument("payer")
@click.argument("group")
@click.argument("amount", type=int)
@click.option("--fixed", type=click.Choice(["payee", "payer"]), default="payee")
@click.option("--description", "-d", default="", help="What for.")
@click.option("--key", help="Id of this request: the same again is asked once.")
@JSON
def trade_ask(
    payee: str,
    payer: str,
    group: str,
    amount: int,
    fixed: str,
    description: str,
    key: str | None,
    *,
    as_json: bool,
) -> None:
    """Ask, for our member PAYEE, that PAYER of GROUP gives an AMOUNT."""
    answer = ask(
        "pay.request",
        payee=payee,
        payer=payer,
        group=group,
        amount_minor=amount,
        fixed=fixed,
        description=description,
        key=key,
    )
    show(answer, trade_text(answer), as_json=as_json)


@trade.command("waiting")
@JSON
def trade_waiting(*, as_json: bool) -> None:
    """List the requests that wait for a consent of ours."""
    rows = ask("pay.requests")
    show(rows, "\n".join(map(trade_text, rows)) or "nobody asks for anything", as_json=as_json)


@trade.command("consent")
@click.argument("path")
@click.option("--expected", "expected_minor", type=int, help="Refuse if it is another amount.")
@WAIT
@JSON
def trade_consent(path: str, expected_minor: int | None, wait_s: float, *, as_json: bool) -> None:
    """Consent to the request with the id PATH."""
    answer = ask("pay.consent", path=path, expected_minor=expected_minor, wait_s=wait_s)
    show(answer, trade_text(answer), as_json=as_json)


@trade.command("decline")
@click.argument("path")
@JSON
def trade_decline(path: str, *, as_json: bool) -> None:
    """Decline a request, or take our own back."""
    answer = ask("pay.decline", path=path)
    show(answer, trade_text(answer), as_json=as_json)


@trade.command("cancel")
@click.argument("path")
@JSON
def trade_cancel(path: str, *, as_json: bool) -> None:
    """Take a payment back that is not booked yet."""
    answer = ask("pay.cancel", path=path)
    show(answer, trade_text(answer), as_json=as_json)


@trade.command("reverse")
@click.argument("path")
@click.option("--description", "-d", default="", help="Why.")
@WAIT
@JSON
def trade_reverse(path: str, description: str, wait_s: float, *, as_json: bool) -> None:
    """Give back what we received with PATH, or ask for what we paid."""
    answer = ask("pay.reverse", path=path, description=description, wait_s=wait_s)
    show(answer, trade_text(answer), as_json=as_json)


@trade.command("show")
@click.argument("path")
@JSON
def trade_show(path: str, *, as_json: bool) -> None:
    """Tell where the trade with the id PATH stands."""
    rows = ask("transfer.show", path=path)
    show(rows, "\n".join(map(trade_text, rows)) or "there is none", as_json=as_json)
