"""Asking what stands on the paper: the end of each line as proof, or whole lines to have a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.setup.paper import PAPER_KEYS, line_names, read_line, wrong_endings
from federation.setup.sheet import TITLES
from federation.words.texts import texts
from schemas.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from federation.setup.talk import Talk

TRIES: Final = 3


def prove(talk: Talk, keys: Mapping[str, bytes]) -> bool:
    """Ask for the last block of each line; tell whether all were right after three rounds."""
    talk.say("Neem het papier. Typ van elke regel het laatste blokje van vier tekens.")
    answers: dict[str, str] = {}
    asked = [name for name in line_names() if PAPER_KEYS[name[0]] in keys]
    for _ in range(TRIES):
        for name in asked:
            answers[name] = talk.ask(name)
        asked = wrong_endings(keys, answers)
        if not asked:
            return True
        talk.say("Dit klopt niet met regel %(lines)s. Lees nog eens.", lines=", ".join(asked))
    return False


def ask_keys(talk: Talk, letters: Iterable[str]) -> dict[str, bytes]:
    """Ask for the lines of keys, each again until it is right."""
    found = {}
    for letter in letters:
        title = texts(talk.language).say(TITLES[letter])
        talk.tell(f"{letter}  {title}")
        names = [name for name in line_names() if name[0] == letter]
        found[PAPER_KEYS[letter]] = b"".join(_ask_line(talk, name) for name in names)
    return found


def _ask_line(talk: Talk, name: str) -> bytes:
    while True:
        try:
            return read_line(name, talk.ask(name))
        except InputError as error:
            talk.refuse(error)
