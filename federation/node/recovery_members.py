"""What a tail that nobody saw says about members, as commands to be decided anew.

Numbers of accounts and posts may have become others behind the longer log; a person or a post that
was made in the tail and did not come again leaves what rests on it undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from federation.group import board, erasing
from federation.group import member_commands as members
from schemas import bodies
from schemas.board_bodies import ItemChanged, ItemPlaced, ItemRemoved
from schemas.content_bodies import (
    CategoriesOrdered,
    CategoryChanged,
    CategoryEnded,
    PostHidden,
    PostUnhidden,
)
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBER: Final[dict[type, str]] = {
    bodies.PostPlaced: "post",
    bodies.PersonJoined: "person",
    bodies.CategoryPlaced: "category",
    ItemPlaced: "item",
}
"""What gets a new number when it is appended anew."""
_UNKNOWN: Final = {
    "post": Code.POST_UNKNOWN,
    "person": Code.PERSON_UNKNOWN,
    "category": Code.CATEGORY_UNKNOWN,
    "item": Code.NOT_FOUND,
}


class Numbers:
    """Numbers in the tail -> numbers now."""

    def __init__(self, account: Callable[[int], int]) -> None:
        """Take who knows the accounts."""
        self.account = account
        self._given: dict[tuple[str, int, int], int] = {}

    def learn(self, body: Any, now: Any) -> None:
        """Remember the number of what was made in the tail: as `now` has it, or none any more."""
        name = _NUMBER.get(type(body))
        if name is not None:
            number = 0 if now is None else getattr(now, name)
            self._given[name, _within(name, body), getattr(body, name)] = number

    def now(self, name: str, body: Any) -> int:
        """Give the number that a post, a person, a category or an item has now, which a body names.

        Raises:
            InputError: `post_unknown`, `person_unknown`, `category_unknown`, `not_found`: it did
                not come again.

        """
        before: int = getattr(body, name)
        number = self._given.get((name, _within(name, body), before), before)
        if not number:
            raise InputError(_UNKNOWN[name], field=f"{name} {before}")
        return number


def _within(name: str, body: Any) -> int:
    return int(body.account) if name == "person" else 0


def command_anew(key: str, body: Any, text: Any, numbers: Numbers) -> Any:
    """Give the command that says the same again; nothing when its text is gone, or it has none."""
    by, account = getattr(body, "entered_by", None), getattr(body, "account", None)
    actor = None if by is None else numbers.account(by)
    member = 0 if account is None else numbers.account(account)
    if text is None and type(body) in _WITH_TEXT:
        return None
    place = (key, actor, member)
    for about in (_about_member, _about_erasure, _about_post, _about_board):
        command = about(place, body, text, numbers)
        if command is not None:
            return command
    return None


_WITH_TEXT: Final = frozenset(
    {
        bodies.MemberDescribed,
        bodies.PersonJoined,
        bodies.PostPlaced,
        bodies.PostChanged,
        bodies.CategoryPlaced,
        CategoryChanged,
        ItemPlaced,
        ItemChanged,
    }
)


def _about_member(
    place: tuple[str, int | None, int], body: Any, text: Any, numbers: Numbers
) -> Any:
    match body:
        case bodies.MemberDescribed():
            return members.DescribeMember(*place, text)
        case bodies.PersonJoined():
            return members.JoinPerson(*place, body.subject, text)
        case bodies.PersonLeft():
            return members.LeavePerson(*place, numbers.now("person", body))
        case bodies.HelperAppointed():
            return members.AppointHelper(*place, numbers.account(body.helper))
        case bodies.HelperDismissed():
            return members.DismissHelper(*place, numbers.account(body.helper))
        case bodies.RoleGiven():
            return members.GiveRole(*place, body.role)
        case bodies.RoleTaken():
            return members.TakeRole(*place, body.role)
        case bodies.GroupRules():
            return members.SetRules(*place[:2], body.members_see_balances, body.names_shared)
        case bodies.NameShared():
            return _shared(place, body)
        case _:
            return None


def _shared(place: tuple[str, int | None, int], body: bodies.NameShared) -> members.ShareName:
    """Say it anew as its member did: no other can say yes."""
    key, actor, member = place
    return members.ShareName(key, member if body.shares else actor, member, body.shares)


def _about_erasure(
    place: tuple[str, int | None, int], body: Any, text: Any, numbers: Numbers
) -> Any:
    del text, numbers
    match body:
        case bodies.ErasureAsked():
            return erasing.AskErasure(*place)
        case bodies.ErasureWithdrawn():
            return erasing.WithdrawErasure(*place)
        case bodies.MemberErased():
            return erasing.EraseMember(*place)
        case _:
            return None


def _about_post(place: tuple[str, int | None, int], body: Any, text: Any, numbers: Numbers) -> Any:
    key, actor, member = place
    match body:
        case bodies.PostPlaced():
            return members.PlacePost(*place, text=text, **_said(body, numbers))
        case bodies.PostChanged():
            post = numbers.now("post", body)
            return members.ChangePost(key, actor, post, text=text, **_said(body, numbers))
        case bodies.PostRenewed():
            return members.RenewPost(key, actor, numbers.now("post", body), body.expires_at_s)
        case bodies.PostEnded():
            return members.EndPost(key, actor, numbers.now("post", body))
        case bodies.PostsPaused():
            return members.PausePosts(key, actor, member, body.until_s)
        case bodies.PostsResumed():
            return members.ResumePosts(key, actor, member)
        case bodies.CategoryPlaced():
            return _category(key, body, text, numbers)
        case _:
            return _about_content(place, body, text, numbers)


def _about_content(
    place: tuple[str, int | None, int], body: Any, text: Any, numbers: Numbers
) -> Any:
    key, actor, _ = place
    match body:
        case PostHidden():
            reason = "" if text is None else text.text
            return members.HidePost(key, actor, numbers.now("post", body), reason)
        case PostUnhidden():
            return members.UnhidePost(key, actor, numbers.now("post", body))
        case CategoryChanged():
            number = numbers.now("category", body)
            return members.ChangeCategory(
                key, actor, number, text.name, _category_now(body.parent, numbers)
            )
        case CategoriesOrdered():
            order = tuple(numbers.now("category", _Category(one)) for one in body.categories)
            return members.OrderCategories(key, actor, order)
        case CategoryEnded():
            number = numbers.now("category", body)
            return members.EndCategory(key, actor, number, _category_now(body.into, numbers))
        case _:
            return None


def _about_board(place: tuple[str, int | None, int], body: Any, text: Any, numbers: Numbers) -> Any:
    key, actor, _ = place
    match body:
        case ItemPlaced():
            times = (body.starts_at_s, body.ends_at_s)
            return board.PlaceItem(key, actor, body.kind, text, *times, body.file)
        case ItemChanged():
            said = (text, body.starts_at_s, body.ends_at_s, body.file)
            return board.ChangeItem(key, actor, numbers.now("item", body), *said)
        case ItemRemoved():
            return board.RemoveItem(key, actor, numbers.now("item", body))
        case _:
            return None


def _said(body: bodies.PostPlaced | bodies.PostChanged, numbers: Numbers) -> dict[str, Any]:
    names = ("want", "goods", "price", "visibility", "expires_at_s", "pictures")
    category = None if body.category is None else numbers.now("category", body)
    return {name: getattr(body, name) for name in names} | {"category": category}


class _Category(NamedTuple):
    category: int


def _category_now(category: int | None, numbers: Numbers) -> int | None:
    return None if category is None else numbers.now("category", _Category(category))


def _category(key: str, body: bodies.CategoryPlaced, text: Any, numbers: Numbers) -> Any:
    parent = _category_now(body.parent, numbers)
    return members.PlaceCategory(key, None, text.name, parent)
