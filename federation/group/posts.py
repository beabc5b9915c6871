"""Rules about offers and wants: whose they are, how long they last, what they may say in numbers.

Each rule is a flat list of early returns with a distinct code, in the documented order. Time counts
here and never again: what stands in the log has been decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.group.categories import living
from federation.group.member_commands import (
    ChangePost,
    EndPost,
    PausePosts,
    PlacePost,
    RenewPost,
    ResumePosts,
)
from federation.group.members import (
    active_refused,
    entered_by,
    member_refused,
    not_yours,
    subject_of,
)
from federation.line.drafts import LocalDraft
from schemas import bodies
from schemas.errors import Code, Refusal
from schemas.member_bodies import PICTURES_MAX, PriceKind

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.group.member_commands import PostCommand
    from federation.line.drafts import Draft
    from projections.books import Books
    from projections.membership import Posted
    from schemas.member_bodies import Price

LIFETIME_MAX_S: Final = 731 * 86_400
"""Two years: what lasts longer is forgotten by its own member."""


def decide(
    books: Books, command: PostCommand, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Decide a command about posts; gives the number of what it is about, or a refusal."""
    match command:
        case PlacePost():
            return (yield from place(books, command, now_s=now_s))
        case ChangePost():
            return (yield from change(books, command, now_s=now_s))
        case RenewPost():
            return (yield from renew(books, command, now_s=now_s))
        case EndPost():
            return (yield from end(books, command, now_s=now_s))
        case PausePosts():
            return (yield from pause(books, command, now_s=now_s))
        case ResumePosts():
            return (yield from resume(books, command, now_s=now_s))


def place(books: Books, command: PlacePost, *, now_s: int) -> Generator[Draft, str, int | Refusal]:
    """Place an offer or a want and give its number.

    Refusals, in this order: `account_unknown`, `account_inactive`, `not_yours`, and those of
    `content_refused`.
    """
    refusal = (
        active_refused(books, command.account)
        or not_yours(books, command.actor, command.account, "account")
        or content_refused(books, command, now_s=now_s)
    )
    if refusal is not None:
        return refusal
    post = books.members.next_post
    by = entered_by(command.actor, command.account)
    fields = _said(command, post=post, account=command.account, entered_by=by)
    yield LocalDraft(
        bodies.PostPlaced(v=1, at_s=now_s, **fields),
        ((subject_of(books, command.account), command.text),),
    )
    return post


def change(
    books: Books, command: ChangePost, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Let an offer or a want say something else; one that has expired lives again by it.

    Refusals, in this order: `post_unknown`, `account_inactive`, `not_yours`, `post_ended`, and
    those of `content_refused`.
    """
    post = books.members.posts.get(command.post)
    if post is None:
        return Refusal(Code.POST_UNKNOWN, {"field": "post"})
    refusal = active_refused(books, post.account) or not_yours(
        books, command.actor, post.account, "post"
    )
    if refusal is not None:
        return refusal
    if post.ended:
        return Refusal(Code.POST_ENDED, {"field": "post"})
    refusal = content_refused(books, command, now_s=now_s, had=post.category)
    if refusal is not None:
        return refusal
    by = entered_by(command.actor, post.account)
    fields = _said(command, post=post.post, account=post.account, entered_by=by)
    yield LocalDraft(
        bodies.PostChanged(v=1, at_s=now_s, **fields),
        ((subject_of(books, post.account), command.text),),
    )
    return post.post


def renew(books: Books, command: RenewPost, *, now_s: int) -> Generator[Draft, str, int | Refusal]:
    """Let an offer or a want last longer; one that had ended is there again.

    Refusals, in this order: `post_unknown`, `account_inactive`, `not_yours`, `expiry_past`,
    `expiry_too_far`.
    """
    post = books.members.posts.get(command.post)
    if post is None:
        return Refusal(Code.POST_UNKNOWN, {"field": "post"})
    refusal = (
        active_refused(books, post.account)
        or not_yours(books, command.actor, post.account, "post")
        or expiry_refused(command.expires_at_s, "expires_at_s", now_s=now_s)
    )
    if refusal is not None:
        return refusal
    yield LocalDraft(
        bodies.PostRenewed(
            v=1,
            at_s=now_s,
            post=post.post,
            expires_at_s=command.expires_at_s,
            entered_by=entered_by(command.actor, post.account),
        )
    )
    return post.post


def end(books: Books, command: EndPost, *, now_s: int) -> Generator[Draft, str, int | Refusal]:
    """Take an offer or a want back; also one of an inactive member.

    Refusals, in this order: `post_unknown`, `not_yours`, `post_ended`.
    """
    post = books.members.posts.get(command.post)
    if post is None:
        return Refusal(Code.POST_UNKNOWN, {"field": "post"})
    refusal = not_yours(books, command.actor, post.account, "post")
    if refusal is not None:
        return refusal
    if post.ended:
        return Refusal(Code.POST_ENDED, {"field": "post"})
    by = entered_by(command.actor, post.account)
    yield LocalDraft(bodies.PostEnded(v=1, at_s=now_s, post=post.post, entered_by=by))
    return post.post


def pause(books: Books, command: PausePosts, *, now_s: int) -> Generator[Draft, str, int | Refusal]:
    """Do not show a member's posts for a while; a second time sets another end.

    Refusals, in this order: `account_unknown`, `not_yours`, `expiry_past`, `expiry_too_far`.
    """
    refusal = member_refused(books, command.account) or not_yours(
        books, command.actor, command.account, "account"
    )
    if refusal is None and command.until_s is not None:
        refusal = expiry_refused(command.until_s, "until_s", now_s=now_s)
    if refusal is not None:
        return refusal
    yield LocalDraft(
        bodies.PostsPaused(
            v=1,
            at_s=now_s,
            account=command.account,
            until_s=command.until_s,
            entered_by=entered_by(command.actor, command.account),
        )
    )
    return command.account


def resume(
    books: Books, command: ResumePosts, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Show a member's posts again.

    Refusals, in this order: `account_unknown`, `not_yours`, `already_so`.
    """
    refusal = member_refused(books, command.account) or not_yours(
        books, command.actor, command.account, "account"
    )
    if refusal is not None:
        return refusal
    away = books.members.away.get(command.account)
    if away is None or not away.on:
        return Refusal(Code.ALREADY_SO, {"field": "account"})
    yield LocalDraft(
        bodies.PostsResumed(
            v=1,
            at_s=now_s,
            account=command.account,
            entered_by=entered_by(command.actor, command.account),
        )
    )
    return command.account


def lives(post: Posted, *, now_s: int) -> bool:
    """Tell whether an offer or a want has neither ended nor expired."""
    return not post.ended and (post.expires_at_s is None or post.expires_at_s > now_s)


def content_refused(
    books: Books, command: PlacePost | ChangePost, *, now_s: int, had: int | None = None
) -> Refusal | None:
    """Refuse what a post cannot say.

    `had` is the category in which it stands already: it may stay there although that has ended.

    In this order: `expiry_past`, `expiry_too_far`, `category_unknown`, `too_many`, `malformed`
    (a picture twice), `price_invalid`.
    """
    refusal = expiry_refused(command.expires_at_s, "expires_at_s", now_s=now_s)
    if refusal is not None:
        return refusal
    chosen = None if command.category == had else command.category
    if chosen is not None and living(books.members, chosen) is None:
        return Refusal(Code.CATEGORY_UNKNOWN, {"field": "category"})
    if len(command.pictures) > PICTURES_MAX:
        return Refusal(Code.TOO_MANY, {"field": "pictures", "limit": PICTURES_MAX})
    if len({picture.digest for picture in command.pictures}) != len(command.pictures):
        return Refusal(Code.MALFORMED, {"field": "pictures", "reason": "the same picture twice"})
    return price_refused(command.price)


def price_refused(price: Price) -> Refusal | None:
    """Refuse an amount that is to be talked about, and a price per hour or piece without one."""
    if (price.kind is PriceKind.TALK) is not (price.amount_minor is None):
        return Refusal(Code.PRICE_INVALID, {"field": "price"})
    return None


def expiry_refused(at_s: int, field: str, *, now_s: int) -> Refusal | None:
    """Refuse an end that is not ahead, or too far."""
    if at_s <= now_s:
        return Refusal(Code.EXPIRY_PAST, {"field": field})
    if at_s > now_s + LIFETIME_MAX_S:
        return Refusal(Code.EXPIRY_TOO_FAR, {"field": field})
    return None


def _said(command: PlacePost | ChangePost, **fields: Any) -> dict[str, Any]:
    """Give the fields of a body that the command says itself."""
    return {
        "want": command.want,
        "goods": command.goods,
        "category": command.category,
        "price": command.price,
        "visibility": command.visibility,
        "expires_at_s": command.expires_at_s,
        "pictures": command.pictures,
        **fields,
    }
