"""The machine of a node in a simulated world: keys, clock, disk and mark, which outlive crashes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from events.batch import Batch, decide
from events.keys import KeyHistory, pre_commitment, read_history, sign_statement
from events.machine import Context
from events.mark import Mark
from events.merkle import EMPTY_ROOT
from events.signing import PrivateKey
from federation.group import commands as group
from federation.node.identity import first_statements
from federation.node.key_commands import RecordKey
from projections.lines import Line
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind
from schemas.cores import KeyCore
from schemas.encoding import b64, unb64
from schemas.errors import Refusal
from schemas.keys import Cause, KeyStatement, Role, SignedKeyStatement
from schemas.openings import MemberText
from tests.simulation.disk import Disk, MarkSlots, Saved, saved
from tests.simulation.process import Process

if TYPE_CHECKING:
    from tests.simulation.world import World

MakeKey = Callable[[bytes], PrivateKey]
FIRST_MEMBER = 5
"""The first account after the node's own four."""


class Identity:
    """Keys and statements of a party, honest or not."""

    def __init__(self, rng: Random, make_key: MakeKey) -> None:
        seeds = {role: (rng.randbytes(32), rng.randbytes(32)) for role in Role}
        keys = {role: (make_key(one), make_key(two)) for role, (one, two) in seeds.items()}
        self.statements = list(first_statements(keys, rng.randbytes))
        self._root = keys[Role.ROOT][0]
        self.log_key, following = keys[Role.LOG]
        self._made = {b64(key.public.data): key for key in (self.log_key, following)}
        self._rng, self._make_key = rng, make_key
        self.id = read_history(self.statements).node

    def history(self) -> KeyHistory:
        """Give what the statements say."""
        return read_history(self.statements, node=self.id)

    def rotation(
        self, stated: KeyHistory, holds_from: int
    ) -> tuple[SignedKeyStatement, PrivateKey]:
        """Make the statement by which the pre-committed key takes over; not in force yet."""
        before = stated.current(Role.LOG)
        assert before is not None
        new = next(key for key in self._made.values() if _digest(key) == before.next)
        following = self._make_key(self._rng.randbytes(32))
        statement = KeyStatement(
            v=1,
            role=Role.LOG,
            cause=Cause.ROTATION,
            key=b64(new.public.data),
            next=_digest(following),
            holds_from=holds_from,
            salt=b64(self._rng.randbytes(16)),
            node=self.id,
        )
        signed = sign_statement(statement, [self._made[before.key], new])
        self._made[b64(following.public.data)] = following
        return signed, new

    def revoke(self, holds_from: int, chance: Random) -> PrivateKey:
        """Replace the log key by the word of the root key, revoke the old one, and give that."""
        stolen, before = self.log_key, self.history().current(Role.LOG)
        assert before is not None
        new, following = (self._make_key(chance.randbytes(32)) for _ in range(2))
        for cause, key, next_key in (
            (Cause.RECOVERY, b64(new.public.data), _digest(following)),
            (Cause.REVOCATION, before.key, before.next),
        ):
            statement = KeyStatement(
                v=1,
                role=Role.LOG,
                cause=cause,
                key=key,
                next=next_key,
                holds_from=holds_from,
                salt=b64(chance.randbytes(16)),
                node=self.id,
            )
            self.statements.append(sign_statement(statement, [self._root]))
        self.log_key = new
        return stolen

    def go_back(self, stated: KeyHistory) -> None:
        """Use the key of an older machine again."""
        key = stated.current(Role.LOG)
        assert key is not None
        self.log_key = self._made[key.key]


def _digest(key: PrivateKey) -> str:
    return pre_commitment(key.public.data)


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
        self._genesis(rate, limits)

    @property
    def log_key(self) -> PrivateKey:
        """Give the key that signs the log now."""
        return self.identity.log_key

    def stated(self) -> KeyHistory:
        """Give what the key statements in the own log say; of a log to be, its first ones."""
        return read_history(self.disk.statements or self.identity.statements, node=self.id)

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
        process = Process(self)
        lower = limits[0]
        unit = Unit(singular="unit", plural="units", rate=rate)
        commands: list[Any] = [
            RecordKey(b64(unb64(s.signatures[0].signature)[:16]), s)
            for s in self.identity.statements
        ]
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
        batch = Batch(process.machine.branch(), process.tree.copy())
        key = self.log_key
        context = Context(self.now_s(), self.rng.randbytes, key.sign, b64(key.public.data))
        for command in commands:
            answer = decide(process.machine, batch, command, origin=self.id, context=context)
            assert not isinstance(answer, Refusal), answer
        self.save(saved(batch, {}, {}))
        self._keyring = batch.branch.keyring

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
