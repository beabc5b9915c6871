"""Names of things on the wire: node, line, event, path, account.

Every id is text in canonical form (lower-case base32 or unpadded base64url), so equal text is
equal bytes and comparing text is enough. Nothing here knows how an id is used.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Final, NewType

from msgspec import Meta

from schemas.encoding import b32

Index = NewType("Index", int)
"""Place of an event in its node's log, 0-based, without gaps."""

AccountId = NewType("AccountId", int)
"""Number of an account in its node's ledger, 1-based, never used twice."""

SAFE_INTEGER: Final = 2**53 - 1

LINE_COUNTERS: Final = 16
"""So many lines between two nodes are looked for: an id alone does not say whose line it is."""

# 32 bytes are 43 characters of which the last carries 4 bits; 16 bytes 22 with 2 bits; and so on.
Hash = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")]
"""32 bytes (an event id, a key, a commitment) as unpadded base64url."""
Salt = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{21}[AQgw]\Z")]
"""16 bytes as unpadded base64url."""
Signature = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{85}[AQgw]\Z")]
"""An Ed25519 signature, 64 bytes as unpadded base64url."""
PathId = Salt
"""The id of one payment on its way, 16 random bytes chosen by the payer's side."""
Pseudonym = Hash
"""An HMAC that stands for a member towards one reading node."""
NodeId = Annotated[str, Meta(pattern=r"\A[a-z2-7]{51}[aq]\Z")]
"""base32 of the SHA-256 of the node's first root key statement (design section 3)."""
LineId = NodeId
"""base32 of a SHA-256, see `line_id`."""
Bytes = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]*\Z", max_length=12_000)]
"""Some bytes as unpadded base64url; whoever decodes them checks the last character."""

Count = Annotated[int, Meta(ge=0, le=SAFE_INTEGER)]
Positive = Annotated[int, Meta(ge=1, le=SAFE_INTEGER)]
Amount = Annotated[int, Meta(ge=-SAFE_INTEGER, le=SAFE_INTEGER)]


def node_id(first_root_statement: bytes) -> str:
    """Give the node id that the first root key statement stands for."""
    return b32(sha256(first_root_statement).digest())


def line_id(one: str, other: str, counter: int) -> str:
    """Give the id of line number `counter` (0-based) between two nodes (design section 4).

    The order of the two does not matter. The counter is hashed as 8 bytes, big-endian.
    """
    lower, higher = sorted((one, other))
    text = b"ruilbrug/line/v1\n" + lower.encode() + higher.encode() + counter.to_bytes(8, "big")
    return b32(sha256(text).digest())


def line_counter(line: str, one: str, other: str) -> int | None:
    """Find the counter of a line between two nodes; none when it is not theirs, or beyond 16."""
    tried = range(LINE_COUNTERS)
    return next((counter for counter in tried if line_id(one, other, counter) == line), None)
