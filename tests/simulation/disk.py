"""A simulated disk: what a node finds again after a crash, and what a backup of any age held.

One `Saved` is one COMMIT: all of it is there or nothing. The mark lies outside the database, in
two slots, as `events.mark` keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from events.batch import Batch
from events.log_store import Entry, SealedText
from events.mark import Mark
from events.sealed import WrappedKey
from federation.node.delivery import Delivery
from federation.node.machine import NodeBranch
from projections import tables
from projections.books import Books
from projections.lines import DONE, Line, Transfer
from schemas.cores import KeyCore
from schemas.encoding import encode
from schemas.keys import SignedKeyStatement
from tests.simulation.witnessing import Cosigned, CosignedNote

_LINE = msgspec.json.Decoder(Line)
_TRANSFER = msgspec.json.Decoder(Transfer)
MAPS = (
    "accounts",
    "codes",
    "of_subject",
    "of_kind",
    "balances",
    "held_lower",
    "held_upper",
    "holds",
)


class Saved(NamedTuple):
    """What one COMMIT wrote."""

    entries: list[Entry]
    meanings: list[Any]
    texts: list[SealedText]
    subroots: list[tuple[int, bytes]]
    size: int
    root: bytes
    books: Books
    inbox: list[tables.InboxRow]
    received: dict[str, Any]
    """Cores of the inbox rows by id."""
    command_keys: list[tuple[bytes, bytes, int]]
    data_keys: list[WrappedKey]
    grants: dict[int, int]
    """For each accept, by its place in the log: what this side granted then."""


def saved(batch: Batch[NodeBranch], received: dict[str, Any], grants: dict[int, int]) -> Saved:
    """Take from a decided batch what its transaction writes."""
    branch, books = batch.branch, Books()
    for name in MAPS:
        getattr(books.ledger, name).base.update(getattr(branch.books.ledger, name).top)
    books.ledger.settings = branch.books.ledger.settings
    books.ledger.next_account = branch.books.ledger.next_account
    books.lines.base.update(branch.books.lines.top)
    books.transfers.base.update(branch.books.transfers.top)
    return Saved(
        entries=batch.entries,
        meanings=batch.meanings,
        texts=batch.texts,
        subroots=batch.tree.subroots,
        size=batch.tree.size,
        root=batch.tree.root(),
        books=books,
        inbox=branch.inbox,
        received=received,
        command_keys=branch.new_keys,
        data_keys=branch.keyring.fresh,
        grants=grants,
    )


Written = Saved | Delivery | CosignedNote


class Disk:
    """The database of one node."""

    def __init__(self, journal: Iterable[Written] = ()) -> None:
        self.journal: list[Written] = []
        self.log: list[Entry] = []
        self.texts: dict[int, list[SealedText]] = {}
        self.subroots: list[bytes] = []
        self.statements: list[SignedKeyStatement] = []
        self.books = Books()
        self.chains: dict[str, list[int]] = {}
        self.inbox: dict[str, list[tables.InboxRow]] = {}
        self.command_keys: dict[bytes, tuple[bytes, int]] = {}
        self.data_keys: list[WrappedKey] = []
        self.deliveries: dict[str, Delivery] = {}
        self.cosigned = Cosigned()
        for written in journal:
            self.write(written)

    def write(self, written: Written) -> None:
        """Make it durable."""
        self.journal.append(written)
        if isinstance(written, Delivery):
            self.deliveries[written.line] = replace(
                written, offered_n=0, serving=0, refused=False, stuck=False, met=False
            )
            return
        if isinstance(written, CosignedNote):
            self.cosigned.write(written)
            return
        self.log.extend(written.entries)
        assert len(self.log) == written.size
        for text in written.texts:
            self.texts.setdefault(text.seq, []).append(text)
        self.subroots.extend(root for _, root in written.subroots)
        for entry, meaning in zip(written.entries, written.meanings, strict=True):
            if isinstance(meaning.core, KeyCore):
                self.statements.append(meaning.core.statement)
            line = getattr(meaning.core, "line", None)
            if line is not None:
                chain = self.chains.setdefault(line, [])
                chain.append(entry.seq)
                assert meaning.core.n == len(chain)
        for row in written.inbox:
            rows = self.inbox.setdefault(row.line, [])
            rows.append(row)
            assert row.n == len(rows), "the primary key of the inbox"
        self.command_keys.update((key, (digest, seq)) for key, digest, seq in written.command_keys)
        self.data_keys.extend(written.data_keys)
        mine, new = self.books, written.books
        for name in MAPS:
            getattr(mine.ledger, name).base.update(getattr(new.ledger, name).base)
        mine.ledger.settings = new.ledger.settings
        mine.ledger.next_account = new.ledger.next_account
        mine.lines.base.update(new.lines.base)
        mine.transfers.base.update(new.transfers.base)

    def backup(self, age: int) -> Disk:
        """Give the database as it was `age` writes ago."""
        return Disk(self.journal[: max(0, len(self.journal) - age)])

    def read_books(self) -> Books:
        """Give what `tables.read_books` would read: open trades and holds, by way of bytes."""
        mine, books = self.books, Books()
        for name in MAPS:
            getattr(books.ledger, name).base.update(getattr(mine.ledger, name).base)
        holds = mine.ledger.holds.base
        books.ledger.holds.base = {key: held for key, held in holds.items() if held.open}
        books.ledger.settings = mine.ledger.settings
        books.ledger.next_account = mine.ledger.next_account
        for name in sorted(mine.lines.base):
            books.lines.base[name] = _LINE.decode(encode(mine.lines.base[name]))
        for key, transfer in mine.transfers.base.items():
            if transfer.phase not in DONE:
                books.transfers.base[key] = _TRANSFER.decode(encode(transfer))
        return books

    async def fetch(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Answer the three queries with which a batch fetches what memory does not hold."""
        if query == tables.SQL["read_command_keys"]:
            known = [(key, self.command_keys[key]) for key in values[0] if key in self.command_keys]
            return [{"key": key, "digest": used[0], "seq": used[1]} for key, used in known]
        paths, transfers = set(values[0]), self.books.transfers.base
        if query == tables.SQL["read_related_transfers"]:
            paths |= {t.reverses for t in transfers.values() if t.path in paths and t.reverses}
            found = [t for t in transfers.values() if t.path in paths or t.reverses in paths]
        else:
            assert query == tables.SQL["read_transfers"]
            found = [t for key, t in transfers.items() if key[0] in paths]
        return [{"state": encode(transfer)} for transfer in found]


class MarkSlots:
    """The mark's file: two slots written in turn; a torn write costs the newer one only."""

    def __init__(self, slots: list[Mark | None], turn: int) -> None:
        self._slots = slots
        self._turn = turn

    @classmethod
    def new(cls, mark: Mark) -> MarkSlots:
        """Make the file of a new node."""
        return cls([mark, None], 1)

    def copy(self) -> MarkSlots:
        """Give the file as a snapshot of the machine holds it."""
        return MarkSlots(list(self._slots), self._turn)

    def create_anew(self, mark: Mark) -> None:
        """Make the file anew."""
        self._slots, self._turn = [mark, None], 1

    def newest(self) -> Mark | None:
        """Give the newest valid mark."""
        valid = [mark for mark in self._slots if mark is not None]
        return max(valid, default=None, key=lambda mark: mark.size)

    def read(self) -> Mark | None:
        """Give the newest valid mark, as a process that starts does: the other slot is next."""
        newest = self.newest()
        if newest is not None:
            self._turn = 1 - max(
                slot for slot, mark in enumerate(self._slots) if mark is not None and mark == newest
            )
        return newest

    def write(self, mark: Mark) -> None:
        """Make a newer mark durable."""
        self._slots[self._turn] = mark
        self._turn = 1 - self._turn

    def tear(self) -> None:
        """Die in the middle of a write."""
        self._slots[self._turn] = None
