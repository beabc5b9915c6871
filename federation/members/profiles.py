"""Members as others see them, and who signs in under which address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from federation.group import members as rules
from federation.group.member_commands import DescribeMember
from federation.members import pictures, words
from federation.members.queries import SQL
from federation.members.reader import (
    OPERATOR,
    former_visibility,
    is_own,
    may_see_balance,
    may_see_members,
    visibilities,
)
from federation.members.roles import helpers_of, roles_of
from federation.members.submitting import actor_of, submit
from federation.node.statements import texts_of
from schemas.bodies import AccountStatus
from schemas.errors import Code, InputError, RefusedError, StorageError
from schemas.member_bodies import Picture, Role, Visibility
from schemas.openings import MemberText

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncpg import Record

    from federation.members.reader import Reader
    from federation.node.service import Node

CONTACTS_MAX: Final = 20
_SHORT_MAX: Final = 40
_VALUE_MAX: Final = 200
_ABOUT_MAX: Final = 2_000
_LIST_MAX: Final = 1_000
ATTEMPTS_MAX: Final = 5
"""So often somebody else may be quicker to write about a member."""
_PICTURE: Final = msgspec.json.Decoder(Picture)


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
    """0: not away; `opened.FOREVER`: until told otherwise."""
    contacts: tuple[ShownContact, ...] = ()
    """Those that the reader may see."""
    persons: tuple[Person, ...] = ()
    """The household; addresses only for the member itself and coordinators."""
    helpers: tuple[int, ...] = ()
    roles: tuple[Role, ...] = ()
    picture: Picture | None = None
    balance_minor: int | None = None
    """None when it is not for this reader."""


async def person_by_address(node: Node, address: str) -> list[Person]:
    """Give everybody who signs in with an address, by account; nobody of inactive accounts."""
    return _persons(await node.pool.fetch(SQL["by_address"], words.address_key(address)))


async def person(node: Node, account: int, number: int = 0) -> Person | None:
    """Give one person of an account, nothing when it is not there (any more)."""
    return next((p for p in await persons_of(node, account) if p.person == number), None)


async def persons_of(node: Node, account: int) -> list[Person]:
    """Give everybody who signs in for an account; the member itself comes first."""
    return _persons(await node.pool.fetch(SQL["persons"], [account]))


def _persons(rows: list[Record]) -> list[Person]:
    return [Person(**dict(row)) for row in rows]


async def profile(node: Node, account: int, reader: Reader) -> Profile:
    """Give a member as the reader may see it.

    Raises:
        InputError: `account_unknown`; also for who is not a member here.

    """
    rows = await node.pool.fetch(SQL["member"], [account]) if may_see_members(reader) else []
    if not rows:
        raise InputError(Code.ACCOUNT_UNKNOWN, field="account")
    return (await _shown(node, reader, rows))[0]


async def profiles(
    node: Node, reader: Reader, *, said: str = "", offset: int = 0, limit: int = 100
) -> list[Profile]:
    """Give the list of members in the order of their codes; `said` narrows it by name or code.

    Inactive members are for coordinators only.
    """
    if not may_see_members(reader):
        return []
    looked_for = said.strip()
    rows = await node.pool.fetch(
        SQL["members"], reader.coordinator, looked_for, offset, min(limit, _LIST_MAX)
    )
    return await _shown(node, reader, rows)


async def _shown(node: Node, reader: Reader, rows: list[Record]) -> list[Profile]:
    accounts = [row["account"] for row in rows]
    own = [number for number in (reader.account, reader.acting_for) if number is not None]
    seen = [visibility.value for visibility in visibilities(reader)]
    contacts: dict[int, list[ShownContact]] = {}
    for account, *said, comment in await node.pool.fetch(SQL["contacts"], accounts, seen, own):
        kind, value, access = said
        shown = ShownContact(kind=kind, value=value, visibility=Visibility(access), comment=comment)
        contacts.setdefault(account, []).append(shown)
    persons: dict[int, list[Person]] = {}
    for found in _persons(await node.pool.fetch(SQL["persons"], accounts)):
        own_or_staff = reader.coordinator or is_own(reader, found.account)
        told = found if own_or_staff else replace(found, address="", language="")
        persons.setdefault(found.account, []).append(told)
    return [
        Profile(
            **_fields(row),
            contacts=tuple(contacts.get(row["account"], ())),
            persons=tuple(persons.get(row["account"], ())),
            helpers=tuple(helpers_of(node, row["account"])),
            roles=tuple(sorted(roles_of(node, row["account"]))),
            balance_minor=_balance(node, reader, row["account"]),
        )
        for row in rows
    ]


def _fields(row: Record) -> dict[str, Any]:
    picture = None if row["picture"] is None else _PICTURE.decode(row["picture"])
    return dict(row) | {"status": AccountStatus(row["status"]), "picture": picture}


def _balance(node: Node, reader: Reader, account: int) -> int | None:
    books = node.machine.books
    open_to_members = books.members.members_see_balances
    if not may_see_balance(reader, account, members_see_balances=open_to_members):
        return None
    return books.ledger.balance(account)


async def member_text(node: Node, account: int) -> MemberText | None:
    """Give all that is written down about a member; nothing when it was erased.

    For the member's own form and coordinators only: it holds what others may not see.
    """
    books = node.machine.books
    if rules.member_refused(books, account) is not None:
        return None
    return await _text_at(node, account, rules.described_seq(books, account))


async def _text_at(node: Node, account: int, seq: int) -> MemberText | None:
    found = await texts_of(node, [seq])
    texts = found.get((seq, rules.subject_of(node.machine.books, account)), [])
    return next((text for text in texts if isinstance(text, MemberText)), None)


async def describe(node: Node, reader: Reader, account: int, text: MemberText, *, key: str) -> None:
    """Replace what is written about a member; only a coordinator changes `admin_comment`.

    By which address a member signs in, its helpers do not choose: they could sign in as it. Which
    picture the profile shows is for `show_picture`, and stays.

    Raises:
        InputError: `text_missing`, `too_large`, `too_many`, `mail_address_invalid`, `malformed`.
        RefusedError: the refusals of `federation.group.members.describe`, `not_yours`, `forbidden`,
            `conflict`.
        StorageError: `busy` when others always were quicker.

    """
    fit = checked(text)

    def written(before: MemberText) -> MemberText:
        if reader.coordinator:
            return replace(fit, picture=before.picture)
        said = replace(fit, picture=before.picture, admin_comment=before.admin_comment)
        addresses = {words.address_key(words.sign_in_address(text)) for text in (before, said)}
        if reader.account != account and len(addresses) > 1:
            raise RefusedError(Code.NOT_YOURS, field="contacts")
        return said

    await _write(node, reader, account, written, key=key)


async def show_picture(
    node: Node, reader: Reader, account: int, picture: Picture | None, *, key: str
) -> None:
    """Let the profile of a member show another picture, as `pictures.store` gave it, or none.

    Raises:
        InputError: `picture_unknown`.
        RefusedError: those of `describe`.
        StorageError: as `describe`.

    """
    books = node.machine.books
    refusal = rules.member_refused(books, account) or rules.not_yours(
        books, actor_of(reader), account, "account"
    )
    if refusal is not None:
        raise RefusedError.of(refusal)
    if picture is not None:
        await pictures.require(node, account, (picture,))
    # what stands beside it is not looked at again: a former system may have left what we refuse
    await _write(node, reader, account, lambda before: replace(before, picture=picture), key=key)


async def _write(
    node: Node,
    reader: Reader,
    account: int,
    change: Callable[[MemberText], MemberText],
    *,
    key: str,
) -> None:
    """Write what `change` makes of what stands; anew when somebody wrote that meanwhile."""
    actor = actor_of(reader)
    refusal = rules.member_refused(node.machine.books, account)
    if refusal is not None:
        raise RefusedError.of(refusal)
    for _ in range(ATTEMPTS_MAX):
        seq = rules.described_seq(node.machine.books, account)
        text = change(await _text_at(node, account, seq) or MemberText(name=""))
        try:
            await submit(node, DescribeMember(key, actor, account, text, seq))
        except RefusedError as error:
            if error.code is not Code.MEMBERS_CHANGED:
                raise
        else:
            return
    raise StorageError(Code.BUSY)


async def take_over_picture(node: Node, account: int, upload: bytes, key: str) -> bool:
    """Let a profile show a picture that came along, and tell so; it keeps one that it shows.

    Raises:
        InputError: those of `pictures.take_over`.

    """
    text = await member_text(node, account)
    if text is not None and text.picture is not None:
        return False
    picture = await pictures.take_over(node, account, upload)
    await show_picture(node, OPERATOR, account, picture, key=key)
    return True


def checked(text: MemberText) -> MemberText:
    """Give what is written about a member in the form in which it is kept.

    Raises:
        InputError: `text_missing`, `too_large`, `too_many`, `mail_address_invalid`, `malformed`.

    """
    if len(text.contacts) > CONTACTS_MAX:
        raise InputError(Code.TOO_MANY, field="contacts", limit=CONTACTS_MAX)
    contacts = tuple(
        replace(
            contact,
            kind=words.line(contact.kind, "contacts", _SHORT_MAX, needed=True),
            value=words.mail_address(contact.value)
            if contact.kind.strip().casefold() in words.MAIL_KINDS
            else words.line(contact.value, "contacts", _VALUE_MAX, needed=True),
            access=former_visibility(contact.access).value,
            comment=words.line(contact.comment, "contacts", _VALUE_MAX),
        )
        for contact in text.contacts
    )
    return MemberText(
        name=words.line(text.name, "name", words.NAME_MAX, needed=True),
        full_name=words.line(text.full_name, "full_name", words.NAME_MAX),
        postcode=words.line(text.postcode, "postcode", _SHORT_MAX),
        birthdate=words.line(text.birthdate, "birthdate", _SHORT_MAX),
        hobbies=words.paragraphs(text.hobbies, "hobbies", _ABOUT_MAX),
        comment=words.paragraphs(text.comment, "about", _ABOUT_MAX),
        admin_comment=words.paragraphs(text.admin_comment, "admin_comment", _ABOUT_MAX),
        contacts=contacts,
        place=words.line(text.place, "place", words.NAME_MAX),
        skills=words.paragraphs(text.skills, "skills", _ABOUT_MAX),
        language=words.language(text.language),
        picture=text.picture,
    )
