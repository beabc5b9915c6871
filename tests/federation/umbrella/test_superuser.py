"""Somebody at a group's database changes, deletes or reorders rows behind the mirror's back.

Without the group's keys nothing is signed twice: the place is found, and no proof is made of it.
Where the group's own node signs what its database then says, there is proof, and of which kind.

A full audit fetches everything anew. One that goes on sees the newest checkpoint and the tile in
which the log grows: what was changed elsewhere is in no answer that it gets, while checkpoints stay
those of the log as it was, for the node goes on from the tree in its memory or its own record. So
it finds a changed row of that tile with the next entry, and one of an older tile not at all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from events.growing import TILE_WIDTH
from schemas import cores
from schemas.findings import What
from tests.federation.umbrella.conftest import Federation, proofs, report
from tests.federation.umbrella.forging import Forgery, superuser
from tests.federation.world.conftest import WorldNode

PLACE = 7
"""A local event of the group: a member's account."""


class Way(NamedTuple):
    """What is done to the database of a group, what is found at which place, and the proof."""

    do: Callable[[WorldNode], Awaitable[None]]
    what: What
    reason: str
    place: int
    proof: str = ""
    at_once: bool = True
    """Whether an audit that goes on finds it before the log has grown."""


def run(statement: str) -> Callable[[WorldNode], Awaitable[None]]:
    """Run one statement as a superuser would."""

    async def work(group: WorldNode) -> None:
        async with superuser(group) as connection:
            await connection.execute(statement)

    return work


def rewrite(change: Callable[[Any], None]) -> Callable[[WorldNode], Awaitable[None]]:
    """Change a log, and let the node sign it from the change on."""

    async def work(group: WorldNode) -> None:
        forgery = await Forgery.read(group)
        change(forgery.logs[group.node.id])
        await forgery.plant()

    return work


async def grown(group: WorldNode) -> None:
    await rewrite(earlier)(group)
    await group.ask("member.add", code="009", name="Nieuw")


async def another_way(group: WorldNode) -> None:
    await rewrite(lambda log: log.__delitem__(slice(-3, None)))(group)
    for code in ("005", "006", "007", "008"):
        await group.ask("member.add", code=code, name="Nieuw")


async def older(group: WorldNode) -> None:
    await rewrite(lambda log: log.__delitem__(slice(-2, None)))(group)


def earlier(log: Any) -> None:
    core, name = log[PLACE]
    log[PLACE] = (msgspec.structs.replace(core, ts=core.ts - 3600), name)


def swapped(log: Any) -> None:
    assert type(log[PLACE][0]) is type(log[PLACE + 1][0]) is cores.LocalCore
    log[PLACE], log[PLACE + 1] = log[PLACE + 1], log[PLACE]


WAYS = {
    "a time": Way(
        run("""UPDATE log_event SET core = convert_to(
            replace(convert_from(core, 'UTF8'), '"ts":1', '"ts":2'), 'UTF8') WHERE seq = 7"""),
        What.LOG_REFUSED,
        "bad_proof",
        PLACE,
        at_once=False,
    ),
    "a signature": Way(
        run("UPDATE log_event SET signature = decode(repeat('11', 64), 'hex') WHERE seq = 7"),
        What.LOG_REFUSED,
        "bad_proof",
        PLACE,
        at_once=False,
    ),
    "two rows swapped": Way(
        run("""UPDATE log_event AS one
            SET core = other.core, signature = other.signature, id = other.id
            FROM log_event AS other
            WHERE one.seq + other.seq = 15 AND one.seq IN (7, 8)"""),
        What.LOG_REFUSED,
        "bad_proof",
        PLACE,
        at_once=False,
    ),
    "a row deleted": Way(
        run("DELETE FROM log_event WHERE seq = 7"),
        What.LOG_REFUSED,
        "malformed",
        -1,
        at_once=False,
    ),
    "a core that is none": Way(
        run("UPDATE log_event SET core = 'none' WHERE seq = 7"),
        What.LOG_REFUSED,
        "bad_proof",
        PLACE,
        at_once=False,
    ),
    "a checkpoint": Way(
        run("UPDATE log_checkpoint SET note = overlay(note placing 'xxxx' from 80)"),
        What.ANSWER_WRONG,
        "bad_note",
        -1,
    ),
    "an older state": Way(older, What.LOG_SHORTER, "", -1),
    "a time, signed anew": Way(rewrite(earlier), What.LOG_REFUSED, "bad_proof", -1, "same-size"),
    "two rows swapped, signed anew": Way(
        rewrite(swapped), What.LOG_REFUSED, "bad_proof", -1, "same-size"
    ),
    "a row deleted, signed anew": Way(
        rewrite(lambda log: log.__delitem__(PLACE)),
        What.LOG_REFUSED,
        "bad_proof",
        -1,
        "broken-promise",
    ),
    "a time, and on from there": Way(grown, What.LOG_REFUSED, "bad_proof", PLACE, "same-index"),
    "other events behind an older state": Way(
        another_way, What.LOG_REFUSED, "bad_proof", -1, "same-index"
    ),
}


@pytest.mark.parametrize("name", WAYS)
async def test_what_a_superuser_does_is_found_in_both_modes(
    federation: Federation, name: str
) -> None:
    umbrella, a = federation.umbrella, federation.a
    for code in ("002", "003", "004"):
        await a.ask("member.add", code=code, name="Lid")
    await federation.pay()
    assert await found_at(umbrella, full=True) == []
    way = WAYS[name]

    await way.do(a)
    if not way.at_once:
        assert await found_at(umbrella, full=False) == [], "no answer that it gets has changed"
        await a.ask("member.add", code="009", name="Nieuw")
    for full in (False, True):
        ((what, accused, reason, place),) = await found_at(umbrella, full=full)

        assert (what, accused, reason) == (way.what, a.node.id, way.reason)
        assert way.place in (-1, place)
        kept = await proofs(umbrella)
        assert {name for _, name in kept} <= {a.node.id}
        kinds = {kind for kind, _ in kept}
        # of a log that became shorter, a witness may have seen a checkpoint of that size before
        fits = kinds - {"same-size"} == {way.proof} - {"same-size"} and way.proof in kinds
        assert fits if way.proof else kinds == set(), kinds


async def found_at(umbrella: WorldNode, *, full: bool) -> list[tuple[str, str, str, int]]:
    found = (await report(umbrella, full=full))["findings"]
    return [(one["what"], one["node"], one["reason"], one["seq"]) for one in found]


async def test_a_row_of_an_older_tile_is_found_by_a_full_audit_alone(
    federation: Federation,
) -> None:
    umbrella, a = federation.umbrella, federation.a
    for number in range(2, 262):
        await a.ask("member.add", code=f"{number:03}", name="Lid")
    assert await found_at(umbrella, full=True) == []
    assert a.node.sequencer.size > TILE_WIDTH

    for name, way in WAYS.items():
        if way.at_once:
            continue
        async with superuser(a) as connection:
            await connection.execute("CREATE TABLE kept AS SELECT * FROM log_event WHERE seq < 9")
        await way.do(a)
        await a.ask("member.add", code=name.replace(" ", "-"), name="Nieuw")

        assert await found_at(umbrella, full=False) == [], name
        ((what, accused, reason, place),) = await found_at(umbrella, full=True)
        assert (what, accused, reason) == (way.what, a.node.id, way.reason), name
        assert way.place in (-1, place)
        assert await proofs(umbrella) == []
        async with superuser(a) as connection:
            await connection.execute("DELETE FROM log_event WHERE seq < 9")
            await connection.execute("INSERT INTO log_event SELECT * FROM kept")
            await connection.execute("DROP TABLE kept")


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE mirror_event SET core = 'none' WHERE node = $1 AND seq = 7", "malformed"),
        (
            """UPDATE mirror_event SET signature = decode(repeat('11', 64), 'hex')
            WHERE node = $1 AND seq = 7""",
            "bad_signature",
        ),
        ("DELETE FROM mirror_event WHERE node = $1 AND seq = 7", "malformed"),
    ],
)
async def test_what_somebody_does_to_the_mirror_accuses_no_group(
    federation: Federation, statement: str, reason: str
) -> None:
    umbrella, a = federation.umbrella, federation.a
    await federation.pay()
    await report(umbrella)
    await a.stop()

    async with superuser(umbrella) as connection:
        await connection.execute(statement, a.node.id)
    told = await report(umbrella, full=True)
    await a.start()

    (found,) = [one for one in told["findings"] if one["severity"] != "alarm"]
    assert (found["what"], found["node"]) == (What.MIRROR_ALTERED, a.node.id)
    assert (found["seq"], found["reason"]) == (PLACE, reason)
    assert await proofs(umbrella) == []
