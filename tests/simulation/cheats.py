"""Groups that cheat with their own log, in seven ways: what each shows, and by what it is found.

The node of such a group keeps its lines as an honest one does, so that nobody but the umbrella and
the witnesses can tell; only what it shows of its log is another log. (A back-dated key is in
`stolen_key`: who cheats with that has no log.)
"""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Final

from events.witness import Latest
from federation.umbrella.following import read_core
from schemas import cores
from schemas.evidence import EvidenceKind
from schemas.findings import What
from tests.simulation.faults import MINUTE
from tests.simulation.forged import Hiding, forge, later_at
from tests.simulation.ledger import LyingMachine
from tests.simulation.witnessing import CosignedNote

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.host import Host
    from tests.simulation.showing import Shown
    from tests.simulation.umbrella import Umbrella

FIRST: Final = 4
"""The first entries state keys."""
_TWO_HISTORIES: Final = frozenset(
    {EvidenceKind.SAME_SIZE, EvidenceKind.SAME_INDEX, EvidenceKind.BROKEN_PROMISE}
)


class Cheat:
    """One group that cheats. `played` once it has shown something by which it can be found."""

    name: ClassVar[str]
    proven_by: ClassVar[frozenset[EvidenceKind]] = frozenset()
    found_by: ClassVar[frozenset[What]] = frozenset()
    shows_truth: ClassVar[bool] = False
    """Its log is shown as it is; so it is put back from a backup by the rules, as an honest one."""

    def __init__(self, umbrella: Umbrella, host: Host, chance: Random) -> None:
        """Take who cheats; nothing is shown yet."""
        self.umbrella, self.world = umbrella, umbrella.world
        self.host, self.chance = host, chance
        self.played = False
        self._begun = False

    def begin(self) -> None:
        """From now on it may cheat."""
        self._begun = True

    def shown(self, reader: str, truth: Shown) -> Shown:
        """Give what a reader gets to see instead of the true log."""
        del reader
        return truth

    def _play(self) -> None:
        if not self.played:
            self.played = True
            self.world.say(f"{self.host} has played {self.name}")

    def _forged(self, truth: Shown, place: int) -> Shown:
        return truth._replace(entries=forge(self.host, truth.entries, later_at(place)))


def _changeable(truth: Shown, first: int) -> int | None:
    """Give the first place from one on at which no key is stated."""
    for entry in truth.entries[first:]:
        core: Any = read_core(entry.core)
        if not isinstance(core, cores.KeyCore):
            return entry.seq
    return None


class SplitView(Cheat):
    """One partner is shown another history than everybody else, from the start."""

    name = "split view"
    proven_by = frozenset({EvidenceKind.SAME_SIZE})

    def __init__(self, umbrella: Umbrella, host: Host, chance: Random) -> None:
        """Choose nobody yet: the first partner who witnesses is taken in."""
        super().__init__(umbrella, host, chance)
        self._deceived = ""
        self._place: int | None = None

    def shown(self, reader: str, truth: Shown) -> Shown:
        """Show the partner a log in which one event has happened later."""
        if not self._deceived and self.world.honest(reader):
            self._deceived, self._place = reader, _changeable(truth, FIRST)
        if reader != self._deceived or self._place is None:
            return truth
        if self.world.host(reader).disk.cosigned.newest(self.host.id) is not None:
            self._play()
        return self._forged(truth, self._place)


class WitnessRollback(Cheat):
    """A partner forgets what it has cosigned, and is shown another history from then on."""

    name = "witness rollback"
    proven_by = frozenset({EvidenceKind.SAME_SIZE})

    def __init__(self, umbrella: Umbrella, host: Host, chance: Random) -> None:
        """Choose nobody yet."""
        super().__init__(umbrella, host, chance)
        self._deceived = ""
        self._place = 0

    def shown(self, reader: str, truth: Shown) -> Shown:
        """Show the partner who has forgotten a log in which one event has happened later."""
        if not self._begun or not self.world.honest(reader):
            return truth
        disk = self.world.host(reader).disk
        if not self._deceived and disk.cosigned.newest(self.host.id) is not None:
            place = _changeable(truth, FIRST)
            if place is not None:
                self._deceived, self._place = reader, place
                disk.write(CosignedNote(self.host.id, Latest(0, b""), b""))
                self.world.say(f"{self.world.host(reader)} forgets what it cosigned")
        if reader != self._deceived:
            return truth
        if disk.cosigned.newest(self.host.id) is not None:
            self._play()
        return self._forged(truth, self._place)


class Rollback(Cheat):
    """The log goes back before what the umbrella has followed, and grows otherwise."""

    name = "rollback"
    proven_by = _TWO_HISTORIES

    def __init__(self, umbrella: Umbrella, host: Host, chance: Random) -> None:
        """Go back nowhere yet."""
        super().__init__(umbrella, host, chance)
        self._place: int | None = None
        self._back_until_ms = 0
        self._lost = chance.choice((0, 0, 4))
        """So much less has grown again."""

    def shown(self, reader: str, truth: Shown) -> Shown:
        """Show what was left, and later what grew from there."""
        now_ms = self.world.schedule.now_ms
        if self._place is None:
            size = self.umbrella.mirror.size(self.host.id)
            if not self._begun or not FIRST < size <= len(truth.entries):
                return truth
            place = _changeable(truth, self.chance.randrange(FIRST, size))
            if (
                place is None or place >= size
            ):  # before nothing that was followed: it goes back later
                return truth
            self._place = place
            self._back_until_ms = now_ms + MINUTE
            self.world.say(f"{self.host}'s log goes back to {self._place}")
        if now_ms < self._back_until_ms:
            return truth._replace(entries=truth.entries[: self._place])
        if reader == self.umbrella.id:
            self._play()
        forged = self._forged(truth, self._place)
        size = max(self._place + 1, len(forged.entries) - self._lost)
        return forged._replace(entries=forged.entries[:size])


class StaleCheckpoint(Cheat):
    """The umbrella is shown the same old checkpoint for ever."""

    name = "stale checkpoint"
    found_by = frozenset(
        {What.LOG_SHORTER, What.SEEN_MISSING, What.ACCEPT_UNDECIDED, What.COMMIT_UNANSWERED}
    )

    def __init__(self, umbrella: Umbrella, host: Host, chance: Random) -> None:
        """Show all so far."""
        super().__init__(umbrella, host, chance)
        self._size: int | None = None

    def shown(self, reader: str, truth: Shown) -> Shown:
        """Show the umbrella what there was when it began."""
        if not self._begun or reader != self.umbrella.id:
            return truth
        if self._size is None:
            self._size = len(truth.entries)
        for line, seqs in self.host.disk.chains.items():
            beyond = sum(seq < self._size for seq in seqs) + 1
            if beyond <= len(seqs) and _seen_by_partner(self.host, line, beyond):
                self._play()
        return truth._replace(entries=truth.entries[: self._size])


def _seen_by_partner(host: Host, line: str, n: int) -> bool:
    """Tell whether an honest partner has said that it has seen event `n` of a line."""
    peer = host.disk.books.lines.base[line].peer
    if not host.world.honest(peer):
        return False
    partner = host.world.host(peer).disk
    known = partner.books.lines.base.get(line)
    if known is None or known.in_n < n:
        return False
    seqs = partner.chains.get(line, ())
    if not seqs:
        return False
    last: Any = read_core(partner.log[seqs[-1]].core)
    return last.seen is not None and last.seen.n >= n


class Hidden(Cheat):
    """Some trades are in no log that it shows to anybody; only the partner has received them.

    Who forges does not ask what the umbrella has seen. So a log that was put back from a snapshot
    is written anew in places that are mirrored, which proves the forgery before anybody is asked.
    """

    proven_by = frozenset({EvidenceKind.CHANNEL_FORK, EvidenceKind.SAME_INDEX})
    kinds: ClassVar[tuple[type, ...]]

    def __init__(self, umbrella: Umbrella, host: Host, chance: Random) -> None:
        """Choose how many are hidden; which ones, their ids say."""
        super().__init__(umbrella, host, chance)
        self._share = chance.choice((0.5, 1.0))
        self._salt = chance.random()

    def _hides(self, path: str) -> bool:
        return Random(f"{self._salt} {path}").random() < self._share

    def shown(self, reader: str, truth: Shown) -> Shown:
        """Show other events in their places."""
        hiding = Hiding(self.kinds, self._hides)
        entries = forge(self.host, truth.entries, hiding)
        if reader == self.umbrella.id and any(
            _seen_by_partner(self.host, line, n) for line, n in hiding.places
        ):
            self._play()
        return truth._replace(entries=entries)


class HiddenSent(Hidden):
    """Trades that its members paid for."""

    name = "hidden sent trade"
    kinds = (cores.PayPrepare, cores.PayCommit, cores.PayAbort)


class HiddenReceived(Hidden):
    """Trades that its members were paid for."""

    name = "hidden received trade"
    kinds = (cores.PayAccept, cores.PayReject, cores.PayReceipt, cores.PayRelease)


class FalseLedger(Cheat):
    """It claims, in its own log and to its partners, other books than its chains give."""

    name = "ledger that differs from its chains"
    found_by = frozenset({What.HEADS_DIFFER})
    shows_truth = True

    def __init__(self, umbrella: Umbrella, host: Host, chance: Random) -> None:
        """Choose what it lies about, in every run of its node."""
        super().__init__(umbrella, host, chance)
        self.world.lying.add(host.id)
        self._field = chance.choice(("paid", "credited", "balance"))
        self._off = chance.choice((1, 5, 360_000))
        self._lies: set[tuple[int, int, int]] = set()
        host.machine = partial(LyingMachine, self._lie)

    def _lie(self, fields: dict[str, Any]) -> dict[str, Any]:
        if not self._begun:
            return fields
        lie = fields | {self._field: fields[self._field] + self._off}
        self._lies.add((lie["paid"], lie["credited"], lie["balance"]))
        return lie

    def shown(self, reader: str, truth: Shown) -> Shown:
        """Show the log as it is: the lie stands in it."""
        if self._lies and reader == self.umbrella.id:
            said = (read_core(entry.core) for entry in truth.entries)
            if any(
                (core.paid, core.credited, core.balance) in self._lies
                for core in said
                if isinstance(core, cores.LineHeads)
            ):
                self._play()
        return truth


CHEATS: Final[dict[str, Callable[[Umbrella, Host, Random], Cheat]]] = {
    cheat.name: cheat
    for cheat in (
        SplitView,
        Rollback,
        HiddenSent,
        HiddenReceived,
        StaleCheckpoint,
        WitnessRollback,
        FalseLedger,
    )
}
