"""The groups that are reached by mail only: contact, pause, and what they said of statements.

A fold of the own log, part of what stands open inside a group. Decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from schemas import bodies

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.books import Books
    from projections.ledger import PostingRow
    from projections.recorded import Recorded

    Step = Callable[[Books, Recorded, object, list[PostingRow]], None]

ANSWERS_MAX: Final = 60
"""So many months are kept in mind; older answers stay in the log."""


class MonthAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a group said last of our statement of one month."""

    month: str
    balance_minor: int
    agrees: bool
    at_s: int
    seq: int
    """Where its reason lies sealed."""


class Partner(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A group that is reached by mail."""

    account: int
    contact: int
    subject: str
    reached_seq: int
    """Where name and address of its contact lie sealed."""
    since_s: int
    paused_seq: int | None = None
    """Where the reason lies sealed, while there are no new trades."""
    answers: tuple[MonthAnswer, ...] = ()
    """The newest of each month, by month."""
    former: tuple[str, ...] = ()
    """Whose data keys sealed earlier contacts: those are destroyed, and stay so."""

    def answer(self, month: str) -> MonthAnswer | None:
        """Give what the group said of a month."""
        return next((one for one in self.answers if one.month == month), None)


def _reached(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del rows
    assert isinstance(body, bodies.PartnerReached)
    before = books.agreeing.partners.get(body.account)
    partner = Partner(
        account=body.account,
        contact=body.contact,
        subject=body.subject,
        reached_seq=event.seq,
        since_s=body.at_s if before is None else before.since_s,
        paused_seq=None if before is None else before.paused_seq,
        answers=() if before is None else before.answers,
        former=_former(before, body),
    )
    books.agreeing.partners.put(body.account, partner)
    books.members.described.put(body.account, event.seq)  # it says the group's name too


def _former(before: Partner | None, body: bodies.PartnerReached) -> tuple[str, ...]:
    if before is None:
        return ()
    return before.former if before.subject == body.subject else (*before.former, before.subject)


def _paused(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del rows
    assert isinstance(body, bodies.PartnerPaused | bodies.PartnerResumed)
    before = books.agreeing.partners.get(body.account)
    if before is None:
        return  # its own body did not come back after a restore
    seq = event.seq if isinstance(body, bodies.PartnerPaused) else None
    books.agreeing.partners.put(body.account, replace(before, paused_seq=seq))


def _answered(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del rows
    assert isinstance(body, bodies.StatementAnswered)
    before = books.agreeing.partners.get(body.account)
    if before is None:
        return  # as above
    answer = MonthAnswer(
        month=body.month,
        balance_minor=body.balance_minor,
        agrees=body.agrees,
        at_s=body.at_s,
        seq=event.seq,
    )
    others = (one for one in before.answers if one.month != body.month)
    answers = sorted((*others, answer), key=lambda one: one.month)[-ANSWERS_MAX:]
    books.agreeing.partners.put(body.account, replace(before, answers=tuple(answers)))


PARTNER_STEPS: Final[dict[type, Step]] = {
    bodies.PartnerReached: _reached,
    bodies.PartnerPaused: _paused,
    bodies.PartnerResumed: _paused,
    bodies.StatementAnswered: _answered,
}
