"""What an export comes down to: the accounts, transfers and posts that an import writes.

Invariant: amounts are whole units of the source (its units have no decimals), times are UTC
seconds, texts fit the log. Every thing carries the key under which a second import knows it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from federation.migrate.choices import Choices, Generation
from federation.migrate.issues import Issue
from federation.migrate.rows import OfferWant, ServiceStuff
from schemas.bodies import AccountStatus
from schemas.openings import Contact

ImportedKind = Literal["member", "partner", "group"]


class ImportedGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The group itself, as far as its configuration tells."""

    name: str = ""
    unit_name: str = ""
    per_hour: int | None = None
    lower_minor: int | None = None
    upper_minor: int | None = None
    newcomer_days: int | None = None


class ImportedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account: of a member, of a partner group, or the group's own."""

    source_id: int
    code: str
    """Unique without regard to case; a duplicate has got `-2`, `-3`, ... behind it."""
    kind: ImportedKind
    status: AccountStatus
    name: str
    """For a partner `oude rekening van groep X`."""
    lower_minor: int | None = None
    """The account's own limit; `None` when it has none."""
    upper_minor: int | None = None
    activated_at_s: int | None = None
    bookings_only: bool = False
    """A member that was not chosen to come along: the account is there for its bookings."""
    partner_group: str = ""
    full_name: str = ""
    full_name_access: str = "admin"
    postcode: str = ""
    birthdate: str = ""
    hobbies: str = ""
    comments: str = ""
    admin_comments: str = ""
    place: str = ""
    skills: str = ""
    language: str = ""
    picture: str = ""
    """The name of the member's picture in the file, as the archive knows it."""
    contacts: tuple[Contact, ...] = ()


class ImportedCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A category of posts; parents stand before their children."""

    source_id: int
    name: str
    parent_source_id: int | None = None


class ImportedTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """A booking. `source_key` is `transid:...`, or `id:...` for a row without transid."""

    source_key: str
    payer_source_id: int
    payee_source_id: int
    amount_minor: int
    at_s: int
    line: int
    description: str = ""
    payer_real: str = ""
    """Who paid behind a partner group's account, in the words of the former system."""
    payee_real: str = ""
    service_stuff: ServiceStuff = ""


class ImportedPost(msgspec.Struct, frozen=True, kw_only=True):
    """An offer or a want."""

    source_id: int
    account_source_id: int
    subject: str
    content_text: str
    offer_want: OfferWant
    line: int
    service_stuff: ServiceStuff = ""
    amount: int | None = None
    """The guide price in whole units, per `units`."""
    units: str = ""
    category_source_id: int | None = None
    expires_at_s: int | None = None
    access: str = "user"
    created_at_s: int | None = None
    postcode: str = ""
    place: str = ""
    pictures: tuple[str, ...] = ()
    """Names of the pictures in the file, as the archive knows them."""


class ImportedCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """What an account gets from the group's account (or gives, when negative), on request only."""

    source_key: str
    account_source_id: int
    amount_minor: int


class BalanceCheck(msgspec.Struct, frozen=True, kw_only=True):
    """An account's balance in the file beside the sum of its transfers."""

    source_id: int
    code: str
    kind: ImportedKind
    file_minor: int | None
    """`None` when the file holds no balances."""
    computed_minor: int
    difference_minor: int
    """File less computed; 0 when the file holds no balances."""


class DoubleCode(msgspec.Struct, frozen=True):
    """An account whose code another one had already."""

    source_id: int
    code: str
    given: str
    """What it is called now."""


class TableCount(msgspec.Struct, frozen=True, kw_only=True):
    """A table that was read."""

    file: str
    read: int
    taken: int
    refused: int
    aside: tuple[str, ...] = ()
    """Columns that were not looked at."""


class SkippedTable(msgspec.Struct, frozen=True):
    """A table that was not read, only counted."""

    file: str
    rows: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a coordinator gets to see of an import; holds no personal text but member codes."""

    file: str
    size: int
    sha256: str
    generation: Generation
    """From which program the file comes."""
    group: ImportedGroup
    members: int
    partners: int
    group_accounts: int
    categories: int
    contacts: int
    posts: int
    posts_refused: int
    pictures: int = 0
    """Of members and posts, as far as they are in the file."""
    transfers: int
    transfers_refused: int
    tables: tuple[TableCount, ...]
    skipped: tuple[SkippedTable, ...]
    missing: tuple[str, ...]
    """Tables that this program would have read, and that are not in the file."""
    secrets_dropped: tuple[str, ...]
    """Where secrets lay that were not read: file and column, or file and how many rows."""
    balances: tuple[BalanceCheck, ...]
    sum_file_minor: int | None
    sum_computed_minor: int
    corrections: tuple[ImportedCorrection, ...]
    doubles: tuple[DoubleCode, ...]
    issues: tuple[Issue, ...]
    """The first thousand."""
    refused_total: int
    noted_total: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All of an export that is small; `plan.transfers` and `plan.posts` stream the rest."""

    group: ImportedGroup
    accounts: tuple[ImportedAccount, ...]
    categories: tuple[ImportedCategory, ...]
    corrections: tuple[ImportedCorrection, ...]
    choices: Choices
    """With what it was read; its streams are read with the same."""
    in_time_order: bool
    """Whether the transfers stream in the order of their times."""
    receipt: Receipt
