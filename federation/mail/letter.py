"""A mail before it leaves: what it says, rendered, and to whom. Pure.

A letter is made of the same parts for text and HTML, so neither says more than the other.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape

from federation.mail.addresses import NAME_LENGTH_MAX, one_line
from federation.mail.kinds import ALWAYS, FOR_PARTNERS, MailKind
from federation.mail.links import STOP_PATH, Purpose, make_link, write_token
from federation.mail.naming import begun
from federation.words.texts import texts
from schemas.texts.words import Language

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from federation.words.markup import Block
    from federation.words.texts import Texts
    from schemas.amounts import Unit

TEXT_BYTES_MAX: Final = 32 * 1024
HTML_BYTES_MAX: Final = 128 * 1024
KEY_LENGTH_MAX: Final = 200
NEVER_S: Final = 0
"""Expiry of a link that stops mails: it does not expire."""


class Desk(NamedTuple):
    """What every mail of a group is written with."""

    group: str
    url: str
    zone: ZoneInfo
    unit: Unit
    secret: bytes
    """The key of `federation.mail.links`."""

    def page(self, path: str) -> str:
        """Give the address of a page."""
        return f"{self.url}{path}"


class Recipient(NamedTuple):
    """Who is mailed."""

    account: int
    person: int
    name: str
    address: str
    language: Language


class Button(NamedTuple):
    """A link that looks like a button in HTML; the first of a letter stands out."""

    words: str
    url: str


class Line(NamedTuple):
    """One thing in a list: what it is called, what else is to be said, and its page."""

    title: str
    detail: str
    url: str


class Section(NamedTuple):
    """A list under a heading, and where there is more of it."""

    title: str
    lines: tuple[Line, ...]
    more: Button | None = None


class Parts(NamedTuple):
    """What a letter says, in order."""

    subject: str
    paragraphs: tuple[str, ...]
    sections: tuple[Section, ...] = ()
    buttons: tuple[Button, ...] = ()
    quote: str = ""
    """What somebody else wrote; stands behind the first paragraph."""
    code: str = ""
    """Digits to be typed over, large."""
    after: tuple[str, ...] = ()
    written: tuple[Block, ...] = ()
    """What coordinators wrote, with their markup; stands behind the paragraphs."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as it is put into the outbox."""

    kind: MailKind
    account: int
    person: int
    name: str
    address: str
    language: Language
    key: str
    """What it tells, to whom: the same is never mailed twice."""
    happened_at_s: int
    useful_until_s: int | None = None
    """After this it is not sent any more."""
    subject: str
    text: str
    html: str
    stop_url: str = ""


def render(
    desk: Desk,
    to: Recipient,
    kind: MailKind,
    parts: Parts,
    *,
    about: str,
    at_s: int,
    useful_until_s: int | None = None,
    own_stop_url: str = "",
) -> Letter:
    """Write a letter; `about` names what it tells: an event, a path, a post with its end.

    `own_stop_url` stops it for somebody who is no member, and has nothing else to choose.
    """
    said = words_for(to)
    parts = parts._replace(
        subject=begun(parts.subject, said),
        paragraphs=tuple(begun(text, said) for text in parts.paragraphs),
    )
    stop_url = own_stop_url
    if not own_stop_url and kind not in ALWAYS | FOR_PARTNERS:
        stop_url = desk.page(STOP_PATH + stop_token(desk.secret, to, kind))
    facts = {
        "desk": desk,
        "to": to,
        "name": one_line(to.name, NAME_LENGTH_MAX),
        "parts": parts,
        "stop_url": stop_url,
        "choices_url": "" if own_stop_url else desk.page("/me/mail"),
        "language": to.language.value,
    }
    letter = Letter(
        kind=kind,
        account=to.account,
        person=to.person,
        name=one_line(to.name, NAME_LENGTH_MAX),
        address=to.address,
        language=to.language,
        key=f"{kind}:{about}:{to.account}:{to.person}",
        happened_at_s=at_s,
        useful_until_s=useful_until_s,
        subject=one_line(parts.subject),
        text=_environment(to.language).get_template("letter.txt").render(facts),
        html=_environment(to.language).get_template("letter.html").render(facts),
        stop_url=stop_url,
    )
    assert len(letter.key) <= KEY_LENGTH_MAX
    assert len(letter.text.encode()) <= TEXT_BYTES_MAX
    assert len(letter.html.encode()) <= HTML_BYTES_MAX
    return letter


def stop_token(secret: bytes, to: Recipient, kind: MailKind) -> str:
    """Give the token with which a person stops mails of a kind."""
    link = make_link(
        secret,
        Purpose.STOP,
        account=to.account,
        person=to.person,
        subject=kind.value,
        expires_at_s=NEVER_S,
    )
    return write_token(secret, link)


def words_for(to: Recipient) -> Texts:
    """Give the sentences of somebody's language."""
    return texts(to.language)


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        autoescape=select_autoescape(enabled_extensions=("html",)),
        loader=FunctionLoader(_template),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    said = texts(language)
    # the extension adds this method to the environment; its stubs cannot say so
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        said.gettext, said.ngettext, newstyle=True
    )
    return environment


def _template(name: str) -> str:
    return files("federation.mail").joinpath("templates", name).read_text("utf-8")
