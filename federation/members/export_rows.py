"""The tables of an export that are small: accounts, contacts, limits, categories, settings."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from federation.group.commands import GROUP_SUBJECT
from federation.members.queries import SQL
from federation.members.reader import former_visibility
from federation.members.roles import roles_of
from federation.migrate.accounts import OLD_PARTNER_NAME
from federation.migrate.written import ACCESS, EXTERNAL, STATUS, limit, moment
from federation.node.statements import texts_of
from schemas.bodies import AccountKind, AccountStatus
from schemas.encoding import encode, unb64
from schemas.member_bodies import Role
from schemas.openings import MemberText, NameText

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Connection, Record

    from federation.group.rights import Looks
    from federation.migrate.written import Value
    from federation.node.service import Node
    from projections.books import Books
    from projections.ledger import Account

    Pages = AsyncIterator[list[tuple[Value, ...]]]

PAGE: Final = 500
_OTHER_GROUPS: Final = (AccountKind.OLD_PARTNER, AccountKind.CLEARING)


class View(NamedTuple):
    """A group as it is in one snapshot of its database."""

    node: Node
    connection: Connection[Record]
    books: Books
    accounts: list[Account]
    at_s: int
    looks: Looks | None
    """Who takes it along; none when the group itself moves, with all that its members wrote."""
    kinds: dict[str, int]
    """The kinds of contacts that were met, with their numbers in the file."""


class _Described(NamedTuple):
    account: Account
    text: MemberText
    """All that is written about a member; of another account its name."""


async def _described(view: View) -> AsyncIterator[list[_Described]]:
    """Give all accounts, page by page, with what is written about them."""
    described, accounts = view.books.members.described, iter(view.accounts)
    while page := list(islice(accounts, PAGE)):
        newest = [described.get(a.account) or a.opened_seq for a in page]
        texts = await texts_of(view.node, newest)
        found = []
        for account, seq in zip(page, newest, strict=True):
            own = texts.get((seq, account.subject or GROUP_SUBJECT), [])
            text = next((t for t in own if isinstance(t, MemberText | NameText)), None)
            if not isinstance(text, MemberText):
                text = MemberText(name="" if text is None else text.name)
            found.append(_Described(account, text))
        yield found


def _group_of(view: View, account: Account, name: str) -> str:
    """Name the group behind an account that is no member's."""
    if account.kind is AccountKind.OLD_PARTNER:
        return name.removeprefix(OLD_PARTNER_NAME.format(group="")) or account.code
    if account.line is not None:
        peer = view.node.peers.get(view.books.lines[account.line].peer)
        return peer.name if peer else account.code
    own = view.node.settings.name
    return own if account.kind is AccountKind.GROUP else f"{own}, {account.code}"


async def user_rows(view: View) -> Pages:
    """Give every account; one that is no member's has the role of a partner group's."""
    async for page in _described(view):
        yield [_user(view, account, text) for account, text in page]


def _user(view: View, account: Account, text: MemberText) -> tuple[Value, ...]:
    if account.kind is not AccountKind.MEMBER:
        name = _group_of(view, account, text.name)
        gone = account.status is AccountStatus.INACTIVE
        status = STATUS[AccountStatus.INACTIVE] if gone else EXTERNAL
        nothing = (None,) * 6
        return (
            *(account.account, account.code, name, name, *nothing),
            *("guest", status, None, None, None, None, None),
        )
    role = "admin" if Role.COORDINATOR in roles_of(view.node, account.account) else "user"
    return (
        *(account.account, account.code, text.name, text.full_name, "admin", text.postcode),
        *(text.birthdate, text.hobbies, text.comment, text.admin_comment),
        *(role, STATUS[account.status], moment(account.since_s)),
        *(text.place, text.skills, text.language),
        None if text.picture is None else file_of(unb64(text.picture.digest)),
    )


def file_of(digest: bytes) -> str:
    """Give the name of a picture's file: no two that differ in small and large letters only."""
    return f"{digest.hex()}.jpg"


async def contact_rows(view: View) -> Pages:
    """Give all ways to reach members, and note their kinds in `view.kinds`."""
    number = 0
    async for page in _described(view):
        rows: list[tuple[Value, ...]] = []
        for account, text in page:
            for contact in text.contacts:
                number += 1
                kind = view.kinds.setdefault(contact.kind, len(view.kinds) + 1)
                access = ACCESS[former_visibility(contact.access)]
                rows.append((number, account.account, kind, contact.value, contact.comment, access))
        yield rows


async def kind_rows(view: View) -> Pages:
    """Give the kinds of contacts that `contact_rows` met."""
    yield [(number, kind, kind) for kind, number in view.kinds.items()]


async def partner_rows(view: View) -> Pages:
    """Give the other groups, each with its account here."""
    async for page in _described(view):
        rows: list[tuple[Value, ...]] = []
        for account, text in page:
            if account.kind in _OTHER_GROUPS:
                name = _group_of(view, account, text.name)
                line = None if account.line is None else view.books.lines[account.line]
                peer = None if line is None else view.node.peers.get(line.peer)
                url = None if peer is None else peer.url
                rows.append((account.account, name, "mail", account.code, url))
        yield rows


async def limit_rows(view: View, which: Literal["lower_minor", "upper_minor"]) -> Pages:
    """Give the own limits of members; who has none falls back to the group's."""
    at = moment(view.at_s)
    yield [
        (account.account, account.account, limit(bound), at, "t")
        for account in view.accounts
        if account.kind is AccountKind.MEMBER
        for bound in [getattr(account, which)]
        if bound is not None
    ]


async def balance_rows(view: View) -> Pages:
    """Give every balance as it is now."""
    at, ledger = moment(view.at_s), view.books.ledger
    balances = [(a.account, ledger.balance(a.account)) for a in view.accounts]
    assert sum(balance for _, balance in balances) == 0, "all balances sum to zero"
    yield [(account, account, balance, balance, at) for account, balance in balances]


async def category_rows(view: View) -> Pages:
    """Give the categories, each parent before its children."""
    yield [
        (
            row["category"],
            row["name"] or str(row["category"]),
            row["parent"],
            1 + bool(row["parent"]),
        )
        for row in await view.connection.fetch(SQL["categories"])
    ]


async def config_rows(view: View) -> Pages:
    """Give the group's settings that the former program knew too."""
    settings = view.books.ledger.settings
    assert settings is not None
    unit, limits = settings.unit, settings.limits
    said: dict[str, Any] = {
        "system.name": view.node.settings.name,
        "transactions.currency.name": unit.plural,
        "transactions.currency.per_hour_ratio": unit.rate.per_hour * 10**unit.rate.decimals,
        "accounts.limits.global.min": limit(limits.lower_minor),
        "accounts.limits.global.max": limit(limits.upper_minor),
        "users.new.days": limits.newcomer_days,
    }
    yield [(name, encode(value).decode()) for name, value in said.items()]
