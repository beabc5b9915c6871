"""Answers of the log that do not come in time are given up, each after its own time."""

from __future__ import annotations

import asyncio

import pytest

from federation.node import patience
from federation.node.patience import Deadlines
from schemas.errors import Code, StorageError


def asked(deadlines: Deadlines) -> asyncio.Future[str]:
    return deadlines.watch(asyncio.get_running_loop().create_future())


async def test_an_answer_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "ANSWER_WITHIN_S", 0.01)
    deadlines = Deadlines()

    for _ in range(2):  # the timer that has run begins again
        with pytest.raises(StorageError) as told:
            await asked(deadlines)
        assert told.value.code is Code.DATABASE_UNAVAILABLE


async def test_each_answer_has_its_whole_time(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, within_s, given_up = asyncio.get_running_loop(), 0.02, []
    monkeypatch.setattr(patience, "ANSWER_WITHIN_S", within_s)
    deadlines = Deadlines()
    first, begun_s = asked(deadlines), [loop.time()]
    halfway = asyncio.Event()
    loop.call_later(within_s / 2, halfway.set)
    await halfway.wait()
    second = asked(deadlines)
    begun_s.append(loop.time())
    for answer in (first, second):
        answer.add_done_callback(lambda _answer: given_up.append(loop.time()))

    told = await asyncio.gather(first, second, return_exceptions=True)

    assert [type(one) for one in told] == [StorageError, StorageError]
    for at_s, start_s in zip(given_up, begun_s, strict=True):
        assert at_s >= start_s + within_s - 0.001


async def test_an_answer_that_came_stays_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "ANSWER_WITHIN_S", 0.01)
    deadlines = Deadlines()
    answers = [asked(deadlines) for _ in range(100)]
    for answer in answers:
        answer.set_result("booked")

    last = asked(deadlines)
    kept = len(deadlines._waiting)

    with pytest.raises(StorageError):
        await last
    assert kept == 1
    assert [await answer for answer in answers] == ["booked"] * 100


async def test_a_node_that_stops_leaves_no_timer() -> None:
    deadlines = Deadlines()
    answer = asked(deadlines)
    timer = deadlines._timer

    deadlines.stop()

    assert timer is not None
    assert timer.cancelled()
    assert not answer.done()
