"""Notes of both chains in one order, whatever the clocks say, and what of them was forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from federation.line.notes import forgotten, in_order
from schemas import cores
from tests.federation.line.pair import KEY, hashed

COMMITMENTS = cores.Commitments(body=KEY, peer=KEY)


def note(origin: str, n: int, *, seen: int = 0, ts: int = 0) -> cores.LineNote:
    return cores.LineNote(
        v=1,
        origin=origin,
        seq=n,
        root=KEY,
        key=KEY,
        ts=ts,
        line="line",
        n=n,
        seen=cores.Seen(n=seen, id=KEY) if seen else None,
        commitments=COMMITMENTS,
    )


def test_an_answer_stands_behind_its_question_when_the_clock_is_hours_wrong() -> None:
    question = note("a", 4, ts=9000)
    answer = note("b", 2, seen=4, ts=100)
    more = note("a", 5, seen=2, ts=50)

    assert in_order([question, more], [answer]) == [question, answer, more]
    assert in_order([answer], [question, more]) == [question, answer, more]


def test_what_crossed_is_told_by_the_clocks() -> None:
    early, late = note("a", 1, ts=5), note("b", 1, ts=6)

    assert in_order([early], [late]) == in_order([late], [early]) == [early, late]
    same = note("b", 1, ts=5)
    assert in_order([early], [same]) == in_order([same], [early]) == [early, same]
    assert in_order([], [late]) == [late]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 99), st.integers(0, 9)), max_size=30))
def test_order_keeps_both_chains_and_what_each_had_seen(
    steps: list[tuple[bool, int, int]],
) -> None:
    """`steps`: who writes next, by which clock, and how many of the other's it has not seen yet."""
    chains: dict[bool, list[cores.LineCore]] = {True: [], False: []}
    saw = {True: 0, False: 0}
    for who, ts, late in steps:
        saw[who] = max(saw[who], len(chains[not who]) - late)
        chains[who].append(note(str(who), len(chains[who]) + 1, seen=saw[who], ts=ts))

    merged = in_order(chains[True], chains[False])
    assert merged == in_order(chains[False], chains[True])

    assert [core for core in merged if core.origin == "True"] == chains[True]
    assert [core for core in merged if core.origin == "False"] == chains[False]
    for at, core in enumerate(merged):
        before = [c.n for c in merged[:at] if c.origin != core.origin]
        assert core.seen is None or core.seen.n <= max(before, default=0)


def test_only_what_a_forget_names_is_forgotten() -> None:
    forget = cores.LineForget(
        v=1,
        origin="a",
        seq=2,
        root=KEY,
        key=KEY,
        ts=0,
        line="line",
        n=2,
        forgets=(hashed(1), hashed(2)),
    )

    assert forgotten([note("a", 1), forget]) == {hashed(1), hashed(2)}
