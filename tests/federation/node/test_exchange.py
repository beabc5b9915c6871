"""The exchange over ports: what is in hand is not told again, and what was lost is."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from events.restore import Seen
from federation.line.decide import Received
from federation.node import exchange
from federation.node.delivery import PORTION_MIN, Delivery, portion
from federation.node.exchange import ChainRow
from federation.node.sessions import Sessions
from projections.lines import Line
from schemas.encoding import b64, encode
from schemas.errors import Code, PeerUnavailable, RefusedError, StorageError
from schemas.messages import EVENTS_MAX, Exchange, WireEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.openings import Opening

US, THEM, LINE = "us", "them", "line"
NUMBERS = itertools.count(1)
_EXCHANGE = msgspec.json.Decoder(Exchange)


class Side:
    """A node with a chain of `out_n` events, who hears of the partner what a test says."""

    def __init__(self, *, out_n: int, in_n: int = 0) -> None:
        self.state = Line(line=LINE, us=US, peer=THEM, counter=0, out_n=out_n, in_n=in_n)
        self.kept = Delivery(line=LINE)
        self.asked: list[Exchange] = []
        self.answers: list[Exchange] = []
        self.sessions = Sessions(lambda size: next(NUMBERS).to_bytes(size))
        self.has_seen = Seen(THEM, 0, {}, session="theirs")
        self.times_asked = 0
        self.refusals: list[RefusedError] = []
        self.refuses = False
        self.tells_anew = False
        self.releases = True
        self.heard: list[str] = []

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
        taken: Any = wire if self.tells_anew else ()
        return Received(self.state.in_n, tuple(taken))

    async def post(self, peer: str, line: str, body: bytes) -> bytes:
        assert (peer, line) == (THEM, LINE)
        self.asked.append(_EXCHANGE.decode(body))
        if self.refusals:
            raise self.refusals.pop(0)
        return encode(self.answers.pop(0))

    async def ask_seen(self, peer: str) -> Seen:
        assert peer == THEM
        self.times_asked += 1
        return self.has_seen

    def checkpoints(self) -> tuple[str, ...]:
        return (f"newest{self.state.out_n}",)

    def told(self, peer: str, checkpoints: Sequence[str]) -> None:
        assert peer == THEM
        self.heard += checkpoints


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
    question = Exchange(after=0, session=side.sessions.open(THEM), events=events(1))

    with pytest.raises(StorageError):
        await exchange.serve(side, THEM, LINE, question)

    assert side.state.in_n == 5


async def test_what_an_earlier_run_brings_is_not_taken_in() -> None:
    side = Side(out_n=0, in_n=5)
    earlier = side.sessions.open(THEM)
    side.sessions.open(THEM)

    with pytest.raises(RefusedError) as refused:
        await exchange.serve(side, THEM, LINE, Exchange(after=0, session=earlier, events=events(1)))

    assert refused.value.code is Code.SESSION_UNKNOWN
    assert side.state.in_n == 5


async def test_what_was_answered_before_the_partner_started_anew_is_not_taken_in() -> None:
    side = Side(out_n=0, in_n=5)
    side.answers = [Exchange(after=0, events=events(1))]
    asked = await exchange.ask(side, side.state)

    side.sessions.open(THEM)

    with pytest.raises(PeerUnavailable):
        await exchange.take_answer(side, side.state, asked)
    assert side.state.in_n == 5
    assert side.kept.in_hand_n == 0


async def test_who_brings_something_asks_first_what_was_seen_and_only_once() -> None:
    side = Side(out_n=3)
    side.answers = [Exchange(after=3), Exchange(after=3)]

    await exchange.ask(side, side.state)
    side.state = msgspec.structs.replace(side.state, out_n=4)
    await exchange.ask(side, side.state)

    assert [asked.session for asked in side.asked] == ["theirs", "theirs"]
    assert side.times_asked == 1


async def test_who_brings_nothing_needs_no_session() -> None:
    side = Side(out_n=0)
    side.answers = [Exchange(after=0)]

    await exchange.ask(side, side.state)

    assert side.times_asked == 0


async def test_a_partner_that_has_started_anew_is_asked_anew() -> None:
    side = Side(out_n=3)
    side.sessions.hold(THEM, "ended")
    side.refusals = [RefusedError(Code.SESSION_UNKNOWN, field="session")]
    side.answers = [Exchange(after=3)]

    await exchange.ask(side, side.state)

    assert [asked.session for asked in side.asked] == ["ended", "theirs"]
    assert side.sessions.held(THEM) == "theirs"


async def test_nothing_is_brought_to_a_partner_that_is_behind_itself() -> None:
    side = Side(out_n=3)
    side.has_seen = side.has_seen._replace(behind=True)

    with pytest.raises(PeerUnavailable):
        await exchange.ask(side, side.state)

    assert side.asked == []
    assert side.sessions.held(THEM) == ""


@pytest.mark.parametrize(
    "has_seen", [Seen(THEM, 0, {LINE: 4}, session="s"), Seen(THEM, 0, {}, "event 2", "s")]
)
async def test_nothing_is_brought_to_a_partner_that_has_seen_more_or_something_else(
    has_seen: Seen,
) -> None:
    side = Side(out_n=3)
    side.has_seen = has_seen

    with pytest.raises(StorageError) as refused:
        await exchange.ask(side, side.state)

    assert refused.value.code is Code.READ_ONLY
    assert side.asked == []
    assert side.sessions.held(THEM) == ""


def test_half_of_what_waits_goes_out_at_once() -> None:
    assert portion(1, refused=False) == portion(2 * PORTION_MIN, refused=False) == PORTION_MIN
    assert portion(200, refused=False) == 100
    assert portion(10 * EVENTS_MAX, refused=False) > EVENTS_MAX


def test_after_a_refusal_everything_goes_at_once() -> None:
    assert [portion(waiting, refused=True) for waiting in (0, 1, 200)] == [1, 1, 200]


async def test_a_partner_that_asks_does_not_hasten_what_we_refuse_of_it() -> None:
    side, away = Side(out_n=40, in_n=5), Side(out_n=40, in_n=5)

    exchange.postpone(side, LINE, RefusedError(Code.LINE_FORK, field="n"))
    exchange.postpone(away, LINE, PeerUnavailable(Code.PEER_UNREACHABLE, reason="no answer"))
    for node in (side, away):
        for _ in range(9):
            node.kept = msgspec.structs.replace(node.kept, failures=node.kept.failures + 1)
            exchange.heard_from(node, THEM)

    assert (side.kept.failures, away.kept.failures) == (10, 1)
    assert away.kept.next_attempt_at_s == away.now_s() + 1


@pytest.mark.parametrize("told", [0, 3])
async def test_a_partner_that_acknowledges_nothing_is_asked_less_and_less(told: int) -> None:
    side = Side(out_n=9)
    side.kept = Delivery(line=LINE, acknowledged_n=6)
    waits = []
    for _ in range(8):
        side.answers = [Exchange(after=4, events=events(told))]
        with pytest.raises(PeerUnavailable) as error:
            await exchange.bring(side, side.state)
        exchange.postpone(side, LINE, error.value)
        exchange.heard_from(side, THEM)
        waits.append(side.kept.next_attempt_at_s - side.now_s())

    assert waits == [1, 1, 2, 4, 8, 16, 32, 64]


async def test_a_partner_that_acknowledges_something_is_asked_again_at_once() -> None:
    side = Side(out_n=9)
    side.answers = [Exchange(after=3), Exchange(after=3, events=events(2)), Exchange(after=9)]

    await exchange.bring(side, side.state)
    side.tells_anew = True
    await exchange.bring(side, side.state)
    await exchange.bring(side, side.state)

    assert side.kept.failures == 0
    assert side.kept.met


async def test_a_partner_that_is_brought_nothing_has_nothing_to_acknowledge() -> None:
    side = Side(out_n=9)
    side.kept = Delivery(line=LINE, acknowledged_n=9)
    side.answers = [Exchange(after=9)]

    await exchange.bring(side, side.state)

    assert side.kept.met


async def test_the_newest_checkpoints_travel_in_every_exchange() -> None:
    side = Side(out_n=3)
    side.answers.append(Exchange(after=3, checkpoints=("theirs",)))

    await exchange.ask(side, side.state)
    answer = await exchange.serve(side, THEM, LINE, Exchange(after=3, checkpoints=("asked",)))

    assert [asked.checkpoints for asked in side.asked] == [("newest3",)]
    assert answer.checkpoints == ("newest3",)
    assert side.heard == ["theirs", "asked"]


async def test_checkpoints_are_taken_note_of_also_when_the_events_are_refused() -> None:
    side = Side(out_n=0)
    side.refuses = True
    events = (WireEvent(core=b64(b"1"), signature=b64(bytes(64))),)
    question = Exchange(
        after=0, session=side.sessions.open(THEM), events=events, checkpoints=("asked",)
    )

    with pytest.raises(RefusedError):
        await exchange.serve(side, THEM, LINE, question)

    assert side.heard == ["asked"]
