"""Logs that a group writes anew with its own keys: roots, chains and signatures fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from events.growing import GrowingTree
from events.log_store import Entry
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from federation.umbrella.audit.claims import claimed
from federation.umbrella.audit.records import NodeRecord, Side
from federation.umbrella.following import read_core
from schemas import cores
from schemas.encoding import b64, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.simulation.host import Host

    Change = Callable[[Any], Any]
    """Gives what stands in the place of a core: another one, or the same."""

_PLACE = ("v", "origin", "seq", "root", "key", "ts", "line", "n", "prev", "seen")


def forge(host: Host, log: Sequence[Entry], change: Change) -> list[Entry]:
    """Give a log in which some events are others, and all that follows is made to fit."""
    tree = GrowingTree.from_tiles([], [])
    anew: dict[str, str] = {}
    made: list[Entry] = []
    for entry in log:
        core: Any = read_core(entry.core)
        other = change(core)
        if getattr(core, "prev", None) in anew:
            other = replace(other, prev=anew[core.prev])
        if anew or other is not core:
            other = replace(other, root=b64(tree.root()))
            data = encode(other)
            assert read_core(data) == other
            signature = host.identity.signer(core.key).sign(EVENT_PREFIX + data)
            forged = entry._replace(id=leaf_hash(data), core=data, signature=signature)
            anew[b64(entry.id)] = b64(forged.id)
        else:
            forged = entry
        tree.append(forged.id)
        made.append(forged)
    return made


def later_at(place: int) -> Change:
    """Let one event have happened a second later."""

    def change(core: Any) -> Any:
        return replace(core, ts=core.ts + 1) if core.seq == place else core

    return change


class Hiding:
    """Hides events of some payments: in their places the node only tells where its books stand.

    Sums and balances that follow are those of the chain that is shown.
    """

    def __init__(self, kinds: tuple[type, ...], hidden: Callable[[str], bool]) -> None:
        """Take what is hidden, and of which payments."""
        self._kinds, self._hidden = kinds, hidden
        self._sides: dict[str, Side] = {}
        self._paid: dict[str, int] = {}
        self._credited: dict[str, int] = {}
        self.places: set[tuple[str, int]] = set()
        """(line, n) of what is hidden."""

    def __call__(self, core: Any) -> Any:
        """Give what is shown in the place of an event."""
        if not isinstance(core, cores.LineCore):
            return core
        side = self._sides.setdefault(core.line, Side(node=core.origin))
        path = getattr(core, "path", "")
        if type(core) in self._kinds and self._hidden(path):
            self.places.add((core.line, core.n))
            self._left_out(core)
            place = {name: getattr(core, name) for name in _PLACE}
            paid, credited = side.paid_units, side.credited_units
            return cores.LineHeads(
                **place, salt=None, paid=paid, credited=credited, balance=side.balance_units()
            )
        shown = self._adjusted(core)
        claimed(NodeRecord(node=core.origin), side, shown)
        return shown

    def _left_out(self, core: Any) -> None:
        if isinstance(core, cores.PayCommit):
            self._paid[core.line] = self._paid.get(core.line, 0) + core.line_units
        elif isinstance(core, cores.PayReceipt):
            self._credited[core.line] = self._credited.get(core.line, 0) + core.line_units

    def _adjusted(self, core: Any) -> Any:
        paid, credited = self._paid.get(core.line, 0), self._credited.get(core.line, 0)
        if not paid and not credited:
            return core
        fields: dict[str, int] = {}
        if hasattr(core, "balance"):
            fields["balance"] = core.balance - paid + credited
        if isinstance(core, cores.PayCommit | cores.PayReceipt):
            fields["total"] = core.total - (paid if isinstance(core, cores.PayCommit) else credited)
        elif isinstance(core, cores.LineHeads):
            fields |= {"paid": core.paid - paid, "credited": core.credited - credited}
        return replace(core, **fields) if fields else core
