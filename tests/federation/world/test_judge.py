"""The judge of `tests/independent` agrees with honest books, and finds what is planted in them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.exceptions import InvalidSignature

from tests.federation.world.conftest import World, eventually, lines
from tests.independent import judge
from tests.independent.judge import Log


async def traded(world: World) -> tuple[Log, Log]:
    """Two groups that paid each other a few times, with a refused and a held payment between."""
    a, b = await world.pair(20, 33)
    for at, (node, group) in enumerate(((a, "beta"), (b, "alfa"), (a, "beta"))):
        await node.ask("pay", payer="001", payee="002", amount_minor=7 + at, group=group)
    await a.ask("pay", payer="001", payee="002", amount_minor=5)
    await eventually(
        lambda: all(line.held_in_units == line.held_out_units == 0 for line in lines(a) + lines(b))
    )
    await eventually(lambda: lines(a)[0].out_n == lines(b)[0].in_n)
    await eventually(lambda: lines(b)[0].out_n == lines(a)[0].in_n)
    one, other = [await judge.fetch(n.folder.settings().database_owner) for n in (a, b)]
    return one, other


def newest(log: Log, kind: str) -> Any:
    return next(entry for entry in reversed(log.entries) if entry.core["type"] == kind)


def posting_changed(one: Log, other: Log) -> None:
    """The payer is charged one less, the rounding account bears it: still a sum of zero."""
    del other
    legs = newest(one, "pay.commit").body["postings"]
    legs[0]["amount_minor"] += 1
    legs[1]["amount_minor"] -= 1


def inside_posting_changed(one: Log, other: Log) -> None:
    del other
    for leg in newest_transfer(one).body["postings"]:
        leg["amount_minor"] *= 2


def newest_transfer(log: Log) -> Any:
    return next(e for e in reversed(log.entries) if e.body and e.body["type"] == "transfer")


def one_sided_posting(one: Log, other: Log) -> None:
    del other
    newest_transfer(one).body["postings"][0]["amount_minor"] += 1


def total_off_by_one(one: Log, other: Log) -> None:
    del other
    newest(one, "pay.commit").core["total"] += 1


def balance_off_by_one(one: Log, other: Log) -> None:
    del one
    newest(other, "pay.receipt").core["balance"] -= 1


def price_off_by_one(one: Log, other: Log) -> None:
    del other
    newest(one, "pay.prepare").core["payer_minor"] += 1


def receipt_without_commit(one: Log, other: Log) -> None:
    """The payee's node credits what was never committed: another event stands in that place."""
    del one
    receipt = newest(other, "pay.receipt").core
    for entry in other.inbox[receipt["line"]]:
        if entry.id == receipt["commit"]:
            entry.core["type"] = "line.wave"


def receipt_for_another_commit(one: Log, other: Log) -> None:
    del one
    newest(other, "pay.receipt").core["commit"] = "other"


def event_left_out(one: Log, other: Log) -> None:
    """One event of the own chain is not there, as after a restore that loses it."""
    del other
    one.entries.remove(newest(one, "pay.prepare"))


def commit_without_accept(one: Log, other: Log) -> None:
    del other
    newest(one, "pay.commit").core["decision"]["decision"]["accept"] = "other"


def hold_left_over(one: Log, other: Log) -> None:
    del other
    one.accounts[-1]["held_lower_minor"] += 1


def stored_balance_changed(one: Log, other: Log) -> None:
    del other
    one.accounts[-1]["balance_minor"] += 1


def stored_line_changed(one: Log, other: Log) -> None:
    del other
    next(iter(one.lines.values()))["balance_units"] += 1


def received_other_bytes(one: Log, other: Log) -> None:
    del one
    place, (core, signature) = next(iter(other.received.items()))
    other.received[place] = (core.replace(b'"v":1', b'"v":2'), signature)


PLANTED: list[tuple[Callable[[Log, Log], None], str]] = [
    (posting_changed, "booked"),
    (inside_posting_changed, "balance of account"),
    (one_sided_posting, "postings sum to something"),
    (total_off_by_one, "total"),
    (balance_off_by_one, "balance"),
    (price_off_by_one, "should be"),
    (receipt_without_commit, "receipt without commit"),
    (receipt_for_another_commit, "receipt for another commit"),
    (event_left_out, "a gap at"),
    (commit_without_accept, "rests on another"),
    (hold_left_over, "lower hold of account"),
    (stored_balance_changed, "balance of account"),
    (stored_line_changed, "stored otherwise"),
    (received_other_bytes, "received something else"),
]


async def test_honest_books_are_in_order_and_every_planted_difference_is_found(
    world: World,
) -> None:
    one, other = await traded(world)
    judge.compare(judge.replay(one), judge.replay(other))

    for plant, says in PLANTED:
        mine, theirs = copy.deepcopy(one), copy.deepcopy(other)
        plant(mine, theirs)
        with pytest.raises(AssertionError, match=says):
            judge.compare(judge.replay(mine), judge.replay(theirs))
    found = [judge.replay(log) for log in (one, other)]
    found[1].receipts["nothing"] += 1
    with pytest.raises(AssertionError, match="without receipt, or reverse"):
        judge.compare(*found)


async def test_every_changed_byte_is_found(world: World) -> None:
    a, _ = await world.pair()
    await a.ask("pay", payer="001", payee="002", amount_minor=5)
    connection = await asyncpg.connect(a.folder.settings().database_owner, timeout=10)
    try:
        rows = [dict(row) for row in await connection.fetch(judge.EVENTS)]
    finally:
        await connection.close()
    judge.check_bytes(rows)
    for column in ("core", "signature", "body", "body_salt", "id"):
        changed = copy.deepcopy(rows)
        found = changed[-1][column]
        changed[-1][column] = found[:-9] + bytes([found[-9] ^ 1]) + found[-8:]

        with pytest.raises((AssertionError, InvalidSignature, ValueError)):
            judge.check_bytes(changed)


def test_the_judge_imports_nothing_of_the_product() -> None:
    import ast
    import sys

    found = set()
    for file in Path(judge.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")

    strange = {
        name
        for name in found
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "asyncpg", "cryptography"}
        and not name.startswith("tests.independent")
    }
    assert not strange
