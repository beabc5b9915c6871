"""Layers beside body and core: what the two end nodes tell each other, and personal texts."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.ids import Bytes, Hash, Pseudonym, Salt
from schemas.member_bodies import Picture
from schemas.proposals import (
    CONTACTS_MAX,
    NAME_LENGTH_MAX,
    Answer,
    Proposal,
    Thanks,
    ToldContact,
)
from schemas.texts.words import Language

DESCRIPTION_LENGTH_MAX = 500
NOTE_LENGTH_MAX = 2000
LINE_THREAD = "A" * 22
"""The thread about a line itself, between two coordinators; one about a trade has its path."""


class PeerText(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The peer layer of a payment: who pays whom, by pseudonym, and for what."""

    v: Literal[1]
    payer: Pseudonym
    payee: Pseudonym
    description: Annotated[str, Meta(max_length=DESCRIPTION_LENGTH_MAX)] = ""


class NoteText(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The peer layer of a `line.note`: one message of a thread between two members.

    It says something: without text it holds an answer or a proposal.
    """

    v: Literal[1]
    thread: Salt
    sender: Pseudonym
    recipient: Pseudonym
    text: Annotated[str, Meta(max_length=NOTE_LENGTH_MAX)] = ""
    offer: Salt | None = None
    """What the thread is about, in the offer feed of the sender's or the recipient's node."""
    answer: Answer | None = None
    proposal: Proposal | None = None
    thanks: Thanks | None = None
    """A word of thanks for a booked trade; the thread then is the trade's path."""
    name: Annotated[str, Meta(max_length=NAME_LENGTH_MAX)] = ""
    """What the sender is called, for the one who reads it."""
    contacts: Annotated[tuple[ToldContact, ...], Meta(max_length=CONTACTS_MAX)] = ()
    """How to reach the sender, once the two have answered each other."""

    def __post_init__(self) -> None:
        """Refuse a message that says nothing; msgspec makes a validation error of it."""
        if not (self.text or self.answer or self.proposal):
            raise ValueError("a message without text, answer or proposal")


class Opening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Salt and bytes that open one commitment."""

    salt: Hash
    bytes: Bytes


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One way to reach a member."""

    kind: str
    value: str
    access: str = ""
    comment: str = ""


class MemberText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="member"):
    """The personal layer of a member."""

    name: str
    full_name: str = ""
    postcode: str = ""
    birthdate: str = ""
    hobbies: str = ""
    comment: str = ""
    admin_comment: str = ""
    contacts: tuple[Contact, ...] = ()
    place: str = ""
    skills: str = ""
    language: str = ""
    """The language of its pages and mails, `nl`, `fr` or `en`; empty: the group's."""
    picture: Picture | None = None
    """What its profile shows; the bytes lie sealed beside the log."""


class PersonText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="person"):
    """The personal layer of somebody who signs in for another's account."""

    name: str
    address: str
    """The mail address, by which it signs in."""
    language: str = ""


class TransferText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="transfer"):
    """The personal layer of a booking."""

    description: str
    payer_real: str = ""
    payee_real: str = ""


class PostText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="post"):
    """The personal layer of an offer or a want."""

    title: str
    text: str = ""
    price: str = ""
    """As an imported post has it; one placed here has its price in the body."""
    price_unit: str = ""
    access: str = ""
    postcode: str = ""
    place: str = ""
    goods: bool = False
    """Of an imported post; one placed here says it in the body."""


class MessageText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="message"):
    """The personal layer of a message inside the group, sealed for each of the two."""

    text: str


class ThanksText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="thanks"):
    """The personal layer of a word of thanks, sealed for each of the two."""

    text: str


class ReportText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="report"):
    """The personal layer of a report: read by coordinators, sealed under the group's key."""

    text: str
    quoted: str = ""
    """The message that it is about, as the one who reports it had it."""


class ActivityText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="activity"):
    """The personal layer of an activity: sealed under the key of who organises it."""

    title: str
    text: str = ""
    place: str = ""


class BoardWords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a group tells, in one more language."""

    language: Language
    title: str
    text: str = ""


class BoardText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="board"):
    """The personal layer of what a group tells its members: sealed under the group's key."""

    title: str
    text: str = ""
    place: str = ""
    file_name: str = ""
    """What the file of a document is called."""
    others: tuple[BoardWords, ...] = ()
    """The same in other languages, at most once each."""


class NameText(msgspec.Struct, frozen=True, kw_only=True, tag="name"):
    """A name that belongs to the group: of a category, of an old partner account."""

    name: str


PersonalText = (
    MemberText
    | PersonText
    | TransferText
    | PostText
    | NameText
    | MessageText
    | ThanksText
    | ReportText
    | ActivityText
    | BoardText
)
