"""Many payers at once on one line, in both directions: all have an end, and the books agree."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from schemas.errors import Code, RefusedError
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.independent import judge

ENDS = {"settled", "refused", "confirmed"}
REFUSED_AT_ONCE = {Code.LINE_BUSY, Code.LINE_LIMIT, Code.PAYER_LIMIT}
PAYMENTS = 4
"""So many by each payer, one after the other."""


async def pay(node: WorldNode, group: str, member: str, amounts: list[int]) -> list[Any]:
    """Pay one after the other; gives (path, state) of each that got as far as the log."""
    ends = []
    for amount in amounts:
        try:
            answer = await node.ask(
                "pay", payer=member, payee=member, amount_minor=amount, group=group, wait_s=30
            )
        except RefusedError as refused:
            assert refused.code in REFUSED_AT_ONCE
            ends.append(("", "refused"))
        else:
            ends.append((answer["path"], answer["state"]))
    return ends


async def paid_by_many(world: World, payers: int) -> Counter[str]:
    """Let half of the payers sit in each group; everybody pays at once."""
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    print(f"seed {seed}")
    a, b = await world.pair(20, 60)
    members = [f"m{number:02}" for number in range(payers // 2)]
    for node in (a, b):
        for code in members:
            await node.ask("member.add", code=code, name="Lid", lower_minor=-200, upper_minor=200)

    ends = await asyncio.gather(
        *(
            pay(node, group, member, [chance.randint(1, 60) for _ in range(PAYMENTS)])
            for node, group in ((a, "beta"), (b, "alfa"))
            for member in members
        )
    )

    await eventually(
        lambda: all(line.held_in_units == line.held_out_units == 0 for line in lines(a) + lines(b))
    )
    await eventually(lambda: lines(a)[0].out_n == lines(b)[0].in_n)
    await eventually(lambda: lines(b)[0].out_n == lines(a)[0].in_n)
    found = [await judge.read_log(n.folder.settings().database_owner) for n in (a, b)]
    judge.compare(*found)
    done = [end for each in ends for end in each]
    booked = set(found[0].committed_paths) | set(found[1].committed_paths)
    assert booked == {path for path, state in done if state in ENDS - {"refused"}}
    assert len(done) == payers * PAYMENTS
    return Counter(state for _, state in done)


@pytest.mark.parametrize("payers", [2, 4, 16, 64])
async def test_all_payers_at_once_settle_or_are_refused(world: World, payers: int) -> None:
    states = await paid_by_many(world, payers)

    print(f"{payers} payers: {dict(states)}")
    assert set(states) <= ENDS
    assert states.total() - states["refused"] >= payers
