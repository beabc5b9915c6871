"""Talking with whoever sets a group up: a language, a way to ask and a way to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.words.texts import texts
from schemas.errors import sentence
from schemas.texts.words import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from schemas.errors import RuilbrugError

_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


class Talk(NamedTuple):
    """One conversation."""

    language: Language
    ask: Callable[[str], str]
    """Give the answer to a question; it may be empty."""
    tell: Callable[[str], None]

    def say(self, told: str, /, **facts: object) -> None:
        """Tell a sentence in the language of the conversation."""
        self.tell(texts(self.language).say(told, **facts))

    def question(self, asked: str, /, **facts: object) -> str:
        """Ask a question in the language of the conversation, and give the answer."""
        return self.ask(texts(self.language).say(asked, **facts)).strip()

    def refuse(self, error: RuilbrugError) -> None:
        """Tell why an answer cannot be used."""
        self.tell(sentence(error.code, error.facts, self.language))


def language_of(surroundings: Mapping[str, str]) -> Language:
    """Give the language of a locale; Dutch where the locale names none of ours."""
    said = next((surroundings[name] for name in _VARIABLES if surroundings.get(name)), "")
    code = said.partition("_")[0].partition(".")[0].casefold()
    return Language(code) if code in set(Language) else Language.NL
