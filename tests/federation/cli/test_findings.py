"""`ruilbrug audit findings` and `audit solve`: text, JSON, and refusals by their code."""

from __future__ import annotations

import json

from federation.umbrella import noting
from federation.umbrella.known_findings import Looked
from schemas.findings import What, found
from tests.federation.cli.test_commands import ruilbrug
from tests.federation.umbrella.made_logs import group_id
from tests.federation.world.conftest import World

BACK = found(What.TIME_BACK, group_id("a"), seq=7)


async def test_findings_are_listed_and_solved(world: World) -> None:
    umbrella = await world.make("koepel", None)
    folder, name = umbrella.folder.path, BACK.id().hex()[:16]
    await umbrella.stop()
    nothing = await ruilbrug(folder, "audit", "findings")
    await umbrella.start()
    await noting.note(umbrella.node, [BACK], Looked(full=True, behind=frozenset()))
    await noting.note(umbrella.node, [], Looked(full=True, behind=frozenset()))
    await umbrella.stop()

    listed = await ruilbrug(folder, "audit", "findings")
    unknown = await ruilbrug(folder, "audit", "solve", "f" * 16, "Its clock was wrong.")
    solved = await ruilbrug(folder, "audit", "solve", name, "Its clock was wrong.")
    again = await ruilbrug(folder, "audit", "findings", "--json")

    assert nothing.stdout == "nothing was ever found\n"
    assert listed.stdout.startswith(f"{name}  ")
    assert f"ALARM A14 at {group_id('a')}, event 7: " in listed.stdout
    assert "not found any more since 20" in listed.stdout
    assert "solved" not in listed.stdout
    assert unknown.returncode == 1
    assert unknown.stderr.rpartition("}\n")[2].startswith("not_found: ")
    assert "Solved; it is open again if it comes back." in solved.stdout
    assert ": Its clock was wrong." in solved.stdout
    (row,) = json.loads(again.stdout)
    assert (row["id"][:16], row["solved"]["text"]) == (name, "Its clock was wrong.")
    await umbrella.start()
