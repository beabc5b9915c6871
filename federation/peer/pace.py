"""Who may ask how much: partners by their name, everybody else by the address they come from.

Whoever begins a request pays for it by address, before any signature is looked at; a request that
then verifies gets that back and is charged to its node instead. So partners behind one address do
not stand in each other's way, and what is a partner's is spent by nobody else. Only a stranger that
floods us from the very address of a partner makes it wait.

The address is that of the connection, or what our own reverse proxy says in a header that is named
in the settings. An IPv6 address counts as its /64, which one customer has as a whole.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from federation.peer.rate import Allowance, RateMemory
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

TOKEN_BYTES: Final = 65_536
"""So many bytes of content cost one token more."""

_ONCE_A_MINUTE: Final = Allowance(1 / 60, 1)
_LOG: Final = structlog.get_logger()


class PaceLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What callers may ask in the long run and at once."""

    partner: Allowance
    """All of it has to fit into `NonceMemory`."""
    stranger: Allowance
    by_address: bool = True
    address_header: str = ""
    """Header in which our reverse proxy names the caller; empty: the connection's address."""


class Pace:
    """The buckets of all callers of one node."""

    def __init__(self, limits: PaceLimits, *, steady: Callable[[], float]) -> None:
        """Take the limits, and a clock in seconds that never goes back."""
        self._limits = limits
        self._steady = steady
        self._partners = RateMemory(limits.partner)
        self._strangers = RateMemory(limits.stranger)
        self._logged = RateMemory(_ONCE_A_MINUTE)

    def enter(self, request: web.Request) -> str:
        """Charge a request to the address it comes from; gives what `known` gives back.

        Raises:
            RefusedError: `rate_limited`.

        """
        if not self._limits.by_address:
            return ""
        header = self._limits.address_header
        told = request.headers.get(header, "").rpartition(",")[2] if header else ""
        network = network_of(told.strip() or request.remote or "")
        self._take(self._strangers, network, 1, peer="")
        return network

    def known(self, network: str, node: str, size: int) -> None:
        """Charge a request whose head has verified to its node, by the size of its content.

        Raises:
            RefusedError: `rate_limited`.

        """
        if network:
            self._strangers.give_back(network)
        self._take(self._partners, node, 1 + size // TOKEN_BYTES, peer=node)

    def _take(self, memory: RateMemory, caller: str, tokens: int, *, peer: str) -> None:
        now_s = self._steady()
        wait_s = memory.take(caller, now_s=now_s, tokens=tokens)
        if not wait_s:
            return
        if not self._logged.take(peer, now_s=now_s):  # a flood of requests is no flood of lines
            _LOG.warning("peer_rate_limited", peer=peer or "stranger")
        raise RefusedError(Code.RATE_LIMITED, wait_s=ceil(wait_s))


@lru_cache(maxsize=4_096)
def network_of(address: str) -> str:
    """Give what counts as one caller: an IPv4 address, the /64 of an IPv6 one, any other text."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return parsed.packed[:8].hex()
    return str(parsed)
