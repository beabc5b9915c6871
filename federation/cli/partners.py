"""`ruilbrug partner`: groups without a node, which are reached by mail."""

from __future__ import annotations

from typing import Any

import click

from federation.cli.agreeing import KEY, deal_text, doer
from federation.cli.reach import ask, show


def partner_text(partner: dict[str, Any]) -> str:
    """Say who it is, where it stands, and what waits for its contact."""
    reached = f"by mail ({partner['contact']})" if partner["by_mail"] else "not reached"
    paused = ", paused" if partner["paused"] else ""
    waits = f", {len(partner['open'])} wait for it" if partner["open"] else ""
    return (
        f"{partner['code']}: {partner['name']}, balance {partner['balance_minor']}, "
        f"{reached}{paused}{waits}"
    )


def booked_text(trade: dict[str, Any]) -> str:
    """Say one booked trade, from the side of the group's account."""
    mark = " (reversed)" if trade["reversed"] else " (reverses)" if trade["reversal"] else ""
    return (
        f"event {trade['seq']}: {trade['amount_minor']:+} {trade['member_name']}, "
        f"{trade['person']}: {trade['description']}{mark}"
    )


@click.group()
def partner() -> None:
    """Groups without a node: reached by mail, each with an account here."""


@partner.command("list")
@doer
def partner_list(*, as_json: bool, **more: Any) -> None:
    """List them all, for coordinators."""
    rows = ask("partner.list", **more)
    show(rows, "\n".join(map(partner_text, rows)) or "none yet", as_json=as_json)


@partner.command("show")
@doer
@click.argument("code")
def partner_show(*, as_json: bool, **more: Any) -> None:
    """Show one with its newest booked trades."""
    answer = ask("partner.show", **more)
    lines = [partner_text(answer["partner"]), *map(booked_text, answer["booked"])]
    show(answer, "\n".join(lines), as_json=as_json)


@partner.command("reach")
@doer
@click.argument("code")
@click.option("--group", required=True, help="What the group is called.")
@click.option("--contact", required=True, help="Who answers for it.")
@click.option("--address", required=True, help="Where mails go.")
@click.option("--language", type=click.Choice(["nl", "fr", "en"]), default="nl")
@click.option("--lower", "lower_minor", type=int, required=True, help="Zero or below.")
@click.option("--upper", "upper_minor", type=int, required=True, help="Zero or above.")
def partner_reach(*, as_json: bool, **more: Any) -> None:
    """Reach a group by mail, or at another contact."""
    answer = ask("partner.reach", **more)
    show(answer, partner_text(answer), as_json=as_json)


@partner.command("pause")
@doer
@click.argument("code")
@click.option("--reason", default="", help="Members read it.")
@click.option("--resume", is_flag=True, help="Trade again.")
@KEY
def partner_pause(*, as_json: bool, **more: Any) -> None:
    """Admit no new trades for now, or again."""
    answer = ask("partner.pause", **more)
    show(answer, partner_text(answer), as_json=as_json)


@partner.command("ask")
@doer
@click.argument("code")
@click.argument("amount_minor", metavar="AMOUNT", type=int)
@click.option("--person", required=True, help="Who of the other group it was.")
@click.option("--gives", is_flag=True, help="BY gives: it was helped. Else it helped.")
@click.option("--description", "-d", default="", help="What for.")
@KEY
def partner_ask(*, as_json: bool, **more: Any) -> None:
    """Have a trade of BY confirmed by the group's contact."""
    answer = ask("partner.ask", **more)
    show(answer, deal_text(answer), as_json=as_json)


@partner.command("reverse")
@doer
@click.argument("code")
@click.argument("original", metavar="EVENT", type=int)
@click.option("--description", "-d", required=True, help="Why: the contact reads it.")
@KEY
def partner_reverse(*, as_json: bool, **more: Any) -> None:
    """Give a confirmed trade back; its contact is told by mail."""
    answer = ask("partner.reverse", **more)
    show(answer, f"given back by event {answer['seq']}", as_json=as_json)
