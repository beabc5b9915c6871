"""Only addresses of the public internet are connected to."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.peer.addresses import AddressRefusedError, is_public, make_public_socket

PRIVATE = [
    "127.0.0.1",
    "127.255.255.255",
    "0.0.0.0",  # noqa: S104 - to be refused
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "100::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:0:7f00:1::",
    "example.org",
    "",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "64:ff9b::8.8.8.8"]
)
def test_public_addresses_are_taken(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_ipv4_address_within_ipv6_is_no_way_around(address: object) -> None:
    if not is_public(str(address)):
        assert not is_public(f"::ffff:{address}")
        assert not is_public(f"64:ff9b::{address}")


def test_socket_is_made_for_a_public_address_only() -> None:
    kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")

    with pytest.raises(AddressRefusedError):
        make_public_socket((*kind, ("127.0.0.1", 80)))
    with make_public_socket((*kind, ("8.8.8.8", 80))) as made:
        assert made.family == socket.AF_INET
