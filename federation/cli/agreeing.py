"""`ruilbrug thread`, `deal` and `activity`: what members say, agree, book and do together.

Everything is done by the member BY, or with `--for` in another's name, as on the pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from federation.cli.node_commands import JSON
from federation.cli.payments import WAIT
from federation.cli.reach import ask, show

if TYPE_CHECKING:
    from collections.abc import Callable

FOR = click.option("--for", "acting_for", default="", help="Code of the member you act for.")
KEY = click.option("--key", help="Id of this deed: the same again is done once.")
Command = "Callable[..., Any]"


def doer(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every deed has: who does it, in whose name, and as JSON."""
    return click.argument("by")(FOR(JSON(command)))


def thread_text(thread: dict[str, Any]) -> str:
    """Say how a thread stands, and what was said last."""
    other = thread["other"]
    whom = other["name"] or other["code"] or other["pseudonym"][:8]
    group = f" of {other['group']}" if other["group"] else ""
    turn = ", your turn" if thread["own_turn"] else ""
    said = thread["messages"][-1]["text"] if thread["messages"] else ""
    return f"{thread['thread']}: with {whom}{group}, {thread['state']}{turn}: {said}".rstrip(": ")


def deal_text(trade: dict[str, Any]) -> str:
    """Say how a trade stands and what can be done with it."""
    other = trade["other"]
    whom = other["name"] or other["code"] or other["group"]
    verb = "gives" if trade["gives"] else "gets"
    may = f"; may {', '.join(trade['actions'])}" if trade["actions"] else ""
    return f"{trade['id']}: {verb} {trade['own_minor']} ({whom}), {trade['state']}{may}"


def activity_text(activity: dict[str, Any]) -> str:
    """Say what is done together, and by how many."""
    off = ", called off" if activity["cancelled"] else ""
    return f"{activity['activity']}: {activity['title']}, {len(activity['joined'])} come{off}"


def report_text(report: dict[str, str]) -> str:
    """Say who was told, and under which id."""
    told = {"others": "told to the other coordinators", "nobody": "kept for a later coordinator"}
    return f"{told.get(report['read_by'], 'told')}, under {report['report']}"


def _show_all(rows: list[dict[str, Any]], text: Callable[[Any], str], *, as_json: bool) -> None:
    show(rows, "\n".join(map(text, rows)) or "nothing yet", as_json=as_json)


@click.group()
def thread() -> None:
    """Conversations between two members: interest, answers, proposals, and booking them."""


@thread.command("start")
@doer
@click.argument("to")
@click.argument("text")
@click.option("--group", default="", help="Another group; TO is then the member's pseudonym.")
@click.option("--offer", default="", help="The offer or want that it is about.")
@KEY
def thread_start(by: str, to: str, text: str, group: str, *, as_json: bool, **more: Any) -> None:
    """Write TEXT to member TO."""
    whom = {"pseudonym": to, "group": group} if group else {"code": to}
    answer = ask("thread.start", by=by, text=text, **whom, **more)
    show(answer, thread_text(answer), as_json=as_json)


@thread.command("write")
@doer
@click.argument("name", metavar="THREAD")
@click.argument("text")
@KEY
def thread_write(name: str, *, as_json: bool, **more: Any) -> None:
    """Say TEXT in a thread."""
    answer = ask("thread.write", thread=name, **more)
    show(answer, thread_text(answer), as_json=as_json)


@thread.command("propose")
@doer
@click.argument("name", metavar="THREAD")
@click.argument("amount_minor", metavar="AMOUNT", type=int)
@click.option("--gives/--gets", default=False, help="Whether BY gives the units.")
@click.option("--fixed", type=click.Choice(["payee", "payer"]), default="payee")
@click.option("--day", default="", help="When the help is given, as 2026-11-26.")
@click.option("--text", default="")
@KEY
def thread_propose(name: str, *, as_json: bool, **more: Any) -> None:
    """Propose an AMOUNT, in the smallest unit of whoever gets it."""
    answer = ask("thread.propose", thread=name, **more)
    show(answer, thread_text(answer), as_json=as_json)


@thread.command("answer")
@doer
@click.argument("name", metavar="THREAD")
@click.argument("reply", type=click.Choice(["yes", "yes_but", "rather_not"]))
@click.option("--to", help="Id of the proposal; left out: to the interest.")
@click.option("--text", default="")
def thread_answer(name: str, *, as_json: bool, **more: Any) -> None:
    """Give a quick answer."""
    answer = ask("thread.answer", thread=name, **more)
    show(answer, thread_text(answer), as_json=as_json)


@thread.command("show")
@doer
@click.argument("name", metavar="THREAD")
def thread_show(name: str, *, as_json: bool, **more: Any) -> None:
    """Read a thread."""
    answer = ask("thread.show", thread=name, **more)
    lines = [
        f"{'>' if m['own'] else '<'} {m['text'] or m['reply'] or ''}" for m in answer["messages"]
    ]
    show(answer, "\n".join([thread_text(answer), *lines]), as_json=as_json)


@thread.command("list")
@doer
def thread_list(*, as_json: bool, **more: Any) -> None:
    """List the newest threads of a member."""
    _show_all(ask("thread.list", **more), thread_text, as_json=as_json)


@thread.command("book")
@doer
@click.argument("name", metavar="THREAD")
@click.option("--expected", "expected_minor", type=int, help="Refuse if it is another amount.")
@click.option("--description", "-d", default="", help="What for.")
@WAIT
def thread_book(name: str, *, as_json: bool, **more: Any) -> None:
    """Book what was agreed; as the one who gets it, ask for it."""
    answer = ask("thread.book", thread=name, **more)
    show(answer, deal_text(answer), as_json=as_json)


@thread.command("block")
@doer
@click.argument("to")
@click.option("--group", default="", help="Another group; TO is then the member's pseudonym.")
@click.option("--lift", is_flag=True, help="Let that member write again.")
def thread_block(by: str, to: str, group: str, *, lift: bool, as_json: bool, **more: Any) -> None:
    """Want no messages of member TO."""
    whom = {"pseudonym": to, "group": group} if group else {"code": to}
    answer = ask("member.block", by=by, blocked=not lift, **whom, **more)
    show(answer, "blocked" if answer["blocked"] else "may write again", as_json=as_json)


@thread.command("report")
@doer
@click.argument("text")
@click.option("--thread", default="", help="The thread that it is about.")
@click.option("--message", default="", help="Id of the message that is quoted.")
@KEY
def thread_report(*, as_json: bool, **more: Any) -> None:
    """Tell the coordinators TEXT."""
    answer = ask("report.make", **more)
    show(answer, report_text(answer), as_json=as_json)


@thread.command("reports")
@doer
def thread_reports(*, as_json: bool, **more: Any) -> None:
    """Read, as a coordinator, what members reported."""
    rows = ask("report.list", **more)
    _show_all(rows, lambda row: f"{row['by']['code']}: {row['text']}", as_json=as_json)


@click.group()
def deal() -> None:
    """A member's trades, inside the group and with others."""


@deal.command("list")
@doer
def deal_list(*, as_json: bool, **more: Any) -> None:
    """List a member's trades: what waits, then the newest."""
    _show_all(ask("trade.list", **more), deal_text, as_json=as_json)


@deal.command("ask")
@doer
@click.argument("payer")
@click.argument("amount_minor", metavar="AMOUNT", type=int)
@click.option("--description", "-d", default="", help="What for.")
@KEY
def deal_ask(*, as_json: bool, **more: Any) -> None:
    """Ask PAYER, a member of the group, for an AMOUNT: I gave help."""
    answer = ask("trade.ask", **more)
    show(answer, deal_text(answer), as_json=as_json)


@deal.command("quote")
@doer
@click.argument("to")
@click.argument("amount_minor", metavar="AMOUNT", type=int)
@click.option("--group", default="", help="Another group; TO is not looked at then.")
@click.option("--asks", is_flag=True, help="BY asks for it, and does not give it.")
@click.option("--fixed", type=click.Choice(["payee", "payer"]), default="payee")
def deal_quote(to: str, group: str, *, as_json: bool, **more: Any) -> None:
    """Say exactly what would be booked, and what the balance becomes."""
    answer = ask("trade.quote", code="" if group else to, group=group, **more)
    why = f"; not now: {answer['refusal']['code']}" if answer["refusal"] else ""
    numbers = f"{answer['own_minor']} here, {answer['other_minor']} there"
    show(answer, f"{numbers}; the balance becomes {answer['after_minor']}{why}", as_json=as_json)


def _about(name: str, words: str, *options: Any) -> None:
    """Add a command about one trade."""

    def run(*, as_json: bool, **more: Any) -> None:
        answer = ask(f"trade.{name}", **more)
        show(answer, deal_text(answer), as_json=as_json)

    command: Any = run
    for option in reversed(options):
        command = option(command)
    command = doer(click.argument("trade")(command))
    command.__doc__ = words
    deal.command(name, help=words)(command)


_EXPECTED = click.option("--expected", "expected_minor", type=int, help="Refuse another amount.")
_WHY = click.option("--description", "-d", default="", help="Why.")
_about("show", "Tell where a trade stands.")
_about("consent", "Consent to what was asked.", _EXPECTED, WAIT)
_about("decline", "Refuse a request, or take an own one back.")
_about("cancel", "Take back a payment that is not booked yet.")
_about("reverse", "Give back what was received, or ask for what was given.", _WHY, KEY, WAIT)
_about(
    "thank",
    "Thank for a trade.",
    click.argument("text"),
    click.option("--public", is_flag=True, help="Let everybody in the group read it."),
)


@click.group()
def activity() -> None:
    """Doing things together."""


@activity.command("place")
@doer
@click.argument("title")
@click.argument("starts_at_s", metavar="START", type=int)
@click.argument("ends_at_s", metavar="END", type=int)
@click.option("--text", default="")
@click.option("--place", default="")
@click.option("--change", "activity", type=int, help="Number of the activity that becomes this.")
@click.option("--for-group", is_flag=True, help="The group organises it; for coordinators.")
@KEY
def activity_place(*, as_json: bool, **more: Any) -> None:
    """Place an activity; START and END in seconds since 1970."""
    answer = ask("activity.place", **more)
    show(answer, activity_text(answer), as_json=as_json)


@activity.command("list")
@doer
def activity_list(*, as_json: bool, **more: Any) -> None:
    """List what is to be done together."""
    _show_all(ask("activity.list", **more), activity_text, as_json=as_json)


@activity.command("join")
@doer
@click.argument("activity", type=int)
@click.option("--leave", is_flag=True, help="Not after all.")
def activity_join(*, as_json: bool, **more: Any) -> None:
    """Come along."""
    answer = ask("activity.join", **more)
    show(answer, activity_text(answer), as_json=as_json)


@activity.command("cancel")
@doer
@click.argument("activity", type=int)
def activity_cancel(*, as_json: bool, **more: Any) -> None:
    """Call an activity off."""
    answer = ask("activity.cancel", **more)
    show(answer, activity_text(answer), as_json=as_json)


@activity.command("spread")
@doer
@click.argument("activity", type=int)
@click.argument("total_minor", metavar="TOTAL", type=int)
@click.argument("helpers", nargs=-1, required=True)
@click.option("--description", "-d", default="", help="What for.")
@click.option("--from-group", is_flag=True, help="From the group account; for coordinators.")
@KEY
def activity_spread(*, as_json: bool, **more: Any) -> None:
    """Give TOTAL, in equal shares, to the HELPERS (member codes), in one booking."""
    answer = ask("activity.spread", **more)
    show(answer, deal_text(answer), as_json=as_json)
