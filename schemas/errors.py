"""What can go wrong, as one closed list of codes with one sentence each.

A refusal is a value (`Refusal`); an operating error is an exception from one root
(`RuilbrugError`). Both carry a `Code`, stable on the wire and in the API, and the facts that
fill the sentence of `TEXTS`. Bugs are asserts and never appear here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from schemas.codes import Code
from schemas.error_texts import TEXTS as _ENGLISH
from schemas.register_texts import REGISTER_TEXTS
from schemas.texts import (
    en_backup,
    en_group,
    en_import,
    en_proof,
    en_setup,
    fr_backup,
    fr_group,
    fr_import,
    fr_members,
    fr_node,
    fr_proof,
    fr_register,
    fr_setup,
    fr_trade,
    nl_backup,
    nl_group,
    nl_import,
    nl_members,
    nl_node,
    nl_proof,
    nl_register,
    nl_setup,
    nl_trade,
)
from schemas.texts.facts import FIELDS, shown
from schemas.texts.words import NOTHING_CHANGED, Language, Words

if TYPE_CHECKING:
    from schemas.amounts import Unit

__all__ = [
    "TEXTS",
    "Code",
    "InputError",
    "Language",
    "PeerUnavailable",
    "Refusal",
    "RefusedError",
    "RuilbrugError",
    "StorageError",
    "VerificationError",
    "sentence",
    "words_of",
]

TEXTS: Final = (
    _ENGLISH
    | en_proof.TEXTS
    | en_group.TEXTS
    | en_import.TEXTS
    | en_setup.TEXTS
    | en_backup.TEXTS
    | REGISTER_TEXTS
)
_TRANSLATED: Final = {
    Language.NL: nl_node.TEXTS
    | nl_trade.TEXTS
    | nl_members.TEXTS
    | nl_import.TEXTS
    | nl_proof.TEXTS
    | nl_group.TEXTS
    | nl_register.TEXTS
    | nl_setup.TEXTS
    | nl_backup.TEXTS,
    Language.FR: fr_node.TEXTS
    | fr_trade.TEXTS
    | fr_members.TEXTS
    | fr_import.TEXTS
    | fr_proof.TEXTS
    | fr_group.TEXTS
    | fr_register.TEXTS
    | fr_setup.TEXTS
    | fr_backup.TEXTS,
}


class Refusal(msgspec.Struct, frozen=True):
    """A rule said no: a value, never raised. `facts` fill the sentence (integers or short text)."""

    code: Code
    facts: dict[str, int | str] = {}

    def sentence(self, language: Language = Language.EN, unit: Unit | None = None) -> str:
        """Say what happened, that nothing changed, and what to do next."""
        return sentence(self.code, self.facts, language, unit)


class _Facts(dict[str, str]):
    def __init__(self, facts: dict[str, str], input_: str) -> None:
        super().__init__(facts)
        self._input = input_

    def __missing__(self, key: str) -> str:
        return "?" if key != "field" else self._input


def words_of(code: Code, language: Language) -> Words:
    """Give what people read about a code, with its places not filled in."""
    if language is Language.EN:
        text = TEXTS[code]
        return Words(text.what, text.next_step, text.kept)
    return _TRANSLATED[language][code]


def sentence(
    code: Code,
    facts: dict[str, int | str],
    language: Language = Language.EN,
    unit: Unit | None = None,
) -> str:
    """Say what happened, that nothing changed, and what to do next.

    `unit` is the reader's own, in which amounts show. A place without a fact shows as `?`.
    """
    words = words_of(code, language)
    filled = _Facts(shown(facts, language, unit), FIELDS[language].get("input", "input"))
    kept = words.kept or NOTHING_CHANGED[language]
    return f"{words.what.format_map(filled)} {kept} {words.next_step.format_map(filled)}"


class RuilbrugError(Exception):
    """Root of every operating error; `code` and `facts` as in `Refusal`."""

    def __init__(self, code: Code, /, **facts: int | str) -> None:
        """Keep the code and the facts; the sentence is made when it is shown."""
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        """Return the sentence."""
        return sentence(self.code, self.facts)


class VerificationError(RuilbrugError):
    """Bytes from elsewhere do not verify. Never retried."""


class InputError(RuilbrugError):
    """What a person or a program sent cannot be used; a field, or file and line, is named."""


class PeerUnavailable(RuilbrugError):
    """Another node cannot be reached or does not answer. Always retried with back-off."""


class StorageError(RuilbrugError):
    """The database or a file does not do its part; nothing acknowledged is lost."""


class RefusedError(RuilbrugError):
    """A refusal on its way to the caller of a use case."""

    @classmethod
    def of(cls, refusal: Refusal) -> RefusedError:
        """Wrap a refusal for callers that expect an exception."""
        return cls(refusal.code, **refusal.facts)
