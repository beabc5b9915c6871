"""Which addresses a node connects to: those of the public internet, and no others.

A group's address comes from elsewhere (an invitation, the register), and its name may resolve to
anything. So the address is checked where the socket is made, on exactly what is connected to, after
every resolution; a name that changes its mind between two look-ups gains nothing.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aiohttp.connector import AddrInfoType

_NAT64: Final = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address that a translator connects to."""
_NAT64_LOCAL: Final = IPv6Network("64:ff9b:1::/48")
"""RFC 8215: the same within one network, never public."""


class AddressRefusedError(OSError):
    """This address is none of the public internet."""

    def __init__(self) -> None:
        """Say no more: the text is equal for all, so several refusals are one to aiohttp."""
        super().__init__("address refused")


def is_public(text: str) -> bool:
    """Tell whether an IP address, and any IPv4 address within it, is one of the public internet."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return _plainly_public(address) and all(map(_plainly_public, _embedded(address)))


def make_public_socket(info: AddrInfoType) -> socket.socket:
    """Make the socket for an address that is about to be connected to.

    Raises:
        AddressRefusedError: it is not public.

    """
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise AddressRefusedError
    return socket.socket(family, kind, protocol)


def _plainly_public(address: IPv4Address | IPv6Address) -> bool:
    # Python says "global" of multicast, and 3.11 of some reserved ranges: ask for each.
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or (isinstance(address, IPv6Address) and (address.is_site_local or address in _NAT64_LOCAL))
    )


def _embedded(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """List the IPv4 addresses that an IPv6 address leads to: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [inner for inner in found if inner is not None]
