"""A thread between two members as a pure fold: what both nodes derive from the same messages.

Order first (what had been seen comes before, where neither had seen the other's the clocks decide,
where they agree the smaller node id), then one step a message. A message that a later one has made
pointless counts as words alone, so no order of arrival and no crossing changes the end.

    INTEREST -the other writes-> ANSWERED -proposal-> PROPOSED -yes to it-> AGREED -booking-> BOOKED
                                   ^                     | yes, but           (another proposal
                                   +---------------------+                     begins anew)
    rather not -> DECLINED, until somebody proposes
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from msgspec.structs import replace

from schemas.encoding import b64
from schemas.proposals import Answer, PricedBy, Proposal, Reply, Said, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

T = TypeVar("T")
ATTEMPTS_MAX: Final = 8
"""So often a booking that came to nothing can be tried again for one proposal."""


class ThreadState(StrEnum):
    """How far two members have come (design section 5)."""

    INTEREST = "interest"
    ANSWERED = "answered"
    PROPOSED = "proposed"
    AGREED = "agreed"
    BOOKED = "booked"
    DECLINED = "declined"


class Place(NamedTuple):
    """Where a message stands: in its node's chain, and how far that node had seen the other's."""

    origin: str
    n: int
    seen: int
    at_s: int


class Message(NamedTuple):
    """One message as the fold reads it; `sender` is a name that both nodes use for that side."""

    id: str
    """Between groups the id of the event that holds it, inside one `message_id`."""
    place: Place
    sender: str
    answer: Answer | None = None
    proposal: Proposal | None = None
    readable: bool = True
    """Its text is there; one that was forgotten says nothing."""


class Standing(Said, frozen=True, kw_only=True):
    """The newest proposal of a thread."""

    id: str
    by: str
    payer: str
    amount_minor: int
    fixed: PricedBy
    day: str = ""


class Thread(Said, frozen=True, kw_only=True):
    """How a thread stands. Sides have the names of `Message.sender`."""

    state: ThreadState = ThreadState.INTEREST
    starter: str = ""
    turn: str = ""
    """Who is to do something now; nobody when it is booked or declined."""
    standing: Standing | None = None
    released: bool = False
    """The other has answered: the two may reach each other outside the thread."""


def in_order(one: Sequence[T], other: Sequence[T], place: Callable[[T], Place]) -> list[T]:
    """Put the messages of two chains, each in its own order, into one that both nodes find."""
    merged: list[T] = []
    at_one = at_other = 0
    while at_one < len(one) and at_other < len(other):
        if _comes_first(place(one[at_one]), place(other[at_other])):
            merged.append(one[at_one])
            at_one += 1
        else:
            merged.append(other[at_other])
            at_other += 1
    return [*merged, *one[at_one:], *other[at_other:]]


def _comes_first(one: Place, other: Place) -> bool:
    saw, was_seen = one.seen >= other.n, other.seen >= one.n
    if saw != was_seen:
        return was_seen
    return (one.at_s, one.origin) <= (other.at_s, other.origin)


def ordered(messages: Iterable[Message]) -> list[Message]:
    """Put the messages of a thread into order, however often and in whatever order they came."""
    chains: dict[str, dict[int, Message]] = {}
    for message in messages:
        chains.setdefault(message.place.origin, {})[message.place.n] = message
    sides = [[chain[n] for n in sorted(chain)] for _, chain in sorted(chains.items())]
    assert len(sides) <= len(Side), "a thread is written by two nodes at most"
    one, other = (*sides, [], [])[:2]
    return in_order(one, other, lambda message: message.place)


def thread_of(
    messages: Iterable[Message], sides: tuple[str, str], *, booked: Collection[str] = ()
) -> Thread:
    """Derive how a thread between two sides stands; `booked` names proposals with a booking."""
    thread = Thread()
    for message in ordered(messages):
        if message.readable:
            thread = _step(thread, message, _other(sides, message.sender), booked)
    return thread


def _other(sides: tuple[str, str], one: str) -> str:
    assert one in sides, "both sides of a thread are known"
    return sides[1] if one == sides[0] else sides[0]


def _step(thread: Thread, message: Message, other: str, booked: Collection[str]) -> Thread:
    if not thread.starter:
        thread = replace(thread, starter=message.sender, turn=other)
    elif message.sender != thread.starter and not _declines(message):
        thread = replace(thread, released=True)
    if message.proposal is not None:
        return _proposed(thread, message, message.proposal, other, booked)
    if message.answer is not None:
        return _answered(thread, message.sender, message.answer, other)
    return _said(thread, message.sender, other)


def _declines(message: Message) -> bool:
    return message.answer is not None and message.answer.reply is Reply.RATHER_NOT


def _proposed(
    thread: Thread, message: Message, proposal: Proposal, other: str, booked: Collection[str]
) -> Thread:
    done = message.id in booked
    standing = standing_of(message, proposal, other)
    state = ThreadState.BOOKED if done else ThreadState.PROPOSED
    return replace(thread, state=state, turn="" if done else other, standing=standing)


def standing_of(message: Message, proposal: Proposal, other: str) -> Standing:
    """Give a proposal with the names of the sides: `other` is who reads the message."""
    return Standing(
        id=message.id,
        by=message.sender,
        payer=message.sender if proposal.payer is Side.SENDER else other,
        amount_minor=proposal.amount_minor,
        fixed=proposal.fixed,
        day=proposal.day,
    )


def _answered(thread: Thread, sender: str, answer: Answer, other: str) -> Thread:
    """Take an answer to the newest proposal, or to the interest; any other is words alone."""
    if not answers(thread, sender, answer):
        return _said(thread, sender, other)
    if answer.reply is Reply.RATHER_NOT:
        return replace(thread, state=ThreadState.DECLINED, turn="", standing=None)
    if answer.reply is Reply.YES and thread.standing is not None:
        return replace(thread, state=ThreadState.AGREED, turn=thread.standing.payer)
    return replace(thread, state=ThreadState.ANSWERED, turn=other, standing=None)


def answers(thread: Thread, sender: str, answer: Answer) -> bool:
    """Tell whether an answer is one to what stands: a proposal of the other, or its interest."""
    if thread.state is ThreadState.PROPOSED:
        assert thread.standing is not None
        return answer.to == thread.standing.id and sender != thread.standing.by
    open_still = thread.state in (ThreadState.INTEREST, ThreadState.ANSWERED)
    return open_still and answer.to is None and sender != thread.starter


def _said(thread: Thread, sender: str, other: str) -> Thread:
    if thread.state not in (ThreadState.INTEREST, ThreadState.ANSWERED):
        return thread
    answered = thread.state is ThreadState.ANSWERED or sender != thread.starter
    state = ThreadState.ANSWERED if answered else ThreadState.INTEREST
    return replace(thread, state=state, turn=other)


def message_id(message: str) -> str:
    """Give the id of a message inside a group, as answers and bookings name it."""
    return b64(sha256(f"ruilbrug/message/v1\n{message}".encode()).digest())


def booking_id(thread: str, proposal: str, attempt: int, *, asked: bool) -> str:
    """Give the id under which an agreed proposal is booked: the same on both nodes.

    So whoever presses twice books once, and the other side knows which proposal was booked. A
    request of the payee has ids of its own: a payment and a request that cross do not meet.
    """
    kind = "asked" if asked else "given"
    words = f"ruilbrug/booking/v1\n{thread}\n{proposal}\n{kind}\n{attempt}"
    return b64(sha256(words.encode()).digest()[:16])


def booking_ids(thread: str, proposal: str) -> list[str]:
    """Give all ids under which a proposal can have been booked or asked for."""
    return [
        booking_id(thread, proposal, attempt, asked=asked)
        for asked in (False, True)
        for attempt in range(ATTEMPTS_MAX)
    ]


def other_booking_ids(thread: str, proposal: str, name: str) -> tuple[str, ...]:
    """Give the ids under which a proposal can be booked too, beside one of them."""
    return tuple(one for one in booking_ids(thread, proposal) if one != name)
