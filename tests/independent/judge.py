"""Judges the books of two nodes from their raw tables; imports nothing of the product.

Standard library, asyncpg and cryptography only: leaf hashes, running Merkle roots, signatures with
the keys that the log itself states, and each commit against exactly one receipt.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.independent.encoding import add_leaf, b64, root_of, unb64


class LogFacts:
    """What one node's log says, each entry checked on the way."""

    def __init__(self) -> None:
        self.phases: dict[str, str] = {}
        self.commits: dict[str, tuple[str, int]] = {}
        self.receipts: Counter[str] = Counter()
        self.credited_paths: Counter[str] = Counter()
        self.committed_paths: Counter[str] = Counter()
        self.balances: Counter[int] = Counter()
        self.size = 0


async def read_log(dsn: str) -> LogFacts:
    """Read and check a node's log; an AssertionError names what is wrong."""
    facts = LogFacts()
    connection = await asyncpg.connect(dsn, timeout=10, command_timeout=60)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            rows = await connection.fetch(
                "SELECT seq, id, core, signature, body FROM log_event ORDER BY seq"
            )
            state = await connection.fetchrow("SELECT size, root FROM log_state")
            rows_of_accounts = await connection.fetch("SELECT account, balance_minor FROM account")
            stored = {row["account"]: row["balance_minor"] for row in rows_of_accounts}
    finally:
        await connection.close()
    cores = [json.loads(row["core"]) for row in rows]
    keys = {
        json.loads(unb64(core["statement"]["statement"]))["key"]
        for core in cores
        if core["type"] == "key.statement"
    }
    peaks: list[tuple[int, bytes]] = []
    for at, (row, core) in enumerate(zip(rows, cores, strict=True)):
        assert row["seq"] == core["seq"] == at, f"index {at}"
        assert unb64(core["root"]) == root_of(peaks), f"running root at {at}"
        leaf = hashlib.sha256(b"\x00" + row["core"]).digest()
        assert leaf == row["id"], f"id at {at}"
        assert core["key"] in keys, f"key at {at}"
        key = Ed25519PublicKey.from_public_bytes(unb64(core["key"]))
        key.verify(row["signature"], b"ruilbrug/event/v1\n" + row["core"])
        add_leaf(peaks, leaf)
        _take(facts, core, leaf, json.loads(row["body"]) if row["body"] else {})
    assert state is not None
    assert state["size"] == len(rows)
    assert state["root"] == root_of(peaks)
    assert sum(facts.balances.values()) == 0, "the books do not sum to zero"
    assert {a: b for a, b in facts.balances.items() if b} == {a: b for a, b in stored.items() if b}
    facts.size = len(rows)
    return facts


def _take(facts: LogFacts, core: dict[str, Any], leaf: bytes, body: dict[str, Any]) -> None:
    for posting in body.get("postings", ()):
        facts.balances[posting["account"]] += posting["amount_minor"]
    kind = core["type"]
    if not kind.startswith("pay."):
        return
    path = core["path"]
    facts.phases[path] = kind.removeprefix("pay.")
    if kind == "pay.commit":
        facts.commits[b64(leaf)] = (path, core["line_units"])
        facts.committed_paths[path] += 1
    elif kind == "pay.receipt":
        facts.receipts[core["commit"]] += 1
        facts.credited_paths[path] += 1


def compare(one: LogFacts, other: LogFacts) -> None:
    """Hold two logs against each other: each commit has exactly one receipt, on the other side."""
    for payer, payee in ((one, other), (other, one)):
        assert set(payer.commits) == set(payee.receipts), "a commit without receipt, or reverse"
        assert all(count == 1 for count in payee.receipts.values()), "credited twice"
        assert all(count == 1 for count in payer.committed_paths.values()), "committed twice"
        assert payer.committed_paths == payee.credited_paths
