"""An address and a path are taken in one form only, and what is taken can be asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from federation.peer.urls import check_base_url, check_path
from schemas.errors import Code, VerificationError


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example",
        "http://127.0.0.1:8080",
        "https://[2001:db8::1]:8443/lets",
        "https://a/b/c",
        "https://xn--groep-9ra.example",
        f"https://{'a' * 63}.example",
        f"https://{'a.' * 126}b",
    ],
)
def test_address_in_its_one_form_is_taken(address: str) -> None:
    assert check_base_url(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a.example",
        "ftp://a.example",
        "https://A.example",
        "https://a.example/",
        "https://a.example:443",
        "http://a.example:80",
        "https://a.example:0",
        "https://a.example:65536",
        "https://u:p@a.example",
        "https://a.example?x",
        "https://a.example#x",
        "https://a.example\n",
        "https://é.example",
        "https://",
        "https://.",
        "https://a..b",
        "https://a.example.",  # another text of the same address
        "https://-a.example",
        "https://a-.example",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 126}bc",
        "https://[1.2.3.4]",
        "https://[:]",
        "https://[::::]",
        "https://[::1",
    ],
)
def test_address_in_another_form_is_refused(address: str) -> None:
    with pytest.raises(VerificationError) as refused:
        check_base_url(address)

    assert refused.value.code == Code.MALFORMED


hosts = st.text("ab0-.", max_size=8) | st.text("0f:.", max_size=8).map(lambda some: f"[{some}]")


@given(hosts, st.sampled_from(["", ":1", ":8443", ":65535", ":99999", "/a", "/a/.."]))
def test_address_that_is_taken_can_be_resolved_and_sent(host: str, rest: str) -> None:
    """No resolver and no URL chokes on it: that would be an error nobody expects."""
    address = f"https://{host}{rest}"
    try:
        check_base_url(address)
    except VerificationError:
        return

    sent = URL(address + check_path("/p?q=1"), encoded=True)

    assert str(sent) == address + "/p?q=1"
    assert (sent.host or "").encode("idna")
