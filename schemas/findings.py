"""What an audit finds: which check, how certain, where, how much, and what it means in words.

A code keeps its meaning for ever. A finding is known by what it is about, not by its amount, so the
same one is the same however often an audit runs. Names no person: cores name none.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import Final

import msgspec

from schemas.encoding import encode
from schemas.ids import SAFE_INTEGER


class Check(StrEnum):
    """The checks of design section 6. A13 comes with netting."""

    A1 = "A1"
    A2 = "A2"
    A3 = "A3"
    A4 = "A4"
    A5 = "A5"
    A6 = "A6"
    A7 = "A7"
    A8 = "A8"
    A9 = "A9"
    A10 = "A10"
    A11 = "A11"
    A12 = "A12"
    A14 = "A14"
    A15 = "A15"


class Severity(StrEnum):
    """How much a finding weighs."""

    PROOF = "proof"
    """The group has signed two things that exclude each other."""
    CONTRADICTION = "contradiction"
    """What was signed cannot be true; a person has to find out why."""
    ALARM = "alarm"
    """Nothing is wrong for certain, and somebody should look."""


class What(StrEnum):
    """What is wrong; `schemas.finding_words` has the sentences."""

    LOG_REFUSED = "log_refused"
    LOG_SHORTER = "log_shorter"
    ANSWER_WRONG = "answer_wrong"
    NO_ANSWER = "no_answer"
    LOG_SLOW = "log_slow"
    MIRROR_ALTERED = "mirror_altered"
    DATED_BACK = "dated_back"
    NUMBER_SKIPPED = "number_skipped"
    PREDECESSOR_OTHER = "predecessor_other"
    SEEN_BACK = "seen_back"
    NOT_ITS_LINE = "not_its_line"
    TOTAL_DIFFERS = "total_differs"
    NOT_CREDITED = "not_credited"
    DECISION_UNSIGNED = "decision_unsigned"
    CREDIT_WITHOUT_COMMIT = "credit_without_commit"
    HEADS_DIFFER = "heads_differ"
    BEYOND_LIMIT = "beyond_limit"
    AMOUNTS_DIFFER = "amounts_differ"
    TERMS_UNKNOWN = "terms_unknown"
    REVERSAL_DIFFERS = "reversal_differs"
    REVERSAL_UNKNOWN = "reversal_unknown"
    UNITS_CHANGED = "units_changed"
    BALANCE_DIFFERS = "balance_differs"
    OPENING_DIFFERS = "opening_differs"
    COMMIT_UNANSWERED = "commit_unanswered"
    ACCEPT_UNDECIDED = "accept_undecided"
    TWO_VERDICTS = "two_verdicts"
    TWO_CHAINS = "two_chains"
    SAID_AGAIN = "said_again"
    ANOTHER_SEEN = "another_seen"
    SEEN_MISSING = "seen_missing"
    SENT_OTHERWISE = "sent_otherwise"
    CLAIM_UNSUPPORTED = "claim_unsupported"
    WORD_AGAINST_WORD = "word_against_word"
    ACCEPT_WITHOUT_PREPARE = "accept_without_prepare"
    COMMIT_WITHOUT_ACCEPT = "commit_without_accept"
    LEGS_DIFFER = "legs_differ"
    TIME_BACK = "time_back"
    TIME_AHEAD = "time_ahead"
    NEAR_LIMIT = "near_limit"


CHECKS: Final[dict[What, tuple[Check, Severity]]] = {
    What.LOG_REFUSED: (Check.A1, Severity.CONTRADICTION),
    What.LOG_SHORTER: (Check.A1, Severity.ALARM),
    What.ANSWER_WRONG: (Check.A1, Severity.ALARM),
    What.NO_ANSWER: (Check.A8, Severity.ALARM),
    What.LOG_SLOW: (Check.A8, Severity.ALARM),
    What.MIRROR_ALTERED: (Check.A1, Severity.CONTRADICTION),
    What.DATED_BACK: (Check.A1, Severity.ALARM),
    What.NUMBER_SKIPPED: (Check.A1, Severity.CONTRADICTION),
    What.PREDECESSOR_OTHER: (Check.A1, Severity.CONTRADICTION),
    What.SEEN_BACK: (Check.A1, Severity.CONTRADICTION),
    What.NOT_ITS_LINE: (Check.A1, Severity.CONTRADICTION),
    What.TOTAL_DIFFERS: (Check.A2, Severity.CONTRADICTION),
    What.NOT_CREDITED: (Check.A3, Severity.CONTRADICTION),
    What.DECISION_UNSIGNED: (Check.A1, Severity.CONTRADICTION),
    What.CREDIT_WITHOUT_COMMIT: (Check.A4, Severity.CONTRADICTION),
    What.HEADS_DIFFER: (Check.A5, Severity.CONTRADICTION),
    What.BEYOND_LIMIT: (Check.A6, Severity.CONTRADICTION),
    What.AMOUNTS_DIFFER: (Check.A7, Severity.CONTRADICTION),
    What.TERMS_UNKNOWN: (Check.A7, Severity.CONTRADICTION),
    What.REVERSAL_DIFFERS: (Check.A7, Severity.CONTRADICTION),
    What.REVERSAL_UNKNOWN: (Check.A7, Severity.CONTRADICTION),
    What.UNITS_CHANGED: (Check.A7, Severity.CONTRADICTION),
    What.BALANCE_DIFFERS: (Check.A7, Severity.CONTRADICTION),
    What.OPENING_DIFFERS: (Check.A7, Severity.CONTRADICTION),
    What.COMMIT_UNANSWERED: (Check.A8, Severity.ALARM),
    What.ACCEPT_UNDECIDED: (Check.A8, Severity.ALARM),
    What.TWO_VERDICTS: (Check.A9, Severity.PROOF),
    What.TWO_CHAINS: (Check.A9, Severity.PROOF),
    What.SAID_AGAIN: (Check.A9, Severity.CONTRADICTION),
    What.ANOTHER_SEEN: (Check.A10, Severity.CONTRADICTION),
    What.SEEN_MISSING: (Check.A10, Severity.ALARM),
    What.SENT_OTHERWISE: (Check.A10, Severity.PROOF),
    What.CLAIM_UNSUPPORTED: (Check.A10, Severity.CONTRADICTION),
    What.WORD_AGAINST_WORD: (Check.A10, Severity.ALARM),
    What.ACCEPT_WITHOUT_PREPARE: (Check.A11, Severity.CONTRADICTION),
    What.COMMIT_WITHOUT_ACCEPT: (Check.A11, Severity.CONTRADICTION),
    What.LEGS_DIFFER: (Check.A12, Severity.CONTRADICTION),
    What.TIME_BACK: (Check.A14, Severity.ALARM),
    What.TIME_AHEAD: (Check.A14, Severity.ALARM),
    What.NEAR_LIMIT: (Check.A15, Severity.ALARM),
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an audit found, and where."""

    check: Check
    severity: Severity
    what: What
    node: str
    """In whose log it stands; for A10, whose log lacks it. Empty where it accuses neither end."""
    line: str = ""
    seq: int = -1
    """Place in that node's log; for A10, of the event of the other side that names it."""
    path: str = ""
    line_units: int = 0
    """How much it is about, or by how much it differs; the largest there is means at least that."""
    reason: str = ""
    """Why: the code of a refusal or an error; or the proof: its kind, and what it is about; of
    what was dated back, the id of the event; of a slow server, how far its log was followed."""

    def id(self) -> bytes:
        """Give the digest by which this finding is known, whatever its amount is today."""
        about = (self.what.value, self.node, self.line, self.seq, self.path)
        return sha256(b"ruilbrug/finding/v1\n" + encode(about)).digest()

    def at_least(self) -> bool:
        """Tell whether it may be about more than its amount, which is the largest there is."""
        return self.line_units >= SAFE_INTEGER

    def order(self) -> tuple[str, int, str, str, int, str]:
        """Sort by check, then by place."""
        return self.node, self.seq, self.line, self.path, int(self.check[1:]), self.what


def found(
    what: What,
    node: str,
    *,
    line: str = "",
    seq: int = -1,
    path: str = "",
    line_units: int = 0,
    reason: str = "",
) -> Finding:
    """Make a finding: its check and its weight follow from what it is.

    What others sign is added up to any amount; a finding holds what can be written into a log.
    """
    check, severity = CHECKS[what]
    return Finding(
        check=check,
        severity=severity,
        what=what,
        node=node,
        line=line,
        seq=min(seq, SAFE_INTEGER),
        path=path,
        line_units=max(0, min(line_units, SAFE_INTEGER)),
        reason=reason,
    )
