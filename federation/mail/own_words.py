"""What a group itself says in some mails, in three languages, with places that are filled.

A place is a word in braces, `{naam}`, the same in each language. Only those of the letter may
stand there, so that no member ever reads a place that was not filled.
"""

from __future__ import annotations

import re
from enum import StrEnum
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from events.queries import load_queries
from federation.group.members import not_coordinator
from federation.mail.addresses import name_in_text, paragraph
from federation.members import words
from federation.members.submitting import actor_of
from schemas.errors import Code, InputError, RefusedError
from schemas.texts.words import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncpg import Pool, Record

    from federation.mail.letter import Desk, Recipient
    from federation.members.reader import Reader
    from federation.node.service import Node

SQL: Final = load_queries(files("federation.mail").joinpath("sql/own_words.sql"))
SAID_MAX: Final = 1_000
FILLED_MAX: Final = 1_200
_PLACE: Final = re.compile(r"\{(?P<name>[^{}]*)\}")


class OwnLetter(StrEnum):
    """Which mails hold words of the group: at the beginning, or where `AT_THE_END` says."""

    DIGEST = "digest"
    INVITATION = "invitation"
    WELCOME = "welcome"
    DECLINED = "declined"
    ENDING = "ending"
    NEWSLETTER = "newsletter"


class Place(StrEnum):
    """What is filled in."""

    NAME = "naam"
    GROUP = "groep"


AT_THE_END: Final = frozenset({OwnLetter.DECLINED, OwnLetter.NEWSLETTER})
"""Their own words stand behind what the mail has to say."""
WITHOUT_NAME: Final = frozenset({OwnLetter.NEWSLETTER})
"""Mails to who asked with an address alone: there is no name to fill in."""


def places_in(letter: OwnLetter) -> frozenset[Place]:
    """Give what may be filled in a letter. Pure."""
    return frozenset(Place) - ({Place.NAME} if letter in WITHOUT_NAME else set())


OwnWords = dict[tuple[OwnLetter, Language], str]
"""What is said in which letter in which language; no entry: nothing."""


def unknown_place(said: str, known: frozenset[Place] = frozenset(Place)) -> str | None:
    """Give the first thing in braces that is no place, or a brace alone; nothing when all is well.

    Pure.
    """
    for found in _PLACE.finditer(said):
        if found["name"] not in known:
            return found[0]
    rest = _PLACE.sub("", said)
    return next((letter for letter in rest if letter in "{}"), None)


def filled(said: str, desk: Desk, to: Recipient) -> tuple[str, ...]:
    """Give the paragraphs of own words as one person reads them; a name is never a place. Pure."""
    facts: Mapping[str, str] = {
        Place.NAME: name_in_text(to.name),
        Place.GROUP: name_in_text(desk.group),
    }
    text = paragraph(_PLACE.sub(lambda found: facts[found["name"]], said), FILLED_MAX)
    return tuple(part.replace("\n", " ") for part in text.split("\n\n") if part.strip())


def paragraphs_of(own: OwnWords, letter: OwnLetter, desk: Desk, to: Recipient) -> tuple[str, ...]:
    """Give what a letter to somebody begins with; nothing where nothing is said. Pure."""
    said = own.get((letter, to.language), "")
    return filled(said, desk, to) if said else ()


async def own_words(pool: Pool[Record]) -> OwnWords:
    """Give all that a group says itself."""
    known, found = set(OwnLetter), {}
    for row in await pool.fetch(SQL["words"]):
        if row["letter"] in known:
            found[OwnLetter(row["letter"]), Language(row["language"])] = row["said"]
    return found


async def say(node: Node, reader: Reader, letter: OwnLetter, language: Language, said: str) -> None:
    """Say this from now on, for coordinators; nothing when it is empty.

    Raises:
        InputError: `malformed` naming what is no place, `too_large`.
        RefusedError: `forbidden`.

    """
    refusal = not_coordinator(node.machine.books, actor_of(reader))
    if refusal is not None:
        raise RefusedError.of(refusal)
    said = words.paragraphs(said, "said", SAID_MAX)
    wrong = unknown_place(said, places_in(letter))
    if wrong is not None:
        raise InputError(Code.MALFORMED, field="said", reason=f"{wrong} is no place")
    if said:
        await node.pool.execute(SQL["write_words"], letter.value, language.value, said)
    else:
        await node.pool.execute(SQL["drop_words"], letter.value, language.value)
