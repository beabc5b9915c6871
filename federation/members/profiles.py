"""Members as others see them, and who signs in under which address."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import msgspec

from schemas.bodies import AccountStatus
from schemas.member_bodies import Role, Visibility

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node
    from schemas.openings import MemberText


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who signs in for an account; person 0 is the member itself."""

    account: int
    person: int
    code: str
    name: str
    address: str = ""
    language: str = ""
    """`nl`, `fr` or `en`; empty: the group's."""


class ShownContact(msgspec.Struct, frozen=True, kw_only=True):
    """One way to reach a member."""

    kind: str
    value: str
    visibility: Visibility
    comment: str = ""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A member as one reader sees it."""

    account: int
    code: str
    name: str
    status: AccountStatus
    postcode: str = ""
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    about: str = ""
    skills: str = ""
    since_s: int = 0
    paused_until_s: int = 0
    """0: not away; `posts.FOREVER`: until told otherwise."""
    contacts: tuple[ShownContact, ...] = ()
    """Those that the reader may see."""
    persons: tuple[Person, ...] = ()
    """The household; addresses only for the member itself and coordinators."""
    helpers: tuple[int, ...] = ()
    roles: tuple[Role, ...] = ()
    balance_minor: int | None = None
    """None when it is not for this reader."""


def address_key(address: str) -> str:
    """Give the form in which two mail addresses are the same."""
    return unicodedata.normalize("NFC", address).strip().casefold()


async def person_by_address(node: Node, address: str) -> list[Person]:
    """Give everybody who signs in with an address, by account; nobody of inactive accounts."""
    raise NotImplementedError


async def person(node: Node, account: int, number: int = 0) -> Person | None:
    """Give one person of an account, nothing when it is not there (any more)."""
    raise NotImplementedError


async def persons_of(node: Node, account: int) -> list[Person]:
    """Give everybody who signs in for an account."""
    raise NotImplementedError


async def profile(node: Node, account: int, reader: Reader) -> Profile:
    """Give a member as the reader may see it.

    Raises:
        InputError: `account_unknown`; also for who may not see members at all.

    """
    raise NotImplementedError


async def profiles(
    node: Node, reader: Reader, *, words: str = "", offset: int = 0, limit: int = 100
) -> list[Profile]:
    """Give the list of members in the order of their codes; `words` narrow it by name or code."""
    raise NotImplementedError


async def member_text(node: Node, account: int) -> MemberText | None:
    """Give all that is written down about a member; nothing when it was erased."""
    raise NotImplementedError


async def describe(node: Node, reader: Reader, account: int, text: MemberText, *, key: str) -> None:
    """Replace what is written about a member; only a coordinator changes `admin_comment`.

    Raises:
        InputError: `text_missing`, `too_large`, `too_many`, `malformed`.
        RefusedError: `account_unknown`, `not_yours`, `conflict`.

    """
    raise NotImplementedError
