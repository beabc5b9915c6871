"""Who may erase a member, when, and what of it ends: pure, over books in memory."""

from __future__ import annotations

import pytest

from federation.group import agreeing, commands, erasing
from federation.group import member_commands as members
from federation.group.commands import SetStatus
from federation.group.erasing import COOLING_OFF_S, AskErasure, EraseMember, WithdrawErasure
from schemas.bodies import AccountStatus, MemberErased, PostEnded, TransferBooked
from schemas.errors import Code, Refusal
from schemas.member_bodies import Role
from schemas.openings import MemberText, PersonText, PostText
from tests.federation.group.group import NOW, Group, salt
from tests.federation.group.test_merging import merge


@pytest.fixture
def group() -> Group:
    made = Group(lower=-240, upper=240)
    made.do(members.GiveRole(salt("role"), None, made.members[2], Role.COORDINATOR))
    return made


def code_of(answer: object) -> Code | None:
    return answer.code if isinstance(answer, Refusal) else None


def ask(group: Group, actor: int, account: int) -> object:
    return group.do(AskErasure(salt(len(group.events)), actor, account))


def erase(group: Group, actor: int | None, account: int, *, due: bool = False) -> object:
    return group.do(EraseMember(salt(len(group.events)), actor, account, due=due))


def test_who_asked_may_think_better_of_it_for_fourteen_days(group: Group) -> None:
    anna, bea, cora, _ = group.members

    assert code_of(ask(group, bea, anna)) is Code.NOT_YOURS
    assert ask(group, anna, anna) == anna
    assert code_of(ask(group, cora, anna)) is Code.ALREADY_SO
    assert code_of(erase(group, None, anna, due=True)) is Code.FORBIDDEN
    assert erasing.due(group.books, now_s=NOW + COOLING_OFF_S - 1) == []
    assert group.do(WithdrawErasure(salt("stay"), anna, anna)) == anna
    assert erasing.due(group.books, now_s=NOW + COOLING_OFF_S) == []
    assert code_of(group.do(WithdrawErasure(salt("stay 2"), anna, anna))) is Code.ALREADY_SO


def test_nobody_is_erased_while_something_is_open(group: Group) -> None:
    anna, bea, cora, _ = group.members
    assert ask(group, anna, anna) == anna
    group.now_s += COOLING_OFF_S
    group.do(agreeing.AskPayment(salt("ask"), anna, bea, 5))

    assert code_of(ask(group, bea, bea)) is Code.TRADES_OPEN
    assert code_of(erase(group, cora, anna)) is Code.TRADES_OPEN
    assert code_of(erase(group, None, anna, due=True)) is Code.TRADES_OPEN
    assert erasing.due(group.books, now_s=group.now_s) == []
    group.do(agreeing.DeclineAsked(salt("ask"), anna))

    assert erasing.due(group.books, now_s=group.now_s) == [anna]
    assert erase(group, None, anna, due=True) == anna
    assert erasing.due(group.books, now_s=group.now_s) == []


@pytest.mark.parametrize("amount", [30, -30])
def test_the_group_takes_over_what_the_account_stands_at(group: Group, amount: int) -> None:
    anna, bea, cora, _ = group.members
    group.pay(*((bea, anna) if amount > 0 else (anna, bea)), abs(amount))
    assert group.group_account is not None

    assert erase(group, cora, anna) == anna

    ledger = group.books.ledger
    assert (ledger.balance(anna), ledger.balance(group.group_account)) == (0, amount)
    assert ledger.accounts[anna].status is AccountStatus.INACTIVE
    _, booked = [e.body for e in group.events if isinstance(e.body, TransferBooked)]
    assert booked.entered_by == cora
    assert sum(ledger.balance(number) for number in range(1, ledger.next_account)) == 0


def test_accounts_that_became_one_are_erased_together(group: Group) -> None:
    anna, bea, cora, other = group.members
    assert merge(group, bea, anna) == anna
    assert merge(group, anna, other) == other

    assert erase(group, cora, other) == other

    bodies = [event.body for event in group.events]
    erased = [body for body in bodies if isinstance(body, MemberErased)]
    assert {body.account for body in erased} == {anna, bea, other}
    assert all(body.subjects for body in erased)
    assert code_of(erase(group, cora, bea)) is Code.ACCOUNT_UNKNOWN


def test_an_account_that_is_opened_again_is_its_own(group: Group) -> None:
    anna, bea, cora, _ = group.members
    merge(group, bea, anna)
    group.do(SetStatus(bea, AccountStatus.ACTIVE, cora))

    assert erase(group, cora, anna) == anna

    assert not group.books.members.is_erased(bea)


def test_all_that_a_member_had_and_did_ends_and_nothing_begins_again(group: Group) -> None:
    anna, bea, cora, dirk = group.members
    post = group.do(
        members.PlacePost(salt("p"), anna, anna, False, PostText(title="Fiets"), NOW + 9_999)
    )
    of_kin = salt("kin")
    kin = PersonText(name="Kim", address="kim@voorbeeld.be")
    group.do(members.JoinPerson(salt("j"), anna, anna, of_kin, kin))
    group.do(members.AppointHelper(salt("h"), anna, anna, bea))
    group.do(members.AppointHelper(salt("i"), dirk, dirk, anna))
    group.do(members.GiveRole(salt("r"), cora, anna, Role.AUDITOR))
    group.do(agreeing.BlockMember(bea, anna))

    assert erase(group, cora, anna) == anna

    told = group.books.members
    assert [e.body.post for e in group.events if isinstance(e.body, PostEnded)] == [post]
    assert not [helps for helps in told.helpers.values() if helps.on]
    assert {holds.account for holds in told.roles.values() if holds.on} == {cora}
    assert not any(person.here for person in told.persons_of(anna))
    assert not any(block.blocked for block in group.books.agreeing.blocks.values())
    (erased,) = [e.body for e in group.events if isinstance(e.body, MemberErased)]
    assert erased.subjects == (salt("of", "001"), of_kin)
    assert erased.entered_by == cora
    again = (
        members.DescribeMember(salt("d"), cora, anna, MemberText(name="Anna")),
        members.GiveRole(salt("g"), cora, anna, Role.AUDITOR),
        SetStatus(anna, AccountStatus.ACTIVE, cora),
        EraseMember(salt("e"), cora, anna),
    )
    assert {code_of(group.do(command)) for command in again} == {Code.ACCOUNT_UNKNOWN}
    paid = group.do(commands.Transfer(salt("t"), bea, anna, 5))
    assert code_of(paid) is Code.ACCOUNT_INACTIVE


def test_only_coordinators_erase_at_once(group: Group) -> None:
    anna, bea, *_ = group.members

    assert code_of(erase(group, anna, anna)) is Code.FORBIDDEN
    assert code_of(erase(group, bea, anna)) is Code.FORBIDDEN
    assert erase(group, None, anna) == anna


def test_a_fold_of_the_log_knows_the_same(group: Group) -> None:
    anna, bea, cora, dirk = group.members
    ask(group, anna, anna)
    ask(group, bea, bea)
    group.do(WithdrawErasure(salt("stay"), bea, bea))
    erase(group, cora, dirk)

    folded = group.folded().members

    assert dict(folded.parts()) == dict(group.books.members.parts())
    assert folded.is_erased(dirk)
    assert not folded.is_erased(anna)
