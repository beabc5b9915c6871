"""The command line over a node: text, JSON, and one sentence with a code when it is refused."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from federation.node.control import call
from federation.node.use_cases import new_key
from schemas.errors import Code, RuilbrugError
from schemas.ids import SAFE_INTEGER
from tests import forks
from tests.federation.world.conftest import World, WorldNode

CHECKOUT = Path(__file__).resolve().parents[3]


async def ruilbrug(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return await forks.ruilbrug(CHECKOUT, "--node", str(folder), *arguments)


async def group(world: World) -> WorldNode:
    node = await world.make("alfa", 20)
    for code in ("001", "002"):
        await node.ask("member.add", code=code, name=f"Lid {code}", lower_minor=-50)
    return node


async def test_a_stopped_node_is_started_for_each_command(world: World) -> None:
    node = await group(world)
    await node.stop()
    folder = node.folder.path

    commands = {
        ("node", "status"): "alfa (group)",
        ("member", "add", "003", "Nieuw Lid"): "Nieuw Lid is member 003.",
        ("member", "list"): "Nieuw Lid",
        ("pay", "001", "002", "5", "-d", "soep"): "001 gave 002 5.",
        ("account", "list"): "sum of balances: 0",
        ("account", "statement", "002"): "002: balance 5",
        ("line", "list"): "no lines yet",
        ("feed", "status"): "last refreshed",
        ("feed", "choose", "--no-reads"): "does not read our posts; its own are shown here.",
        ("feed", "read"): "It is being read.",
        ("log", "verify"): "everything agrees",
        ("log", "rebuild"): "every table filled anew",
    }
    for command, said in commands.items():
        done = await ruilbrug(folder, *command)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
    as_json = await ruilbrug(folder, "account", "list", "--json")
    rows = {row["code"]: row["balance_minor"] for row in json.loads(as_json.stdout)}
    assert (rows["001"], rows["002"]) == (-5, 5)
    await node.start()


async def test_refusals_are_one_sentence_with_a_code(world: World, tmp_path: Path) -> None:
    node = await group(world)
    await node.stop()
    folder = node.folder.path

    choices = tmp_path / "choices.json"
    choices.write_text('{"delimiter": "#"}')
    chosen = ("import", str(CHECKOUT / "README.md"), "--choices", str(choices))

    cases = {
        chosen: (1, "malformed", "choices"),
        ("pay", "001", "002", "51"): (1, "payer_limit", "at most 50 is possible"),
        ("pay", "001", "999", "5"): (1, "account_unknown", "payee"),
        ("pay", "001", "002", "1.5"): (2, "not a valid integer", ""),
        ("pay", "001", "002", "5", "--to", "beta"): (1, "peer_unknown", "group"),
        ("feed", "choose", "beta", "--hidden"): (1, "peer_unknown", "group"),
        ("line", "invite", "nonsense"): (1, "malformed", "invitation"),
        ("import", str(CHECKOUT / "README.md")): (1, "archive_", "README.md"),
    }
    for command, (exit_code, code, words) in cases.items():
        done = await ruilbrug(folder, *command)
        assert done.returncode == exit_code, (command, done.stderr)
        assert code in done.stderr
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    nobody = await ruilbrug(folder.parent / "nobody", "node", "status")
    assert nobody.returncode == 1
    assert nobody.stderr.startswith("node_missing: ")
    await node.start()


BAD_AMOUNTS: dict[str, tuple[Any, Code]] = {
    "zero": (0, Code.AMOUNT_NOT_POSITIVE),
    "negative": (-5, Code.AMOUNT_NOT_POSITIVE),
    "fractional": (1.5, Code.MALFORMED),
    "text": ("5", Code.MALFORMED),
    "beyond 2^53": (SAFE_INTEGER + 1, Code.MALFORMED),
    "more than is possible": (51, Code.PAYER_LIMIT),
}


async def test_bad_input_names_the_field_and_changes_nothing(world: World) -> None:
    node = await group(world)
    size = node.node.sequencer.size

    for amount, code in BAD_AMOUNTS.values():
        with pytest.raises(RuilbrugError) as refused:
            await call(node.node, "pay", {"payer": "001", "payee": "002", "amount_minor": amount})
        assert refused.value.code is code
        assert "amount" in str(refused.value) or "at most 50" in str(refused.value)
    others: dict[str, dict[str, Any]] = {
        "unknown field": {"payer": "001", "payee": "002", "amount_minor": 1, "colour": "red"},
        "missing field": {"payer": "001", "amount_minor": 1},
        "unknown account": {"payer": "777", "payee": "002", "amount_minor": 1},
        "payer and payee the same": {"payer": "001", "payee": "001", "amount_minor": 1},
    }
    for arguments in others.values():
        with pytest.raises(RuilbrugError):
            await call(node.node, "pay", arguments)
    assert node.node.sequencer.size == size


async def test_the_same_key_is_booked_once_and_with_other_content_a_conflict(
    world: World,
) -> None:
    node = await group(world)
    key = new_key()
    payment = {"payer": "001", "payee": "002", "amount_minor": 3, "key": key}

    first = await node.ask("pay", **payment)
    again = await node.ask("pay", **payment)

    assert first["seq"] == again["seq"]
    with pytest.raises(RuilbrugError) as refused:
        await node.ask("pay", **(payment | {"amount_minor": 4}))
    assert refused.value.code is Code.CONFLICT
    page = await node.ask("account.statement", code="001")
    assert page["balance_minor"] == -3


async def test_a_second_process_is_told_that_one_works_already(world: World) -> None:
    node = await group(world)

    from federation.node import database

    waits = database.ONLY_PROCESS_WAIT_S
    assert waits > 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "ONLY_PROCESS_WAIT_S", 1)
        with pytest.raises(RuilbrugError) as refused:
            await database.only_process(node.folder.settings().database)
    assert refused.value.code is Code.NODE_RUNS
