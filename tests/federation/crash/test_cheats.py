"""Groups that cheat, each a process of its own, against an umbrella as it is run: `ruilbrug`.

In a round the groups have told each other where their books stand, and the umbrella has audited
once. What the liar's own process signs is all that anybody has against it. Each cheat is found
within two rounds, and nothing else is found with it: nobody is accused of what another did.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from deploy.demo.world import GROUPS, Address, NodeProcess
from schemas.encoding import unb64
from tests.federation.crash.liars import LyingNode
from tests.federation.crash.places import (
    HOURS,
    ONE,
    OTHER,
    Places,
    add_members,
    any_line,
    make_places,
    until,
)
from tests.federation.world.accepting import accept_terms
from tests.forks import ruilbrug
from tests.ports import free_port

Found = set[tuple[str, str]]
ROUNDS = 2
THIRD = GROUPS[1]


class CheatedPlaces(Places):
    """An umbrella that was started by its command line, and groups that can be told to lie."""

    node_type = LyingNode

    def address(self, number: int) -> Address:
        """Put the third group in the open; nobody listens to what it says."""
        if number <= len((ONE, OTHER)):
            return super().address(number)
        port = free_port()
        return Address(f"http://127.0.0.1:{port}", "127.0.0.1", port)

    @property
    def third(self) -> NodeProcess:
        return self.groups[THIRD.key]

    async def make_umbrella(self) -> None:
        self.node_type = NodeProcess  # type: ignore[assignment]
        await super().make_umbrella()
        self.node_type = LyingNode

    async def make_third(self) -> None:
        """Make a third group, with a line to each of the other two."""
        await self.make_group(THIRD, 3)
        await self.umbrella.ask("audit.admit", invitation=self.third.invitation)
        await add_members(self.quick(THIRD.key))
        for node, name in ((self.one, ONE.name), (self.other, OTHER.name)):
            await self.third.ask("line.propose", group=name, grants_units=1000 * HOURS)
            await until(partial(any_line, node, "waits_for_us", value=True))
            await accept_terms(node, THIRD.name)
        await until(partial(all_lines, self.third, "state", value="open"))


async def all_lines(node: NodeProcess, name: str, *, value: object) -> bool:
    return all(line[name] == value for line in await node.ask("line.list"))


async def exchanged(places: CheatedPlaces) -> None:
    """Let the groups tell each other where their books stand, and hear of it."""
    groups = (places.one, places.other, places.third)
    for group in groups:
        await group.ask("tell")
    for group in groups:
        await until(partial(all_lines, group, "unconfirmed", value=0))


class Auditor:
    """Audits, and tells what has come in since the cheat before."""

    def __init__(self, places: CheatedPlaces) -> None:
        self._places = places
        self._before: Found = set()
        self.findings: list[Any] = []

    async def audited(self) -> Found:
        """Audit once; gives what was found in whose log that stood there no last time."""
        answer = await self._places.umbrella.ask("audit.report")
        self.findings = answer["report"]["findings"]
        return {(one["what"], one["node"]) for one in self.findings} - self._before

    async def rounds_until(self, *wanted: tuple[str, str]) -> Found:
        """Play rounds, two at most, until all that is wanted was found; gives all that was."""
        found = await self.audited()
        for _ in range(ROUNDS - 1):
            if not found.issuperset(wanted):
                await exchanged(self._places)
                found |= await self.audited()
        assert found.issuperset(wanted), found
        self._before |= found
        return found


async def proven(node: NodeProcess, folder: Path) -> Found:
    """Take each file of evidence along once, and check it where there is no node."""
    rows = await node.ask("evidence.list")
    for row in [row for row in rows if not (folder / row["id"]).exists()]:
        answer = await node.ask("evidence.file", id=row["id"])
        (folder / row["id"]).write_bytes(unb64(answer["file"]))
        told = await ruilbrug(folder, "evidence", "check", row["id"])
        assert (told.returncode, f"PROVEN ({row['kind']})" in told.stdout) == (0, True)
    return {(row["kind"], row["accused"]) for row in rows}


async def pay(payer: NodeProcess, payee: str) -> None:
    paid = await payer.ask("pay", payer="000", payee="000", amount_minor=10, group=payee)
    assert paid["state"] == "settled"


async def cosigned(log: NodeProcess, witness: str) -> bool:
    """Tell whether a witness has cosigned all of a log."""
    told = await log.ask("witness.status")
    sizes = {one["id"]: one["size"] for one in told["witnesses"]}
    size = (await log.ask("status"))["events"]
    return bool(sizes.get(witness) == told["newest_size"] == size)


async def has_evidence(node: NodeProcess) -> bool:
    return bool(await node.ask("evidence.list"))


async def test_processes_that_cheat_are_found_by_a_running_umbrella(
    server_folder: Path, tmp_path: Path
) -> None:
    """One after the other, for a world of processes takes its time to make."""
    places = await make_places(server_folder, CheatedPlaces)
    assert isinstance(places, CheatedPlaces)
    auditor = Auditor(places)
    try:
        await places.make_third()
        nodes = (places.one, places.other, places.third)
        one, other, third = [str((await node.ask("status"))["node"]) for node in nodes]
        await pay(places.one, OTHER.name)
        await pay(places.other, THIRD.name)
        await exchanged(places)

        await require_witness_rollback(
            places, {"one": one, "other": other, "third": third}, tmp_path
        )

        await places.one.ask("lie", how="hidden sent trade")
        await places.third.ask("lie", how="hidden received trade")
        hidden = {("sent_otherwise", one), ("sent_otherwise", third)}
        assert await auditor.rounds_until(*hidden) == hidden
        forks = {("channel-fork", one), ("channel-fork", third)}
        assert await proven(places.umbrella, tmp_path) == forks

        await places.other.ask("lie", how="stale checkpoint")
        stale = {("log_shorter", other)}
        assert await auditor.rounds_until(*stale) == stale
        await places.other.ask("repent")
        assert await auditor.audited() == set()
        assert ("log_shorter", other) not in {(f["what"], f["node"]) for f in auditor.findings}

        await places.other.ask("lie", how="ledger differs")
        differs = {("heads_differ", other)}
        assert await auditor.rounds_until(*differs) == differs
        await places.other.ask("repent")

        for code in ("777", "778", "779"):
            await places.other.ask("member.add", code=code, name="Nieuw")
        assert await places.third.ask("state late") == "key_late"
        await places.third.ask("lie", how="back-dated key")
        late = {("log_refused", third)}
        assert await auditor.rounds_until(*late) == late
        assert ("log_refused", third, "key_late") in {
            (found["what"], found["node"], found["reason"]) for found in auditor.findings
        }
        assert await proven(places.umbrella, tmp_path) == forks, "nothing was signed twice by that"

        await places.one.ask("lie", how="split view")
        split = await auditor.rounds_until(("log_refused", one))
        assert {node for _, node in split} == {one}
        assert ("same-size", one) in await proven(places.umbrella, tmp_path)

        await places.other.ask("lie", how="rollback")
        rolled_back = await auditor.rounds_until(("log_refused", other))
        assert {node for _, node in rolled_back} == {other}
        evidence = await proven(places.umbrella, tmp_path)
        assert ("broken-promise", other) in evidence
        assert {accused for _, accused in evidence} == {one, other, third}
    finally:
        await places.close()


async def require_witness_rollback(
    places: CheatedPlaces, ids: dict[str, str], folder: Path
) -> None:
    """Let a witness lose what it had cosigned, and the log whose it was show it another history."""
    for witness in ("other", "third"):
        await until(partial(cosigned, places.one, ids[witness]))
    url = places.other.invitation.partition("#")[0]

    assert await places.one.ask("fork", url=url) == 409, "it remembers"
    await places.other.ask("lie", how="witness rollback")
    assert await places.one.ask("fork", url=url) == 200
    for _ in range(ROUNDS):
        await exchanged(places)

    await until(partial(has_evidence, places.third))
    assert await proven(places.third, folder) == {("same-size", ids["one"])}
