"""The umbrella's register in a simulated world, and what it says about keys that were revoked.

Rules and use case are the product's own (`federation.umbrella.register_rules`, `vouching`,
`noting`); what stands in tables and in the umbrella's own log there is kept in lists here.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from events.merkle import EMPTY_ROOT
from events.restore import Mode
from federation.umbrella import noting, register_rules, vouching
from federation.umbrella.queries import SQL
from federation.umbrella.register_rules import AdmitGroup, Followed, RecordKeys
from projections.register import REGISTER_STEPS, Register
from schemas import cores
from schemas.encoding import b64, encode
from schemas.errors import Refusal
from tests.simulation.tally import require

if TYPE_CHECKING:
    from federation.group.commands import Note
    from schemas.evidence import SignedEvent
    from schemas.findings import Finding
    from tests.simulation.host import Host
    from tests.simulation.umbrella import Umbrella

NOWHERE = b64(EMPTY_ROOT)


class Registry:
    """Groups, their keys, and findings that were noted. Also the ports of `vouching`."""

    def __init__(self, umbrella: Umbrella) -> None:
        """Begin with nobody."""
        self._umbrella = umbrella
        self._register = Register()
        self._noted: list[dict[str, Any]] = []
        self.vouched: set[str] = set()
        """Ids of events under a revoked key that count."""
        self.machine = SimpleNamespace(books=SimpleNamespace(register=self._register))
        self.gate = SimpleNamespace(mode=Mode.OPEN)
        self.parts: dict[type[Any], Any] = {}
        self.pool = self

    # the register

    def admit(self, host: Host) -> None:
        """Take a group in with its first keys."""
        url = f"https://{host.name.lower()}.example"
        keys = tuple(host.disk.statements)
        self._decide(AdmitGroup(host.id, url, host.name, keys, Followed(0, NOWHERE)))

    def record(self, host: Host) -> None:
        """Write down what is new among the keys of a group, and how far its log was seen before."""
        keys = tuple(host.disk.statements)
        self._decide(RecordKeys(host.id, keys, self._followed(host)))

    def revoked(self, node: str, key: str) -> bool:
        """Tell whether the register says of a key that it was revoked."""
        group = self._register.groups.get(node)
        return group is not None and group.history is not None and group.history.revoked(key)

    def _followed(self, host: Host) -> Followed:
        """What was cosigned counts like what was followed: the larger of the two."""
        size, root = self._umbrella.mirror.followed(host.id)
        cosigned = self._umbrella.cosigned.latest.get(host.id)
        if cosigned is not None and cosigned.size > size:
            size, root = cosigned.size, cosigned.root
        return Followed(size, b64(root), self._umbrella.mirror.used(host.id))

    def _decide(self, command: AdmitGroup | RecordKeys) -> None:
        now_s = self._umbrella.world.schedule.now_ms // 1000
        steps = register_rules.decide(self._register, command, now_s=now_s)
        answer = None
        try:
            while True:
                draft: Any = next(steps)
                REGISTER_STEPS[type(draft.body)](self._register, draft.body)
        except StopIteration as end:
            answer = end.value
        named = self._umbrella.world.host(command.node)
        require(not isinstance(answer, Refusal), "accused", f"{named}'s keys are refused: {answer}")

    # what a partner asks

    async def vouch(self, caller: str, shown: SignedEvent) -> str | None:
        """Tell which entry counts at the place of an event that a partner shows."""
        counts = await vouching.vouch(self, caller, shown)  # type: ignore[arg-type]
        if counts is not None:
            self.vouched.add(counts)
        return counts

    def dated_back(self) -> list[Finding]:
        """Give what partners have shown and what does not stand in its group's log."""
        try:
            vouching.still_dated_back(self).send(None)  # type: ignore[arg-type]
        except StopIteration as end:
            found: list[Finding] = end.value
            return found
        raise AssertionError  # nothing here has to be waited for

    # ports of `vouching` and `noting`

    async def fetchrow(self, query: str, node: str, seq: int) -> dict[str, Any] | None:
        """Answer which entry was followed at a place."""
        assert query == SQL["mirror_entry"]
        rows = self._umbrella.mirror.rows.get(node, [])
        return {"core": rows[seq].core, "size": len(rows)} if seq < len(rows) else None

    async def fetch(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Answer which entries were followed in a range, or what was noted."""
        if query == noting.SQL["read_found"]:
            return self._noted
        if query == noting.SQL["read_gone"]:
            return []
        return await self._umbrella.mirror.fetch(query, *values)

    async def do(self, command: Note) -> None:
        """Note a finding in the umbrella's log, of which nothing else is kept here."""
        core = cores.LocalCore(
            v=1,
            origin=self._umbrella.id,
            seq=len(self._noted),
            root=NOWHERE,
            key=NOWHERE,
            ts=self._umbrella.world.schedule.now_ms // 1000,
            commitment=NOWHERE,
        )
        row = {"seq": core.seq, "core": encode(core), "body": encode(command.body)}
        self._noted.append(row)
