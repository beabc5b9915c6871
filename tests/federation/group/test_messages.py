"""Who may write to whom inside a group, and what is sealed for whom."""

from __future__ import annotations

from typing import Any

import pytest

from federation.group import agreeing, commands, messages
from federation.group.commands import GROUP_SUBJECT
from federation.group.messages import ReadBy
from schemas import bodies
from schemas.bodies import AccountStatus
from schemas.errors import Code, Refusal
from schemas.openings import ActivityText
from schemas.proposals import Proposal, Side
from schemas.thread_bodies import PeerMember
from tests.federation.group.group import NOW, Group, salt

PEER = PeerMember(node="a" * 52, pseudonym="A" * 43)


def write(group: Group, one: int = 0, other: int = 1, **parts: Any) -> Any:
    members = group.members
    said = {"text": "Hallo"} | parts
    command = agreeing.WriteMessage(
        salt("message", len(group.events)), salt("thread"), members[one], members[other], **said
    )
    return group.do(command)


def code(answer: Any) -> Code:
    assert isinstance(answer, Refusal), answer
    return answer.code


def test_a_message_is_sealed_for_each_of_the_two_and_for_nobody_else() -> None:
    group = Group()

    write(group)

    subjects = [group.books.ledger.accounts[member].subject for member in group.members[:2]]
    assert [subject for subject, _ in group.texts[-1]] == subjects
    body = group.events[-1].body
    assert isinstance(body, bodies.MessageWritten)
    assert not hasattr(body, "text")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"text": ""}, Code.MALFORMED),
        ({"other": 0}, Code.ACCOUNT_SAME),
    ],
)
def test_a_message_says_something_to_somebody_else(parts: dict[str, Any], expected: Code) -> None:
    assert code(write(Group(), **parts)) is expected


def test_accounts_that_are_no_members_write_and_read_nothing() -> None:
    group = Group()
    assert group.group_account is not None
    for sender, recipient in ((5, group.group_account), (group.group_account, 5), (5, 99)):
        command = agreeing.WriteMessage(salt(1), salt(2), sender, recipient, "Hallo")
        assert code(group.do(command)) is Code.ACCOUNT_UNKNOWN
    group.do(commands.SetStatus(group.members[1], AccountStatus.INACTIVE))
    assert code(write(group)) is Code.ACCOUNT_INACTIVE


def test_a_proposal_needs_no_words_but_an_amount() -> None:
    group = Group()

    assert not isinstance(write(group, text="", proposal=proposal(1)), Refusal)
    assert code(write(group, proposal=proposal(0))) is Code.AMOUNT_NOT_POSITIVE
    assert code(write(group, proposal=proposal(2**53))) is Code.AMOUNT_TOO_LARGE


def proposal(amount: int) -> Proposal:
    return Proposal(payer=Side.SENDER, amount_minor=amount)


def test_a_block_stands_between_the_two_in_both_directions_until_it_is_lifted() -> None:
    group = Group()
    one, other, third, _ = group.members
    block = agreeing.BlockMember(one, other)
    group.do(block)
    events = len(group.events)
    group.do(block)
    assert len(group.events) == events, "once more changes nothing"

    assert code(write(group, 1, 0)) is Code.MEMBER_BLOCKED
    assert code(write(group, 0, 1)) is Code.MEMBER_BLOCKED
    assert not isinstance(write(group, 2, 0), Refusal)
    assert not group.books.agreeing.blocks_member(third, one)
    group.do(agreeing.BlockMember(one, other, blocked=False))
    assert not isinstance(write(group, 1, 0), Refusal)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, Code.MALFORMED),
        ({"other": 6, "peer": PEER}, Code.MALFORMED),
        ({"other": 5}, Code.ACCOUNT_SAME),
        ({"other": 99}, Code.ACCOUNT_UNKNOWN),
        ({"account": 99, "other": 6}, Code.ACCOUNT_UNKNOWN),
    ],
)
def test_a_block_names_one_other_member(changed: dict[str, Any], expected: Code) -> None:
    assert code(Group().do(agreeing.BlockMember(**({"account": 5} | changed)))) is expected


def test_a_member_of_another_group_is_blocked_by_its_name_for_us() -> None:
    group = Group()
    group.do(agreeing.BlockMember(5, peer=PEER))

    assert group.books.agreeing.blocks_peer(5, PEER.node, PEER.pseudonym)
    assert not group.books.agreeing.blocks_peer(6, PEER.node, PEER.pseudonym)
    assert not group.books.agreeing.blocks_peer(5, "b" * 52, PEER.pseudonym)


def test_a_report_is_sealed_for_the_coordinators_alone() -> None:
    group = Group()

    group.do(agreeing.MakeReport(salt(1), 5, "Let op", other=6))

    assert [subject for subject, _ in group.texts[-1]] == [GROUP_SUBJECT]
    assert code(group.do(agreeing.MakeReport(salt(2), 99, "Let op"))) is Code.ACCOUNT_UNKNOWN


@pytest.mark.parametrize(
    ("coordinators", "about", "readers", "told"),
    [
        ([3, 4], None, {3, 4}, ReadBy.ALL),
        ([3, 4], 1, {3, 4}, ReadBy.ALL),
        ([3, 4], 4, {3}, ReadBy.OTHERS),
        ([3], 3, set(), ReadBy.NOBODY),
        ([], 1, set(), ReadBy.NOBODY),
        ([], None, set(), ReadBy.NOBODY),
    ],
)
def test_no_coordinator_reads_what_is_reported_about_it(
    coordinators: list[int], about: int | None, readers: set[int], told: ReadBy
) -> None:
    assert messages.report_readers(coordinators, about) == readers
    assert messages.read_by(coordinators, about) is told
    for one in coordinators:
        assert messages.reads_report(one, about) is (one in readers)


def test_only_the_two_of_a_booking_thank_for_it() -> None:
    group = Group()
    payer, payee, third, _ = group.members
    seq = group.pay(payer, payee, 4)

    for account, other in ((payer, third), (third, payee), (payer, payer)):
        thanks = agreeing.GiveThanks(salt(1), seq, account, other, "Dank je")
        assert code(group.do(thanks)) is Code.NOT_FOUND
    empty = agreeing.GiveThanks(salt(1), seq, payer, payee, "")
    assert code(group.do(empty)) is Code.MALFORMED
    group.do(agreeing.GiveThanks(salt(1), seq, payer, payee, "Dank je", public=True))
    body = group.events[-1].body
    assert isinstance(body, bodies.ThanksGiven)
    assert (body.trade, body.public) == (seq, True)


def place(group: Group, account: int = 5, **changed: Any) -> Any:
    fields: dict[str, Any] = {
        "key": salt("place"),
        "account": account,
        "starts_at_s": NOW,
        "ends_at_s": NOW + 1,
        "text": ActivityText(title="Hagen"),
    }
    return group.do(agreeing.PlaceActivity(**(fields | changed)))


def test_an_activity_is_changed_by_who_placed_it_and_keeps_who_comes() -> None:
    group = Group()
    number = place(group)
    group.do(agreeing.JoinActivity(number, 6))
    events = len(group.events)
    group.do(agreeing.JoinActivity(number, 6))
    assert len(group.events) == events

    assert place(group, activity=number, starts_at_s=NOW - 9) == number
    found = group.books.agreeing.activities[number]
    assert (found.starts_at_s, found.joined) == (NOW - 9, (6,))
    assert code(place(group, 6, activity=number)) is Code.FORBIDDEN
    assert code(place(group, activity=99)) is Code.NOT_FOUND
    assert code(place(group, ends_at_s=NOW - 1)) is Code.MALFORMED
    group.do(agreeing.JoinActivity(number, 6, joins=False))
    assert group.books.agreeing.activities[number].joined == ()


def test_what_is_called_off_stays_so() -> None:
    group = Group()
    assert group.group_account is not None
    number = place(group, group.group_account)
    assert group.do(agreeing.CancelActivity(number)) == number
    events = len(group.events)
    assert group.do(agreeing.CancelActivity(number)) == number
    assert len(group.events) == events

    assert code(group.do(agreeing.JoinActivity(number, 6))) is Code.NOT_FOUND
    assert code(place(group, group.group_account, activity=number)) is Code.NOT_FOUND
    assert code(group.do(agreeing.CancelActivity(99))) is Code.NOT_FOUND
    assert place(group) == number + 1
