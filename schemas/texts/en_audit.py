"""English: what an audit of the logs finds, and what to do about it."""

from __future__ import annotations

from typing import Final

from schemas.findings import What
from schemas.texts.words import Words

_KEEP: Final = "Keep what is there, and ask its coordinators what happened to their server."
_ASK: Final = "Ask its coordinators which version they run, and whether their server was changed."
_BOTH: Final = "Put the logs of both groups side by side, and talk with both."
_WAIT: Final = "See whether its server can be reached. When it is back, this solves itself."
_PROOF: Final = "See the proof with 'ruilbrug evidence list', and talk with both groups."
_CLOCK: Final = "Ask its coordinators to check the clock of their server."
_TALK: Final = (
    "Let both groups see together what this group can give in return, or agree on another limit."
)
_REACH: Final = (
    "See whether the address is still the group's, and ask what stands in front of its server."
)
_OWN: Final = "Put the umbrella's database back from a backup, and find out who could change it."

FOUND: Final[dict[What, Words]] = {
    What.LOG_REFUSED: Words(
        "The log of this group does not verify beyond this place ({reason}).", _KEEP
    ),
    What.LOG_SHORTER: Words(
        "The log that the group shows is shorter than the one it showed before.", _KEEP
    ),
    What.ANSWER_WRONG: Words(
        "What comes from the server of this group cannot be believed ({reason}): something or "
        "somebody in front of it may have sent it.",
        _REACH,
    ),
    What.NO_ANSWER: Words("The group does not answer ({reason}).", _WAIT),
    What.MIRROR_ALTERED: Words(
        "The umbrella's own copy of the log was changed at this place ({reason}).", _OWN
    ),
    What.NUMBER_SKIPPED: Words("The group skipped a number in its messages to the other.", _ASK),
    What.PREDECESSOR_OTHER: Words("The message names another predecessor than the log has.", _ASK),
    What.SEEN_BACK: Words(
        "The group says that it knows fewer messages of the other than it said before.", _ASK
    ),
    What.TOTAL_DIFFERS: Words(
        "The total that the group claims is not the sum of its own payments.", _ASK
    ),
    What.NOT_CREDITED: Words(
        "The group has received what the other committed and credited nothing: the two "
        "balances do not mirror each other.",
        _BOTH,
    ),
    What.DECISION_UNSIGNED: Words("The decision in this commit carries no valid signature.", _ASK),
    What.CREDIT_WITHOUT_COMMIT: Words(
        "The group credited what the other's log does not show as committed.", _BOTH
    ),
    What.HEADS_DIFFER: Words(
        "The position that the group reports does not follow from its own commits and receipts.",
        _ASK,
    ),
    What.BEYOND_LIMIT: Words(
        "The group accepted a payment that takes the other beyond its limit.", _ASK
    ),
    What.AMOUNTS_DIFFER: Words(
        "The amounts of this payment do not follow from the terms that it names.", _ASK
    ),
    What.TERMS_UNKNOWN: Words(
        "The payment names terms that the two groups never agreed upon.", _ASK
    ),
    What.REVERSAL_DIFFERS: Words(
        "The reversal has other amounts than the payment that it reverses.", _ASK
    ),
    What.REVERSAL_UNKNOWN: Words("The reversal names a payment that does not exist.", _ASK),
    What.UNITS_CHANGED: Words("The amount of this payment changed on its way.", _ASK),
    What.BALANCE_DIFFERS: Words(
        "The balance that the group claims does not follow from its own messages.", _ASK
    ),
    What.OPENING_DIFFERS: Words(
        "The opening position that the group booked is not the one in the terms.", _BOTH
    ),
    What.COMMIT_UNANSWERED: Words(
        "The other committed a payment, and this group has not confirmed it yet.", _WAIT
    ),
    What.ACCEPT_UNDECIDED: Words(
        "The other accepted a payment, and this group has not decided about it yet.", _WAIT
    ),
    What.TWO_VERDICTS: Words(
        "The group decided twice, and differently, about the same payment.", _PROOF
    ),
    What.TWO_CHAINS: Words("The group gave two different messages the same number.", _PROOF),
    What.SAID_AGAIN: Words("The group used a payment a second time.", _ASK),
    What.ANOTHER_SEEN: Words(
        "The other group was sent another message in this place than stands in this log.", _BOTH
    ),
    What.SEEN_MISSING: Words(
        "The other group knows a message of this group that its log does not show yet.", _WAIT
    ),
    What.ACCEPT_WITHOUT_PREPARE: Words(
        "The group accepted a payment that the other had not prepared.", _BOTH
    ),
    What.COMMIT_WITHOUT_ACCEPT: Words(
        "The group committed a payment that the other had not accepted.", _BOTH
    ),
    What.LEGS_DIFFER: Words("The group passed a payment on for another amount than it got.", _ASK),
    What.TIME_BACK: Words("The message bears a time far before that of the one before it.", _CLOCK),
    What.TIME_AHEAD: Words("The message bears a time that is still to come.", _CLOCK),
    What.NEAR_LIMIT: Words(
        "The group stands close to its limit on this line, or beyond it.", _TALK
    ),
}
