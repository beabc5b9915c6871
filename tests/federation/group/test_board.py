"""The rules about news, dates and documents, by properties: any commands in any order keep them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.group import board
from federation.group.board import ChangeItem, PlaceItem, RemoveItem
from federation.group.commands import GROUP_SUBJECT, SetStatus
from federation.group.member_commands import GiveRole
from projections.membership import OnBoard
from schemas.board_bodies import ItemChanged, ItemFile, ItemKind, ItemPlaced, ItemRemoved
from schemas.bodies import AccountStatus
from schemas.errors import Code, Refusal
from schemas.ids import SAFE_INTEGER
from schemas.member_bodies import Role
from schemas.openings import BoardText
from tests.federation.group.group import NOW, Group, salt

TEXT = BoardText(title="Feest")
FILE = ItemFile(digest="A" * 43, size=3)


def group() -> tuple[Group, int, int]:
    """Give a group, its coordinator and a plain member."""
    made = Group()
    coordinator, member = made.members[:2]
    made.do(GiveRole(salt("role"), None, coordinator, Role.COORDINATOR))
    return made, coordinator, member


def placed(actor: int | None, kind: ItemKind = ItemKind.NEWS, **said: Any) -> PlaceItem:
    return PlaceItem(salt("place"), actor, kind, TEXT, **{"starts_at_s": NOW} | said)


def refused(made: Group, command: Any) -> tuple[Code, object] | None:
    answer = made.do(command)
    return (answer.code, answer.facts.get("field")) if isinstance(answer, Refusal) else None


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"starts_at_s": -1}, (Code.MALFORMED, "starts_at_s")),
        ({"starts_at_s": SAFE_INTEGER + 1}, (Code.MALFORMED, "starts_at_s")),
        ({"ends_at_s": NOW}, (Code.MALFORMED, "ends_at_s")),
        ({"kind": ItemKind.DOCUMENT, "ends_at_s": NOW}, (Code.MALFORMED, "ends_at_s")),
        ({"kind": ItemKind.DATE, "ends_at_s": NOW - 1}, (Code.MALFORMED, "ends_at_s")),
        ({"kind": ItemKind.DATE, "ends_at_s": SAFE_INTEGER + 1}, (Code.MALFORMED, "ends_at_s")),
        ({"kind": ItemKind.DATE, "ends_at_s": NOW}, None),
        ({"file": FILE}, (Code.MALFORMED, "file")),
        ({"kind": ItemKind.DATE, "file": FILE}, (Code.MALFORMED, "file")),
        ({"kind": ItemKind.DOCUMENT, "file": FILE}, None),
        ({}, None),
    ],
)
def test_an_item_says_what_its_kind_can(
    said: dict[str, Any], refusal: tuple[Code, str] | None
) -> None:
    made, coordinator, _ = group()

    assert refused(made, placed(coordinator, **said)) == refusal


def test_a_change_is_held_against_the_kind_that_the_item_has() -> None:
    made, coordinator, _ = group()
    number = made.do(placed(coordinator))

    change = ChangeItem(salt("c"), coordinator, number, TEXT, NOW, NOW)

    assert refused(made, change) == (Code.MALFORMED, "ends_at_s")


def test_refusals_come_in_the_documented_order(monkeypatch: pytest.MonkeyPatch) -> None:
    made, coordinator, member = group()
    monkeypatch.setattr(board, "STANDING_MAX", 1)
    first = made.do(placed(coordinator))

    assert refused(made, placed(member, starts_at_s=-1)) == (Code.FORBIDDEN, "account")
    assert refused(made, placed(coordinator, starts_at_s=-1)) == (Code.MALFORMED, "starts_at_s")
    assert refused(made, placed(coordinator)) == (Code.TOO_MANY, "item")
    change = ChangeItem(salt("c"), member, 99, TEXT, -1)
    assert refused(made, change) == (Code.FORBIDDEN, "account")
    assert refused(made, change._replace(actor=coordinator)) == (Code.NOT_FOUND, "item")
    change = change._replace(actor=coordinator, item=first)
    assert refused(made, change) == (Code.MALFORMED, "starts_at_s")
    remove = RemoveItem(salt("r"), member, 99)
    assert refused(made, remove) == (Code.FORBIDDEN, "account")
    assert refused(made, remove._replace(actor=coordinator)) == (Code.NOT_FOUND, "item")
    assert made.do(remove._replace(actor=coordinator, item=first)) == first
    assert made.do(placed(coordinator)) == first + 1  # there is room again, and a new number


def test_what_was_removed_is_gone_for_good() -> None:
    made, coordinator, _ = group()
    number = made.do(placed(coordinator))
    made.do(RemoveItem(salt("r"), coordinator, number))

    for again in (
        RemoveItem(salt("r"), coordinator, number),
        ChangeItem(salt("c"), coordinator, number, TEXT, NOW),
    ):
        assert refused(made, again) == (Code.NOT_FOUND, "item")


def test_an_inactive_coordinator_writes_nothing() -> None:
    made, coordinator, _ = group()
    made.do(SetStatus(coordinator, AccountStatus.INACTIVE))

    assert refused(made, placed(coordinator)) == (Code.FORBIDDEN, "account")


actors = st.sampled_from([None, 0, 1])
numbers = st.integers(min_value=0, max_value=6)
moments = st.integers(min_value=-1, max_value=3)
commands = st.one_of(
    st.tuples(st.just("place"), actors, st.sampled_from(ItemKind), moments, st.none() | moments),
    st.tuples(st.just("change"), actors, numbers, moments, st.none() | moments),
    st.tuples(st.just("remove"), actors, numbers),
)


@given(st.lists(commands, max_size=25))
def test_only_coordinators_write_and_a_number_is_used_once(steps: list[Any]) -> None:
    made, coordinator, member = group()
    people = {None: None, 0: coordinator, 1: member}
    standing: dict[int, ItemKind] = {}
    ever = 0
    for name, who, *said in steps:
        actor = people[who]
        before = set(made.books.members.items.values())
        if name == "place":
            command: Any = PlaceItem(salt("k"), actor, said[0], TEXT, said[1], said[2])
        elif name == "change":
            command = ChangeItem(salt("k"), actor, said[0], TEXT, said[1], said[2])
        else:
            command = RemoveItem(salt("k"), actor, said[0])
        answer = made.do(command)

        if isinstance(answer, Refusal):
            assert before == set(made.books.members.items.values())
            continue
        assert actor != member
        assert made.texts[-1] == (() if name == "remove" else ((GROUP_SUBJECT, TEXT),))
        if name == "place":
            ever += 1
            assert answer == ever
            standing[answer] = said[0]
        assert answer in standing
        body = made.events[-1].body
        assert isinstance(body, ItemPlaced | ItemChanged | ItemRemoved)
        assert body.entered_by == actor
        if name == "remove":
            del standing[answer]

    kept = {i.item: i.kind for i in made.books.members.items.values() if not i.removed}
    assert kept == standing
    assert set(made.folded().members.items.values()) == set(made.books.members.items.values())
    assert all(isinstance(item, OnBoard) for item in made.books.members.items.values())
