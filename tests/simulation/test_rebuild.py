"""A rebuild in small portions gives the books that the running node has, whatever a partner did."""

from __future__ import annotations

from collections import defaultdict

import pytest

from federation.node.rebuild import OwnEvent, Rebuild
from projections.books import Books
from projections.lines import DONE, Transfer, TransferKey
from schemas.encoding import encode, unb64
from tests.simulation.disk import Disk, Saved
from tests.simulation.host import Host
from tests.simulation.world import quiet, run_seed

SEEDS = range(61, 121)
"""Worlds in which many trades that are done are named again: a cheat answers what is over."""


class Tables:
    """The table of trades, as far as a rebuild reads and writes it."""

    def __init__(self) -> None:
        self.trades: dict[TransferKey, Transfer] = {}
        self._of_path: defaultdict[str, set[TransferKey]] = defaultdict(set)
        self.done_again = 0
        """So often was a trade asked for that was done before."""

    def read(self, paths: list[str]) -> list[Transfer]:
        found = [self.trades[key] for path in paths for key in sorted(self._of_path[path])]
        self.done_again += sum(transfer.phase in DONE for transfer in found)
        return found

    def write(self, books: Books) -> None:
        self.trades |= books.transfers.top
        for key in books.transfers.top:
            self._of_path[key[0]].add(key)


def rebuilt(host: Host, chunk: int) -> tuple[Books, Tables]:
    """Fold log and inbox of a node anew, `chunk` events at a time."""
    disk, tables, rebuild = host.disk, Tables(), Rebuild(host.id)
    for line, rows in disk.inbox.items():
        rebuild.offer(line, [(row.n, unb64(row.id), row.core) for row in rows])
    done, own = rebuild.books, own_events(disk)
    for start in range(0, len(own), chunk):
        portion = own[start : start + chunk]
        rebuild.begin(done, tables.read(rebuild.named(portion)))
        for event in portion:
            rebuild.own(*event)
        tables.write(rebuild.books)
        done.adopt(rebuild.books)
    rebuild.begin(done, tables.read(rebuild.named_unseen()))
    rebuild.finish_inbox()
    tables.write(rebuild.books)
    done.adopt(rebuild.books)
    return done, tables


def own_events(disk: Disk) -> list[OwnEvent]:
    return [
        OwnEvent(entry.seq, entry.id, meaning.core, meaning.body)
        for written in disk.journal
        if isinstance(written, Saved)
        for entry, meaning in zip(written.entries, written.meanings, strict=True)
    ]


@pytest.mark.parametrize("chunk", [1, 3])
def test_a_rebuild_in_portions_gives_the_tables_of_the_running_node(chunk: int) -> None:
    quiet()
    done_again = nodes = 0
    for seed in SEEDS:
        _, world = run_seed(seed)
        assert world is not None
        for host in world.hosts:
            books, tables = rebuilt(host, chunk)
            kept = host.disk.books
            nodes += 1
            done_again += tables.done_again
            where = f"seed {seed}, {host}"
            trades = {key: encode(trade) for key, trade in tables.trades.items()}
            assert trades == {k: encode(t) for k, t in kept.transfers.base.items()}, where
            lines = {line.line: encode(line) for line in books.lines.values()}
            assert lines == {n: encode(line) for n, line in kept.lines.base.items()}, where
            for part in ("balances", "held_lower", "held_upper"):
                mine, theirs = getattr(books.ledger, part).base, getattr(kept.ledger, part).base
                assert {k: v for k, v in mine.items() if v} == {
                    k: v for k, v in theirs.items() if v
                }, where
            open_holds = {key for key, held in kept.ledger.holds.base.items() if held.open}
            assert books.ledger.holds.base.keys() == open_holds, where

    print(f"{nodes} nodes; {done_again} times a trade was named that was done")
    assert done_again > nodes
