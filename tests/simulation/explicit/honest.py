"""Two honest nodes and a network that loses, repeats, delays and reorders: one line, both pay.

Chains only grow, and each prefix of a chain can arrive at any later time or never, so the network
is the chains themselves; that a repetition changes nothing is tested by `test_payment.py`.
A crash loses nothing that is durable, which is what a state is made of. No clock is part of the
state: each step that looks at the time may see any, so clocks that differ or jump are all covered.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.line import commands as line
from federation.line.payee import SILENCE_S
from tests.federation.line.pair import NOW, Pair
from tests.simulation.explicit.invariants import Outline, ended, one_node, outline, two_nodes
from tests.simulation.explicit.node import NodeStates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.explicit.search import State

OwnMoves = dict[int, list[tuple[str, int]]]
EARLY: Final = NOW
EXPIRED: Final = NOW + 60
SILENT: Final = NOW + 60 + SILENCE_S
TIMES: Final = {"": EARLY, ", expired": EXPIRED, ", a week later": SILENT}


class Act(NamedTuple):
    """What somebody at a node may ask of it, at any time, again and again."""

    side: int
    """0 is alfa, 1 is beta."""
    label: str
    command: line.LineCommand


class Bounds(NamedTuple):
    """How much of the world is explored."""

    pair: Pair
    acts: tuple[Act, ...]
    chain_max: int = 1_000
    """A node with so many events in its chain is asked nothing more."""


class Honest:
    """States are (state of alfa, state of beta)."""

    seen_counts = False

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        pair = bounds.pair
        self.line = pair.line_id
        self.nodes = (
            NodeStates(pair.a, one_node, seen_counts=self.seen_counts),
            NodeStates(pair.b, one_node, seen_counts=self.seen_counts),
        )
        self.names = ("alfa", "beta")
        self._own: tuple[OwnMoves, OwnMoves] = ({}, {})
        self._outlines: tuple[dict[int, Outline], dict[int, Outline]] = ({}, {})

    def initial(self) -> State:
        return (self.nodes[0].start, self.nodes[1].start)

    def moves(self, state: State) -> Iterator[tuple[str, State]]:
        for side in (0, 1):
            for label, after in self.own_moves(side, state[side]):
                yield label, with_side(state, side, after)
            for label, after in self.deliveries(side, state[side], state[1 - side]):
                yield label, with_side(state, side, after)

    def own_moves(self, side: int, at: int) -> list[tuple[str, int]]:
        """Give what a node can do by itself and what comes of it, but for what changes nothing."""
        known = self._own[side].get(at)
        if known is None:
            tried = self._commands(side, at)
            known = self._own[side][at] = [(label, after) for label, after in tried if after != at]
        return known

    def _commands(self, side: int, at: int) -> Iterator[tuple[str, int]]:
        node = self.nodes[side]
        if len(node.kept[at].chain) < self.bounds.chain_max:
            for act in self.bounds.acts:
                if act.side == side:
                    yield act.label, node.step(at, act.label, partial(asked, act), EARLY)
        for when, now_s in TIMES.items():
            if now_s != EARLY:
                label = f"{self.names[side]} looks at the clock{when}"
                yield label, node.step(at, now_s, line.ExpireDue, now_s)

    def deliveries(self, side: int, at: int, sender: int) -> Iterator[tuple[str, int]]:
        """Give what can arrive at a node: the next event of the other, at any time."""
        for when, now_s in TIMES.items():
            after = self.take(side, at, sender, now_s)
            if after != at:
                yield self.label(side, at, sender, when), after

    def label(self, side: int, at: int, sender: int, when: str) -> str:
        event = self.nodes[1 - side].kept[sender].chain[self.nodes[side].kept[at].line().in_n]
        kind = event.core.__struct_config__.tag
        return f"{self.names[side]} receives {kind} {event.n}{when}"

    def take(self, side: int, at: int, sender: int, now_s: int, until: int | None = None) -> int:
        """Deliver the next event of the other node's chain; `until` is how far it was sent."""
        chain = self.nodes[1 - side].kept[sender].chain
        have = self.nodes[side].kept[at].line().in_n
        if have >= (len(chain) if until is None else until):
            return at
        event = chain[have]
        command = partial(self.batch, side, (event,))
        return self.nodes[side].step(at, (event.id, now_s), command, now_s)

    def batch(self, side: int, events: tuple[line.ReceivedEvent, ...]) -> line.LineCommand:
        sender = self.nodes[1 - side].us
        return line.ReceiveEvents(self.line, sender, events, known=True, cover=events[-1].n)

    def outline(self, side: int, at: int) -> Outline:
        known = self._outlines[side].get(at)
        if known is None:
            known = self._outlines[side][at] = outline(self.nodes[side].kept[at])
        return known

    def wrong(self, state: State) -> str:
        for side in (0, 1):
            problem = self.nodes[side].wrong.get(state[side])
            if problem:
                return f"{self.names[side]}: {problem}"
        return two_nodes(self.outline(0, state[0]), self.outline(1, state[1]))

    def healed(self, state: State) -> State | None:
        """Deliver everything, then let a week pass, then deliver what that made."""
        for side in (0, 1):
            after = self.take(side, state[side], state[1 - side], EARLY)
            if after != state[side]:
                return with_side(state, side, after)
        for side in (0, 1):
            after = self.nodes[side].step(state[side], SILENT, line.ExpireDue, SILENT)
            if after != state[side]:
                return with_side(state, side, after)
        return None

    def unsettled(self, state: State) -> str:
        return ended(self.nodes[0].kept[state[0]], self.nodes[1].kept[state[1]])


def asked(act: Act) -> line.LineCommand:
    return act.command


def with_side(state: State, side: int, at: int) -> State:
    """Give the state with one node's part replaced."""
    return (*state[:side], at, *state[side + 1 :])
