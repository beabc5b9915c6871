"""What is in doubt between two groups, what will happen by itself, and what needs a person.

Pure: reads the books and where deliveries stand, decides nothing and asks nobody.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from projections.lines import Phase, granted_by_them, granted_by_us, near_limit, used_percent
from schemas.core_parts import FreezeReason
from schemas.quarantine import QuarantineCode
from schemas.reasons import words_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.node.delivery import Delivery
    from projections.books import Books
    from projections.lines import Line, Transfer

SILENT_S = 24 * 3600


class Who(StrEnum):
    """Who has to do something."""

    NOBODY = "nobody"
    PERSON = "person"


class Doubt(StrEnum):
    """What may be in doubt on a line: stable codes, a closed list."""

    QUARANTINED = "quarantined"
    PROPOSAL_WAITS = "proposal_waits"
    PROPOSED = "proposed"
    FROZEN_BY_US = "frozen_by_us"
    FROZEN_BY_THEM = "frozen_by_them"
    CLOSING = "closing"
    WE_OWE_MUCH = "we_owe_much"
    THEY_OWE_MUCH = "they_owe_much"
    PARTNER_LEFT = "partner_left"
    RELEASES_NOTHING = "releases_nothing"
    SILENT = "silent"
    ON_ITS_WAY = "on_its_way"
    HELD = "held"
    COMMITTED = "committed"
    ACCEPTED = "accepted"
    VERDICT_LATE = "verdict_late"
    SILENT_VERDICT = "silent_verdict"
    REQUESTED = "requested"
    CONSENT_WAITS = "consent_waits"


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a coordinator should know: a stable code, and what it is about."""

    line: str
    code: Doubt
    needs: Who
    text: str
    """What is in doubt, and what happens next, in plain English."""
    path: str = ""


def examine(
    books: Books, line: Line, delivery: Delivery, *, left: bool, releases: bool, now_s: int
) -> list[Advice]:
    """Say everything worth knowing about one line, what needs a person first.

    `left`: the other group is in no register with us any more, and nobody here has invited it.
    """
    partner = _left(line) if left else _partner(line, delivery, releases=releases, now_s=now_s)
    found = [
        *_agreement(line, left=left),
        *_limits(line),
        *partner,
        *_trades(books, line, now_s=now_s),
    ]
    return sorted(found, key=lambda advice: advice.needs is Who.NOBODY)


def _advice(line: Line, code: Doubt, needs: Who, text: str, path: str = "") -> Advice:
    return Advice(line=line.line, code=code, needs=needs, text=text, path=path)


def _why(kind: type[FreezeReason | QuarantineCode], code: str) -> str:
    return words_for(kind(code)).what


def _agreement(line: Line, *, left: bool) -> Iterator[Advice]:
    if line.quarantined:
        yield _advice(
            line,
            Doubt.QUARANTINED,
            Who.PERSON,
            f"Set aside ({line.quarantined}). {_why(QuarantineCode, line.quarantined)} No new "
            "trades; what is under way goes on. Talk to the other group, then end it with "
            "'ruilbrug line release'.",
        )
    if line.their_proposal is not None:
        yield _advice(
            line,
            Doubt.PROPOSAL_WAITS,
            Who.PERSON,
            "The other group proposes terms: answer with 'ruilbrug line accept' or 'line refuse'.",
        )
    if line.own_proposal is not None:
        yield _advice(line, Doubt.PROPOSED, Who.NOBODY, "Our proposal waits for their answer.")
    if line.own_frozen:
        yield _advice(
            line,
            Doubt.FROZEN_BY_US,
            Who.PERSON,
            f"We admit no new trades ({line.own_frozen}). {_why(FreezeReason, line.own_frozen)} "
            "What is under way goes on. Lift it with 'ruilbrug line unfreeze'.",
        )
    if line.their_frozen:
        yield _advice(
            line,
            Doubt.FROZEN_BY_THEM,
            Who.NOBODY,
            f"The other group admits no new trades for the moment ({line.their_frozen}). "
            f"{_why(FreezeReason, line.their_frozen)}",
        )
    follows = not (left and line.own_closed)  # who has left closes nothing any more
    if line.own_closed != line.their_closed and not line.balance_units and follows:
        text = "One side has closed the line; the other follows once nothing is pending."
        yield _advice(line, Doubt.CLOSING, Who.NOBODY, text)


def _limits(line: Line) -> Iterator[Advice]:
    if line.terms is None or line.closed():
        return
    for code, owed, granted, whose in (
        (Doubt.WE_OWE_MUCH, line.owed_by_us(), granted_by_them(line), "We owe"),
        (Doubt.THEY_OWE_MUCH, line.owed_to_us(), granted_by_us(line), "They owe"),
    ):
        if near_limit(owed, granted):
            percent = used_percent(owed, granted)
            yield _advice(
                line,
                code,
                Who.PERSON,
                f"{whose} {percent}% of what is allowed. Look for offers that bring it back, or "
                "propose a higher limit.",
            )


def _left(line: Line) -> Iterator[Advice]:
    if not line.own_closed:
        yield _advice(
            line,
            Doubt.PARTNER_LEFT,
            Who.PERSON,
            "The other group has left the register. Talk to its coordinators; if it owes us, "
            "'ruilbrug line close' books that as a loss of the group. 'ruilbrug line invite' "
            "goes on without the register.",
        )


def _partner(line: Line, delivery: Delivery, *, releases: bool, now_s: int) -> Iterator[Advice]:
    unsent = line.out_n - delivery.acknowledged_n
    if unsent <= 0:
        return
    if not releases:
        yield _advice(
            line,
            Doubt.RELEASES_NOTHING,
            Who.PERSON,
            f"{unsent} messages wait: this node sends nothing until umbrella and partners have "
            "said how long its log is; 'ruilbrug node status' names who has not. If this server "
            "was not put back from a backup or a snapshot, 'ruilbrug node override' lets it go on.",
        )
    elif now_s - delivery.last_contact_at_s > SILENT_S and delivery.failures:
        yield _advice(
            line,
            Doubt.SILENT,
            Who.PERSON,
            f"The other group has not answered for more than a day; {unsent} messages wait. It is "
            "tried again by itself; ask their coordinators whether their server is on.",
        )
    else:
        text = f"{unsent} messages are on their way."
        yield _advice(line, Doubt.ON_ITS_WAY, Who.NOBODY, text)


def _trades(books: Books, line: Line, *, now_s: int) -> Iterator[Advice]:
    for transfer in books.transfers.values():
        if transfer.line == line.line and transfer.phase in _ABOUT:
            code, text = _ABOUT[transfer.phase]
            if transfer.phase is Phase.REQUESTED and transfer.direction == "out":
                code, text = (
                    Doubt.CONSENT_WAITS,
                    "A member of ours is asked to pay and can consent.",
                )
            if transfer.phase is Phase.ACCEPTED and _late(transfer, now_s):
                code, text = Doubt.VERDICT_LATE, _VERDICT_LATE
            needs = Who.PERSON if transfer.phase is Phase.SILENT else Who.NOBODY
            yield _advice(line, code, needs, text, transfer.path)


def _late(transfer: Transfer, now_s: int) -> bool:
    return now_s > transfer.expires_at_s


_VERDICT_LATE = (
    "The other group has not said yet whether this is booked. Seven days after its end our "
    "member's room is free again; if it was booked it will still be credited."
)
_ABOUT = {
    Phase.PREPARED: (
        Doubt.HELD,
        "Waits for the other group; given back by itself when time is over.",
    ),
    Phase.COMMITTED: (Doubt.COMMITTED, "Booked here; they see it as soon as they answer."),
    Phase.ACCEPTED: (Doubt.ACCEPTED, "Accepted by us; waits for the other group's decision."),
    Phase.SILENT: (
        Doubt.SILENT_VERDICT,
        "No decision for a week. The other group's coordinators can say whether it was booked.",
    ),
    Phase.REQUESTED: (Doubt.REQUESTED, "Asked for; the other side can still consent or decline."),
}
