"""`ruilbrug paper`: the keys that belong on paper and not on the server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from typing import IO, TYPE_CHECKING

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import folder, show
from schemas.errors import RuilbrugError, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.setup.talk import Talk

LANGUAGE = click.option(
    "--language", type=click.Choice(["nl", "fr", "en"]), help="Default: that of the locale."
)
ONLY = click.option(
    "--only",
    type=click.Choice(["root", "root-next", "recovery"]),
    multiple=True,
    help="These keys alone.",
)


def talk_in(language: str | None) -> Talk:
    """Give a conversation on the terminal."""
    from federation.setup.talk import Talk, language_of
    from schemas.texts.words import Language

    chosen = Language(language) if language else language_of(os.environ)
    return Talk(
        chosen, lambda asked: str(click.prompt(asked, default="", show_default=False)), click.echo
    )


@contextlib.contextmanager
def refused_in(talk: Talk) -> Iterator[None]:
    """Say in the language of a conversation why it ends, and end with exit code 1."""
    try:
        yield
    except RuilbrugError as error:
        told = sentence(error.code, error.facts, talk.language)
        click.echo(f"{error.code}: {told}", err=True)
        raise click.exceptions.Exit(1) from error


@click.group()
def paper() -> None:
    """The keys that belong on paper: write them down, take them off the server, type them back."""


@paper.command("show")
@LANGUAGE
@JSON
def paper_show(language: str | None, *, as_json: bool) -> None:
    """Show the sheet as text, and write it as a page to print."""
    from federation.setup.keeping import made_sheet, written_sheet
    from federation.setup.sheet import sheet_text

    talk = talk_in(language)
    with refused_in(talk):
        sheet = asyncio.run(made_sheet(folder(), talk.language, now_s=int(time.time())))
        path = written_sheet(folder(), sheet, talk.language)
    show({"file": str(path)}, f"{sheet_text(sheet, talk.language)}\n{path}", as_json=as_json)


@paper.command("keep")
@LANGUAGE
@JSON
def paper_keep(language: str | None, *, as_json: bool) -> None:
    """Ask for the end of each line on the paper; then delete the keys from the server."""
    from federation.setup.keeping import keep

    talk = talk_in(language)
    with refused_in(talk):
        gone = keep(folder(), talk)
    show({"gone": gone}, "\n".join(gone), as_json=as_json)
    if not gone:
        raise click.exceptions.Exit(1)


@paper.command("check")
@click.argument("lines", type=click.File(), default="-")
@LANGUAGE
@JSON
def paper_check(lines: IO[str], language: str | None, *, as_json: bool) -> None:
    """Tell whether typed LINES, from a file or standard input, are this node's keys."""
    from federation.setup.paper import read_lines
    from federation.setup.paper_keys import require_own

    with refused_in(talk_in(language)):
        keys = read_lines(lines.read())
        asyncio.run(require_own(folder(), keys))
    show({"right": sorted(keys)}, f"right: {', '.join(keys)}", as_json=as_json)


@paper.command("type")
@ONLY
@LANGUAGE
@JSON
def paper_type(only: tuple[str, ...], language: str | None, *, as_json: bool) -> None:
    """Ask for the lines on the paper, and write the keys as files into the node's folder."""
    from federation.setup.paper import PAPER_KEYS
    from federation.setup.paper_keys import put_back, require_own
    from federation.setup.paper_talk import ask_keys

    letters = [letter for letter, name in PAPER_KEYS.items() if not only or name in only]
    talk = talk_in(language)
    with refused_in(talk):
        keys = ask_keys(talk, letters)
        asyncio.run(require_own(folder(), keys))
        paths = [str(path) for path in put_back(folder(), keys)]
    show({"files": paths}, "\n".join(paths), as_json=as_json)
