"""The audit of a simulated world: what was found, who was asked, and that it names who cheats.

The fold is the product's own (`federation.umbrella.audit`). While the bad time lasts somebody may
be away, which is an alarm; after that nobody honest may be left with any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.umbrella.audit import Audit
from schemas.evidence import EvidenceKind
from schemas.findings import Severity, What
from tests.simulation.inquiring import Inquiries
from tests.simulation.stolen_key import BACK_DATED
from tests.simulation.tally import Finding as Found

if TYPE_CHECKING:
    from collections.abc import Collection

    from schemas.findings import Finding
    from tests.simulation.host import Host
    from tests.simulation.umbrella import Umbrella

TOLERATED: Final = frozenset({What.TIME_BACK, What.TIME_AHEAD, What.NEAR_LIMIT})
"""What a wrong clock and a full line look like: alarms, and nobody's guilt."""


class Auditor:
    """Reads what is mirrored, and holds what it finds against who really cheats."""

    def __init__(self, umbrella: Umbrella) -> None:
        """Begin with nothing read."""
        self.umbrella, self.world = umbrella, umbrella.world
        self.pulled: dict[str, Finding | None] = {}
        """What was wrong with a log when it was followed last."""
        self.found: set[tuple[What, str]] = set()
        self.doubted: set[str] = set()
        """Of whose log two checkpoints do not fit, by what witnesses tell each other."""
        self.cheats: tuple[str, ...] = ()
        """What there was to find, once it is known."""
        self._audit = Audit()
        self._inquiries = Inquiries(umbrella)

    def doubt(self, host: Host) -> None:
        """Take note that two checkpoints of a log do not fit.

        Raises:
            Finding: it is the log of an honest node.

        """
        self.world.say(f"two checkpoints of {host} do not fit")
        if not self.umbrella.cheating(host.id):
            raise Found("accused", f"honest {host} is said to show two histories")
        self.doubted.add(host.id)

    def audit(self) -> None:
        """Read what is new, look into what is wrong, and see that nobody honest is accused."""
        for host in self.world.hosts:
            done = self._audit.state.node(host.id).events
            for row in self.umbrella.mirror.rows.get(host.id, [])[done:]:
                self._audit.read(host.id, row.read, row.id)
        self._inquiries.ask(self._audit.state, followed_s=self.umbrella.looked_s)
        for finding in self._findings(self._audit):
            self._note(finding)

    def _findings(self, audit: Audit) -> list[Finding]:
        found = audit.findings(self.world.schedule.now_ms // 1000)
        pulled = [finding for finding in self.pulled.values() if finding is not None]
        registry = self.umbrella.registry
        shown = [] if registry is None else registry.dated_back()
        return pulled + shown + self._inquiries.resolve(audit.state, found)

    def _note(self, finding: Finding) -> None:
        self.found.add((finding.what, finding.node))
        if not self.umbrella.cheating(finding.node) and _accuses(finding):
            host = self.world.host(finding.node)
            raise Found("accused", f"{finding.what} names honest {host}")

    def require_same_from_the_start(self) -> None:
        """An audit from the start finds what one that went on finds."""
        anew = Audit()
        for node in sorted(self.umbrella.mirror.rows):
            for row in self.umbrella.mirror.rows[node]:
                anew.read(node, row.read, row.id)
        if self._findings(anew) != self._findings(self._audit):
            raise Found("audit", "an audit from the start finds something else")

    def require_found(self, *, played: bool, refused: Collection[str]) -> None:
        """See that a cheat that was played in the first round was found by the second.

        So of what a thief has signed: `refused` are the lines on which a partner refused it.
        """
        left = self._findings(self._audit)
        theft = self.umbrella.theft
        for finding in left:
            if theft is not None and theft.explains(finding):
                continue
            if not self.umbrella.cheating(finding.node) and finding.what not in TOLERATED:
                raise Found("accused", f"{finding.what} is left, and names an honest node")
        if theft is not None:
            theft.require_found(refused, left)
            self.cheats = (BACK_DATED if refused else f"{BACK_DATED} (nothing to find)",)
            return
        cheat = self.umbrella.cheat
        if cheat is None:
            self.cheats = ("no cheat",)
            return
        if not played:
            self.cheats = (f"{cheat.name} (nothing to find)",)
            return
        self.cheats = (cheat.name,)
        node = cheat.host.id
        proven = bool(cheat.proven_by & self.umbrella.proofs.against(node))
        doubted = EvidenceKind.SAME_SIZE in cheat.proven_by and node in self.doubted
        found = any((what, node) in self.found for what in cheat.found_by)
        if not proven and not doubted and not found:
            raise Found("cheat", f"{cheat.host}'s {cheat.name} is not found")


def _accuses(finding: Finding) -> bool:
    return finding.severity is not Severity.ALARM or finding.what is What.LOG_SHORTER
