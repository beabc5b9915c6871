"""Why a line is set aside until a coordinator has looked: what its partner sent cannot be.

Closed list. New trades wait while a line is set aside; what is booked stays booked, and payments
that are decided go on.
"""

from __future__ import annotations

from enum import StrEnum


class QuarantineCode(StrEnum):
    """Stable code in `line.quarantined`; docs/errors.md documents each."""

    CHANNEL_FORK = "channel_fork"
    TWO_VERDICTS = "two_verdicts"
    BAD_SIGNATURE = "bad_signature"
    INVARIANT_BROKEN = "invariant_broken"
    EVENT_MALFORMED = "event_malformed"
    CLAIM_DIFFERS = "claim_differs"
    PATH_USED_AGAIN = "path_used_again"
    ACCEPT_WITHOUT_PROPOSAL = "accept_without_proposal"
    ACCEPT_WITHOUT_PREPARE = "accept_without_prepare"
    ACCEPT_DIFFERS = "accept_differs"
    REJECT_WITHOUT_PREPARE = "reject_without_prepare"
    COMMIT_WITHOUT_ACCEPT = "commit_without_accept"
    COMMIT_REPEATED = "commit_repeated"
    COMMIT_DIFFERS = "commit_differs"
    ABORT_WITHOUT_PREPARE = "abort_without_prepare"
    ABORT_DIFFERS = "abort_differs"
    RECEIPT_WITHOUT_COMMIT = "receipt_without_commit"
    RECEIPT_DIFFERS = "receipt_differs"
