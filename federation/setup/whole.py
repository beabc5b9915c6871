"""A set-up from the first question to the last word: what was begun goes on, what stands stays."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from federation.node.service import now_s
from federation.node.settings import NodeFolder, parse_invitation
from federation.setup.answers import ask_answers, ask_name, folder_name
from federation.setup.begun import Begun, alone, forget_begun, read_begun, require_same
from federation.setup.guide import ask_paper, show_paper, tell_end
from federation.setup.service import GROUPS, hand_over, service_of, start
from federation.setup.steps import database_running, free_port, set_up, stopping_told
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.setup.talk import Talk


class Wanted(NamedTuple):
    """What the command line says about a set-up."""

    given: Mapping[str, str]
    """Answers, by the fields of the questions."""
    folder: str = ""
    ask: bool = True
    moves_in: bool = False
    trial: bool = False
    database: str = ""
    database_owner: str = ""
    own_postgres: bool = False
    umbrella: str = ""
    coordinator: str = ""
    port: int | None = None


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """A group that is set up."""

    folder: str
    invitation: str
    link: str
    """By which the first coordinator comes in; empty when she gets a mail."""
    port: int
    keys_on_server: bool
    service: str
    """What systemd runs; empty where it does not."""


def run_setup(talk: Talk, wanted: Wanted) -> Finished:
    """Set a group up, or go on with what was interrupted.

    Raises:
        InputError: about what was given, `setup_done`, `setup_other`.
        StorageError: as `set_up`.

    """
    with stopping_told():
        folder, begun = begin(talk, wanted)
        with alone(folder):
            return _go_on(talk, wanted, folder, begun)


def _go_on(talk: Talk, wanted: Wanted, folder: NodeFolder, begun: Begun) -> Finished:
    standing = set_up(folder, begun)
    asyncio.run(_show_paper(folder, begun, talk, ask=wanted.ask))
    on_paper = ask_paper(folder, talk, ask=wanted.ask)
    service = service_of(folder)
    hand_over(folder)
    if service:
        start(service)
    forget_begun(folder)
    tell_end(folder, begun, standing, talk, service=service)
    return Finished(
        folder=str(folder.path),
        invitation=standing.invitation,
        link=standing.link,
        port=begun.listen_port,
        keys_on_server=not on_paper,
        service=service,
    )


async def _show_paper(folder: NodeFolder, begun: Begun, talk: Talk, *, ask: bool) -> None:
    async with database_running(folder, begun):
        await show_paper(folder, talk, ask=ask, now_s=now_s())


def begin(talk: Talk, wanted: Wanted) -> tuple[NodeFolder, Begun]:
    """Give folder and answers: those of a set-up that was begun, else what is given and asked.

    Raises:
        InputError: as `run_setup`.

    """
    given = dict(wanted.given)
    if not wanted.folder:
        given["name"] = ask_name(talk, given, ask=wanted.ask)
    folder = NodeFolder(Path(wanted.folder or GROUPS / folder_name(given["name"])))
    begun = read_begun(folder)
    if begun is not None:
        require_same(begun, given)
        talk.say("We gaan verder met de opzet van %(group)s.", group=begun.answers.name)
        return folder, begun
    if wanted.umbrella:
        parse_invitation(wanted.umbrella)
    if bool(wanted.database) is not bool(wanted.database_owner):
        missing = "database_owner" if wanted.database else "database"
        raise InputError(Code.TEXT_MISSING, field=missing)
    answers = ask_answers(talk, given, ask=wanted.ask, trial=wanted.trial)
    return folder, Begun(
        answers=answers,
        short=folder_name(folder.path.name),
        listen_port=wanted.port or free_port(folder.path.parent),
        database=wanted.database,
        database_owner=wanted.database_owner,
        own_postgres=wanted.own_postgres,
        umbrella=wanted.umbrella,
        coordinator=wanted.coordinator,
        moves_in=wanted.moves_in,
        trial=wanted.trial,
    )
