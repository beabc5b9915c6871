"""The menu of who is signed in: a group's for its members, an umbrella's for auditors. Pure.

At most five places, each named by the longest beginning of the page's address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.words.texts import later
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from collections.abc import Collection


class Place(NamedTuple):
    """Where the menu leads."""

    path: str
    mark: str
    words: str


class Entry(NamedTuple):
    """A place as the menu of one page shows it; `current` as `aria-current` wants it, or empty."""

    path: str
    mark: str
    words: str
    current: str


ME: Final = Place("/me", "circle-user", later("Ik"))
OF_GROUP: Final = (
    Place("/home", "house", later("Start")),
    Place("/search", "search", later("Vraag en aanbod")),
    Place("/members", "users", later("Leden")),
    Place("/statement", "receipt-text", later("Rekening")),
    ME,
)
OF_AUDITORS: Final = (
    Place("/flows", "hand-heart", later("Stromen")),
    Place("/flows/lines", "receipt-text", later("Koppelingen")),
    Place("/flows/logs", "bell", later("Opvolging")),
    Place("/flows/reports", "printer", later("Verslagen")),
    ME,
)
OF_OTHERS: Final = (Place("/figures", "receipt-text", later("Cijfers")), ME)
"""Who has an account at an umbrella and no role there."""


def entries(node_role: str, roles: Collection[Role], page_path: str) -> list[Entry]:
    """Give the menu for a page."""
    shown: tuple[Place, ...] = OF_GROUP
    if node_role == "umbrella":
        shown = OF_AUDITORS if {Role.AUDITOR, Role.COORDINATOR} & set(roles) else OF_OTHERS
    path = "/home" if page_path == "/" and shown is OF_GROUP else page_path
    within = [one.path for one in shown if path == one.path or path.startswith(one.path + "/")]
    here = max(within, key=len, default="")
    return [Entry(*one, _current(one.path, here, page_path)) for one in shown]


def _current(path: str, here: str, page_path: str) -> str:
    if path != here:
        return ""
    return "page" if path == page_path else "true"
