"""The machine of a node in a simulated world: keys, clock, disk and mark, which outlive crashes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from events.batch import Batch, decide
from events.keys import KeyHistory, read_history
from events.machine import Context
from events.mark import Mark
from events.merkle import EMPTY_ROOT
from events.signing import PrivateKey
from federation.group import commands as group
from federation.node.key_commands import RecordKey
from projections.lines import Line
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind
from schemas.cores import KeyCore
from schemas.encoding import b64, unb64
from schemas.errors import Refusal
from schemas.keys import Role
from schemas.openings import MemberText
from tests.simulation.disk import Disk, MarkSlots, Saved, saved
from tests.simulation.faults import MINUTE
from tests.simulation.identity import Identity
from tests.simulation.process import Process
from tests.simulation.sequencing import WatchedMachine

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from events.sealed import Keyring
    from schemas.keys import SignedKeyStatement
    from tests.simulation.world import World

FIRST_MEMBER = 5
"""The first account after the node's own four."""


class Revoked(NamedTuple):
    """A log key that nobody is to trust any more, and the first place where it does not speak."""

    key: PrivateKey
    ended_at: int


class Host:
    """An honest node's machine. `process` is there while it runs."""

    def __init__(
        self, world: World, name: str, rate: Rate, limits: tuple[int | None, int | None]
    ) -> None:
        self.world, self.name = world, name
        self.rng = world.rng
        self.identity = Identity(world.rng, world.make_key)
        self.id = self.identity.id
        self.wrapping = world.rng.randbytes(32)
        self.disk = Disk()
        self.mark = MarkSlots.new(Mark(0, EMPTY_ROOT))
        self.offset_s = 0
        self.slow = False
        self.histories: dict[str, KeyHistory] = {}
        self.learnt_ms: dict[str, int] = {}
        """When it last learnt something new about the keys of another."""
        self.pseudonyms: dict[tuple[str, str], str] = {}
        self._names: dict[tuple[str, int], str] = {}
        self.subjects: list[str] = []
        self.process: Process | None = None
        self.newest: tuple[Disk, MarkSlots] | None = None
        """What a restored machine had before; an operator finds it again at the end."""
        self.starting = False
        self.rotating: dict[str, PrivateKey] = {}
        """The key that is to sign when the statement about it is durable."""
        self.machine: Callable[..., WatchedMachine] = WatchedMachine
        self._genesis(rate, limits)

    @property
    def log_key(self) -> PrivateKey:
        """Give the key that signs the log now."""
        return self.identity.log_key

    def stated(self) -> KeyHistory:
        """Give what the key statements in the own log say; of a log to be, its first ones."""
        return read_history(self.disk.statements or self.identity.statements, node=self.id)

    def cheats(self) -> bool:
        """Tell whether it shows its log otherwise than it is."""
        umbrella = self.world.umbrella
        return umbrella is not None and umbrella.deceived_by(self.id)

    @property
    def rate(self) -> Rate:
        """Give what an hour is worth here."""
        settings = self.disk.books.ledger.settings
        assert settings is not None
        return settings.unit.rate

    def now_s(self) -> int:
        """Give the time as this machine has it."""
        return self.world.schedule.now_ms // 1000 + self.offset_s

    def __repr__(self) -> str:
        return self.name

    def _genesis(self, rate: Rate, limits: tuple[int | None, int | None]) -> None:
        """Start the log: keys, unit, two members. Nothing fails here."""
        lower = limits[0]
        unit = Unit(singular="unit", plural="units", rate=rate)
        commands: list[Any] = [_recorded(signed) for signed in self.identity.statements]
        commands.append(group.Configure(unit, lower, None))
        for number in range(2):
            subject = b64(self.rng.randbytes(16))
            self.subjects.append(subject)
            commands.append(
                group.OpenAccount(
                    key=b64(self.rng.randbytes(16)),
                    code=f"{number + 1:03}",
                    kind=AccountKind.MEMBER,
                    subject=subject,
                    text=MemberText(name="Lid"),
                    upper_minor=limits[1] if number else None,
                )
            )
        self._keyring = self._append(commands)

    def _append(self, commands: Iterable[Any]) -> Keyring:
        """Append while no process runs, as a command line does. Nothing fails here."""
        process = Process(self)
        batch = Batch(process.machine.branch(), process.tree.copy())
        key = self.log_key
        context = Context(self.now_s(), self.rng.randbytes, key.sign, b64(key.public.data))
        for command in commands:
            answer = decide(process.machine, batch, command, origin=self.id, context=context)
            assert not isinstance(answer, Refusal), answer
        self.save(saved(batch, {}, {}))
        return batch.branch.keyring

    def revoke_key(self, chance: Random) -> Revoked | None:
        """Replace and revoke the log key while the node is stopped; it starts again in a while.

        Nothing happens, as in `federation.node.key_changes`, while the database is behind its mark.
        """
        mark, stolen, size = self.mark.newest(), self.log_key, len(self.disk.log)
        speaks = self.stated().speaks(Role.LOG, b64(stolen.public.data), size)
        if self.newest is not None or mark is None or mark.size > size or not speaks:
            return None
        self.crash()
        signed, self.identity.log_key = self.identity.revocation(self.stated(), size, chance)
        self._append([_recorded(statement) for statement in signed])
        self.start_later(MINUTE)
        return Revoked(stolen, size)

    def learn(self, party: str, history: KeyHistory) -> None:
        """Know another node: its keys, and by which names it knows our members."""
        self.histories[party] = history
        for number, subject in enumerate(self.subjects):
            name = self._keyring.pseudonym(unb64(subject), party)
            assert name is not None
            self.pseudonyms[party, b64(name)] = subject
            self._names[party, number] = b64(name)

    def pseudonym(self, member: int, reader: str) -> str:
        """Give the name by which `reader` knows a member, 0 or 1."""
        return self._names[reader, member]

    def member(self, pseudonym: str, reader: str) -> int:
        """Give the member, 0 or 1, whom `reader` knows by a name."""
        return self.subjects.index(self.pseudonyms[reader, pseudonym])

    def save(self, written: Any) -> None:
        """Make a batch durable."""
        self.disk.write(written)
        for meaning in written.meanings if self.rotating else ():
            if isinstance(meaning.core, KeyCore):
                self.identity.log_key = self.rotating.pop(meaning.core.statement.statement)
                self.world.say(f"{self} has a new log key")
        self.world.monitor.saved(self, written)
        self.world.workload.reactions.saved(self, written)

    # life and death

    def start(self) -> None:
        """Run a process over what the disk holds."""
        self.starting = False
        assert self.process is None
        self.world.monitor.started(self)
        self.process = Process(self)
        self.process.start()

    def crash(self) -> None:
        """Lose everything that is not durable."""
        self.rotating.clear()
        if self.process is not None:
            self.process.alive = False
            self.process = None
            self.world.monitor.died(self)

    def start_later(self, delay_ms: int) -> None:
        """Start again in a while, unless somebody did before."""
        if not self.starting:
            self.starting = True
            self.world.schedule.after(delay_ms, self._start_if_down)

    def _start_if_down(self) -> None:
        if self.starting and self.process is None:
            self.start()

    def restore(self, age: int, *, whole_machine: bool) -> None:
        """Put back a backup of the database, or a snapshot of the whole machine."""
        self.crash()
        if self.newest is None:
            self.newest = (self.disk, self.mark.copy())
        older = self.disk.backup(age)
        if whole_machine:
            mark = self.mark_at(older)
            self.mark = MarkSlots.new(mark)
            self.world.monitor.snapshot(self, older)
        self.disk = older
        if whole_machine:
            self.identity.go_back(self.stated())
        self.world.monitor.restored(self)

    def age_of_newest_line(self) -> int:
        """Give how many writes ago this node last heard of a line that it had not known."""
        known: set[str] = set()
        newest = 0
        for at, written in enumerate(self.disk.journal):
            if isinstance(written, Saved) and not written.books.lines.base.keys() <= known:
                known |= written.books.lines.base.keys()
                newest = at
        return len(self.disk.journal) - 1 - newest

    def mark_at(self, disk: Disk) -> Mark:
        """Give a mark as it may have stood when a database was this long: at its very end."""
        from events.growing import GrowingTree

        ids = [entry.id for entry in disk.log]
        return Mark(len(ids), GrowingTree.from_tiles([], ids).root())

    def find_newest(self) -> None:
        """The operator finds the disk that was lost; what was done since is gone, unreleased."""
        if self.newest is not None:
            self.crash()
            self.disk, self.mark = self.newest
            self.newest = None
            self.identity.go_back(self.stated())
            self.world.monitor.restored(self)

    def lines(self) -> list[Line]:
        """Give the lines as the disk holds them."""
        return list(self.disk.books.lines.base.values())


def _recorded(signed: SignedKeyStatement) -> RecordKey:
    return RecordKey(b64(unb64(signed.signatures[0].signature)[:16]), signed)
