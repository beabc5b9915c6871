"""The payee asks, the payer consents (design section 4): requests, and how they end.

A request holds nothing and books nothing. Consent is an ordinary prepare with the same path and the
same numbers (`payer.start`); a refusal, a withdrawal and the end of time are `pay.decline`.

    (none) -request-> REQUESTED -prepare-> as any payment
                                -decline by either side, expiry-> DECLINED
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.line import payee, reversal
from federation.line.conversion import Quote, amounts, fits, quote
from federation.line.drafts import LineDraft
from federation.line.payer import not_now
from projections.lines import Phase, Transfer, granted_by_us
from projections.room import room_to_take
from schemas import cores
from schemas.bodies import RequestBody
from schemas.core_parts import Fixed, WireCode
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line.commands import DeclineRequest, ReceivedEvent, RequestPayment
    from federation.line.drafts import Draft
    from projections.books import Books
    from projections.lines import Line
    from schemas.terms import Terms

_HERE = {
    WireCode.PAYEE_UNKNOWN: Code.ACCOUNT_UNKNOWN,
    WireCode.PAYEE_INACTIVE: Code.ACCOUNT_INACTIVE,
    WireCode.PAYEE_LIMIT: Code.PAYEE_LIMIT,
}


def request(books: Books, command: RequestPayment, *, now_s: int) -> Generator[Draft, str, Any]:
    """Ask to be paid. The same path with the same content gives the same answer again.

    Refusals, in this order: `conflict`, those of `payer.not_now`, of `quote` or
    `reversal.original_paid`; `forbidden` when somebody else paid the original;
    `too_large_for_line`, `line_limit`, `account_unknown`, `account_inactive`, `payee_limit`.
    """
    burned = books.transfers.get((command.path, command.line, "in"))
    if burned is not None:
        same = burned.account == command.payee and burned.reverses == command.original
        return burned if same else Refusal(Code.CONFLICT, {"field": "path"})
    refusal = not_now(books, command.line, command.expires_at_s, now_s=now_s)
    if refusal is not None:
        return refusal
    line = books.lines[command.line]
    assert line.terms is not None
    made = _numbers(books, command, line, line.terms)
    if isinstance(made, Refusal):
        return made
    numbers, fixed, rev = made
    refusal = refused(
        books, command.payee, line, numbers, reverses=bool(command.original), now_s=now_s
    )
    if refusal is not None:
        return refusal
    yield LineDraft(
        line=command.line,
        core=cores.PayRequest,
        fields={
            **amounts(numbers, fixed, terms_rev=rev, reverses=command.original),
            "path": command.path,
            "expires_at_s": command.expires_at_s,
        },
        body=RequestBody(
            v=1,
            payee=command.payee,
            payer=command.peer.payer,
            peer_subject=command.subject,
            entered_by=command.entered_by,
        ),
        peer=command.peer,
        subject=command.subject,
    )
    return books.transfers[command.path, command.line, "in"]


def _numbers(
    books: Books, command: RequestPayment, line: Line, terms: Terms
) -> tuple[Quote, Fixed, int] | Refusal:
    if command.original:
        original = reversal.original_paid(
            books, line.line, command.original, command.path, asking=True
        )
        if isinstance(original, Refusal):
            return original
        if original.account != command.payee:
            return Refusal(Code.FORBIDDEN, {"field": "payee"})
        fixed = reversal.mirrored_fixed(original.fixed)
        return reversal.mirror(original), fixed, original.terms_rev
    numbers = quote(
        command.fixed,
        command.amount,
        payer=terms.other(line.us).rate,
        payee=terms.side(line.us).rate,
    )
    if isinstance(numbers, Refusal):
        return numbers
    return numbers, command.fixed, terms.rev


def refused(
    books: Books, account: int, line: Line, numbers: Quote, *, reverses: bool, now_s: int
) -> Refusal | None:
    """Say now what the prepare would meet: nobody is asked for what cannot be booked."""
    assert line.terms is not None
    if numbers.line_units > line.terms.largest_units and not reverses:
        possible = line.terms.largest_units
        return Refusal(Code.TOO_LARGE_FOR_LINE, {"field": "amount", "possible_units": possible})
    left = granted_by_us(line) - line.owed_to_us()
    if numbers.line_units > left:
        return Refusal(Code.LINE_LIMIT, {"field": "line", "possible_units": max(0, left)})
    code = payee.payee_refused(books, account, numbers.payee_minor, now_s=now_s)
    if code is None:
        return None
    facts: dict[str, int | str] = {"field": "payee"}
    if code is WireCode.PAYEE_LIMIT:
        room = room_to_take(books.ledger, books.ledger.accounts[account], now_s=now_s)
        assert room is not None  # or there were no limit to pass
        facts["possible_minor"] = room
    return Refusal(_HERE[code], facts)


def decline(books: Books, command: DeclineRequest) -> Generator[Draft, str, Any]:
    """Refuse a request as its payer, or take it back as the one who asked.

    Refuses `not_found`, and `already_decided` when it was consented to.
    """
    asked = books.transfers.get((command.path, command.line, "out"))
    code = WireCode.REFUSED
    if asked is None:
        asked = books.transfers.get((command.path, command.line, "in"))
        code = WireCode.CANCELLED
    if asked is None or not asked.request:
        return Refusal(Code.NOT_FOUND, {"field": "path"})
    if asked.phase is Phase.DECLINED:
        return asked
    if asked.phase is not Phase.REQUESTED:
        return Refusal(Code.ALREADY_DECIDED, {"field": "path"})
    yield _declined(asked, code)
    return books.transfers[asked.key()]


def requested(
    books: Books, before: Line, event: ReceivedEvent, core: cores.PayRequest, *, now_s: int
) -> Generator[Draft, str, str]:
    """Look at a request that came in: decline what cannot be, leave the rest to the payer.

    Returns a code when the event cannot be, else the empty string.
    """
    asked = books.transfers[core.path, core.line, "out"]
    if asked.request != event.id:
        return "path_used_again"
    code = wrong_with(books, books.lines[before.line], event, core, now_s=now_s)
    if code is not None:
        yield _declined(asked, code)
    return ""


def wrong_with(
    books: Books, line: Line, event: ReceivedEvent, core: cores.PayRequest, *, now_s: int
) -> WireCode | None:
    """Name why a request cannot be consented to, or give nothing.

    Codes, in this order: `line_not_open`, `expired`; of a reversal `reversal_unknown`,
    `already_reversed`; of the rest `terms_stale`, `amounts_mismatch`, `too_large`,
    `payer_unknown`.
    """
    terms = line.terms
    if terms is None or not line.open():
        return WireCode.LINE_NOT_OPEN
    if now_s >= core.expires_at_s:
        return WireCode.EXPIRED
    numbers = Quote(core.line_units, core.payer_minor, core.payee_minor)
    if core.reverses is not None:
        original = reversal.original_received(books, line.line, core.reverses, core.path)
        if isinstance(original, Refusal):
            return WireCode(original.code.value)
        fine = reversal.mirrors(original, numbers, core.terms_rev)
        return None if fine and original.account == event.member else WireCode.REVERSAL_UNKNOWN
    if core.terms_rev != terms.rev:
        return WireCode.TERMS_STALE
    us, them = terms.side(line.us), terms.other(line.us)
    if not fits(numbers, core.fixed, payer=us.rate, payee=them.rate):
        return WireCode.AMOUNTS_MISMATCH
    if core.line_units > terms.largest_units:
        return WireCode.TOO_LARGE
    account = books.ledger.accounts.get(event.member)
    if account is None or not account.status.books():
        return WireCode.PAYER_UNKNOWN
    return None


def expire(books: Books, *, now_s: int) -> Generator[Draft, str, int]:
    """Take back our own requests whose time is over; returns how many."""
    due = [
        transfer
        for transfer in books.transfers.values()
        if transfer.phase is Phase.REQUESTED
        and transfer.direction == "in"
        and now_s >= transfer.expires_at_s
    ]
    for transfer in due:
        yield _declined(transfer, WireCode.EXPIRED)
    return len(due)


def _declined(asked: Transfer, code: WireCode) -> LineDraft:
    return LineDraft(
        line=asked.line, core=cores.PayDecline, fields={"path": asked.path, "code": code}
    )
