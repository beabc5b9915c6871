"""Rules about hiding an offer or a want: who may, and that its own member does not lift it. Pure.

What is hidden stays its member's: it may still be changed, renewed or ended, and is seen by nobody
else until somebody of the group shows it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.group.members import entered_by, has_right, lacks, member_refused, subject_of
from federation.group.rights import Right, holders
from federation.line.drafts import LocalDraft
from schemas.content_bodies import PostHidden, PostUnhidden
from schemas.errors import Code, Refusal
from schemas.openings import MessageText

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.group.member_commands import HidePost, UnhidePost
    from federation.line.drafts import Draft
    from projections.books import Books


def hide(books: Books, command: HidePost, *, now_s: int) -> Generator[Draft, str, int | Refusal]:
    """Show an offer or a want to nobody for now; gives its number.

    Refusals, in this order: `forbidden`, `post_unknown`, `account_unknown` of who was erased,
    `already_so`, `text_missing` without a reason.
    """
    refusal = lacks(books, command.actor, Right.MODERATE)
    if refusal is not None:
        return refusal
    post = books.members.posts.get(command.post)
    if post is None:
        return Refusal(Code.POST_UNKNOWN, {"field": "post"})
    refusal = member_refused(books, post.account)
    if refusal is not None:
        return refusal
    if post.hidden_seq is not None:
        return Refusal(Code.ALREADY_SO, {"field": "post"})
    if not command.reason:
        return Refusal(Code.TEXT_MISSING, {"field": "reason"})
    yield LocalDraft(
        PostHidden(
            v=1,
            at_s=now_s,
            post=post.post,
            account=post.account,
            entered_by=entered_by(command.actor, post.account),
        ),
        ((subject_of(books, post.account), MessageText(text=command.reason)),),
    )
    return post.post


def unhide(
    books: Books, command: UnhidePost, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Show an offer or a want again; gives its number.

    Refusals, in this order: `forbidden`, `post_unknown`, `already_so`.
    """
    post = books.members.posts.get(command.post)
    owner = None if post is None else post.account
    if not may_unhide(books, command.actor, owner):
        return Refusal(Code.FORBIDDEN, {"field": "account"})
    if post is None:
        return Refusal(Code.POST_UNKNOWN, {"field": "post"})
    if post.hidden_seq is None:
        return Refusal(Code.ALREADY_SO, {"field": "post"})
    yield LocalDraft(
        PostUnhidden(
            v=1,
            at_s=now_s,
            post=post.post,
            account=post.account,
            entered_by=entered_by(command.actor, post.account),
        )
    )
    return post.post


def may_unhide(books: Books, actor: int | None, owner: int | None) -> bool:
    """Tell whether this one may show a member's post again: its own only when nobody else could."""
    if not has_right(books, actor, Right.MODERATE):
        return False
    if actor is None or actor != owner:
        return True
    moderators = {
        held.account
        for held in books.members.roles.values()
        if held.on and held.role in holders(Right.MODERATE)
    }
    return not any(one != actor and has_right(books, one, Right.MODERATE) for one in moderators)
