"""What goes in and comes out of the API about what is a member's own: mails, and all its data."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from federation.api.shapes import Given, Number, Sent
from federation.mail.kinds import MailKind
from schemas.ids import Count
from schemas.texts.words import Language

Hour = Annotated[int, Meta(ge=0, le=23)]


class MailChosen(Sent, frozen=True, kw_only=True):
    """Which mails a member wants, in which language, and between which hours none.

    The hours are two that may be chosen; the same hour twice: at any time.
    """

    wanted: Annotated[tuple[MailKind, ...], Meta(max_length=len(MailKind))]
    """Of those that may be chosen."""
    language: Language | None = None
    """Not there: that of its pages."""
    evening: Hour
    morning: Hour


class Hours(Given, frozen=True, kw_only=True):
    """From which hour to which nobody is mailed."""

    evening: Hour
    morning: Hour


class Mail(Given, frozen=True, kw_only=True):
    """Which mails a member gets, and where."""

    wanted: tuple[MailKind, ...]
    may_choose: tuple[MailKind, ...]
    """What is always sent is not among them."""
    language: Language | None = None
    evening: Hour
    morning: Hour
    may_choose_hours: tuple[Hours, ...]
    address: str
    """Empty when there is none."""
    marked_at_s: Count | None = None
    """Since when mails come back from it; nothing is sent there any more."""


class Device(Given, frozen=True, kw_only=True):
    """A browser in which the member is signed in to its pages."""

    device: Number
    name: str
    begun_at_s: Count
    seen_at_s: Count


class Devices(Given, frozen=True, kw_only=True):
    """Where the member is signed in to its pages."""

    devices: tuple[Device, ...]


class DataAsked(Sent, frozen=True, kw_only=True):
    """In which language the files speak."""

    language: Language = Language.NL
