"""What the watcher remembers of places in a log: as long as anybody knows what stands there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from events.merkle import leaf_hash
from schemas.encoding import b64, encode, unb64
from schemas.messages import WireEvent
from tests.simulation.monitor import Monitor
from tests.simulation.tally import Finding

SENDER, RECEIVER = "sender", "receiver"


class Disk:
    """The sender's disk: it holds nothing, as after a machine went back."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.chains: dict[str, list[int]] = {}


@pytest.fixture
def monitor() -> Monitor:
    hosts = {name: SimpleNamespace(id=name, disk=Disk()) for name in (SENDER, RECEIVER)}
    world: Any = SimpleNamespace(honest=hosts.__contains__, host=hosts.__getitem__)
    return Monitor(world)


def wire(kind: str) -> tuple[WireEvent, ...]:
    core = {"origin": SENDER, "seq": 21, "line": "l", "n": 10, "type": kind}
    return (WireEvent(core=b64(encode(core)), signature=""),)


def died(monitor: Monitor, name: str) -> None:
    monitor.died(monitor.world.host(name))


def test_two_events_for_one_place_are_found(monitor: Monitor) -> None:
    monitor.arrived(RECEIVER, wire("pay.prepare"))
    monitor.arrived(RECEIVER, wire("pay.prepare"))

    with pytest.raises(Finding, match="I7"):
        monitor.arrived(RECEIVER, wire("terms.propose"))


def test_what_reached_a_process_that_died_before_it_was_stored_is_known_to_nobody(
    monitor: Monitor,
) -> None:
    monitor.arrived(RECEIVER, wire("pay.prepare"))
    died(monitor, RECEIVER)

    monitor.arrived(RECEIVER, wire("terms.propose"))

    with pytest.raises(Finding, match="I7"):
        monitor.arrived(RECEIVER, wire("pay.prepare"))


def test_the_death_of_another_process_forgets_nothing(monitor: Monitor) -> None:
    monitor.arrived(RECEIVER, wire("pay.prepare"))
    died(monitor, SENDER)

    with pytest.raises(Finding, match="I7"):
        monitor.arrived(RECEIVER, wire("terms.propose"))


def test_what_a_cheat_got_hold_of_is_never_forgotten(monitor: Monitor) -> None:
    monitor.arrived("a cheat", wire("pay.prepare"), kept=True)
    monitor.arrived(RECEIVER, wire("pay.prepare"))
    died(monitor, RECEIVER)

    with pytest.raises(Finding, match="I7"):
        monitor.arrived(RECEIVER, wire("terms.propose"))


def test_what_the_sender_still_holds_is_not_forgotten(monitor: Monitor) -> None:
    monitor.arrived(RECEIVER, wire("pay.prepare"))
    (event,) = wire("pay.prepare")
    entries = [SimpleNamespace(id=b"")] * 21 + [SimpleNamespace(id=leaf_hash(unb64(event.core)))]
    disk: Any = monitor.world.host(SENDER).disk
    disk.log, disk.chains = entries, {"l": [*range(12, 22)]}
    died(monitor, RECEIVER)

    with pytest.raises(Finding, match="I7"):
        monitor.arrived(RECEIVER, wire("terms.propose"))
