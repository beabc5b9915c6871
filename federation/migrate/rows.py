"""Rows of an export's tables, typed: what stands in them, nothing resolved.

Texts are clean, times are seconds UTC, amounts whole units; `line` is where the row stands.
"""

from __future__ import annotations

from typing import Literal

import msgspec

OfferWant = Literal["offer", "want"]
ServiceStuff = Literal["service", "stuff", ""]


class UserRow(msgspec.Struct, frozen=True):
    """An account with the person or partner group behind it."""

    line: int
    id: int
    code: str
    name: str
    full_name: str
    full_name_access: str
    postcode: str
    birthdate: str
    hobbies: str
    comments: str
    admin_comments: str
    role: str
    intersystem: bool
    status: int | None
    activated_at_s: int | None
    created_at_s: int | None
    saldo: int | None
    lower: int | None
    upper: int | None
    place: str = ""
    skills: str = ""
    language: str = ""
    image_file: str = ""


class TransactionRow(msgspec.Struct, frozen=True):
    """A booking."""

    line: int
    id: int | None
    transid: str
    amount_minor: int
    id_from: int
    id_to: int
    at_s: int
    description: str
    real_from: str
    real_to: str
    service_stuff: ServiceStuff
    numbered: bool = True
    """Whether `transid` or `id` came with the row; else it is made from what the row says."""


class BalanceRow(msgspec.Struct, frozen=True):
    """An account's balance as the former system kept it; the newest row counts."""

    line: int
    id: int
    account_id: int
    balance: int
    created_at_s: int


class LimitRow(msgspec.Struct, frozen=True):
    """A limit of an account; the newest row counts, `None` is no limit."""

    line: int
    id: int
    account_id: int
    limit: int | None
    created_at_s: int


class MessageRow(msgspec.Struct, frozen=True):
    """An offer or a want."""

    line: int
    id: int
    user_id: int
    category_id: int | None
    subject: str
    content_text: str
    offer_want: OfferWant
    service_stuff: ServiceStuff
    amount: int | None
    units: str
    expires_at_s: int | None
    access: str
    created_at_s: int | None
    postcode: str = ""
    place: str = ""
    pictures: tuple[str, ...] = ()
    """Names of its pictures' files, as the row says them."""


class ContactRow(msgspec.Struct, frozen=True):
    """One way to reach a member."""

    line: int
    user_id: int
    type_id: int | None
    value: str
    comments: str
    access: str
    kind: str = ""
    """What it is, where no table of kinds tells."""


class ContactTypeRow(msgspec.Struct, frozen=True):
    """What kind of contact a number stands for."""

    line: int
    id: int
    name: str
    abbrev: str


class CategoryRow(msgspec.Struct, frozen=True):
    """A category of posts."""

    line: int
    id: int
    name: str
    parent_id: int | None


class PartnerRow(msgspec.Struct, frozen=True):
    """A partner group, and the code of its account here."""

    line: int
    name: str
    local_code: str
