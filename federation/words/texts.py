"""Sentences for people in their language: gettext catalogues, compiled in memory.

The Dutch sentence is the msgid, so Dutch has no catalogue. French and English lie in
`locale/LANGUAGE/ROOM.po`, one file for each room that speaks, so that rooms do not meet in one
file. A sentence that two rooms use stands in both, with the same translation. Places are written
`%(name)s`, a per cent sign `%%`, everywhere, also in a sentence without places (as jinja2 does).
"""

from __future__ import annotations

import re
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from federation.words.amounts import NO_BREAK
from federation.words.elision import elided
from schemas.texts.words import Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from importlib.resources.abc import Traversable

WRITTEN: Final = Language.NL
"""The language of the msgids."""
_BEFORE_SIGN: Final = re.compile(r" (?=[?!:;»])|(?<=«) ")
LOCALE: Final = files("federation.words").joinpath("locale")


class Texts:
    """The sentences of one language."""

    def __init__(self, language: Language, translations: NullTranslations) -> None:
        """Take a language and its compiled catalogue."""
        self.language = language
        self._translations = translations

    def say(self, sentence: str, /, **facts: object) -> str:
        """Give a sentence, its places filled."""
        return self.around(self.gettext(sentence), facts) % facts

    def count(self, one: str, many: str, number: int, /, **facts: object) -> str:
        """Give the form of a sentence that fits a number; its place is `%(n)s`."""
        return self.around(self.ngettext(one, many, number), facts) % {"n": number, **facts}

    def around(self, said: str, facts: Mapping[str, object]) -> str:
        """Give a translated sentence as it reads around what fills its places; they stay."""
        return elided(said, facts) if self.language is Language.FR else said

    def gettext(self, sentence: str) -> str:
        """Translate, with the places as they are: for jinja2's `install_gettext_callables`."""
        return self._translations.gettext(sentence)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Translate the fitting form, with the places as they are: for jinja2."""
        return self._translations.ngettext(one, many, number)


def later(sentence: str) -> str:
    """Mark a sentence that is said later, by `say` with a variable: finders of texts see it."""
    return sentence


@cache
def texts(language: Language) -> Texts:
    """Give the sentences of a language; each catalogue is compiled once."""
    if language is WRITTEN:
        return Texts(language, NullTranslations())
    return Texts(language, compiled(joined(catalogues(language).values(), language)))


def catalogues(language: Language) -> dict[str, Catalog]:
    """Read the catalogues of a language, by the room that they are for."""
    return {
        file.name.removesuffix(".po"): _read(file, language)
        for file in sorted(LOCALE.joinpath(language).iterdir(), key=lambda file: file.name)
        if file.name.endswith(".po")
    }


def joined(parts: Iterable[Catalog], language: Language) -> Catalog:
    """Make one catalogue of several; a sentence with two translations is a bug."""
    whole = Catalog(locale=language)
    for part in parts:
        for message in part:
            if message.id:
                message.string = _kept(message.string, language)
                before = whole.get(message.id)
                assert before is None or before.string == message.string, message.id
                whole[message.id] = message
    return whole


def _kept(said: str | Sequence[str] | None, language: Language) -> str | tuple[str, ...]:
    if isinstance(said, str):
        return kept_together(said, language)
    return tuple(kept_together(form, language) for form in said or ())


def kept_together(said: str, language: Language) -> str:
    """Let no line begin with a French sign before which a space is written: `Est-ce juste ?`."""
    return _BEFORE_SIGN.sub(NO_BREAK, said) if language is Language.FR else said


def compiled(catalog: Catalog) -> GNUTranslations:
    """Compile a catalogue in memory."""
    binary = BytesIO()
    write_mo(binary, catalog)
    binary.seek(0)
    return GNUTranslations(binary)


def _read(file: Traversable, language: Language) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)
