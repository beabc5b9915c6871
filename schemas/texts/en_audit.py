"""English: what an audit of the logs finds, and what to do about it."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.findings import What
from schemas.texts.words import Words

_KEEP: Final = "Keep what is there, and ask its coordinators what happened to their server."
_ASK: Final = "Ask its coordinators which version they run, and whether their server was changed."
_HIDDEN: Final = (
    "Save the proof that stands beside it, and ask its coordinators what happened to their log."
)
_ASKED: Final = (
    "Wait: each audit asks again. If it stays, see whether the server of each of the two can be "
    "reached, and ask both for their copy."
)
_BOTH: Final = "Put the logs of both groups side by side, and talk with both."
_WAIT: Final = "See whether its server can be reached. When it is back, this solves itself."
_PROOF: Final = "Keep the proof, and talk with both groups."
_CLOCK: Final = "Ask its coordinators to check the clock of their server."
_TALK: Final = (
    "Let both groups see together what this group can give in return, or agree on another limit."
)
_REACH: Final = (
    "See whether the address is still the group's, and ask what stands in front of its server."
)
_OWN: Final = "Put the umbrella's database back from a backup, and find out who could change it."
_STOLEN: Final = (
    "Ask its coordinators who else could have that key. Nothing came of the message: its partner "
    "took nothing in. If the group did write it, it counts with the group's next message."
)
_SLOW: Final = (
    "Wait: each audit goes on where the last one stopped, and a long log takes some the first "
    "time. If it stays for a day, ask what is wrong with its server."
)
_STRANGER: Final = (
    "Ask its coordinators which version they run, and whether their server was changed. What "
    "stands there counts for nobody: the other two groups have done nothing wrong."
)

FOUND: Final[dict[What, Words]] = {
    What.LOG_REFUSED: Words(
        "The log of this group does not verify beyond this place: {reason}.", _KEEP
    ),
    What.LOG_SHORTER: Words(
        "The log that the group shows is shorter than the one it showed before.", _KEEP
    ),
    What.ANSWER_WRONG: Words(
        "What comes from the server of this group cannot be believed: {reason}. Something or "
        "somebody between us and its server may have sent it.",
        _REACH,
    ),
    What.NO_ANSWER: Words("The group has not answered for more than a day: {reason}.", _WAIT),
    What.LOG_SLOW: Words(
        "The server of this group answers so slowly that its log was not followed to its end in "
        "the time that a group has: {far} events.",
        _SLOW,
    ),
    What.MIRROR_ALTERED: Words(
        "The umbrella's own copy of the log was changed at this place: {reason}.", _OWN
    ),
    What.NUMBER_SKIPPED: Words(
        "The numbers of the group's messages to the other group do not follow each other.", _ASK
    ),
    What.PREDECESSOR_OTHER: Words(
        "The message refers to another message before it than the log has.", _ASK
    ),
    What.DATED_BACK: Words(
        "A partner got a message in this group's name, signed with a key that was revoked. It "
        "claims to be older than the revocation, and does not stand in the group's log.",
        _STOLEN,
    ),
    What.SEEN_BACK: Words(
        "The group now says that it knows fewer messages of the other group than before.", _ASK
    ),
    What.NOT_ITS_LINE: Words(
        "The group wrote in its log about a line between two other groups.", _STRANGER
    ),
    What.TOTAL_DIFFERS: Words(
        "The total that the group claims is not the sum of its own payments.", _ASK
    ),
    What.NOT_CREDITED: Words(
        "The group has received what the other group booked, and credited nothing: the two "
        "balances do not mirror each other.",
        _BOTH,
    ),
    What.DECISION_UNSIGNED: Words(
        "The decision about this payment carries no signature of the group that fits it.", _ASK
    ),
    What.CREDIT_WITHOUT_COMMIT: Words(
        "The group credited what is not booked in the other group's log.", _BOTH
    ),
    What.HEADS_DIFFER: Words(
        "The position that the group reports does not follow from its own bookings and "
        "confirmations.",
        _ASK,
    ),
    What.BEYOND_LIMIT: Words(
        "The group accepted a payment that takes the other group beyond its limit.", _ASK
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
        "The other group booked a payment, and this group has not confirmed it yet.", _WAIT
    ),
    What.ACCEPT_UNDECIDED: Words(
        "The other group accepted a payment, and this group has not decided about it yet.", _WAIT
    ),
    What.TWO_VERDICTS: Words(
        "The group took two different decisions about the same payment.", _PROOF
    ),
    What.TWO_CHAINS: Words("The group gave two different messages the same number.", _PROOF),
    What.SAID_AGAIN: Words("The group used a payment a second time.", _ASK),
    What.ANOTHER_SEEN: Words(
        "The other group was sent another message in this place than stands in this log.", _BOTH
    ),
    What.SEEN_MISSING: Words(
        "The other group knows a message of this group that its log does not show yet.", _WAIT
    ),
    What.SENT_OTHERWISE: Words(
        "The group has sent the other a message that its own log does not show. Its signature "
        "proves it, and the other is to blame for nothing in this.",
        _HIDDEN,
    ),
    What.CLAIM_UNSUPPORTED: Words(
        "The group says that it received a message of the other, and cannot show it.", _ASK
    ),
    What.WORD_AGAINST_WORD: Words(
        "One log of this line names a message of the other, in which something else stands. Who "
        "names it has not shown it yet, so nobody is accused.",
        _ASKED,
    ),
    What.ACCEPT_WITHOUT_PREPARE: Words(
        "The group accepted a payment that the other group had not asked for.", _BOTH
    ),
    What.COMMIT_WITHOUT_ACCEPT: Words(
        "The group booked a payment that the other group had not accepted.", _BOTH
    ),
    What.LEGS_DIFFER: Words("The group passed a payment on for another amount than it got.", _ASK),
    What.TIME_BACK: Words(
        "This event bears a time far before that of the event before it.", _CLOCK
    ),
    What.TIME_AHEAD: Words("This event bears a time that was still to come.", _CLOCK),
    What.NEAR_LIMIT: Words("The group is close to its limit on this line, or beyond it.", _TALK),
}

WHY: Final[dict[str, str]] = {
    Code.BAD_PROOF: "it does not follow what stood there before",
    Code.BAD_SIGNATURE: "the signature is not the group's",
    Code.BAD_KEY: "it is signed by a key that is not valid there",
    Code.BAD_KEY_STATEMENT: "what it says of a key is not right",
    Code.KEY_LATE: "a key was introduced later than where it is used",
    Code.KEY_REVOKED: "it is signed by a key that was revoked",
    Code.BAD_NOTE: "it cannot be read how far the log goes",
    Code.BAD_COMMITMENT: "what belongs to it is something else",
    Code.BAD_ENCODING: "it cannot be read",
    Code.MALFORMED: "it cannot be read",
    Code.NOT_CANONICAL: "it is not written as it has to be",
    Code.TOO_LARGE: "it is larger than allowed",
    Code.LINE_OTHER: "it belongs to a line between other groups",
    Code.LINE_PREV: "it does not follow the message before it",
    Code.DIGEST_MISMATCH: "it was changed on its way",
    Code.PEER_WRONG: "it is no answer to our question",
    Code.PEER_UNKNOWN: "its server does not know us",
    Code.PEER_UNREACHABLE: "its server cannot be reached",
    Code.ADDRESS_REFUSED: "its address is none that we may ask",
    Code.RATE_LIMITED: "its server keeps telling us to come back later",
    Code.NOT_FOUND: "its server does not have what we ask for",
}
WHY_OTHER: Final = "the reason is in the messages of our server"
