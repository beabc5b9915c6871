"""Threads: both nodes find the same state, and nobody agrees to what it has not seen."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.threads import (
    Message,
    Place,
    Thread,
    ThreadState,
    booking_id,
    booking_ids,
    ordered,
    thread_of,
)
from schemas.proposals import Answer, Proposal, Reply, Side

SIDES = ("alfa", "beta")


class Talk:
    """Two chains that grow; each side has seen as much of the other's as it was told."""

    def __init__(self) -> None:
        self.chains: dict[str, list[Message]] = {side: [] for side in SIDES}
        self.saw = dict.fromkeys(SIDES, 0)

    def says(self, side: str, *, at_s: int = 0, late: int = 0, **parts: Any) -> str:
        other = SIDES[1 - SIDES.index(side)]
        self.saw[side] = max(self.saw[side], len(self.chains[other]) - late)
        n = len(self.chains[side]) + 1
        message = Message(f"{side}-{n}", Place(side, n, self.saw[side], at_s), side, **parts)
        self.chains[side].append(message)
        return message.id

    def all(self) -> list[Message]:
        return [message for chain in self.chains.values() for message in chain]

    def thread(self, *booked: str) -> Thread:
        return thread_of(self.all(), SIDES, booked=booked)


def asks(amount: int = 8, payer: Side = Side.SENDER) -> Proposal:
    return Proposal(payer=payer, amount_minor=amount)


def reply(word: Reply, to: str | None = None) -> Answer:
    return Answer(reply=word, to=to)


def test_from_interest_to_booked_it_says_whose_turn_it_is() -> None:
    talk = Talk()
    talk.says("alfa")
    assert (talk.thread().state, talk.thread().turn) == (ThreadState.INTEREST, "beta")
    assert not talk.thread().released
    talk.says("beta", answer=reply(Reply.YES))
    assert (talk.thread().state, talk.thread().turn) == (ThreadState.ANSWERED, "alfa")
    assert talk.thread().released
    first = talk.says("alfa", proposal=asks(8))
    assert (talk.thread().state, talk.thread().turn) == (ThreadState.PROPOSED, "beta")
    talk.says("beta", answer=reply(Reply.YES_BUT, first))
    assert (talk.thread().state, talk.thread().standing) == (ThreadState.ANSWERED, None)
    second = talk.says("beta", proposal=asks(9, Side.RECIPIENT))
    thread = talk.thread()
    assert thread.standing is not None
    assert (thread.turn, thread.standing.payer, thread.standing.amount_minor) == ("alfa", "alfa", 9)
    talk.says("alfa", answer=reply(Reply.YES, second))
    assert (talk.thread().state, talk.thread().turn) == (ThreadState.AGREED, "alfa")
    assert (talk.thread(second).state, talk.thread(second).turn) == (ThreadState.BOOKED, "")
    talk.says("beta")
    assert talk.thread(second).state is ThreadState.BOOKED
    talk.says("beta", proposal=asks(3))
    assert talk.thread(second).state is ThreadState.PROPOSED


def test_a_yes_to_the_old_price_is_no_yes_to_the_new_one() -> None:
    """They crossed, and the clocks put the new price before the answer to the old one."""
    talk = Talk()
    talk.says("beta")
    old = talk.says("alfa", proposal=asks(8, Side.RECIPIENT))
    new = talk.says("alfa", proposal=asks(80, Side.RECIPIENT), at_s=5)
    talk.says("beta", answer=reply(Reply.YES, old), late=1, at_s=9)

    thread = talk.thread()

    assert thread.standing is not None
    assert (thread.state, thread.turn, thread.standing.id) == (ThreadState.PROPOSED, "beta", new)


def test_rather_not_ends_it_until_somebody_proposes_and_gives_no_number_away() -> None:
    talk = Talk()
    talk.says("alfa")
    talk.says("beta", answer=reply(Reply.RATHER_NOT))
    assert (talk.thread().state, talk.thread().turn) == (ThreadState.DECLINED, "")
    assert not talk.thread().released
    talk.says("alfa")
    assert talk.thread().state is ThreadState.DECLINED
    talk.says("beta", proposal=asks())
    assert talk.thread().state is ThreadState.PROPOSED


def test_nobody_answers_its_own_words() -> None:
    talk = Talk()
    talk.says("alfa")
    talk.says("alfa", answer=reply(Reply.YES))
    assert talk.thread().state is ThreadState.INTEREST
    first = talk.says("alfa", proposal=asks())
    talk.says("alfa", answer=reply(Reply.YES, first))

    assert (talk.thread().state, talk.thread().turn) == (ThreadState.PROPOSED, "beta")


def test_of_two_answers_to_one_proposal_the_first_counts() -> None:
    talk = Talk()
    first = talk.says("alfa", proposal=asks())
    talk.says("beta", answer=reply(Reply.YES, first))
    talk.says("beta", answer=reply(Reply.RATHER_NOT, first))

    assert talk.thread().state is ThreadState.AGREED


def test_what_was_forgotten_says_nothing() -> None:
    talk = Talk()
    talk.says("alfa")
    talk.says("beta", readable=False)

    assert talk.thread().state is ThreadState.INTEREST


def test_bookings_of_one_proposal_have_ids_of_their_own() -> None:
    ids = booking_ids("thread", "proposal")

    assert len(set(ids)) == len(ids) == 16
    assert booking_id("thread", "proposal", 0, asked=False) in ids
    assert not set(ids) & set(booking_ids("thread", "other"))


PARTS = st.one_of(
    st.just({}),
    st.builds(lambda n, p: {"proposal": asks(n, p)}, st.integers(1, 9), st.sampled_from(Side)),
    st.builds(lambda r: {"reply": r}, st.sampled_from(Reply)),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(SIDES), st.integers(0, 5), st.integers(0, 3), PARTS), max_size=25
)


def conversation(steps: list[tuple[str, int, int, dict[str, Any]]]) -> tuple[Talk, list[str]]:
    """Each answers the newest proposal of the other that it has seen, or what it started with."""
    talk, answered = Talk(), []
    for side, at_s, late, parts in steps:
        if "reply" not in parts:
            talk.says(side, at_s=at_s, late=late, **parts)
            continue
        other = SIDES[1 - SIDES.index(side)]
        seen = max(talk.saw[side], len(talk.chains[other]) - late)
        proposals = [m.id for m in talk.chains[other][:seen] if m.proposal is not None]
        to = proposals[-1] if proposals else None
        talk.says(side, at_s=at_s, late=late, answer=reply(parts["reply"], to))
        if to is not None and parts["reply"] is Reply.YES:
            answered.append(to)
    return talk, answered


@settings(max_examples=150)
@given(STEPS, st.randoms(use_true_random=False))
def test_both_nodes_find_the_same_whatever_arrives_first(
    steps: list[tuple[str, int, int, dict[str, Any]]], random: Any
) -> None:
    talk, _ = conversation(steps)
    expected = talk.thread()
    arrived = [*talk.all(), *talk.all()[::2]]  # some come twice
    random.shuffle(arrived)

    assert thread_of(arrived, SIDES) == expected
    assert thread_of(arrived, (SIDES[1], SIDES[0])) == expected
    merged = ordered(arrived)
    for side in SIDES:
        assert [m for m in merged if m.sender == side] == talk.chains[side]


@settings(max_examples=150)
@given(STEPS)
def test_agreed_is_only_what_the_other_has_said_yes_to(
    steps: list[tuple[str, int, int, dict[str, Any]]],
) -> None:
    talk, answered = conversation(steps)
    thread = talk.thread()

    if thread.state is ThreadState.AGREED:
        assert thread.standing is not None
        assert thread.standing.id in answered
        assert thread.turn == thread.standing.payer
    if thread.state in (ThreadState.DECLINED, ThreadState.BOOKED):
        assert thread.turn == ""
    elif thread.starter:
        assert thread.turn in SIDES
    if thread.state is ThreadState.PROPOSED:
        assert thread.standing is not None
        assert thread.turn != thread.standing.by


@given(STEPS)
def test_a_booked_proposal_stays_booked_until_another_is_made(
    steps: list[tuple[str, int, int, dict[str, Any]]],
) -> None:
    talk, _ = conversation(steps)
    proposals = [message.id for message in ordered(talk.all()) if message.proposal is not None]
    if not proposals:
        return

    thread = talk.thread(proposals[-1])

    assert (thread.state, thread.turn) == (ThreadState.BOOKED, "")
