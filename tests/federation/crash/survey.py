"""What is durable about payments on both sides of a line, read from the raw tables."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from typing import NamedTuple

import asyncpg

from tests.federation.crash.proxy import Message
from tests.independent.encoding import unb64

OWN = """
SELECT convert_from(core, 'UTF8') AS core FROM log_event
WHERE position('"type":"pay.'::bytea IN core) > 0
"""
RECEIVED = """
SELECT convert_from(core, 'UTF8') AS core FROM line_inbox
WHERE position('"type":"pay.'::bytea IN core) > 0
"""
EVENTS = ("prepare", "accept", "commit", "receipt")
BY_PAYER = ("prepare", "commit")


class Standing(NamedTuple):
    """Which of the four events of a payment are durable, on the payer's and the payee's side."""

    payer: frozenset[str]
    payee: frozenset[str]

    def __str__(self) -> str:
        return f"payer's side {_names(self.payer):<29} payee's side {_names(self.payee):<29}"

    def at_writer_only(self) -> list[str]:
        return [
            event
            for event in EVENTS
            if event in (self.payer ^ self.payee)
            and event in (self.payer if event in BY_PAYER else self.payee)
        ]

    def on_both(self) -> list[str]:
        return [event for event in EVENTS if event in self.payer & self.payee]


def _names(events: frozenset[str]) -> str:
    return " ".join(event for event in EVENTS if event in events) or "nothing"


def standing(payer: int, payee: int) -> Standing:
    """Give the standing with the first `payer` events on one side, `payee` on the other."""
    return Standing(frozenset(EVENTS[:payer]), frozenset(EVENTS[:payee]))


IN_ORDER = (standing(1, 0), standing(1, 2), standing(3, 2), standing(3, 4), standing(4, 4))
"""Every standing that a payment passes through on its way to the end.

A side that takes in a prepare or an accept answers it in the same transaction, so each of these
comes with its answer.
"""


async def survey(payer_dsn: str, payee_dsn: str) -> dict[str, Standing]:
    """Tell of each payment from one side to the other what is durable where; by path."""
    payer, payee = await asyncio.gather(_events(payer_dsn), _events(payee_dsn))
    paths = {path for path, events in payer.items() if "own prepare" in events}
    return {
        path: Standing(_durable(payer[path]), _durable(payee.get(path, set()))) for path in paths
    }


def _durable(events: set[str]) -> frozenset[str]:
    return frozenset(event.partition(" ")[2] for event in events) & frozenset(EVENTS)


async def _events(dsn: str) -> dict[str, set[str]]:
    connection = await asyncpg.connect(dsn, timeout=10, command_timeout=30)
    try:
        own, received = await connection.fetch(OWN), await connection.fetch(RECEIVED)
    finally:
        await connection.close()
    found: dict[str, set[str]] = defaultdict(set)
    for whose, rows in (("own", own), ("received", received)):
        for row in rows:
            core = json.loads(row["core"])
            found[core["path"]].add(f"{whose} {core['type'].removeprefix('pay.')}")
    return found


def carries(message: Message, kind: str, path: str) -> bool:
    """Tell whether a message of the exchange carries this event of this payment."""
    if path.encode() not in b"".join(_cores(message)):
        return False
    cores = [json.loads(core) for core in _cores(message)]
    return any(core["type"] == f"pay.{kind}" and core["path"] == path for core in cores)


def _cores(message: Message) -> list[bytes]:
    try:
        events = json.loads(message.body).get("events", [])
    except (ValueError, AttributeError):
        return []
    return [unb64(event["core"]) for event in events]
