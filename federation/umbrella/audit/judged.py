"""One payment, held together over all that said something of it: A3, A4, A6 to A8, A11 and A12.

Pure. What is missing is wrong only when the log in which it should stand was read as far as the
one who builds on it had seen it; before, it is only not known yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.line.conversion import Quote, fits
from federation.umbrella.audit.agreed import accepted, granted_units, terms_of
from federation.umbrella.audit.records import Given, Taken, place
from schemas.findings import What, found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from federation.umbrella.audit.agreed import InForce
    from federation.umbrella.audit.records import (
        Accepted,
        Committed,
        Credited,
        LineRecord,
        PathRecord,
        Prepared,
        Side,
        State,
    )
    from schemas.findings import Finding
    from schemas.pay_cores import SignedDecision
    from schemas.terms import Terms


class Judge:
    """By what an audit judges: the time, what counts as late, and who checks a decision.

    Made anew for each judgement, during which no line changes.
    """

    def __init__(self, now_s: int, lag_s: int, signed: Callable[[SignedDecision], bool]) -> None:
        """Begin a judgement."""
        self.now_s, self.lag_s, self.signed = now_s, lag_s, signed
        self._in_force: dict[str, tuple[InForce, ...]] = {}

    def in_force(self, line: LineRecord) -> tuple[InForce, ...]:
        """Give all terms that were ever in force on a line; each payment on it is held to them."""
        known = self._in_force.get(line.line)
        if known is None:
            known = self._in_force[line.line] = tuple(accepted(line))
        return known


class Leg(NamedTuple):
    """A payment on one line: who pays whom, and what each said."""

    path: str
    line: LineRecord
    payer: Side
    payee: Side
    given: Given
    taken: Taken

    def find(self, what: What, side: Side, seq: int, line_units: int) -> Finding:
        """Make a finding about this leg."""
        return found(
            what,
            side.node,
            line=self.line.line,
            seq=seq,
            path=self.path,
            line_units=line_units,
        )

    def done(self) -> bool:
        """Tell whether nothing more is to come of it, and both logs were read that far."""
        given, taken = self.given, self.taken
        if given.aborted:
            ended = taken.rejected or taken.released
        else:
            ended = None not in (given.prepare, given.commit, taken.accept, taken.receipt)
        return ended and self._read()

    def _read(self) -> bool:
        """Tell whether each log was read as far as the other side had seen it."""
        given = (one.seen_n for one in (self.given.prepare, self.given.commit) if one)
        taken = (one.seen_n for one in (self.taken.accept, self.taken.receipt) if one)
        return max(given, default=0) <= self.payee.n and max(taken, default=0) <= self.payer.n


def legs(state: State, record: PathRecord) -> Iterator[Leg]:
    """Give each line of a path on which anybody said anything, once both sides are known."""
    places = {key.split(" ")[0] for key in (*record.given, *record.taken)}
    for name in sorted(places):
        line = state.lines[name]
        pair = line.pair()
        for payer, payee in () if pair is None else (pair, pair[::-1]):
            given = record.given.get(place(name, payer.node))
            taken = record.taken.get(place(name, payee.node))
            if given or taken:
                yield Leg(record.path, line, payer, payee, given or Given(), taken or Taken())


def judge(state: State, record: PathRecord, by: Judge) -> tuple[list[Finding], bool]:
    """Give what is wrong with a payment, and whether nothing more is to come of it."""
    findings: list[Finding] = []
    every = list(legs(state, record))
    for leg in every:
        findings += _prepared(state, leg, by)
        findings += _accepted(leg, by)
        findings += _committed(leg, by)
        findings += _credited(leg)
        findings += _undecided(leg, by)
    findings += _between(every)
    known = {place(leg.line.line, leg.payer.node) for leg in every}
    known |= {place(leg.line.line, leg.payee.node) for leg in every}
    whole = all(key in known for key in (*record.given, *record.taken))
    return findings, whole and all(leg.done() for leg in every)


def _prepared(state: State, leg: Leg, by: Judge) -> Iterator[Finding]:
    """A7: p, X and q follow from the terms that the prepare names; a reversal mirrors."""
    said = leg.given.prepare
    if said is None:
        return
    numbers = Quote(said.line_units, said.payer_minor, said.payee_minor)
    read = leg.payee.n >= said.seen_n
    if said.reverses:
        original = _original(state, leg, said)
        if original is None:
            if read:
                yield leg.find(What.REVERSAL_UNKNOWN, leg.payer, said.seq, said.line_units)
            return
        mirror = Quote(original.line_units, original.payee_minor, original.payer_minor)
        if mirror != numbers or original.terms_rev != said.terms_rev:
            yield leg.find(What.REVERSAL_DIFFERS, leg.payer, said.seq, said.line_units)
        return
    named = terms_of(by.in_force(leg.line), said.terms_rev)
    if not named:
        if read:
            yield leg.find(What.TERMS_UNKNOWN, leg.payer, said.seq, said.line_units)
        return
    if not any(_fits(leg, said, numbers, terms) for terms in named):
        yield leg.find(What.AMOUNTS_DIFFER, leg.payer, said.seq, said.line_units)


def _fits(leg: Leg, said: Prepared, numbers: Quote, terms: Terms) -> bool:
    payer, payee = terms.side(leg.payer.node), terms.side(leg.payee.node)
    return fits(numbers, said.fixed, payer=payer.rate, payee=payee.rate)


def _original(state: State, leg: Leg, said: Prepared) -> Prepared | None:
    record = state.paths.get(said.reverses)
    half = None if record is None else record.given.get(place(leg.line.line, leg.payee.node))
    return None if half is None else half.prepare


def _accepted(leg: Leg, by: Judge) -> Iterator[Finding]:
    """A11: what is accepted was prepared; A6: and its payer's side had room for it (I8)."""
    said = leg.taken.accept
    if said is None or leg.payer.n < said.seen_n:
        return
    prepare = leg.given.prepare
    if prepare is None or prepare.id != said.prepare or prepare.n > said.seen_n:
        yield leg.find(What.ACCEPT_WITHOUT_PREPARE, leg.payee, said.seq, said.line_units)
    elif prepare.line_units != said.line_units:
        off = abs(prepare.line_units - said.line_units)
        yield leg.find(What.UNITS_CHANGED, leg.payee, said.seq, off)
    granted = granted_units(by.in_force(leg.line), leg.payee, said.n, said.seen_n)
    if granted is None or said.owed_units > granted:
        over = said.owed_units - (granted or 0)
        yield leg.find(What.BEYOND_LIMIT, leg.payee, said.seq, over)


def _committed(leg: Leg, by: Judge) -> Iterator[Finding]:
    """A11: what is committed was accepted; A3: what was acknowledged is credited; A8: in time."""
    said = leg.given.commit
    if said is None or leg.payee.n < said.seen_n:
        return
    accept = leg.taken.accept
    if accept is None or accept.id != said.accept or accept.n > said.seen_n:
        yield leg.find(What.COMMIT_WITHOUT_ACCEPT, leg.payer, said.seq, said.line_units)
        return
    if accept.line_units != said.line_units:
        off = abs(accept.line_units - said.line_units)
        yield leg.find(What.UNITS_CHANGED, leg.payer, said.seq, off)
        return
    if leg.taken.receipt is None:
        yield from _unanswered(leg, said, by)


def _unanswered(leg: Leg, said: Committed, by: Judge) -> Iterator[Finding]:
    given = leg.given
    if given.unsigned:
        return  # told where it stands
    if leg.payee.seen_n >= said.n:
        # the payee credits nothing by the decision of anybody but the payer's own group
        own = given.own if given.own_seq == said.seq else None
        if own is not None and by.signed(own):
            yield leg.find(What.NOT_CREDITED, leg.payee, said.seq, said.line_units)
        else:
            yield leg.find(What.DECISION_UNSIGNED, leg.payer, said.seq, said.line_units)
    elif by.now_s > said.ts + by.lag_s:
        yield leg.find(What.COMMIT_UNANSWERED, leg.payee, said.seq, said.line_units)


def _credited(leg: Leg) -> Iterator[Finding]:
    """A4: what is credited was committed, unit for unit."""
    said = leg.taken.receipt
    if said is None or leg.payer.n < said.seen_n:
        return
    commit = leg.given.commit
    if commit is None or commit.id != said.commit or commit.n > said.seen_n:
        yield leg.find(What.CREDIT_WITHOUT_COMMIT, leg.payee, said.seq, said.line_units)
    elif commit.line_units != said.line_units:
        off = abs(commit.line_units - said.line_units)
        yield leg.find(What.UNITS_CHANGED, leg.payee, said.seq, off)


def _undecided(leg: Leg, by: Judge) -> Iterator[Finding]:
    """A8: what is accepted is decided in time; until then it uses up the payer's own limit."""
    said: Accepted | None = leg.taken.accept
    silent = said is not None and not (leg.given.commit or leg.given.aborted)
    if said is not None and silent and by.now_s > said.ts + by.lag_s:
        yield leg.find(What.ACCEPT_UNDECIDED, leg.payer, said.seq, said.line_units)


def _between(every: list[Leg]) -> Iterator[Finding]:
    """A12: who passes a payment on gives exactly what it got (I5).

    Only for one who commits by somebody else's decision: a path that a group began itself is its
    own, even where a partner uses the same name.
    """
    for got in every:
        credited: Credited | None = got.taken.receipt
        before = got.given.commit
        if credited is None or before is None:
            continue
        for gave in every:
            passed = gave.given.commit
            if gave.payer.node != got.payee.node or gave.line is got.line or passed is None:
                continue
            if passed.origin not in (gave.payer.node, "") and passed.origin == before.origin:
                off = abs(passed.line_units - credited.line_units)
                if off:
                    yield gave.find(What.LEGS_DIFFER, gave.payer, passed.seq, off)
