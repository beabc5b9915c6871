"""`ruilbrug post` and `ruilbrug category`: what members offer and want."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from federation.cli.members import BY, DAY, VISIBILITIES, day_of, seconds
from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def post() -> None:
    """Offers and wants."""


def _said(command: Any) -> Any:
    """Add the options that say what a post says."""
    for option in reversed(
        (
            click.option("--title", required=True),
            click.option("--text", default=""),
            click.option("--want/--offer", default=False),
            click.option("--goods/--service", default=False),
            click.option("--category", type=int),
            click.option("--price", "price_minor", type=int, help="In the smallest unit."),
            click.option("--per", "price_kind", type=click.Choice(["hour", "piece"])),
            click.option("--postcode", default=""),
            click.option("--place", default=""),
            click.option("--visibility", type=VISIBILITIES, default="members"),
            click.option("--until", type=DAY, required=True, help="Last day, not included (UTC)."),
            click.option("--picture", "pictures", type=FILE, multiple=True),
            BY,
            JSON,
        )
    ):
        command = option(command)
    return command


@post.command("place")
@click.argument("code")
@_said
def post_place(code: str, *, as_json: bool, **said: Any) -> None:
    """Place an offer or a want of the member CODE."""
    found = ask("post.place", code=code, **_fields(**said))
    show(found, one(found), as_json=as_json)


@post.command("change")
@click.argument("number", type=int)
@_said
def post_change(number: int, *, as_json: bool, **said: Any) -> None:
    """Let the offer or want NUMBER say something else, as a whole."""
    found = ask("post.place", post=number, **_fields(**said))
    show(found, one(found), as_json=as_json)


def _fields(
    *, until: datetime, pictures: tuple[Path, ...], price_kind: str | None, **said: Any
) -> dict[str, Any]:
    return said | {
        "expires_at_s": seconds(until),
        "pictures": [str(picture.resolve()) for picture in pictures],
        "price_kind": price_kind or ("talk" if said["price_minor"] is None else "piece"),
    }


@post.command("renew")
@click.argument("number", type=int)
@click.option("--until", type=DAY, required=True, help="Last day, not included (UTC).")
@BY
@JSON
def post_renew(number: int, until: datetime, by: str, *, as_json: bool) -> None:
    """Let the offer or want NUMBER last longer."""
    found = ask("post.renew", post=number, expires_at_s=seconds(until), by=by)
    show(found, one(found), as_json=as_json)


@post.command("end")
@click.argument("number", type=int)
@BY
@JSON
def post_end(number: int, by: str, *, as_json: bool) -> None:
    """Take the offer or want NUMBER back."""
    found = ask("post.end", post=number, by=by)
    show(found, one(found), as_json=as_json)


@post.command("hide")
@click.argument("number", type=int)
@click.argument("reason")
@BY
@JSON
def post_hide(number: int, reason: str, by: str, *, as_json: bool) -> None:
    """Hide the offer or want NUMBER; its member is told the REASON."""
    found = ask("post.hide", post=number, reason=reason, by=by)
    show(found, one(found), as_json=as_json)


@post.command("unhide")
@click.argument("number", type=int)
@BY
@JSON
def post_unhide(number: int, by: str, *, as_json: bool) -> None:
    """Show the offer or want NUMBER again."""
    found = ask("post.unhide", post=number, by=by)
    show(found, one(found), as_json=as_json)


@post.command("show")
@click.argument("number", type=int)
@BY
@JSON
def post_show(number: int, by: str, *, as_json: bool) -> None:
    """Show the offer or want NUMBER."""
    found = ask("post.show", post=number, by=by)
    show(found, f"{one(found)}\n{found['text']}".rstrip(), as_json=as_json)


@post.command("list")
@click.argument("code")
@click.option("--all", "all_of_them", is_flag=True, help="Ended and expired ones too.")
@BY
@JSON
def post_list(code: str, by: str, *, all_of_them: bool, as_json: bool) -> None:
    """List the offers and wants of the member CODE."""
    found = ask("post.list", code=code, all_of_them=all_of_them, by=by)
    show(found, "\n".join(map(one, found)) or "nothing", as_json=as_json)


def one(found: dict[str, Any]) -> str:
    """Write an offer or a want in one line."""
    kind = "want" if found["want"] else "offer"
    price = found["price"]
    cost = "to be talked about"
    if price.get("amount_minor") is not None:
        cost = f"{price['amount_minor']} per {price['kind']}"
    ends = "ended" if found["ended"] else f"until {day_of(found['expires_at_s'])}"
    hidden = "" if found["shown"] or found["ended"] else ", not shown now"
    return (
        f"{found['post']}: {kind} of {found['poster_name']}, {found['title']}; {cost}; "
        f"{ends}; {found['visibility']}{hidden}"
    )


@click.group()
def category() -> None:
    """Categories of offers and wants."""


@category.command("place")
@click.argument("name")
@click.option("--parent", type=int, help="The category above it.")
@BY
@JSON
def category_place(name: str, parent: int | None, by: str, *, as_json: bool) -> None:
    """Make a category NAME."""
    found = ask("category.place", name=name, parent=parent, by=by)
    show(found, f"{name} is category {found['category']}.", as_json=as_json)


@category.command("change")
@click.argument("number", type=int)
@click.argument("name")
@click.option("--parent", type=int, help="The category above it; without: on the upper level.")
@BY
@JSON
def category_change(number: int, name: str, parent: int | None, by: str, *, as_json: bool) -> None:
    """Call the category NUMBER this NAME, and put it below another or on the upper level."""
    _tell(ask("category.change", category=number, name=name, parent=parent, by=by), as_json=as_json)


@category.command("order")
@click.argument("numbers", type=int, nargs=-1)
@BY
@JSON
def category_order(numbers: tuple[int, ...], by: str, *, as_json: bool) -> None:
    """Let categories stand in the order of NUMBERS; the others come behind, by name."""
    _tell(ask("category.order", categories=list(numbers), by=by), as_json=as_json)


@category.command("end")
@click.argument("number", type=int)
@click.option("--into", type=int, help="Where what stands in it goes on.")
@BY
@JSON
def category_end(number: int, into: int | None, by: str, *, as_json: bool) -> None:
    """End the category NUMBER; with --into the two are merged."""
    _tell(ask("category.end", category=number, into=into, by=by), as_json=as_json)


@category.command("list")
@JSON
def category_list(*, as_json: bool) -> None:
    """List the categories."""
    _tell(ask("category.list"), as_json=as_json)


def _tell(found: list[dict[str, Any]], *, as_json: bool) -> None:
    lines = [
        f"{'  ' if each['parent'] else ''}{each['category']}: {each['name']}" for each in found
    ]
    show(found, "\n".join(lines) or "none", as_json=as_json)
