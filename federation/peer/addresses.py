"""Which addresses a node connects to: those of the public internet, and no others.

A group's address comes from elsewhere (an invitation, the register), and its name may resolve to
anything. So the address is checked where the socket is made, on exactly what is connected to, after
every resolution; a name that changes its mind between two look-ups gains nothing.

The lists are ours, from the special-purpose registries of RFC 6890: `ipaddress` in the standard
library answers differently from one release to the next.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aiohttp.connector import AddrInfoType

_NOT_PUBLIC_4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",
            "100.64.0.0/10",  # shared behind a provider
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local, and where clouds keep their secrets
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",  # multicast, reserved, broadcast
        ),
    )
)
_PUBLIC_6: Final = IPv6Network("2000::/3")
"""All that was ever given out; so no loopback, mapped, local or multicast address."""
_NOT_PUBLIC_6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols; Teredo carries an IPv4 address
            "2001:db8::/32",
            "2002::/16",  # 6to4 carries an IPv4 address
            "3fff::/20",
        ),
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
"""RFC 6052: a translator connects to the IPv4 address in the last 32 bits."""


class AddressRefusedError(OSError):
    """This address is none of the public internet."""

    def __init__(self) -> None:
        """Say no more: the address is in nobody's interest."""
        super().__init__("address refused")


def is_public(text: str) -> bool:
    """Tell whether an IP address is one of the public internet."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address in _NAT64:
        return is_public(str(IPv4Address(int(address) & 0xFFFFFFFF)))
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def make_public_socket(info: AddrInfoType) -> socket.socket:
    """Make the socket for an address that is about to be connected to.

    Raises:
        AddressRefusedError: it is not public.

    """
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise AddressRefusedError
    return socket.socket(family, kind, protocol)
