"""The umbrella of a simulated world: it witnesses, mirrors and audits every honest node's log.

It draws from a chance of its own, so that worlds without an umbrella stay what they were. What it
finds names whoever cheats, within two rounds, and nobody else; a round is that each pair has told
each other where its books stand, and that the umbrella has then looked at every log.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from federation.line.commands import SendHeads
from federation.umbrella.audit import LAG_S
from schemas.errors import RuilbrugError
from schemas.messages import SeenAnswer
from tests.simulation import witnessing
from tests.simulation.auditor import Auditor
from tests.simulation.cheats import CHEATS
from tests.simulation.faults import HOUR, MINUTE, SECOND
from tests.simulation.identity import Identity
from tests.simulation.lost_tail import LostTail
from tests.simulation.mirror import Mirror
from tests.simulation.proofs import Proofs
from tests.simulation.registry import Registry
from tests.simulation.schedule import Life
from tests.simulation.showing import Shown, show
from tests.simulation.stolen_key import BACK_DATED, StolenKey
from tests.simulation.witnessing import Cosigned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.evidence import SignedEvent
    from tests.simulation.cheats import Cheat
    from tests.simulation.host import Host
    from tests.simulation.process import Process
    from tests.simulation.world import World

TO_FIND: Final = (*CHEATS, BACK_DATED)
"""All that a world with an umbrella may hold, by name."""
SHARE: Final = 0.2
"""Of the worlds, so many have an umbrella; and of these, so many a group that it has to find."""
CHEATED_SHARE: Final = 0.7
STOLEN_SHARE: Final = 0.35
"""Of those in which no group cheats, so many have a thief who holds a key of one."""
ROUNDS: Final = 2
AUDIT_AFTER_MS: Final = 10 * SECOND
ROUND_STEPS_MAX: Final = 200_000
"""Those who cannot agree ask each other again for all of a day."""


class Umbrella(Life):
    """A party that follows the logs. It is its own process and never crashes."""

    def __init__(self, world: World, chance: Random, cheat: str | None, seed: int) -> None:
        """Take the world; `cheat` is how one of its nodes is to cheat, if any does."""
        super().__init__()
        self.world, self.chance = world, chance
        self.id = Identity(chance, world.make_key).id
        self.proofs = Proofs(self)
        self.mirror = Mirror(self.proofs)
        self.auditor = Auditor(self)
        self.cosigned = Cosigned()
        self.cheat: Cheat | None = None
        self.theft: StolenKey | None = None
        self.registry: Registry | None = None
        """Kept where a key is stolen: elsewhere nobody revokes one that the umbrella follows."""
        self.looked_s = 0
        self.lost_tail = LostTail(self, seed)
        self._wanted, self._seed = cheat, seed
        self._asked = 0

    def __repr__(self) -> str:
        return "umbrella"

    @property
    def process(self) -> Umbrella:
        """It always runs."""
        return self

    def seen(self, caller: str) -> SeenAnswer:
        """Tell a node how much of its log is mirrored here."""
        self._asked += 1
        rows = self.mirror.rows.get(caller, [])
        last = rows[-1].id if rows else None
        answer = SeenAnswer(size=len(rows), last=last, session=f"umbrella{self._asked}")
        return self.cosigned.told(caller, answer)

    def cheating(self, node: str) -> bool:
        """Tell whether a node cheats with its log."""
        return self.cheat is not None and self.cheat.host.id == node

    def deceived_by(self, node: str) -> bool:
        """Tell whether a node shows its log otherwise than it is."""
        return self.cheat is not None and self.cheating(node) and not self.cheat.shows_truth

    async def vouch(self, caller: str, shown: SignedEvent) -> str | None:
        """Tell a partner which entry counts at the place of an event under a revoked key."""
        assert self.registry is not None
        return await self.registry.vouch(caller, shown)

    # when it looks

    def meet(self) -> None:
        """Let one of the nodes cheat, or lose its key to a thief, when one is to."""
        hosts = self.world.hosts
        if self._wanted is None or len(hosts) <= 1:
            return
        if self._wanted == BACK_DATED:
            chance = Random(f"{BACK_DATED} {self._seed}")
            self.theft = StolenKey(self, chance.choice(hosts), chance)
            self.registry = Registry(self)
            for host in hosts:
                self.registry.admit(host)
        else:
            self.cheat = CHEATS[self._wanted](self, self.chance.choice(hosts), self.chance)
            self.world.say(f"{self.cheat.host} is to play {self.cheat.name}")

    def begin(self, length_ms: int) -> None:
        """Plan when it looks while the bad time lasts, and when a cheat begins."""
        schedule = self.world.schedule
        if self.cheat is not None:
            schedule.after(self.chance.randint(0, length_ms), self.cheat.begin)
        if self.theft is not None:
            self.theft.begin(length_ms)
        for _ in range(self.chance.randint(1, 5)):
            again = self.chance.random() < 0.5
            schedule.after(self.chance.randint(0, length_ms), self.look, again)
        self.lost_tail.begin(length_ms)

    def finish(self) -> None:
        """Play two rounds in which nothing goes wrong, and see what was found.

        Raises:
            Finding: a cheat was not found, or an honest node is accused.

        """
        hosts, cheat = list(self.world.hosts), self.cheat
        if cheat is not None:
            cheat.begin()
            hosts.sort(key=lambda host: host is not cheat.host)
        if self.theft is not None:
            self.theft.found_out()
            self._run(HOUR)
        self.look(again=False)
        played, refused = False, frozenset[str]()
        for number in range(ROUNDS):
            self._run(LAG_S * 1000 + HOUR)
            for host in hosts:
                self._tell_heads(host)
                self._run(2 * MINUTE)
            if self.theft is not None:
                self.theft.strike()
                self._run(2 * MINUTE)
            self.look(again=bool(number))
            self._run(2 * MINUTE)
            played = played if number or cheat is None else cheat.played
            if self.theft is not None and not number:
                refused = frozenset(self.theft.refused)
        self.auditor.require_same_from_the_start()
        self.auditor.require_found(played=played, refused=refused)

    def _run(self, length_ms: int) -> None:
        schedule = self.world.schedule
        self.world.run_until(schedule.now_ms + length_ms, schedule.steps + ROUND_STEPS_MAX)

    def _tell_heads(self, host: Host) -> None:
        assert host.process is not None
        for line in host.lines():
            host.process.submit_soon(SendHeads(line.line))

    # what it does

    def look(self, again: bool) -> None:
        """Visit every node that runs, and audit what came of it."""
        self.looked_s = self.world.schedule.now_ms // 1000
        for host in self.world.hosts:
            if host.process is not None:
                visit = self.visit(host.process, again=again)
                self.world.schedule.spawn(host.process, visit)
        self.world.schedule.after(AUDIT_AFTER_MS, self.auditor.audit)

    async def visit(self, process: Process, *, again: bool, follow: bool = True) -> None:
        """Let a node release its log, have it cosigned, tell and be told, and mirror it."""
        host, size = process.host, process.tree.size
        try:
            await process.release(size)
        except RuilbrugError:
            return
        truth = show(host, size)
        readers = [reader for reader in self._readers(host) if not self.cut(host.id, reader)]
        if self.registry is not None and self.id in readers:
            self.registry.record(host)  # before what is seen now
        for reader in readers:
            self._cosign(reader, host, truth)
        for reader in readers:
            self._tell(host.disk.cosigned, reader)
            self._tell(self._state(reader), host.id)
        if follow and self.id in readers:
            shown = self._shown(host, self.id, truth)
            now_s = self.world.schedule.now_ms // 1000
            self.auditor.pulled[host.id] = await self.mirror.pull(host, shown, now_s, again=again)

    def _readers(self, host: Host) -> Iterator[str]:
        """Name whoever witnesses for a node: the umbrella, and partners that run."""
        yield self.id
        for peer in sorted({line.peer for line in host.lines()}):
            if self.world.honest(peer) and self.runs(self.world.host(peer)):
                yield peer

    def runs(self, host: Host) -> bool:
        """Tell whether a node runs and answers others."""
        return host.process is not None and host.process.outbox_open

    def cut(self, sender: str, receiver: str) -> bool:
        """Tell whether what one asks another is lost."""
        return self.world.faults.cut(sender, receiver)

    def _state(self, reader: str) -> Cosigned:
        return self.cosigned if reader == self.id else self.world.host(reader).disk.cosigned

    def _shown(self, host: Host, reader: str, truth: Shown) -> Shown:
        if self.cheat is None or self.cheat.host is not host:
            return truth
        return self.cheat.shown(reader, truth)

    def _cosign(self, reader: str, host: Host, truth: Shown) -> None:
        """Let a witness cosign what it is shown; what it refuses, it looks into."""
        shown = self._shown(host, reader, truth)
        written = witnessing.ask(self._state(reader), host, shown)
        if written is None:
            self._hear(reader, host, shown.note(), shown)
        elif written != self._state(reader).last(host.id):
            write = self.cosigned.write if reader == self.id else self.world.host(reader).disk.write
            write(written)

    def _tell(self, state: Cosigned, reader: str) -> None:
        """Tell one party the newest checkpoints that another has cosigned."""
        for node in sorted(state.latest):
            if node == reader:
                continue
            host, note = self.world.host(node), state.newest(node)
            assert note is not None
            self._hear(reader, host, note, self._tiles(host, reader))

    def _tiles(self, host: Host, reader: str) -> Shown:
        """Give the log of a node as it shows it to anybody; nothing while it is away."""
        mark = host.mark.newest()
        size = mark.size if mark is not None and self.runs(host) else 0
        return self._shown(host, reader, show(host, size)) if size else show(host, 0)

    def _hear(self, reader: str, host: Host, note: bytes, shown: Shown) -> None:
        if not witnessing.hear(self._state(reader), host, note, shown, self.proofs):
            return
        self.auditor.doubt(host)


def umbrella_of(world: World, seed: int, cheat: str | None) -> Umbrella | None:
    """Give a world its umbrella, if it is to have one; `cheat` asks for one and for that."""
    chance = Random(f"umbrella {seed}")
    present, cheated = chance.random() < SHARE, chance.random() < CHEATED_SHARE
    drawn = chance.choice(sorted(CHEATS))
    if cheat is not None:
        return Umbrella(world, chance, cheat or None, seed)
    if not present:
        return None
    stolen = Random(f"stolen key {seed}").random() < STOLEN_SHARE
    return Umbrella(world, chance, drawn if cheated else BACK_DATED if stolen else None, seed)
