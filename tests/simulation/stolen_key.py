"""A log key in somebody else's hands, who dates events back to before it was revoked.

Its group has replaced and revoked it, and goes on with a new one. What is signed with the old one
for an older place looks to a partner like something that was late: it books nothing of it, and asks
the umbrella which entry counts. The one who cheats has no node here, so nobody may be accused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from events.merkle import leaf_hash
from federation.line.commands import SendHeads
from federation.line.life import heads_due
from federation.node import taking
from federation.umbrella.following import read_core
from schemas.encoding import b64, unb64
from schemas.errors import Code, RuilbrugError
from schemas.findings import What
from tests.simulation.faults import HOUR, MINUTE
from tests.simulation.tally import Finding as Found
from tests.simulation.tally import require
from tests.simulation.theft import dated_back

if TYPE_CHECKING:
    from collections.abc import Collection
    from random import Random

    from projections.lines import Line
    from schemas.findings import Finding
    from schemas.messages import WireEvent
    from tests.simulation.host import Host, Revoked
    from tests.simulation.process import Process
    from tests.simulation.umbrella import Umbrella

BACK_DATED: Final = "back-dated key"
STRIKES_MAX: Final = 6
TAKEN_ONE_IN: Final = 4
"""So many of the events are for a number that is taken already: a fork, if anybody believed it."""


class StolenKey:
    """What becomes of one group's log key, and of what the thief signs with it."""

    def __init__(self, umbrella: Umbrella, host: Host, chance: Random) -> None:
        """Choose whose it is; nobody knows of it yet."""
        self._umbrella, self._world = umbrella, umbrella.world
        self.host, self._chance = host, chance
        self._stolen: Revoked | None = None
        self.signed: dict[str, str] = {}
        """The line of each event that the thief has signed, by its id."""
        self.refused: set[str] = set()
        """Lines on which a partner refused one, and could ask an umbrella that knew enough."""

    # the group

    def begin(self, length_ms: int) -> None:
        """Plan when the theft is found out, and when the thief strikes."""
        after = self._world.schedule.after
        after(self._chance.randint(0, length_ms), self._found_out_in_time)
        for _ in range(self._chance.randint(1, STRIKES_MAX)):
            after(self._chance.randint(0, length_ms), self._strike_in_time)

    def found_out(self) -> None:
        """Revoke the key, unless that is done and stands in the group's log."""
        if self._known_to(self.host):
            return
        stolen = self.host.revoke_key(self._chance)
        if stolen is not None:
            self._world.say(f"{self.host} revokes its log key from event {stolen.ended_at} on")
            if self._stolen is None:
                self._world.schedule.after(2 * MINUTE, self._tell)
            self._stolen = stolen

    def _found_out_in_time(self) -> None:
        if self._world.faults.lasting and not self._known_to(self.host):
            self.found_out()
            self._world.schedule.after(HOUR, self._found_out_in_time)

    def _known_to(self, host: Host) -> bool:
        """Tell whether a node knows that the key is revoked."""
        if self._stolen is None:
            return False
        stated = host.stated() if host is self.host else host.histories[self.host.id]
        return stated.revoked(b64(self._stolen.key.public.data))

    def _known_to_umbrella(self) -> bool:
        registry, stolen = self._umbrella.registry, self._stolen
        assert registry is not None
        assert stolen is not None
        return registry.revoked(self.host.id, b64(stolen.key.public.data))

    def _tell(self) -> None:
        """Tell the umbrella of new keys, and partners where the books stand when that is due.

        So a node does by itself, and has its log cosigned when it has grown; the mirror follows it
        later. The group speaks with its new key on each line, behind what it said with the old one.
        """
        process = self.host.process
        if process is not None and process.outbox_open:
            cosigned = self._umbrella.cosigned.latest.get(self.host.id)
            if cosigned is None or cosigned.size < process.tree.size:
                visit = self._umbrella.visit(process, again=False, follow=False)
                self._world.schedule.spawn(process, visit)
            for line in process.lines():
                if heads_due(line, now_s=process.now_s()):
                    process.submit_soon(SendHeads(line.line))
        self._world.schedule.after(HOUR, self._tell)

    # the thief

    def _strike_in_time(self) -> None:
        if self._world.faults.lasting:
            self.strike()

    def strike(self) -> None:
        """Send each partner that knows of the revocation an event from before it.

        Who does not know of it takes in what a trusted key has signed, as it must.
        """
        for line in self.host.lines():
            if not self._world.honest(line.peer):
                continue
            partner = self._world.host(line.peer)
            known = partner.disk.books.lines.base.get(line.line)
            if known is not None and known.in_n and self._known_to(partner):
                self._send(partner, known)

    def _send(self, partner: Host, line: Line) -> None:
        process = partner.process
        if process is None or not process.outbox_open:
            return
        n = line.in_n + bool(self._chance.randrange(TAKEN_ONE_IN))
        forged = self._forged(partner, line, n=n)
        self._world.faults.counted["thief.strikes"] += 1
        self._world.say(f"the thief of {self.host}'s key sends {partner} event {n}")
        self._world.schedule.spawn(process, self._bring(process, line.line, forged))

    def _forged(self, partner: Host, line: Line, *, n: int) -> WireEvent:
        """Continue what the partner has, as if it had been said before the revocation."""
        assert self._stolen is not None
        chain = partner.disk.inbox[line.line]
        forged = dated_back(
            self._stolen.key,
            self._chance,
            origin=self.host.id,
            seq=max(0, self._stolen.ended_at - 1 - self._chance.randrange(3)),
            ts=self._world.schedule.now_ms // 1000,
            line=line.line,
            n=n,
            prev=chain[n - 2].id if n > 1 else None,
        )
        self.signed[b64(leaf_hash(unb64(forged.core)))] = line.line
        return forged

    async def _bring(self, process: Process, line: str, forged: WireEvent) -> None:
        known = self._known_to_umbrella()
        try:
            process.require_writable()
            await taking.take(process, self.host.id, line, [forged])
        except RuilbrugError as error:
            self._world.say(f"{process.host} refuses the thief: {error.code}")
            if known and error.code is Code.KEY_REVOKED:
                self.refused.add(line)
            return
        raise Found("revoked", f"{process.host} takes in what a thief has dated back")

    # what must come of it

    def explains(self, finding: Finding) -> bool:
        """Tell whether a finding is about what the thief has signed: it names a place, nobody."""
        return finding.what is What.DATED_BACK and finding.reason in self.signed

    def require_found(self, lines: Collection[str], findings: Collection[Finding]) -> None:
        """See that the umbrella has found what partners refused, and that the group has gone on.

        Raises:
            Finding: it was not, or it has not.

        """
        told = {finding.line for finding in findings if self.explains(finding)}
        if not told.issuperset(lines):
            raise Found("cheat", f"{self.host}'s {BACK_DATED} is not found")
        self._world.monitor.finish()
        stated = self.host.stated()
        for line in self.host.lines():
            if self._world.honest(line.peer) and line.terms is not None:
                last = self.host.disk.log[self.host.disk.chains[line.line][-1]]
                said: Any = read_core(last.core)
                new = not stated.revoked(said.key)
                require(new, "settle", f"{self.host} does not go on with its new key")
