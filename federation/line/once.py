"""What two members agreed on is booked once, by whichever id comes first. Pure.

Who gives and who is given book a proposal under different ids (`projections.threads.booking_ids`),
so neither waits for the other's group; and the payer has two ways, to book it and to consent to
what the payee asked for. Each of these commands names the other ids. Only the single writer can
tell which came first, so the rule is asked when it decides and never before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from projections.agreeing import RequestPhase
from projections.lines import FAILED, Phase
from schemas.encoding import unb64
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from projections.books import Books

_NOTHING_GIVEN: Final = FAILED | {Phase.REQUESTED}


def booked_already(
    books: Books, other_ids: Sequence[str], used: Container[bytes] = frozenset()
) -> Refusal | None:
    """Refuse `booked_already` when units were given under one of these ids, or are held for it.

    `used` are the keys under which something was done, among them those of bookings inside the
    group. What was only asked for, or has failed, stands in the way of nothing.
    """
    if any(_given(books, name, used) for name in other_ids):
        return Refusal(Code.BOOKED_ALREADY, {"field": "trade"})
    return None


def _given(books: Books, name: str, used: Container[bytes]) -> bool:
    request = books.agreeing.requests.get(name)
    if request is not None:
        return request.phase is RequestPhase.BOOKED
    if unb64(name) in used:
        return True
    paid = (books.transfers.get((name, line.line, "out")) for line in books.lines.values())
    return any(transfer.phase not in _NOTHING_GIVEN for transfer in paid if transfer is not None)
