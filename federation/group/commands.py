"""What can be asked of a group's own ledger."""

from __future__ import annotations

from typing import Final, NamedTuple

from schemas.amounts import Unit
from schemas.bodies import AccountKind, AccountStatus, AnyBody
from schemas.openings import PersonalText

GROUP_SUBJECT: Final = "AAAAAAAAAAAAAAAAAAAAAA"
"""Whose data key seals texts that belong to the group and to no person."""


class Configure(NamedTuple):
    """Set the unit and the default limits; opens the node's own accounts the first time."""

    unit: Unit
    lower_minor: int | None
    upper_minor: int | None


class OpenAccount(NamedTuple):
    """Open an account for a member or for the group. `key` makes it idempotent."""

    key: str
    code: str
    kind: AccountKind
    subject: str | None = None
    text: PersonalText | None = None
    lower_minor: int | None = None
    upper_minor: int | None = None
    unlimited: bool = False
    status: AccountStatus = AccountStatus.ACTIVE
    source: str | None = None
    since_s: int | None = None


class SetLimits(NamedTuple):
    """Replace the limits of an account; `None` falls back to the group's default."""

    account: int
    lower_minor: int | None
    upper_minor: int | None
    unlimited: bool = False


class SetStatus(NamedTuple):
    """Make an account active, leaving or inactive."""

    account: int
    status: AccountStatus


class Transfer(NamedTuple):
    """Units pass from payer to payee, two accounts of the group. `key` makes it idempotent."""

    key: str
    payer: int
    payee: int
    amount_minor: int
    description: str = ""
    entered_by: int | None = None
    other_ids: tuple[str, ...] = ()
    """Under which the same proposal can be booked too (`federation.line.once`)."""


class ImportTransfer(NamedTuple):
    """A booking of the former system: no limit is checked, its time is its own."""

    key: str
    source: str
    at_s: int
    payer: int
    payee: int
    amount_minor: int
    description: str = ""
    payer_real: str = ""
    payee_real: str = ""


class ImportPost(NamedTuple):
    """An offer or a want of the former system."""

    key: str
    source: str
    at_s: int
    account: int
    want: bool
    text: PersonalText
    category: int | None = None
    expires_at_s: int | None = None


class ImportCategory(NamedTuple):
    """A category of the former system."""

    key: str
    source: str
    name: str
    parent: int | None = None


class Note(NamedTuple):
    """A fact without a rule: an invitation, an admission, the end of an import."""

    key: str
    body: AnyBody


GroupCommand = (
    Configure
    | OpenAccount
    | SetLimits
    | SetStatus
    | Transfer
    | ImportTransfer
    | ImportPost
    | ImportCategory
    | Note
)
