"""What a cheating node remembers of one line: what it sent, what came, and what it may say next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from federation.line.conversion import Quote
    from schemas.messages import WireEvent
    from schemas.terms import Terms
    from tests.simulation.host import Host


class Chain:
    """One line, as the cheat keeps it."""

    def __init__(self, line: str, peer: Host) -> None:
        self.line, self.peer = line, peer
        self.sent: list[WireEvent] = []
        self.cores: list[Any] = []
        self.last = ""
        self.in_n, self.in_id = 0, ""
        self.acknowledged = 0
        self.terms: Terms | None = None
        self.proposal: Terms | None = None
        self.paid = self.given = 0
        self.prepared: dict[str, Quote] = {}
        self.theirs: list[Any] = []
