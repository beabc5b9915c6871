"""Operations that read bookings: an account's statement, and the group's books."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from federation.api import statement_shapes as shapes
from federation.api.access import own_accounts, reader_for, seen_account
from federation.api.members import known_member
from federation.api.operation import BOOKERS, BOOKS, SEERS, TEXT, Call, Operation
from federation.api.queries import SQL
from federation.api.tokens import TokenRole
from federation.members import booking_proof, calendar
from federation.members import statement as use_cases
from federation.members.reader import Reader
from federation.node.patience import connection_in_time
from federation.node.service import now_s
from schemas.errors import Code, RefusedError
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from federation.members.statement import Line


async def statement(call: Call, asked: shapes.StatementAsked) -> shapes.Statement:
    """Give a page of an account's statement, newest first: by period, person and text."""
    found, bare = seen_account(call), call.token.role is TokenRole.AUDITOR
    if bare and (asked.who or asked.text):
        # who may not read texts learns nothing by looking for them
        raise RefusedError(Code.FORBIDDEN, field="who" if asked.who else "text")
    number = found.account
    page = await use_cases.statement(
        call.node, number, reader_for(call, number), _wanted(asked), limit=asked.limit
    )
    return _page(found.code, page, bare=bare)


async def member_statement(call: Call, asked: shapes.StatementAsked) -> shapes.Statement:
    """Give a page of another member's statement, where members see each other's or one may."""
    account = known_member(call)
    reader = reader_for(call, account if account in own_accounts(call) else None)
    page = await use_cases.statement(call.node, account, reader, _wanted(asked), limit=asked.limit)
    return _page(call.node.machine.books.ledger.accounts[account].code, page, bare=False)


async def months(call: Call, asked: shapes.MonthsAsked) -> shapes.Months:
    """Give what came in, went out and was left in each of the last months."""
    found, zone = seen_account(call), ZoneInfo(call.node.settings.timezone)
    number = found.account
    starts = calendar.months_until(calendar.date_of(now_s(), zone), asked.count)
    came_to = await use_cases.months(
        call.node,
        number,
        reader_for(call, number),
        [calendar.start_of(day, zone) for day in starts],
    )
    return shapes.Months(
        code=found.code,
        months=tuple(
            shapes.Month(
                month=f"{day:%Y-%m}",
                starts_at_s=one.starts_at_s,
                received_minor=one.received_minor,
                given_minor=one.given_minor,
                balance_minor=one.balance_minor,
            )
            for day, one in zip(starts, came_to, strict=True)
        ),
    )


async def books(call: Call, asked: shapes.BooksAsked) -> shapes.Books:
    """Give the group's books, oldest first; a page covers `limit` events, not all are bookings."""
    after = int(asked.after)
    until = after + asked.limit
    async with connection_in_time(call.node.pool) as connection:
        rows = await connection.fetch(SQL["read_postings"], after, until)
    accounts = call.node.machine.books.ledger.accounts
    bookings = []
    for seq, of_one in groupby(rows, key=lambda row: row["seq"]):
        legs = list(of_one)
        shown = tuple(
            shapes.Leg(
                code=accounts[row["account"]].code,
                amount_minor=row["amount_minor"],
                balance_minor=row["balance_minor"],
            )
            for row in legs
        )
        bookings.append(shapes.Booking(booking=str(seq), at_s=legs[0]["at_s"], legs=shown))
    more = until < call.node.sequencer.size - 1
    return shapes.Books(bookings=tuple(bookings), next=str(until) if more else None)


async def proof(call: Call, _: None) -> bytes:
    """Give the proof of a booking as a file, C2SP tlog-proof, with what opens it."""
    account, seq = seen_account(call).account, int(call.places["booking"])
    if call.token.role is TokenRole.AUDITOR:  # reads no texts, its member's own neither
        reader, words = Reader(roles=frozenset({Role.AUDITOR})), False
    else:
        reader, words = reader_for(call, account), True
    return await booking_proof.proof_file(call.node, reader, account, seq, words=words)


def _wanted(asked: shapes.StatementAsked) -> use_cases.Wanted:
    return use_cases.Wanted(
        from_s=asked.from_s,
        until_s=asked.until_s,
        who=asked.who,
        text=asked.text,
        before=use_cases.LAST if asked.after is None else _place(asked.after),
    )


def _page(code: str, page: use_cases.Statement, *, bare: bool) -> shapes.Statement:
    return shapes.Statement(
        code=code,
        balance_minor=page.balance_minor,
        lines=tuple(_line(line, bare=bare) for line in page.lines),
        next=None if page.next is None else f"{page.next[0]}.{page.next[1]}",
    )


def _place(text: str) -> tuple[int, int]:
    seq, _, ordinal = text.partition(".")
    return int(seq), min(int(ordinal), 2**15 - 1)


def _line(line: Line, *, bare: bool) -> shapes.StatementLine:
    across = bool(line.other_group)
    unit = line.their_unit
    return shapes.StatementLine(
        booking=str(line.seq),
        at_s=line.at_s,
        amount_minor=line.amount_minor,
        balance_minor=line.balance_minor,
        other=line.other_group or line.other_code,
        name=None if bare else line.other_name or None,
        description=None if bare else line.description,
        path=line.path or None,
        their_minor=line.their_minor,
        their_decimals=line.their_decimals if across else None,
        their_singular=None if unit is None else unit[0],
        their_plural=None if unit is None else unit[1],
    )


OPERATIONS: Final = (
    Operation(
        "statement",
        "GET",
        "/accounts/{code}/statement",
        SEERS,
        statement,
        shapes.Statement,
        shapes.StatementAsked,
        codes=(Code.NOT_FOUND, Code.FORBIDDEN),
    ),
    Operation(
        "member_statement",
        "GET",
        "/members/{code}/statement",
        BOOKERS,
        member_statement,
        shapes.Statement,
        shapes.StatementAsked,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "months",
        "GET",
        "/accounts/{code}/months",
        SEERS,
        months,
        shapes.Months,
        shapes.MonthsAsked,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "proof",
        "GET",
        "/accounts/{code}/bookings/{booking}/proof",
        SEERS,
        proof,
        bytes,
        codes=(Code.NOT_FOUND, Code.PROOF_NOT_READY, Code.PROOF_GONE, Code.RELEASES_NOTHING),
        gives=TEXT,
    ),
    Operation("books", "GET", "/books", BOOKS, books, shapes.Books, shapes.BooksAsked),
)
