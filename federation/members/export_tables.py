"""The tables of an export that are large: posts and bookings, read through a cursor.

Invariant: what the bookings move is what the accounts have; checked when all are written.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.group.commands import GROUP_SUBJECT
from federation.group.rights import reads_words
from federation.members.export_rows import PAGE, file_of
from federation.members.queries import EXPORT, SQL
from federation.migrate.written import ACCESS, UNITS, html, legs, moment, title
from federation.node.queries import SQL as NODE_SQL
from federation.node.statements import texts_of, traded
from schemas.bodies import AccountKind, Posting
from schemas.encoding import encode, unb64
from schemas.member_bodies import PriceKind, Visibility
from schemas.openings import TransferText

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from asyncpg import Record

    from federation.members.export_rows import Pages, View
    from federation.migrate.written import Value


_OWN: Final = frozenset({AccountKind.MEMBER, AccountKind.GROUP})
"""What is sealed for the group and moves between these alone is one to many, or many to one."""


async def posts(view: View) -> Pages:
    """Give offers and wants; one that was taken back has expired."""
    cursor = await view.connection.cursor(EXPORT["posts"])
    while found := await cursor.fetch(PAGE):
        yield [_post(view, row) for row in found]


def _post(view: View, row: Record) -> tuple[Value, ...]:
    kind = PriceKind(row["price_kind"])
    expires_at_s = min(row["expires_at_s"], view.at_s) if row["ended"] else row["expires_at_s"]
    pictures = [file_of(unb64(one["digest"])) for one in msgspec.json.decode(row["pictures"])]
    return (
        *(row["post"], row["account"], row["category"], title(row["title"]), html(row["text"])),
        *("want" if row["want"] else "offer", "stuff" if row["goods"] else "service"),
        *(row["price_minor"], UNITS.get(kind), moment(expires_at_s), encode(pictures).decode()),
        *(ACCESS[Visibility(row["visibility"])], moment(row["placed_at_s"])),
        *(row["postcode"], row["place"]),
    )


async def pictures(view: View) -> AsyncIterator[tuple[str, bytes]]:
    """Give the pictures of posts and members, each once, by their files' names; none erased."""
    seen: set[bytes] = set()
    cursor = await view.connection.cursor(EXPORT["pictures_shown"])
    while found := await cursor.fetch(PAGE):
        for row in found:
            subject = unb64(view.books.ledger.accounts[row["account"]].subject or "")
            for one in msgspec.json.decode(row["pictures"]):
                digest = unb64(one["digest"])
                if digest in seen:
                    continue
                sealed = await view.connection.fetchrow(SQL["picture"], digest, [subject])
                plain = sealed and view.node.machine.keyring.open(
                    sealed["subject"], digest, sealed["sealed"]
                )
                if plain:
                    seen.add(digest)
                    yield file_of(digest), plain[1]


async def transactions(view: View) -> Pages:
    """Give every booking as what passed between two accounts each."""
    number, moved = 0, dict.fromkeys((a.account for a in view.accounts), 0)
    async for rows in _bookings(view):
        said = await _said(view, rows)
        page: list[tuple[Value, ...]] = []
        for seq, of_one in groupby(rows, itemgetter("seq")):
            booking = list(of_one)
            at, text = moment(booking[0]["at_s"]), said[seq]
            postings = [Posting(row["account"], row["amount_minor"]) for row in booking]
            for place, leg in enumerate(legs(postings)):
                number += 1
                moved[leg.payer] -= leg.amount_minor
                moved[leg.payee] += leg.amount_minor
                key = f"{view.node.id[:12]}-{seq}-{place}"
                page.append(
                    (
                        *(number, key, leg.amount_minor, text.description, leg.payer, leg.payee),
                        *(text.payer_real, text.payee_real, at, None),
                    )
                )
        yield page
    ledger = view.books.ledger
    assert all(ledger.balance(account) == minor for account, minor in moved.items())


async def _bookings(view: View) -> AsyncIterator[list[Record]]:
    """Give postings in pages that cut no booking in two."""
    cursor, begun = await view.connection.cursor(EXPORT["postings"]), []
    while found := await cursor.fetch(PAGE):
        begun += found
        last = begun[-1]["seq"]
        whole = [row for row in begun if row["seq"] != last]
        begun = [row for row in begun if row["seq"] == last]
        if whole:
            yield whole
    if begun:
        yield begun


async def _said(view: View, rows: list[Record]) -> dict[int, TransferText]:
    """Open what is said of bookings; of one with another group also who stands behind it."""
    seqs = sorted({row["seq"] for row in rows})
    said = dict.fromkeys(seqs, TransferText(description=""))
    accounts = view.books.ledger.accounts
    kinds = {seq: {accounts[row["account"]].kind for row in legs} for seq, legs in _by_seq(rows)}
    for (seq, subject), texts in (await texts_of(view.node, seqs)).items():
        own = next((text for text in texts if isinstance(text, TransferText)), None)
        if own is not None:
            to_all = subject == GROUP_SUBJECT and kinds[seq] <= _OWN
            said[seq] = _as_read(view, own, kinds[seq], to_all=to_all)
    abroad = {
        row["seq"]: row["amount_minor"] > 0
        for row in rows
        if accounts[row["account"]].kind is AccountKind.CLEARING
    }
    if abroad:
        events = await view.node.pool.fetch(NODE_SQL["event_bodies"], sorted(abroad))
        cores = [bytes(event["core"]) for event in events]
        told: dict[int, dict[str, Any]] = await traded(view.node, None, cores)
        for seq, trade in told.items():
            person = str(trade["person"])
            text = TransferText(
                description=str(trade["description"]),
                payer_real="" if abroad[seq] else person,
                payee_real=person if abroad[seq] else "",
            )
            said[seq] = _as_read(view, text, kinds[seq], to_all=False)
    return said


def _by_seq(rows: list[Record]) -> Iterator[tuple[int, list[Record]]]:
    return ((seq, list(legs)) for seq, legs in groupby(rows, itemgetter("seq")))


def _as_read(
    view: View, text: TransferText, kinds: set[AccountKind], *, to_all: bool
) -> TransferText:
    """Leave out what a booking was for, where who takes the tables along does not read it."""
    of_group = AccountKind.GROUP in kinds
    if view.looks is None or reads_words(view.looks, of_group=of_group, to_all=to_all):
        return text
    return msgspec.structs.replace(text, description="")
