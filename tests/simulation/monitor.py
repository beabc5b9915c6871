"""Watches a simulated world: I1 to I12 after every step, what was received by anybody, the end.

I5 is about intermediaries, of which this version has none. The others are checked where they can
change: at each COMMIT for what it touched, at each arrival for the bytes that arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from events.batch import Batch, decide
from events.machine import Context
from events.merkle import leaf_hash
from events.restore import Mode
from federation.line.commands import ReceiveEvents
from federation.node.rebuild import Rebuild
from projections.lines import DONE, Line, Phase
from schemas.amounts import Rate, to_minor
from schemas.encoding import b64, encode, unb64
from schemas.messages import WireEvent
from tests.simulation.disk import Disk, Saved
from tests.simulation.faults import HOUR
from tests.simulation.tally import Finding, Tally, require

if TYPE_CHECKING:
    from tests.simulation.host import Host
    from tests.simulation.process import Process
    from tests.simulation.world import World

AGAIN_ONE_IN = 8
"""How often a batch that was taken in is decided again, to see that nothing comes of it."""
CHEAT = "a cheat"
ENDS = {
    (Phase.SETTLED, Phase.CREDITED),
    (Phase.ABORTED, Phase.RELEASED),
    (Phase.ABORTED, Phase.REJECTED),
    (Phase.DECLINED, Phase.DECLINED),
}


class _Place(msgspec.Struct):
    origin: str
    seq: int
    line: str
    n: int
    type: str
    path: str = ""
    decision: dict[str, Any] | None = None


_PLACE = msgspec.json.Decoder(_Place)


def _keys(place: Any) -> tuple[tuple[Any, ...], ...]:
    return (place.origin, place.seq), (place.line, place.origin, place.n)


def _has(disk: Disk, key: tuple[Any, ...], identity: str) -> bool:
    """Tell whether a sender's disk holds an event at a place, by log index or in a chain."""
    if len(key) == 2:
        seq = key[1]
    else:
        chain = disk.chains.get(key[0], ())
        seq = chain[key[2] - 1] if key[2] <= len(chain) else len(disk.log)
    return seq < len(disk.log) and b64(disk.log[seq].id) == identity


class Monitor:
    """Makes findings."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tallies: dict[str, Tally] = {}
        self._left: set[str] = set()
        self._arrived: set[tuple[str, str]] = set()
        self._places: dict[tuple[Any, ...], str] = {}
        self._keepers: dict[tuple[Any, ...], set[str]] = {}
        """Who stored the event of a place; a cheat forgets nothing that it got hold of."""
        self._unsaved: dict[str, set[tuple[Any, ...]]] = {}
        """Places of what came to a process that has not stored it yet."""
        self._verdicts: dict[tuple[str, str], str] = {}
        self.exchanges: dict[tuple[str, str], int] = {}

    # COMMIT

    def saved(self, host: Host, written: Saved) -> None:
        """Check what one COMMIT made durable."""
        tally = self.tallies.setdefault(host.id, Tally(host.name))
        tally.add(written)
        self._ledger(host, tally, written)
        for line in written.books.lines.base.values():
            self._line(host, tally, line)
        for meaning in written.meanings:
            self._asked_for(host, meaning.core)
        self._no_back_dated(host, written)
        for row in written.inbox:
            for key in _keys(written.received[row.id]):
                self._keepers.setdefault(key, set()).add(host.id)
                self._unsaved.get(host.id, set()).discard(key)

    def _no_back_dated(self, host: Host, written: Saved) -> None:
        """What comes in under a key that its reader knows to be revoked stands under a living one.

        Or the umbrella has vouched for it: never for what a thief has signed. A batch may wait for
        a slow disk while its reader learns of the revocation: an hour at most.
        """
        umbrella = self.world.umbrella
        forged = umbrella.theft.signed if umbrella is not None and umbrella.theft else {}
        vouched = umbrella.registry.vouched if umbrella is not None and umbrella.registry else set()
        for row in written.inbox:
            require(row.id not in forged, "revoked", f"{host} takes in what a thief has signed")
        covers = {(row.line, row.n): row for row in written.inbox}
        for row in written.inbox:
            core = written.received[row.id]
            history = host.histories[core.origin]
            learnt_ms = host.learnt_ms.get(core.origin, self.world.schedule.now_ms)
            if self.world.schedule.now_ms - learnt_ms > HOUR and history.revoked(core.key):
                cover = covers.get((row.line, row.cover), row)
                require(
                    cover.id in vouched or not history.revoked(written.received[cover.id].key),
                    "revoked",
                    f"{host} takes in event {row.n} under a key that was revoked",
                )

    def _ledger(self, host: Host, tally: Tally, written: Saved) -> None:
        ledger = written.books.ledger
        for name in ("balances", "held_lower", "held_upper"):
            mine = getattr(tally, name)
            rule = "I1" if name == "balances" else "I9"
            for account, amount in getattr(ledger, name).base.items():
                require(
                    mine[account] == amount,
                    rule,
                    f"{host}: {name} of account {account} is {amount}, not {mine[account]}",
                )

    def _line(self, host: Host, tally: Tally, line: Line) -> None:
        mine = tally.lines[line.line]
        held = (line.held_out_units, line.held_in_units)
        wanted = (mine.held_out, mine.held_in)
        require(held == wanted, "I9", f"{host} holds {held}, not {wanted}")
        sums = (line.balance_units, line.paid_units, line.credited_units)
        counted = (mine.balance, mine.paid, mine.given)
        require(sums == counted, "I3", f"{host} stands at {sums}, not {counted}")
        if line.clearing and line.terms is not None:
            wants = to_minor(line.balance_units, clearing_rate(line))
            stands = tally.balances[line.clearing]
            require(stands == wants, "I2", f"{host}'s clearing account stands at {stands}")
        if self.world.honest(line.peer) and line.peer not in self.world.lying:
            require(
                not line.quarantined, "accused", f"{host} quarantines honest: {line.quarantined}"
            )

    def _asked_for(self, host: Host, core: Any) -> None:
        path = getattr(core, "path", None)
        if path is None or type(core).__struct_config__.tag != "pay.prepare":
            return
        require(
            path in self.world.asked[host.id], "once", f"nobody asked {host} for payment {path}"
        )

    def restored(self, host: Host) -> None:
        """Count again what a disk holds that has been put back."""
        tally = self.tallies[host.id] = Tally(host.name)
        for written in host.disk.journal:
            if isinstance(written, Saved):
                tally.add(written)

    # what leaves and what arrives

    def started(self, host: Host) -> None:
        """Hold the mark against a disk that nobody has put back: COMMIT comes before the mark."""
        mark = host.mark.newest()
        behind = mark is None or mark.size <= len(host.disk.log)
        require(behind or host.newest is not None, "mark", f"{host} marks what it does not hold")

    def left(self, sender: str, wire: tuple[WireEvent, ...]) -> None:
        """Check what leaves an honest node: it is durable, and below the mark."""
        if not self.world.honest(sender):
            return
        host = self.world.host(sender)
        for event in wire:
            if event.core in self._left:
                continue
            data = unb64(event.core)
            seq = _PLACE.decode(data).seq
            durable = seq < len(host.disk.log) and host.disk.log[seq].core == data
            require(durable, "durable", f"{host} sends event {seq}, which is not on its disk")
            mark = host.mark.newest()
            released = mark is not None and seq < mark.size
            require(released, "mark", f"{host} sends event {seq}, which lies beyond its mark")
            self._left.add(event.core)

    def snapshot(self, host: Host, older: Disk) -> None:
        """Forget what nobody knows any more who still has it, now that a machine went back.

        Its sender may have gone back too, before or now: nobody can tell it that a place is taken.
        """
        self._keeps_only(host, older)
        self._forget_unkept(list(self._places), {host.id: older})

    def gave_up(self, host: Host) -> None:
        """A node goes on from a backup, and the disk that it lost is never looked at again.

        What it had received since is gone. When the sender's machine goes back as well, before or
        after, nobody can tell that one that a place is taken.
        """
        self._forget_unkept(self._keeps_only(host, host.disk), {})

    def _keeps_only(self, host: Host, disk: Disk) -> list[tuple[Any, ...]]:
        """Take note that a node has what this disk holds; gives the places that it has no more."""
        held = {
            key
            for written in disk.journal
            if isinstance(written, Saved)
            for row in written.inbox
            for key in _keys(written.received[row.id])
        }
        lost = [k for k, keepers in self._keepers.items() if host.id in keepers and k not in held]
        for key in lost:
            self._keepers[key].discard(host.id)
        return lost

    def died(self, host: Host) -> None:
        """Forget what reached a process that died before it stored the bytes, if nobody has them.

        They may have left a machine before it went back: nobody knows of them any more.
        """
        self._forget_unkept(self._unsaved.pop(host.id, ()), {})

    def _forget_unkept(self, keys: Iterable[tuple[Any, ...]], older: Mapping[str, Disk]) -> None:
        """Forget those of some places that no receiver holds, nor the sender, on its older disk."""
        for key in keys:
            if key not in self._places or self._keepers.get(key):
                continue
            disk = older.get(key[-2]) or self.world.host(key[-2]).disk
            if not _has(disk, key, self._places[key]):
                del self._places[key]
        self._arrived.clear()

    def arrived(self, to: str, wire: Sequence[WireEvent], *, kept: bool = False) -> None:
        """Take note of bytes that a node took in: one id for each place (I7)."""
        for event in wire:
            if (to, event.core) not in self._arrived:
                self._arrived.add((to, event.core))
                self._noted(to, unb64(event.core), kept=kept)

    def _noted(self, to: str, data: bytes, *, kept: bool) -> None:
        try:
            place = _PLACE.decode(data)
        except msgspec.MsgspecError:
            return  # only cheats send such bytes
        if not self.world.honest(place.origin):
            return
        identity = b64(leaf_hash(data))
        for key in _keys(place):
            if kept:
                self._keepers.setdefault(key, set()).add(CHEAT)
            elif to not in self._keepers.get(key, ()):
                self._unsaved.setdefault(to, set()).add(key)
            known = self._places.setdefault(key, identity)
            require(known == identity, "I7", f"two events of an honest node at {key}")
        if place.decision is not None:
            verdict = place.decision["decision"]["verdict"]
            path = (place.origin, place.path)
            known = self._verdicts.setdefault(path, verdict)
            require(known == verdict, "I7", f"two verdicts of an honest node: {path}")

    # repetition

    def again(self, process: Process, command: ReceiveEvents) -> None:
        """Decide what was taken in a second time: nothing may come of it (I12)."""
        if self.world.rng.randrange(AGAIN_ONE_IN):
            return
        batch = Batch(process.machine.branch(), process.tree.copy())
        key = process.host.log_key
        context = Context(process.now_s(), bytes, key.sign, b64(key.public.data))
        decide(process.machine, batch, command, origin=process.host.id, context=context)
        quiet = not batch.entries and not batch.branch.inbox
        require(quiet, "I12", f"{process.host} answers a repetition")

    def refolded(self, host: Host) -> None:
        """Fold log and inbox anew: the same books come out (I12)."""
        disk = host.disk
        rebuild = Rebuild(host.id)
        rebuild._inbox = {
            line: [(row.n, unb64(row.id), row.core) for row in reversed(rows)]
            for line, rows in sorted(disk.inbox.items())
        }
        for written in disk.journal:
            if isinstance(written, Saved):
                for entry, meaning in zip(written.entries, written.meanings, strict=True):
                    rebuild.own(entry.seq, entry.id, meaning.core, meaning.body)
        rebuild.finish_inbox()
        for name in ("lines", "transfers"):
            stored = {key: encode(v) for key, v in getattr(disk.books, name).base.items()}
            folded = {_key(v): encode(v) for v in getattr(rebuild.books, name).values()}
            differ = {key for key in stored | folded if stored.get(key) != folded.get(key)}
            require(not differ, "I12", f"{host}: {name} {sorted(differ)} fold differently")
        for account, amount in disk.books.ledger.balances.base.items():
            require(rebuild.books.ledger.balance(account) == amount, "I12", f"{host}: {account}")

    # the end

    def finish(self) -> None:
        """Check what must hold when everything has come to rest."""
        total = 0
        for host in self.world.hosts:
            mode = Mode.READ_ONLY if host.process is None else host.process.gate.mode
            require(mode is Mode.OPEN, "settle", f"{host} is not open again: {mode}")
            for line in host.lines():
                if self.world.honest(line.peer) and not {host.id, line.peer} & self.world.lying:
                    total += line.balance_units
                    self._both_sides(host, self.world.host(line.peer), line)
        require(total == 0, "I4", f"positions sum to {total}")
        for host in self.world.hosts:
            self.refolded(host)

    def _both_sides(self, host: Host, other: Host, line: Line) -> None:
        theirs = other.disk.books.lines.base.get(line.line)
        if theirs is None:
            raise Finding("settle", f"{other} has not heard of {host}'s line")
        require(line.balance_units == -theirs.balance_units, "I3", f"{host} and {other} differ")
        heads = (line.out_n, line.in_n) == (theirs.in_n, theirs.out_n)
        require(heads, "settle", f"{host} and {other} have not seen each other's last events")
        held = (line.held_out_units, theirs.held_in_units)
        require(held == (0, 0), "settle", f"{host} and {other} still hold {held}")
        coming = other.disk.books.transfers.base
        for transfer in host.disk.books.transfers.base.values():
            if transfer.line == line.line and transfer.direction == "out":
                twin = coming.get((transfer.path, transfer.line, "in"))
                phases = (transfer.phase, None if twin is None else twin.phase)
                require(phases in ENDS, "settle", f"{transfer.path} ends as {phases}")
                require(transfer.phase in DONE, "settle", f"{transfer.path} is still open")


def _key(value: Any) -> Any:
    return value.line if isinstance(value, Line) else value.key()


def clearing_rate(line: Line) -> Rate:
    """Give the rate by which the clearing account stands."""
    assert line.terms is not None
    rate: Rate | None = getattr(line, "clearing_rate", None)
    return line.terms.side(line.us).rate if rate is None else rate


def size_of(disk: Disk) -> int:
    """Tell how long a log is."""
    return len(disk.log)
