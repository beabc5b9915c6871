"""What the audit remembers, in records that can be stored one by one: nodes, lines, paths.

Invariant: a record holds the same whatever the order in which the logs were read, as long as each
log is read from its beginning on. So what is found is a function of the records and the time, and
an audit that goes on finds what one from the start finds. Holds no opinion about what it holds.
"""

from __future__ import annotations

import msgspec

from schemas.core_parts import Fixed
from schemas.findings import Finding
from schemas.pay_cores import SignedDecision
from schemas.terms import Terms

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
    """What the other side said of a place in a chain that was not read up to there yet."""

    id: str
    seq: int
    ts: int


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


class Side(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One direction of a line: the chain of the node that writes it."""

    node: str
    n: int = 0
    id: str = ""
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
    proposed: list[Proposed] = []
    agreed: list[Agreed] = []
    lowered: list[Lowered] = []

    def balance_units(self) -> int:
        """Give what this side owes the other by its own chain (I3)."""
        moved = self.paid_units - self.credited_units
        return self.opening_units + moved + self.written_units


class LineRecord(msgspec.Struct, kw_only=True):
    """A line: both chains as far as they were read."""

    line: str
    sides: dict[str, Side] = {}

    def side(self, node: str) -> Side:
        """Give the side of a node, which begins with its first event."""
        side = self.sides.get(node)
        if side is None:
            side = self.sides.pop("", None) or Side(node=node)
            side.node = node
            self.sides[node] = side
        return side

    def other(self, node: str) -> Side | None:
        """Give the side of the other node, once anything is known of it."""
        for name, side in self.sides.items():
            if name != node:
                return side
        return None

    def of_other(self, node: str) -> Side:
        """Give the side of the other node; it has no name before its first event is read."""
        side = self.other(node)
        if side is None:
            side = self.sides[""] = Side(node="")
        return side


class Prepared(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
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


class Committed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A commit; `decision` is kept until somebody has credited it."""

    id: str
    n: int
    seq: int
    seen_n: int
    ts: int
    line_units: int
    origin: str
    accept: str = ""
    decision: SignedDecision | None = None


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


class Given(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the payer's side of a line said of a path."""

    prepare: Prepared | None = None
    commit: Committed | None = None
    aborted: bool = False
    verdict: tuple[str, str] = ("", "")
    """The first decision: what, and on which accept it rests."""
    own: bool = False
    """It decided itself, and passed on nobody else's decision."""


class Taken(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the payee's side of a line said of a path."""

    accept: Accepted | None = None
    receipt: Credited | None = None
    rejected: bool = False
    released: bool = False
    """After an abort: everything is free."""


class PathRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
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

    def own_verdicts(self, node: str) -> list[tuple[str, str]]:
        """Give what a node decided itself about this path, on any line."""
        return [
            half.verdict
            for key, half in self.given.items()
            if half.own and key.endswith(f" {node}")
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
