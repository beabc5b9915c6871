"""What can be asked of a group's own ledger."""

from __future__ import annotations

from typing import Final, NamedTuple

from schemas.amounts import Unit
from schemas.bodies import AccountKind, AccountStatus, AnyBody
from schemas.limit_bodies import Limits
from schemas.member_bodies import Picture
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
    soft_lower_minor: int | None = None
    soft_upper_minor: int | None = None
    actor: int | None = None
    """Who does it; nobody: whoever runs the node."""


class SetGroupLimits(NamedTuple):
    """Replace the limits of the group, all of them. `key` makes it idempotent."""

    key: str
    actor: int | None
    limits: Limits


class SetStatus(NamedTuple):
    """Let an account's member be known, a member, a leaver or gone."""

    account: int
    status: AccountStatus
    actor: int | None = None
    """Who does it; nobody: whoever runs the node."""
    merged_into: int | None = None
    """The account that goes on for this one; only said again of what was merged before."""
    given_minor: int | None = None
    """What the two had given in all; likewise."""


class CloseLeft(NamedTuple):
    """Books have moved: let the accounts of leavers close that came to zero."""


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
    pictures: tuple[Picture, ...] = ()


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
    | SetGroupLimits
    | SetStatus
    | CloseLeft
    | Transfer
    | ImportTransfer
    | ImportPost
    | ImportCategory
    | Note
)
