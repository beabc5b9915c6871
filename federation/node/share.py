"""What a node shares with the others of its process; a node that is alone shares nothing.

A host (`federation.host`) runs many groups in one process. Nothing of a group is in here: what is
shared is how many connections there are, who counts, and threads that hold no state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor


class Pooling(NamedTuple):
    """How the pools of a node open and keep connections."""

    kept: int = 1
    """So many stay open when nobody asks anything."""
    idle_s: float = 300.0
    """After so long without a question a connection that is not kept is closed."""
    hooks: Mapping[str, Callable[..., Any] | type] = {}
    """What `asyncpg.create_pool` is given beside: who connects, and is told of each use."""


class Share(NamedTuple):
    """What one node of a process is given."""

    pooling: Pooling = Pooling()
    counted: bool = False
    """Whether its work is counted although it tells nobody itself."""
    late: Executor | None = None
    """Who checks signatures that nobody waits for; none for a thread of its own."""
    mail_looks_s: float = 2.0
    """So often mails are looked for whose time has come; new ones are told at once."""


ALONE: Final = Share()
