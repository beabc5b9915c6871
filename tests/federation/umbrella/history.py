"""Two logs made by the rules of a line, of which one thing is changed and the rest made anew.

Ids are those of the bytes, so whatever names a changed event names it by its new id, as the chain
of somebody would who had planned it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from events.merkle import leaf_hash
from federation.umbrella.audit import Audit
from schemas import cores
from schemas.encoding import b64, encode
from schemas.findings import Finding
from schemas.terms import terms_hash
from tests.federation.line.pair import NOW, Node, Pair

NAMES = ("prev", "prepare", "commit")
"""Fields that name an event."""


class Writer(Protocol):
    """Whose log it is."""

    @property
    def id(self) -> str:
        """The node's id."""


Log = list[tuple[Any, str]]
"""Cores of one node in order, each with its id."""


FORGED = "B" * 85 + "A"
"""A signature of a decision that does not fit."""


def honest(signed: object) -> bool:
    """Take every other decision as signed: the rules in memory have no keys."""
    assert isinstance(signed, cores.SignedDecision)
    return signed.signature != FORGED


class History:
    """The logs of some nodes, by node id."""

    def __init__(self, *nodes: Node) -> None:
        self.logs: dict[str, Log] = {
            node.id: [(event.core, event.id) for event in node.events] for node in nodes
        }
        self.kept: set[str] = set()
        """Ids that others go on naming: what they were sent is what stood there before."""

    @classmethod
    def of(cls, pair: Pair) -> History:
        return cls(pair.a, pair.b)

    def place(self, node: Writer, kind: type, nth: int = 0) -> int:
        """Find an event; `nth` counts from the end when it is negative."""
        places = [at for at, (core, _) in enumerate(self.logs[node.id]) if type(core) is kind]
        return places[nth]

    def change(self, node: Writer, kind: type, nth: int = 0, **fields: Any) -> History:
        """Change fields of one event."""
        at = self.place(node, kind, nth)
        core, name = self.logs[node.id][at]
        self.logs[node.id][at] = (msgspec.structs.replace(core, **fields), name)
        return self

    def become(self, node: Writer, kind: type, nth: int, other: type, **fields: Any) -> History:
        """Put another type of event in the place of one."""
        at = self.place(node, kind, nth)
        core, name = self.logs[node.id][at]
        self.logs[node.id][at] = (other(**_place_of(core), **fields), name)
        return self

    def append(self, node: Writer, kind: type, **fields: Any) -> History:
        """Add one more event at the end of a node's log and chain; fields of its place too."""
        log = self.logs[node.id]
        last, name = next(
            (core, name) for core, name in reversed(log) if isinstance(core, cores.LineCore)
        )
        own = _place_of(last) | {"n": last.n + 1, "prev": name, "seq": len(log)}
        log.append((kind(**own | fields), f"new {len(log)}"))
        return self

    def settle(self, core: Any) -> Any:
        """Finish a core that names others as they are now; the rules in memory leave it so."""
        return core

    def made(self) -> dict[str, Log]:
        """Give the logs with the ids of their bytes, each event behind all that it names."""
        ids: dict[str, str] = {}
        wanted = {name for log in self.logs.values() for _, name in log}
        made: dict[str, Log] = {node: [] for node in self.logs}
        moved = True
        while moved:
            moved = False
            for node, log in self.logs.items():
                while len(made[node]) < len(log):
                    core, name = log[len(made[node])]
                    if any(n in wanted and n not in ids for n in _named(core)):
                        break
                    anew = self.settle(_renamed(core, ids))
                    now = b64(leaf_hash(encode(anew)))
                    ids[name] = name if name in self.kept else now
                    made[node].append((anew, now))
                    moved = True
        assert all(len(made[node]) == len(log) for node, log in self.logs.items())
        return made

    def findings(self, *, at_s: int = NOW, **options: Any) -> list[Finding]:
        """Audit it in full."""
        return audited(self.made()).findings(at_s, **options)

    def whats(self, **options: Any) -> list[str]:
        """Name what a full audit finds."""
        return [finding.what.value for finding in self.findings(**options)]


def audited(logs: Mapping[str, Log]) -> Audit:
    """Read whole logs, one after the other."""
    audit = Audit(signed=honest)
    for node, log in logs.items():
        for core, event_id in log:
            audit.read(node, core, event_id)
    return audit


def _place_of(core: Any) -> dict[str, Any]:
    names = ("v", "origin", "seq", "root", "key", "ts", "line", "n", "prev", "seen")
    return {name: getattr(core, name) for name in names}


def _named(core: Any) -> list[str]:
    named = [getattr(core, name, None) for name in NAMES]
    seen, decision = getattr(core, "seen", None), getattr(core, "decision", None)
    named.append(None if seen is None else seen.id)
    named.append(None if decision is None else decision.decision.accept)
    return [name for name in named if name]


def _renamed(core: Any, ids: Mapping[str, str]) -> Any:
    """Give a core that names others by their new ids."""

    def new(name: str) -> str:
        return ids.get(name, name)

    changes: dict[str, Any] = {
        name: new(getattr(core, name)) for name in NAMES if getattr(core, name, None)
    }
    if getattr(core, "seen", None) is not None:
        changes["seen"] = msgspec.structs.replace(core.seen, id=new(core.seen.id))
    if isinstance(core, cores.PayCommit | cores.PayAbort):
        decision = core.decision.decision
        if decision.accept:
            decision = msgspec.structs.replace(decision, accept=new(decision.accept))
        changes["decision"] = msgspec.structs.replace(core.decision, decision=decision)
    return msgspec.structs.replace(core, **changes) if changes else core


def lower_grant(history: History, node: Writer, grants_units: int) -> History:
    """Have the first terms say another limit on one side, as if both had signed that."""
    for log in history.logs.values():
        for at, (core, name) in enumerate(log):
            if not isinstance(core, cores.TermsPropose):
                continue
            sides = [
                msgspec.structs.replace(side, grants_units=grants_units)
                if side.node == node.id
                else side
                for side in (core.terms.lower, core.terms.higher)
            ]
            terms = msgspec.structs.replace(core.terms, lower=sides[0], higher=sides[1])
            log[at] = (msgspec.structs.replace(core, terms=terms), name)
            _accept_anew(history, terms_hash(core.terms), terms_hash(terms))
    return history


def agree_anew(history: History, pair: Pair) -> None:
    """Have the first acceptance name the first proposal as it now is."""
    ((node, proposed),) = [
        (node, core)
        for node, log in history.logs.items()
        for core, _ in log
        if isinstance(core, cores.TermsPropose)
    ]
    other = pair.b if node == pair.a.id else pair.a
    history.change(other, cores.TermsAccept, terms=terms_hash(proposed.terms))


def _accept_anew(history: History, before: str, now: str) -> None:
    for log in history.logs.values():
        for at, (core, name) in enumerate(log):
            if isinstance(core, cores.TermsAccept) and core.terms == before:
                log[at] = (msgspec.structs.replace(core, terms=now), name)
