"""The rules about members and posts, by properties: any commands in any order keep them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from federation.group import member_commands as members
from federation.group.commands import OpenAccount, SetStatus
from federation.group.decide import decide
from federation.group.erasing import EraseMember
from federation.group.posts import LIFETIME_MAX_S, lives
from federation.line.drafts import LocalDraft
from projections.books import Books, fold
from projections.recorded import Recorded
from schemas import bodies
from schemas.bodies import AccountKind, AccountStatus
from schemas.cores import LocalCore
from schemas.errors import Code, Refusal
from schemas.member_bodies import Picture, Price, PriceKind, Role
from schemas.openings import MemberText, NameText, PersonText, PostText

KEY, NOW_S = "A" * 22, 1_000_000_000
CORE = LocalCore(v=1, origin="", seq=0, root="", key="", ts=0, commitment="")
GROUP_ACCOUNT, MEMBERS = 1, (2, 3, 4, 5)
TEXT, PERSON = PostText(title="Soep"), PersonText(name="Dirk", address="d@voorbeeld.invalid")


class Town:
    """A group in memory: a group account, three members, an inactive one, and a coordinator (4)."""

    def __init__(self) -> None:
        self.books = Books()
        self.seq = 0
        self.now_s = NOW_S
        self.drafts: list[LocalDraft] = []
        self.do(OpenAccount(KEY, "secretariaat", AccountKind.GROUP))
        for number in MEMBERS:
            subject = "ABCDE"[number - 1] * 21 + "A"
            self.do(
                OpenAccount(KEY, f"00{number}", AccountKind.MEMBER, subject, MemberText(name="x"))
            )
        self.do(members.GiveRole(KEY, None, 4, Role.COORDINATOR))
        self.do(SetStatus(5, AccountStatus.INACTIVE))

    def do(self, command: Any) -> Any:
        """Decide a command as the machine does; what it yields is folded at once."""
        branch = self.books.branch()
        steps = decide(branch, command, now_s=self.now_s)
        made = []
        try:
            draft = next(steps)
            while True:
                assert isinstance(draft, LocalDraft)
                made.append(draft)
                fold(branch, Recorded(self.seq, "", CORE, draft.body), [])
                self.seq += 1
                draft = steps.send("")
        except StopIteration as stop:
            answer = stop.value
        if isinstance(answer, Refusal):
            assert not made, "a refusal comes before the first event"
        else:
            assert len(made) == 1 or isinstance(command, SetStatus | EraseMember)
            self.drafts.extend(made)
        self.books.adopt(branch)
        return answer

    def refused(self, command: Any) -> Code | None:
        answer = self.do(command)
        return answer.code if isinstance(answer, Refusal) else None


def post(town: Town, account: int = 2, **said: Any) -> Any:
    fields = {"expires_at_s": town.now_s + 1000} | said
    return members.PlacePost(
        KEY,
        said.pop("actor", account),
        account,
        False,
        TEXT,
        **{name: value for name, value in fields.items() if name != "actor"},
    )


accounts = st.sampled_from((None, *MEMBERS, GROUP_ACCOUNT, 99))
numbers = st.integers(0, 6)
moments = st.integers(NOW_S - 10, NOW_S + LIFETIME_MAX_S + 10)
prices = st.builds(
    Price, kind=st.sampled_from(PriceKind), amount_minor=st.sampled_from((None, 1, 80))
)
named = st.sampled_from((*MEMBERS, GROUP_ACCOUNT, 99))
said = {
    "want": st.booleans(),
    "text": st.just(TEXT),
    "expires_at_s": moments,
    "category": st.sampled_from((None, 1, 2, 9)),
    "price": prices,
    "pictures": st.lists(
        st.sampled_from([Picture(digest=c * 42 + "A", size=1) for c in "ABCDEFG"]), max_size=7
    ).map(tuple),
}
commands = st.one_of(
    st.builds(members.DescribeMember, st.just(KEY), accounts, named, st.just(MemberText(name="n"))),
    st.builds(members.JoinPerson, st.just(KEY), accounts, named, st.just(KEY), st.just(PERSON)),
    st.builds(members.LeavePerson, st.just(KEY), accounts, named, numbers),
    st.builds(members.AppointHelper, st.just(KEY), accounts, named, named),
    st.builds(members.DismissHelper, st.just(KEY), accounts, named, named),
    st.builds(members.GiveRole, st.just(KEY), accounts, named, st.sampled_from(Role)),
    st.builds(members.TakeRole, st.just(KEY), accounts, named, st.sampled_from(Role)),
    st.builds(members.SetRules, st.just(KEY), accounts, st.booleans()),
    st.builds(
        members.PlaceCategory, st.just(KEY), accounts, st.just("x"), st.sampled_from((None, 1, 2))
    ),
    st.builds(members.PlacePost, st.just(KEY), accounts, named, **said),
    st.builds(members.ChangePost, st.just(KEY), accounts, numbers, **said),
    st.builds(members.RenewPost, st.just(KEY), accounts, numbers, moments),
    st.builds(members.EndPost, st.just(KEY), accounts, numbers),
    st.builds(members.PausePosts, st.just(KEY), accounts, named, st.none() | moments),
    st.builds(members.ResumePosts, st.just(KEY), accounts, named),
    st.builds(SetStatus, st.sampled_from(MEMBERS), st.sampled_from(AccountStatus)),
)


@given(st.lists(commands, max_size=30))
def test_whatever_is_asked_the_books_stay_as_the_rules_want_them(asked: list[Any]) -> None:
    town = Town()

    for command in asked:
        before = {name: set(found) for name, found in town.books.members.parts()}
        answer = town.do(command)
        if isinstance(answer, Refusal):
            assert dict(town.books.members.parts()) == before
            continue
        draft = town.drafts[-1]
        known = town.books.ledger.accounts
        for part in ("account", "helper"):
            number = getattr(draft.body, part, None)
            assert number is None or known[number].kind is AccountKind.MEMBER
        allowed(town, command, draft)
        for subject, text in draft.texts:
            sealed_for(town, draft, subject, text)
    folded_again(town)


def allowed(town: Town, command: Any, draft: LocalDraft) -> None:
    """Hold who asked against who may, said in another way than the rules say it."""
    if isinstance(command, SetStatus):
        return
    actor, body = command.actor, draft.body
    owner = getattr(body, "account", None)
    if owner is None and isinstance(body, bodies.PostRenewed | bodies.PostEnded):
        owner = town.books.members.posts[body.post].account
    beside = getattr(body, "entered_by", None)
    assert beside == (actor if actor != owner else None) or isinstance(body, bodies.CategoryPlaced)
    if actor is None or actor == owner:
        return
    roles = {h.role for h in town.books.members.roles.values() if h.account == actor}
    taken = isinstance(body, bodies.RoleTaken)  # a coordinator may step down
    helps = town.books.members.helps(actor, owner or 0)
    stepped_back = isinstance(body, bodies.HelperDismissed) and body.helper == actor
    assert Role.COORDINATOR in roles or taken or helps or stepped_back


def sealed_for(town: Town, draft: LocalDraft, subject: str, text: object) -> None:
    body = draft.body
    if isinstance(text, NameText):
        assert isinstance(body, bodies.CategoryPlaced)
    elif isinstance(body, bodies.PersonJoined):
        assert subject == body.subject
    else:
        assert subject == town.books.ledger.accounts[body.account].subject  # type: ignore[union-attr]


def folded_again(town: Town) -> None:
    """What was decided on branches is what a fold from the first event gives."""
    again = Books()
    for seq, draft in enumerate(town.drafts):
        fold(again, Recorded(seq, "", CORE, draft.body), [])
    assert dict(again.members.parts()) == dict(town.books.members.parts())


@given(moments, moments)
def test_a_post_lives_until_it_expires_and_never_longer_than_two_years(
    expires_at_s: int, asked_at_s: int
) -> None:
    town = Town()

    code = town.refused(post(town, expires_at_s=expires_at_s))

    if expires_at_s <= NOW_S:
        assert code is Code.EXPIRY_PAST
    elif expires_at_s > NOW_S + LIFETIME_MAX_S:
        assert code is Code.EXPIRY_TOO_FAR
    else:
        assert code is None
        assert lives(town.books.members.posts[1], now_s=asked_at_s) is (asked_at_s < expires_at_s)


def test_each_refusal_has_its_own_code() -> None:
    town = Town()
    town.do(members.PlaceCategory(KEY, 4, "Huis"))
    town.do(members.PlaceCategory(KEY, 4, "Tuin", 1))
    town.do(post(town))
    town.do(post(town))
    town.do(members.EndPost(KEY, 2, 2))
    pictures = tuple(Picture(digest=c * 42 + "A", size=1) for c in "ABCDEFG")
    hour, talk = Price(kind=PriceKind.HOUR), Price(kind=PriceKind.TALK, amount_minor=1)
    change: Callable[..., Any] = lambda number, actor=2: members.ChangePost(  # noqa: E731
        KEY, actor, number, True, TEXT, NOW_S + 5
    )
    cases = [  # pairs: commands are tuples, and two of other kinds may be equal
        (post(town, 99), Code.ACCOUNT_UNKNOWN),
        (post(town, GROUP_ACCOUNT), Code.ACCOUNT_UNKNOWN),
        (post(town, 5, actor=4), Code.ACCOUNT_INACTIVE),
        (post(town, 2, actor=3), Code.NOT_YOURS),
        (post(town, 2, actor=99), Code.NOT_YOURS),
        (post(town, category=9), Code.CATEGORY_UNKNOWN),
        (post(town, pictures=pictures), Code.TOO_MANY),
        (post(town, pictures=pictures[:1] * 2), Code.MALFORMED),
        (post(town, price=hour), Code.PRICE_INVALID),
        (post(town, price=talk), Code.PRICE_INVALID),
        (change(9), Code.POST_UNKNOWN),
        (change(1, 3), Code.NOT_YOURS),
        (change(2), Code.POST_ENDED),
        (members.EndPost(KEY, 2, 2), Code.POST_ENDED),
        (members.EndPost(KEY, 2, 9), Code.POST_UNKNOWN),
        (members.RenewPost(KEY, 2, 9, NOW_S + 5), Code.POST_UNKNOWN),
        (members.RenewPost(KEY, 2, 1, NOW_S), Code.EXPIRY_PAST),
        (members.PlaceCategory(KEY, 2, "x"), Code.FORBIDDEN),
        (members.PlaceCategory(KEY, 4, "x", 9), Code.CATEGORY_UNKNOWN),
        (members.PlaceCategory(KEY, 4, "x", 2), Code.CATEGORY_TOO_DEEP),
        (members.PausePosts(KEY, 2, 2, NOW_S), Code.EXPIRY_PAST),
        (members.ResumePosts(KEY, 2, 2), Code.ALREADY_SO),
        (members.AppointHelper(KEY, 2, 2, 2), Code.HELPER_SAME),
        (members.AppointHelper(KEY, 2, 2, 5), Code.ACCOUNT_INACTIVE),
        (members.AppointHelper(KEY, 3, 2, 3), Code.NOT_YOURS),
        (members.DismissHelper(KEY, 2, 2, 3), Code.ALREADY_SO),
        (members.LeavePerson(KEY, 2, 2, 1), Code.PERSON_UNKNOWN),
        (members.GiveRole(KEY, 4, 4, Role.COORDINATOR), Code.ALREADY_SO),
        (members.TakeRole(KEY, 4, 2, Role.AUDITOR), Code.ALREADY_SO),
        (members.GiveRole(KEY, 2, 2, Role.AUDITOR), Code.FORBIDDEN),
        (members.SetRules(KEY, 4, False), Code.ALREADY_SO),
        (members.SetRules(KEY, 2, True), Code.FORBIDDEN),
    ]

    wrong = [
        (type(command).__name__, code, got)
        for command, code in cases
        if (got := town.refused(command)) is not code
    ]

    assert wrong == []


def test_a_helper_acts_for_a_member_but_appoints_nobody() -> None:
    town = Town()
    town.do(members.AppointHelper(KEY, 2, 2, 3))

    assert town.do(post(town, 2, actor=3)) == 1
    assert town.drafts[-1].body.entered_by == 3  # type: ignore[union-attr]
    for command in (
        members.AppointHelper(KEY, 3, 2, 4),
        members.JoinPerson(KEY, 3, 2, KEY, PERSON),
    ):
        assert town.refused(command) is Code.NOT_YOURS
    town.do(SetStatus(3, AccountStatus.INACTIVE))
    assert town.refused(members.EndPost(KEY, 3, 1)) is Code.NOT_YOURS


def test_households_and_helpers_have_a_limit() -> None:
    town = Town()

    for _ in range(12):
        assert town.refused(members.JoinPerson(KEY, 2, 2, KEY, PERSON)) is None

    assert town.refused(members.JoinPerson(KEY, 2, 2, KEY, PERSON)) is Code.TOO_MANY
    town.do(members.LeavePerson(KEY, 2, 2, 3))
    assert town.do(members.JoinPerson(KEY, 2, 2, KEY, PERSON)) == 13
