"""Who may do what for whom: roles, helpers, persons of a household, the group's rules."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from federation.group import members as rules
from federation.group.member_commands import (
    AppointHelper,
    DismissHelper,
    GiveRole,
    JoinPerson,
    LeavePerson,
    SetRules,
    ShareName,
    TakeRole,
)
from federation.members import words
from federation.members.reader import Reader
from federation.members.submitting import actor_of, submit
from schemas.encoding import b64, unb64
from schemas.errors import Code, Refusal, RefusedError
from schemas.openings import PersonText

if TYPE_CHECKING:
    from federation.node.service import Node
    from schemas.member_bodies import Role


def roles_of(node: Node, account: int) -> frozenset[Role]:
    """Give the roles of an account; none when it is inactive."""
    books = node.machine.books
    if rules.active_refused(books, account) is not None:
        return frozenset()
    return frozenset(h.role for h in books.members.roles.values() if h.account == account)


def with_role(node: Node, role: Role) -> list[int]:
    """Give the accounts that have a role; those that are inactive do not."""
    books = node.machine.books
    held = {one.account for one in books.members.roles.values() if one.role is role}
    return sorted(one for one in held if rules.active_refused(books, one) is None)


def may_act_for(node: Node, account: int) -> list[int]:
    """Give the accounts of the members for whom this one may act, as their helper."""
    helpers = node.machine.books.members.helpers.values()
    return sorted(helps.account for helps in helpers if helps.helper == account)


def helpers_of(node: Node, account: int) -> list[int]:
    """Give the accounts of the members who may act for this one."""
    helpers = node.machine.books.members.helpers.values()
    return sorted(helps.helper for helps in helpers if helps.account == account)


def reader_of(
    node: Node, account: int, person: int = 0, *, acting_for: int | None = None
) -> Reader:
    """Give the reader of a session. A coordinator may act for any member.

    Raises:
        RefusedError: `account_unknown`, `account_inactive`, `person_unknown`; `not_yours` when it
            may not act for that member.

    """
    books = node.machine.books
    _check(rules.active_refused(books, account))
    here = books.members.persons.get((account, person))
    if person and (here is None or not here.here):
        raise RefusedError(Code.PERSON_UNKNOWN, field="person")
    if acting_for is not None:
        _check(
            rules.active_refused(books, acting_for)
            or rules.not_yours(books, account, acting_for, "account")
        )
    invited = acting_for in (None, account) or books.members.helps(account, acting_for or 0)
    return Reader(
        account=account,
        person=person,
        acting_for=acting_for,
        uninvited=frozenset() if invited else frozenset({acting_for or 0}),
        roles=roles_of(node, account),
    )


def _check(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise RefusedError.of(refusal)


async def join_person(
    node: Node,
    reader: Reader,
    account: int,
    *,
    name: str,
    address: str,
    language: str = "",
    key: str,
) -> int:
    """Let somebody else of the household sign in for an account; gives its number.

    Raises:
        InputError: `text_missing`, `too_large`, `mail_address_invalid`, `malformed`.
        RefusedError: the refusals of `federation.group.members.join`, `forbidden`, `conflict`.

    """
    text = PersonText(
        name=words.line(name, "name", words.NAME_MAX, needed=True),
        address=words.mail_address(address),
        language=words.language(language),
    )
    # made of the key: the same command again must be the same to the byte
    subject = b64(sha256(b"ruilbrug/person/v1\n" + unb64(key, size=16, field="key")).digest()[:16])
    return await submit(node, JoinPerson(key, actor_of(reader), account, subject, text))


async def leave_person(node: Node, reader: Reader, account: int, person: int, *, key: str) -> None:
    """Let a person no longer sign in. Raises the refusals of `federation.group.members.leave`."""
    await submit(node, LeavePerson(key, actor_of(reader), account, person))


async def appoint_helper(
    node: Node, reader: Reader, account: int, helper: int, *, key: str
) -> None:
    """Let the member `helper` act for `account`; `federation.group.members.help_out` refuses."""
    await submit(node, AppointHelper(key, actor_of(reader), account, helper))


async def dismiss_helper(
    node: Node, reader: Reader, account: int, helper: int, *, key: str
) -> None:
    """Let a helper no longer act for a member; `federation.group.members.help_out` refuses."""
    await submit(node, DismissHelper(key, actor_of(reader), account, helper))


async def give_role(node: Node, reader: Reader, account: int, role: Role, *, key: str) -> None:
    """Give a member a role; `federation.group.members.change_role` refuses."""
    await submit(node, GiveRole(key, actor_of(reader), account, role))


async def take_role(node: Node, reader: Reader, account: int, role: Role, *, key: str) -> None:
    """Take a role from a member; `federation.group.members.change_role` refuses."""
    await submit(node, TakeRole(key, actor_of(reader), account, role))


async def set_rules(
    node: Node,
    reader: Reader,
    *,
    members_see_balances: bool | None = None,
    names_shared: bool | None = None,
    key: str,
) -> None:
    """Set how the group wants its pages; `federation.group.members.set_rules` refuses."""
    await submit(node, SetRules(key, actor_of(reader), members_see_balances, names_shared))


async def share_name(node: Node, reader: Reader, account: int, *, shares: bool, key: str) -> None:
    """Let other groups find a member by name; `federation.group.members.share_name` refuses."""
    await submit(node, ShareName(key, actor_of(reader), account, shares))
