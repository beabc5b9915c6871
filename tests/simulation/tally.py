"""What one node's events add up to, counted a second time and by other means than the folds.

Knows postings, prepares, accepts, verdicts and receipts; no limits, no clock, no tables. The
monitor holds it against what the node itself believes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from projections import tables
from schemas import bodies, cores
from tests.simulation.disk import Saved


class Finding(Exception):
    """An invariant of design section 4 does not hold."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(f"{rule}: {text}")
        self.rule = rule


def require(holds: bool, rule: str, text: str) -> None:
    """Make a finding of what does not hold."""
    if not holds:
        raise Finding(rule, text)


class Open(NamedTuple):
    """A prepare or accept without a verdict."""

    units: int
    minor: int
    account: int


class Theirs:
    """What the partner said about one path, in the order of its chain."""

    __slots__ = ("aborted_n", "commits", "prepare", "prepare_id")

    def __init__(self) -> None:
        self.prepare: cores.PayPrepare | None = None
        self.prepare_id = ""
        self.commits: dict[str, tuple[int, cores.PayCommit]] = {}
        self.aborted_n = 0


class LineTally:
    """One side of a line."""

    def __init__(self) -> None:
        self.out: dict[str, Open] = {}
        self.coming: dict[str, Open] = {}
        self.silent: set[str] = set()
        self.committed: dict[str, int] = {}
        self.credited: dict[str, int] = {}
        self.verdicts: dict[str, str] = {}
        self.rejected: set[str] = set()
        self.prepares: dict[str, cores.PayPrepare] = {}
        self.theirs: defaultdict[str, Theirs] = defaultdict(Theirs)
        self.paid = self.given = self.balance = self.held_out = self.held_in = 0


class Tally:
    """One node."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: defaultdict[str, LineTally] = defaultdict(LineTally)
        self.balances: defaultdict[int, int] = defaultdict(int)
        self.held_lower: defaultdict[int, int] = defaultdict(int)
        self.held_upper: defaultdict[int, int] = defaultdict(int)
        self.rounding = self.revaluation = 0

    def add(self, written: Saved) -> None:
        """Count what one COMMIT wrote, checking I1, I6, I7, I8, I10, I11 on the way.

        Raises:
            Finding: one of them does not hold.

        """
        for row in written.inbox:
            self._received(row, written.received[row.id])
        for entry, meaning in zip(written.entries, written.meanings, strict=True):
            self._postings(meaning)
            step = _STEPS.get(type(meaning.core))
            if step is not None:
                step(self, self.lines[meaning.core.line], meaning, written.grants.get(entry.seq, 0))

    def _received(self, row: tables.InboxRow, core: Any) -> None:
        line = self.lines[row.line]
        if isinstance(core, cores.PayPrepare):
            theirs = line.theirs[core.path]
            if theirs.prepare is None:
                theirs.prepare, theirs.prepare_id = core, row.id
        elif isinstance(core, cores.PayCommit):
            line.theirs[core.path].commits[row.id] = (core.n, core)
        elif isinstance(core, cores.PayAbort):
            theirs = line.theirs[core.path]
            theirs.aborted_n = theirs.aborted_n or core.n

    def _postings(self, meaning: Any) -> None:
        body = meaning.body
        if isinstance(body, bodies.AccountOpened):
            if body.kind is bodies.AccountKind.ROUNDING:
                self.rounding = body.account
            elif body.kind is bodies.AccountKind.REVALUATION:
                self.revaluation = body.account
            return
        postings = getattr(body, "postings", None)
        if postings is None:
            return
        total = 0
        for posting in postings:
            total += posting.amount_minor
            self.balances[posting.account] += posting.amount_minor
            if posting.account == self.rounding:
                require(abs(posting.amount_minor) <= 1, "I10", f"{self.name}: {posting}")
        require(total == 0, "I1", f"{self.name}: {postings} sum to {total}")

    def _decided(self, line: LineTally, path: str, verdict: str) -> None:
        known = line.verdicts.setdefault(path, verdict)
        require(known == verdict, "I7", f"{self.name}: {path} {known}, then {verdict}")

    def _prepared(self, line: LineTally, meaning: Any, grant: int) -> None:
        core = meaning.core
        require(core.path not in line.prepares, "I7", f"{self.name} prepares {core.path} twice")
        line.prepares[core.path] = core
        line.out[core.path] = Open(core.line_units, core.payer_minor, meaning.body.payer)
        line.held_out += core.line_units
        self.held_lower[meaning.body.payer] += core.payer_minor
        owing = line.held_out + line.balance
        require(owing <= grant, "I8", f"{self.name} prepares up to {owing} of {grant}")

    def _let_go_out(self, line: LineTally, path: str) -> None:
        held = line.out.pop(path, None)
        if held is None:
            raise Finding("I9", f"{self.name} decides {path}, which holds nothing")
        line.held_out -= held.units
        self.held_lower[held.account] -= held.minor

    def _committed(self, line: LineTally, meaning: Any, grant: int) -> None:
        del grant
        core = meaning.core
        self._decided(line, core.path, "commit")
        require(core.path not in line.committed, "I7", f"{self.name} commits {core.path} twice")
        held = line.out.get(core.path)
        require(held is not None and held.units == core.line_units, "I9", f"{core.path} changes X")
        assert held is not None
        self._let_go_out(line, core.path)
        line.committed[core.path] = core.line_units
        line.paid += core.line_units
        line.balance += core.line_units
        require(core.total == line.paid, "I11", f"{self.name}: total {core.total} != {line.paid}")
        require(core.balance == line.balance, "I3", f"{self.name} claims {core.balance}")
        self._member_leg(meaning, held.account, -held.minor)

    def _member_leg(self, meaning: Any, account: int, minor: int) -> None:
        legs = [p.amount_minor for p in meaning.body.postings if p.account == account]
        wanted = [minor] if minor else []
        require(legs == wanted, "numbers", f"{self.name} books {legs}, agreed was {minor}")

    def _aborted(self, line: LineTally, meaning: Any, grant: int) -> None:
        del grant
        self._decided(line, meaning.core.path, "abort")
        self._let_go_out(line, meaning.core.path)

    def _accepted(self, line: LineTally, meaning: Any, grant: int) -> None:
        core, body = meaning.core, meaning.body
        theirs = line.theirs[core.path]
        asked = theirs.prepare
        require(asked is not None and theirs.prepare_id == core.prepare, "accept", f"{core.path}")
        assert asked is not None
        require(core.path not in line.coming, "I7", f"{self.name} accepts {core.path} twice")
        line.coming[core.path] = Open(asked.line_units, asked.payee_minor, body.payee)
        line.held_in += asked.line_units
        self.held_upper[body.payee] += asked.payee_minor
        owed = line.held_in - line.balance
        require(owed <= grant, "I8", f"{self.name} accepts up to {owed} of {grant}")
        alone = line.held_in == asked.line_units
        half = alone or 2 * line.held_in <= grant
        require(half, "griefing", f"{self.name} holds {line.held_in} of {grant} undecided")

    def _receipted(self, line: LineTally, meaning: Any, grant: int) -> None:
        del grant
        core = meaning.core
        known = line.theirs[core.path].commits.get(core.commit)
        require(known is not None, "I6", f"{self.name} credits {core.path} without a commit")
        assert known is not None
        aborted_n = line.theirs[core.path].aborted_n
        require(not 0 < aborted_n < known[0], "I6", f"{self.name} credits after an abort")
        require(core.path not in line.credited, "I6", f"{self.name} credits {core.path} twice")
        held = line.coming.pop(core.path, None)
        if held is None:
            raise Finding("I9", f"{self.name} credits {core.path}, which holds nothing")
        line.held_in -= held.units
        if core.path in line.silent:
            line.silent.remove(core.path)
        else:
            self.held_upper[held.account] -= held.minor
        require(core.line_units == held.units, "numbers", f"{core.path} changes X")
        line.credited[core.path] = held.units
        line.given += held.units
        line.balance -= held.units
        require(core.total == line.given, "I11", f"{self.name}: total {core.total} != {line.given}")
        require(core.balance == line.balance, "I3", f"{self.name} claims {core.balance}")
        self._member_leg(meaning, held.account, held.minor)

    def _released(self, line: LineTally, meaning: Any, grant: int) -> None:
        del grant
        path = meaning.core.path
        if meaning.core.cause is cores.ReleaseCause.ABORTED:
            require(line.theirs[path].aborted_n > 0, "I9", f"{self.name} lets go of {path}")
            held = line.coming.pop(path, None)
            if held is None:
                raise Finding("I9", f"{self.name} lets go of {path}, which holds nothing")
            line.held_in -= held.units
            if path not in line.silent:
                self.held_upper[held.account] -= held.minor
            line.silent.discard(path)
            return
        held = line.coming[path]
        require(path not in line.silent, "I9", f"{self.name} is silent twice about {path}")
        line.silent.add(path)
        self.held_upper[held.account] -= held.minor

    def _rejected(self, line: LineTally, meaning: Any, grant: int) -> None:
        del grant
        line.rejected.add(meaning.core.path)


_STEPS: dict[type, Any] = {
    cores.PayPrepare: Tally._prepared,
    cores.PayCommit: Tally._committed,
    cores.PayAbort: Tally._aborted,
    cores.PayAccept: Tally._accepted,
    cores.PayReject: Tally._rejected,
    cores.PayReceipt: Tally._receipted,
    cores.PayRelease: Tally._released,
}
