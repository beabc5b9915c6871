"""What goes wrong between groups in the old systems, one test for each row of that table.

Alice's group counts 60 units an hour, Bob's 20. Each test ends with exact balances on both sides,
and with the judge, who reads both logs and works everything out again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import asyncpg
import pytest

from schemas.errors import Code, RefusedError
from tests.federation.crash.proxy import Weather
from tests.federation.world.accepting import accept_terms
from tests.federation.world.conftest import World, WorldNode, eventually, hold_back, lines
from tests.independent import judge
from tests.independent.judge import LogFacts

WEEK_S = 7 * 24 * 3600
UNITS_50_AT_60 = 300_000
"""50 minutes: what 50 units at 60 an hour are worth on the line, 16 whole ones at 20 an hour."""
DISK_FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON log_event EXECUTE FUNCTION no_room();
"""
DISK_FREE = "DROP TRIGGER no_room ON log_event; DROP FUNCTION no_room()"


class Groups(NamedTuple):
    """Alice's group and Bob's; `nothing` has been booked between them yet."""

    a: WorldNode
    b: WorldNode


@pytest.fixture
async def groups(world: World) -> Groups:
    a, b = await world.pair(60, 20, behind_proxies=True)
    await a.ask("member.add", code="alice", name="Alice", lower_minor=-120, upper_minor=1000)
    await b.ask("member.add", code="bob", name="Bob", lower_minor=-120, upper_minor=1000)
    found = Groups(a, b)
    assert await books(a) == await books(b) == {}
    return found


async def alice_pays(a: WorldNode, **changes: Any) -> dict[str, Any]:
    """Alice pays Bob 50 of her units, unless told otherwise."""
    payment = {"payer": "alice", "payee": "bob", "group": "beta", "amount_minor": 50}
    return dict(await a.ask("pay", **payment | {"fixed": "payer"} | changes))


async def bob_pays(b: WorldNode, amount: int) -> dict[str, Any]:
    payment = {"payer": "bob", "payee": "alice", "group": "alfa", "amount_minor": amount}
    return dict(await b.ask("pay", **payment, fixed="payer"))


async def books(node: WorldNode) -> dict[str, int]:
    """Give every balance that is not zero, the partner's account as `partner`."""
    return {
        "partner" if row["kind"] == "clearing" else row["code"]: row["balance_minor"]
        for row in await node.ask("account.list")
        if row["balance_minor"]
    }


async def states(groups: Groups, path: str) -> list[str]:
    """Give how both sides show a trade."""
    return [
        trade["state"] for node in groups for trade in await node.ask("transfer.show", path=path)
    ]


async def judged(groups: Groups) -> tuple[LogFacts, LogFacts]:
    """Wait until everything has arrived, and have both logs judged as they stand then."""
    found: list[LogFacts] = []
    while True:
        await eventually(lambda: quiet(groups))
        before = places(groups)
        found = [await judge.read_log(n.folder.settings().database_owner) for n in groups]
        if places(groups) == before:
            break
    judge.compare(*found)
    return found[0], found[1]


def places(groups: Groups) -> list[tuple[int, int]]:
    return [(line.out_n, line.in_n) for line in both(groups)]


def both(groups: Groups) -> list[Any]:
    return [line for node in groups for line in lines(node)]


def quiet(groups: Groups) -> bool:
    """Tell whether nothing is held and everything has arrived."""
    mine, theirs = both(groups)
    held = [line.held_in_units + line.held_out_units for line in (mine, theirs)]
    return held == [0, 0] and (mine.out_n, mine.in_n) == (theirs.in_n, theirs.out_n)


def line_stands(groups: Groups) -> tuple[int, int]:
    """Give what each side says that it owes the other, in line units."""
    return lines(groups.a)[0].balance_units, lines(groups.b)[0].balance_units


@asynccontextmanager
async def no_room_on_disk(node: WorldNode) -> AsyncIterator[None]:
    """Let the database of a node refuse every event."""
    connection = await asyncpg.connect(node.folder.settings().database_owner, timeout=10)
    try:
        await connection.execute(DISK_FULL)
        yield
        await connection.execute(DISK_FREE)
    finally:
        await connection.close()


async def test_50_units_at_60_against_20_an_hour_mirror_exactly(groups: Groups) -> None:
    """Old: accounts at +0.8333 h and -0.85 h; a minute came from nowhere, and no one sees it."""
    trade = await alice_pays(groups.a)

    assert (trade["state"], trade["payer_minor"], trade["payee_minor"]) == ("settled", 50, 16)
    assert await books(groups.a) == {"alice": -50, "partner": 50}
    assert await books(groups.b) == {"bob": 16, "partner": -17, "afronding": 1}
    assert line_stands(groups) == (UNITS_50_AT_60, -UNITS_50_AT_60)
    one, other = await judged(groups)
    (line,) = one.sides
    assert (one.sides[line].balance, other.sides[line].balance) == line_stands(groups)


async def test_17_units_at_20_that_bob_asks_for_mirror_exactly_too(groups: Groups) -> None:
    """Old: the same 50 for 17. At Bob's price Alice gives the minute that came from nowhere."""
    trade = await alice_pays(groups.a, amount_minor=17, fixed="payee")

    assert (trade["state"], trade["payer_minor"], trade["payee_minor"]) == ("settled", 51, 17)
    assert await books(groups.a) == {"alice": -51, "partner": 51}
    assert await books(groups.b) == {"bob": 17, "partner": -17}
    assert line_stands(groups) == (306_000, -306_000)
    await judged(groups)


async def test_the_other_server_is_down(world: World, groups: Groups) -> None:
    """Old: queued for ever, or an error with nothing booked. Here: held, with an end, or back."""
    a, b = groups
    await alice_pays(a, amount_minor=3)  # Bob is known in Alice's group by now
    await judged(groups)
    await b.stop()
    world.nodes.remove(b)

    waits = await alice_pays(a, wait_s=0.1)
    other = await alice_pays(a, wait_s=0.1)

    assert waits["state"] == other["state"] == "held"
    assert waits["expires_at_s"] - time.time() <= 2 * 24 * 3600, "an end that a member can be told"
    assert await books(a) == {"alice": -3, "partner": 3}
    taken_back = await a.ask("pay.cancel", path=other["path"])
    assert taken_back["state"] == "cancelled"
    await b.start()
    world.nodes.append(b)
    await judged(groups)
    assert await states(groups, waits["path"]) == ["settled", "settled"]
    assert set(await states(groups, other["path"])) == {"cancelled"}
    assert await books(a) == {"alice": -53, "partner": 53}
    assert await books(b) == {"bob": 17, "partner": -18, "afronding": 1}


async def test_the_answer_is_lost_after_the_other_side_booked(groups: Groups) -> None:
    """Old: paid twice after a retry."""
    a, b = groups
    assert a.proxy is not None
    assert b.proxy is not None
    commit = hold_back(b, "pay.commit")
    paying = asyncio.create_task(alice_pays(a, key="A" * 22, wait_s=0.1))
    await commit.reached.wait()
    fair = b.proxy.weather
    b.proxy.weather, a.proxy.weather = Weather(lose_answers=True), Weather(cut=True)
    commit.let_go.set()
    await eventually(lambda: lines(b)[0].credited_units == UNITS_50_AT_60)

    first = await paying
    again = await alice_pays(a, key="A" * 22, wait_s=0.1)

    assert first["path"] == again["path"]
    assert again["state"] == "committed"
    assert b.proxy.struck, "the answer was lost"
    b.proxy.weather = a.proxy.weather = fair
    once_more = await alice_pays(a, key="A" * 22)
    assert once_more["path"] == first["path"]
    one, other = await judged(groups)
    assert list(one.committed_paths.values()) == list(other.credited_paths.values()) == [1]
    assert await states(groups, first["path"]) == ["settled", "settled"]
    assert await books(a) == {"alice": -50, "partner": 50}
    assert await books(b) == {"bob": 16, "partner": -17, "afronding": 1}


async def test_local_booking_fails_after_the_remote_one(groups: Groups) -> None:
    """Old: books differ, a mail to an administrator. Here the payer's node books first."""
    a, b = groups
    accept = hold_back(b, "pay.accept")
    paying = asyncio.create_task(alice_pays(a))
    await accept.reached.wait()
    async with no_room_on_disk(a):
        failed = watch_failures(a)
        accept.let_go.set()
        await eventually(failed)
        assert await books(b) == {}, "nobody is credited for what the payer's node has not booked"
        assert await books(a) == {}

    trade = await paying

    await judged(groups)
    assert await states(groups, trade["path"]) == ["settled", "settled"]
    assert await books(a) == {"alice": -50, "partner": 50}
    assert await books(b) == {"bob": 16, "partner": -17, "afronding": 1}


async def test_remote_booking_fails_after_the_local_one(groups: Groups) -> None:
    """The row above from the other end: the commit is brought until the payee's node books it."""
    a, b = groups
    commit = hold_back(b, "pay.commit")
    paying = asyncio.create_task(alice_pays(a, wait_s=0.1))
    await commit.reached.wait()
    async with no_room_on_disk(b):
        failed = watch_failures(b)
        commit.let_go.set()
        await eventually(failed)
        trade = await paying
        assert trade["state"] == "committed"
        assert await books(a) == {"alice": -50, "partner": 50}
        assert await books(b) == {}

    await judged(groups)
    assert await states(groups, trade["path"]) == ["settled", "settled"]
    assert await books(b) == {"bob": 16, "partner": -17, "afronding": 1}


async def test_two_payments_on_one_account_at_once(groups: Groups) -> None:
    """Old: one is lost from the running balance."""
    a, b = groups
    ends = await asyncio.gather(
        alice_pays(a),
        alice_pays(a),
        b.ask("pay", payer="002", payee="bob", amount_minor=5),
        a.ask("pay", payer="alice", payee="001", amount_minor=7),
    )

    assert {end["state"] for end in ends} == {"settled"}
    assert await books(a) == {"alice": -107, "001": 7, "partner": 100}
    assert await books(b) == {"bob": 37, "002": -5, "partner": -33, "afronding": 1}
    for node, code, amounts in ((a, "alice", [-50, -50, -7]), (b, "bob", [5, 16, 16])):
        statement = await node.ask("account.statement", code=code)
        found = statement["lines"]
        assert sorted(row["amount_minor"] for row in found) == amounts
        for older, newer in zip(found[1:], found, strict=False):
            assert newer["balance_minor"] == older["balance_minor"] + newer["amount_minor"]
        assert found[0]["balance_minor"] == sum(amounts)
    await judged(groups)


async def test_two_payments_at_once_that_a_limit_does_not_allow_together(groups: Groups) -> None:
    a, b = groups
    ends = await asyncio.gather(
        alice_pays(a, amount_minor=90), alice_pays(a, amount_minor=90), return_exceptions=True
    )

    refused = [end for end in ends if isinstance(end, RefusedError)]
    assert [end.code for end in refused] == [Code.PAYER_LIMIT]
    assert await books(a) == {"alice": -90, "partner": 90}
    assert await books(b) == {"bob": 30, "partner": -30}
    await judged(groups)


async def test_60_to_20_units_an_hour_back_and_forth(groups: Groups) -> None:
    """Old: one unit appears per round trip. Here none does, and what rounding takes is seen."""
    a, b = groups
    for _ in range(10):
        assert (await alice_pays(a))["payee_minor"] == 16
        assert (await bob_pays(b, 16))["payee_minor"] == 48

    assert line_stands(groups) == (120_000, -120_000)
    assert await books(a) == {"alice": -20, "partner": 20}
    assert await books(b) == {"partner": -7, "afronding": 7}
    await judged(groups)


async def test_the_rate_changes_between_sending_and_booking(groups: Groups) -> None:
    """Old: each side uses its own. Here both book by what was signed."""
    a, b = groups
    await b.ask("line.rate", per_hour=40)
    await eventually(lambda: lines(a)[0].their_proposal is not None)
    prepare = hold_back(b, "pay.prepare")
    paying = asyncio.create_task(alice_pays(a))
    await prepare.reached.wait()
    await accept_terms(a, "beta")
    assert lines(a)[0].terms.rev == 2
    assert lines(b)[0].terms.rev == 1
    prepare.let_go.set()

    trade = await paying

    assert (trade["state"], trade["payer_minor"], trade["payee_minor"]) == ("settled", 50, 16)
    assert lines(b)[0].terms.rev == 2, "the new terms came behind the payment, before its commit"
    assert await books(a) == {"alice": -50, "partner": 50}
    after = {"bob": 16, "partner": -33, "afronding": 1, "herwaardering": 16}
    assert await books(b) == after
    await judged(groups)
    assert (await alice_pays(a))["payee_minor"] == 33, "the next one goes by the new rate"
    assert await books(a) == {"alice": -100, "partner": 100}
    assert await books(b) == after | {"bob": 49, "partner": -67, "afronding": 2}
    assert line_stands(groups) == (2 * UNITS_50_AT_60, -2 * UNITS_50_AT_60)
    await judged(groups)


@pytest.mark.parametrize("who", ["the one who was paid", "the one who paid"])
async def test_a_mistake_is_noticed_a_week_later(
    groups: Groups, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Old: none but an opposite booking, with new rounding. Here it mirrors what stood there."""
    a, b = groups
    trade = await alice_pays(a)
    await judged(groups)
    today = time.time
    monkeypatch.setattr(time, "time", lambda: today() + WEEK_S)

    if who == "the one who was paid":
        back = await b.ask("pay.reverse", path=trade["path"], description="vergissing")
    else:
        asked = await a.ask("pay.reverse", path=trade["path"], description="vergissing")
        await eventually(lambda: bool(list(b.node.machine.books.transfers.values())))
        back = await b.ask("pay.consent", path=asked["path"])

    assert (back["state"], back["payer_minor"], back["payee_minor"]) == ("settled", 16, 50)
    await eventually(lambda: all(line.heads.at_s > time.time() - WEEK_S for line in both(groups)))
    await judged(groups)
    assert await states(groups, trade["path"]) == ["reversed", "reversed"]
    assert await books(a) == await books(b) == {}, "also what rounding had taken is back"
    assert line_stands(groups) == (0, 0)


async def test_a_mistake_is_noticed_after_the_rate_has_changed(groups: Groups) -> None:
    a, b = groups
    trade = await alice_pays(a)
    await b.ask("line.rate", per_hour=40)
    await eventually(lambda: lines(a)[0].their_proposal is not None)
    await accept_terms(a, "beta")
    await eventually(lambda: lines(b)[0].terms.rev == 2)

    back = await b.ask("pay.reverse", path=trade["path"])

    assert (back["state"], back["payer_minor"], back["payee_minor"]) == ("settled", 16, 50)
    await judged(groups)
    assert await books(a) == {}
    assert (await books(b)).get("bob", 0) == 0
    assert (await books(b)).get("partner", 0) == 0
    assert line_stands(groups) == (0, 0)


def watch_failures(node: WorldNode) -> Callable[[], bool]:
    """Tell, from now on, whether an append of this node has failed."""
    before = node.node.sequencer._epoch
    return lambda: node.node.sequencer._epoch > before
