"""Logs of made-up groups as an umbrella has mirrored them: one event in ten is of a trade.

Groups trade in pairs over one line each; everything in their logs is as it would be, but that only
those who are asked for it sign their events.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from asyncpg import Connection, Record

from events.evidence import DECISION_PREFIX
from events.growing import GrowingTree
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from events.signing import PrivateKey
from federation.node.identity import first_statements
from schemas import cores
from schemas.amounts import Rate
from schemas.encoding import b64, encode, unb64
from schemas.ids import line_id, node_id
from schemas.keys import Role
from schemas.terms import Side, Terms, terms_hash

NOW = 1_790_000_000
HOUR = 360_000
UNITS = 3_600
LOCAL = 36
"""Local events of a group for each trade, in which it writes two or two of four."""
ROWS = 20_000
UNSIGNED = bytes(64)


class Group:
    """One log that grows."""

    def __init__(self, chance: random.Random, *, signed: bool) -> None:
        """Make keys, and begin the log with their statements."""
        self._chance = chance
        keys = {
            role: (PrivateKey(chance.randbytes(32)), PrivateKey(chance.randbytes(32)))
            for role in Role
        }
        statements = first_statements(keys, chance.randbytes)
        self.key = keys[Role.LOG][0]
        self.node = node_id(unb64(statements[0].statement))
        self.tree = GrowingTree.from_tiles([], [])
        self.rows: list[tuple[str, int, bytes, bytes]] = []
        self._signed = signed
        self._public = b64(self.key.public.data)
        self._line: dict[str, Any] = {"n": 0, "prev": None}
        for statement in statements:
            self._write(cores.KeyCore, statement=statement, salt=b64(chance.randbytes(16)))

    def _write(self, kind: Callable[..., Any], **fields: Any) -> str:
        return self._append(
            encode(
                kind(
                    v=1,
                    origin=self.node,
                    seq=self.tree.size,
                    root=b64(self.tree.root()),
                    key=self._public,
                    ts=NOW,
                    **fields,
                )
            )
        )

    def _append(self, core: bytes) -> str:
        leaf = leaf_hash(core)
        signature = self.key.sign(EVENT_PREFIX + core) if self._signed else UNSIGNED
        self.rows.append((self.node, self.tree.size, core, signature))
        self.tree.append(leaf)
        return b64(leaf)

    @property
    def written(self) -> int:
        """How many events it has written on the line."""
        return int(self._line["n"])

    def local(self, count: int) -> None:
        """Write local events."""
        for _ in range(count):
            self._write(cores.LocalCore, commitment=b64(self._chance.randbytes(32)))

    def say(self, kind: Callable[..., Any], line: str, other: Group, **fields: Any) -> str:
        """Write the next event on the line; it has seen all that the other wrote."""
        own, theirs = self._line, other._line
        seen = cores.Seen(n=theirs["n"], id=theirs["prev"]) if theirs["n"] else None
        name = self._write(kind, line=line, n=own["n"] + 1, prev=own["prev"], seen=seen, **fields)
        self._line = {"n": own["n"] + 1, "prev": name}
        return name


class Pair:
    """Two groups with a line, who pay each other by turns."""

    def __init__(self, seed: int, *, signed: bool) -> None:
        """Make them, and let them agree."""
        chance = random.Random(seed)
        self._chance = chance
        self.groups = (Group(chance, signed=signed), Group(chance, signed=signed))
        one, other = self.groups
        self.line = line_id(one.node, other.node, 0)
        sides = [
            Side(node=group.node, rate=Rate(20), grants_units=20 * HOUR)
            for group in sorted(self.groups, key=lambda group: group.node)
        ]
        terms = Terms(
            line=self.line,
            rev=1,
            lower=sides[0],
            higher=sides[1],
            largest_units=5 * HOUR,
            previous=None,
        )
        salt = b64(chance.randbytes(16))
        one.say(cores.TermsPropose, self.line, other, terms=terms, counter=0, salt=salt)
        other.say(cores.TermsAccept, self.line, one, terms=terms_hash(terms), rev=1, salt=salt)
        self._paid = {one.node: 0, other.node: 0}
        self._turn = 0

    def trade(self) -> None:
        """Let one pay the other, and both write what else happens in a group meanwhile."""
        payer, payee = self.groups if self._turn % 2 == 0 else self.groups[::-1]
        self._turn += 1
        path = b64(self._chance.randbytes(16))
        layers = cores.Commitments(body=b64(self._chance.randbytes(32)))
        minor = UNITS * 20 // HOUR or 1
        prepared = payer.say(
            cores.PayPrepare,
            self.line,
            payee,
            path=path,
            line_units=18_000,
            payer_minor=minor,
            payee_minor=minor,
            terms_rev=1,
            fixed=cores.Fixed.PAYEE,
            expires_at_s=NOW + 60,
            commitments=layers,
        )
        accepted = payee.say(
            cores.PayAccept,
            self.line,
            payer,
            path=path,
            prepare=prepared,
            line_units=18_000,
            commitments=layers,
        )
        self._decide(payer, payee, path, accepted, layers)
        for group in self.groups:
            group.local(LOCAL // 2)

    def _decide(
        self, payer: Group, payee: Group, path: str, accepted: str, layers: cores.Commitments
    ) -> None:
        decision = cores.Decision(
            v=1,
            origin=payer.node,
            path=path,
            verdict=cores.Verdict.COMMIT,
            key=b64(payer.key.public.data),
            accept=accepted,
        )
        signature = b64(payer.key.sign(DECISION_PREFIX + encode(decision)))
        self._paid[payer.node] += 18_000
        total = self._paid[payer.node]
        owes = total - self._paid[payee.node]
        committed = payer.say(
            cores.PayCommit,
            self.line,
            payee,
            path=path,
            decision=cores.SignedDecision(decision=decision, signature=signature),
            line_units=18_000,
            total=total,
            balance=owes,
            commitments=layers,
        )
        payee.say(
            cores.PayReceipt,
            self.line,
            payer,
            path=path,
            commit=committed,
            up_to=payer.written,
            line_units=18_000,
            total=total,
            balance=-owes,
            commitments=layers,
        )

    def taken(self) -> Iterator[tuple[str, int, bytes, bytes]]:
        """Give the rows that were written since the last time."""
        for group in self.groups:
            yield from group.rows
            group.rows = []


async def fill(connection: Connection[Record], pair: Pair, events: int) -> None:
    """Write until each log of a pair has so many events."""
    while pair.groups[0].tree.size < events:
        pair.trade()
        if len(pair.groups[0].rows) > ROWS:
            await store(connection, pair)
    await store(connection, pair)


async def store(connection: Connection[Record], pair: Pair) -> None:
    """Put what a pair has written into the mirror."""
    await connection.copy_records_to_table(
        "mirror_event", records=pair.taken(), columns=("node", "seq", "core", "signature")
    )
