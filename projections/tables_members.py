"""Members in tables: written in the transaction of the append, read at start (see `tables`)."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from events.log_store import columns
from events.queries import load_queries
from projections.membership import (
    Away,
    Erasure,
    Helps,
    Holds,
    Household,
    Membership,
    OnBoard,
    Placed,
    Posted,
    SharesName,
)
from schemas.board_bodies import ItemKind
from schemas.encoding import b64, unb64
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from events.log_store import AnyConnection
    from events.transaction import Writing

SQL: Final = load_queries(files("projections").joinpath("sql/members.sql"))


async def write_members(writing: Writing, members: Membership) -> None:
    """Write everything that a branch changed; nothing, at no cost, when that is nothing."""
    parts = (
        ("write_posts", [*members.posts.top.values()]),
        ("write_categories", [*members.categories.top.values()]),
        ("write_persons", [_person_row(person) for person in members.persons.top.values()]),
        ("write_member_texts", [*members.described.top.items()]),
        ("write_helpers", [*members.helpers.top.values()]),
        ("write_roles", [(h.account, h.role.value, h.on) for h in members.roles.top.values()]),
        ("write_pauses", [*members.away.top.values()]),
        ("write_shared_names", [*members.sharing.top.values()]),
        ("write_erasures", [*members.erasures.top.values()]),
        # a row holds the word of the kind, in the place that is typed as the kind
        ("write_items", [i._replace(kind=i.kind.value) for i in members.items.top.values()]),  # type: ignore[arg-type]
    )
    for name, rows in parts:
        if rows:
            await writing.execute(SQL[name], *columns(rows, len(rows[0])))


def _person_row(person: Household) -> tuple[object, ...]:
    # a row holds the bytes of the name, in the place that is typed as the name
    return person._replace(subject=unb64(person.subject))  # type: ignore[arg-type]


async def write_rules(writing: Writing, members: Membership) -> None:
    """Write the group's rules."""
    await writing.execute(SQL["write_rules"], members.members_see_balances, members.names_shared)


async def read_members(connection: AnyConnection) -> Membership:
    """Read all of it as the tables hold it."""
    members = Membership()
    for row in await connection.fetch(SQL["read_posts"]):
        post = Posted(*row)
        members.posts.base[post.post] = post
    for row in await connection.fetch(SQL["read_categories"]):
        category = Placed(*row)
        members.categories.base[category.category] = category
    for account, person, subject, here, seq in await connection.fetch(SQL["read_persons"]):
        found = Household(account, person, b64(subject), here=here, seq=seq)
        members.persons.base[account, person] = found
    for account, seq in await connection.fetch(SQL["read_member_texts"]):
        members.described.base[account] = seq
    for account, helper in await connection.fetch(SQL["read_helpers"]):
        members.helpers.base[account, helper] = Helps(account, helper)
    for account, role in await connection.fetch(SQL["read_roles"]):
        members.roles.base[account, Role(role)] = Holds(account, Role(role))
    for account, until_s in await connection.fetch(SQL["read_pauses"]):
        members.away.base[account] = Away(account, until_s)
    for (account,) in await connection.fetch(SQL["read_shared_names"]):
        members.sharing.base[account] = SharesName(account)
    for row in await connection.fetch(SQL["read_erasures"]):
        erasure = Erasure(*row)
        members.erasures.base[erasure.account] = erasure
    for row in await connection.fetch(SQL["read_items"]):
        item = OnBoard(*row)._replace(kind=ItemKind(row["kind"]))
        members.items.base[item.item] = item
    for rules in await connection.fetch(SQL["read_rules"]):
        members.members_see_balances, members.names_shared = rules
    members.next_post = max(members.posts.base, default=0) + 1
    members.next_category = max(members.categories.base, default=0) + 1
    members.next_item = max(members.items.base, default=0) + 1
    return members
