"""Members changed and added with a file: the list as a file, brought back, seen first, taken.

The file comes along in the form between looking and taking, so a wizard left half-way leaves
nothing behind.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.group.member_list import Column, Shown, Wanted
from federation.members import member_file, member_list
from federation.members.calendar import date_of
from federation.migrate.member_file import SIZE_MAX, Field
from federation.web.import_words import issue_words
from federation.web.member_cells import CODE, COLUMNS, NAME, members_csv
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from federation.members.member_file import Plan
    from federation.web.forms import Form
    from federation.web.visit import Visit

PATH: Final = "/group/member-file"
UPLOAD_MAX: Final = 2 * SIZE_MAX
"""Of the form: a file of `SIZE_MAX` in letters takes a third more."""
ROWS_SHOWN: Final = 300
WRITTEN: Final = tuple(Column(field.value) for field in Field if field.value in set(Column))
FIELDS: Final = {
    Field.NAME: NAME,
    **{field: COLUMNS[Column(field.value)] for field in Field if field.value in set(Column)},
}
NO_FILE: Final = later("Kies een bestand.")
NO_TABLE: Final = later(
    "Dit is geen CSV-bestand met een kolom Letscode. Bewaar het in je rekenblad als CSV, of begin "
    "met de lijst hieronder."
)
MEANWHILE: Final = later(
    "Intussen veranderde er iets bij de leden. Kijk nog eens wat er nu zou veranderen."
)

pages = Pages()


@pages.get(PATH, Audience.COORDINATORS)
async def ask(visit: Visit) -> web.Response:
    """Ask for a file, and offer the list as one to begin with."""
    return _form(visit, await visit.blank())


@pages.get(f"{PATH}/template", Audience.COORDINATORS)
async def template(visit: Visit) -> web.Response:
    """Give all members with the columns that a file can change."""
    wanted = Wanted(shown=Shown.EVERYBODY)
    found = await member_list.listed(visit.node, visit.reader, wanted, now_s=visit.now_s)
    day = date_of(visit.now_s, visit.place.zone).isoformat()
    named = f'attachment; filename="{visit.texts.say("leden")}-{day}.csv"'
    return web.Response(
        body=members_csv(found, WRITTEN, visit.unit, visit.place.zone, visit.texts),
        headers={"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": named},
    )


@pages.post(PATH, Audience.COORDINATORS, bytes_max=UPLOAD_MAX)
async def look(visit: Visit) -> web.Response:
    """Show what a file would change, row by row, and what is wrong with it."""
    form = await visit.form(bytes_max=UPLOAD_MAX)
    uploads = form.files.get("file", [])
    if not uploads:
        form.fail("file", NO_FILE)
        return _form(visit, form, status=422)
    name = " ".join(form.file_names["file"][0].split())[:80]
    return await _look(visit, form, uploads[0], name)


@pages.post(f"{PATH}/take", Audience.COORDINATORS, bytes_max=UPLOAD_MAX)
async def take(visit: Visit) -> web.Response:
    """Take over what was shown: all of it, or nothing when something changed meanwhile."""
    form = await visit.form(bytes_max=UPLOAD_MAX)
    content, name = _unpacked(form.value("content")), form.text("name", most=80)
    done = None
    async with visit.trying(form):
        done = await member_file.take(
            visit.node,
            visit.reader,
            content,
            name,
            digest=form.value("digest"),
            key=form.command_key(visit.member),
        )
    if done is None:
        found = await member_file.plan(visit.node, visit.reader, content, name)
        if found.fine and not found.rows:
            return visit.go("/group/members", notice="member-file")  # a second press: it is done
        form.fail("", MEANWHILE)
        return _plan(visit, form, found, content, name, status=422)
    return visit.go("/group/members", notice="member-file")


async def _look(visit: Visit, form: Form, content: bytes, name: str) -> web.Response:
    try:
        found = await member_file.plan(visit.node, visit.reader, content, name)
    except InputError as error:
        if error.code is Code.CSV_COLUMN_MISSING:
            form.fail("file", NO_TABLE)
        else:
            form.fail("file", "%(said)s", said=visit.explain(error))
        return _form(visit, form, status=422)
    return _plan(visit, form, found, content, name)


def _form(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    return visit.show(
        "member_file.html",
        status=status,
        form=form,
        fields=[visit.texts.say(words) for words in FIELDS.values()],
        code=visit.texts.say(CODE),
    )


def _plan(
    visit: Visit, form: Form, found: Plan, content: bytes, name: str, *, status: int = 200
) -> web.Response:
    return visit.show(
        "member_file_plan.html",
        status=status,
        form=form,
        found=found,
        rows=found.rows[:ROWS_SHOWN],
        added=sum(row.account is None for row in found.rows),
        fields=FIELDS,
        issues=[(issue, issue_words(issue), _column(visit, issue.field)) for issue in found.issues],
        content=base64.b64encode(zlib.compress(content)).decode(),
        name=name,
        digest=found.digest(),
    )


def _column(visit: Visit, field: str) -> str:
    """Name a column as the file names it."""
    if field not in set(Field):
        return ""
    return visit.texts.say(FIELDS.get(Field(field), CODE))


def _unpacked(said: str) -> bytes:
    """Read the file as the page sent it along.

    Raises:
        RefusedError: `malformed` for what is no such file.

    """
    try:
        packed = zlib.decompressobj()
        content = packed.decompress(base64.b64decode(said, validate=True), SIZE_MAX + 1)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise RefusedError(Code.NOT_FOUND, field="file") from error
    return content
