"""What every body is made of: accounts, postings, references to texts (design section 2)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.ids import Amount, Hash, Positive, Salt

MemberCode = Annotated[str, Meta(pattern=r"\A[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,38}\S)?\Z")]
"""A member code (letscode) or the name of an account of the node's own, at most 40 characters."""


class AccountKind(StrEnum):
    """What an account stands for (design section 5)."""

    MEMBER = "member"
    GROUP = "group"
    CLEARING = "clearing"
    ROUNDING = "rounding"
    REVALUATION = "revaluation"
    SUSPENSE = "suspense"
    OLD_PARTNER = "old_partner"
    """Of another group, which has no node: as it came from a former system, or reached by mail."""


class AccountStatus(StrEnum):
    """Whether an account can be used; a leaver's balance only moves towards zero."""

    INFORMATION = "information"
    """Somebody who asked how it works: no member yet, and books nothing."""
    ACTIVE = "active"
    LEAVING = "leaving"
    INACTIVE = "inactive"

    def books(self) -> bool:
        """Tell whether an account of this status can take part in a booking."""
        return self in (AccountStatus.ACTIVE, AccountStatus.LEAVING)


class Body(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="type",
):
    """What every body has."""

    v: Literal[1]


class Posting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One leg of a booking; the legs of one event sum to zero (I1)."""

    account: Positive
    amount_minor: Amount


class TextReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in the personal layer: whose key seals it, and its commitment."""

    subject: Salt
    commitment: Hash
