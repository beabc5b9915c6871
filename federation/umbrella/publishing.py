"""What is published and for whom, as the settings say; a quarter is fixed once it is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.node.patience import connection_in_time
from federation.umbrella.flow_figures import (
    Audience,
    Cell,
    Figures,
    figures,
    quarter_cells,
    settled,
    year_cells,
)
from federation.umbrella.flow_tables import SQL
from federation.umbrella.flow_views import Chosen, flows, spans
from federation.umbrella.flows import QUARTERS, Span, day_of, quarter_of, quarter_period
from schemas.encoding import encode
from schemas.errors import Code, RefusedError
from schemas.published_figures import quarter_name

if TYPE_CHECKING:
    from federation.node.service import Node

_CELLS: Final = msgspec.json.Decoder(tuple[Cell, ...])


class Allowed(NamedTuple):
    """What somebody may see."""

    totals: bool
    pairs: bool


def may_see(node: Node, who: Audience) -> Allowed:
    """Give what the settings let somebody see; who sees pairs sees totals."""
    said = node.settings.publishing
    pairs = who.sees(Audience(said.pairs))
    return Allowed(totals=pairs or who.sees(Audience(said.totals)), pairs=pairs)


async def published(node: Node, who: Audience, *, now_s: int) -> list[Figures]:
    """Give the figures of all quarters and whole years that are out, the newest first.

    Raises:
        RefusedError: `forbidden` when nothing is shown to `who`.

    """
    allowed = may_see(node, who)
    if not allowed.totals:
        raise RefusedError(Code.FORBIDDEN, field="figures")
    quarters = await _quarters(node, now_s=now_s)
    found = []
    for name, cells in (*_years(quarters).items(), *quarters.items()):
        found.append(figures(name, cells, pairs=allowed.pairs, totals=allowed.totals))
    return sorted(found, key=lambda one: (one.name[:4], len(one.name) == 4, one.name), reverse=True)  # noqa: PLR2004 - a year has four digits


def _years(quarters: dict[str, tuple[Cell, ...]]) -> dict[str, tuple[Cell, ...]]:
    """Sum years of which the last quarter is out."""
    last = [name[:4] for name in quarters if name.endswith(f"Q{QUARTERS}")]
    return {
        year: year_cells(cells for name, cells in quarters.items() if name.startswith(year))
        for year in last
    }


async def _quarters(node: Node, *, now_s: int) -> dict[str, tuple[Cell, ...]]:
    """Give the published quarters; one that can be published by now is, and stays so."""
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["read_published"])
    known = {row["quarter"]: _CELLS.decode(row["cells"]) for row in rows}
    for span, first in await spans(node, today=day_of(now_s)):
        if span is not Span.QUARTER:
            continue
        year, quarter = quarter_of(first)
        name = quarter_name(year, quarter)
        if name not in known and settled(year, quarter, day_of(now_s)):
            known[name] = await _publish(node, year, quarter, now_s=now_s)
    return known


async def _publish(node: Node, year: int, quarter: int, *, now_s: int) -> tuple[Cell, ...]:
    chosen = Chosen(span=Span.QUARTER, period=quarter_period(year, quarter))
    cells = quarter_cells(await flows(node, chosen))
    async with connection_in_time(node.pool) as connection:
        kept = await connection.fetchval(
            SQL["publish"], quarter_name(year, quarter), encode(cells), now_s
        )
    return _CELLS.decode(kept)
