"""The two texts that make up where a request goes: a node's public address, and path and query.

Invariant: a text that passes is sent as it is written, so what is signed as `@target-uri` is what
goes out, and equal addresses are equal texts. Which addresses may be connected to is not decided
here but where the socket is made (`addresses`). Pure.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Final

from federation.peer.signature_base import malformed
from schemas.errors import Code, VerificationError

_PATH: Final = re.compile(r"/[!$-;=@-Z_a-z~]*(?:\?[!$-;=?-Z_a-z~]+)?")
_PORT_MAX: Final = 65_535
_HOST_SIZE_MAX: Final = 253
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
"""RFC 1123 section 2.1; an empty label, or one of 64, makes a resolver raise a UnicodeError."""
_BASE_URL: Final = re.compile(
    rf"(https?)://({_LABEL}(?:\.{_LABEL})*|\[([0-9a-f:.]+)\])"
    r"(?::([1-9][0-9]{0,4}))?(?:/[A-Za-z0-9._~-]+)*"
)


def check_base_url(text: str) -> str:
    """Return the public address of a node if it is written in its one form.

    Lower-case scheme and host, a port only where it is not the scheme's own, no slash at the end,
    no user, query or fragment; so equal addresses are equal texts.

    Raises:
        VerificationError: `malformed`.

    """
    found = _BASE_URL.fullmatch(text)
    if found is None or not _possible(host=found[2], ipv6=found[3], port=int(found[4] or 0)):
        raise _not_an_address()
    if (found[1], found[4]) in {("http", "80"), ("https", "443")}:
        raise _not_an_address()
    return text


def check_path(path: str) -> str:
    """Return a path and query if it is sent as it is written.

    Raises:
        VerificationError: `signature_malformed`.

    """
    if not _PATH.fullmatch(path):
        raise malformed("request", "its path is not written as one")
    return path


def _possible(*, host: str, ipv6: str | None, port: int) -> bool:
    if len(host) > _HOST_SIZE_MAX or port > _PORT_MAX:
        return False
    if ipv6 is not None:
        try:
            IPv6Address(ipv6)
        except ValueError:
            return False
    return True


def _not_an_address() -> VerificationError:
    return VerificationError(
        Code.MALFORMED, field="address", reason="write it as https://host[:port][/path]"
    )
