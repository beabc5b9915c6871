"""All my data: a page with a button, and the ZIP that it gives."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from federation.group.leavers import DAY_S, NOTICE_S
from federation.members.data_zip import Packing, data_of
from federation.node.retention import left_days
from federation.node.sending import Pieces
from federation.web import security
from federation.web.routes import Pages
from federation.web.sessions import in_file

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

pages = Pages()


@pages.get("/me/data")
async def show_data(visit: Visit) -> web.Response:
    """Say what the file holds."""
    days = await left_days(visit.node)
    return visit.show("data.html", left_days=days, notice_days=NOTICE_S // DAY_S)


@pages.get("/me/data.zip")
async def give_data(visit: Visit) -> Pieces:
    """Send everything, piece by piece."""
    member = visit.member
    words = words_for(visit, member.member_name, member.code)
    packing = Packing(visit.texts, visit.place.zone, visit.now_s, words)
    pieces = data_of(visit.node, visit.reader, member, packing)
    return Pieces(pieces, headers_for(visit, member.code))


def headers_for(visit: Visit, code: str) -> dict[str, str]:
    """Give the headers of the file with a member's data."""
    called = f"{visit.texts.say('mijn-gegevens')}-{in_file(code)}.zip"
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{called}"',
        "Cache-Control": "no-store",
    }
    security.add_headers(headers, https=visit.place.https)
    return headers


def words_for(visit: Visit, name: str, code: str) -> str:
    """Give what a file beside the data says about them."""
    say = visit.texts.say
    return "\r\n".join(
        (
            say(
                "De gegevens van %(name)s (%(code)s) bij %(group)s.",
                name=name,
                code=code,
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
