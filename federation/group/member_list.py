"""The list of members as coordinators read it: whom it shows, in which order, with which columns.

Pure, so that the page, the file and a selection for mails are the same list.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from projections.ledger import code_key
from schemas.bodies import AccountStatus
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from collections.abc import Iterable


class Standing(StrEnum):
    """What a member is to the group just now."""

    INFORMATION = "information"
    NEWCOMER = "newcomer"
    ACTIVE = "active"
    LEAVER = "leaver"
    GONE = "gone"


class Shown(StrEnum):
    """Which members are on the list."""

    HERE = "here"
    """Everybody but who is gone."""
    EVERYBODY = "everybody"
    INFORMATION = "information"
    NEWCOMER = "newcomer"
    ACTIVE = "active"
    LEAVER = "leaver"
    GONE = "gone"

    def admits(self, standing: Standing) -> bool:
        """Tell whether who stands so is on the list."""
        if self is Shown.HERE:
            return standing is not Standing.GONE
        return self is Shown.EVERYBODY or self.value == standing.value


class Column(StrEnum):
    """What can stand in the list beside code and name."""

    FULL_NAME = "full_name"
    STATUS = "status"
    BALANCE = "balance"
    LOWER = "lower"
    UPPER = "upper"
    GIVEN = "given"
    SINCE = "since"
    POSTCODE = "postcode"
    PLACE = "place"
    MAIL = "mail"
    PHONE = "phone"
    HOUSEHOLD = "household"
    HELPERS = "helpers"
    ROLES = "roles"
    LANGUAGE = "language"
    POSTS = "posts"
    NOTE = "note"


class Order(StrEnum):
    """By what the list is sorted."""

    CODE = "code"
    NAME = "name"
    BALANCE = "balance"
    SINCE = "since"
    PLACE = "place"


USUAL: Final = (Column.STATUS, Column.BALANCE, Column.PLACE, Column.MAIL)
AMOUNTS: Final = frozenset({Column.BALANCE, Column.LOWER, Column.UPPER, Column.GIVEN})


class Member(NamedTuple):
    """All that the list may show of a member; amounts in minor units."""

    account: int
    code: str
    name: str
    standing: Standing
    balance: int
    lower: int | None
    """The limit in force; nothing where there is none."""
    upper: int | None
    given: int
    since_s: int
    full_name: str = ""
    postcode: str = ""
    place: str = ""
    mail: str = ""
    phone: str = ""
    household: tuple[str, ...] = ()
    """Who signs in beside the member itself."""
    helpers: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    language: str = ""
    posts: int = 0
    """Offers and wants that stand now."""
    note: str = ""


class Wanted(NamedTuple):
    """Which list is wanted."""

    words: str = ""
    """Each of them stands in the name, the code or another text that the list may show."""
    shown: Shown = Shown.HERE
    order: Order = Order.CODE
    falling: bool = False


def standing_of(status: AccountStatus, *, newcomer: bool) -> Standing:
    """Say what an account's status is in the words of the list."""
    if status is AccountStatus.ACTIVE:
        return Standing.NEWCOMER if newcomer else Standing.ACTIVE
    return {
        AccountStatus.INFORMATION: Standing.INFORMATION,
        AccountStatus.LEAVING: Standing.LEAVER,
        AccountStatus.INACTIVE: Standing.GONE,
    }[status]


def listed(members: Iterable[Member], wanted: Wanted) -> list[Member]:
    """Give the members who are wanted, sorted; who is alike in that stays in the order of codes."""
    words = wanted.words.casefold().split()
    found = [
        member
        for member in members
        if wanted.shown.admits(member.standing) and all(word in _read(member) for word in words)
    ]
    found.sort(key=_by_code)
    found.sort(key=lambda member: _rank(member, wanted.order), reverse=wanted.falling)
    return found


def _read(member: Member) -> str:
    """Give what words are looked for in; the note too: only coordinators see the list."""
    texts = (
        member.code,
        member.name,
        member.full_name,
        member.postcode,
        member.place,
        member.mail,
        member.phone,
        *member.household,
        member.note,
    )
    return "\n".join(texts).casefold()


def _by_code(member: Member) -> tuple[str, int]:
    return code_key(member.code).rjust(40), member.account


def _rank(member: Member, order: Order) -> tuple[int | str, ...]:
    match order:
        case Order.CODE:
            return _by_code(member)
        case Order.NAME:
            return (member.name.casefold(),)
        case Order.BALANCE:
            return (member.balance,)
        case Order.SINCE:
            return (member.since_s,)
        case Order.PLACE:
            return (member.postcode, member.place.casefold())


def columns_of(names: Iterable[str]) -> tuple[Column, ...]:
    """Give columns by name, each once and in their own order; what is none is left out."""
    chosen = set(names)
    return tuple(column for column in Column if column.value in chosen)
