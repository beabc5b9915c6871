"""The books folded anew from log and inbox, and held against the tables.

A received event is folded before the first own event that has seen it, as it was when it came in;
so the order is that of the running node (I12). As there, trades that are done leave the memory, and
come back from their table when an event names them: a partner may be late, or contradict itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from events.log_store import SQL, read_state
from events.migrations import rebuilt
from events.recovery import close_connection, connect
from federation.node.database import only_process
from federation.node.rebuild_agreeing import compare_agreeing, compare_messages
from federation.node.recovery_queries import SQL as RECOVERY_SQL
from federation.peer.channel import decode_line_core
from projections import tables, tables_agreeing, tables_register
from projections.books import Books, fold
from projections.received import fold_received
from projections.recorded import Recorded
from projections.register import REGISTER_STEPS
from schemas import bodies, cores
from schemas.cores import AnyCore, LineCore, LocalCore
from schemas.encoding import b64, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncpg import Connection, Record

    from projections.ledger import PostingRow
    from projections.lines import Transfer

Difference = tuple[int, str, str]
"""(seq or -1, what, reason)"""
Progress = Callable[[int, int], None]
INBOX_PAGE: Final = 4096
CHUNK: Final = 4096


_BODY: Final = msgspec.json.Decoder(bodies.AnyBody)
_CORE: Final = msgspec.json.Decoder(AnyCore)
_LOCAL_TAIL: Final = b',"type":"local","v":1}'
ANY_LOCAL: Final = LocalCore(v=1, origin="", seq=0, root="", key="", ts=0, commitment="")
"""Stands for any local core: the folds read the body of a local event and nothing else."""


def _tell_nobody(_done: int, _size: int) -> None:
    return None


async def rebuild_tables(
    dsn: str, owner_dsn: str, *, chunk: int = CHUNK, told: Progress = _tell_nobody
) -> int:
    """Fill the tables of the books anew from the log, and give how many events it has.

    In one transaction of the owner, `chunk` events at a time, while no process works on the
    database. Sends nothing; `told` hears after each portion how many events of how many are done.

    Raises:
        StorageError: `node_runs`.

    """
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(close_connection, await only_process(dsn))
        owner = await connect(owner_dsn)
        stack.push_async_callback(close_connection, owner)
        async with owner.transaction(isolation="repeatable_read"):
            events = (await refill(owner, chunk=chunk, told=told)).events
            await rebuilt(owner)
            return events


async def refill(
    connection: Connection[Record],
    *,
    unseen: bool = True,
    chunk: int = CHUNK,
    told: Progress = _tell_nobody,
) -> Rebuild:
    """Fill the tables anew in the owner's transaction, and give the books that came out.

    Without `unseen`, what partners sent and no own event has seen stays out of the books. Folds and
    writes `chunk` events at a time.
    """
    state = await read_state(connection)
    assert state is not None
    await connection.execute(tables.SQL["empty_tables"])
    rebuild = Rebuild(state.origin)
    await rebuild.load_inbox(connection)
    await rebuild.load_lost(connection)
    done = rebuild.books
    for start in range(0, state.size, chunk):
        end = min(start + chunk, state.size)
        columns = await connection.fetchrow(SQL["read_columns"], start, end)
        assert columns is not None
        own = [
            OwnEvent(seq, identity, *_meaning(core, body))
            for seq, identity, core, _, body, _ in zip(*columns, strict=True)
        ]
        rebuild.begin(done, await tables.read_transfers(connection, rebuild.named(own)))
        events = [rebuild.own(*event) for event in own]
        await tables.write_books(connection, rebuild.books, rebuild.rows, events)
        done.adopt(rebuild.books)
        told(end, state.size)
    unheard = rebuild.named_unseen() if unseen else []
    rebuild.begin(done, await tables.read_transfers(connection, unheard))
    if unseen:
        rebuild.finish_inbox()
    await tables.write_books(connection, rebuild.books, [], [])
    await connection.execute(tables.SQL["index_postings"])
    return rebuild


def _meaning(core: bytes, body: bytes | None) -> tuple[AnyCore, bodies.AnyBody | None]:
    """Decode what the folds read; bytes are not checked here, that is `log verify`."""
    meaning = None if body is None else _BODY.decode(body)
    return (ANY_LOCAL if core.endswith(_LOCAL_TAIL) else _CORE.decode(core)), meaning


def seen_by(core: Any, body: Any) -> tuple[str, int] | None:
    """Say up to which event of which partner's chain an own event rests on what came in."""
    if type(core) is not LocalCore and isinstance(core, LineCore):
        return None if core.seen is None else (core.line, core.seen.n)
    if isinstance(body, bodies.LineQuarantined):
        return body.line, body.n
    if isinstance(body, bodies.AccountOpened) and body.line is not None:
        return body.line, 1
    return None


_COUNTED: Final = (("held_lower", "holds"), ("held_upper", "holds"), ("given", "units given"))
"""Sums of the ledger beside balances, and how they are named."""


class OwnEvent(NamedTuple):
    """One event of the own log, as it is folded."""

    seq: int
    identity: bytes
    core: Any
    body: bodies.AnyBody | None


class Rebuild:
    """Folds a log from its first event on."""

    def __init__(self, origin: str) -> None:
        """Start with nothing."""
        self.books = Books()
        self.rows: list[PostingRow] = []
        self.register: dict[int, bytes] = {}
        """The events of an umbrella's register, by their places."""
        self.messages: list[tables_agreeing.MessageRow] = []
        """Rows of threads, as those of statements in `rows`: of what was folded last."""
        self._origin = origin
        self._inbox: dict[str, list[tuple[int, bytes, bytes]]] = {}
        self._ahead: dict[tuple[str, int], cores.LineEvent | cores.UnknownCore] = {}
        """What came in and was read already, to see which trades it names."""
        self._stand_ins: dict[int, bodies.AnyBody] = {}
        self.lost: dict[int, bytes | None] = {}
        """Events whose body did not come back after a restore, and the body that stands for it."""
        self.events = 0

    async def load_lost(self, connection: Connection[Record]) -> None:
        """Read which bodies did not come back after a restore, and what stands for them."""
        for row in await connection.fetch(RECOVERY_SQL["read_lost"]):
            self.lost[row["seq"]] = row["stands_in"]
            if row["stands_in"] is not None:
                self._stand_ins[row["seq"]] = _BODY.decode(row["stands_in"])

    def offer(self, line: str, rows: Sequence[tuple[int, bytes, bytes]]) -> None:
        """Hand in what a partner sent behind what is known: (n, id, core), oldest first."""
        self._inbox[line] = [*reversed(rows), *self._inbox.get(line, [])]

    async def load_inbox(self, connection: Connection[Record]) -> None:
        """Read what partners sent."""
        lines = await connection.fetch(tables.SQL["inbox_lines"])
        for line in lines:
            rows: list[tuple[int, bytes, bytes]] = []
            after = 0
            while page := await connection.fetch(
                tables.SQL["inbox_after"], line["line"], after, INBOX_PAGE
            ):
                rows.extend((row["n"], row["id"], row["core"]) for row in page)
                after = page[-1]["n"]
            self._inbox[line["line"]] = rows[::-1]

    def begin(self, done: Books, named: Iterable[Transfer]) -> None:
        """Fold on a branch of `done`, into which the trades come that are named there."""
        self.books, self.rows, self.messages = done.branch(), [], []
        for transfer in named:
            if transfer.key() not in self.books.transfers:
                self.books.transfers.put(transfer.key(), transfer)

    def named(self, own: Iterable[OwnEvent]) -> list[str]:
        """Give the paths that own events, and what they have seen, will ask for."""
        until: dict[str, int] = {}
        paths: set[str] = set()
        for event in own:
            paths.add(getattr(event.core, "path", ""))
            seen = seen_by(event.core, event.body)
            if seen is not None:
                until[seen[0]] = max(until.get(seen[0], 0), seen[1])
        for line, n in until.items():
            paths |= self._named_up_to(line, n)
        return sorted(paths - {""})

    def named_unseen(self) -> list[str]:
        """Give the paths that everything asks for that no own event has seen yet."""
        found = (self._named_up_to(line, 2**62) for line in self._inbox)
        return sorted(set[str]().union(*found) - {""})

    def _named_up_to(self, line: str, n: int) -> set[str]:
        paths: set[str] = set()
        for at, _, data in reversed(self._inbox.get(line, [])):
            if at > n:
                break
            core = self._ahead[line, at] = decode_line_core(data)
            paths.add(getattr(core, "path", ""))
        return paths

    def own(self, seq: int, identity: bytes, core: Any, body: Any) -> Recorded:
        """Fold one own event, and before it what it has seen."""
        if body is None:
            body = self._stand_ins.get(seq)
        self.see(core, body)
        self.events += 1
        event = Recorded(seq, b64(identity), core, body)
        fold(self.books, event, self.rows)
        if type(body) in REGISTER_STEPS:
            self.register[seq] = encode(body)
        self.messages.extend(tables_agreeing.message_rows(self.books, event))
        return event

    def see(self, core: Any, body: Any) -> None:
        """Fold what an own event has seen and the books have not."""
        seen = seen_by(core, body)
        if seen is not None:
            self._received_up_to(*seen)

    def _received_up_to(self, line: str, n: int) -> None:
        waiting = self._inbox.get(line, [])
        while waiting and waiting[-1][0] <= n:
            at, identity, data = waiting.pop()
            core = self._ahead.pop((line, at), None) or decode_line_core(data)
            fold_received(self.books, self._origin, b64(identity), core)

    def finish_inbox(self) -> None:
        """Fold what came in after the last own event that saw anything."""
        for line in self._inbox:
            self._received_up_to(line, 2**62)

    async def compare_postings(
        self, connection: Connection[Record], start: int, end: int
    ) -> list[Difference]:
        """Hold the statement rows of a range of events against the table."""
        columns = await connection.fetchrow(tables.SQL["postings_of_range"], start, end)
        assert columns is not None
        stored = list(zip(*(column or () for column in columns), strict=True))
        wanted = [
            (r.seq, r.ordinal, r.account, r.amount_minor, r.balance_minor, r.at_s)
            for r in self.rows
        ]
        return [
            (row[0], "posting", f"of account {row[2]} is not what the log says")
            for row in sorted(set(stored) ^ set(wanted))
        ] + await compare_messages(connection, self.messages, start, end)

    async def compare_tables(self, connection: Connection[Record]) -> list[Difference]:
        """Hold accounts, holds, members, lines and trades against the tables."""
        self.finish_inbox()
        stored = await tables.read_books(connection)
        found: list[Difference] = []
        mine, theirs = self.books.ledger, stored.ledger
        for account in mine.accounts.values():
            number = account.account
            if theirs.accounts.get(number) != account:
                found.append((-1, f"account {number}", "its code, limits or status differ"))
            if theirs.balances.get(number) != mine.balance(number):
                found.append((-1, f"balance of account {number}", "it is not what the log says"))
            for what, named in _COUNTED:
                counted = getattr(mine, what).get(number) or 0
                if (getattr(theirs, what).get(number) or 0) != counted:
                    found.append((-1, f"{named} of account {number}", "they differ from the log"))
        extra = {a.account for a in theirs.accounts.values()} - {
            a.account for a in mine.accounts.values()
        }
        found += [(-1, f"account {number}", "the log does not know it") for number in extra]
        if mine.settings != theirs.settings:
            found.append((-1, "group_setting", "it is not what the log says"))
        theirs_by_name = dict(stored.members.parts())
        for name, facts in self.books.members.parts():
            found += [
                (-1, name, f"{wrong} is not what the log says")
                for wrong in facts ^ theirs_by_name[name]
            ]
        for line in self.books.lines.values():
            other = stored.lines.get(line.line)
            if other is None or encode(other) != encode(line):
                found.append((-1, f"line {line.line[:12]}", "it is not what the chains say"))
        if await tables_register.bodies_of(connection) != self.register:
            found.append((-1, "register_event", "it is not what the log says"))
        found += await compare_agreeing(connection, self.books.agreeing, stored.agreeing)
        return found + await self._compare_transfers(connection)

    async def _compare_transfers(self, connection: Connection[Record]) -> list[Difference]:
        found: list[Difference] = []
        wanted = {t.key(): encode(t) for t in self.books.transfers.values()}
        for row in await connection.fetch(tables.SQL["all_transfers"]):
            key = (row["path"], row["line"], row["direction"])
            if wanted.pop(key, None) != row["state"]:
                found.append((-1, f"trade {row['path']}", "it is not what the chains say"))
        found += [(-1, f"trade {key[0]}", "it is missing") for key in wanted]
        holds = {k: h for k, h in self.books.ledger.holds.top.items() if h.open}
        rows = await connection.fetch(tables.SQL["read_open_holds"])
        if {(r["line"], r["path"], r["direction"]) for r in rows} != set(holds):
            found.append((-1, "hold", "the open holds are not those of the log"))
        return found
