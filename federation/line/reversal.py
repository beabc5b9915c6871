"""Reversals (design section 4): a payment back, number by number, never recomputed.

The original is named by its path, so there is at most one that counts; the one who was paid
consents by paying back. It stands under the terms by which the original was signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.line.conversion import Quote
from projections.lines import FAILED, Phase
from schemas.core_parts import Fixed, WireCode
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from projections.books import Books
    from projections.lines import Direction, Transfer


def mirror(original: Transfer) -> Quote:
    """Give X, p and q of the payment that reverses `original`."""
    return Quote(original.line_units, original.payee_minor, original.payer_minor)


def mirrored_fixed(fixed: Fixed) -> Fixed:
    """Name the side of a reversal whose price was given, seen from the reversal."""
    return {Fixed.PAYEE: Fixed.PAYER, Fixed.PAYER: Fixed.PAYEE, Fixed.LINE: Fixed.LINE}[fixed]


def mirrors(original: Transfer, numbers: Quote, terms_rev: int) -> bool:
    """Tell whether numbers and terms are the mirror image of the original's."""
    return numbers == mirror(original) and terms_rev == original.terms_rev


def reversed_by(
    books: Books, line: str, original: str, direction: Direction, *, but: str = ""
) -> Transfer | None:
    """Give the transfer that reverses `original` and has not failed, other than path `but`.

    `direction` is that of the reversal: the other one than the original's.
    """
    found = [
        transfer
        for transfer in books.transfers.values()
        if transfer.reverses == original
        and transfer.line == line
        and transfer.direction == direction
        and transfer.path != but
        and transfer.phase not in FAILED
    ]
    return min(found, key=lambda transfer: transfer.phase is Phase.REQUESTED, default=None)


def original_received(books: Books, line: str, original: str, path: str) -> Transfer | Refusal:
    """Give the payment that this node's member received and may give back.

    Refusals, in this order: `reversal_unknown`, `already_reversed`.
    """
    found = books.transfers.get((original, line, "in"))
    if found is None or found.phase is not Phase.CREDITED or found.reverses:
        return Refusal(Code.REVERSAL_UNKNOWN, {"field": "path"})
    if reversed_by(books, line, original, "out", but=path) is not None:
        return Refusal(Code.ALREADY_REVERSED, {"field": "path"})
    return found


def original_paid(
    books: Books, line: str, original: str, path: str, *, asking: bool
) -> Transfer | Refusal:
    """Give the payment that this node's member paid and gets back; refusals as above.

    Asking for it twice is refused; a request alone does not stand in the way of being paid back.
    """
    found = books.transfers.get((original, line, "out"))
    if found is None or found.phase not in (Phase.COMMITTED, Phase.SETTLED) or found.reverses:
        return Refusal(Code.REVERSAL_UNKNOWN, {"field": "path"})
    other = reversed_by(books, line, original, "in", but=path)
    if other is not None and (asking or other.phase is not Phase.REQUESTED):
        return Refusal(Code.ALREADY_REVERSED, {"field": "path"})
    return found


def prepare_wrong(
    books: Books,
    line: str,
    path: str,
    reverses: str,
    terms_rev: int,
    *,
    numbers: Quote,
    member: int,
) -> WireCode | None:
    """Name what is wrong with a partner's prepare (or nothing): it pays back what we paid."""
    original = original_paid(books, line, reverses, path, asking=False)
    if isinstance(original, Refusal):
        return WireCode(original.code.value)
    fits = mirrors(original, numbers, terms_rev) and original.account == member
    return None if fits else WireCode.REVERSAL_UNKNOWN
