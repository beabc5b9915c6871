"""What an operation of the API is: the row of the table from which routes and documents are made.

An operation parses nothing and renders nothing. It gets what was asked as a struct, calls one use
case, and gives a struct; what goes wrong is raised with a code.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from federation.api.tokens import TokenRole
from schemas.errors import Code

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import msgspec

    from federation.api.tokens import Token
    from federation.node.service import Node

PREFIX: Final = "/api/v1"

ANYBODY: Final = frozenset(TokenRole)
MEMBER: Final = frozenset({TokenRole.MEMBER})
STAFF: Final = frozenset({TokenRole.COORDINATOR})
BOOKERS: Final = MEMBER | STAFF
READERS: Final = STAFF | {TokenRole.AUDITOR}
BOOKS: Final = READERS | {TokenRole.TREASURER}
"""Who reads every account and booking."""
SEERS: Final = BOOKERS | BOOKS
"""Who reads an account: its own, or any by a right."""
TRADERS: Final = BOOKERS | {TokenRole.AUDITOR}
"""Who reads trades as they stand with one of their two sides."""
TELLERS: Final = STAFF | {TokenRole.EDITOR}
"""Who tells the members things and moderates."""
LISTENERS: Final = BOOKERS | {TokenRole.EDITOR}
"""Who reads what is told."""


class KeyUse(StrEnum):
    """How an operation makes sure that the same key does a thing once.

    Whatever is not `NONE`, the same key is answered the same.
    """

    NONE = "none"
    """Changes nothing, or sets something to what it says: it may simply be sent again."""
    COMMAND = "command"
    """The log remembers the key for ever, and the answer is made of what was asked alone."""
    KEPT = "kept"
    """The answer is kept beside the log for some days; the log may know the key as well."""


class Call(NamedTuple):
    """Who asks, where, and under which key."""

    node: Node
    token: Token
    places: dict[str, str]
    """What stands in the path of the address, by name."""
    key: str
    """16 bytes made of the idempotency key, the token and the operation, as text."""


JSON: Final = "application/json"
ZIP: Final = "application/zip"
BINARY: Final = "application/octet-stream"
TEXT: Final = "text/plain"
JPEG: Final = "image/jpeg"
PICTURES: Final = (JPEG, "image/png", "image/webp", "image/gif")
"""What a picture that is taken in may be."""


class Operation(NamedTuple):
    """One operation. What was asked comes from the query of a GET, else from the content.

    Content that is not JSON is taken, and given, as `bytes`; what may be long is given in pieces.
    """

    name: str
    method: str
    path: str
    roles: frozenset[TokenRole]
    run: Callable[[Call, Any], Awaitable[Any]]
    answer: type[msgspec.Struct | bytes]
    asked: type[msgspec.Struct | bytes] | None = None
    codes: tuple[Code, ...] = ()
    """What it refuses with, beside what every operation may be refused with."""
    key: KeyUse = KeyUse.NONE
    status: int = 200
    takes: tuple[str, ...] = (JSON,)
    gives: str = JSON

    def says(self) -> str:
        """Give its sentence: the first line of what runs it."""
        return (self.run.__doc__ or "").partition("\n")[0]

    def has_content(self) -> bool:
        """Tell whether it reads the content of a request."""
        return self.asked is not None and self.method != "GET"

    def all_codes(self) -> tuple[Code, ...]:
        """Give every code that it may be refused with, in the order of the list of codes."""
        found = {*self.codes, *ALWAYS}
        if self.asked is not None or "{" in self.path:
            found |= {Code.MALFORMED}
        if self.has_content():
            found |= {Code.MEDIA_TYPE}
        if self.key is not KeyUse.NONE:
            found |= {Code.IDEMPOTENCY_KEY_MISSING, Code.CONFLICT, Code.MALFORMED}
        if self.roles != ANYBODY:
            found |= {Code.FORBIDDEN}
        return tuple(code for code in Code if code in found)


ALWAYS: Final = (
    Code.TOKEN_INVALID,
    Code.RATE_LIMITED,
    Code.MALFORMED,
    Code.TOO_LARGE,
    Code.READ_ONLY,
    Code.HANDED_OVER,
    Code.KEYS_FORGOTTEN,
    Code.BUSY,
    Code.FENCED,
    Code.DATABASE_UNAVAILABLE,
    Code.INTERNAL,
)
"""What any operation may be refused with."""
