"""The life of a line as events: terms, limits, pauses, closing, heads, notes (design section 4)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from schemas.core_parts import Commitments, FreezeReason, LineCore, WireCode
from schemas.ids import Amount, Count, Hash, Positive, line_id
from schemas.terms import Terms

FORGETS_MAX = 64


class TermsPropose(LineCore, frozen=True, kw_only=True, tag="terms.propose"):
    """Offers terms; `counter` is the one that the line id was made with."""

    counter: Count
    terms: Terms
    commitments: Commitments | None = None

    def names_its_line(self) -> bool:
        """Tell whether these are terms of this line, and the line one of its proposer's."""
        ends = self.terms.lower.node, self.terms.higher.node
        named = self.terms.line == self.line == line_id(*ends, self.counter)
        return named and self.origin in ends and ends[0] < ends[1]


class TermsAccept(LineCore, frozen=True, kw_only=True, tag="terms.accept"):
    """Accepts the other side's open proposal by its hash."""

    rev: Positive
    terms: Hash


class TermsRefuse(LineCore, frozen=True, kw_only=True, tag="terms.refuse"):
    """Refuses the other side's open proposal."""

    rev: Positive
    terms: Hash
    code: WireCode


class LineLimit(LineCore, frozen=True, kw_only=True, tag="line.limit"):
    """Lowers, alone and without new terms, how much its sender lets the other side owe it."""

    grants_units: Count


class LineFreeze(LineCore, frozen=True, kw_only=True, tag="line.freeze"):
    """Its sender admits no new trades on this line; what is under way goes on."""

    reason: FreezeReason


class LineUnfreeze(LineCore, frozen=True, kw_only=True, tag="line.unfreeze"):
    """Its sender admits new trades again."""


class LineClose(LineCore, frozen=True, kw_only=True, tag="line.close"):
    """Its sender is done with this line: at zero, or alone with a partner that has gone.

    `written_off_units` is what the partner owed when it had left the register.
    """

    balance: Amount
    """The sender's line balance after this event."""
    written_off_units: Count = 0
    commitments: Commitments | None = None


class LineRevalued(LineCore, frozen=True, kw_only=True, tag="line.revalued"):
    """The sender's clearing account now stands by the rate of terms `rev`.

    For the first terms with an opening position it books that position.
    """

    rev: Positive
    balance: Amount
    commitments: Commitments


class LineHeads(LineCore, frozen=True, kw_only=True, tag="line.heads"):
    """Where the sender's books stand; with `seen` it is a claim at matching heads (A5)."""

    paid: Count
    """All line units that the sender ever committed."""
    credited: Count
    """All line units that the sender ever gave a receipt for."""
    balance: Amount


class LineNote(LineCore, frozen=True, kw_only=True, tag="line.note"):
    """A message of a thread; text, thread and people lie in the peer layer."""

    commitments: Commitments


class LineForget(LineCore, frozen=True, kw_only=True, tag="line.forget"):
    """Obliges the other side to drop the peer layers with these commitments."""

    forgets: Annotated[tuple[Hash, ...], Meta(min_length=1, max_length=FORGETS_MAX)]
