"""What a payment is before it is admitted: whose, what it costs, under which terms.

Three ways lead to one plan: by the terms in force, as it was asked, or mirrored from an original.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.line import reversal
from federation.line.commands import ConsentToRequest, ReversePayment, StartPayment
from federation.line.conversion import Quote, quote
from schemas.core_parts import Fixed
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from projections.books import Books
    from projections.lines import Line, Transfer
    from schemas.openings import PeerText
    from schemas.terms import Terms


class Plan(NamedTuple):
    """A payment that may start: whose, what it costs, under which terms, and until when."""

    payer: int
    numbers: Quote
    fixed: Fixed
    terms_rev: int
    expires_at_s: int
    peer: PeerText
    subject: str
    entered_by: int | None = None
    reverses: str = ""


def plan(books: Books, command: StartPayment | ReversePayment | ConsentToRequest) -> Plan | Refusal:
    """Find out what a payment costs: by the terms, as it was asked, or mirrored from the original.

    Refusals, in this order: of a payment `conflict` (the path was asked for), the refusals of
    `quote`; of a consent `not_found`, `request_stale`; `quote_changed`; of a reversal those of
    `reversal.original_received`.
    """
    line = books.lines[command.line]
    assert line.terms is not None
    asked = books.transfers.get((command.path, command.line, "out"))
    match command:
        case ReversePayment():
            return _plan_reversal(books, command)
        case ConsentToRequest():
            made = _plan_consent(books, command, asked, line.terms.rev)
        case StartPayment():
            made = _plan_payment(command, asked, line, line.terms)
    if isinstance(made, Refusal):
        return made
    if command.expected_minor not in (None, made.numbers.payer_minor):
        possible = made.numbers.payer_minor
        return Refusal(Code.QUOTE_CHANGED, {"field": "amount", "possible_minor": possible})
    return made


def _plan_payment(
    command: StartPayment, asked: Transfer | None, line: Line, terms: Terms
) -> Plan | Refusal:
    if asked is not None:
        return Refusal(Code.CONFLICT, {"field": "path"})
    numbers = quote(
        command.fixed,
        command.amount,
        payer=terms.side(line.us).rate,
        payee=terms.other(line.us).rate,
    )
    if isinstance(numbers, Refusal):
        return numbers
    return Plan(
        command.payer,
        numbers,
        command.fixed,
        terms.rev,
        command.expires_at_s,
        command.peer,
        command.subject,
        command.entered_by,
    )


def _plan_consent(
    books: Books, command: ConsentToRequest, asked: Transfer | None, rev: int
) -> Plan | Refusal:
    if asked is None:
        return Refusal(Code.NOT_FOUND, {"field": "path"})
    if asked.terms_rev != rev and not asked.reverses:
        return Refusal(Code.REQUEST_STALE, {"field": "path"})
    numbers = Quote(asked.line_units, asked.payer_minor, asked.payee_minor)
    if asked.reverses:
        original = reversal.original_received(books, command.line, asked.reverses, command.path)
        if isinstance(original, Refusal):
            return original
        if not reversal.mirrors(original, numbers, asked.terms_rev):
            return Refusal(Code.REVERSAL_UNKNOWN, {"field": "path"})
        if original.account != command.payer:
            return Refusal(Code.FORBIDDEN, {"field": "payer"})
    return Plan(
        command.payer,
        numbers,
        asked.fixed,
        asked.terms_rev,
        min(command.expires_at_s, asked.expires_at_s),
        command.peer,
        command.subject,
        command.entered_by,
        asked.reverses,
    )


def _plan_reversal(books: Books, command: ReversePayment) -> Plan | Refusal:
    original = reversal.original_received(books, command.line, command.original, command.path)
    if isinstance(original, Refusal):
        return original
    return Plan(
        original.account,
        reversal.mirror(original),
        reversal.mirrored_fixed(original.fixed),
        original.terms_rev,
        command.expires_at_s,
        command.peer,
        command.subject,
        command.entered_by,
        command.original,
    )
