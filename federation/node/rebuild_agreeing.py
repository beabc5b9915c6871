"""Requests, reversals, activities, blocks and threads, folded anew and held against tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.tables_agreeing import SQL
from schemas.encoding import b64, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg import Connection, Record

    from projections.agreeing import Agreeing
    from projections.tables_agreeing import MessageRow

    Difference = tuple[int, str, str]


async def compare_messages(
    connection: Connection[Record], wanted: Sequence[MessageRow], start: int, end: int
) -> list[Difference]:
    """Hold the rows of threads of a range of events against the table."""
    stored = {tuple(row) for row in await connection.fetch(SQL["messages_of_range"], start, end)}
    return [
        (row[2], "thread_message", f"of account {row[0]} is not what the log says")
        for row in sorted(stored ^ set(wanted), key=lambda row: (row[2], row[0]))
    ]


async def compare_agreeing(
    connection: Connection[Record], mine: Agreeing, stored: Agreeing
) -> list[Difference]:
    """Hold what stands open, and what ended, against the tables."""
    found: list[Difference] = []
    requests = {request.request: encode(request) for request in mine.requests.values()}
    for row in await connection.fetch(SQL["all_requests"]):
        name = b64(row["request"])
        if requests.pop(name, None) != row["state"]:
            found.append((-1, f"request {name}", "it is not what the log says"))
    found += [(-1, f"request {name}", "it is missing") for name in requests]
    reversals = {
        row["original"]: row["reversal"] for row in await connection.fetch(SQL["all_reversals"])
    }
    if reversals != mine.reversed.top:
        found.append((-1, "booking_reversal", "it is not what the log says"))
    activities = {one.activity: one for one in mine.activities.values()}
    if activities != stored.activities.base:
        found.append((-1, "activity", "it is not what the log says"))
    if {one.account: one for one in mine.partners.values()} != stored.partners.base:
        found.append((-1, "partner", "it is not what the log says"))
    blocks = {block.key() for block in mine.blocks.values() if block.blocked}
    if blocks != set(stored.blocks.base):
        found.append((-1, "member_block", "it is not what the log says"))
    return found
