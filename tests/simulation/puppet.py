"""A node that cheats: it signs and chains its events well, and means with them whatever it likes.

It has no books. What it answers is drawn from the seed: the right event, a wrong one, two that
exclude each other, none, or an old one again.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from events.merkle import leaf_hash
from federation.peer.channel import decode_line_core
from schemas import cores
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, RefusedError, RuilbrugError
from schemas.ids import line_id
from schemas.messages import Exchange, LineHead, SeenAnswer, WireEvent
from schemas.terms import Side, Terms
from tests.simulation.answering import Answers
from tests.simulation.chain import Chain
from tests.simulation.faults import HOUR, MINUTE
from tests.simulation.identity import Identity
from tests.simulation.initiative import Initiative
from tests.simulation.pen import Pen
from tests.simulation.schedule import Life
from tests.simulation.showing import invented
from tests.simulation.theft import Theft
from tests.simulation.tricks import Tricks

if TYPE_CHECKING:
    from events.keys import KeyHistory
    from schemas.amounts import Rate
    from tests.simulation.host import Host
    from tests.simulation.world import World

HOUR_UNITS = 360_000
CHAIN_MAX = 250


def _id(party: Host | Puppet) -> str:
    return party.id


class Puppet(Life):
    """A party that nobody should trust. It is its own process and never crashes."""

    def __init__(self, world: World, name: str, rate: Rate) -> None:
        super().__init__()
        self.world, self.name, self.rate = world, name, rate
        self.rng = world.rng
        self.identity = Identity(world.rng, world.make_key)
        self.id = self.identity.id
        self.chains: dict[str, Chain] = {}
        self.sessions: dict[str, str] = {}
        self._asked: Counter[str] = Counter()
        """How often each partner has asked what was seen of it."""
        self.theft = Theft(self.identity)
        self.pseudonyms = [b64(self.rng.randbytes(32)) for _ in range(2)]
        self.tricks = Tricks(world)
        self.pen = Pen(world, self.identity, self.tricks)
        self.answers = Answers(world, self.pen, self.tricks)
        self._initiative = Initiative(self)

    def __repr__(self) -> str:
        return self.name

    @property
    def process(self) -> Puppet:
        return self

    @property
    def host(self) -> Puppet:
        return self

    def stated(self) -> KeyHistory:
        """Give what its key statements say; of its keys it does not lie."""
        return self.identity.history()

    def pseudonym(self, member: int, reader: str) -> str:
        """Give the name by which `reader` knows a member that does not exist."""
        del reader
        return self.pseudonyms[member]

    def meet(self, peer: Host) -> None:
        """Begin a line with an honest node."""
        line = line_id(self.id, peer.id, 0)
        chain = self.chains[line] = Chain(line, peer)
        both: tuple[Host | Puppet, ...] = (self, peer)
        sides = [
            Side(node=party.id, rate=party.rate, grants_units=2 * HOUR_UNITS)
            for party in sorted(both, key=_id)
        ]
        chain.proposal = Terms(
            line=line, rev=1, lower=sides[0], higher=sides[1], largest_units=HOUR_UNITS
        )
        self.pen.say(chain, cores.TermsPropose, counter=0, terms=chain.proposal)
        self.push(line)

    def begin(self, length_ms: int) -> None:
        """Plan what it does by itself."""
        if self.theft.planned:
            self.world.schedule.after(self.theft.delay_ms(length_ms), self._robbed)
        for line in self.chains:
            for _ in range(self.rng.randint(3, 25)):
                self.world.schedule.after(self.rng.randint(0, length_ms), self._act, line)

    def _robbed(self) -> None:
        self.theft.found_out(self.pen.seq)
        self.world.say(f"{self} revokes its log key")

    def _act(self, line: str) -> None:
        chain = self.chains[line]
        if not self.world.faults.lasting or len(chain.sent) >= CHAIN_MAX:
            return
        self._initiative.act(chain)
        self.push(line)
        self.world.schedule.after(self.rng.choice((MINUTE, HOUR)), self.push, line)

    # the wire

    async def serve(self, caller: str, line: str, question: Exchange) -> Exchange:
        """Answer an exchange."""
        chain = self.chains.get(line)
        if chain is None or chain.peer.id != caller:
            raise RefusedError(Code.NOT_FOUND, field="line")
        if question.events and question.session != self._session(caller):
            raise RefusedError(
                Code.SESSION_UNKNOWN, field="session"
            )  # sent before the machine went back
        chain.acknowledged = max(chain.acknowledged, min(question.after, len(chain.sent)))
        self._take(chain, question.events)
        after = min(question.after, len(chain.sent))
        return Exchange(after=chain.in_n, events=self._events(chain, after))

    def seen(self, caller: str) -> SeenAnswer:
        """Tell what it has seen: it lies only about a longer log, which the other never signed."""
        heads = tuple(
            LineHead(line=c.line, n=c.in_n, id=c.in_id or None)
            for c in self.chains.values()
            if c.peer.id == caller
        )
        self._asked[caller] += 1
        return SeenAnswer(
            size=0,
            heads=heads,
            session=self._session(caller),
            checkpoint=invented(self.world.host(caller), self.identity.log_key),
            keys=tuple(self.identity.statements),
        )

    def _session(self, caller: str) -> str:
        """Name the session: no cheat can take in what no honest node would, or any snapshot lies.

        What left a machine before it went back, and comes after its question, looks like a second
        history to whoever takes it in; nobody can tell the two apart.
        """
        return f"cheat{self._asked[caller]}"

    def push(self, line: str) -> None:
        """Bring what the partner has not acknowledged."""
        self.world.schedule.spawn(self, self._push(self.chains[line]))

    async def _push(self, chain: Chain) -> None:
        session, ours = self.sessions.get(chain.peer.id, ""), self._session(chain.peer.id)
        events = self._events(chain, chain.acknowledged)
        body = encode(Exchange(after=chain.in_n, session=session, events=events))
        network, peer = self.world.network, chain.peer.id
        try:
            data = await network.exchange(self.id, peer, chain.line, body)
        except RuilbrugError as error:
            if error.code is Code.SESSION_UNKNOWN:
                await self._introduce(chain)
                return
            expected = error.facts.get("expected")
            if isinstance(expected, int):
                chain.acknowledged = min(len(chain.sent), expected - 1)
            return
        answer = self.world.decode_exchange(data)
        chain.acknowledged = max(chain.acknowledged, min(answer.after, len(chain.sent)))
        if ours == self._session(chain.peer.id):
            self._take(chain, answer.events)

    async def _introduce(self, chain: Chain) -> None:
        """Open a session as an honest node does, and bring again what was refused without one."""
        with contextlib.suppress(RuilbrugError):
            seen = await self.world.network.seen(self.id, chain.peer.id)
            self.sessions[chain.peer.id] = seen.session
            self.push(chain.line)

    def _events(self, chain: Chain, after: int) -> tuple[WireEvent, ...]:
        events = tuple(chain.sent[after : after + 200])
        if not self.world.faults.lasting:
            return events  # its tricks end with the faults
        forged = self.theft.strikes(chain, after + 1)
        if forged is not None:
            self.tricks.played("back_dated_key")
            return (forged,)
        if "skip" in self.tricks and len(events) > 1 and not self.rng.randrange(4):
            self.tricks.played("skip")
            return events[1:]
        if "fork" in self.tricks and chain.sent and not self.rng.randrange(12):
            at = self.rng.randrange(len(chain.sent))
            other = encode(replace(chain.cores[at], ts=chain.cores[at].ts + 1))
            self.tricks.played("fork")
            return (*chain.sent[max(0, at - 1) : at], self.pen.signed(other))[-1:]
        return events

    def _take(self, chain: Chain, events: tuple[WireEvent, ...]) -> None:
        self.world.monitor.arrived(self.id, events, kept=True)
        for event in events:
            data = unb64(event.core)
            core: Any = decode_line_core(data)
            if core.n != chain.in_n + 1:
                continue
            chain.in_n, chain.in_id = core.n, b64(leaf_hash(data))
            if len(chain.sent) < CHAIN_MAX and self.world.faults.lasting is not None:
                self.answers.react(chain, core)
