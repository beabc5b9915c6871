"""How two groups come to terms (design section 4): propose, accept, refuse.

Each side has at most one open proposal; one that meets the other's own open proposal is refused,
so two revisions can never both be signed. A semantically bad proposal is stored and refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.line.drafts import Draft, LineDraft, LocalDraft
from federation.line.revaluation import revalue
from schemas import cores
from schemas.amounts import LINE_UNITS_PER_HOUR
from schemas.bodies import AccountKind, AccountOpened, AccountStatus, ProposeBody
from schemas.cores import WireCode
from schemas.errors import Code, Refusal
from schemas.ids import line_id
from schemas.terms import HOURS_GRANTED_MAX, Terms, terms_hash

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line.commands import AnswerTerms, ProposeTerms
    from projections.books import Books
    from projections.lines import Line


def propose(books: Books, command: ProposeTerms, *, us: str) -> Generator[Draft, str, Any]:
    """Offer terms to another group. The same open proposal again gives the same answer.

    Refusals, in this order: `peer_unknown`, `proposal_open`, `line_not_open` (quarantined),
    `terms_invalid` (names what is wrong).
    """
    if not command.known:
        return Refusal(Code.PEER_UNKNOWN, {"field": "peer"})
    terms = command.terms
    line = books.lines.get(terms.line)
    if line is not None and line.own_proposal == terms:
        return line
    refusal = None if line is None else proposes_nothing(line)
    if refusal is not None:
        return refusal
    wrong = wrong_with(books, terms, us=us, peer=command.peer, counter=command.counter, line=line)
    if wrong:
        return Refusal(Code.TERMS_INVALID, {"field": wrong})
    yield _proposal(terms, command.counter, command.old_account)
    return books.lines[terms.line]


def proposes_nothing(line: Line) -> Refusal | None:
    """Refuse a proposal on a line where none can be made now: one waits, or it is not open."""
    if line.own_proposal or line.their_proposal:
        return Refusal(Code.PROPOSAL_OPEN, {"field": "line"})
    if line.quarantined or line.own_closed or line.their_closed:
        return Refusal(Code.LINE_NOT_OPEN, {"field": "line"})
    return None


def _proposal(terms: Terms, counter: int, old_account: int) -> LineDraft:
    return LineDraft(
        line=terms.line,
        core=cores.TermsPropose,
        fields={"counter": counter, "terms": terms},
        body=ProposeBody(v=1, old_account=old_account) if old_account else None,
    )


def wrong_with(
    books: Books, terms: Terms, *, us: str, peer: str, counter: int, line: Line | None
) -> str:
    """Name the first field of proposed terms that cannot be, or give the empty string."""
    if terms.line != line_id(us, peer, counter):
        return "line"
    if {terms.lower.node, terms.higher.node} != {us, peer} or terms.lower.node >= terms.higher.node:
        return "node"
    before = None if line is None else line.terms
    if terms.rev != (1 if before is None else before.rev + 1):
        return "rev"
    if terms.previous != (None if before is None else terms_hash(before)):
        return "previous"
    if not (terms.lower.rate.terms_rule() and terms.higher.rate.terms_rule()):
        return "rate"
    granted_max = HOURS_GRANTED_MAX * LINE_UNITS_PER_HOUR
    if max(terms.lower.grants_units, terms.higher.grants_units) > granted_max:
        return "grants"
    if terms.largest_units > granted_max:
        return "largest"
    if terms.opening_units and (before is not None or abs(terms.opening_units) > granted_max):
        return "opening"
    settings = books.ledger.settings
    if settings is None or terms.side(us).rate != settings.unit.rate:
        return "rate"
    return ""


def answer(books: Books, command: AnswerTerms, *, now_s: int) -> Generator[Draft, str, Any]:
    """Accept or refuse the other side's open proposal, named by its hash.

    Refuses `not_found` when no such proposal is open, and `line_not_open` on a line that is
    closed or quarantined. Accepting what is in force already gives the same answer again.
    """
    line = books.lines.get(command.line)
    if line is None:
        return Refusal(Code.NOT_FOUND, {"field": "line"})
    if line.terms is not None and terms_hash(line.terms) == command.terms and command.accept:
        return line
    open_proposal = line.their_proposal
    if open_proposal is None or terms_hash(open_proposal) != command.terms:
        return Refusal(Code.NOT_FOUND, {"field": "terms"})
    if line.quarantined or line.own_closed or line.their_closed:
        return Refusal(Code.LINE_NOT_OPEN, {"field": "line"})
    fields: dict[str, Any] = {"rev": open_proposal.rev, "terms": command.terms}
    if not command.accept:
        yield LineDraft(
            line=line.line,
            core=cores.TermsRefuse,
            fields={**fields, "code": WireCode.REFUSED},
        )
        return books.lines[command.line]
    yield LineDraft(line=line.line, core=cores.TermsAccept, fields=fields)
    yield from in_force(books, line.line, old_account=command.old_account, now_s=now_s)
    return books.lines[command.line]


def proposed(
    books: Books, before: Line, proposal: cores.TermsPropose
) -> Generator[Draft, str, None]:
    """Look at a proposal that came in: refuse what cannot be, leave the rest to a coordinator."""
    crossed = before.own_proposal is not None
    wrong = wrong_with(
        books,
        proposal.terms,
        us=before.us,
        peer=before.peer,
        counter=proposal.counter,
        line=books.lines[before.line],
    )
    if crossed or wrong:
        yield LineDraft(
            line=before.line,
            core=cores.TermsRefuse,
            fields={
                "rev": proposal.terms.rev,
                "terms": terms_hash(proposal.terms),
                "code": WireCode.CROSSED if crossed else WireCode.TERMS_OTHER,
            },
        )


def refused(books: Books, before: Line, refusal: cores.TermsRefuse) -> Generator[Draft, str, None]:
    """After two proposals have crossed and both are refused, the smaller node id proposes again."""
    ours = before.own_proposal
    crossed = refusal.code is WireCode.CROSSED and ours is not None
    if not crossed or ours is None or terms_hash(ours) != refusal.terms or before.us > before.peer:
        return
    line = books.lines[before.line]
    if line.their_proposal is None and not (line.quarantined or line.own_closed):
        yield _proposal(ours, before.counter, before.old_account)


def in_force(
    books: Books, name: str, *, old_account: int, now_s: int
) -> Generator[Draft, str, None]:
    """Book what new terms change: the clearing account is opened, a rate or opening is booked."""
    line = books.lines[name]
    if line.terms is None:
        return
    yield from _clearing_account(books, line, now_s=now_s)
    yield from revalue(books, books.lines[name], old_account=old_account)


def _clearing_account(books: Books, line: Line, *, now_s: int) -> Generator[Draft, str, None]:
    """Open the account that stands for the partner, once terms are in force."""
    if line.clearing:
        return
    yield LocalDraft(
        AccountOpened(
            v=1,
            at_s=now_s,
            account=books.ledger.next_account,
            code=f"groep {line.line[:12]}",
            kind=AccountKind.CLEARING,
            status=AccountStatus.ACTIVE,
            line=line.line,
            unlimited=True,
        )
    )
