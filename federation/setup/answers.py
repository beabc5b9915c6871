"""The five questions of a new group: what may be answered, and why something may not. Pure."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from federation.members import words
from federation.words.texts import later
from schemas.amounts import LINE_UNITS_PER_HOUR, Rate, Unit
from schemas.errors import Code, InputError
from schemas.texts.words import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from federation.setup.talk import Talk

UNIT_MAX: Final = 40
DEFAULT_HOURS: Final = 12
"""So far balances of a new group may go, both ways."""
FOLDER_NAME_MAX: Final = 31
_NO_LETTERS: Final = re.compile(r"[^a-z0-9]+")
_HOST: Final = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What a new group is made of."""

    name: str
    singular: str
    plural: str
    per_hour: int
    url: str
    mail: str
    """The group's address, and the one by which the first coordinator signs in."""
    language: Language
    """In which its categories and first texts are."""

    def unit(self) -> Unit:
        """Give the group's unit, which has no decimals."""
        return Unit(singular=self.singular, plural=self.plural, rate=Rate(self.per_hour))

    def limit_minor(self) -> int:
        """Give how far a balance may go, up and down."""
        return DEFAULT_HOURS * self.unit().rate.minor_per_hour()


class Question(NamedTuple):
    """One thing that is asked."""

    field: str
    asked: str
    read: Callable[[str], str | int]


def read_name(text: str) -> str:
    """Read the group's name.

    Raises:
        InputError: `text_missing`, `too_large`.

    """
    return words.line(text, "name", words.NAME_MAX, needed=True)


def read_singular(text: str) -> str:
    """Read what one unit is called. Raises as `read_name`."""
    return words.line(text, "singular", UNIT_MAX, needed=True)


def read_plural(text: str) -> str:
    """Read what several units are called. Raises as `read_name`."""
    return words.line(text, "plural", UNIT_MAX, needed=True)


def read_per_hour(text: str) -> int:
    """Read how many units an hour is worth.

    Raises:
        InputError: `rate_invalid` when it is no whole number that a rate can be (design section 4).

    """
    plain = "".join(text.split())
    if plain.isascii() and plain.isdecimal() and len(plain) < 10:  # noqa: PLR2004 - far too many digits
        per_hour = int(plain)
        if per_hour and Rate(per_hour).terms_rule():
            return per_hour
    raise InputError(Code.RATE_INVALID, field="per_hour", limit=LINE_UNITS_PER_HOUR)


def read_url(text: str) -> str:
    """Read the group's web address: https and a name, which may have a port.

    Raises:
        InputError: `web_address_invalid`.

    """
    with contextlib.suppress(ValueError, UnicodeError):
        parts = urlsplit(text.strip())
        host = (parts.hostname or "").encode("idna").decode()
        port = "" if parts.port in (None, 443) else f":{parts.port}"
        alone = parts.path in ("", "/") and not (
            parts.query or parts.fragment or "@" in parts.netloc
        )
        if parts.scheme == "https" and alone and _HOST.fullmatch(host) and not _number(host):
            return f"https://{host}{port}"
    raise InputError(Code.WEB_ADDRESS_INVALID, field="url")


def read_trial_url(text: str) -> str:
    """Read the address of a trial, which may be http on this machine. Raises as `read_url`."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(text.strip())
        local = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme == "http" and local and parts.port and parts.path in ("", "/"):
            return f"http://{parts.netloc}"
    return read_url(text)


def read_mail(text: str) -> str:
    """Read the group's mail address.

    Raises:
        InputError: `text_missing`, `mail_address_invalid`.

    """
    return words.mail_address(text, "mail")


def _number(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(host))
    return False


QUESTIONS: Final = (
    Question("name", later("Hoe heet de groep? (zoals LETS Voorbeeld)"), read_name),
    Question("singular", later("Hoe heet één munteenheid? (zoals polleke)"), read_singular),
    Question("plural", later("En meer dan één? (zoals pollekes)"), read_plural),
    Question("per_hour", later("Hoeveel daarvan is een uur waard? (zoals 20)"), read_per_hour),
    Question(
        "url",
        later("Op welk webadres komt de groep? (zoals https://lets.example.org)"),
        read_url,
    ),
    Question("mail", later("Welk mailadres heeft de groep?"), read_mail),
)


def ask_answers(talk: Talk, given: Mapping[str, str], *, ask: bool, trial: bool) -> Answers:
    """Take what was given and ask for the rest, each again until it can be used.

    Raises:
        InputError: about what was given; `text_missing` about what was not, when nothing is asked.

    """
    said: dict[str, str | int] = {}
    for question in QUESTIONS:
        read = read_trial_url if trial and question.field == "url" else question.read
        if question.field in given or not ask:
            said[question.field] = read(given.get(question.field, ""))
        else:
            said[question.field] = _ask(talk, question.asked, read)
    return msgspec.convert({**said, "language": talk.language}, Answers)


def ask_name(talk: Talk, given: Mapping[str, str], *, ask: bool) -> str:
    """Take or ask for the name alone: the folder is named after it. Raises as `ask_answers`."""
    if "name" in given or not ask:
        return read_name(given.get("name", ""))
    return str(_ask(talk, QUESTIONS[0].asked, read_name))


def _ask(talk: Talk, asked: str, read: Callable[[str], str | int]) -> str | int:
    while True:
        try:
            return read(talk.question(asked))
        except InputError as error:
            talk.refuse(error)


def folder_name(name: str) -> str:
    """Give the name of a group's folder, database and service: `lets_gent` for `LETS Gent`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    short = _NO_LETTERS.sub("_", plain).strip("_")
    if not short[:1].isalpha():
        short = f"groep_{short}".rstrip("_")
    return short[:FOLDER_NAME_MAX].rstrip("_")
