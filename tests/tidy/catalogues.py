"""Which sentences a room says, and which its catalogues translate; and what does not fit.

    python3 dev.py run -- python tests/tidy/catalogues.py

prints what is missing and what is left over, ready to be pasted into `locale/LANGUAGE/ROOM.po`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from federation.words.texts import WRITTEN, catalogues
from schemas.texts.words import Language
from tests.tidy.rooms import ROOT

Sentence = str | tuple[str, str]
ONE = {"say", "later", "gettext"}
TWO = {"count", "ngettext"}
PLACE = re.compile(r"%\((\w+)\)s|%%")
TRANSLATED = tuple(language for language in Language if language is not WRITTEN)


def rooms() -> list[str]:
    """Give the rooms that have a catalogue in any language."""
    return sorted({room for language in TRANSLATED for room in catalogues(language)})


def said(room: str) -> set[Sentence]:
    """Give the sentences that stand in the code and the templates of a room."""
    found: set[Sentence] = set()
    for path in sorted((ROOT / "federation" / room).rglob("*.py")):
        found |= set(_in_code(path.read_text("utf-8")))
    for path in sorted((ROOT / "federation" / room).rglob("*")):
        if path.suffix in {".html", ".txt", ".xml", ".jinja"}:
            found |= set(_in_template(path.read_text("utf-8")))
    return found


def _in_code(text: str) -> Iterator[Sentence]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        words = [x.value for x in node.args if isinstance(x, ast.Constant)]
        fixed = [word for word in words if isinstance(word, str)]
        if name in ONE and fixed:
            yield fixed[0]
        elif name in TWO and len(fixed) > 1:
            yield fixed[0], fixed[1]


def _in_template(text: str) -> Iterator[Sentence]:
    parsed = Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).parse(text)
    for _, called, words in extract_from_ast(parsed, babel_style=False):
        assert words is not None
        fixed = [word for word in words if isinstance(word, str)]
        if called in TWO:
            yield fixed[0], fixed[1]
        else:
            yield fixed[0]


def wrong(room: str, language: Language) -> Iterator[str]:
    """Say what does not fit between a room and its catalogue in a language."""
    catalog = catalogues(language).get(room) or Catalog(locale=language)
    have = {_sentence(message): message for message in catalog if message.id}
    used = said(room)
    for sentence in sorted(used - set(have), key=str):
        yield f"{language}/{room}.po lacks {sentence!r}"
    for sentence in sorted(set(have) - used, key=str):
        yield f"{language}/{room}.po has {sentence!r}, which nobody says"
    for message in have.values():
        yield from _wrong_in(message, f"{language}/{room}.po")


def _sentence(message: Message) -> Sentence:
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def _wrong_in(message: Message, file: str) -> Iterator[str]:
    sources = (message.id,) if isinstance(message.id, str) else message.id
    said = message.string or ""
    forms = (said,) if isinstance(said, str) else said
    if message.fuzzy or not all(forms):
        yield f"{file}: {message.id!r} is not translated"
    expected = {place for source in sources for place in _places(source)}
    for form in forms:
        if not _places(form) <= expected or (len(sources) == 1 and _places(form) != expected):
            yield f"{file}: {message.id!r} has other places than {form!r}"
        if "%" in PLACE.sub("", form):
            yield f"{file}: {form!r} holds a lone per cent sign"


def _places(text: str) -> set[str]:
    return {name for name in PLACE.findall(text) if name}


if __name__ == "__main__":
    for room in rooms():
        for language in TRANSLATED:
            print(*wrong(room, language), sep="\n")
