"""Each role may do what the table says, and nothing that it does not need."""

from __future__ import annotations

from typing import Any

import pytest

from federation.group import member_commands as members
from federation.group.board import PlaceItem
from federation.group.collective import BookCollective
from federation.group.commands import SetGroupLimits, SetLimits, SetStatus
from federation.group.erasing import EraseMember
from federation.group.rights import RIGHTS, Right, holders, may
from schemas.board_bodies import ItemKind
from schemas.bodies import AccountStatus
from schemas.errors import Code, Refusal
from schemas.limit_bodies import Limits
from schemas.member_bodies import Role
from schemas.openings import BoardText, MemberText
from tests.federation.group.group import NOW, Group, salt

LEADS = frozenset({Role.COORDINATOR})
ROLES = (*Role, None)


def deeds(group: Group, actor: int) -> dict[str, tuple[Any, frozenset[Role]]]:
    """Give one command of each kind that is not for every member, and the roles that may."""
    _, bea, cora, _ = group.members
    assert group.group_account is not None
    news = BoardText(title="Feest", text="Zaterdag")
    books, tells = holders(Right.BOOK), holders(Right.TELL)
    return {
        "news": (PlaceItem(salt(1), actor, ItemKind.NEWS, news, NOW, None, None), tells),
        "category": (members.PlaceCategory(salt(2), actor, "Tuin"), tells),
        "collective": (
            BookCollective(salt(3), actor, group.group_account, True, ((bea, 1),), "Dank"),
            books,
        ),
        "role": (members.GiveRole(salt(4), actor, bea, Role.EDITOR), LEADS),
        "rules": (members.SetRules(salt(5), actor, True), LEADS),
        "limits": (SetLimits(bea, -10, 10, actor=actor), LEADS),
        "all limits": (SetGroupLimits(salt(6), actor, Limits(lower_minor=-9)), LEADS),
        "status": (SetStatus(bea, AccountStatus.LEAVING, actor), LEADS),
        "describe": (members.DescribeMember(salt(7), actor, cora, MemberText(name="C")), LEADS),
        "erase": (EraseMember(salt(8), actor, bea), LEADS),
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_its_rights_say_and_nothing_else(role: Role | None) -> None:
    wrong = []
    for name in deeds(Group(), 1):
        group = Group()
        actor = group.members[0]
        if role is not None:
            group.do(members.GiveRole(salt("r"), None, actor, role))
        command, allowed = deeds(group, actor)[name]
        answer = group.do(command)
        refused = isinstance(answer, Refusal) and answer.code in (Code.FORBIDDEN, Code.NOT_YOURS)
        if refused is (role in allowed):
            wrong.append(f"{name}: {answer}")

    assert wrong == []


def test_no_right_is_nobodys_and_only_coordinators_have_all() -> None:
    assert all(holders(right) for right in Right)
    assert [role for role in Role if RIGHTS[role] == frozenset(Right)] == [Role.COORDINATOR]
    assert holders(Right.LEAD) == {Role.COORDINATOR}
    assert not may((Role.AUDITOR, Role.EDITOR), Right.BOOK)
    assert not may((), Right.SEE_BOOKS)


def test_a_role_of_somebody_who_is_gone_gives_no_right() -> None:
    group = Group()
    anna, bea, *_ = group.members
    group.do(members.GiveRole(salt("r"), None, anna, Role.COORDINATOR))
    group.do(SetStatus(anna, AccountStatus.INACTIVE))

    answer = group.do(members.GiveRole(salt("g"), anna, bea, Role.EDITOR))

    assert isinstance(answer, Refusal)
    assert answer.code is Code.FORBIDDEN


def test_the_last_active_coordinator_keeps_that_role_and_its_account() -> None:
    group = Group()
    anna, bea, *_ = group.members
    for one in (anna, bea):
        group.do(members.GiveRole(salt("g", one), None, one, Role.COORDINATOR))
    group.do(SetStatus(bea, AccountStatus.INACTIVE))

    refused = (
        members.TakeRole(salt("t", anna), anna, anna, Role.COORDINATOR),
        members.TakeRole(salt("o", anna), None, anna, Role.COORDINATOR),
        SetStatus(anna, AccountStatus.INACTIVE, anna),
    )
    for command in refused:
        answer = group.do(command)
        assert isinstance(answer, Refusal)
        assert answer.code is Code.LAST_COORDINATOR
    assert group.do(members.TakeRole(salt("t", bea), anna, bea, Role.COORDINATOR)) == bea
