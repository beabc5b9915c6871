"""New rates and opening positions in the books (design section 4, booking).

When terms with another rate come into force, the clearing account is brought from R(b) by the old
rate to R(b) by the new one, against the revaluation account: value changes its measure, and that is
one visible booking, not a leak. The first terms may carry what the two groups owed each other
before: the old account is emptied, and what the two old books disagree about goes, named, to the
group account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.line.drafts import LineDraft
from schemas import cores
from schemas.amounts import to_minor
from schemas.bodies import AccountKind, Posting, RevaluedBody

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line.drafts import Draft
    from projections.books import Books
    from projections.lines import Line


def revalue(books: Books, line: Line, *, old_account: int = 0) -> Generator[Draft, str, None]:
    """Book what changes when terms come into force: a new rate, or an opening position."""
    terms = line.terms
    assert terms is not None
    assert line.clearing
    rate = terms.side(line.us).rate
    opening = terms.opening(line.us) if terms.rev == 1 else 0
    if rate == line.clearing_rate and not opening:
        return
    assert line.clearing_rate is not None
    if opening:
        legs = _opening_legs(books, line.clearing, to_minor(opening, rate), old_account)
    else:
        moved = to_minor(line.balance_units, rate) - to_minor(
            line.balance_units, line.clearing_rate
        )
        other = books.ledger.account_of_kind(AccountKind.REVALUATION)
        assert other is not None
        legs = [Posting(line.clearing, moved), Posting(other.account, -moved)]
    assert sum(leg.amount_minor for leg in legs) == 0, "I1"
    yield LineDraft(
        line=line.line,
        core=cores.LineRevalued,
        fields={"rev": terms.rev, "balance": line.balance_units + opening},
        body=RevaluedBody(v=1, postings=tuple(leg for leg in legs if leg.amount_minor)),
    )


def _opening_legs(
    books: Books, clearing: int, opening_minor: int, old_account: int
) -> list[Posting]:
    """Empty the old account into the clearing account; the rest goes to the group account."""
    group = books.ledger.account_of_kind(AccountKind.GROUP)
    assert group is not None
    old = books.ledger.accounts.get(old_account)
    legs = [Posting(clearing, opening_minor)]
    had = 0
    if old is not None and old.kind is AccountKind.OLD_PARTNER:
        had = books.ledger.balance(old_account)
        legs.append(Posting(old_account, -had))
    return [*legs, Posting(group.account, had - opening_minor)]
