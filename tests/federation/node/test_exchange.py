"""The exchange over ports: what is in hand is not told again, and what was lost is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from federation.line.decide import Received
from federation.node import exchange
from federation.node.delivery import PORTION_MIN, Delivery, portion
from federation.node.exchange import ChainRow
from projections.lines import Line
from schemas.encoding import b64, encode
from schemas.errors import Code, RefusedError, StorageError
from schemas.messages import EVENTS_MAX, Exchange, WireEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.openings import Opening

US, THEM, LINE = "us", "them", "line"
_EXCHANGE = msgspec.json.Decoder(Exchange)


class Side:
    """A node with a chain of `out_n` events, who hears of the partner what a test says."""

    def __init__(self, *, out_n: int, in_n: int = 0) -> None:
        self.state = Line(line=LINE, us=US, peer=THEM, counter=0, out_n=out_n, in_n=in_n)
        self.kept = Delivery(line=LINE)
        self.asked: list[Exchange] = []
        self.answers: list[Exchange] = []
        self.refuses = False
        self.releases = True

    def now_s(self) -> int:
        return 1_000

    def jitter(self) -> float:
        return 0.5

    def line(self, line: str) -> Line | None:
        return self.state if line == LINE else None

    def lines(self) -> Sequence[Line]:
        return [self.state]

    def delivery(self, line: str) -> Delivery:
        assert line == LINE
        return self.kept

    def keep(self, delivery: Delivery) -> None:
        self.kept = delivery

    async def write(self, delivery: Delivery) -> None:
        self.kept = delivery

    def wake(self, line: str) -> None:
        assert line == LINE

    def require_writable(self) -> None:
        """Take everything."""

    async def release(self, size: int) -> None:
        assert size > 0
        if not self.releases:
            raise StorageError(Code.RELEASES_NOTHING)

    async def own_chain(self, line: str, after: int, limit: int) -> Sequence[ChainRow]:
        assert line == LINE
        last = min(self.state.out_n, after + limit)
        return [ChainRow(n, str(n).encode(), bytes(64)) for n in range(after + 1, last + 1)]

    async def openings(self, seqs: Sequence[int]) -> dict[int, Opening]:
        del seqs
        return {}

    async def take(self, peer: str, line: str, wire: Sequence[WireEvent]) -> Received:
        assert (peer, line) == (THEM, LINE)
        if self.refuses:
            raise RefusedError(Code.LINE_GAP, field="n", expected=self.state.in_n + 1)
        self.state = msgspec.structs.replace(self.state, in_n=self.state.in_n + len(wire))
        return Received(self.state.in_n, ())

    async def post(self, peer: str, line: str, body: bytes) -> bytes:
        assert (peer, line) == (THEM, LINE)
        self.asked.append(_EXCHANGE.decode(body))
        return encode(self.answers.pop(0))


def events(count: int) -> tuple[WireEvent, ...]:
    return (WireEvent(core="", signature=b64(bytes(64))),) * count


async def test_what_is_in_hand_is_named_and_not_told_again() -> None:
    side = Side(out_n=40, in_n=5)
    side.answers = [Exchange(after=32, events=events(3)), Exchange(after=40)]

    first = await exchange.ask(side, side.state)
    await exchange.ask(side, side.state)

    assert [(asked.after, asked.in_hand) for asked in side.asked] == [(5, 0), (5, 8)]
    await exchange.take_answer(side, side.state, first)
    assert side.state.in_n == 8


async def test_what_could_not_be_taken_in_is_asked_for_again() -> None:
    side = Side(out_n=40, in_n=5)
    side.answers = [Exchange(after=32, events=events(3)), Exchange(after=40)]
    first = await exchange.ask(side, side.state)
    side.refuses = True

    with pytest.raises(RefusedError):
        await exchange.take_answer(side, side.state, first)
    await exchange.ask(side, side.state)

    assert side.asked[-1].after == 5
    assert side.asked[-1].in_hand == 0


async def test_an_answer_goes_on_behind_what_the_asker_has_in_hand() -> None:
    side = Side(out_n=9)

    answer = await exchange.serve(side, THEM, LINE, Exchange(after=2, in_hand=6))

    assert [wire.core for wire in answer.events] == [b64(str(n).encode()) for n in (7, 8, 9)]
    assert side.kept.acknowledged_n == 2, "what is in hand is not acknowledged"


async def test_who_releases_nothing_takes_nothing_in() -> None:
    side = Side(out_n=0, in_n=5)
    side.releases = False

    with pytest.raises(StorageError):
        await exchange.serve(side, THEM, LINE, Exchange(after=0, events=events(1)))

    assert side.state.in_n == 5


def test_half_of_what_waits_goes_out_at_once() -> None:
    assert portion(1) == portion(2 * PORTION_MIN) == PORTION_MIN
    assert portion(200) == 100
    assert portion(10 * EVENTS_MAX) > EVENTS_MAX
