"""Every reachable state of a small world is right and can settle; a wrong product is found out."""

from __future__ import annotations

import pytest

from tests.simulation.explicit.planted import PLANTED
from tests.simulation.explicit.search import explore
from tests.simulation.explicit.worlds import SMALL, STATES_MAX


@pytest.mark.parametrize("name", SMALL)
def test_every_state_is_right_and_settles(name: str) -> None:
    found = explore(SMALL[name](), states_max=STATES_MAX)

    print(f"{name}: {found.states} states, {found.transitions} transitions")
    assert not found.problem, f"{found.problem}\n" + "\n".join(found.trace)
    assert found.complete


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    PLANTED[name].plant(monkeypatch)

    found = explore(PLANTED[name].world(), states_max=STATES_MAX)

    print(f"{name}: {found.problem}\n" + "\n".join(found.trace))
    assert found.problem
    assert found.trace
