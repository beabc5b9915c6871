"""All of the group to take along: a page that says what it is, and the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.members import calendar, export
from federation.node.sending import Pieces
from federation.web import security
from federation.web.routes import Audience, Pages
from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

PATH: Final = "/group/export"

pages = Pages()


class Piece(NamedTuple):
    """One table, as the page tells of it."""

    table: str
    says: str


PIECES: Final = (
    Piece("users", later("de leden, met hun status en hun limieten")),
    Piece("contact", later("hoe je ze bereikt")),
    Piece("messages", later("vraag en aanbod")),
    Piece("categories", later("de rubrieken")),
    Piece("transactions", later("alle overschrijvingen")),
    Piece("balance", later("de saldo's van vandaag")),
    Piece("letsgroups", later("de groepen waarmee jullie ruilen")),
)
"""What people ask for; the ZIP has the small tables too that another program needs."""


@pages.get(PATH, Audience.COORDINATORS)
async def show_export(visit: Visit) -> web.Response:
    """Say what is in it, and what is not."""
    return visit.show("group_export.html", pieces=PIECES)


@pages.get(f"{PATH}.zip", Audience.COORDINATORS)
async def give_all(visit: Visit) -> Pieces:
    """Send everything as one ZIP, piece by piece."""
    headers = _headers(visit, ".zip", "application/zip")
    return Pieces(export.sent(visit.node, visit.reader), headers)


@pages.get(f"{PATH}/{{table}}.csv", Audience.COORDINATORS)
async def give_table(visit: Visit) -> Pieces:
    """Send one table."""
    table = visit.request.match_info["table"]
    headers = _headers(visit, f"-{table}.csv", "text/csv; charset=utf-8")
    return Pieces(export.sent(visit.node, visit.reader, table), headers)


def _headers(visit: Visit, ending: str, kind: str) -> dict[str, str]:
    day = calendar.date_of(visit.now_s, visit.place.zone).isoformat()
    headers = {
        "Content-Type": kind,
        "Content-Disposition": f'attachment; filename="ruilbrug-{day}{ending}"',
        "Cache-Control": "no-store",
    }
    security.add_headers(headers, https=visit.place.https)
    return headers
