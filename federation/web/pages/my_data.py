"""All my data: a page with a button, and the ZIP that it gives."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from federation.members.data_zip import Packing, data_of
from federation.node.sending import send
from federation.web import security
from federation.web.routes import Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

pages = Pages()


@pages.get("/me/data")
async def show_data(visit: Visit) -> web.Response:
    """Say what the file holds."""
    return visit.show("data.html")


@pages.get("/me/data.zip")
async def give_data(visit: Visit) -> web.StreamResponse:
    """Send everything, piece by piece."""
    packing = Packing(visit.texts, visit.place.zone, visit.now_s, _words(visit))
    pieces = data_of(visit.node, visit.reader, visit.member, packing)
    return await send(visit.request, pieces, _headers(visit))


def _headers(visit: Visit) -> dict[str, str]:
    called = f"{visit.texts.say('mijn-gegevens')}-{visit.member.own_code_in_file}.zip"
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{called}"',
        "Cache-Control": "no-store",
    }
    security.add_headers(headers, https=visit.place.https)
    return headers


def _words(visit: Visit) -> str:
    say, member = visit.texts.say, visit.member
    return "\r\n".join(
        (
            say(
                "De gegevens van %(name)s (%(code)s) bij %(group)s.",
                name=member.member_name,
                code=member.code,
                group=visit.node.settings.name,
            ),
            say("Opgehaald op %(day)s.", day=f"{_today(visit):%Y-%m-%d}"),
            "",
            say("De bestanden op .csv opent een rekenprogramma, zoals LibreOffice of Excel."),
            say("De bestanden op .json zijn dezelfde gegevens, voor programma's."),
            say(
                "Wat de kerngroep over je noteerde, staat hier niet bij: vraag het haar als je "
                "dat wilt lezen."
            ),
            "",
        )
    )


def _today(visit: Visit) -> datetime:
    return datetime.fromtimestamp(visit.now_s, visit.place.zone)
