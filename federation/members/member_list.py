"""The list of members for coordinators: gathered from books and texts, with their own columns."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

from events.queries import load_queries
from federation.group import member_list as rules
from federation.group.member_list import USUAL, Column, Member, Order, columns_of, standing_of
from federation.group.members import described_seq
from federation.group.posts import lives
from federation.members.roles import roles_of
from federation.members.words import sign_in_address
from federation.node.patience import connection_in_time
from federation.node.statements import texts_of
from projections.room import is_newcomer, limits
from schemas.bodies import AccountKind
from schemas.errors import Code, RefusedError
from schemas.openings import MemberText

if TYPE_CHECKING:
    from federation.group.member_list import Wanted
    from federation.members.reader import Reader
    from federation.node.service import Node
    from projections.ledger import Account

SQL: Final = load_queries(files("federation.members").joinpath("sql/member_list.sql"))
_PHONES: Final = frozenset({"tel", "gsm"})


class View(NamedTuple):
    """How somebody likes the list."""

    columns: tuple[Column, ...] = USUAL
    order: Order = Order.CODE
    falling: bool = False


async def listed(node: Node, reader: Reader, wanted: Wanted, *, now_s: int) -> list[Member]:
    """Give the members who are wanted, with all that coordinators may know of them.

    Raises:
        RefusedError: `forbidden`.

    """
    require(reader)
    return rules.listed(await _everybody(node, now_s=now_s), wanted)


async def view_of(node: Node, account: int, person: int) -> View:
    """Give how somebody likes the list; the usual columns until that one chose."""
    async with connection_in_time(node.pool) as connection:
        row = await connection.fetchrow(SQL["read_columns"], account, person)
    if row is None:
        return View()
    order, falling = row["sorted"].removeprefix("-"), row["sorted"].startswith("-")
    known = Order(order) if order in set(Order) else Order.CODE
    return View(columns_of(row["columns"]), known, falling)


async def keep_view(node: Node, account: int, person: int, view: View) -> None:
    """Keep how somebody likes the list."""
    order = f"{'-' if view.falling else ''}{view.order.value}"
    columns = [column.value for column in view.columns]
    async with connection_in_time(node.pool) as connection:
        await connection.execute(SQL["keep_columns"], account, person, columns, order)


def require(reader: Reader) -> None:
    """Let only coordinators pass.

    Raises:
        RefusedError: `forbidden`.

    """
    if not reader.coordinator:
        raise RefusedError(Code.FORBIDDEN, field="account")


async def _everybody(node: Node, *, now_s: int) -> list[Member]:
    books = node.machine.books
    accounts = [
        account
        for account in books.ledger.accounts.values()
        if account.kind is AccountKind.MEMBER and account.subject is not None
    ]
    texts = await texts_by_account(node, accounts)
    names = {account: text.name for account, text in texts.items()}
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["households"])
    households: dict[int, list[str]] = {}
    for row in rows:
        households.setdefault(row["account"], []).append(row["name"])
    helpers: dict[int, list[str]] = {}
    for helps in books.members.helpers.values():
        if helps.on:
            code = books.ledger.accounts[helps.helper].code
            helpers.setdefault(helps.account, []).append(names.get(helps.helper) or code)
    posts = Counter(
        post.account for post in books.members.posts.values() if lives(post, now_s=now_s)
    )
    return [
        _member(node, account, texts.get(account.account), now_s=now_s)._replace(
            household=tuple(households.get(account.account, ())),
            helpers=tuple(helpers.get(account.account, ())),
            posts=posts[account.account],
        )
        for account in accounts
    ]


def _member(node: Node, account: Account, text: MemberText | None, *, now_s: int) -> Member:
    ledger = node.machine.books.ledger
    lower, upper = limits(ledger, account, now_s=now_s)
    said = text or MemberText(name="")
    phones = [one.value for one in said.contacts if one.kind.casefold() in _PHONES]
    return Member(
        account=account.account,
        code=account.code,
        name=said.name,
        standing=standing_of(account.status, newcomer=is_newcomer(ledger, account, now_s=now_s)),
        balance=ledger.balance(account.account),
        lower=lower,
        upper=upper,
        given=ledger.given.get(account.account) or 0,
        since_s=account.since_s,
        full_name=said.full_name,
        postcode=said.postcode,
        place=said.place,
        mail=sign_in_address(said),
        phone=phones[0] if phones else "",
        roles=tuple(sorted(roles_of(node, account.account))),
        language=said.language,
        note=said.admin_comment,
    )


async def texts_by_account(node: Node, accounts: list[Account]) -> dict[int, MemberText]:
    """Give what is written about members; for coordinators only."""
    books = node.machine.books
    places = {one.account: described_seq(books, one.account) for one in accounts}
    opened = await texts_of(node, sorted(set(places.values()))) if places else {}
    found: dict[int, MemberText] = {}
    for account in accounts:
        for text in opened.get((places[account.account], account.subject or ""), ()):
            if isinstance(text, MemberText):
                found[account.account] = text
    return found
