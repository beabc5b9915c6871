"""An event as the folds read it: decoded once, bytes untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from schemas.bodies import AnyBody
    from schemas.cores import AnyCore


class Recorded(NamedTuple):
    """One event of the own log: its place, its id, and what its bytes say.

    A named tuple and not a struct: it is made for each event in the hot path.
    """

    seq: int
    id: str
    """Event id as unpadded base64url."""
    core: AnyCore
    body: AnyBody | None
