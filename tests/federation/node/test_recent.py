"""The newest own line events in memory: the same rows as the tables hold, or none."""

from __future__ import annotations

from federation.node.recent import RecentChain, RecentEvent, SealedPeerText


def event(n: int, line: str = "line") -> RecentEvent:
    return RecentEvent(line, n, 100 + n, b"core", b"signature", None)


def test_gives_what_follows_a_place_up_to_the_limit() -> None:
    chain = RecentChain()
    chain.add(event(n) for n in range(1, 6))

    assert [found.n for found in chain.after("line", 2, 2)] == [3, 4]
    assert [found.n for found in chain.after("line", 2, 9)] == [3, 4, 5]
    assert chain.after("line", 5, 9) == []
    assert chain.after("other", 0, 9) == []


def test_gives_nothing_when_the_next_one_has_gone() -> None:
    chain = RecentChain(kept=3)
    chain.add(event(n) for n in range(1, 6))

    assert chain.after("line", 1, 9) == []
    assert [found.n for found in chain.after("line", 2, 9)] == [3, 4, 5]
    assert chain.at(102) is None
    assert chain.at(103) == event(3)


def test_a_text_that_must_go_goes_from_memory_too() -> None:
    chain = RecentChain()
    text = SealedPeerText(b"commitment", b"subject", b"sealed")
    chain.add([event(1)._replace(peer=text), event(2)._replace(peer=text._replace(commitment=b""))])

    chain.forget([b"commitment"])

    assert [found.peer is None for found in chain.after("line", 0, 9)] == [True, False]
    assert chain.at(101) == event(1)
