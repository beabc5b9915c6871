"""A proof as a file: shown, exported, and checked where there is no node."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schemas.encoding import encode
from tests.federation.world.conftest import World, WorldNode
from tests.federation.world.test_channel import newest, signed
from tests.federation.world.test_evidence import PAYMENT, taken
from tests.forks import ruilbrug

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture
async def proof(world: World, tmp_path: Path) -> AsyncIterator[tuple[WorldNode, str, Path]]:
    """A node that has caught a partner, the id of the proof, and an empty folder."""
    a, b = await world.pair()
    await a.ask("pay", **PAYMENT)
    await taken(b, a, signed(a, await newest(a), ts=1_700_000_000))
    (row,) = await b.ask("evidence.list")
    keys = encode(a.node.identity.statements)
    await b.stop()
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "keys.json").write_bytes(keys)
    yield b, row["id"], empty
    await b.start()


async def test_a_proof_is_shown_exported_and_checked_where_there_is_no_node(
    proof: tuple[WorldNode, str, Path],
) -> None:
    node, name, empty = proof
    on_node = ("--node", str(node.folder.path), "evidence")

    listed = await ruilbrug(empty, *on_node, "list")
    shown = await ruilbrug(empty, *on_node, "show", name[:12])
    exported = await ruilbrug(empty, *on_node, "export", name, "--to", "proof.json")
    again = await ruilbrug(empty, *on_node, "export", name, "--to", "proof.json")
    checked = await ruilbrug(empty, "evidence", "check", "proof.json")
    newer = await ruilbrug(empty, "evidence", "check", "proof.json", "--keys", "keys.json")
    as_json = await ruilbrug(empty, "evidence", "check", "proof.json", "--json")

    assert name[:16] in listed.stdout
    assert "alfa" in shown.stdout
    assert exported.returncode == 0
    assert again.returncode == 1
    assert (checked.returncode, newer.returncode) == (0, 0)
    assert "PROVEN (channel-fork)" in checked.stdout
    assert "signed two different events as number" in checked.stdout
    assert json.loads(as_json.stdout)["proven"] is True


async def test_the_exit_code_tells_not_proven_from_unreadable(
    proof: tuple[WorldNode, str, Path],
) -> None:
    node, name, empty = proof
    await ruilbrug(empty, "--node", str(node.folder.path), "evidence", "export", name, "--to", "p")
    fields = json.loads((empty / "p").read_bytes())
    (empty / "same").write_bytes(encode(fields | {"second": fields["first"]}))
    (empty / "cut").write_bytes((empty / "p").read_bytes()[:-1])

    same = await ruilbrug(empty, "evidence", "check", "same")
    cut = await ruilbrug(empty, "evidence", "check", "cut")
    absent = await ruilbrug(empty, "evidence", "check", "absent")
    no_keys = await ruilbrug(empty, "evidence", "check", "p", "--keys", "p")

    assert (same.returncode, "NOT PROVEN" in same.stdout) == (1, True)
    assert "saying something twice is no cheating" in same.stdout
    for unreadable in (cut, absent, no_keys):
        assert unreadable.returncode == 2
        assert "Traceback" not in unreadable.stderr
