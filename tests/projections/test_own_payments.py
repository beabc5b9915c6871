"""What the fold of the own log keeps of a trade, whichever way it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from federation.line import commands as line
from projections.lines import Phase
from tests.federation.line.pair import KEY, MEMBER, NOW, Node, Pair, path


def settled(pair: Pair) -> None:
    pair.start()
    pair.settle()


def refused(pair: Pair) -> None:
    pair.start()
    pair.b.do(line.LowerLimit(pair.line_id, 0))
    pair.settle()


def cancelled(pair: Pair) -> None:
    pair.start()
    pair.deliver(pair.a)
    pair.a.do(line.CancelPayment(path(1), pair.line_id))
    pair.settle()


def silent(pair: Pair) -> None:
    pair.start()
    pair.deliver(pair.a)
    pair.b.now_s = NOW + 60 + 7 * 24 * 3600
    pair.b.do(line.ExpireDue())


def consented(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.consent()
    pair.settle()


def declined(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.decline(pair.a)
    pair.settle()


def withdrawn(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.decline(pair.b)
    pair.settle()


def consented_and_refused(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.b.do(line.LowerLimit(pair.line_id, 0))
    pair.consent()
    pair.settle()


WAYS: list[Callable[[Pair], None]] = [
    settled,
    refused,
    cancelled,
    silent,
    consented,
    declined,
    withdrawn,
    consented_and_refused,
]


def own(node: Node) -> list[Any]:
    """Give the node's own events of the first trade."""
    return [event for event in node.events if getattr(event.core, "path", "") == path(1)]


@pytest.mark.parametrize("live", WAYS)
def test_a_trade_names_the_newest_own_event_about_it(live: Callable[[Pair], None]) -> None:
    pair = Pair().opened()

    live(pair)

    for node in (pair.a, pair.b):
        about = own(node)
        assert node.transfer().last_seq == (about[-1].seq if about else 0)


@pytest.mark.parametrize(("live", "side"), [(settled, "a"), (silent, "b"), (refused, "b")])
def test_a_trade_names_the_first_own_event_about_it_and_its_time(
    live: Callable[[Pair], None], side: str
) -> None:
    pair = Pair().opened()
    node: Node = getattr(pair, side)

    live(pair)

    first = own(node)[0]
    assert (node.transfer().first_seq, node.transfer().at_s) == (first.seq, first.core.ts)


@pytest.mark.parametrize("live", [consented, consented_and_refused, declined, withdrawn])
def test_what_was_asked_for_keeps_its_request_and_its_member(
    live: Callable[[Pair], None],
) -> None:
    pair = Pair().opened()

    live(pair)

    asked = own(pair.b)[0]
    assert pair.a.transfer().request == pair.b.transfer().request == asked.id
    assert pair.b.transfer().account == MEMBER


def test_both_sides_keep_the_same_numbers_of_a_trade() -> None:
    pair = Pair().opened()
    pair.start()
    pair.settle()

    mine, theirs = pair.a.transfer(), pair.b.transfer()

    for name in (
        "line_units",
        "payer_minor",
        "payee_minor",
        "terms_rev",
        "fixed",
        "expires_at_s",
        "prepare",
        "prepare_n",
        "accept",
        "commit",
    ):
        assert getattr(mine, name) == getattr(theirs, name) != ""
    assert (mine.account, theirs.account, mine.payee) == (MEMBER, MEMBER, KEY)
    assert (mine.phase, theirs.phase) == (Phase.SETTLED, Phase.CREDITED)
    assert (mine.line_units, mine.payer_minor, mine.payee_minor) == (180_000, 10, 30)
