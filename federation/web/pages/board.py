"""News, calendar, documents, pages on the group: members read, editors write; all alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from aiohttp import web

from federation.members import board, calendar, document_files
from federation.web.languages import NAMES
from federation.web.pages.board_form import FORM_BYTES_MAX, read_item, values_of
from federation.web.routes import Audience, Pages
from federation.web.shelves import CALENDAR, DOCUMENTS, SHELVES
from federation.words import markup
from federation.words.texts import later

if TYPE_CHECKING:
    from federation.web.forms import Form
    from federation.web.shelves import Shelf
    from federation.web.visit import Visit

PAGE: Final = 20
REALLY: Final = later("%(title)s verwijderen?")
REMOVED_FOR_ALL: Final = later("Niemand van de groep ziet dit daarna nog.")
REMOVE: Final = later("Ja, verwijderen")
FILE_HEADERS: Final = {"Content-Security-Policy": "default-src 'none'; sandbox"}
"""A file of a member is never a page of ours, whatever a browser makes of it."""

pages = Pages()


def _add(shelf: Shelf) -> None:
    """Add the pages of one of them."""
    path, editors = shelf.path, Audience.EDITORS

    @pages.get(f"{path}/new", editors)
    async def blank(visit: Visit) -> web.Response:
        today = calendar.date_of(visit.now_s, visit.place.zone).isoformat()
        return _form(visit, shelf, await visit.blank(day=today))

    @pages.post(f"{path}/new", editors)
    async def place(visit: Visit) -> web.Response:
        return await _save(visit, shelf, None)

    @pages.get(f"{path}/{{item}}")
    async def show(visit: Visit) -> web.Response:
        found = await board.item(
            visit.node, visit.reader, visit.part("item"), shelf.kind, language=visit.language
        )
        return visit.show(
            "board_item.html", shelf=shelf, found=found, blocks=markup.blocks(found.text)
        )

    @pages.get(f"{path}/{{item}}/edit", editors)
    async def edit(visit: Visit) -> web.Response:
        found = await board.item(visit.node, visit.reader, visit.part("item"), shelf.kind)
        form = await visit.blank(**values_of(found, visit.place.zone))
        return _form(visit, shelf, form, found)

    @pages.post(f"{path}/{{item}}/edit", editors)
    async def save(visit: Visit) -> web.Response:
        found = await board.item(visit.node, visit.reader, visit.part("item"), shelf.kind)
        return await _save(visit, shelf, found)

    @pages.get(f"{path}/{{item}}/remove", editors)
    async def ask(visit: Visit) -> web.Response:
        found = await board.item(visit.node, visit.reader, visit.part("item"), shelf.kind)
        return _really(visit, shelf, found, await visit.blank())

    @pages.post(f"{path}/{{item}}/remove", editors)
    async def remove(visit: Visit) -> web.Response:
        key = (await visit.form()).command_key(visit.member)
        await board.remove(visit.node, visit.reader, visit.part("item"), key=key)
        return visit.go(path, notice="removed")


@pages.get("/calendar")
async def show_calendar(visit: Visit) -> web.Response:
    """Show what comes, activities too, and what was."""
    now_s, language = visit.now_s, visit.language
    coming = await board.coming(visit.node, visit.reader, now_s=now_s, language=language)
    past = await board.past(visit.node, visit.reader, now_s=now_s, language=language)
    return visit.show("calendar.html", shelf=CALENDAR, coming=coming, past=past)


@pages.get("/news")
@pages.get("/documents")
@pages.get("/pages")
async def show_shelf(visit: Visit) -> web.Response:
    """List news, documents or pages, the newest first."""
    shelf = next(shelf for shelf in SHELVES if shelf.path == visit.request.path)
    offset = visit.number("from")
    span = {"offset": offset, "limit": PAGE + 1}
    found = await board.items(visit.node, visit.reader, shelf.kind, **span, language=visit.language)
    following = offset + PAGE if len(found) > PAGE else None
    return visit.show("board.html", shelf=shelf, found=found[:PAGE], following=following)


for _shelf in SHELVES:
    _add(_shelf)


@pages.get("/documents/{item}/file")
async def give_file(visit: Visit) -> web.Response:
    """Give the file of a document, to be saved."""
    name, content = await board.file_of(visit.node, visit.reader, visit.part("item"))
    plain = name.encode("ascii", "ignore").decode() or "document"
    headers = {
        "Content-Type": document_files.content_type(name) or "application/octet-stream",
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
    }
    return web.Response(body=content, headers={**FILE_HEADERS, **headers})


async def _save(visit: Visit, shelf: Shelf, before: board.ShownItem | None) -> web.Response:
    """Place an item, or change one, as the form says it."""
    form = await visit.form(bytes_max=FORM_BYTES_MAX)
    async with visit.trying(form):
        said = await read_item(visit, form, shelf, before)
        number, key = 0 if before is None else before.item, form.command_key(visit.member)
        if form.fine and before is None:
            number = await board.place(visit.node, visit.reader, shelf.kind, said, key=key)
        elif form.fine:
            await board.change(visit.node, visit.reader, number, said, key=key)
    if not form.fine:
        return _form(visit, shelf, form, before, status=422)
    await visit.sent()
    return visit.go(f"{shelf.path}/{number}", notice="saved")


def _form(
    visit: Visit,
    shelf: Shelf,
    form: Form,
    before: board.ShownItem | None = None,
    *,
    status: int = 200,
) -> web.Response:
    accepted = ",".join(f".{ending}" for ending in document_files.KINDS)
    return visit.show(
        "board_edit.html",
        status=status,
        shelf=shelf,
        form=form,
        before=before,
        accepted=accepted,
        with_file=shelf is DOCUMENTS,
        languages=NAMES,
    )


def _really(visit: Visit, shelf: Shelf, found: board.ShownItem, form: Form) -> web.Response:
    return visit.show(
        "really.html",
        form=form,
        title=visit.texts.say(REALLY, title=found.title),
        said=visit.texts.say(REMOVED_FOR_ALL),
        yes=visit.texts.say(REMOVE),
        back=f"{shelf.path}/{found.item}",
    )
