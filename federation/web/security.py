"""What every answer to a browser carries, and which posts are ours (CSRF).

The pages run nothing inline and nothing of third parties, so the policy allows neither. A post
counts only when the browser says that it comes from a page of this very site: `Sec-Fetch-Site`
where the browser has it, else `Origin`. A browser that says neither is refused; SameSite cookies
are the second lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
STRICT_TRANSPORT: Final = "max-age=31536000"
PRIVATE: Final = "private, no-cache"
"""Asked for anew each time, yet a browser's back button brings back what was typed."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})


def add_headers(headers: MutableMapping[str, str], *, https: bool) -> None:
    """Add what every page and file carries; what a handler has set stays."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", PRIVATE)
    if https:
        headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)


def is_ours(method: str, headers: Mapping[str, str], public_url: str) -> bool:
    """Tell whether a request only reads, or was sent by a page of ours."""
    if method in SAFE_METHODS:
        return True
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}  # none: typed or reloaded by the person
    origin = headers.get("Origin")
    return origin is not None and origin == str(URL(public_url).origin())


def local_path(text: str) -> str:
    """Give a path of this site to go on to, or the start page for anything else."""
    fine = text.startswith("/") and not text.startswith(("//", "/\\")) and len(text) <= 500  # noqa: PLR2004 - no page of ours is longer
    if not fine or any(ord(letter) <= 32 or letter == "\\" for letter in text):  # noqa: PLR2004 - controls and blanks
        return "/"
    return text
