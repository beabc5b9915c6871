"""Judges the books of two nodes from their raw tables; imports nothing of the product.

Standard library, asyncpg and cryptography only. Bytes first: ids, running roots, commitments,
signatures with the keys that the log itself states. Then meaning: both ledgers and the line are
worked out again. Then the two against each other. An AssertionError names what differs.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.independent.encoding import add_leaf, b32, b64, leaf_id, root_of, unb64
from tests.independent.ledger import Ledger
from tests.independent.line import Entry, canonical
from tests.independent.payments import Side

EVENTS = "SELECT seq, id, core, signature, body, body_salt FROM log_event ORDER BY seq"
LOST = "SELECT seq, stands_in FROM lost_body"
TEXTS = """
SELECT commitment FROM sealed_text WHERE layer = 'peer' UNION SELECT commitment FROM line_inbox_text
"""
INBOX = "SELECT line, n, id, core, signature FROM line_inbox ORDER BY line, n"
ACCOUNTS = """
SELECT account, balance_minor, held_lower_minor, held_upper_minor FROM account ORDER BY account
"""


class Log:
    """What one node's tables say: decoded, bytes checked, nothing understood yet."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.inbox: dict[str, list[Entry]] = defaultdict(list)
        self.signed: dict[tuple[str, int], tuple[bytes, bytes]] = {}
        """Own line events as they were sent: (line, n) -> core and signature."""
        self.received: dict[tuple[str, int], tuple[bytes, bytes]] = {}
        self.accounts: list[Any] = []
        self.lines: dict[str, dict[str, Any]] = {}
        self.peer_texts: set[str] = set()
        """Commitments of the peer layers whose sealed text is there."""


class LogFacts:
    """What one node's log means."""

    def __init__(self, log: Log, ledger: Ledger, sides: dict[str, Side]) -> None:
        self.log = log
        self.ledger = ledger
        self.sides = sides
        self.size = len(log.entries)
        self.commits: dict[str, tuple[str, int]] = {}
        self.receipts: Counter[str] = Counter()
        self.credited_paths: Counter[str] = Counter()
        self.committed_paths: Counter[str] = Counter()
        for entry in log.entries:
            if entry.core["type"] == "pay.commit":
                self.commits[entry.id] = (entry.core["path"], entry.core["line_units"])
                self.committed_paths[entry.core["path"]] += 1
            elif entry.core["type"] == "pay.receipt":
                self.receipts[entry.core["commit"]] += 1
                self.credited_paths[entry.core["path"]] += 1


async def read_log(dsn: str) -> LogFacts:
    """Read, check and understand a node's log."""
    return replay(await fetch(dsn))


async def fetch(dsn: str) -> Log:
    """Read a node's tables at one moment, and check every byte that can be checked."""
    connection = await asyncpg.connect(dsn, timeout=10, command_timeout=60)
    log = Log()
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            rows = await connection.fetch(EVENTS)
            state = await connection.fetchrow("SELECT size, root FROM log_state")
            log.accounts = [dict(row) for row in await connection.fetch(ACCOUNTS)]
            for row in await connection.fetch("SELECT line, state FROM line"):
                log.lines[row["line"]] = json.loads(row["state"])
            received = await connection.fetch(INBOX)
            lost = {row["seq"]: row["stands_in"] for row in await connection.fetch(LOST)}
            log.peer_texts = {b64(row["commitment"]) for row in await connection.fetch(TEXTS)}
    finally:
        await connection.close()
    for row in received:
        assert leaf_id(row["core"]) == b64(row["id"]), f"received {row['line']} {row['n']}: id"
        log.inbox[row["line"]].append(Entry(b64(row["id"]), json.loads(row["core"])))
        log.received[row["line"], row["n"]] = (row["core"], row["signature"])
    assert state is not None
    assert state["size"] == len(rows), "the log's size"
    assert state["root"] == check_bytes(rows), "the log's root"
    for row in rows:
        body_bytes = row["body"] or lost.get(row["seq"])
        body = json.loads(body_bytes) if body_bytes else None
        entry = Entry(b64(row["id"]), json.loads(row["core"]), body)
        log.entries.append(entry)
        if "line" in entry.core:
            log.signed[entry.core["line"], entry.core["n"]] = (row["core"], row["signature"])
    return log


def check_bytes(rows: list[Any]) -> bytes:
    """Check ids, places, running roots, commitments and signatures; gives the root."""
    keys = _log_keys(rows)
    peaks: list[tuple[int, bytes]] = []
    for at, row in enumerate(rows):
        core = json.loads(row["core"])
        assert canonical(core) == row["core"], f"bytes at {at}"
        assert row["seq"] == core["seq"] == at, f"index {at}"
        assert unb64(core["root"]) == root_of(peaks), f"running root at {at}"
        assert leaf_id(row["core"]) == b64(row["id"]), f"id at {at}"
        if row["body"] is not None:
            said = core.get("commitment") or core["commitments"]["body"]
            opened = b"ruilbrug/commit/v1\nbody" + row["body_salt"] + row["body"]
            assert unb64(said) == hashlib.sha256(opened).digest(), f"commitment at {at}"
        assert keys.get(core["key"], at + 1) <= at, f"key at {at}"
        key = Ed25519PublicKey.from_public_bytes(unb64(core["key"]))
        key.verify(row["signature"], b"ruilbrug/event/v1\n" + row["core"])
        signed = core.get("decision")
        if signed is not None:
            key.verify(
                unb64(signed["signature"]),
                b"ruilbrug/decision/v1\n" + canonical(signed["decision"]),
            )
        add_leaf(peaks, row["id"])
    return root_of(peaks)


def _log_keys(rows: list[Any]) -> dict[str, int]:
    """Give the log keys that the log states, each with the index from which it counts.

    The first statement makes the node's id, and every statement is signed by each key it names.
    """
    keys: dict[str, int] = {}
    origin = json.loads(rows[0]["core"])["origin"]
    for row in rows:
        core = json.loads(row["core"])
        assert core["origin"] == origin, f"origin at {core['seq']}"
        if core["type"] != "key.statement":
            continue
        text = unb64(core["statement"]["statement"])
        statement = json.loads(text)
        if not keys and statement["role"] == "root":
            assert b32(hashlib.sha256(text).digest()) == origin, "the root key makes another id"
        for signed in core["statement"]["signatures"]:
            key = Ed25519PublicKey.from_public_bytes(unb64(signed["key"]))
            key.verify(unb64(signed["signature"]), b"ruilbrug/key/v1\n" + text)
        if statement["role"] == "log" and statement["cause"] != "revocation":
            keys[statement["key"]] = statement["holds_from"]
    return keys


def replay(log: Log) -> LogFacts:
    """Work out ledger and lines again, and hold them against what the node has stored."""
    us = log.entries[0].core["origin"]
    ledger = Ledger()
    sides: dict[str, Side] = {}
    for entry in log.entries:
        kind = entry.core["type"]
        if kind == "key.statement":
            continue
        if kind == "local":
            _local(ledger, entry)
            continue
        line = entry.core["line"]
        if line not in sides:
            sides[line] = Side(us, line, log.inbox.get(line, []), ledger)
        sides[line].add(entry)
    for side in sides.values():
        side.take_all()
    assert sum(ledger.balances.values()) == 0, "the books do not sum to zero"
    ledger.same_as_stored(log.accounts)
    for line, side in sides.items():
        _as_stored(log.lines[line], side)
        kept = side.forgotten & log.peer_texts
        assert not kept, f"line {line}: a forgotten text is still there"
    return LogFacts(log, ledger, sides)


def _local(ledger: Ledger, entry: Entry) -> None:
    body = entry.body
    if body is None:
        return  # lost in a restore: it counts for nothing
    if body["type"] == "account.opened":
        ledger.opened(body)
    if "postings" in body:
        ledger.post(body, f"event {entry.core['seq']}")


def _as_stored(state: dict[str, Any], side: Side) -> None:
    found = {
        "out_n": len(side.own),
        "in_n": len(side.received),
        "balance_units": side.balance,
        "paid_units": side.paid,
        "credited_units": side.credited,
        "held_out_units": side.held_out,
        "held_in_units": side.held_in,
    }
    for name, value in found.items():
        assert state.get(name, 0) == value, f"line {side.line}: {name} is stored otherwise"


def compare(one: LogFacts, other: LogFacts) -> None:
    """Hold two quiet logs against each other: what each received, and where the line stands."""
    for sender, reader in ((one, other), (other, one)):
        for place, sent in reader.log.received.items():
            if place in sender.log.signed or place[0] in sender.sides:
                assert sender.log.signed.get(place) == sent, f"{place}: received something else"
    for payer, payee in ((one, other), (other, one)):
        assert set(payer.commits) == set(payee.receipts), "a commit without receipt, or reverse"
        assert all(count == 1 for count in payee.receipts.values()), "credited twice"
        assert all(count == 1 for count in payer.committed_paths.values()), "committed twice"
        assert payer.committed_paths == payee.credited_paths
    for line in set(one.sides) & set(other.sides):
        mine, theirs = one.sides[line], other.sides[line]
        assert (len(mine.own), len(mine.received)) == (len(theirs.received), len(theirs.own)), line
        stood = mine.balance - mine.written_off, theirs.balance - theirs.written_off
        assert stood[0] == -stood[1], f"line {line}: I3"
        assert (mine.paid, mine.credited) == (theirs.credited, theirs.paid), f"line {line}: totals"
        assert mine.terms == theirs.terms, f"line {line}: terms"
        assert (mine.held_out, mine.held_in) == (0, 0), f"line {line}: something is under way"
