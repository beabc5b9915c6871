"""Breadth first through every state that can be reached; the first wrong one has a shortest trace.

Deterministic: states are numbered as they are met. Memory is bounded by `states_max`.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

State = tuple[Any, ...]


class Model(Protocol):
    """What can be explored."""

    def initial(self) -> State:
        """Give the state to begin with."""

    def moves(self, state: State) -> Iterable[tuple[str, State]]:
        """Give everything that can happen next, by name; what changes nothing may be left out."""

    def wrong(self, state: State) -> str:
        """Say which invariant a state breaks, or nothing."""

    def healed(self, state: State) -> State | None:
        """Give the next step of the run without faults; nothing when there is none left."""

    def unsettled(self, state: State) -> str:
        """Say what is not at its end in a state that has no next step of that run."""


class Found(NamedTuple):
    """What the search saw. `problem` is empty when nothing is wrong."""

    states: int
    transitions: int
    complete: bool
    """Every state within the bounds of the model was visited."""
    problem: str = ""
    trace: tuple[str, ...] = ()


HEALING_STEPS_MAX = 200


def explore(model: Model, *, states_max: int) -> Found:
    """Visit every state, check each, and run each to its end without further faults."""
    first = model.initial()
    order = [first]
    known = {first: 0}
    parents, labels = array("l", [-1]), [""]
    settles: set[State] = set()
    transitions = 0
    for at, state in enumerate(order):
        problem = model.wrong(state) or _liveness(model, state, settles)
        if problem:
            return Found(
                len(order),
                transitions,
                complete=False,
                problem=problem,
                trace=_trace(at, parents, labels),
            )
        for label, after in model.moves(state):
            if after == state:
                continue
            transitions += 1
            if after not in known:
                if len(order) == states_max:
                    return Found(len(order), transitions, complete=False)
                known[after] = len(order)
                order.append(after)
                parents.append(at)
                labels.append(label)
    return Found(len(order), transitions, complete=True)


def _trace(at: int, parents: array[int], labels: list[str]) -> tuple[str, ...]:
    steps = []
    while at:
        steps.append(labels[at])
        at = parents[at]
    return tuple(reversed(steps))


def _liveness(model: Model, state: State, settles: set[State]) -> str:
    """Follow the run without faults until its end, or until a state known to settle."""
    run: list[State] = []
    while state not in settles:
        if model.wrong(state):
            return ""  # found by the search itself, which gives the shortest trace
        run.append(state)
        if len(run) > HEALING_STEPS_MAX:
            return "the run without faults comes to no end"
        following = model.healed(state)
        if following is None:
            problem = model.unsettled(state)
            if problem:
                return f"cannot settle: {problem}"
            break
        state = following
    settles.update(run)
    return ""
