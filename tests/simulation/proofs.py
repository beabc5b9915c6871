"""Evidence in a simulated world: checked as a stranger would, and never against an honest node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.evidence import check_evidence, kind_of, read_evidence
from tests.simulation.tally import require

if TYPE_CHECKING:
    from schemas.keys import SignedKeyStatement
    from tests.simulation.umbrella import Umbrella


class Proofs:
    """Every file that anybody has kept; the port of `federation.umbrella.caught` for evidence."""

    def __init__(self, umbrella: Umbrella) -> None:
        """Begin without any."""
        self.umbrella, self.world = umbrella, umbrella.world
        self.kept: set[tuple[str, str]] = set()
        """(kind, accused)"""

    async def statements(self, node: str) -> list[SignedKeyStatement]:
        """Give the key statements of a node."""
        return self.of(node)

    def of(self, node: str) -> list[SignedKeyStatement]:
        """Give the key statements that stand in a node's log."""
        return list(self.world.host(node).disk.statements)

    async def of_log(self, file: bytes, *, accused: str, about: str) -> bool:
        """Keep a file about a whole log."""
        del accused, about
        return self.keep(file)

    def keep(self, file: bytes) -> bool:
        """Keep a file if it proves something.

        Raises:
            Finding: it accuses an honest node.

        """
        evidence = read_evidence(file)
        accused = self.world.host(evidence.accused)
        if not check_evidence(evidence, accused.stated()).proven:
            return False
        kind = kind_of(evidence).value
        self.world.say(f"{kind} proves that {accused} cheats")
        require(self.umbrella.cheating(accused.id), "accused", f"{kind} accuses honest {accused}")
        self.kept.add((kind, accused.id))
        return True

    def against(self, node: str) -> set[str]:
        """Name what is proven against a node."""
        return {kind for kind, accused in self.kept if accused == node}
