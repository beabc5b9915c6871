"""English: why a group refuses a trade, pauses, or sets a line aside."""

from __future__ import annotations

from typing import Final

from schemas.core_parts import FreezeReason, WireCode
from schemas.quarantine import QuarantineCode
from schemas.texts.words import Words

_TERMS_STAY: Final = "The terms stay as they were."
_LOOK: Final = "See with 'ruilbrug line doctor' what came in, and talk with the other group."
_PROOF: Final = (
    "See the proof with 'ruilbrug evidence list', and talk with the other group and the umbrella."
)

REFUSED: Final[dict[WireCode, Words]] = {
    WireCode.TERMS_STALE: Words(
        "The groups have agreed on other terms meanwhile.", "Confirm the new amount and try again."
    ),
    WireCode.TERMS_OTHER: Words(
        "The other group has another proposal before it than this one.",
        "See which proposal is open, and answer that one.",
        _TERMS_STAY,
    ),
    WireCode.LINE_NOT_OPEN: Words(
        "The other group admits no new trades now.",
        "Ask the coordinators whether the line is still open.",
    ),
    WireCode.EXPIRED: Words(
        "It was not settled in time.", "Start again when the other group can be reached."
    ),
    WireCode.AMOUNTS_MISMATCH: Words(
        "The other group comes to other amounts for this trade.",
        "Tell the coordinators: the two servers do not calculate alike.",
    ),
    WireCode.TOO_SMALL: Words("The amount is too small to cross to the other unit.", "Give more."),
    WireCode.TOO_LARGE: Words(
        "It is more than the groups allow at once.", "Split it, or give less."
    ),
    WireCode.LINE_LIMIT: Words(
        "Our group would owe the other more than agreed.",
        "Give less, or wait until the other group has given something back.",
    ),
    WireCode.PAYEE_UNKNOWN: Words(
        "The other group does not know this person any more.",
        "Look at the offer again, or ask the other group.",
    ),
    WireCode.PAYEE_INACTIVE: Words(
        "The payee's account is not active.", "Ask the payee to settle it with their coordinators."
    ),
    WireCode.PAYEE_LIMIT: Words(
        "The payee would pass their upper limit.",
        "Give less, or ask the payee to ask for another limit.",
    ),
    WireCode.PAYER_UNKNOWN: Words(
        "The other group does not know the payer.", "Choose again who gives, and ask once more."
    ),
    WireCode.LINE_BUSY: Words(
        "Too much between the two groups is still on its way.", "Try again in a moment."
    ),
    WireCode.REQUEST_OTHER: Words(
        "This is not what the payee asked for.", "Ask the payee to request it again."
    ),
    WireCode.REVERSAL_UNKNOWN: Words(
        "What is to be reversed is not booked like that at the other group.",
        "Compare with the other group what was booked.",
    ),
    WireCode.ALREADY_REVERSED: Words(
        "This has been reversed already.", "Look at your statement: the reversal is there."
    ),
    WireCode.CANCELLED: Words(
        "Whoever started it has taken it back.", "There is nothing you have to do."
    ),
    WireCode.REFUSED: Words(
        "The other side has not agreed to it.", "Talk about it, and start again once you agree."
    ),
    WireCode.CROSSED: Words(
        "Both groups made a proposal at the same time.",
        "Wait: the group whose turn it is proposes again by itself.",
        _TERMS_STAY,
    ),
}

FROZEN: Final[dict[FreezeReason, Words]] = {
    FreezeReason.COORDINATOR: Words(
        "The coordinators have put trading on hold.", "Ask them until when."
    ),
    FreezeReason.MAINTENANCE: Words("One of the servers is being worked on.", "Try again later."),
    FreezeReason.TOO_MANY_ERRORS: Words(
        "Too much came in that was wrong.",
        "Let the coordinators find the cause together, and then lift the pause.",
    ),
    FreezeReason.FINDINGS: Words(
        "A check of the books has found something wrong.",
        "Let the coordinators look into it with the umbrella.",
    ),
}

SET_ASIDE: Final[dict[QuarantineCode, Words]] = {
    QuarantineCode.CHANNEL_FORK: Words(
        "The other group signed two different messages with the same number.", _PROOF
    ),
    QuarantineCode.TWO_VERDICTS: Words(
        "The other group decided twice, and differently, about the same payment.", _PROOF
    ),
    QuarantineCode.BAD_SIGNATURE: Words(
        "A message of the other group carries no valid signature.", _LOOK
    ),
    QuarantineCode.INVARIANT_BROKEN: Words(
        "A message of the other group confused our own program.", _LOOK
    ),
    QuarantineCode.EVENT_MALFORMED: Words("A message of the other group is malformed.", _LOOK),
    QuarantineCode.CLAIM_DIFFERS: Words(
        "The other group claims another balance than the two chains of messages give.", _LOOK
    ),
    QuarantineCode.PATH_USED_AGAIN: Words(
        "The other group used the id of a payment a second time.", _LOOK
    ),
    QuarantineCode.ACCEPT_WITHOUT_PROPOSAL: Words(
        "The other group accepted terms that we had not proposed.", _LOOK
    ),
    QuarantineCode.ACCEPT_WITHOUT_PREPARE: Words(
        "The other group accepted a payment that we had not prepared.", _LOOK
    ),
    QuarantineCode.ACCEPT_DIFFERS: Words(
        "The other group accepted something else than we had prepared.", _LOOK
    ),
    QuarantineCode.REJECT_WITHOUT_PREPARE: Words(
        "The other group refused a payment that we had not prepared.", _LOOK
    ),
    QuarantineCode.COMMIT_WITHOUT_ACCEPT: Words(
        "The other group committed a payment that we had not accepted.", _LOOK
    ),
    QuarantineCode.COMMIT_REPEATED: Words(
        "The other group committed the same payment twice.", _LOOK
    ),
    QuarantineCode.COMMIT_DIFFERS: Words(
        "The other group committed something else than we had accepted.", _LOOK
    ),
    QuarantineCode.ABORT_WITHOUT_PREPARE: Words(
        "The other group aborted a payment that was not prepared.", _LOOK
    ),
    QuarantineCode.ABORT_DIFFERS: Words(
        "The other group aborted a payment by a decision that is not right.", _LOOK
    ),
    QuarantineCode.RECEIPT_WITHOUT_COMMIT: Words(
        "The other group confirmed a payment that we had not committed.", _LOOK
    ),
    QuarantineCode.RECEIPT_DIFFERS: Words(
        "The other group confirmed something else than we had committed.", _LOOK
    ),
}
