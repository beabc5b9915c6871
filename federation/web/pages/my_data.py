"""All my data: a page with a button, and the ZIP that it gives."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web

from events.recovery import STORAGE_TROUBLE
from federation.members import my_data
from federation.members.data_files import NAMES, files_of
from federation.members.devices import devices_of
from federation.members.my_data import At
from federation.members.zip_stream import ZipStream
from federation.web import security
from federation.web.routes import Pages
from schemas.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from federation.members.my_data import Table
    from federation.web.visit import Visit

log = structlog.get_logger()

pages = Pages()


@pages.get("/me/data")
async def show_data(visit: Visit) -> web.Response:
    """Say what the file holds."""
    return visit.show("data.html")


@pages.get("/me/data.zip")
async def give_data(visit: Visit) -> web.StreamResponse:
    """Send everything, a file at a time; what cannot be read ends the sending, never quietly."""
    tables = [*await my_data.tables(visit.node, visit.reader), await _devices(visit)]
    response = web.StreamResponse(headers=_headers(visit))
    security.add_headers(response.headers, https=visit.place.https)
    await response.prepare(visit.request)
    try:
        async for piece in _pieces(visit, tables):
            await response.write(piece)
        await response.write_eof()
    except (*STORAGE_TROUBLE, StorageError) as error:
        log.warning("data_cut_off", kind=type(error).__name__)
        _cut_off(visit.request)
    return response


def _headers(visit: Visit) -> dict[str, str]:
    called = f"{visit.texts.say('mijn-gegevens')}-{visit.member.own_code_in_file}.zip"
    return {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{called}"',
        "Cache-Control": "no-store",
    }


def _cut_off(request: web.Request) -> None:
    """Let the browser see that the file is not whole."""
    if request.transport is not None:
        request.transport.abort()


async def _pieces(visit: Visit, tables: list[Table]) -> AsyncIterator[bytes]:
    now = datetime.fromtimestamp(visit.now_s, visit.place.zone)
    packed = ZipStream((now.year, now.month, now.day, now.hour, now.minute, now.second))
    folder = visit.texts.say("mijn-gegevens")
    readme = f"{folder}/{visit.texts.say('lees-mij')}.txt"
    yield packed.add(readme, _words(visit).encode("utf-8-sig"))
    for table in tables:
        for name, content in files_of(table, visit.place.zone, visit.texts):
            yield await asyncio.to_thread(packed.add, f"{folder}/{name}", content)
    where = visit.texts.say(NAMES[my_data.PICTURES])
    async for name, content in my_data.pictures_of(visit.node, visit.reader):
        yield packed.add(f"{folder}/{where}/{name}", content)
    yield packed.end()


async def _devices(visit: Visit) -> tuple[str, list[dict[str, Any]]]:
    """Give this person's own devices; nobody else's of the household."""
    found = await devices_of(visit.node, visit.member, now_s=visit.now_s)
    return "devices", [
        {"device": one.device, "at": At(one.begun_at_s), "seen": At(one.seen_at_s)} for one in found
    ]


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
