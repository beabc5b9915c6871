"""`ruilbrug witness`: what an operator is told, and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from events.policy import parse_policy, require_witnessed
from events.restore import Mode
from federation.cli.witness import status_lines
from federation.node import witness_words as words
from federation.node.settings import WitnessSettings
from federation.node.witnessed import witnessed_checkpoint
from schemas.encoding import b64
from schemas.errors import Code, RefusedError
from tests.federation.cli.test_commands import ruilbrug
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.test_cosigning import grow, has_cosigned, registered
from tests.federation.world.test_hearsay import heard, signed
from tests.federation.world.test_witness import log_of, witness_key
from tests.federation.world.test_witnessed import address, settle


async def told(node: WorldNode) -> Any:
    return await node.ask("witness.status")


async def test_who_has_cosigned_what_is_told_with_the_policy(world: World) -> None:
    koepel, a, b = await registered(world)
    await eventually(lambda: has_cosigned(koepel, a) and has_cosigned(b, a))
    await eventually(lambda: has_cosigned(a, b))

    status = await told(a)

    size = a.node.sequencer.size
    assert (status["met"], status["met_size"], status["newest_size"]) == (True, size, size)
    assert (status["policy"], status["wanted"]) == ("default", "koepel and beta")
    assert (status["lacking"], status["advice"]) == ("", words.NOTHING)
    assert {row["name"]: row["size"] for row in status["witnesses"]} == {
        "koepel": size,
        "beta": size,
    }
    assert log_of(b).origin in [log["origin"] for log in status["logs"]]
    text = "\n".join(status_lines(status))
    assert "It is met." in text
    assert f"beta: {size} entries at 20" in text


async def test_a_witness_that_is_away_is_named_with_what_to_do(world: World) -> None:
    koepel, a, b = await registered(world)
    await eventually(lambda: has_cosigned(koepel, a) and has_cosigned(b, a))
    before = a.node.sequencer.size
    await b.stop()
    await grow(a, 2)
    await eventually(
        lambda: has_cosigned(koepel, a) and a.node.cosigning.standings[b.node.id].failures > 0
    )

    status = await told(a)

    assert (status["met"], status["met_size"], status["lacking"]) == (False, before, "beta")
    assert status["advice"].startswith("Waits for beta (")
    text = "\n".join(status_lines(status))
    assert f"It is met up to {before} entries at 20" in text
    assert "for the newest it lacks: beta." in text
    assert f"beta: {before} entries" in text
    assert ", 2 behind; failed " in text
    await b.start()


async def test_a_group_on_the_umbrellas_server_is_told_to_find_a_witness_elsewhere(
    world: World,
) -> None:
    koepel, a, b = await registered(world)
    settle(a, a, b)

    status = await told(a)

    assert (status["met_size"], status["advice"]) == (None, words.HOSTED)
    assert "NOT MET." in status_lines(status)
    key = witness_key(koepel)
    a.node.own_policy = parse_policy(
        f"witness k {key.vkey()} http://{key.name}\nquorum k\n".encode()
    )
    assert (await told(a))["advice"] == words.ONLY_HERE


async def test_nobody_to_cosign_and_a_closed_gate_are_told(world: World) -> None:
    a = await world.make("alfa", 20)
    await eventually(lambda: a.node.gate.mode is Mode.OPEN)

    assert (await told(a))["advice"] == words.ALONE
    a.node.own_policy = parse_policy(b"quorum none\n")
    assert (await told(a))["advice"] == words.ASKED_NOBODY
    a.node.gate.judgement = a.node.gate.judgement._replace(mode=Mode.READ_ONLY)
    assert (await told(a))["advice"] == words.CLOSED


async def test_the_policy_can_be_printed_for_whoever_checks(world: World) -> None:
    koepel, a, b = await registered(world)
    await eventually(lambda: has_cosigned(koepel, a) and has_cosigned(b, a))

    printed = (await a.ask("witness.policy"))["policy"].encode()

    note = await witnessed_checkpoint(a.node)
    assert note is not None
    assert require_witnessed(parse_policy(printed), note).checkpoint.origin == log_of(a).origin
    settle(a, a, b)
    with pytest.raises(RefusedError) as refused:
        await a.ask("witness.policy")
    assert refused.value.code is Code.NOT_FOUND


async def test_the_commands_print_and_tell_by_their_exit_code(world: World) -> None:
    a = await world.make("alfa", 20, umbrella=f"http://127.0.0.1:1#{'a' * 52}")
    own = address(a)
    await a.stop()

    status = await ruilbrug(a.folder.path, "witness", "status")
    policy = await ruilbrug(a.folder.path, "witness", "policy")

    assert status.returncode == 1
    assert "NOT MET." in status.stdout
    assert f"witness {own}/log/witness {own}/log/witness+" in status.stdout
    assert policy.returncode == 1
    await a.start()


async def test_a_list_in_the_settings_is_written_as_it_is_read(world: World) -> None:
    a = await world.make("alfa", 20)
    wanted = replace(
        a.folder.settings(),
        witness=WitnessSettings(policy="trust", umbrella_hosts=("x.be", "y.be")),
    )
    (a.folder.path / "node.toml").unlink()

    a.folder.write_settings(wanted)

    assert a.folder.settings() == wanted


async def test_two_histories_are_told_with_both_notes(world: World) -> None:
    a, b = await world.pair()
    await eventually(lambda: has_cosigned(b, a))
    note = signed(a, a.node.sequencer.size)
    await heard(b, note)

    status = await told(b)

    assert [(fork["origin"], fork["told"]) for fork in status["forks"]] == [
        (log_of(a).origin, b64(note))
    ]
    text = "\n".join(status_lines(status))
    assert "TWO HISTORIES" in text
    assert f"  {log_of(a).origin}, told by somebody at 20" in text
    assert "TWO HISTORIES" not in "\n".join(status_lines(await told(a)))
