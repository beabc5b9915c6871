"""Logs of groups as a mirror holds them: terms, commits and receipts, without the rest of a life.

Roots and signatures are those of nobody: what is tested here reads what was verified before.
"""

from __future__ import annotations

from typing import Any, Final

from events.growing import GrowingTree
from events.merkle import leaf_hash
from federation.node.service import Node
from federation.umbrella.flow_tables import of
from schemas import cores
from schemas.amounts import LINE_UNITS_PER_HOUR, Rate
from schemas.encoding import encode
from schemas.ids import line_id
from schemas.terms import Side, Terms, terms_hash

HOUR: Final = LINE_UNITS_PER_HOUR
HASH: Final = "A" * 43
SALT: Final = "A" * 22
COMMITMENTS: Final = cores.Commitments(body=HASH)


def group_id(letter: str) -> str:
    """Give the id of a group that is easy to tell from others."""
    return letter * 51 + "a"


class MadeLogs:
    """The logs of some groups, in the order in which they were written."""

    def __init__(self) -> None:
        self.cores: dict[str, list[bytes]] = {}
        self.written: dict[str, int] = {}

    def agree(
        self, one: str, other: str, rates: dict[str, Rate], *, at_s: int, hours: int = 20
    ) -> str:
        """Let two groups sign terms; gives the line."""
        lower, higher = sorted((one, other))
        line = line_id(lower, higher, 0)
        sides = [
            Side(node=node, rate=rates[node], grants_units=hours * HOUR) for node in (lower, higher)
        ]
        terms = Terms(line=line, rev=1, lower=sides[0], higher=sides[1], largest_units=9 * HOUR)
        self.add(lower, cores.TermsPropose, line, at_s, counter=0, terms=terms, salt=SALT)
        self.add(higher, cores.TermsAccept, line, at_s, rev=1, terms=terms_hash(terms), salt=SALT)
        return line

    def trade(self, payer: str, payee: str, units: int, *, at_s: int) -> None:
        """Let a member of `payer` pay one of `payee`, and that be credited."""
        self.commit(payer, payee, units, at_s=at_s)
        self.add(
            payee,
            cores.PayReceipt,
            line_id(payer, payee, 0),
            at_s,
            path=SALT,
            commit=HASH,
            up_to=1,
            line_units=units,
            total=units,
            balance=0,
            commitments=COMMITMENTS,
        )

    def commit(self, payer: str, payee: str, units: int, *, at_s: int) -> None:
        """Let a payment be on its way."""
        decision = cores.Decision(
            v=1, origin=payer, path=SALT, verdict=cores.Verdict.COMMIT, key=HASH, accept=HASH
        )
        self.add(
            payer,
            cores.PayCommit,
            line_id(payer, payee, 0),
            at_s,
            path=SALT,
            decision=cores.SignedDecision(decision=decision, signature="A" * 86),
            line_units=units,
            total=units,
            balance=0,
            commitments=COMMITMENTS,
        )

    def add(self, node: str, kind: type, line: str, at_s: int, **fields: Any) -> None:
        """Append an event to a log."""
        log = self.cores.setdefault(node, [])
        core = kind(
            v=1, origin=node, seq=len(log), root=HASH, key=HASH, ts=at_s, line=line,
            n=len(log) + 1, **fields,
        )  # fmt: skip
        log.append(encode(core))

    async def mirrored(self, node: Node, *, at_s: int) -> None:
        """Let an umbrella have followed all logs by now, and have them summed."""
        for group, log in self.cores.items():
            tree = GrowingTree.from_tiles([], [])
            for core in log:
                tree.append(leaf_hash(core))
            new = log[self.written.get(group, 0) :]
            start = len(log) - len(new)
            await node.pool.executemany(
                "INSERT INTO mirror_event (node, seq, core, signature) VALUES ($1, $2, $3, '')",
                [(group, start + at, core) for at, core in enumerate(new)],
            )
            self.written[group] = len(log)
            await node.pool.execute(
                "INSERT INTO mirror_state (node, size, root, checkpoint, pulled_at_s)"
                " VALUES ($1, $2, $3, '', $4) ON CONFLICT (node) DO UPDATE"
                " SET size = excluded.size, root = excluded.root",
                group,
                len(log),
                tree.root(),
                at_s,
            )
        await of(node).catch_up()
