"""Trouble on the links between nodes: behind proxies anywhere, in network namespaces for root."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from deploy.demo.world import Address, NodeProcess
from federation.node.postgres import PostgresServer
from schemas.amounts import Unit
from tests.federation.crash.places import ONE, Places
from tests.federation.crash.processes import QuickNode
from tests.federation.crash.proxy import Weather

FAIR: Final = Weather()
WEATHERS: Final = {
    "cut": Weather(cut=True),
    "requests vanish": Weather(silent=True),
    "answers are lost": Weather(lose_answers=True),
    "answers break in the middle": Weather(tear_answers=True),
    "half a second each way": Weather(delay_s=0.5),
    "4000 bytes a second": Weather(drip_bytes_per_s=4000),
}
NOWHERE: Final = "02:00:00:00:00:01"
"""A hardware address that nobody has: what is sent there is lost and nobody says so."""


class LinkedPlaces(Places):
    """Places whose links can be troubled; `kinds` names the ways."""

    kinds: tuple[str, ...]

    def strike(self, kind: str, key: str) -> None:
        """Trouble the link of the group `key`."""
        raise NotImplementedError

    def mend(self) -> None:
        """Let everything pass again."""
        raise NotImplementedError

    def struck(self) -> bool:
        """Tell whether the trouble has met anything, where that can be known."""
        return True


class ProxiedPlaces(LinkedPlaces):
    """Every group behind a proxy of ours."""

    kinds = tuple(WEATHERS)

    def strike(self, kind: str, key: str) -> None:
        self.proxies[key].struck = 0
        self.proxies[key].weather = WEATHERS[kind]

    def mend(self) -> None:
        for proxy in self.proxies.values():
            if proxy.weather.silent:
                proxy.cut_now()  # what waits for an answer need not wait for its end
            proxy.weather = FAIR

    def struck(self) -> bool:
        return any(proxy.struck for proxy in self.proxies.values())


class NamespacePlaces(LinkedPlaces):
    """Every node in a network namespace of its own, on one bridge in another; needs root."""

    kinds = ("cut", "what it sends is lost", "8 kbit a second")

    def __init__(self, server: PostgresServer, folder: Path, base_port: int) -> None:
        super().__init__(server, folder, base_port)
        self._prefix = f"rb{os.getpid() % 100_000}"

    async def start_links(self) -> None:
        hub = self._name("hub")
        _ip("netns", "add", hub)
        _in(hub, "link", "add", "name", "hub", "type", "bridge")
        _in(hub, "link", "set", "hub", "up")
        for number in range(3):
            space = self._name(number)
            _ip("netns", "add", space)
            ends = ("port", "netns", space), (f"port{number}", "netns", hub)
            _ip("link", "add", *ends[0], "type", "veth", "peer", "name", *ends[1])
            _in(hub, "link", "set", f"port{number}", "master", "hub", "up")
            _in(space, "link", "set", "lo", "up")
            _in(space, "addr", "add", f"{_host(number)}/24", "dev", "port")
            _in(space, "link", "set", "port", "up")

    def address(self, number: int) -> Address:
        port = self.base_port + number
        return Address(f"http://{_host(number)}:{port}", _host(number), port)

    async def _make(
        self, key: str, name: str, number: int, unit: Unit | None, umbrella: str
    ) -> NodeProcess:
        node = await super()._make(key, name, number, unit, umbrella)
        assert isinstance(node, QuickNode)
        node.namespace = self._name(number)
        return node

    def strike(self, kind: str, key: str) -> None:
        number = 1 if key == ONE.key else 2
        partner = _host(3 - number)
        space = self._name(number)
        if kind == "cut":
            _in(self._name("hub"), "link", "set", f"port{number}", "down")
        elif kind == "what it sends is lost":
            lost = ("lladdr", NOWHERE, "dev", "port", "nud", "permanent")
            _in(space, "neigh", "replace", partner, *lost)
        else:
            slow = ("tbf", "rate", "8kbit", "burst", "1600", "latency", "2s")
            _run(
                "ip", "netns", "exec", space, "tc", "qdisc", "replace", "dev", "port", "root", *slow
            )

    def mend(self) -> None:
        for number in (1, 2):
            _in(self._name("hub"), "link", "set", f"port{number}", "up")
            _try("ip", "-n", self._name(number), "neigh", "del", _host(3 - number), "dev", "port")
            space = ("ip", "netns", "exec", self._name(number))
            _try(*space, "tc", "qdisc", "del", "dev", "port", "root")

    async def close(self) -> None:
        await super().close()
        for name in ("hub", 0, 1, 2):
            _try("ip", "netns", "del", self._name(name))

    def _name(self, of: str | int) -> str:
        return f"{self._prefix}-{of}"


def namespaces_allowed() -> bool:
    """Tell whether this machine lets us make network namespaces, by making one."""
    if os.geteuid() != 0 or not all(shutil.which(name) for name in ("ip", "tc")):
        return False
    name = f"rb{os.getpid()}-try"
    if not _try("ip", "netns", "add", name):
        return False
    try:
        return all(
            (
                _try("ip", "-n", name, "link", "add", "name", "hub", "type", "bridge"),
                _try("ip", "-n", name, "link", "add", "v", "type", "veth", "peer", "name", "w"),
                _try(
                    *("ip", "netns", "exec", name, "tc", "qdisc", "add", "dev", "v", "root"),
                    *("tbf", "rate", "8kbit", "burst", "1600", "latency", "2s"),
                ),
            )
        )
    finally:
        _try("ip", "netns", "del", name)


def _host(number: int) -> str:
    return f"10.77.0.{number + 1}"


def _ip(*words: str) -> None:
    _run("ip", *words)


def _in(space: str, *words: str) -> None:
    _run("ip", "-n", space, *words)


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


def _try(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True, timeout=20).returncode == 0


KINDS: Final[tuple[type[LinkedPlaces], ...]] = (
    (ProxiedPlaces, NamespacePlaces) if namespaces_allowed() else (ProxiedPlaces,)
)
