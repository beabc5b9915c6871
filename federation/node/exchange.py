"""The exchange of a line: serving a partner's question, and bringing it what it lacks.

The order of the steps is the rule here (design section 4, "The exchange"). Disk, gate, network and
clock come in as `Exchanging`, so that a simulator runs the same steps in a world of its own. What
the partner has not acknowledged is sent again, for ever; nothing leaves before it is released.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import msgspec
from msgspec.structs import replace

from federation.node import delivery as steps
from schemas.encoding import b64, encode, parse
from schemas.errors import Code, PeerUnavailable, RefusedError, RuilbrugError, StorageError
from schemas.messages import EVENTS_MAX, Exchange, WireEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from events.restore import Seen
    from federation.line.decide import Received
    from federation.node.delivery import Delivery
    from federation.node.sessions import Sessions
    from projections.lines import Line
    from schemas.openings import Opening

BATCH_BYTES_MAX: Final = 2 * 2**20
_EXCHANGE: Final = msgspec.json.Decoder(Exchange)


class Asked(NamedTuple):
    """What a partner answered, and the session that it had with us when we asked."""

    answer: Exchange
    session: str


class ChainRow(NamedTuple):
    """One durable event of an own chain."""

    seq: int
    core: bytes
    signature: bytes


class Exchanging(Protocol):
    """What an exchange needs of the node around it."""

    sessions: Sessions

    def now_s(self) -> int:
        """Give the time: seconds since 1970, UTC."""

    def jitter(self) -> float:
        """Give a random number in 0 to 1."""

    def line(self, line: str) -> Line | None:
        """Give a line as the books hold it now."""

    def lines(self) -> Sequence[Line]:
        """Give every line as the books hold it now."""

    def delivery(self, line: str) -> Delivery:
        """Give where the delivery of a line stands."""

    def keep(self, delivery: Delivery) -> None:
        """Make this the state of a delivery, in memory."""

    async def write(self, delivery: Delivery) -> None:
        """Make the state of a delivery durable; its loss costs a repetition at most."""

    def wake(self, line: str) -> None:
        """Have the delivery of a line looked at again."""

    def require_writable(self) -> None:
        """Refuse while the node only reads."""

    async def release(self, size: int) -> None:
        """Return when everything of the log below `size` may leave the process."""

    async def own_chain(self, line: str, after: int, limit: int) -> Sequence[ChainRow]:
        """Give durable own events of a line after a place, oldest first."""

    async def openings(self, seqs: Sequence[int]) -> Mapping[int, Opening]:
        """Open the peer texts of own events; what was erased is left out."""

    async def take(self, peer: str, line: str, wire: Sequence[WireEvent]) -> Received:
        """Take in events of a partner (`federation.node.taking.take`)."""

    async def post(self, peer: str, line: str, body: bytes) -> bytes:
        """Ask a partner on a line and give its answer."""

    async def ask_seen(self, peer: str) -> Seen:
        """Ask a partner what it has seen of us; opens a session with it."""

    def checkpoints(self) -> tuple[str, ...]:
        """Give the newest checkpoints, for a partner to hold against what it has seen."""

    def told(self, peer: str, checkpoints: Sequence[str]) -> None:
        """Take note of the checkpoints that a partner tells of; whatever they are, it goes on."""


async def serve(node: Exchanging, caller: str, line_name: str, question: Exchange) -> Exchange:
    """Take in a partner's events on a line, and answer with our own.

    Raises:
        RefusedError: those of `taking.take`; `session_unknown` when it brings something of an
            earlier run; `not_found` when the two share no such line.
        StorageError: `read_only` (also when the partner has seen more of our side than we hold),
            `releases_nothing`, `database_unavailable`.

    """
    node.require_writable()
    heard_from(node, caller)
    node.told(caller, question.checkpoints)
    _require_up_to_date(node, line_name, question.after)
    serving = node.line(line_name) is not None
    if serving:
        node.keep(steps.served(node.delivery(line_name), 1))
    try:
        if question.events:
            # who releases nothing takes nothing in: the partner may answer what a backup has lost
            with node.sessions.bringing(caller, question.session):
                await node.release(1)
                await node.take(caller, line_name, question.events)
        return await _answer(node, caller, line_name, question)
    finally:
        if serving:
            node.keep(steps.served(node.delivery(line_name), -1))
            node.wake(line_name)


async def _answer(node: Exchanging, caller: str, line_name: str, question: Exchange) -> Exchange:
    line = node.line(line_name)
    if line is None or line.peer != caller:
        raise RefusedError(Code.NOT_FOUND, field="line")
    _acknowledge(node, line, question.after)
    after = max(question.after, question.in_hand)
    events = await pending(node, line_name, after, EVENTS_MAX)
    node.keep(steps.offered(node.delivery(line_name), after + len(events)))
    line = node.line(line_name)
    assert line is not None
    return Exchange(after=line.in_n, events=events, checkpoints=node.checkpoints())


async def bring(node: Exchanging, line: Line) -> None:
    """Bring a partner what it has not acknowledged, and take in what it answers.

    Raises:
        PeerUnavailable: it cannot be reached, or its answer makes no sense.
        RuilbrugError: it refuses, or we refuse what it answered; storage trouble.

    """
    await take_answer(node, line, await ask(node, line))


async def ask(node: Exchanging, line: Line) -> Asked:
    """Bring a partner what it has not acknowledged; gives what it answers, not taken in yet.

    The next may be asked while an answer is being taken in: `in_hand` keeps the partner from
    telling the same again. Answers are taken in one after the other, in the order of asking.

    Raises:
        PeerUnavailable: it cannot be reached, or its answer makes no sense.
        RuilbrugError: it refuses; storage trouble.

    """
    session = node.sessions.opened(line.peer)
    delivery = node.delivery(line.line)
    after = delivery.acknowledged_n
    limit = min(EVENTS_MAX, steps.portion(line.out_n - after, refused=delivery.refused))
    events = await pending(node, line.line, after, limit)
    in_n = line.in_n
    in_hand = delivery.in_hand_n if delivery.in_hand_n > in_n else 0
    question = Exchange(after=in_n, in_hand=in_hand, events=events, checkpoints=node.checkpoints())
    answer = await _post(node, line, question)
    node.told(line.peer, answer.checkpoints)
    with node.sessions.answering(line.peer, session):
        _require_up_to_date(node, line.line, answer.after)
        _acknowledge(node, line, answer.after)
    known = node.delivery(line.line)
    node.keep(steps.brought(known, after=after, count=len(events), said=answer.after))
    if answer.events:
        behind = max(in_n, in_hand) + len(answer.events)
        node.keep(steps.in_hand(node.delivery(line.line), behind))
    return Asked(answer, session)


async def _post(node: Exchanging, line: Line, question: Exchange) -> Exchange:
    """Ask in our session with the partner; once more in a new one when it has started anew."""
    if question.events:
        session = await _session(node, line.peer)
        question = replace(question, session=session)
    try:
        data = await node.post(line.peer, line.line, encode(question))
    except RefusedError as error:
        if error.code is not Code.SESSION_UNKNOWN:
            raise
        node.sessions.ended(line.peer, question.session)
        question = replace(question, session=await _session(node, line.peer))
        data = await node.post(line.peer, line.line, encode(question))
    try:
        return parse(_EXCHANGE, data)
    except msgspec.MsgspecError as error:
        raise PeerUnavailable(Code.PEER_WRONG, reason="exchange") from error


async def _session(node: Exchanging, peer: str) -> str:
    """Give our session with a partner; opening one, it must not have seen more than we hold.

    Raises:
        PeerUnavailable: it does not say what it has seen.
        StorageError: `read_only`: it has seen more of a line, or something else.

    """
    held = node.sessions.held(peer)
    if held:
        return held
    seen = await node.ask_seen(peer)
    for line, n in seen.heads.items():
        _require_up_to_date(node, line, n)
    if seen.behind:
        raise PeerUnavailable(Code.PEER_UNREACHABLE, reason="it lacks a part of its own log")
    if seen.differs:
        raise StorageError(Code.READ_ONLY, reason="the partner has seen something else of us")
    node.sessions.hold(peer, seen.session)
    return seen.session


async def take_answer(node: Exchanging, line: Line, asked: Asked) -> None:
    """Take in what a partner answered, and make it known when it has everything.

    Raises:
        PeerUnavailable: `peer_wrong`: it takes in nothing, refuses nothing and tells nothing new.
        RuilbrugError: we refuse what it answered; storage trouble.

    """
    told = False
    if asked.answer.events:
        try:
            with node.sessions.answering(line.peer, asked.session):
                received = await node.take(line.peer, line.line, asked.answer.events)
            told = bool(received.taken)
        except BaseException:
            node.keep(steps.in_hand(node.delivery(line.line), 0))
            raise
    delivery = node.delivery(line.line)
    if delivery.stuck and not told:
        raise PeerUnavailable(Code.PEER_WRONG, reason="it acknowledges nothing")
    now = node.line(line.line)
    out_n = 0 if now is None else now.out_n
    if delivery.failures or delivery.acknowledged_n >= out_n:
        delivery = steps.met(delivery)
        node.keep(delivery)
        await node.write(delivery)


def learned(node: Exchanging, line: str, error: RuilbrugError) -> None:
    """Take from a refusal how far the partner really is.

    It names the event that it expects, or knows no such line: then it has lost the first one too.
    """
    expected = error.facts.get("expected")
    if isinstance(error, RefusedError) and error.code is Code.NOT_FOUND:
        node.keep(steps.expected(node.delivery(line), 1))
    if error.code is Code.LINE_GAP and isinstance(expected, int):
        node.keep(steps.expected(node.delivery(line), expected))


def postpone(node: Exchanging, line: str, error: Exception) -> Delivery:
    """Wait after a failed attempt, or as long as the partner asks; gives the state to write."""
    before, now_s, jitter = node.delivery(line), node.now_s(), node.jitter()
    wait_s = error.facts.get("wait_s") if isinstance(error, RuilbrugError) else None
    if isinstance(wait_s, int):  # only `rate_limited` says so
        delivery = steps.asked_to_wait(before, wait_s, now_s=now_s, jitter=jitter)
    else:
        delivery = steps.postponed(before, error, now_s=now_s, jitter=jitter)
    node.keep(delivery)
    return delivery


def heard_from(node: Exchanging, peer: str) -> None:
    """A partner that speaks with us is there: try again now what waits for it."""
    for line in node.lines():
        delivery = node.delivery(line.line)
        sooner = steps.heard_from(delivery, now_s=node.now_s())
        if line.peer == peer and sooner != delivery:
            node.keep(sooner)
            node.wake(line.line)


async def pending(node: Exchanging, line: str, after: int, limit: int) -> tuple[WireEvent, ...]:
    """Give at most `limit` own events of a line after a place, with openings, released.

    Raises:
        StorageError: `releases_nothing`, `read_only`.

    """
    known = node.line(line)
    if known is None or after >= known.out_n:
        return ()
    # not beyond the books: what the database has committed a moment before the sequencer knows
    # it may not pass the gate yet
    rows = list(await node.own_chain(line, after, min(limit, known.out_n - after)))
    size = 0
    for at, row in enumerate(rows):
        size += len(row.core)
        if size > BATCH_BYTES_MAX:
            rows = rows[: at + 1]
            break
    if not rows:
        return ()
    await node.release(rows[-1].seq + 1)
    with_peer = [row.seq for row in rows if b'"peer":' in row.core]
    openings = await node.openings(with_peer) if with_peer else {}
    return tuple(
        WireEvent(core=b64(row.core), signature=b64(row.signature), opening=openings.get(row.seq))
        for row in rows
    )


def _require_up_to_date(node: Exchanging, line_name: str, seen_n: int) -> None:
    """Take nothing from a partner that has seen more of our side than we hold.

    Either our database went back to an older state, and its events answer what we have forgotten:
    taking them in would accuse an honest partner. Or it lies, and harms its own line only.
    """
    line = node.line(line_name)
    if seen_n > (0 if line is None else line.out_n):
        raise StorageError(Code.READ_ONLY, reason="the partner has seen more of this line")


def _acknowledge(node: Exchanging, line: Line, n: int) -> None:
    known = steps.acknowledged(node.delivery(line.line), min(n, line.out_n), now_s=node.now_s())
    node.keep(known)
