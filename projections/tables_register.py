"""The register of an umbrella in its table: its events as they are in the log, beside the books.

Written in the transaction of the append, folded at start; `projections.tables` calls it. The table
grows with the groups and not with what they do.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.log_store import columns
from events.queries import load_queries
from projections.register import REGISTER_STEPS, Register, read_register
from schemas.encoding import encode
from schemas.register_bodies import GroupLineAgreed, RegisterBody

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log_store import AnyConnection
    from events.transaction import Writing
    from projections.books import Books
    from projections.recorded import Recorded

SQL: Final = load_queries(files("projections").joinpath("sql/register.sql"))

_BODY: Final[msgspec.json.Decoder[RegisterBody]] = msgspec.json.Decoder(RegisterBody)


class RegisterRow(NamedTuple):
    """One event of the register."""

    seq: int
    body: RegisterBody


async def write(writing: Writing, books: Books, events: Sequence[Recorded]) -> None:
    """Write what a branch adds to the register; most add nothing."""
    if books.register_asked is None:
        return
    rows = [_row(event) for event in events if type(event.body) in REGISTER_STEPS]
    if rows:
        await writing.execute(SQL["write_register"], *columns(rows, 5))


def _row(event: Recorded) -> tuple[object, ...]:
    body = event.body
    ends = (body.lower, body.higher) if isinstance(body, GroupLineAgreed) else ("", "")
    return event.seq, isinstance(body, GroupLineAgreed), *ends, encode(body)


async def read(connection: AnyConnection) -> Register:
    """Fold the register as the table holds it."""
    rows = await connection.fetch(SQL["read_register"])
    return read_register(_BODY.decode(row["body"]) for row in rows)


async def read_page(
    connection: AnyConnection, reader: str, *, after: int, limit: int
) -> list[RegisterRow]:
    """Read what one group is told of the register behind a place in the log, oldest first."""
    rows = await connection.fetch(SQL["register_page"], after, reader, limit)
    return [RegisterRow(row["seq"], _BODY.decode(row["body"])) for row in rows]


async def bodies_of(connection: AnyConnection) -> dict[int, bytes]:
    """Give the bytes of each event of the register, for who holds them against the log."""
    return {row["seq"]: row["body"] for row in await connection.fetch(SQL["read_register"])}
