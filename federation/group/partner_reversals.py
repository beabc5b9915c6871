"""Giving back a trade that the contact of a group without a node has confirmed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.group.members import not_coordinator
from federation.group.partners import for_both, room_refused
from federation.group.requests import original_of
from federation.line.drafts import LocalDraft
from schemas import bodies
from schemas.bodies import AccountKind, Posting
from schemas.errors import Code, Refusal
from schemas.openings import TransferText

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.group.partner_commands import ReverseTrade
    from federation.line.drafts import Draft
    from projections.books import Books


def reverse(books: Books, command: ReverseTrade, *, now_s: int) -> Generator[Draft, str, Any]:
    """Give back what a confirmed trade moved, in one event; its contact is told by mail.

    A trade that a contact confirmed is in the books of both: neither a member nor a link undoes
    it alone. Refusals, in this order: `forbidden`, `text_missing` without a reason,
    `reversal_unknown` for what is no trade with this group, `already_reversed`,
    `account_inactive`, `payer_limit`, `payee_limit`.
    """
    refusal = not_coordinator(books, command.actor)
    if refusal is None and not command.description:
        refusal = Refusal(Code.TEXT_MISSING, {"field": "description"})
    if refusal is not None:
        return refusal
    original = original_of(books, command.original)
    if isinstance(original, Refusal):
        return original
    parties = [leg.account for leg in original]
    if command.partner not in parties or command.partner not in books.agreeing.partners:
        return Refusal(Code.REVERSAL_UNKNOWN, {"field": "trade"})
    payee, payer = parties  # who gave has it back
    amount = original[1].amount_minor
    refusal = room_refused(books, payer, payee, amount, now_s=now_s)
    if refusal is not None:
        return refusal
    postings = (Posting(payer, -amount), Posting(payee, amount))
    assert sum(posting.amount_minor for posting in postings) == 0, "I1"
    back = payee == command.partner
    text = TransferText(
        description=command.description,
        payer_real="" if back else command.person,
        payee_real=command.person if back else "",
    )
    group = books.ledger.account_of_kind(AccountKind.GROUP)
    yield LocalDraft(
        bodies.TransferBooked(
            v=1,
            at_s=now_s,
            key=command.key,
            postings=postings,
            entered_by=command.actor or (None if group is None else group.account),
            reverses=command.original,
        ),
        for_both(books, payer if back else payee, text),
    )
    return postings
