"""The form of news, a date, a document or a page, each in more than one language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import document_files
from federation.members.board import TEXT_MAX, ItemForm
from federation.members.document_files import Upload
from federation.members.words import NAME_MAX, TITLE_MAX
from federation.web import when_form
from federation.web.shelves import CALENDAR, DOCUMENTS, PAGES
from federation.words.texts import later
from schemas.openings import BoardWords
from schemas.texts.words import Language

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from federation.members.board import ShownItem
    from federation.web.forms import Form
    from federation.web.shelves import Shelf
    from federation.web.visit import Visit

FORM_BYTES_MAX: Final = document_files.FILE_MAX + 2**18
_OTHER_KIND: Final = later(
    "Zo een bestand kunnen we niet aannemen. Kies een PDF, een tekst, een rekenblad of een foto."
)
_TOO_LARGE: Final = later("Dit bestand is te groot: hoogstens 10 MB.")
_NO_TEXT: Final = later("Schrijf een tekst.")
_NO_TITLE: Final = later("Geef in deze taal ook een opschrift.")
_NOTHING: Final = later("Schrijf een tekst of kies een bestand.")


def values_of(found: ShownItem, zone: ZoneInfo) -> dict[str, str]:
    """Give the fields of an item that is known."""
    times = when_form.values_of(found.starts_at_s, found.ends_at_s, zone)
    others = {
        f"{name}-{said.language}": text
        for said in found.others
        for name, text in (("title", said.title), ("text", said.text))
    }
    return {"title": found.title, "text": found.text, "place": found.place, **times, **others}


async def read_item(visit: Visit, form: Form, shelf: Shelf, before: ShownItem | None) -> ItemForm:
    """Read the form, and take in its file when nothing is wrong; a file that was there stays.

    Raises:
        InputError: `too_large`, `text_missing`.

    """
    zone = visit.place.zone
    if shelf is CALENDAR:
        starts_at_s, ends_at_s = when_form.read_when(form, zone, whole=True)
    else:
        starts_at_s, ends_at_s = when_form.read_day(form, zone), None
    title = form.text("title", most=TITLE_MAX, required=True)
    text = form.text("text", most=TEXT_MAX, lines=True)
    place = form.text("place", most=NAME_MAX) if shelf is CALENDAR else ""
    kept = before is not None and before.file is not None and not form.flag("without-file")
    file, name = (before.file, before.file_name) if before is not None and kept else (None, "")
    upload = _upload(form) if shelf is DOCUMENTS else None
    if upload is not None and document_files.content_type(upload.name) is None:
        form.fail("file", _OTHER_KIND)
    if upload is not None and len(upload.content) > document_files.FILE_MAX:
        form.fail("file", _TOO_LARGE)
    if shelf is DOCUMENTS and not (text or file or upload):
        form.fail("text", _NOTHING)
    if shelf is PAGES and not text:
        form.fail("text", _NO_TEXT)
    others = _read_others(form)
    if upload is not None and form.fine:
        file, name = await document_files.store(visit.node, visit.reader, upload)
    return ItemForm(
        title=title,
        text=text,
        place=place,
        starts_at_s=starts_at_s,
        ends_at_s=ends_at_s,
        file=file,
        file_name=name,
        others=others,
    )


def _read_others(form: Form) -> tuple[BoardWords, ...]:
    """Read what is said in other languages: nothing, or a title with or without a text."""
    found = []
    for language in Language:
        title = form.text(f"title-{language}", most=TITLE_MAX)
        text = form.text(f"text-{language}", most=TEXT_MAX, lines=True)
        if text and not title:
            form.fail(f"title-{language}", _NO_TITLE)
        if title:
            found.append(BoardWords(language=language, title=title, text=text))
    return tuple(found)


def _upload(form: Form) -> Upload | None:
    files = form.files.get("file", [])
    return Upload(form.file_names["file"][0], files[0]) if files else None
