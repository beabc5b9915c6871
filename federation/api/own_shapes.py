"""What goes in and comes out of the API about what is a member's own: mails, thanks, its data."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from federation.api.shapes import Given, Number, Sent
from federation.mail.digest import Block, Rhythm
from federation.mail.kinds import MailKind
from federation.node.looked import What
from federation.public.web_thanks import LISTED
from schemas.bodies import MemberCode
from schemas.ids import Amount, Count, NodeId
from schemas.texts.words import Language

Hour = Annotated[int, Meta(ge=0, le=23)]


Blocks = Annotated[tuple[Block, ...], Meta(max_length=len(Block))]


class DigestChosen(Sent, frozen=True, kw_only=True):
    """How often a digest comes, and with what; whether one comes, is one of the kinds."""

    rhythm: Rhythm
    blocks: Blocks


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
    digest: DigestChosen | None = None
    """Left out: as it was."""


class Digest(Given, frozen=True, kw_only=True):
    """How often a digest comes, and with what."""

    rhythm: Rhythm
    blocks: tuple[Block, ...]


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
    digest: Digest
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


class OwnThanks(Given, frozen=True, kw_only=True):
    """Words of thanks that the member wrote, and whether everybody on the web reads them."""

    id: Number
    name: str
    """Who is thanked; the web is told no name."""
    text: str
    at_s: Count
    everybody: bool


class AllOwnThanks(Given, frozen=True, kw_only=True):
    """What the member wrote for the group to read, newest first."""

    thanks: tuple[OwnThanks, ...]


class ThanksChosen(Sent, frozen=True, kw_only=True):
    """Which of the own words of thanks everybody on the web may read: these, and no others."""

    everybody: Annotated[tuple[Number, ...], Meta(max_length=LISTED)]


class Look(Given, frozen=True, kw_only=True):
    """Somebody saw or changed something of the member by a right of its own, on one day."""

    what: What
    of_all: bool
    """It was about all members."""
    code: MemberCode | None = None
    """Who it was; nobody in particular: whoever runs the server."""
    name: str
    group: NodeId | None = None
    """Of what was decided about trade with another group."""
    times: Count
    last_at_s: Count


class Looks(Given, frozen=True, kw_only=True):
    """Who saw or changed what of the member, newest first."""

    looks: tuple[Look, ...]
    kept_days: Count


class ErasingSet(Sent, frozen=True, kw_only=True):
    """Whether the member is to be erased when its time to think is over."""

    erase: bool


class Erasing(Given, frozen=True, kw_only=True):
    """How it stands with being erased."""

    due_s: Count | None = None
    """When it happens; until then the member may stay after all. Not there: nobody asked."""
    open: bool
    """A trade is on its way: nobody is erased while it is."""
    balance_minor: Amount
    """What the group's own account takes over."""
