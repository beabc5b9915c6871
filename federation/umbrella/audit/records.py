"""What the audit remembers, in records that can be stored one by one: nodes, lines, paths.

Invariant: a record holds the same whatever the order in which the logs were read, as long as each
log is read from its beginning on. So what is found is a function of the records and the time, and
an audit that goes on finds what one from the start finds. Holds no opinion about what it holds.
Payments are many, and refer to nothing that refers to them: the collector need not know of them.
Sums are kept in 64 bits, and who signs more than fits ends them (`added`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from schemas.core_parts import Fixed
from schemas.findings import Finding
from schemas.ids import line_counter
from schemas.pay_cores import SignedDecision
from schemas.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTED_MAX: Final = 2**60
"""Where a sum of line units ends. No event can claim such a total, so whoever gets there is found
out at each step from 2^53 on; and some of these sums together still are stored in 64 bits."""
FOUND_MAX = 100
"""So many findings of one log are told one by one; a cheat fills no disk."""


class NodeRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How far a log was read, and what is wrong with it by itself."""

    node: str
    events: int = 0
    last_ts: int = 0
    latest_ts: int = 0
    """The latest time that any event bears, and the first that bears it."""
    latest_seq: int = -1
    found: list[Finding] = []
    more: int = 0
    """Findings beyond `FOUND_MAX`."""

    def find(self, finding: Finding) -> None:
        """Keep a finding about this log alone."""
        if len(self.found) < FOUND_MAX:
            self.found.append(finding)
        else:
            self.more += 1


class Named(msgspec.Struct, frozen=True, array_like=True):
    """What the other side said of a place in this chain: which event, and where and when."""

    id: str
    seq: int
    ts: int
    n: int = 0
    """The place; 0 in records of a version that did not keep it."""


class Lowered(msgspec.Struct, frozen=True, array_like=True):
    """A limit that a side lowered alone."""

    n: int
    seen_n: int
    grants_units: int


class Proposed(msgspec.Struct, frozen=True, array_like=True):
    """Terms that a side proposed."""

    n: int
    hash: str
    terms: Terms


class Agreed(msgspec.Struct, frozen=True, array_like=True):
    """Terms of the other side that a side accepted."""

    n: int
    seen_n: int
    hash: str


def added(total_units: int, units: int) -> int:
    """Add to a sum; one that has reached its end stays there, and means at least so much."""
    if abs(total_units) >= COUNTED_MAX:
        return total_units
    return max(-COUNTED_MAX, min(COUNTED_MAX, total_units + units))


class Side(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One direction of a line: the chain of the node that writes it."""

    node: str
    n: int = 0
    id: str = ""
    first_seq: int = -1
    """Where in its log it speaks of the line first."""
    seen_n: int = 0
    """How far it has acknowledged the other chain."""
    paid_units: int = 0
    credited_units: int = 0
    void_units: int = 0
    """Part of `paid_units`: commits behind an own verdict, which nobody credits."""
    opening_units: int = 0
    opening_seq: int = -1
    written_units: int = 0
    """What it has written off of a partner that had gone."""
    held_units: int = 0
    """What it has accepted and is undecided (I9)."""
    commits: int = 0
    receipts: int = 0
    ids: dict[int, str] = {}
    """Events that the other side may still name, by number: from the one it named last."""
    named: dict[int, list[Named]] = {}
    """By number: what the other side said of places that were not read yet."""
    another: Named | None = None
    """The first event of the other side that names another event than stands here."""
    agreed_n: int = 0
    """How far the other side has named what stands here."""
    proposed: list[Proposed] = []
    agreed: list[Agreed] = []
    lowered: list[Lowered] = []
    skipped: list[tuple[int, int]] = []
    """Numbers that no event has yet, of those before the newest: from, and up to but not with."""

    def skips(self, n: int) -> None:
        """Keep that numbers were left out before this one; as many as findings are told."""
        self.skipped = [*self.skipped, (self.n + 1, n)][:FOUND_MAX]

    def fills(self, n: int) -> bool:
        """Tell whether a number had been left out; it is taken then."""
        for at, (start, end) in enumerate(self.skipped):
            if start <= n < end:
                left = [part for part in ((start, n), (n + 1, end)) if part[0] < part[1]]
                self.skipped = [*self.skipped[:at], *left, *self.skipped[at + 1 :]][:FOUND_MAX]
                return True
        return False

    def balance_units(self) -> int:
        """Give what this side owes the other by its own chain (I3)."""
        moved = self.paid_units - self.credited_units
        return self.opening_units + moved + self.written_units


class LineRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A line: both chains as far as they were read.

    Anybody can write the name of any line into a log of its own. Whose line it is follows from its
    name, and what others say on it touches neither end.
    """

    line: str
    ends: tuple[str, str] | None = None
    """Between whom it is, once that is known."""
    sides: dict[str, Side] = {}
    """By the node that writes it; also of those who are no end of it."""
    unread: dict[str, Side] = {}
    """By the node that speaks of it: the side of its other end while nothing of that was read."""

    def between(self, one: str, other: str) -> None:
        """Take in who its ends are; whoever says so has seen that its name is made of them."""
        if self.ends is None:
            self.ends = min(one, other), max(one, other)

    def side(self, node: str) -> Side:
        """Give the side of a node, which begins with its first event."""
        side = self.sides.get(node)
        if side is None:
            for one in self.sides if self.ends is None else ():
                if line_counter(self.line, one, node) is not None:
                    self.between(one, node)
            side = self.unread.pop(self.other_end(node), None) or Side(node=node)
            side.node = node
            self.sides[node] = side
        return side

    def other_end(self, node: str) -> str:
        """Name the other end; empty where that is not known, or `node` is none itself."""
        if self.ends is None or node not in self.ends:
            return ""
        return self.ends[1] if node == self.ends[0] else self.ends[0]

    def other(self, node: str) -> Side | None:
        """Give the side of the other node, once anything is known of it."""
        return self.sides.get(self.other_end(node)) or self.unread.get(node)

    def of_other(self, node: str) -> Side:
        """Give the side of the other node; it has no name before its first event is read."""
        side = self.other(node)
        if side is None:
            side = self.unread[node] = Side(node="")
        return side

    def pair(self) -> tuple[Side, Side] | None:
        """Give both sides in the order of their nodes, once both logs were read."""
        if self.ends is None or not all(end in self.sides for end in self.ends):
            return None
        return self.sides[self.ends[0]], self.sides[self.ends[1]]

    def each(self) -> Iterator[tuple[Side, Side | None]]:
        """Give each side with the one that speaks of it, in an order that reading does not set."""
        for node in sorted(self.unread):
            yield self.unread[node], self.sides[node]
        for node in sorted(self.sides):
            yield self.sides[node], self.other(node)


class Prepared(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A prepare, as far as others are held against it."""

    id: str
    n: int
    seq: int
    seen_n: int
    line_units: int
    payer_minor: int
    payee_minor: int
    terms_rev: int
    fixed: Fixed
    reverses: str = ""


class Committed(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A commit, with what the decision in it says."""

    id: str
    n: int
    seq: int
    seen_n: int
    ts: int
    line_units: int
    origin: str
    accept: str = ""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """An accept; `owed_units` is what the payer's side then owed at most, with all that is held."""

    id: str
    n: int
    seq: int
    seen_n: int
    ts: int
    prepare: str
    line_units: int
    owed_units: int


class Credited(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt."""

    seq: int
    seen_n: int
    commit: str
    line_units: int


class Given(msgspec.Struct, gc=False, kw_only=True, omit_defaults=True):
    """What the payer's side of a line said of a path."""

    prepare: Prepared | None = None
    commit: Committed | None = None
    aborted: bool = False
    own: SignedDecision | None = None
    """Its first own decision, or the first that is signed where it decided more than once."""
    own_seq: int = -1
    unsigned: bool = False
    """What it decided first bears no signature that fits, which was found."""

    def decided(self) -> bool:
        """Tell whether it has said a decision, its own or one that it passes on."""
        return self.commit is not None or self.aborted


class Taken(msgspec.Struct, gc=False, kw_only=True, omit_defaults=True):
    """What the payee's side of a line said of a path."""

    accept: Accepted | None = None
    receipt: Credited | None = None
    rejected: bool = False
    released: bool = False
    """After an abort: everything is free."""


class PathRecord(msgspec.Struct, gc=False, kw_only=True, omit_defaults=True):
    """One payment on its way, over one line or several; sides by line and node."""

    path: str
    given: dict[str, Given] = {}
    taken: dict[str, Taken] = {}

    def giving(self, line: str, node: str) -> Given:
        """Give what the payer's node of a line said, to be added to."""
        key = place(line, node)
        half = self.given.get(key)
        if half is None:
            half = self.given[key] = Given()
        return half

    def decided_by(self, node: str) -> list[tuple[str, Given]]:
        """Give the lines on which a node decided itself about this path, with what it said."""
        return [
            (key.removesuffix(f" {node}"), half)
            for key, half in self.given.items()
            if half.own is not None and key.endswith(f" {node}")
        ]

    def taking(self, line: str, node: str) -> Taken:
        """Give what the payee's node of a line said, to be added to."""
        key = place(line, node)
        half = self.taken.get(key)
        if half is None:
            half = self.taken[key] = Taken()
        return half


def place(line: str, node: str) -> str:
    """Name the side of a node on a line."""
    return f"{line} {node}"


class State:
    """The records that were made or asked for so far."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.nodes: dict[str, NodeRecord] = {}
        self.lines: dict[str, LineRecord] = {}
        self.paths: dict[str, PathRecord] = {}
        self.open: set[str] = set()
        """Paths of which something is missing, wrong, or new."""
        self.changed_lines: set[str] = set()
        self.changed_paths: set[str] = set()
        """What has changed since it was stored."""

    def node(self, node: str) -> NodeRecord:
        """Give the record of a log, which begins empty."""
        record = self.nodes.get(node)
        if record is None:
            record = self.nodes[node] = NodeRecord(node=node)
        return record

    def line(self, line: str) -> LineRecord:
        """Give the record of a line that is being changed."""
        self.changed_lines.add(line)
        record = self.lines.get(line)
        if record is None:
            record = self.lines[line] = LineRecord(line=line)
        return record

    def path(self, path: str) -> PathRecord:
        """Give the record of a path that is being changed."""
        self.open.add(path)
        self.changed_paths.add(path)
        record = self.paths.get(path)
        if record is None:
            record = self.paths[path] = PathRecord(path=path)
        return record
