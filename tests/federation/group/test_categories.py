"""Categories keep two levels, are ended into another, and take nothing along: pure rules."""

from __future__ import annotations

import pytest

from federation.group import commands
from federation.group import member_commands as members
from schemas.errors import Code, Refusal
from schemas.member_bodies import Role
from schemas.openings import PostText
from tests.federation.group.group import NOW, Group, salt

TUIN, HUIS, SNOEIEN, EMPTY = 1, 2, 3, 4


@pytest.fixture
def town() -> Group:
    """Give a group with Tuin, Huis, Snoeien below Tuin, Zolder; a post in Tuin."""
    group = Group()
    anna, bea, *_ = group.members
    group.do(members.GiveRole(salt("r"), None, bea, Role.EDITOR))
    for name, parent in (("Tuin", None), ("Huis", None), ("Snoeien", TUIN), ("Zolder", None)):
        group.do(members.PlaceCategory(salt(name), None, name, parent))
    text = PostText(title="Gras")
    group.do(members.PlacePost(salt("p"), None, anna, False, text, NOW + 9, category=TUIN))
    return group


def code(answer: object) -> Code | None:
    return answer.code if isinstance(answer, Refusal) else None


def test_what_cannot_be_is_refused(town: Group) -> None:
    anna, bea, *_ = town.members
    commands = (
        (members.ChangeCategory(salt(1), anna, TUIN, "x"), Code.FORBIDDEN),
        (members.ChangeCategory(salt(2), bea, 9, "x"), Code.CATEGORY_UNKNOWN),
        (members.ChangeCategory(salt(3), bea, HUIS, "x", 9), Code.CATEGORY_UNKNOWN),
        (members.ChangeCategory(salt(4), bea, HUIS, "x", SNOEIEN), Code.CATEGORY_TOO_DEEP),
        (members.ChangeCategory(salt(5), bea, HUIS, "x", HUIS), Code.CATEGORY_TOO_DEEP),
        (members.ChangeCategory(salt(6), bea, TUIN, "x", HUIS), Code.CATEGORY_TOO_DEEP),
        (members.OrderCategories(salt(7), bea, (TUIN, 9)), Code.CATEGORY_UNKNOWN),
        (members.OrderCategories(salt(8), bea, (TUIN, TUIN)), Code.MALFORMED),
        (members.EndCategory(salt(9), bea, 9), Code.CATEGORY_UNKNOWN),
        (members.EndCategory(salt(10), bea, TUIN), Code.CATEGORY_UNKNOWN),
        (members.EndCategory(salt(11), bea, TUIN, TUIN), Code.CATEGORY_UNKNOWN),
        (members.EndCategory(salt(12), bea, TUIN, 9), Code.CATEGORY_UNKNOWN),
        (members.EndCategory(salt(13), bea, TUIN, SNOEIEN), Code.CATEGORY_TOO_DEEP),
    )

    assert [code(town.do(command)) for command, _ in commands] == [code for _, code in commands]


def test_an_ended_one_is_no_place_for_anything_any_more(town: Group) -> None:
    anna, bea, *_ = town.members
    assert town.do(members.EndCategory(salt(1), bea, EMPTY)) == EMPTY

    text = PostText(title="Gras")
    placed = members.PlacePost(salt(2), anna, anna, False, text, NOW + 9, category=EMPTY)
    assert code(town.do(placed)) is Code.CATEGORY_UNKNOWN
    assert code(town.do(members.PlaceCategory(salt(3), bea, "x", EMPTY))) is Code.CATEGORY_UNKNOWN
    assert code(town.do(members.EndCategory(salt(4), bea, EMPTY))) is Code.CATEGORY_UNKNOWN
    assert code(town.do(members.EndCategory(salt(5), bea, TUIN, EMPTY))) is Code.CATEGORY_UNKNOWN
    assert town.do(members.PlaceCategory(salt(6), bea, "Nieuw")) == EMPTY + 1


def test_a_post_that_names_an_ended_one_is_still_changed_and_keeps_it_or_gets_another(
    town: Group,
) -> None:
    anna, bea, *_ = town.members
    assert town.do(members.EndCategory(salt(1), bea, EMPTY)) == EMPTY
    text = PostText(title="Gras")
    # a second import still knows the category by its former number
    post = town.do(
        commands.ImportPost(salt(2), "messages:7", NOW, anna, False, text, category=EMPTY)
    )

    def change(name: int, category: int | None) -> object:
        said = PostText(title="Gras maaien")
        return town.do(
            members.ChangePost(salt(name), anna, post, False, said, NOW + 9, category=category)
        )

    assert change(3, EMPTY) == post
    assert change(4, HUIS) == post
    assert code(change(5, EMPTY)) is Code.CATEGORY_UNKNOWN, "who has left it does not come back"
    assert change(6, None) == post


def test_what_stood_in_it_goes_on_in_the_other_and_a_rebuild_says_the_same(town: Group) -> None:
    bea = town.members[1]
    town.do(members.OrderCategories(salt(1), bea, (HUIS, TUIN)))

    assert town.do(members.EndCategory(salt(2), bea, TUIN, HUIS)) == TUIN

    books = town.books.members
    assert books.posts[1].category == HUIS
    assert books.categories[SNOEIEN].parent == HUIS
    assert [books.categories[one].place for one in (TUIN, HUIS, EMPTY)] == [2, 1, 0]
    assert dict(town.folded().members.parts()) == dict(books.parts())
