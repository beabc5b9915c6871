"""Groups that cheat with their own log: the umbrella finds each of them, and names nobody else."""

from __future__ import annotations

import inspect
from collections import Counter
from typing import Any
from unittest.mock import patch

import pytest

from events import restore
from federation.node import taking
from tests.simulation.cheats import CHEATS
from tests.simulation.stolen_key import BACK_DATED, StolenKey
from tests.simulation.taking_ports import TakingPorts
from tests.simulation.umbrella import TO_FIND, Umbrella
from tests.simulation.unchecked import UNCHECKED, find_missed
from tests.simulation.world import Outcome, quiet, run_seed

SEEDS = 15
HONEST_SEEDS = 40


def lived(cheat: str, count: int) -> list[Outcome]:
    quiet()
    outcomes = [run_seed(seed, cheat=cheat)[0] for seed in range(1, count + 1)]
    wrong = [f"seed {one.seed}: {one.text}" for one in outcomes if one.rule]
    assert not wrong, "\n".join(wrong)
    return outcomes


@pytest.mark.parametrize("cheat", TO_FIND)
def test_each_cheat_is_found_within_two_rounds(cheat: str) -> None:
    found = Counter(name for one in lived(cheat, SEEDS) for name in one.cheats)

    print(dict(found))
    assert found[cheat] > SEEDS // 3, "there was something to find"


def test_honest_nodes_are_not_accused_whatever_goes_wrong() -> None:
    outcomes = lived("", HONEST_SEEDS)

    faults = sum((one.faults for one in outcomes), Counter())
    assert {cheat for one in outcomes for cheat in one.cheats} == {"no cheat"}
    assert faults["restore"]
    assert faults["snapshot"]
    assert faults["torn_mark"]
    assert faults["key_rotated"]


@pytest.mark.parametrize("cheat", TO_FIND)
def test_without_its_check_a_cheat_is_missed(cheat: str) -> None:
    missed = find_missed(cheat)

    assert missed is not None
    assert missed.text.endswith(f"{cheat} is not found")
    print(f"{cheat}: seed {missed.seed}, {missed.text}")


@pytest.mark.parametrize("cheat", CHEATS)
def test_who_is_accused_and_does_not_cheat_is_a_finding(cheat: str) -> None:
    """What names a cheat would be found just the same if it named an honest node."""
    quiet()
    with patch.object(Umbrella, "cheating", lambda *_: False):
        rules = {run_seed(seed, cheat=cheat)[0].rule for seed in range(1, SEEDS + 1)}

    assert "accused" in rules


THIEVES = {
    "a finding that names its log": (StolenKey, "explains", False, "accused"),
    "a fork that is proven to nobody": (TakingPorts, "_proven", True, "accused"),
    "a partner that takes it in": (taking, "_refuse_back_dated", None, "revoked"),
    "a partner that does not ask": (TakingPorts, "vouched", False, "cheat"),
}
"""What a thief could bring upon whose key it was, were it not for a check; and what finds that."""


@pytest.mark.parametrize("check", THIEVES)
def test_who_was_robbed_is_not_blamed_and_goes_on(check: str) -> None:
    quiet()
    where, name, answer, rule = THIEVES[check]
    with patch.object(where, name, replacement(getattr(where, name), answer)):
        found = {run_seed(seed, cheat=BACK_DATED)[0].rule for seed in range(1, SEEDS + 1)}

    assert found >= {rule}


def replacement(check: Any, answer: object) -> Any:
    """Give a check that always says the same."""
    if not inspect.iscoroutinefunction(check):
        return lambda *_: answer

    async def always(*_: object) -> object:
        return answer

    return always


def test_a_forger_whose_machine_went_back_is_found_by_what_was_mirrored() -> None:
    """Seed 5078: the mirror goes no further then, so nobody is asked for a copy."""
    quiet()
    outcome, world = run_seed(5078, cheat="hidden sent trade")

    assert (outcome.rule, outcome.cheats) == ("", ("hidden sent trade",))
    assert world is not None
    assert world.umbrella is not None
    assert {kind for kind, _ in world.umbrella.proofs.kept} == {"same-index"}


def test_a_day_passes_between_rounds_however_often_others_disagree_in_it() -> None:
    """Seed 487447712495: two nodes that cannot agree asked each other for all of 4,000 steps."""
    quiet()
    outcome, _ = run_seed(487447712495)

    assert (outcome.rule, outcome.cheats) == ("", ("stale checkpoint",))


def test_a_key_that_was_lost_with_the_machine_is_still_its_own() -> None:
    """Seed 184: a snapshot takes back the rotation, and what the new key signed."""
    quiet()
    with patch.object(restore, "_log_keys", lambda *_: []):
        assert run_seed(184, cheat="")[0].rule == "accused"

    assert run_seed(184, cheat="")[0].rule == ""


def test_every_cheat_has_a_check_that_finds_it() -> None:
    assert set(UNCHECKED) == set(TO_FIND)
    assert len(TO_FIND) == 8
