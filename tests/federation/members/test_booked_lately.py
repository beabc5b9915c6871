"""What may be the same booking again: same account, other, amount and words, and not long ago."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from federation.members.booked_lately import LATELY_S, Intended, booked_lately
from federation.members.people import Party
from federation.members.trade_views import ShownTrade
from projections.trade_state import TradeState

NOW_S = 1_800_000_000
BERT = Party(account=2, code="002", name="Bert")
MARC = Party(node="leuven", group="LETS Leuven", name="Marc", pseudonym="m")
THERE = ShownTrade(
    id="first",
    between=False,
    gives=True,
    other=BERT,
    own_minor=8,
    other_minor=8,
    state=TradeState.SETTLED,
    description="Fiets hersteld",
    at_s=NOW_S - 60,
)
AGAIN = Intended(gives=True, other=BERT, own_minor=8, words="Fiets hersteld")


def found(*trades: ShownTrade, intended: Intended = AGAIN, key: str = "new") -> str:
    lately = booked_lately(trades, intended, key=key, now_s=NOW_S)
    return "" if lately is None else lately.id


def test_the_same_once_more_is_known_again() -> None:
    assert found(THERE) == "first"
    assert found() == ""


@pytest.mark.parametrize(
    "other",
    [
        {"gives": False},
        {"other": Party(account=3, code="003")},
        {"other": MARC},
        {"own_minor": 9},
        {"description": ""},
        {"description": "Gras gemaaid"},
        {"at_s": NOW_S - LATELY_S - 1},
        {"reverses": "7"},
        {"more": 2},
        {"to_all": True},
        {"person": "Rita"},
    ],
)
def test_what_differs_in_anything_is_another_one(other: dict[str, object]) -> None:
    assert found(replace(THERE, **other)) == ""


def test_it_counts_until_the_time_is_over() -> None:
    assert found(replace(THERE, at_s=NOW_S - LATELY_S)) == "first"
    assert found(replace(THERE, at_s=NOW_S + 5)) == "first"  # another clock


@pytest.mark.parametrize("state", TradeState)
@pytest.mark.parametrize("gives", [True, False])
def test_what_came_to_nothing_or_was_undone_does_not_count(
    state: TradeState, *, gives: bool
) -> None:
    """Nor does what the other only asks for: nobody has said yes to it."""
    undone = {
        TradeState.REFUSED,
        TradeState.CANCELLED,
        TradeState.EXPIRED,
        TradeState.REVERSED,
    }
    counts = state not in undone and not (gives and state is TradeState.REQUESTED)
    trade = replace(THERE, state=state, gives=gives, asked=True)

    assert (found(trade, intended=AGAIN._replace(gives=gives)) == "first") is counts


def test_words_are_the_same_however_they_are_typed() -> None:
    assert found(THERE, intended=AGAIN._replace(words=" fiets  Hersteld")) == "first"
    assert found(replace(THERE, description=""), intended=AGAIN._replace(words="")) == "first"


def test_words_do_not_count_for_who_may_not_read_them() -> None:
    assert found(THERE, intended=AGAIN._replace(words=None)) == "first"


def test_who_it_is_in_another_group_is_told_by_what_the_groups_call_each_other() -> None:
    across = AGAIN._replace(other=MARC)
    trade = replace(THERE, between=True, other=replace(MARC, name="Marc Claes"))

    assert found(trade, intended=across) == "first"
    for other in (
        replace(MARC, pseudonym="l"),
        replace(MARC, pseudonym=""),
        replace(MARC, node="brugge"),
    ):
        assert found(replace(trade, other=other), intended=across) == ""
        assert found(replace(trade, other=replace(MARC, pseudonym="")), intended=across) == ""


def test_the_newest_of_several_is_shown() -> None:
    older = replace(THERE, id="older", at_s=NOW_S - 120)

    assert found(older, THERE) == found(THERE, older) == "first"


def test_a_form_that_was_sent_before_is_told_by_its_key_alone() -> None:
    assert found(THERE, replace(THERE, id="new"), key="new") == ""
