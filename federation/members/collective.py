"""Collective bookings: shown row by row first, booked as shown, given back whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.group import collective, collective_recipes
from federation.group.collective import Beyond, BookCollective, ReverseCollective
from federation.group.collective_recipes import Basis, Whom
from federation.members.acting import said
from federation.members.agreeing_queries import SQL
from federation.members.people import Party, names_of, party
from federation.members.submitting import actor_of
from federation.members.thread_messages import group_texts
from federation.node.service import now_s
from projections import tables_agreeing
from schemas.bodies import AccountKind, CollectiveBooked
from schemas.encoding import unb64
from schemas.errors import Code, InputError, Refusal, RefusedError
from schemas.openings import DESCRIPTION_LENGTH_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.group.collective import Plan, Shares
    from federation.members.reader import Reader
    from federation.node.service import Node

LISTED: Final = 200

_BODY: Final = msgspec.json.Decoder(CollectiveBooked)


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What a coordinator wants to book: between whom, and for how much each or together."""

    one: int
    """The account on the one side."""
    gives: bool
    """It gives to the others; else they give to it."""
    basis: Basis
    amount_minor: int
    whom: Whom = Whom.ALL
    named: tuple[tuple[int, int | None], ...] = ()
    """(member, own amount): these take part instead; who has no amount follows the basis."""
    beyond: Beyond = Beyond.SKIP


class ShownRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the booking is to one of the many."""

    member: Party
    asked_minor: int
    amount_minor: int
    after_minor: int
    refusal: Refusal | None = None
    soft: bool = False


class ShownPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly what would be booked now."""

    one: Party
    gives: bool
    rows: tuple[ShownRow, ...]
    shares: tuple[tuple[int, int], ...]
    total_minor: int
    one_after_minor: int
    refusal: Refusal | None = None


class ShownShare(msgspec.Struct, frozen=True, kw_only=True):
    """The part of one of the many."""

    member: Party
    amount_minor: int


class ShownCollective(msgspec.Struct, frozen=True, kw_only=True):
    """A collective booking that was made."""

    seq: int
    at_s: int
    one: Party
    gives: bool
    members: int
    total_minor: int
    description: str
    entered_by: Party | None = None
    reverses: int | None = None
    reversed_by: int | None = None
    each: tuple[ShownShare, ...] = ()
    """Every member with its part, where one booking is looked at."""


def group_account(node: Node, reader: Reader) -> int:
    """Give the group's own account, to who may book for it.

    Raises:
        InputError: `not_configured`.
        RefusedError: `forbidden`.

    """
    require(reader)
    account = node.machine.books.ledger.account_of_kind(AccountKind.GROUP)
    if account is None:
        raise InputError(Code.NOT_CONFIGURED, field="account")
    return account.account


async def plan(node: Node, reader: Reader, recipe: Recipe) -> ShownPlan:
    """Say row by row what would be booked, by the rule that books it; nothing is.

    Raises:
        RefusedError: `forbidden`.

    """
    require(reader)
    made = _planned(node, recipe)
    names = await names_of(node, {recipe.one, *(row.account for row in made.rows)})
    rows = [
        ShownRow(
            member=_party(node, row.account, names),
            asked_minor=row.asked_minor,
            amount_minor=row.amount_minor,
            after_minor=row.after_minor,
            refusal=row.refusal,
            soft=row.soft,
        )
        for row in made.rows
    ]
    return ShownPlan(
        one=_party(node, recipe.one, names),
        gives=recipe.gives,
        rows=tuple(rows),
        shares=made.shares,
        total_minor=made.total_minor,
        one_after_minor=made.one_after_minor,
        refusal=made.refusal,
    )


def _planned(node: Node, recipe: Recipe) -> Plan:
    books, now = node.machine.books, now_s()
    if recipe.named:
        own = {member: amount for member, amount in recipe.named if amount is not None}
        rest = [member for member, amount in recipe.named if amount is None]
        by_basis = dict(
            collective_recipes.asked(books, recipe.basis, recipe.amount_minor, rest) if rest else ()
        )
        both = own | by_basis
        asked: Shares = tuple((m, both[m]) for m, _ in recipe.named if m in both)
    else:
        members = collective_recipes.chosen(books, recipe.whom, one=recipe.one, now_s=now)
        asked = collective_recipes.asked(books, recipe.basis, recipe.amount_minor, members)
    return collective.plan(
        books, one=recipe.one, gives=recipe.gives, asked=asked, beyond=recipe.beyond, now_s=now
    )


async def book(
    node: Node,
    reader: Reader,
    *,
    one: int,
    gives: bool,
    shares: Sequence[tuple[int, int]],
    description: str,
    key: str,
) -> ShownCollective:
    """Book what was shown, once.

    Raises:
        InputError: `malformed`, `too_large`.
        RefusedError: the refusals of `federation.group.collective.book`, `conflict`.

    """
    text = said(description, field="description", length_max=DESCRIPTION_LENGTH_MAX)
    actor = actor_of(reader)
    answer = await node.do(BookCollective(key, actor, one, gives, tuple(shares), text))
    return await show(node, reader, answer.seq)


async def give_back(
    node: Node, reader: Reader, original: int, *, key: str, description: str = ""
) -> ShownCollective:
    """Give a collective booking back, number by number, once.

    Raises:
        InputError: `malformed`, `too_large`.
        RefusedError: the refusals of `federation.group.collective.reverse`, `conflict`.

    """
    text = said(description, field="description", length_max=DESCRIPTION_LENGTH_MAX)
    answer = await node.do(ReverseCollective(key, actor_of(reader), original, text))
    return await show(node, reader, answer.seq)


async def booked_under(node: Node, reader: Reader, key: str) -> ShownCollective | None:
    """Give the collective booking that was made under a key: whoever asks again books no other.

    Raises:
        RefusedError: `forbidden`.

    """
    rows = await node.pool.fetch(SQL["used_keys"], [unb64(key)])
    try:
        return await show(node, reader, rows[0]["seq"]) if rows else None
    except InputError:
        return None  # something else was done under it: the log refuses it as `conflict`


async def show(node: Node, reader: Reader, seq: int) -> ShownCollective:
    """Give one collective booking.

    Raises:
        InputError: `not_found`.
        RefusedError: `forbidden`.

    """
    require(reader)
    async with node.pool.acquire() as connection:
        found = await tables_agreeing.read_bookings(connection, [seq])
    body = found.get(seq)
    if not isinstance(body, CollectiveBooked):
        raise InputError(Code.NOT_FOUND, field="trade")
    many = body.postings[1:]
    names = await names_of(node, {leg.account for leg in many})
    each = tuple(
        ShownShare(member=party(node, leg.account, names), amount_minor=abs(leg.amount_minor))
        for leg in many
    )
    return msgspec.structs.replace((await _shown(node, [(seq, body)]))[0], each=each)


async def made(node: Node, reader: Reader) -> list[ShownCollective]:
    """List the newest collective bookings that the group's account has part in, newest first.

    Raises:
        InputError: `not_configured`.
        RefusedError: `forbidden`.

    """
    account = group_account(node, reader)
    rows = await node.pool.fetch(SQL["collectives_of"], account, LISTED)
    return await _shown(node, [(row["seq"], _BODY.decode(row["body"])) for row in rows])


async def _shown(node: Node, found: list[tuple[int, CollectiveBooked]]) -> list[ShownCollective]:
    seqs = [seq for seq, _ in found]
    texts = await group_texts(node, seqs)
    async with node.pool.acquire() as connection:
        reversed_by = await tables_agreeing.read_reversals(connection, seqs) if seqs else {}
    parties = {body.postings[0].account for _, body in found}
    parties |= {body.entered_by for _, body in found if body.entered_by is not None}
    names = await names_of(node, parties)
    return [
        ShownCollective(
            seq=seq,
            at_s=body.at_s,
            one=_party(node, body.postings[0].account, names),
            gives=body.postings[0].amount_minor < 0,
            members=len(body.postings) - 1,
            total_minor=abs(body.postings[0].amount_minor),
            description=getattr(texts.get(seq), "description", ""),
            entered_by=None if body.entered_by is None else _party(node, body.entered_by, names),
            reverses=body.reverses,
            reversed_by=reversed_by.get(seq),
        )
        for seq, body in found
    ]


def _party(node: Node, account: int, names: dict[int, str]) -> Party:
    if account not in node.machine.books.ledger.accounts:
        return Party(account=account)
    return party(node, account, names)


def require(reader: Reader) -> None:
    """Refuse whoever is no coordinator.

    Raises:
        RefusedError: `forbidden`.

    """
    if not reader.treasurer:
        raise RefusedError(Code.FORBIDDEN, field="account")
