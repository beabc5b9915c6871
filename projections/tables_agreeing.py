"""Requests, reversals, activities, blocks, threads and thanks in tables, beside the books.

Written in the transaction of the append, read at start; `projections.tables` calls it. What is only
an index into the log (threads, thanks, reports) is made of the events themselves.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.log_store import columns
from events.queries import load_queries
from projections.agreeing import Activity, Block, Request, RequestPhase
from projections.partners import Partner
from schemas import bodies, cores
from schemas.bodies import AccountKind
from schemas.encoding import encode, unb64

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from events.log_store import AnyConnection
    from events.transaction import Writing
    from projections.agreeing import Agreeing
    from projections.books import Books
    from projections.recorded import Recorded

SQL: Final = load_queries(files("projections").joinpath("sql/agreeing.sql"))

_REQUEST: Final = msgspec.json.Decoder(Request)
_ACTIVITY: Final = msgspec.json.Decoder(Activity)
_PARTNER: Final = msgspec.json.Decoder(Partner)
_BODY: Final = msgspec.json.Decoder(bodies.AnyBody)


class InboxMember(NamedTuple):
    """Which member of ours a received note or request concerns, and what it is about."""

    line: str
    n: int
    account: int
    kind: str
    """`message`, `request`, `thanks` or `public_thanks`."""
    about: str
    """The thread of a message; else the path of the trade."""
    sender: str
    at_s: int


BOOKED: Final = (bodies.TransferBooked, bodies.CollectiveBooked)
"""What can be given back."""

MessageRow = tuple[int, str, int, str | None, int]
"""(account, thread, seq, line, at_s)"""


async def write(writing: Writing, books: Books, events: Sequence[Recorded]) -> None:
    """Write what a branch changed here; nothing is sent to the database when that is nothing."""
    if books.agreeing_asked is not None:
        await _write_changes(writing, books.agreeing_asked)
    telling = [event for event in events if not _plain_booking(event)]
    for name, make, width in _INDEXES if telling else ():
        found = [row for event in telling for row in make(books, event)]
        if found:
            await writing.execute(SQL[name], *columns(found, width))


def _plain_booking(event: Recorded) -> bool:
    """Tell whether an event is what most are, and nothing is found by it."""
    return type(event.body) is bodies.TransferBooked and event.body.reverses is None


async def _write_changes(writing: Writing, agreeing: Agreeing) -> None:
    if agreeing.requests.top:
        rows = [_request_row(request) for request in agreeing.requests.top.values()]
        await writing.execute(SQL["write_requests"], *columns(rows, 6))
    activities = agreeing.activities.top.values()
    if activities:
        rows = [(one.activity, one.starts_at_s, encode(one)) for one in activities]
        await writing.execute(SQL["write_activities"], *columns(rows, 3))
    partners = agreeing.partners.top.values()
    if partners:
        rows = [(one.account, encode(one)) for one in partners]
        await writing.execute(SQL["write_partners"], *columns(rows, 2))
    blocks = list(agreeing.blocks.top.values())
    for name, blocked in (("drop_blocks", False), ("write_blocks", True)):
        keys = [block.key() for block in blocks if block.blocked is blocked]
        if keys:
            await writing.execute(SQL[name], *columns(keys, 4))


def _request_row(request: Request) -> tuple[object, ...]:
    return (
        unb64(request.request),
        request.payer,
        request.payee,
        request.phase is RequestPhase.OPEN,
        request.last_seq,
        encode(request),
    )


def _reversals(books: Books, event: Recorded) -> Iterator[tuple[int, int]]:
    del books
    body = event.body
    if isinstance(body, BOOKED) and body.reverses is not None:
        yield body.reverses, event.seq


def message_rows(books: Books, event: Recorded) -> Iterator[MessageRow]:
    """Give the rows by which members find a message; a coordinator's note has none."""
    body = event.body
    if isinstance(body, bodies.MessageWritten):
        for account in (body.sender, body.recipient):
            yield account, body.thread, event.seq, None, body.at_s
    elif isinstance(body, bodies.NoteBody) and not body.thanks:
        account_kind = books.ledger.accounts[body.account].kind
        if account_kind is AccountKind.MEMBER and isinstance(event.core, cores.LineCore):
            yield body.account, body.thread, event.seq, event.core.line, event.core.ts


def _thanks(books: Books, event: Recorded) -> Iterator[tuple[object, ...]]:
    del books
    body = event.body
    if isinstance(body, bodies.ThanksGiven):
        yield event.seq, str(body.trade), body.account, body.other, body.public, body.at_s
    elif isinstance(body, bodies.NoteBody) and body.thanks:
        yield event.seq, body.thread, body.account, None, False, event.core.ts


def _reports(books: Books, event: Recorded) -> Iterator[tuple[object, ...]]:
    del books
    if isinstance(event.body, bodies.ReportMade):
        yield unb64(event.body.report), event.seq, event.body.account


def _handled(books: Books, event: Recorded) -> Iterator[tuple[object, ...]]:
    del books
    if isinstance(event.body, bodies.ReportHandled):
        yield unb64(event.body.report), event.body.entered_by, event.seq


if TYPE_CHECKING:
    Make = Callable[[Books, Recorded], Iterator[tuple[object, ...]]]

_INDEXES: Final[tuple[tuple[str, Make, int], ...]] = (
    ("write_reversals", _reversals, 2),
    ("write_messages", message_rows, 5),
    ("write_thanks", _thanks, 6),
    ("write_reports", _reports, 3),
    ("handle_reports", _handled, 3),
)


async def write_inbox_members(writing: Writing, rows: Sequence[InboxMember]) -> None:
    """Write which members received notes and requests concern."""
    if rows:
        await writing.execute(SQL["write_inbox_members"], *columns(rows, 7))


async def read(connection: AnyConnection, agreeing: Agreeing) -> None:
    """Read what stands open, at start."""
    for row in await connection.fetch(SQL["read_open_requests"]):
        request = _REQUEST.decode(row["state"])
        agreeing.requests.base[request.request] = request
    for row in await connection.fetch(SQL["read_activities"]):
        activity = _ACTIVITY.decode(row["state"])
        agreeing.activities.base[activity.activity] = activity
        agreeing.next_activity = activity.activity + 1
    for row in await connection.fetch(SQL["read_blocks"]):
        block = Block(**row)
        agreeing.blocks.base[block.key()] = block
    for row in await connection.fetch(SQL["read_partners"]):
        partner = _PARTNER.decode(row["state"])
        agreeing.partners.base[partner.account] = partner


async def read_requests(connection: AnyConnection, requests: Sequence[str]) -> list[Request]:
    """Read requests by their id, ended ones too."""
    rows = await connection.fetch(SQL["read_requests"], [unb64(one) for one in requests])
    return [_REQUEST.decode(row["state"]) for row in rows]


async def read_reversals(connection: AnyConnection, originals: Sequence[int]) -> dict[int, int]:
    """Tell which of these bookings are given back, and by which."""
    rows = await connection.fetch(SQL["read_reversals"], originals)
    return {row["original"]: row["reversal"] for row in rows}


async def read_bookings(
    connection: AnyConnection, seqs: Sequence[int]
) -> dict[int, bodies.TransferBooked | bodies.CollectiveBooked]:
    """Read bookings by their place in the log; what is none is left out."""
    rows = await connection.fetch(SQL["read_bodies"], seqs)
    found = {row["seq"]: _BODY.decode(row["body"]) for row in rows}
    return {seq: body for seq, body in found.items() if isinstance(body, BOOKED)}


async def take_in(
    connection: AnyConnection, agreeing: Agreeing, requests: Sequence[str], originals: Sequence[int]
) -> None:
    """Fetch into a branch what its commands name: ended requests, bookings, what reverses them."""
    unknown = [one for one in requests if one not in agreeing.requests]
    for request in await read_requests(connection, unknown) if unknown else ():
        agreeing.requests.put(request.request, request)
    asked = [agreeing.requests.get(one) for one in requests]
    named = [*originals, *(r.reverses for r in asked if r is not None and r.reverses is not None)]
    if named:
        agreeing.originals |= await read_bookings(connection, named)
        for original, reversal in (await read_reversals(connection, named)).items():
            agreeing.reversed.put(original, reversal)
