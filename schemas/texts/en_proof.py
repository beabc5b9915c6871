"""English: proofs of bookings, given out and checked."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.error_texts import Text

_AGAIN: Final = "Ask for the proof again, and keep the file exactly as it comes."
_KEPT: Final = "The booking itself stays as it is."

TEXTS: Final[dict[Code, Text]] = {
    Code.PROOF_UNREADABLE: Text("This file is no proof of a booking ({reason}).", _AGAIN),
    Code.PROOF_LOG_UNKNOWN: Text(
        "The proof is about the log {log}, which the policy file does not name.",
        "Take the policy file of the federation that this group trades in.",
    ),
    Code.PROOF_UNSIGNED: Text(
        "What the log {log} says of itself is not signed as it must be ({reason}).",
        "Ask for the proof again; if the next one fails too, show both to the umbrella.",
    ),
    Code.PROOF_WITNESSES_MISSING: Text(
        "Too few of the witnesses in the policy file have signed ({found} of {known}).",
        "Ask for a newer proof, or take the policy file of that group.",
    ),
    Code.PROOF_OTHER_LOG: Text(
        "The booking does not stand in this log at the place that the proof names ({reason}).",
        _AGAIN,
    ),
    Code.PROOF_CHANGED: Text("{field}: this is not what stands in the log.", _AGAIN),
    Code.PROOF_NO_BOOKING: Text(
        "The proof shows an entry of the log that is no whole booking ({reason}).", _AGAIN
    ),
    Code.PROOF_NOT_READY: Text(
        "The proof is not ready yet: nobody outside the group has confirmed the books since.",
        "Come back in some minutes; when it takes longer than a day, tell the coordinators.",
        again=True,
        kept=_KEPT,
    ),
    Code.PROOF_GONE: Text(
        "There is no proof of this booking: its details were lost before a restore.",
        "Ask the coordinators what is known of it.",
        kept=_KEPT,
    ),
}
