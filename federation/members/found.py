"""Rows of a search as their reader sees them: names, prices in both units, bookable or not.

Reads the books of the running node and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.line.conversion import Quote
from federation.members.bookable import Asked, bookable, line_with_peer, price_across
from federation.members.search_shapes import Hit, PriceShown
from schemas.amounts import Rate, Unit
from schemas.errors import Code, Refusal
from schemas.member_bodies import Picture, PriceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncpg import Record

    from federation.node.service import Node
    from projections.lines import Line

FAR_M: Final = 3_000_000
"""Nobody lives this far: where the post is, is not known."""
_PICTURES: Final = msgspec.json.Decoder(tuple[Picture, ...])


class FoundRow(NamedTuple):
    """One row of the tables, decoded."""

    row: Record
    pictures: tuple[Picture, ...]
    distance_m: int | None

    @classmethod
    def of(cls, row: Record, *, located: bool) -> FoundRow:
        """Decode a row."""
        known = located and row["away"] < FAR_M
        pictures = _PICTURES.decode(row["pictures"]) if row["pictures"] != "[]" else ()
        return cls(row, pictures, round(row["away"]) if known else None)


def hits(
    node: Node, reader: int | None, rows: Iterable[FoundRow], *, now_s: int
) -> tuple[Hit, ...]:
    """Give the rows as hits in their order, those that cannot be booked now behind the others."""
    settings = node.machine.books.ledger.settings
    own = settings.unit if settings is not None else None
    lines: dict[str, Line | None] = {}
    found = []
    for row in rows:
        group = row.row["node"]
        if group and group not in lines:
            lines[group] = line_with_peer(node.machine.books, group)
        found.append(_hit(node, reader, row, own, lines.get(group), now_s))
    return tuple(sorted(found, key=lambda hit: hit.refusal is not None))


def _hit(
    node: Node,
    reader: int | None,
    found: FoundRow,
    own: Unit | None,
    line: Line | None,
    now_s: int,
) -> Hit:
    row = found.row
    group = row["node"]
    peer = node.peers.get(group) if group else None
    unit = own if not group else _their_unit(row)
    refusal, price = _price(node, reader, row, own, unit, line, now_s)
    return Hit(
        node=group,
        post=row["post"],
        group_name=(peer.name if peer is not None else "") if group else node.settings.name,
        account=row["account"],
        poster=row["poster"],
        poster_name=row["poster_name"],
        want=row["want"],
        goods=row["goods"],
        category_name=row["category_name"],
        title=row["title"],
        text=row["text"],
        price=price,
        postcode=row["postcode"],
        place=row["place"],
        distance_m=found.distance_m,
        placed_at_s=row["placed_at_s"],
        expires_at_s=row["expires_at_s"],
        pictures=found.pictures,
        refusal=refusal,
    )


def _their_unit(row: Record) -> Unit | None:
    """Read the other group's unit; nothing when its feed says none that can be."""
    if row["per_hour"] is None or row["per_hour"] < 1 or row["decimals"] is None:
        return None
    return Unit(
        singular=row["unit_singular"],
        plural=row["unit_plural"],
        rate=Rate(row["per_hour"], row["decimals"]),
    )


def _price(
    node: Node,
    reader: int | None,
    row: Record,
    own: Unit | None,
    unit: Unit | None,
    line: Line | None,
    now_s: int,
) -> tuple[Refusal | None, PriceShown]:
    """Say what a post costs in both units, and why it could not be booked now."""
    kind = PriceKind(row["price_kind"])
    amount = row["price_minor"] if kind is not PriceKind.TALK else None
    if own is None or unit is None:
        return Refusal(Code.NOT_CONFIGURED), PriceShown(kind=kind)
    asked = Asked(row["node"], row["account"], row["want"], amount, unit.rate)
    refusal = bookable(node.machine.books, reader, asked, line, now_s=now_s)
    if not asked.node:
        return refusal, PriceShown(kind=kind, own_minor=amount, own_unit=own)
    numbers = price_across(asked, own.rate, line)
    own_minor = None
    if isinstance(numbers, Quote):
        own_minor = numbers.payee_minor if asked.want else numbers.payer_minor
    shown = PriceShown(
        kind=kind, own_minor=own_minor, own_unit=own, their_minor=amount, their_unit=unit
    )
    return refusal, shown
