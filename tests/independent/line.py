"""One side of a line, worked out again from both chains: terms, limits, balance, every payment.

Own events say in `seen` how much of the partner's chain had been processed, so the replay knows
the order exactly. Whatever differs from what design section 4 gives is an AssertionError.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

from tests.independent.encoding import b64
from tests.independent.ledger import Ledger, legs
from tests.independent.rates import Numbers, numbers, stands_for

REASONS = frozenset({"coordinator", "maintenance", "too_many_errors", "findings"})
FORGETS_MAX = 64


class Entry(NamedTuple):
    """One event, decoded; a received one has no body."""

    id: str
    core: dict[str, Any]
    body: dict[str, Any] | None = None


class Trade:
    """One payment as this side knows it."""

    def __init__(self, prepare: Entry, direction: str, account: int) -> None:
        core = prepare.core
        self.prepare = prepare
        self.direction = direction
        self.account = account
        self.numbers: Numbers = (core["line_units"], core["payer_minor"], core["payee_minor"])
        self.accept = ""
        self.phase = "prepared" if direction == "out" else "accepted"

    @property
    def units(self) -> int:
        return self.numbers[0]


def canonical(value: Any) -> bytes:
    """RFC 8785 for integers, texts, lists and objects with plain keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def terms_hash(terms: dict[str, Any]) -> str:
    return b64(hashlib.sha256(b"ruilbrug/terms/v1\n" + canonical(terms)).digest())


def covered(proposal: dict[str, Any] | None) -> str:
    """Name the open proposal that a limit lowered now counts for as well."""
    return "" if proposal is None else terms_hash(proposal)


class LineSide:
    """A line seen from `us`; `received` is the partner's chain as it came in."""

    def __init__(self, us: str, line: str, received: list[Entry], ledger: Ledger) -> None:
        self.us = us
        self.line = line
        self.ledger = ledger
        self.received = received
        self.own: list[Entry] = []
        self.taken = 0
        self.terms: dict[int, dict[str, Any]] = {}
        self.own_proposal: dict[str, Any] | None = None
        self.their_proposal: dict[str, Any] | None = None
        self.own_limit: tuple[int, str] | None = None
        self.their_limit: tuple[int, str] | None = None
        self.frozen = {"own": False, "theirs": False}
        self.forgotten: set[str] = set()
        """Commitments of peer layers that either side had dropped."""
        self.rate: dict[str, Any] | None = None
        self.balance = self.paid = self.credited = self.held_out = self.held_in = 0
        self.written_off = 0
        """What the partner owed when this side closed alone."""
        self.closed = self.their_closed = False
        self.trades: dict[tuple[str, str], Trade] = {}
        self.reversed: set[tuple[str, str]] = set()
        """Direction of a booked reversal, and the path of what it reverses."""
        self.first: dict[tuple[str, str], Entry] = {}
        """The partner's first event of a type for a path; a verdict only while none came before."""

    # -- the partner's chain ------------------------------------------------------------------

    def take_all(self) -> None:
        """Take in what came after the newest own event."""
        self._take(len(self.received))

    def _take(self, n: int) -> None:
        assert n <= len(self.received), f"line {self.line}: {n} was seen and never received"
        for at in range(self.taken, n):
            entry = self.received[at]
            self._continues(entry, at, self.received[at - 1].id if at else None)
            self._learn(entry)
        self.taken = max(self.taken, n)

    def _continues(self, entry: Entry, at: int, before: str | None) -> None:
        assert entry.core["line"] == self.line
        assert entry.core["n"] == at + 1, f"line {self.line}: a gap at {at + 1}"
        assert entry.core.get("prev") == before, f"line {self.line}: prev at {at + 1}"

    def _learn(self, entry: Entry) -> None:
        core, kind = entry.core, entry.core["type"]
        if kind == "terms.propose":
            self.their_proposal = core["terms"]
        elif kind in ("terms.accept", "terms.refuse"):
            ours = self.own_proposal
            if ours is not None and terms_hash(ours) == core["terms"]:
                self.own_proposal = None
                if kind == "terms.accept":
                    self._in_force(ours)
        elif kind == "line.limit":
            self.their_limit = (core["grants_units"], covered(self.their_proposal))
        elif kind in ("line.freeze", "line.unfreeze"):
            self.frozen["theirs"] = kind == "line.freeze"
        elif kind == "line.close":
            self.their_closed = True
        elif kind == "line.forget":
            self.forgotten.update(core["forgets"])
        elif kind in ("pay.commit", "pay.abort"):
            if ("pay.commit", core["path"]) not in self.first:
                self.first.setdefault(("pay.verdict", core["path"]), entry)
            self.first.setdefault((kind, core["path"]), entry)
        elif kind.startswith("pay."):
            self.first.setdefault((kind, core["path"]), entry)
            if kind == "pay.receipt":
                self._receipt_came(core)

    def _receipt_came(self, core: dict[str, Any]) -> None:
        trade = self.trades.get(("out", core["path"]))
        assert trade is not None, f"{core['path']}: receipt without commit"
        assert trade.phase == "committed", f"{core['path']}: receipt without commit"
        assert core["line_units"] == trade.units, f"{core['path']}: receipt of another amount"
        trade.phase = "settled"

    # -- the own chain ------------------------------------------------------------------------

    def add(self, entry: Entry) -> None:
        """Take in the next own event and check everything that it says."""
        core, kind = entry.core, entry.core["type"]
        self._continues(entry, len(self.own), self.own[-1].id if self.own else None)
        seen = core.get("seen")
        assert (seen["n"] if seen else 0) >= self.taken, f"{core['seq']}: it saw less than before"
        if seen is not None:
            self._take(seen["n"])
            assert seen["id"] == self.received[seen["n"] - 1].id, f"{core['seq']}: seen differs"
        self.own.append(entry)
        step = getattr(self, "_" + kind.replace(".", "_"), None)
        assert step is not None, f"{core['seq']}: {kind} is no event of version 1"
        step(entry, core)
        self._stands()

    def _stands(self) -> None:
        """I2 and I9 after every event."""
        clearing = self.ledger.clearing_of(self.line)
        if clearing is not None and self.rate is not None:
            should = stands_for(self.balance, self.rate)
            assert self.ledger.balances[clearing] == should, f"I2 on line {self.line}"
        held = {"out": 0, "in": 0}
        for (direction, _), trade in self.trades.items():
            if trade.phase in ("prepared", "accepted", "silent"):
                held[direction] += trade.units
        assert (self.held_out, self.held_in) == (held["out"], held["in"]), "I9"

    def _in_force(self, terms: dict[str, Any]) -> None:
        rev = terms["rev"]
        assert rev == max(self.terms, default=0) + 1, f"terms {rev} out of order"
        before = self.terms.get(rev - 1)
        assert terms.get("previous") == (before and terms_hash(before)), f"terms {rev}: previous"
        assert rev == 1 or not terms.get("opening_units"), f"terms {rev}: an opening position"
        if self.own_limit is not None and self.own_limit[1] != terms_hash(terms):
            self.own_limit = None
        if self.their_limit is not None and self.their_limit[1] != terms_hash(terms):
            self.their_limit = None
        self.terms[rev] = terms
        if self.rate is None:
            self.rate = self.side(rev)["rate"]

    def side(self, rev: int, *, other: bool = False) -> dict[str, Any]:
        """Give our side of some terms, or the other one."""
        terms = self.terms[rev]
        lower = (terms["lower"]["node"] == self.us) != other
        found: dict[str, Any] = terms["lower" if lower else "higher"]
        return found

    def _terms_propose(self, entry: Entry, core: dict[str, Any]) -> None:
        del entry
        self.own_proposal = core["terms"]

    def _terms_accept(self, entry: Entry, core: dict[str, Any]) -> None:
        del entry
        proposal = self.their_proposal
        assert proposal is not None, f"{core['seq']}: nothing to accept"
        assert terms_hash(proposal) == core["terms"], f"{core['seq']}: other terms accepted"
        assert self.own_proposal is None, f"{core['seq']}: accepted while an own proposal is open"
        self.their_proposal = None
        self._in_force(proposal)

    def _terms_refuse(self, entry: Entry, core: dict[str, Any]) -> None:
        del entry, core
        self.their_proposal = None

    def _line_limit(self, entry: Entry, core: dict[str, Any]) -> None:
        del entry
        assert core["grants_units"] < self.granted_by_us(), f"{core['seq']}: raised alone"
        self.own_limit = (core["grants_units"], covered(self.own_proposal))

    def _line_freeze(self, entry: Entry, core: dict[str, Any]) -> None:
        del entry
        assert core["reason"] in REASONS, f"{core['seq']}: frozen without a reason"
        self.frozen["own"] = True

    def _line_unfreeze(self, entry: Entry, core: dict[str, Any]) -> None:
        del entry
        assert self.frozen["own"], f"{core['seq']}: it was not frozen"
        self.frozen["own"] = False

    def _line_note(self, entry: Entry, core: dict[str, Any]) -> None:
        assert self._body(entry)["account"] in self.ledger.accounts, f"{core['seq']}: nobody's note"
        assert "peer" in core["commitments"], f"{core['seq']}: a note without a text"

    def _line_forget(self, entry: Entry, core: dict[str, Any]) -> None:
        del entry
        assert 1 <= len(core["forgets"]) <= FORGETS_MAX, f"{core['seq']}: forgets"
        self.forgotten.update(core["forgets"])

    def _line_heads(self, entry: Entry, core: dict[str, Any]) -> None:
        del entry
        told = (core["paid"], core["credited"], core["balance"])
        assert told == (self.paid, self.credited, self.balance), f"{core['seq']}: heads differ"

    def _line_revalued(self, entry: Entry, core: dict[str, Any]) -> None:
        body = self._body(entry)
        terms, rate = self.terms[core["rev"]], self.side(core["rev"])["rate"]
        opening = terms.get("opening_units", 0) if core["rev"] == 1 else 0
        opening = opening if terms["lower"]["node"] == self.us else -opening
        assert self.rate is not None
        before = stands_for(self.balance, self.rate)
        self.balance += opening
        self.rate = rate
        assert core["balance"] == self.balance, f"{core['seq']}: balance"
        clearing = self._clearing()
        booked = legs(body)
        moved = stands_for(self.balance, rate) - before
        assert booked.pop(clearing, 0) == moved, f"{core['seq']}: revaluation"
        against = {"group", "old_partner"} if opening else {"revaluation"}
        kinds = {self.ledger.accounts[number].kind for number in booked}
        assert kinds <= against, f"{core['seq']}: booked against {kinds}"
        self.ledger.post(body, f"event {core['seq']}")

    def _line_close(self, entry: Entry, core: dict[str, Any]) -> None:
        written = core.get("written_off_units", 0)
        assert self.balance + written == core["balance"] == 0, f"{core['seq']}: closed at something"
        assert not self.held_out, f"{core['seq']}: closed with payments under way"
        if written:
            assert self.rate is not None
            loss = stands_for(self.balance, self.rate)
            wanted = {self._clearing(): -loss, self.ledger.of_kind("group"): loss}
            body = self._body(entry)
            assert legs(body) == {n: a for n, a in wanted.items() if a}, f"{core['seq']}: write-off"
            self.ledger.post(body, f"event {core['seq']}")
        self.balance += written
        self.written_off = written
        self.closed = True

    # -- what payments share, see payments.py --------------------------------------------------

    def _body(self, entry: Entry) -> dict[str, Any]:
        assert entry.body is not None, f"{entry.core['seq']}: its body is not there"
        return entry.body

    def _clearing(self) -> int:
        clearing = self.ledger.clearing_of(self.line)
        assert clearing is not None, f"line {self.line} has no clearing account"
        return clearing

    def granted_by_us(self) -> int:
        """Give how much the other side may owe us now."""
        by_terms = int(self.side(max(self.terms))["grants_units"])
        return by_terms if self.own_limit is None else min(by_terms, self.own_limit[0])

    def granted_by_them(self) -> int:
        """Give how much we may owe the other side now, as far as we have seen."""
        by_terms = int(self.side(max(self.terms), other=True)["grants_units"])
        return by_terms if self.their_limit is None else min(by_terms, self.their_limit[0])

    def require_open(self, core: dict[str, Any]) -> None:
        """Nothing is admitted on a line that either side has frozen or closed."""
        frozen = [side for side, holds in self.frozen.items() if holds]
        assert not frozen, f"{core['path']}: admitted while frozen by {frozen}"
        done = self.closed or self.their_closed
        assert not done, f"{core['path']}: admitted after the close"

    def require_numbers(self, core: dict[str, Any], direction: str) -> None:
        """Recompute X, p and q of a prepare from its terms, or from what it reverses."""
        found: Numbers = (core["line_units"], core["payer_minor"], core["payee_minor"])
        if "reverses" in core:
            original = self.trades.get(("in" if direction == "out" else "out", core["reverses"]))
            assert original is not None, f"{core['path']}: reverses what never was"
            units, payer_minor, payee_minor = original.numbers
            assert found == (units, payee_minor, payer_minor), f"{core['path']}: no mirror image"
            assert core["terms_rev"] == original.prepare.core["terms_rev"]
            return
        largest = self.terms[core["terms_rev"]]["largest_units"]
        assert found[0] <= largest, f"{core['path']}: larger than the largest transfer"
        given = {"line": found[0], "payer": found[1], "payee": found[2]}[core["fixed"]]
        ours, theirs = self.side(core["terms_rev"]), self.side(core["terms_rev"], other=True)
        payer, payee = (ours, theirs) if direction == "out" else (theirs, ours)
        should = numbers(core["fixed"], given, payer=payer["rate"], payee=payee["rate"])
        assert found == should, f"{core['path']}: {found} should be {should}"
