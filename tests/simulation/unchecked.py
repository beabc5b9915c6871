"""Umbrellas that leave out a check: each misses a cheat, and the simulator says so.

No switch in product code: a check is patched away by a test, and comes back.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from federation.node import hearsay
from federation.umbrella import vouching
from federation.umbrella.audit import Audit, chains, claims, judged
from tests.simulation.mirror import Mirror

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemas.findings import Finding
    from tests.simulation.world import Outcome

SEEDS: Final = 200
_PULL: Final = Mirror.pull
_FINDINGS: Final = Audit.findings


def _nothing(*_: Any, **__: Any) -> Iterator[Any]:
    return iter(())


def _none(*_: Any) -> None:
    return None


def _never(*_: Any) -> bool:
    return False


async def _anew(mirror: Mirror, host: Any, *facts: Any, **how: Any) -> Finding | None:
    """Follow a log as if for the first time."""
    mirror.forget(host.id)
    return await _PULL(mirror, host, *facts, **how)


def _for_ever(audit: Audit, now_s: int) -> list[Finding]:
    """Wait for ever for what is missing."""
    return _FINDINGS(audit, now_s, lag_s=now_s)


@contextlib.contextmanager
def _two_checkpoints_fit() -> Iterator[None]:
    with patch.object(hearsay, "contradicts", _never):
        yield


@contextlib.contextmanager
def _memory_lost() -> Iterator[None]:
    with patch.object(Mirror, "pull", _anew), _two_checkpoints_fit():
        yield


@contextlib.contextmanager
def _logs_not_compared() -> Iterator[None]:
    """Leave out A4, A10 and A11."""
    with (
        patch.object(chains, "_agrees", _nothing),
        patch.object(judged, "_accepted", _nothing),
        patch.object(judged, "_committed", _nothing),
        patch.object(judged, "_credited", _nothing),
    ):
        yield


@contextlib.contextmanager
def _patient() -> Iterator[None]:
    with patch.object(Audit, "findings", _for_ever):
        yield


@contextlib.contextmanager
def _claims_believed() -> Iterator[None]:
    """Leave out A2, A5 and what A7 says of balances."""
    with patch.object(claims, "_find", _nothing):
        yield


@contextlib.contextmanager
def _revoked_keys_believed() -> Iterator[None]:
    """Say which entry counts, and think nothing of another that a partner shows."""
    with patch.object(vouching, "dated_back", _none):
        yield


UNCHECKED: Final[dict[str, Callable[[], contextlib.AbstractContextManager[None]]]] = {
    "split view": _two_checkpoints_fit,
    "rollback": _memory_lost,
    "hidden sent trade": _logs_not_compared,
    "hidden received trade": _logs_not_compared,
    "stale checkpoint": _patient,
    "witness rollback": _two_checkpoints_fit,
    "ledger that differs from its chains": _claims_believed,
    "back-dated key": _revoked_keys_believed,
}
"""For each cheat the check without which it is missed."""


def find_missed(cheat: str, first: int = 0, count: int = SEEDS) -> Outcome | None:
    """Give the first seed in which a cheat is missed without its check, and found with it."""
    from tests.simulation.world import quiet, run_seed

    quiet()
    for seed in range(first, first + count):
        with UNCHECKED[cheat]():
            outcome, _ = run_seed(seed, cheat=cheat)
        if outcome.rule == "cheat" and not run_seed(seed, cheat=cheat)[0].rule:
            return outcome
    return None
