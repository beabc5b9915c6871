"""Which group a request is for: the authority of its public address, compared as a whole. Pure."""

from __future__ import annotations

from typing import Final

from yarl import URL

AUTHORITY_MAX: Final = 260
USUAL: Final = ("80", "443")


def address_of(public_url: str) -> str:
    """Give what requests for a group say in `Host`."""
    url = URL(public_url)
    name = (url.raw_host or "").lower().rstrip(".")
    name = f"[{name}]" if ":" in name else name
    return name if url.explicit_port in (None, 80, 443) else f"{name}:{url.explicit_port}"


def address_asked(hosts: list[str], target: str) -> str | None:
    """Give the address that a request names; none when it names two, or none.

    A target that names a host itself would be read by what comes behind: it has to say the same.
    """
    if len(hosts) != 1 or len(hosts[0]) > AUTHORITY_MAX:
        return None
    asked = _plain(hosts[0])
    if target.startswith("/"):
        return asked
    _, scheme_end, rest = target.partition("://")
    return asked if scheme_end and _plain(rest.partition("/")[0]) == asked else None


def _plain(authority: str) -> str:
    name, colon, port = authority.strip().lower().rpartition(":")
    if not colon or port.endswith("]"):  # no port, or the end of an IPv6 address
        return authority.strip().lower().rstrip(".")
    name = name.rstrip(".")
    return name if port in USUAL else f"{name}:{port}"
