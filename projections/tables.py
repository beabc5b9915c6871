"""The books in tables: written in the transaction of the append, read at start.

The single writer knows every new value, so rows are set and not added to. A rule in SQL would be
a second place for it: there is none.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.log_store import FEW, columns, inserts
from events.queries import load_queries
from events.transaction import together
from projections import tables_agreeing, tables_register
from projections.books import Books
from projections.ledger import Account, Hold, PostingRow, Settings, code_key
from projections.lines import DONE, Line, Transfer
from projections.tables_members import read_members, write_members, write_rules
from schemas import bodies, cores
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind, AccountStatus
from schemas.encoding import b64, encode, unb64
from schemas.limit_bodies import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg import Record

    from events.log_store import AnyConnection
    from events.transaction import Statement, Writing
    from projections.ledger import Ledger
    from projections.recorded import Recorded

SQL: Final = load_queries(files("projections").joinpath("sql/books.sql"))

_LINE: Final = msgspec.json.Decoder(Line)
_TRANSFER: Final = msgspec.json.Decoder(Transfer)


class InboxRow(NamedTuple):
    """One received event as it is stored; `cover` is the place that closed its batch."""

    line: str
    n: int
    id: str
    core: bytes
    signature: bytes
    cover: int
    received_at_s: int


LIMITS: Final = Limits.__struct_fields__
"""The limits of a group, as fields and columns of their table, in one order."""

InboxText = tuple[str, int, bytes, bytes, bytes]
"""(line, n, commitment, subject, sealed): a received text under our member's key."""


class StatementRow(NamedTuple):
    """One line of a statement."""

    seq: int
    ordinal: int
    amount_minor: int
    balance_minor: int
    at_s: int


def optional_bytes(text: str | None) -> bytes | None:
    """Give the bytes of an optional id."""
    return None if text is None else unb64(text)


async def write_books(
    writing: Writing,
    books: Books,
    rows: Sequence[PostingRow],
    events: Sequence[Recorded],
    *,
    keys: Sequence[tuple[bytes, bytes, int]] = (),
    inbox: Sequence[InboxRow] = (),
) -> None:
    """Write everything that a branch changed, its commands' keys, and what a partner sent.

    A key or a place in the inbox that is taken is refused by the primary key.
    """
    last = await write_all_but_last(writing, books, rows, events, keys=keys, inbox=inbox)
    await _execute(writing, last)


async def write_all_but_last(
    writing: Writing,
    books: Books,
    rows: Sequence[PostingRow],
    events: Sequence[Recorded],
    *,
    keys: Sequence[tuple[bytes, bytes, int]] = (),
    inbox: Sequence[InboxRow] = (),
) -> list[Statement]:
    """As `write_books`, but the statements that write a small batch are given, not executed."""
    accounts = list(books.ledger.accounts.top.values())
    if accounts:
        await writing.execute(
            SQL["write_accounts"], *columns(list(map(_account_row, accounts)), 14)
        )
    await _write_local(writing, books, events)
    await tables_agreeing.write(writing, books, events)
    await tables_register.write(writing, books, events)
    changes = _changes(books, events)
    # a row holds the bytes of the id, in the place that is typed as the id
    received = [row._replace(id=unb64(row.id)) for row in inbox]  # type: ignore[arg-type]
    if max(len(rows), len(keys), len(received)) < FEW:
        few = {"write_postings": rows, "write_keys": keys, "write_inbox": received}
        return [*changes, *inserts(SQL, few)]
    await _execute(writing, changes)
    await _copy(writing, "posting", PostingRow._fields, rows)
    await _copy(writing, "command_key", ("key", "digest", "seq"), keys)
    await _copy(writing, "line_inbox", InboxRow._fields, received)
    return []


async def _execute(writing: Writing, statements: Sequence[Statement]) -> None:
    if statements:
        one = together(statements)
        await writing.execute(one.sql, *one.arguments)


async def _copy(
    writing: Writing,
    table: str,
    names: Sequence[str],
    rows: Sequence[tuple[object, ...]],
) -> None:
    if rows:
        await writing.copy_records_to_table(table, records=rows, columns=names)


def _moves(ledger: Ledger) -> list[tuple[int, ...]]:
    """Give the accounts that moved, with balances, what is held of them, and given."""
    changed = (ledger.balances, ledger.held_lower, ledger.held_upper, ledger.given)
    moved = {number for amounts in changed for number in amounts.top}
    return [
        (
            number,
            ledger.balance(number),
            ledger.held_lower.get(number) or 0,
            ledger.held_upper.get(number) or 0,
            ledger.given.get(number) or 0,
        )
        for number in sorted(moved)
    ]


def _account_row(account: Account) -> tuple[object, ...]:
    return (
        account.account,
        account.code,
        code_key(account.code),
        account.kind.value,
        account.status.value,
        optional_bytes(account.subject),
        account.line,
        account.lower_minor,
        account.upper_minor,
        account.unlimited,
        account.opened_seq,
        account.soft_lower_minor,
        account.soft_upper_minor,
        account.since_s,
        account.merged_into,
        account.left_s,
    )


def _changes(books: Books, events: Sequence[Recorded]) -> list[Statement]:
    """Give what writes balances, holds, lines, trades, and places in the own chains."""
    chained = [
        (event.core.line, event.core.n, event.seq)
        for event in events
        if type(event.core) is not cores.LocalCore and isinstance(event.core, cores.LineCore)
    ]
    holds = [
        (*key, held.account, held.lower_minor, held.upper_minor, held.open)
        for key, held in books.ledger.holds.top.items()
    ]
    lines = [(line.line, encode(line)) for line in books.lines.top.values()]
    trades = [
        (
            transfer.line,
            transfer.path,
            transfer.direction,
            transfer.account or None,
            transfer.phase in DONE,
            encode(transfer),
            transfer.reverses or None,
        )
        for transfer in books.transfers.top.values()
    ]
    rows: dict[str, Sequence[Sequence[object]]] = {
        "write_balances": _moves(books.ledger),
        "write_holds": holds,
        "write_lines": lines,
        "write_trades": trades,
        "write_chained": chained,
    }
    return inserts(SQL, rows)


async def _write_local(writing: Writing, books: Books, events: Sequence[Recorded]) -> None:
    for event in events:
        kind = type(event.body)
        if kind is bodies.TransferBooked:
            continue
        if kind is bodies.GroupRules:
            await write_rules(writing, books.members)
        elif kind is bodies.GroupConfigured or kind is bodies.GroupLimits:
            settings = books.ledger.settings
            assert settings is not None
            await writing.execute(SQL["write_setting"], *_setting_row(settings))
    if books.members_asked is not None:
        await write_members(writing, books.members_asked)


def _setting_row(settings: Settings) -> tuple[object, ...]:
    unit = settings.unit
    return (
        unit.singular,
        unit.plural,
        unit.rate.per_hour,
        unit.rate.decimals,
        *msgspec.structs.astuple(settings.limits),
    )


async def read_command_keys(
    connection: AnyConnection, keys: Sequence[bytes]
) -> dict[bytes, tuple[bytes, int]]:
    """Tell which of these keys have been used: digest of the command, and its first event."""
    rows = await connection.fetch(SQL["read_command_keys"], keys)
    return {row["key"]: (row["digest"], row["seq"]) for row in rows}


async def write_inbox_texts(writing: Writing, texts: Sequence[InboxText]) -> None:
    """Write what requests and notes of a partner say, sealed."""
    if texts:
        await writing.execute(SQL["write_inbox_texts"], *columns(texts, 5))


async def forget_texts(writing: Writing, commitments: Sequence[bytes]) -> None:
    """Drop the peer layers that a partner obliges us to drop, wherever they lie."""
    if commitments:
        await writing.execute(SQL["forget_own_texts"], commitments)
        await writing.execute(SQL["forget_inbox_texts"], commitments)


async def write_data_keys(writing: Writing, keys: Sequence[tuple[bytes, str, bytes]]) -> None:
    """Write the wrapped data keys of members who are new."""
    if keys:
        await writing.copy_records_to_table(
            "data_key", records=keys, columns=("subject", "wrapping_key", "wrapped")
        )


async def read_transfers(connection: AnyConnection, paths: Sequence[str]) -> list[Transfer]:
    """Read the trades with one of these paths, done ones too."""
    rows = await connection.fetch(SQL["read_transfers"], paths)
    return [_TRANSFER.decode(row["state"]) for row in rows]


async def read_related(connection: AnyConnection, paths: Sequence[str]) -> list[Transfer]:
    """Read trades with one of these paths, what they reverse, and what reverses either."""
    rows = await connection.fetch(SQL["read_related_transfers"], paths)
    return [_TRANSFER.decode(row["state"]) for row in rows]


async def read_books(connection: AnyConnection) -> Books:
    """Read the books as the tables hold them; takes no longer for a longer log."""
    books = Books()
    ledger = books.ledger
    for row in await connection.fetch(SQL["read_accounts"]):
        account = _account_of(row)
        ledger.know(account)
        ledger.balances.base[account.account] = row["balance_minor"]
        if row["given_minor"]:
            ledger.given.base[account.account] = row["given_minor"]
        if row["held_lower_minor"]:
            ledger.held_lower.base[account.account] = row["held_lower_minor"]
        if row["held_upper_minor"]:
            ledger.held_upper.base[account.account] = row["held_upper_minor"]
        ledger.next_account = account.account + 1
    for part in (ledger.accounts, ledger.codes, ledger.of_subject, ledger.of_kind):
        part.merge()
    setting = await connection.fetchrow(SQL["read_setting"])
    if setting is not None:
        ledger.settings = _settings_of(setting)
    for row in await connection.fetch(SQL["read_open_holds"]):
        ledger.holds.base[row["line"], row["path"], row["direction"]] = Hold(
            account=row["account"],
            lower_minor=row["lower_minor"],
            upper_minor=row["upper_minor"],
        )
    for row in await connection.fetch(SQL["read_lines"]):
        line = _LINE.decode(row["state"])
        books.lines.base[line.line] = line
    for row in await connection.fetch(SQL["read_open_transfers"]):
        transfer = _TRANSFER.decode(row["state"])
        books.transfers.base[transfer.key()] = transfer
    books.members = await read_members(connection)
    await tables_agreeing.read(connection, books.agreeing)
    books.register = await tables_register.read(connection)
    return books


def _account_of(row: Record) -> Account:
    return Account(
        account=row["account"],
        code=row["code"],
        kind=AccountKind(row["kind"]),
        status=AccountStatus(row["status"]),
        subject=None if row["subject"] is None else b64(row["subject"]),
        line=row["line"],
        lower_minor=row["lower_minor"],
        upper_minor=row["upper_minor"],
        unlimited=row["unlimited"],
        opened_seq=row["opened_seq"],
        soft_lower_minor=row["soft_lower_minor"],
        soft_upper_minor=row["soft_upper_minor"],
        since_s=row["since_s"],
        merged_into=row["merged_into"],
        left_s=row["left_s"],
    )


def _settings_of(row: Record) -> Settings:
    return Settings(
        unit=Unit(
            singular=row["unit_singular"],
            plural=row["unit_plural"],
            rate=Rate(per_hour=row["per_hour"], decimals=row["decimals"]),
        ),
        limits=Limits(**{limit: row[limit] for limit in LIMITS}),
    )


LAST: Final = (2**62, 0)
"""The place before which every posting stands."""


async def read_statement(
    connection: AnyConnection,
    account: int,
    *,
    from_s: int = 0,
    until_s: int = 2**62,
    before: tuple[int, int] = LAST,
    limit: int = 50,
) -> list[StatementRow]:
    """Read a page of a statement, newest first, of bookings in a period (seconds, UTC)."""
    rows = await connection.fetch(
        SQL["statement_page"], account, from_s, until_s, before[0], before[1], limit
    )
    return [StatementRow(*row) for row in rows]
