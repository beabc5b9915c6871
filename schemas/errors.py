"""What can go wrong, as one closed list of codes with one sentence each.

A refusal is a value (`Refusal`); an operating error is an exception from one root
(`RuilbrugError`). Both carry a `Code`, stable on the wire and in the API, and the facts that
fill the sentence of `TEXTS`. Bugs are asserts and never appear here.
"""

from __future__ import annotations

import msgspec

from schemas.codes import Code
from schemas.error_texts import NOTHING_CHANGED, TEXTS

__all__ = [
    "TEXTS",
    "Code",
    "InputError",
    "PeerUnavailable",
    "Refusal",
    "RefusedError",
    "RuilbrugError",
    "StorageError",
    "VerificationError",
    "sentence",
]


class Refusal(msgspec.Struct, frozen=True):
    """A rule said no: a value, never raised. `facts` fill the sentence (integers or short text)."""

    code: Code
    facts: dict[str, int | str] = {}

    def sentence(self) -> str:
        """Say in plain English what happened, that nothing changed, and what to do next."""
        return sentence(self.code, self.facts)


class _Facts(dict[str, int | str]):
    def __missing__(self, key: str) -> str:
        return "?" if key != "field" else "input"


def sentence(code: Code, facts: dict[str, int | str]) -> str:
    """Fill the sentence of `code` with `facts`; a place without a fact shows as `?`."""
    text = TEXTS[code]
    what = text.what.format_map(_Facts(facts))
    return f"{what} {NOTHING_CHANGED} {text.next_step.format_map(_Facts(facts))}"


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
