"""Who may do what for whom: roles, helpers, persons of a household."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node
    from schemas.member_bodies import Role


def roles_of(node: Node, account: int) -> frozenset[Role]:
    """Give the roles of an account; none when it is inactive."""
    raise NotImplementedError


def may_act_for(node: Node, account: int) -> list[int]:
    """Give the accounts of the members for whom this one may act, as their helper."""
    raise NotImplementedError


def helpers_of(node: Node, account: int) -> list[int]:
    """Give the accounts of the members who may act for this one."""
    raise NotImplementedError


def reader_of(
    node: Node, account: int, person: int = 0, *, acting_for: int | None = None
) -> Reader:
    """Give the reader of a session. A coordinator may act for any member.

    Raises:
        InputError: `account_unknown`, `account_inactive`, `person_unknown`.
        RefusedError: `not_yours` when it may not act for that member.

    """
    raise NotImplementedError


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
    """Let somebody else of the household sign in for an account; gives its number."""
    raise NotImplementedError


async def leave_person(node: Node, reader: Reader, account: int, person: int, *, key: str) -> None:
    """Let a person no longer sign in."""
    raise NotImplementedError


async def appoint_helper(
    node: Node, reader: Reader, account: int, helper: int, *, key: str
) -> None:
    """Let the member `helper` act for the member `account`."""
    raise NotImplementedError


async def dismiss_helper(
    node: Node, reader: Reader, account: int, helper: int, *, key: str
) -> None:
    """Let a helper no longer act for a member."""
    raise NotImplementedError


async def give_role(node: Node, reader: Reader, account: int, role: Role, *, key: str) -> None:
    """Give a member a role; for coordinators."""
    raise NotImplementedError


async def take_role(node: Node, reader: Reader, account: int, role: Role, *, key: str) -> None:
    """Take a role from a member; for coordinators."""
    raise NotImplementedError


async def set_rules(node: Node, reader: Reader, *, members_see_balances: bool, key: str) -> None:
    """Set how the group wants its pages; for coordinators."""
    raise NotImplementedError
