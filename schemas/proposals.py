"""What two members say to each other beside words: a quick answer, a proposal (glossary 10.3).

One shape for a thread inside a group (in the body) and between two groups (in the peer layer), so
that both read the same. Nothing here books: consent is a booking of its own.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.ids import Hash, PathId, Positive

Day = Annotated[str, Meta(pattern=r"\A[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")]
"""A day as ISO 8601 writes it; whoever shows it checks that the month has it."""
CONTACTS_MAX = 4
NAME_LENGTH_MAX = 80
CONTACT_LENGTH_MAX = 100


class Reply(StrEnum):
    """The three quick answers; what follows a `yes_but` is in the text, or a counter-proposal."""

    YES = "yes"
    YES_BUT = "yes_but"
    RATHER_NOT = "rather_not"


class Side(StrEnum):
    """One of the two of a thread, seen from a message."""

    SENDER = "sender"
    RECIPIENT = "recipient"


class PricedBy(StrEnum):
    """In whose minor units a price is; `line` of `Fixed` is for group accounts."""

    PAYEE = "payee"
    PAYER = "payer"


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a message that is no free text."""


class Answer(Said, frozen=True, kw_only=True, omit_defaults=True):
    """A quick answer. `to` is the id of the message with the proposal that it answers.

    Without `to` it answers the interest: a yes that was written before a price changed can so
    never be taken for a yes to the new one.
    """

    reply: Reply
    to: Hash | None = None


class Proposal(Said, frozen=True, kw_only=True, omit_defaults=True):
    """Who is to give how much, and when the help is to be given."""

    payer: Side
    amount_minor: Positive
    fixed: PricedBy = PricedBy.PAYEE
    day: Day = ""


class Thanks(Said, frozen=True, kw_only=True, omit_defaults=True):
    """The message thanks for a trade; its writer lets everybody read it, or the two alone."""

    trade: PathId
    public: bool = False


class ToldContact(Said, frozen=True, kw_only=True):
    """One way to reach a member, told to the one whom it has answered."""

    kind: Annotated[str, Meta(min_length=1, max_length=20)]
    value: Annotated[str, Meta(min_length=1, max_length=CONTACT_LENGTH_MAX)]
