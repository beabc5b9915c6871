"""Who hides an offer or a want, and who shows it again: pure rules."""

from __future__ import annotations

from federation.group import member_commands as members
from federation.group.rights import Right, holders
from schemas.content_bodies import PostHidden, PostUnhidden
from schemas.errors import Code, Refusal
from schemas.member_bodies import Role
from schemas.openings import MessageText, PostText
from tests.federation.group.group import NOW, Group, salt

END = NOW + 86_400


def placed(group: Group, account: int) -> int:
    text = PostText(title="Fiets")
    answer = group.do(members.PlacePost(salt(f"p{account}"), None, account, False, text, END))
    assert isinstance(answer, int)
    return answer


def given(group: Group, account: int, role: Role) -> None:
    group.do(members.GiveRole(salt(f"{role}{account}"), None, account, role))


def code(answer: object) -> Code | None:
    return answer.code if isinstance(answer, Refusal) else None


def test_what_is_hidden_says_why_to_its_member_and_who_did_it_to_the_log() -> None:
    group = Group()
    anna, bea, *_ = group.members
    given(group, bea, Role.EDITOR)
    post = placed(group, anna)

    group.do(members.HidePost(salt("h"), bea, post, "Dit is reclame"))

    body, texts = group.events[-1].body, group.texts[-1]
    assert isinstance(body, PostHidden)
    assert (body.post, body.account, body.entered_by) == (post, anna, bea)
    assert texts[0][0] == group.books.ledger.accounts[anna].subject
    assert texts[0][1] == MessageText(text="Dit is reclame")
    assert group.books.members.posts[post].hidden_seq is not None


def test_hiding_takes_the_right_a_post_and_a_reason_and_is_done_once() -> None:
    group = Group()
    anna, bea, cora, *_ = group.members
    given(group, cora, Role.COORDINATOR)
    post = placed(group, anna)

    assert holders(Right.MODERATE) == {Role.COORDINATOR, Role.EDITOR}
    assert code(group.do(members.HidePost(salt(1), bea, post, "x"))) is Code.FORBIDDEN
    assert code(group.do(members.HidePost(salt(2), cora, 99, "x"))) is Code.POST_UNKNOWN
    assert code(group.do(members.HidePost(salt(3), cora, post, ""))) is Code.TEXT_MISSING
    assert group.do(members.HidePost(salt(4), cora, post, "x")) == post
    assert code(group.do(members.HidePost(salt(5), cora, post, "x"))) is Code.ALREADY_SO


def test_what_its_member_changes_or_renews_stays_hidden() -> None:
    group = Group()
    anna, *_ = group.members
    post = placed(group, anna)
    group.do(members.HidePost(salt("h"), None, post, "x"))

    text = PostText(title="Anders")
    group.do(members.ChangePost(salt("c"), anna, post, False, text, END))
    group.do(members.RenewPost(salt("r"), anna, post, END + 5))

    assert group.books.members.posts[post].hidden_seq is not None


def test_its_own_member_shows_it_again_only_when_nobody_else_could() -> None:
    group = Group()
    anna, bea, *_ = group.members
    given(group, anna, Role.COORDINATOR)
    post = placed(group, anna)
    group.do(members.HidePost(salt("h"), None, post, "x"))
    given(group, bea, Role.EDITOR)

    assert code(group.do(members.UnhidePost(salt(1), anna, post))) is Code.FORBIDDEN
    assert group.do(members.UnhidePost(salt(2), bea, post)) == post
    assert isinstance(group.events[-1].body, PostUnhidden)
    assert group.books.members.posts[post].hidden_seq is None
    assert code(group.do(members.UnhidePost(salt(3), bea, post))) is Code.ALREADY_SO
    assert code(group.do(members.UnhidePost(salt(4), bea, 99))) is Code.POST_UNKNOWN
    group.do(members.TakeRole(salt(5), None, bea, Role.EDITOR))
    group.do(members.HidePost(salt("h2"), None, post, "x"))
    assert group.do(members.UnhidePost(salt(6), anna, post)) == post
