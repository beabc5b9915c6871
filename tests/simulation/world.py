"""A seeded world of two to seven nodes: it owns clock, chance, network and disks.

Three acts: nodes meet in peace; faults last while people work; everything heals, and must come to
rest within a bounded number of exchanges. The same seed gives the same steps in every process.
"""

from __future__ import annotations

import contextlib
import logging
from collections import Counter, defaultdict
from random import Random
from typing import Any, NamedTuple

import msgspec
import structlog

from events.signing import PrivateKey
from federation.line.commands import ReceiveEvents
from federation.node.key_commands import RecordKey
from projections.lines import Line, Phase
from schemas.amounts import Rate
from schemas.encoding import b64
from schemas.errors import Code, RuilbrugError
from schemas.messages import Exchange, SeenAnswer
from tests.simulation.crypto import FakeKey, fake_signatures
from tests.simulation.exchange_ports import ExchangePorts
from tests.simulation.faults import DAY, HOUR, MINUTE, Faults, draw_climate
from tests.simulation.host import Host
from tests.simulation.monitor import Monitor
from tests.simulation.network import Network
from tests.simulation.process import Process
from tests.simulation.puppet import Puppet
from tests.simulation.schedule import Life, Promise, Schedule
from tests.simulation.taking_ports import TakingPorts
from tests.simulation.tally import Finding
from tests.simulation.umbrella import umbrella_of
from tests.simulation.workload import Workload

START_MS = 1_700_000_000_000
REAL_ONE_IN = 100
BAD_STEPS_MAX = 1_500
"""After so many steps the bad time ends, however long it was to last."""
STEPS_MAX = 30_000
EXCHANGES_MAX = 40
RATES = (Rate(20), Rate(60), Rate(1), Rate(7, 2), Rate(3600, 2), Rate(100, 1))
_EXCHANGE = msgspec.json.Decoder(Exchange)


class Outcome(NamedTuple):
    """What became of a seed."""

    seed: int
    steps: int
    faults: Counter[str]
    settled: int
    """Payments that honest nodes have made and seen confirmed."""
    cheats: tuple[str, ...] = ()
    """What the umbrella had to find; `no cheat` where everybody was honest."""
    rule: str = ""
    text: str = ""


def signs_for_real(seed: int) -> bool:
    """Tell whether a world signs and verifies as the product does."""
    return not seed % REAL_ONE_IN


class World:
    """Everything that there is."""

    def __init__(self, seed: int, *, tell: bool = False, cheat: str | None = None) -> None:
        self.rng = Random(seed)
        self.tell = tell
        self.make_key = PrivateKey if signs_for_real(seed) else FakeKey
        self.schedule = Schedule(START_MS + self.rng.randint(0, 10**9))
        self.asked: defaultdict[str, set[str]] = defaultdict(set)
        self.refusals: Counter[str] = Counter()
        self.exchanges: Counter[tuple[str, str]] = Counter()
        self.monitor = Monitor(self)
        self.trail: list[str] = []
        self.lying: set[str] = set()
        """Nodes that tell their partners of other books than they have."""
        self.umbrella = umbrella_of(self, seed, cheat)
        count = self.rng.choice((2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 5, 6, 7))
        self.faults = Faults(self, draw_climate(self.rng, count))
        self.network = Network(self)
        self.workload = Workload(self)
        self.hosts: list[Host] = []
        self.puppets: list[Puppet] = []
        self.parties: dict[str, Any] = {}
        cheats = int(count > 2 and self.rng.random() < 0.4) + int(
            count == 2 and self.rng.random() < 0.25
        )
        for number in range(count):
            name, rate = "ABCDEFG"[number], self.rng.choice(RATES)
            if number >= count - cheats:
                self.puppets.append(Puppet(self, name, rate))
            else:
                tight = self.workload.theme.tight  # there the limits of the line are to count
                lower: int | None = None if tight else self.rng.choice((None, None, -30, -2000))
                upper: int | None = None if tight else self.rng.choice((None, 40, 2000))
                self.hosts.append(Host(self, name, rate, (lower, upper)))
        everyone: list[Host | Puppet] = [*self.hosts, *self.puppets]
        for party in everyone:
            self.parties[party.id] = party
        for host in self.hosts:
            for party in self.parties.values():
                if party is not host:
                    host.learn(party.id, party.identity.history())
        if self.umbrella is not None:
            self.parties[self.umbrella.id] = self.umbrella
            self.umbrella.meet()

    # running

    def run(self) -> None:
        """Live through the three acts.

        Raises:
            Finding: an invariant does not hold.

        """
        for host in self.hosts:
            host.start()
        if self.umbrella is not None:
            self.run_until(self.schedule.now_ms + MINUTE)  # it has seen nothing of anybody
        self._meet()
        length_ms = self.rng.choice((10 * MINUTE, HOUR, DAY, 20 * DAY))
        self.say("the bad time begins")
        until = self.schedule.now_ms + length_ms
        self.faults.begin(length_ms)
        self.workload.begin(length_ms)
        for puppet in self.puppets:
            puppet.begin(length_ms)
        if self.umbrella is not None:
            self.umbrella.begin(length_ms)
        self.run_until(until, self.schedule.steps + BAD_STEPS_MAX)
        self._heal()
        if not self._rest():
            self.monitor.finish()
        if self.umbrella is not None:
            self.umbrella.finish()

    def _meet(self) -> None:
        """Let lines come about between neighbours, and some others."""
        for number, host in enumerate(self.hosts[1:], 1):
            self.workload.coordinators.propose(host, self.hosts[self.rng.randrange(number)].id)
        for puppet in self.puppets:
            for host in self.rng.sample(self.hosts, self.rng.randint(1, len(self.hosts))):
                puppet.meet(host)
        for _ in range(2):
            self.run_until(self.schedule.now_ms + MINUTE)
            for host in self.hosts:
                self.workload.coordinators.answer_proposals(host)
        self.run_until(self.schedule.now_ms + MINUTE)

    def run_until(self, until_ms: int, steps_max: int | None = None) -> None:
        """Let everything happen until a moment, or until there were so many steps."""
        schedule = self.schedule
        while (at_ms := schedule.next_ms()) is not None and at_ms <= until_ms:
            schedule.step()
            if steps_max is not None:
                if schedule.steps >= steps_max:
                    return
            elif schedule.steps > STEPS_MAX:
                self.monitor.finish()
                raise Finding("settle", "this never ends")
        schedule.now_ms = max(schedule.now_ms, until_ms)

    def _heal(self) -> None:
        """End every fault: lost disks are found, machines run, clocks are right."""
        self.say("everything heals")
        self.faults.end()
        self.exchanges.clear()
        for host in self.hosts:
            host.slow, host.offset_s = False, 0
            host.find_newest()
            if host.process is None:
                host.start()
            else:
                host.process.clock_jumped()

    def _rest(self) -> bool:
        """Run until nothing is left to do but to wait for cheats; tells whether all is well."""
        well = False
        for days in range(61):
            self.run_until(self.schedule.now_ms + (DAY if days else HOUR))
            well = self._at_rest()
            if well or self.schedule.next_ms() is None:
                break
            for host in self.hosts:
                self.workload.coordinators.answer_proposals(host)
        for (name, line), count in sorted(self.exchanges.items()):
            if count > EXCHANGES_MAX:
                raise Finding("settle", f"{name} needed {count} exchanges on {line[:6]}")
        return well

    def _at_rest(self) -> bool:
        """Tell whether only cheats are waited for: whoever is cheated asks them again for ever."""
        if any(line.their_proposal for host in self.hosts for line in host.lines()):
            return False
        try:
            self.monitor.finish()
        except Finding:
            return False
        return True

    # what processes tell and ask

    def say(self, text: str) -> None:
        """Note a step for whoever replays the seed."""
        if self.tell:
            self.trail.append(
                f"{self.schedule.steps:6} {self.schedule.now_ms - START_MS:12} {text}"
            )

    def settled(self) -> int:
        """Count the payments of honest nodes that came to their end."""
        return sum(
            transfer.phase is Phase.SETTLED
            for host in self.hosts
            for transfer in host.disk.books.transfers.base.values()
        )

    def honest(self, party: str) -> bool:
        """Tell whether a party is an honest node of this world."""
        return isinstance(self.parties.get(party), Host)

    def host(self, party: str) -> Host:
        """Give an honest node."""
        found = self.parties[party]
        assert isinstance(found, Host)
        return found

    def adopted(self, process: Process, commands: list[Any]) -> None:
        """A batch has become the state of a process."""
        if self.tell:
            for command in commands:
                self.say(f"{process.host} did {describe(command)}")
        for command in commands:
            if isinstance(command, ReceiveEvents):
                self.monitor.again(process, command)

    def stumbled(self, process: Process, command: Any, error: Exception) -> None:
        """An assertion stopped a command. Nobody may bring that about, not even a cheat."""
        self.say(f"{process.host} stumbles over {describe(command)}: {error!r}")
        raise Finding("bug", f"{process.host} stumbles: {error!r}") from error

    def bringing(self, process: Process, line: Line) -> None:
        """A process begins an exchange."""
        if self.honest(line.peer):
            self.exchanges[process.host.name, line.line] += 1

    def refused(self, process: Process, line: Line, error: RuilbrugError) -> None:
        """A partner refused an exchange, or we refused what it answered.

        What was said under a key that is revoked since waits for the next word under a new one: a
        day at most, in which it is brought again and again.
        """
        self.say(f"{process.host} and {self.parties[line.peer]} do not agree: {error.code}")
        self.refusals[f"exchange.{error.code}"] += 1
        if error.code is Code.KEY_REVOKED and self.honest(line.peer):
            self.exchanges[process.host.name, line.line] -= 1

    def ask_exchange(
        self, process: ExchangePorts, peer: str, line: str, body: bytes
    ) -> Promise[bytes]:
        """Bring an exchange to a partner."""
        if self.tell:
            question = _EXCHANGE.decode(body)
            self.say(
                f"{process.host} -> {self.parties[peer]}: after {question.after}, "
                f"{len(question.events)} events"
            )
        return self.network.exchange(process.host.id, peer, line, body)

    def ask_seen(self, process: ExchangePorts, peer: str) -> Promise[SeenAnswer]:
        """Ask a partner what it has seen."""
        return self.network.seen(process.host.id, peer)

    async def ask_keys(self, process: TakingPorts, peer: str) -> None:
        """Fetch the key statements of a partner; nothing when it does not answer."""
        with contextlib.suppress(RuilbrugError):
            history = await self.network.keys(process.host.id, peer)
            before = process.host.histories[peer]
            if any(before.revoked(held.key) > history.revoked(held.key) for held in before.keys):
                return  # of a machine that went back: nobody forgets a revocation
            if history != before:
                process.host.learnt_ms[peer] = self.schedule.now_ms
            process.host.histories[peer] = history

    def decode_exchange(self, data: bytes) -> Exchange:
        """Read an answer."""
        return _EXCHANGE.decode(data)

    def rotate(self, host: Host) -> None:
        """Rotate the log key of a node, when nothing else is being appended."""
        process = host.process
        if process is None or host.newest is not None or process.sequencer.busy() or host.rotating:
            return
        statement, new = host.identity.rotation(host.stated(), process.tree.size + 1)
        host.rotating[statement.statement] = new
        process.submit_soon(RecordKey(b64(self.rng.randbytes(16)), statement))


def describe(command: Any) -> str:
    """Say what a command is, in a few words that are the same in every process."""
    words = type(command).__name__
    if isinstance(command, ReceiveEvents):
        kinds = [
            f"{event.n}:{getattr(event.core, 'type', type(event.core).__struct_config__.tag)}"
            for event in command.events
        ]
        return f"{words} {' '.join(kinds)}"
    return f"{words} {str(getattr(command, 'path', ''))[:6]}".rstrip()


def run_seed(
    seed: int, *, tell: bool = False, cheat: str | None = None
) -> tuple[Outcome, World | None]:
    """Live through one seed; `cheat` gives it an umbrella, and a node that cheats like that."""
    with contextlib.ExitStack() as stack:
        if not signs_for_real(seed):
            stack.enter_context(fake_signatures())
        world = World(seed, tell=tell, cheat=cheat)
        rule = text = ""
        try:
            world.run()
        except Finding as finding:
            rule, text = finding.rule, str(finding)
        except Exception as error:  # whatever escapes is a finding as well
            if tell:
                raise
            rule, text = "bug", f"{type(error).__name__}: {error}"
        finally:
            world.schedule.close()
    counted = +world.faults.counted
    cheats = () if world.umbrella is None else world.umbrella.auditor.cheats
    outcome = Outcome(seed, world.schedule.steps, counted, world.settled(), cheats, rule, text)
    return outcome, world


def quiet() -> None:
    """Keep the logs of simulated nodes to themselves."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.ReturnLoggerFactory(),
    )


__all__ = ["Life", "Outcome", "World", "quiet", "run_seed"]
