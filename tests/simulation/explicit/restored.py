"""Two honest nodes of which one is restored from an old backup: does the restore rule hold?

Alfa appends, makes its mark durable and releases as steps of their own; a backup is taken in any
state, and later everything in the database is as it was then. The mark beside the database is kept,
lost, or rolled back with it (a snapshot of the whole machine). `events.restore.judge` says what
alfa may do; beta hands back what it has of alfa's chain.

What was sent can arrive at any later time, as everywhere. One exception: when alfa opens again
without a mark that speaks of them, its requests of before the restore are gone. Their signatures
are valid for minutes only, and without the mark nobody could know of them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from events import restore
from events.mark import Mark
from federation.line import commands as line
from tests.simulation.explicit.honest import EARLY, SILENT, Honest
from tests.simulation.explicit.invariants import two_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.explicit.honest import Bounds
    from tests.simulation.explicit.search import State

LOST: Final = -1
"""In place of a mark."""


class Phase(IntEnum):
    """What alfa is doing."""

    NORMAL = 0
    READ_ONLY = 1
    RELEASES_NOTHING = 2
    OPEN_AGAIN = 3


JUDGED: Final = {
    restore.Mode.OPEN: Phase.OPEN_AGAIN,
    restore.Mode.READ_ONLY: Phase.READ_ONLY,
    restore.Mode.RELEASES_NOTHING: Phase.RELEASES_NOTHING,
}


class World(NamedTuple):
    """A state. Marks count the events of alfa's chain, not those of its whole log."""

    alfa: int
    beta: int
    phase: Phase
    mark: int
    backup: int
    """The state of alfa that was saved, or -1."""
    backup_mark: int
    lost: int
    """The state of alfa before the restore, whose released events are under way, or -1."""
    sent: int
    """How far the chain of `lost` was released."""


class Restored(Honest):
    """States are `World`s."""

    seen_counts = True
    takes_in = frozenset({Phase.NORMAL, Phase.OPEN_AGAIN})
    """Who releases nothing takes nothing in: the partner may speak of what was lost."""

    def __init__(
        self, bounds: Bounds, *, backups_until: int = 1_000, restores_until: int = 1_000
    ) -> None:
        """Explore these bounds; alfa is backed up, and later restored, while its chain is short.

        `backups_until` and `restores_until`: so many events it has then at most.
        """
        super().__init__(bounds)
        self.backups_until = backups_until
        self.restores_until = restores_until

    def initial(self) -> State:
        alfa, beta = self.nodes[0].start, self.nodes[1].start
        return World(alfa, beta, Phase.NORMAL, self.length(alfa), -1, 0, -1, 0)

    def length(self, at: int) -> int:
        return len(self.nodes[0].kept[at].chain)

    def moves(self, state: State) -> Iterator[tuple[str, State]]:
        world = World(*state)
        for label, after in self.own_moves(1, world.beta):
            yield label, world._replace(beta=after)
        sender, until = self.under_way(world)
        for label, after in self._to_beta(world, sender, until):
            yield label, world._replace(beta=after)
        if world.phase is not Phase.READ_ONLY:
            for label, after in self.own_moves(0, world.alfa):
                yield label, world._replace(alfa=after)
        if world.phase in self.takes_in:
            for label, after in self.deliveries(0, world.alfa, world.beta):
                yield label, world._replace(alfa=after)
        yield from self._of_the_database(world)

    def under_way(self, world: World) -> tuple[int, int]:
        """Give what of alfa's chain may arrive: the state that has it, and how far it was sent."""
        if world.lost >= 0:
            return world.lost, world.sent
        return world.alfa, world.mark

    def _to_beta(self, world: World, sender: int, until: int) -> Iterator[tuple[str, int]]:
        for label, after in self.deliveries(1, world.beta, sender):
            if self.nodes[1].kept[world.beta].line().in_n < until:
                yield label, after

    def _of_the_database(self, world: World) -> Iterator[tuple[str, World]]:
        if world.phase in (Phase.NORMAL, Phase.OPEN_AGAIN):
            if world.mark < self.length(world.alfa):
                yield "alfa releases", world._replace(mark=self.length(world.alfa))
            early = self.length(world.alfa) <= self.backups_until
            if world.phase is Phase.NORMAL and world.backup < 0 and early:
                yield "alfa is backed up", world._replace(backup=world.alfa, backup_mark=world.mark)
            loses = self.length(world.alfa) <= self.restores_until
            if world.phase is Phase.NORMAL and world.backup not in (-1, world.alfa) and loses:
                for what, mark in (
                    ("the mark is kept", world.mark),
                    ("the mark is lost", LOST),
                    ("the whole machine", world.backup_mark),
                ):
                    yield f"alfa is restored, {what}", self.restored(world, mark)
        else:
            if world.phase is Phase.READ_ONLY:
                yield "beta hands back what it has", self.handed_back(world)
            yield "alfa asks beta", self.judged(world, answered=True)

    def restored(self, world: World, mark: int) -> World:
        """Put the backup in place; nobody has answered yet."""
        back = world._replace(
            alfa=world.backup, mark=mark, lost=world.alfa, sent=world.mark, phase=Phase.NORMAL
        )
        return self.judged(back, answered=False)

    def judged(self, world: World, *, answered: bool) -> World:
        """Let the restore rule say what alfa may do, by what it held when it was started."""
        started = world.backup if world.phase is Phase.RELEASES_NOTHING else world.alfa
        alfa = self.nodes[0].kept[started]
        size = len(alfa.chain)
        seen = restore.Seen(self.nodes[1].us, 0, {self.line: self.taken_by_beta(world)})
        judgement = restore.judge(
            None if world.mark == LOST else Mark(world.mark, self._root(world)),
            restore.Held(
                size,
                alfa.chain[world.mark - 1].id.encode() if 0 < world.mark <= size else None,
                {self.line: size},
            ),
            [seen] if answered else [],
            umbrella=None,
            partners=frozenset({self.nodes[1].us}),
        )
        phase = JUDGED[judgement.mode]
        if phase is Phase.OPEN_AGAIN:
            # nothing else of before is under way: the mark is reached, or requests have expired
            return world._replace(
                phase=phase, mark=max(world.mark, self.taken_by_beta(world)), lost=-1, sent=0
            )
        if phase is Phase.READ_ONLY and world.phase is Phase.RELEASES_NOTHING:
            # a longer log has appeared: the unreleased tail goes, and is appended anew behind it
            return world._replace(phase=phase, alfa=world.backup)
        return world._replace(phase=phase)

    def _root(self, world: World) -> bytes:
        """Give what the mark beside the database says of the log, as it was when it was made."""
        chain = self.nodes[0].kept[world.lost if world.lost >= 0 else world.alfa].chain
        return chain[world.mark - 1].id.encode()

    def taken_by_beta(self, world: World) -> int:
        return self.nodes[1].kept[world.beta].line().in_n

    def handed_back(self, world: World) -> World:
        """Take back what beta has of the lost tail."""
        until = self.taken_by_beta(world)
        if until <= self.length(world.alfa):
            return world
        lost = self.nodes[0].kept[world.lost]
        beta = self.nodes[1].kept[world.beta]
        return world._replace(alfa=self.nodes[0].regain(world.alfa, lost, until, beta))

    def wrong(self, state: State) -> str:
        world = World(*state)
        for side, at in ((0, world.alfa), (1, world.beta)):
            problem = self.nodes[side].wrong.get(at)
            if problem:
                return f"{self.names[side]}: {problem}"
        if world.phase not in (Phase.NORMAL, Phase.OPEN_AGAIN):
            return ""  # what it has appended meanwhile nobody has seen, and it can be dropped
        alfa, beta = self.outline(0, world.alfa), self.outline(1, world.beta)
        if world.phase is Phase.NORMAL:
            restarted = self.judged(world, answered=True)
            if restarted.phase is not Phase.OPEN_AGAIN:
                return "a node that merely crashed does not open again"
        return two_nodes(alfa, beta)

    def healed(self, state: State) -> State | None:
        """Release, deliver, ask and take back until nothing is left; then let a week pass."""
        world = World(*state)
        for after in self._steps_without_faults(world):
            if after != world:
                return after
        return None

    def _steps_without_faults(self, world: World) -> Iterator[World]:
        if world.phase in (Phase.NORMAL, Phase.OPEN_AGAIN):
            yield world._replace(mark=self.length(world.alfa))
        sender, until = self.under_way(world)
        yield world._replace(beta=self.take(1, world.beta, sender, EARLY, until))
        if world.phase is Phase.READ_ONLY:
            yield self.handed_back(world)
        if world.phase not in (Phase.NORMAL, Phase.OPEN_AGAIN):
            yield self.judged(world, answered=True)
            return
        yield world._replace(alfa=self.take(0, world.alfa, world.beta, EARLY))
        expire = line.ExpireDue
        yield world._replace(alfa=self.nodes[0].step(world.alfa, SILENT, expire, SILENT))
        yield world._replace(beta=self.nodes[1].step(world.beta, SILENT, expire, SILENT))

    def unsettled(self, state: State) -> str:
        world = World(*state)
        if world.phase not in (Phase.NORMAL, Phase.OPEN_AGAIN):
            return f"alfa stays {world.phase.name.lower()}"
        return super().unsettled((world.alfa, world.beta))
