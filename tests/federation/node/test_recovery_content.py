"""What a tail that nobody saw says about hidden posts and categories is said again by commands."""

from __future__ import annotations

from typing import Any

import pytest

from federation.group import member_commands as members
from federation.node.recovery_members import Numbers, command_anew
from schemas import bodies
from schemas.content_bodies import (
    CategoriesOrdered,
    CategoryChanged,
    CategoryEnded,
    PostHidden,
    PostUnhidden,
)
from schemas.errors import InputError
from schemas.openings import MessageText, NameText

KEY = "A" * 22
ACTOR, MEMBER = 7, 8


@pytest.fixture
def numbers() -> Numbers:
    """Give accounts a hundred later, and category 3 as 5; category 4 did not come again."""
    made = Numbers(lambda account: account + 100)
    for before, now in ((3, 5), (4, None)):
        again = None if now is None else _placed(now)
        made.learn(_placed(before), again)
    return made


def _placed(number: int) -> bodies.CategoryPlaced:
    return bodies.CategoryPlaced(v=1, at_s=1, category=number, source="")


def test_each_is_asked_for_again_with_the_numbers_of_now(numbers: Numbers) -> None:
    by: dict[str, Any] = {"v": 1, "at_s": 1, "entered_by": ACTOR}
    asked = ACTOR + 100
    hidden = PostHidden(post=1, account=MEMBER, **by)
    told = [
        (hidden, MessageText(text="Reclame"), members.HidePost(KEY, asked, 1, "Reclame")),
        (
            PostUnhidden(post=1, account=MEMBER, **by),
            None,
            members.UnhidePost(KEY, asked, 1),
        ),
        (
            CategoryChanged(category=3, parent=2, **by),
            NameText(name="Tuin"),
            members.ChangeCategory(KEY, asked, 5, "Tuin", 2),
        ),
        (
            CategoriesOrdered(categories=(3, 1), **by),
            None,
            members.OrderCategories(KEY, asked, (5, 1)),
        ),
        (CategoryEnded(category=3, into=1, **by), None, members.EndCategory(KEY, asked, 5, 1)),
    ]

    for body, text, command in told:
        assert command_anew(KEY, body, text, numbers) == command


def test_what_rests_on_one_that_did_not_come_again_is_left(numbers: Numbers) -> None:
    body = CategoryEnded(v=1, at_s=1, category=4)

    with pytest.raises(InputError):
        command_anew(KEY, body, None, numbers)


def test_a_name_that_is_gone_names_nothing(numbers: Numbers) -> None:
    body = CategoryChanged(v=1, at_s=1, category=3)

    assert command_anew(KEY, body, None, numbers) is None
