"""What a proof of a booking shows beside its place in the log: the opened entry, in one object.

It travels as the extra data of a C2SP tlog-proof, in canonical form. Nothing of it is to be
believed as it stands: every field is held against the leaf by `projections.receipt`. Names are in
no field but `text` and `peer`, which hold what the two have written.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.ids import Bytes, Hash
from schemas.openings import Opening

EARLIER_MAX = 3
"""A receipt rests on a commit, that on an accept, that on a prepare."""
BODY_LENGTH_MAX = 88_000
"""Base64url of 64 KiB: a booking to 250 helpers takes half."""


class BodyOpening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Salt and bytes of a body: more than one of another layer may be."""

    salt: Hash
    bytes: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]*\Z", max_length=BODY_LENGTH_MAX)]


class Receipt(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="type",
    tag="booking.receipt",
):
    """A booking, opened."""

    v: Literal[1]
    core: Bytes
    """The entry that the proof is about, as its node signed it."""
    body: BodyOpening
    earlier: Annotated[tuple[Bytes, ...], Meta(max_length=EARLIER_MAX)] = ()
    """Between groups: the events that it rests on, each named by id in the one before, to the
    prepare."""
    peer: Opening | None = None
    """Between groups: who gives whom, by pseudonym, and what for; opens the prepare."""
    text: Opening | None = None
    """Inside the group: what for."""
