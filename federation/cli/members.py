"""`ruilbrug member`: who is who in a group, beside taking in and listing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from federation.cli.groups import member
from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show

BY = click.option("--by", default="", metavar="CODE", help="Do it as this member, by its rights.")
DAY = click.DateTime(["%Y-%m-%d"])
VISIBILITIES = click.Choice(["staff", "members", "interlets", "public"])


def seconds(day: datetime) -> int:
    """Give a day's begin (UTC) in seconds."""
    return int(day.replace(tzinfo=UTC).timestamp())


def day_of(at_s: int) -> str:
    """Write a moment as a day; what is far beyond every calendar has no end."""
    try:
        return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d")
    except (OverflowError, ValueError):
        return "no end"


@member.command("show")
@click.argument("code")
@BY
@JSON
def member_show(code: str, by: str, *, as_json: bool) -> None:
    """Show the member CODE as the operator, or another member, sees it."""
    found = ask("member.show", code=code, by=by)
    show(found, profile(found), as_json=as_json)


@member.command("search")
@click.argument("words", default="")
@BY
@JSON
def member_search(words: str, by: str, *, as_json: bool) -> None:
    """Find members by name or code."""
    found = ask("member.search", words=words, by=by)
    lines = [f"{one['code']:14} {one['name']:34} {one['place']}" for one in found]
    show(found, "\n".join(lines) or "nobody", as_json=as_json)


def profile(found: dict[str, Any]) -> str:
    """Write a member for people."""
    lines = [f"{found['code']}: {found['name']} ({found['status']})"]
    lines += [f"{found['postcode']} {found['place']}".strip()] if found["postcode"] else []
    lines += [f"member since {day_of(found['since_s'])}"]
    if found["paused_until_s"]:
        lines.append(f"away until {day_of(found['paused_until_s'])}")
    lines += [f"{name}: {found[name]}" for name in ("skills", "about") if found[name]]
    for contact in found["contacts"]:
        lines.append(f"{contact['kind']}: {contact['value']} ({contact['visibility']})")
    for person in found["persons"]:
        lines.append(f"person {person['person']}: {person['name']} {person['address']}".rstrip())
    lines += [f"role: {role}" for role in found["roles"]]
    if found["balance_minor"] is not None:
        lines.append(f"balance: {found['balance_minor']}")
    return "\n".join(lines)


@member.command("describe")
@click.argument("code")
@click.option("--name")
@click.option("--full-name", "full_name")
@click.option("--postcode")
@click.option("--place")
@click.option("--about", "comment", help="A few words about the member.")
@click.option("--skills")
@click.option("--note", "admin_comment", help="A note that only coordinators see.")
@click.option("--language", type=click.Choice(["nl", "fr", "en"]))
@click.option(
    "--contact",
    "contacts",
    multiple=True,
    nargs=3,
    metavar="KIND VALUE VISIBILITY",
    help="A contact, such as 'mail anna@example.org members'; replaces all contacts.",
)
@BY
@JSON
def member_describe(
    code: str, by: str, *, contacts: tuple[tuple[str, str, str], ...], as_json: bool, **said: str
) -> None:
    """Change what is written about the member CODE; what is not named stays."""
    changed: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if contacts:
        changed["contacts"] = [
            {"kind": kind, "value": value, "access": access} for kind, value, access in contacts
        ]
    found = ask("member.describe", code=code, by=by, **changed)
    show(found, profile(found), as_json=as_json)


@member.command("join")
@click.argument("code")
@click.argument("name")
@click.argument("address")
@click.option("--language", type=click.Choice(["", "nl", "fr", "en"]), default="")
@BY
@JSON
def member_join(
    code: str, name: str, address: str, language: str, by: str, *, as_json: bool
) -> None:
    """Let NAME sign in for the account CODE with a mail ADDRESS of its own."""
    found = ask("member.join", code=code, name=name, address=address, language=language, by=by)
    show(found, f"{name} is person {found['person']} of {code}.", as_json=as_json)


@member.command("leave")
@click.argument("code")
@click.argument("person", type=int)
@BY
@JSON
def member_leave(code: str, person: int, by: str, *, as_json: bool) -> None:
    """Let PERSON no longer sign in for CODE."""
    found = ask("member.leave", code=code, person=person, by=by)
    show(found, f"Person {person} no longer signs in for {code}.", as_json=as_json)


@member.command("helper")
@click.argument("code")
@click.argument("helper")
@click.option("--dismiss", is_flag=True, help="No longer.")
@BY
@JSON
def member_helper(code: str, helper: str, by: str, *, dismiss: bool, as_json: bool) -> None:
    """Let the member HELPER act for the member CODE."""
    found = ask("member.helper", code=code, helper=helper, dismiss=dismiss, by=by)
    may = "no longer acts" if dismiss else "may act"
    show(found, f"{helper} {may} for {code}.", as_json=as_json)


@member.command("role")
@click.argument("code")
@click.argument("role", type=click.Choice(["coordinator", "treasurer", "editor", "auditor"]))
@click.option("--take", is_flag=True, help="Take it away.")
@BY
@JSON
def member_role(code: str, role: str, by: str, *, take: bool, as_json: bool) -> None:
    """Give the member CODE a role for the group."""
    found = ask("member.role", code=code, role=role, take=take, by=by)
    show(found, f"{code} is {'no longer ' if take else ''}{role}.", as_json=as_json)


@member.command("rules")
@click.option("--see-balances/--hide-balances", required=True)
@BY
@JSON
def member_rules(by: str, *, see_balances: bool, as_json: bool) -> None:
    """Say whether members see each other's balance and bookings."""
    found = ask("member.rules", members_see_balances=see_balances, by=by)
    text = "Members see each other's balance." if see_balances else "Balances are hidden."
    show(found, text, as_json=as_json)


@member.command("names")
@click.option("--shared/--not-shared", required=True)
@BY
@JSON
def member_names(by: str, *, shared: bool, as_json: bool) -> None:
    """Say whether other groups' members find by name who said yes to it."""
    found = ask("group.share_names", names_shared=shared, by=by)
    text = "Who says yes is found by name from other groups." if shared else "Names stay here."
    show(found, text, as_json=as_json)


@member.command("pause")
@click.argument("code")
@click.option("--until", type=DAY, help="The day (UTC) on which the member is back.")
@BY
@JSON
def member_pause(code: str, until: datetime | None, by: str, *, as_json: bool) -> None:
    """Do not show the offers and wants of CODE for a while."""
    until_s = None if until is None else seconds(until)
    found = ask("member.pause", code=code, until_s=until_s, by=by)
    show(found, profile(found), as_json=as_json)


@member.command("resume")
@click.argument("code")
@BY
@JSON
def member_resume(code: str, by: str, *, as_json: bool) -> None:
    """Show the offers and wants of CODE again."""
    found = ask("member.resume", code=code, by=by)
    show(found, profile(found), as_json=as_json)


@member.command("who")
@click.argument("address")
@JSON
def member_who(address: str, *, as_json: bool) -> None:
    """Tell who signs in with a mail ADDRESS."""
    found = ask("member.by_address", address=address)
    lines = [f"{one['code']}, person {one['person']}: {one['name']}" for one in found]
    show(found, "\n".join(lines) or "nobody", as_json=as_json)


@member.command("link")
@click.argument("code")
@JSON
def member_link(code: str, *, as_json: bool) -> None:
    """Print a link by which the first coordinator CODE signs in, while the node sends no mail."""
    found = ask("member.link", code=code)
    show(found, str(found["link"]), as_json=as_json)


@member.command("erase")
@click.argument("code")
@click.option("--now", is_flag=True, help="At once: there is no way back.")
@click.option("--keep", is_flag=True, help="Let the member stay after all.")
@BY
@JSON
def member_erase(code: str, by: str, *, now: bool, keep: bool, as_json: bool) -> None:
    """Erase the member CODE in fourteen days, or at once; number, code and bookings stay."""
    if now and keep:
        raise click.UsageError("either --now or --keep")
    deed = "member.erase" if now else "member.erase_withdraw" if keep else "member.erase_ask"
    found = ask(deed, code=code, by=by)
    due = found.get("due_s")
    text = f"{code} is erased." if now else f"{code} stays."
    show(found, text if due is None else f"{code} is erased on {day_of(due)}.", as_json=as_json)
