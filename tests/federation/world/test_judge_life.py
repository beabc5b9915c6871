"""The judge follows everything that a line can live through, and finds what is planted in it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from federation.line.commands import CloseLine
from tests.federation.world.accepting import accept_terms
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.independent import judge
from tests.independent.judge import Log

OPENING = 36_000
"""Six minutes: what alfa owed before this line."""


async def arrived(a: WorldNode, b: WorldNode) -> None:
    await eventually(lambda: lines(a)[0].out_n == lines(b)[0].in_n)
    await eventually(lambda: lines(b)[0].out_n == lines(a)[0].in_n)
    await eventually(
        lambda: not any(line.held_in_units or line.held_out_units for line in lines(a) + lines(b))
    )


async def opened(world: World) -> tuple[WorldNode, WorldNode]:
    """Two groups whose line begins with what alfa owed before."""
    a, b = await world.make("alfa", 20), await world.make("beta", 33)
    await a.ask("line.invite", invitation=b.invitation)
    await b.ask("line.invite", invitation=a.invitation)
    await a.ask("line.propose", group="beta", we_owe_units=OPENING)
    await eventually(lambda: any(x.their_proposal for x in lines(b)))
    await accept_terms(b, "alfa")
    await eventually(lambda: any(x.open() for x in lines(a)))
    for node in (a, b):
        await world.add_members(node)
    return a, b


async def asks(a: WorldNode, b: WorldNode, amount: int) -> str:
    """Let a member of beta ask one of alfa for a payment; gives the path."""
    asked = await b.ask("pay.request", payer="002", payee="001", group="alfa", amount_minor=amount)
    await arrived(a, b)
    return str(asked["path"])


async def lived(a: WorldNode, b: WorldNode) -> None:
    """Trade, ask, consent, decline, reverse, change a rate, lower, pause, write and forget."""
    first, same = [
        await a.ask("pay", payer="001", payee="002", amount_minor=7, group="beta") for _ in range(2)
    ]
    await b.ask("pay", payer="001", payee="002", amount_minor=8, group="alfa")
    await a.ask("pay.consent", path=await asks(a, b, 9))
    await a.ask("pay.decline", path=await asks(a, b, 10))
    await b.ask("pay.decline", path=await asks(a, b, 11))
    await b.ask("pay.reverse", path=first["path"])
    await b.ask("pay.reverse", path=same["path"])
    await arrived(a, b)
    await a.ask("pay", payer="002", payee="002", amount_minor=40, group="beta")
    await a.ask("line.rate", per_hour=31)
    await eventually(lambda: lines(b)[0].their_proposal is not None)
    await accept_terms(b, "alfa")
    await arrived(a, b)
    second = await a.ask("pay", payer="001", payee="002", amount_minor=12, group="beta")
    await a.ask("pay.reverse", path=second["path"])
    await arrived(a, b)
    await b.ask("pay.consent", path=(await b.ask("pay.requests"))[0]["path"])
    await a.ask("line.freeze", group="beta", reason="maintenance")
    await arrived(a, b)
    await a.ask("line.unfreeze", group="beta")
    await b.ask("line.lower", group="alfa", grants_units=10 * 360_000)
    note = await b.ask("line.note", group="alfa", text="Tot tien uur, goed?")
    await arrived(a, b)
    await b.ask("line.forget", group="alfa", n=note["n"])
    await a.ask("pay", payer="001", payee="002", amount_minor=31, group="beta")
    await a.ask("line.heads", group="beta")
    await arrived(a, b)


async def read(a: WorldNode, b: WorldNode) -> tuple[Log, Log]:
    one, other = [await judge.fetch(n.folder.settings().database_owner) for n in (a, b)]
    return one, other


def own(log: Log, kind: str) -> Any:
    """Give the newest own event of a type."""
    return next(entry for entry in reversed(log.entries) if entry.core["type"] == kind)


def only_line(log: Log) -> dict[str, Any]:
    (state,) = log.lines.values()
    return state


def paid_while_frozen(one: Log, other: Log) -> None:
    """The pause was never ended: what came later was paid on a frozen line."""
    del other
    core = own(one, "line.unfreeze").core
    core["type"], core["reason"] = "line.freeze", "maintenance"


def revalued_by_another_rate(one: Log, other: Log) -> None:
    del other
    for leg in own(one, "line.revalued").body["postings"]:
        leg["amount_minor"] *= 2


def opening_of_another_size(one: Log, other: Log) -> None:
    del one
    first = next(e for e in other.entries if e.core["type"] == "line.revalued")
    first.core["balance"] += 1


def reversal_recomputed(one: Log, other: Log) -> None:
    """A minute more comes back than was given."""
    del one
    reversal = next(
        e for e in other.entries if e.core["type"] == "pay.prepare" and "reverses" in e.core
    )
    reversal.core["payee_minor"] += 1


def reversed_twice(one: Log, other: Log) -> None:
    """Two reversals name the same payment; there was another one of the same size."""
    del one
    first, second = [
        e for e in other.entries if e.core["type"] == "pay.prepare" and "reverses" in e.core
    ][:2]
    second.core["reverses"] = first.core["reverses"]


def consented_to_another_price(one: Log, other: Log) -> None:
    del one
    asked = next(e for e in other.entries if e.core["type"] == "pay.request")
    asked.core["payer_minor"] += 1


def limit_raised_alone(one: Log, other: Log) -> None:
    del one
    own(other, "line.limit").core["grants_units"] = 21 * 360_000


def owes_more_than_granted(one: Log, other: Log) -> None:
    """The partner had lowered its limit before the last payment."""
    del other
    for entry in next(iter(one.inbox.values())):
        if entry.core["type"] == "line.limit":
            entry.core["grants_units"] = 0


def forgotten_text_kept(one: Log, other: Log) -> None:
    del other
    (received,) = [e for e in next(iter(one.inbox.values())) if e.core["type"] == "line.forget"]
    one.peer_texts.add(received.core["forgets"][0])


def nobodys_note(one: Log, other: Log) -> None:
    del one
    own(other, "line.note").body["account"] = 999


def heads_of_another_balance(one: Log, other: Log) -> None:
    del other
    own(one, "line.heads").core["balance"] += 1


def stored_line_changed(one: Log, other: Log) -> None:
    del other
    only_line(one)["balance_units"] += 1


def member_and_line_changed_together(one: Log, other: Log) -> None:
    """Two stored balances that still sum to zero."""
    del one
    other.accounts[0]["balance_minor"] += 1
    other.accounts[-1]["balance_minor"] -= 1


PLANTED: list[tuple[Callable[[Log, Log], None], str]] = [
    (paid_while_frozen, "admitted while frozen by"),
    (revalued_by_another_rate, "revaluation"),
    (opening_of_another_size, "balance"),
    (reversal_recomputed, "no mirror image"),
    (reversed_twice, "reversed twice"),
    (consented_to_another_price, "should be|consent to another"),
    (limit_raised_alone, "raised alone"),
    (owes_more_than_granted, "more than the group may owe"),
    (forgotten_text_kept, "a forgotten text is still there"),
    (nobodys_note, "nobody's note"),
    (heads_of_another_balance, "heads differ"),
    (stored_line_changed, "stored otherwise"),
    (member_and_line_changed_together, "balance of account"),
]


def require_found(logs: tuple[Log, Log], planted: list[tuple[Any, str]]) -> None:
    """The logs as they are pass; with any of the changes they do not."""
    judge.compare(*map(judge.replay, logs))
    for plant, says in planted:
        changed = copy.deepcopy(logs)
        plant(*changed)
        with pytest.raises(AssertionError, match=says):
            judge.compare(*map(judge.replay, changed))


async def test_a_whole_life_is_in_order_and_every_planted_difference_is_found(
    world: World,
) -> None:
    a, b = await opened(world)
    await lived(a, b)
    logs = await read(a, b)

    seen = {entry.core["type"] for log in logs for entry in log.entries}
    assert {"line.note", "line.forget", "pay.request", "pay.decline", "line.revalued"} <= seen
    require_found(logs, PLANTED)


def loss_of_another_size(one: Log, other: Log) -> None:
    del one
    for leg in own(other, "line.close").body["postings"]:
        leg["amount_minor"] += 1 if leg["amount_minor"] > 0 else -1


def written_off_otherwise(one: Log, other: Log) -> None:
    del one
    own(other, "line.close").core["written_off_units"] -= 1


def still_owed_otherwise(one: Log, other: Log) -> None:
    """The partner's own books say that it owed something else."""
    del other
    only_line(one)["balance_units"] -= 1


async def test_a_close_with_a_loss_is_in_order(world: World) -> None:
    a, b = await opened(world)
    await lived(a, b)
    assert lines(b)[0].balance_units < 0, "alfa owes beta something"
    await b.node.do(CloseLine(lines(b)[0].line, gone=True))
    await arrived(a, b)

    require_found(
        await read(a, b),
        [
            (loss_of_another_size, "write-off"),
            (written_off_otherwise, "closed at something"),
            (still_owed_otherwise, "stored otherwise"),
        ],
    )


def closed_while_something_is_owed(one: Log, other: Log) -> None:
    del other
    own(one, "line.close").core["balance"] = 1


async def test_a_close_at_zero_is_in_order(world: World) -> None:
    a, b = await opened(world)
    await lived(a, b)
    await b.ask("line.settle", group="alfa")
    await arrived(a, b)
    await a.ask("line.close", group="beta")
    await eventually(lambda: lines(a)[0].closed() and lines(b)[0].closed())
    await arrived(a, b)

    require_found(await read(a, b), [(closed_while_something_is_owed, "closed at something")])
