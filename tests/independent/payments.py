"""The payments of one side of a line, step by step, for the judge (design section 4)."""

from __future__ import annotations

from typing import Any

from tests.independent.ledger import legs
from tests.independent.line import Entry, LineSide, Trade
from tests.independent.rates import stands_for


class Side(LineSide):
    """A side of a line with its payments."""

    def _pay_request(self, entry: Entry, core: dict[str, Any]) -> None:
        self.require_numbers(core, "in")
        assert ("own request", core["path"]) not in self.first, f"{core['path']}: asked twice"
        self.first["own request", core["path"]] = entry

    def _pay_decline(self, entry: Entry, core: dict[str, Any]) -> None:
        del entry
        asked = {("own request", core["path"]), ("pay.request", core["path"])}
        assert asked & set(self.first), f"{core['path']}: declined what nobody asked for"
        assert ("out", core["path"]) not in self.trades, f"{core['path']}: declined after consent"

    def _pay_prepare(self, entry: Entry, core: dict[str, Any]) -> None:
        path = core["path"]
        assert ("out", path) not in self.trades, f"{path}: prepared twice"
        self.require_open(core)
        if "reverses" not in core:
            assert core["terms_rev"] == max(self.terms), f"{path}: prepared under old terms"
        self.require_numbers(core, "out")
        request = self.first.get(("pay.request", path))
        if request is not None:
            for name in ("line_units", "payer_minor", "payee_minor", "fixed"):
                assert core[name] == request.core[name], f"{path}: consent to another {name}"
        payer = self._body(entry)["payer"]
        self.trades["out", path] = Trade(entry, "out", payer)
        self.held_out += core["line_units"]
        owed = self.balance + self.held_out
        assert owed <= self.granted_by_them(), f"{path}: more than the group may owe"
        self.ledger.held_lower[payer] += core["payer_minor"]

    def _pay_accept(self, entry: Entry, core: dict[str, Any]) -> None:
        path, body = core["path"], self._body(entry)
        prepare = self._answers(core)
        assert ("in", path) not in self.trades, f"{path}: answered twice"
        self.require_open(core)
        self.require_numbers(prepare.core, "in")
        trade = self.trades["in", path] = Trade(prepare, "in", body["payee"])
        trade.accept = entry.id
        assert core["line_units"] == trade.units, f"{path}: accepts another amount"
        self.held_in += trade.units
        assert -self.balance + self.held_in <= self.granted_by_us(), f"{path}: I8"
        self.ledger.held_upper[trade.account] += trade.numbers[2]

    def _pay_reject(self, entry: Entry, core: dict[str, Any]) -> None:
        trade = Trade(self._answers(core), "in", 0)
        trade.phase = "rejected"
        assert self.trades.setdefault(("in", core["path"]), trade) is trade
        del entry

    def _answers(self, core: dict[str, Any]) -> Entry:
        prepare = self.first.get(("pay.prepare", core["path"]))
        assert prepare is not None, f"{core['path']}: answered and never prepared"
        assert core["prepare"] == prepare.id, f"{core['path']}: answers another prepare"
        return prepare

    def _pay_commit(self, entry: Entry, core: dict[str, Any]) -> None:
        path = core["path"]
        trade = self._decided(core, "committed", "commit")
        accept = self.first.get(("pay.accept", path))
        assert accept is not None, f"{path}: commit without accept"
        assert accept.core["prepare"] == trade.prepare.id, f"{path}: another prepare was accepted"
        assert core["decision"]["decision"]["accept"] == accept.id, f"{path}: rests on another"
        assert core["line_units"] == trade.units, f"{path}: commits another amount"
        self._reverses_once(trade)
        self.ledger.held_lower[trade.account] -= trade.numbers[1]
        self.held_out -= trade.units
        self.paid += trade.units
        self._book(entry, trade, self.balance + trade.units, -trade.numbers[1])
        self._claims(core, self.paid)

    def _pay_abort(self, entry: Entry, core: dict[str, Any]) -> None:
        del entry
        trade = self._decided(core, "aborted", "abort")
        self.ledger.held_lower[trade.account] -= trade.numbers[1]
        self.held_out -= trade.units

    def _decided(self, core: dict[str, Any], phase: str, verdict: str) -> Trade:
        path, decision = core["path"], core["decision"]["decision"]
        trade = self.trades.get(("out", path))
        assert trade is not None, f"{path}: decided and never prepared"
        assert trade.phase == "prepared", f"{path}: decided twice (I7)"
        assert decision["path"] == path, f"{path}: decision about another"
        assert (decision["verdict"], decision["origin"]) == (verdict, self.us), f"{path}: decision"
        trade.phase = phase
        return trade

    def _pay_receipt(self, entry: Entry, core: dict[str, Any]) -> None:
        path = core["path"]
        commit, verdict = (
            self.first.get(("pay.commit", path)),
            self.first.get(("pay.verdict", path)),
        )
        assert commit is not None, f"{path}: receipt without commit (I6)"
        assert verdict is commit, f"{path}: credited after an abort"
        assert core["commit"] == commit.id, f"{path}: receipt for another commit"
        assert core["up_to"] == commit.core["n"], f"{path}: up_to"
        trade = self._taken_in(path)
        assert trade.phase in ("accepted", "silent"), f"{path}: credited twice"
        assert commit.core["decision"]["decision"]["accept"] == trade.accept, f"{path}: accept"
        assert core["line_units"] == commit.core["line_units"] == trade.units, f"{path}: amount"
        self._reverses_once(trade)
        if trade.phase == "accepted":
            self.ledger.held_upper[trade.account] -= trade.numbers[2]
        self.held_in -= trade.units
        self.credited += trade.units
        trade.phase = "credited"
        self._book(entry, trade, self.balance - trade.units, trade.numbers[2])
        self._claims(core, self.credited)

    def _pay_release(self, entry: Entry, core: dict[str, Any]) -> None:
        del entry
        path = core["path"]
        trade = self._taken_in(path)
        assert trade.phase in ("accepted", "silent"), f"{path}: released at the end"
        if trade.phase == "accepted":
            self.ledger.held_upper[trade.account] -= trade.numbers[2]
        if core["cause"] == "aborted":
            verdict = self.first.get(("pay.verdict", path))
            assert verdict is not None, f"{path}: released without verdict"
            assert verdict.core["type"] == "pay.abort", f"{path}: released after a commit"
            self.held_in -= trade.units
            trade.phase = "released"
        else:
            assert core["ts"] >= trade.prepare.core["expires_at_s"], f"{path}: released early"
            trade.phase = "silent"

    def _taken_in(self, path: str) -> Trade:
        trade = self.trades.get(("in", path))
        assert trade is not None, f"{path}: never accepted"
        return trade

    def _reverses_once(self, trade: Trade) -> None:
        original = trade.prepare.core.get("reverses")
        if original is None:
            return
        key = (trade.direction, original)
        assert key not in self.reversed, f"{original}: reversed twice"
        self.reversed.add(key)

    def _claims(self, core: dict[str, Any], total: int) -> None:
        assert core["total"] == total, f"{core['path']}: total {core['total']} should be {total}"
        assert core["balance"] == self.balance, f"{core['path']}: balance"

    def _book(self, entry: Entry, trade: Trade, after: int, member_minor: int) -> None:
        """Work out the legs of a booking and hold them against the body's."""
        before, self.balance = self.balance, after
        signed = self.side(trade.prepare.core["terms_rev"])["rate"]
        assert self.rate is not None
        by_signed = stands_for(after, signed) - stands_for(before, signed)
        by_today = stands_for(after, self.rate) - stands_for(before, self.rate)
        rounding = -member_minor - by_signed
        assert abs(rounding) <= 1, f"{entry.core['path']}: I10"
        should = {
            trade.account: member_minor,
            self._clearing(): by_today,
            self.ledger.of_kind("rounding"): rounding,
            self.ledger.of_kind("revaluation"): by_signed - by_today,
        }
        body = self._body(entry)
        found = legs(body)
        wanted = {number: amount for number, amount in should.items() if amount}
        assert found == wanted, f"{entry.core['path']}: booked {found}, should be {wanted}"
        self.ledger.post(body, f"event {entry.core['seq']}")
