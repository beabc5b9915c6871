"""Two accounts that are one member: what moves, what ends, and when it cannot be. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.group import agreeing, commands
from federation.group import member_commands as members
from federation.group.doubles import Why, doubles
from federation.group.member_list import Member, Standing
from federation.group.members import described_seq
from federation.group.merging import MergeMembers, MovedPerson, MovedPost
from federation.members.merging import combined, stands_in
from projections.room import room_to_give
from schemas.bodies import AccountStatus, AccountStatusSet, TransferBooked
from schemas.errors import Code, Refusal, sentence
from schemas.limit_bodies import Limits
from schemas.member_bodies import Role
from schemas.openings import Contact, MemberText, PersonText, PostText
from schemas.texts.words import Language
from tests.federation.group.group import NOW, Group, salt

DAY_S = 86_400
SOUP = PostText(title="Soep")


@pytest.fixture
def group() -> Group:
    return made()


def made() -> Group:
    group = Group(lower=-240, upper=240)
    group.do(members.GiveRole(salt("role"), None, group.members[2], Role.COORDINATOR))
    return group


def seen(group: Group, account: int) -> int:
    known = group.books.ledger.accounts
    return described_seq(group.books, account) if account in known else 0


def merge(
    group: Group, account: int, into: int, actor: int | None = None, **more: object
) -> object:
    command = MergeMembers(
        key=salt(len(group.events)),
        actor=group.members[2] if actor is None else actor,
        account=account,
        into=into,
        seen_seqs=(seen(group, account), seen(group, into)),
        text=MemberText(name="Anna"),
        left=MemberText(name="Anna"),
        persons=(),
        posts=(),
        description="002 gaat verder als 001",
    )
    return group.do(command._replace(**more))  # type: ignore[arg-type]


def code_of(answer: object) -> Code | None:
    return answer.code if isinstance(answer, Refusal) else None


def pay(group: Group, payer: int, payee: int, amount: int) -> None:
    group.do(commands.Transfer(salt("t", len(group.events)), payer, payee, amount))


@given(st.integers(-200, 200), st.integers(-200, 200))
def test_one_event_moves_the_balance_and_all_sums_to_zero(double: int, goes_on: int) -> None:
    group = made()
    anna, bea, cora, other = group.members
    for account, amount in ((bea, double), (anna, goes_on)):
        if amount:
            pair = (other, account) if amount > 0 else (account, other)
            group.do(
                commands.ImportTransfer(salt("i", account), str(account), NOW, *pair, abs(amount))
            )
    before = len(group.events)

    answer = merge(group, bea, anna)

    balance = group.books.ledger.balance
    if not -240 <= double + goes_on <= 240:
        assert code_of(answer) in {Code.PAYEE_LIMIT, Code.PAYER_LIMIT}
        assert (balance(anna), balance(bea)) == (goes_on, double)
        return
    assert answer == anna
    assert (balance(anna), balance(bea)) == (double + goes_on, 0)
    booked = [e.body for e in group.events[before:] if isinstance(e.body, TransferBooked)]
    assert len(booked) == bool(double)
    for body in booked:
        assert sum(posting.amount_minor for posting in body.postings) == 0
        assert body.postings[0].amount_minor < 0
        assert body.entered_by == cora
    assert sum(balance(one.account) for one in group.books.ledger.accounts.values()) == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 60)), max_size=12))
def test_what_both_gave_counts_for_the_one_that_goes_on_and_moving_it_counts_for_nobody(
    paid: list[tuple[int, int, int]],
) -> None:
    group = made()
    for payer, payee, amount in paid:
        if payer != payee:
            pay(group, group.members[payer], group.members[payee], amount)
    anna, bea, *others = group.members
    ledger = group.books.ledger
    both = (ledger.given.get(anna) or 0) + (ledger.given.get(bea) or 0)
    before = [ledger.given.get(one) for one in others]

    if merge(group, bea, anna) != anna:  # beyond a limit
        return

    assert (ledger.given.get(anna) or 0, ledger.given.get(bea) or 0) == (both, 0)
    assert [ledger.given.get(one) for one in others] == before


def test_a_limit_that_grows_with_what_was_given_grows_with_what_the_double_gave(
    group: Group,
) -> None:
    anna, bea, _, other = group.members
    limits = Limits(lower_minor=-240, upper_minor=240, growth_percent=50, growth_most_minor=100)
    group.do(commands.SetGroupLimits(salt("limits"), None, limits))
    pay(group, other, bea, 100)
    pay(group, bea, other, 100)
    before = room_to_give(group.books.ledger, group.books.ledger.accounts[anna], now_s=NOW)

    merge(group, bea, anna)

    after = room_to_give(group.books.ledger, group.books.ledger.accounts[anna], now_s=NOW)
    assert (before, after) == (240, 290)


def test_the_double_is_closed_and_points_to_the_one_that_goes_on(group: Group) -> None:
    anna, bea, cora, _ = group.members

    assert merge(group, bea, anna) == anna

    last = group.events[-1].body
    assert isinstance(last, AccountStatusSet)
    assert (last.account, last.merged_into, last.entered_by) == (bea, anna, cora)
    assert group.books.ledger.accounts[bea].status is AccountStatus.INACTIVE
    assert code_of(merge(group, bea, anna)) is Code.ALREADY_SO


def test_household_helpers_roles_posts_and_blocks_follow(group: Group) -> None:
    anna, bea, _, dora = group.members
    group.do(
        members.JoinPerson(salt("p"), bea, bea, salt("of p"), PersonText(name="Pol", address=""))
    )
    group.do(members.AppointHelper(salt("h"), bea, bea, dora))
    group.do(members.AppointHelper(salt("h2"), dora, dora, bea))
    group.do(members.GiveRole(salt("r"), None, bea, Role.EDITOR))
    group.do(agreeing.BlockMember(dora, bea))
    post = group.do(
        members.PlacePost(
            salt("post"),
            bea,
            bea,
            want=False,
            text=PostText(title="Soep"),
            expires_at_s=NOW + DAY_S,
        )
    )
    anew = members.PlacePost(
        salt("anew"), None, anna, want=False, text=SOUP, expires_at_s=NOW + DAY_S
    )
    person = MovedPerson(1, salt("of p anew"), PersonText(name="Pol", address=""))

    assert code_of(merge(group, bea, anna)) is Code.MEMBERS_CHANGED
    assert merge(group, bea, anna, persons=(person,), posts=(MovedPost(post, anew),)) == anna

    books = group.books.members
    assert [p.subject for p in books.persons_of(anna) if p.here] == [salt("of p anew")]
    assert not [p for p in books.persons_of(bea) if p.here]
    assert books.helps(dora, anna)
    assert books.helps(anna, dora)
    assert not books.helps(dora, bea)
    assert books.has_role(anna, Role.EDITOR)
    assert not books.has_role(bea, Role.EDITOR)
    assert books.posts[post].ended
    assert [p.account for p in books.posts.values() if not p.ended] == [anna]
    blocks = group.books.agreeing.blocks.values()
    assert [(one.account, one.other) for one in blocks if one.blocked] == [(dora, anna)]


def test_it_cannot_be_with_something_open_nor_unseen_nor_by_anybody(group: Group) -> None:
    anna, bea, cora, dora = group.members

    assert code_of(merge(group, bea, bea)) is Code.ACCOUNT_SAME
    assert code_of(merge(group, bea, anna, actor=dora)) is Code.FORBIDDEN
    assert code_of(merge(group, cora, anna)) is Code.FORBIDDEN
    assert code_of(merge(group, bea, 999)) is Code.ACCOUNT_UNKNOWN
    group.do(agreeing.AskPayment(salt("ask"), anna, dora, 5))
    assert code_of(merge(group, bea, anna)) is Code.TRADES_OPEN
    assert code_of(merge(group, anna, bea)) is Code.TRADES_OPEN
    group.do(agreeing.DeclineAsked(salt("ask"), dora))
    assert code_of(merge(group, bea, anna, seen_seqs=(0, 0))) is Code.MEMBERS_CHANGED
    group.do(commands.SetStatus(anna, AccountStatus.INACTIVE))
    assert code_of(merge(group, bea, anna)) is Code.ACCOUNT_INACTIVE


def test_nothing_that_stood_in_one_alone_is_lost() -> None:
    mail, tel = Contact(kind="mail", value="a@b.be"), Contact(kind="tel", value="03")
    one = MemberText(name="An", contacts=(mail,), comment="Hallo", place="Gent")
    other = MemberText(
        name="Anna",
        full_name="Anna P.",
        postcode="9000",
        contacts=(Contact(kind="Mail", value="A@b.be"), tel),
        comment="Dag",
        skills="Soep",
    )

    both = combined(one, other)

    assert (both.name, both.full_name, both.place) == ("An", "Anna P.", "Gent")
    assert both.contacts == (mail, tel)
    assert (both.comment, both.skills) == ("Hallo\n\nDag", "Soep")
    assert combined(both, other) == both


def member(account: int, **said: object) -> Member:
    known = {"name": f"Lid {account}", "standing": Standing.ACTIVE, **said}
    return Member(
        account=account,
        code=str(account),
        balance=0,
        lower=None,
        upper=None,
        given=0,
        since_s=0,
        **known,  # type: ignore[arg-type]
    )


def test_doubles_have_mail_phone_or_name_and_postcode_in_common() -> None:
    found = doubles(
        [
            member(1, mail="An@voorbeeld.be", phone="+32 470 12 34 56"),
            member(2, mail="an@voorbeeld.be ", phone="0470/12.34.56"),
            member(3, name="Peeters An", postcode="9000"),
            member(4, full_name="an  peeters", postcode="9000"),
            member(5, name="An Peeters", postcode="9001"),
            member(6, mail="an@voorbeeld.be", standing=Standing.GONE),
            member(7, phone="03"),
            member(8, phone="03"),
        ]
    )

    assert [(pair.one.account, pair.other.account, pair.why) for pair in found] == [
        (1, 2, (Why.MAIL, Why.PHONE)),
        (3, 4, (Why.NAME,)),
    ]


@pytest.mark.parametrize(
    ("language", "file"),
    [(Language.NL, "bestand"), (Language.FR, "fichier"), (Language.EN, "file")],
)
def test_members_that_changed_meanwhile_are_told_without_a_word_of_a_file(
    language: Language, file: str
) -> None:
    said = sentence(Code.MEMBERS_CHANGED, {"field": "account"}, language)

    assert file not in said
    assert "account" not in said


def test_a_post_whose_category_has_ended_is_placed_anew_without_one(group: Group) -> None:
    for name in ("Tuin", "Huis"):
        group.do(members.PlaceCategory(salt(name), None, name))
    group.do(members.EndCategory(salt("end"), None, 1))

    assert [stands_in(group.books, one) for one in (None, 1, 2, 9)] == [None, None, 2, None]
