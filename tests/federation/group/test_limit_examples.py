"""What limits come to for a newcomer, a member, and one who gave a lot."""

from __future__ import annotations

from federation.group.limit_examples import Example, examples
from schemas.amounts import Rate, Unit
from schemas.limit_bodies import Limits

UNIT = Unit(singular="unit", plural="units", rate=Rate(20))


def test_each_kind_of_member_that_there_is_has_a_row() -> None:
    limits = Limits(
        lower_minor=-240,
        newcomer_days=30,
        newcomer_lower_minor=-40,
        growth_percent=10,
        growth_most_minor=80,
    )

    assert examples(UNIT, limits) == (
        Example(newcomer=True, given_minor=0, lower_minor=-40, upper_minor=None),
        Example(newcomer=False, given_minor=0, lower_minor=-240, upper_minor=None),
        Example(newcomer=False, given_minor=1000, lower_minor=-320, upper_minor=None),
    )


def test_without_limits_there_is_one_row_without_any() -> None:
    (only,) = examples(UNIT, Limits())

    assert only == Example(newcomer=False, given_minor=0, lower_minor=None, upper_minor=None)
