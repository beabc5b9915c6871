"""The pages on which a group moves in: bring, look, choose, let it be written, keep the receipt.

What stands is for `federation.node.moving_in`; every form names what its page showed, so that of
two coordinators at once the second one sees what the first has done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from federation.migrate.choices import CODE_WIDTH_MAX, Choices
from federation.migrate.file_form import Delimiter, Encoding
from federation.migrate.receipt import render
from federation.migrate.template import LANGUAGES, packed
from federation.node import moving_in, moving_work
from federation.node.import_commands import Progress
from federation.node.moving_in import FILE_MAX
from federation.node.moving_stage import Stage
from federation.web.forms import Form
from federation.web.import_words import DOING, issue_words
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.bodies import AccountStatus
from schemas.codes import Code
from schemas.errors import InputError, RefusedError, RuilbrugError, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from federation.node.moving_stage import Moving
    from federation.web.visit import Visit

PATH: Final = "/group/import"
ISSUES_SHOWN: Final = 100
AGAIN_S: Final = 2
PIECE: Final = 256 * 1024
ENCODINGS: Final = {
    "": later("Vanzelf herkennen"),
    Encoding.UTF_8.value: "UTF-8",
    Encoding.CP1252.value: "Windows-1252",
    Encoding.UTF_16_LE.value: "UTF-16",
}
DELIMITERS: Final = {
    "": later("Vanzelf herkennen"),
    "comma": later("komma"),
    "semicolon": later("puntkomma"),
    "tab": later("tab"),
}
_DELIMITER: Final = {
    "comma": Delimiter.COMMA,
    "semicolon": Delimiter.SEMICOLON,
    "tab": Delimiter.TAB,
}
STATUSES: Final = {
    AccountStatus.ACTIVE: later("actieve leden en instappers"),
    AccountStatus.LEAVING: later("uitstappers"),
    AccountStatus.INFORMATION: later("wie enkel informatie vroeg"),
    AccountStatus.INACTIVE: later("wie weg is"),
}
_NO_FORM: Final = (ValueError, AssertionError, HttpProcessingError, web.RequestPayloadError)

pages = Pages()


@pages.get(PATH, Audience.COORDINATORS)
async def show(visit: Visit) -> web.Response:
    """Show how far the group is."""
    return _page(visit, await moving_in.standing(visit.node))


def _page(
    visit: Visit,
    moving: Moving | None,
    *,
    status: int = 200,
    error: RuilbrugError | None = None,
) -> web.Response:
    busy = moving is not None and moving.stage in (Stage.LOOKING, Stage.WRITING)
    progress = visit.node.progress or Progress()
    form = Form.filled(**({} if moving is None else _filled(moving.choices)))
    if error is not None:
        form.fail("", "%(said)s", said=visit.explain(error))
    issues = () if moving is None or moving.receipt is None else moving.receipt.issues
    settings = visit.node.machine.books.ledger.settings
    return visit.show(
        "moving_in.html",
        status=status,
        form=form,
        moving=moving,
        fault=None if moving is None or moving.fault is None else _fault(visit, moving),
        busy=busy,
        progress=progress,
        doing=DOING.get(progress.doing, DOING["reading"]),
        issues=[(issue, issue_words(issue)) for issue in issues[:ISSUES_SHOWN]],
        rate_here=None if settings is None else settings.unit.rate.per_hour,
        encodings=ENCODINGS,
        delimiters=DELIMITERS,
        statuses=STATUSES,
        width_max=CODE_WIDTH_MAX,
        most_mb=FILE_MAX // 2**20,
        templates=LANGUAGES,
        look_again_s=AGAIN_S,
    )


def _fault(visit: Visit, moving: Moving) -> str:
    assert moving.fault is not None
    return visit.explain(InputError(moving.fault.code, **moving.fault.facts))


@pages.post(PATH, Audience.COORDINATORS)
async def bring(visit: Visit) -> web.Response:
    """Take in the files, piece by piece, and have them looked at."""
    try:
        moving = await moving_in.bring(visit.node, _files(visit), actor=visit.member.account)
        await moving_work.look(visit.node, moving.ticket)
    except (InputError, RefusedError, StorageError) as error:
        return await _told(visit, error)
    except _NO_FORM:
        return await _told(visit, InputError(Code.MALFORMED, field="file", reason="form"))
    return visit.go(PATH)


async def _told(visit: Visit, error: RuilbrugError) -> web.Response:
    """Say what did not work, above what stands; what is no matter of moving in goes on."""
    full = isinstance(error, StorageError)
    if full and error.code is not Code.IMPORT_UNWRITABLE:
        raise error
    moving = await moving_in.standing(visit.node)
    return _page(visit, moving, status=503 if full else 422, error=error)


async def _files(visit: Visit) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
    async for part in await visit.request.multipart():
        if isinstance(part, BodyPartReader) and part.filename:
            yield part.filename, _pieces(part)


async def _pieces(part: BodyPartReader) -> AsyncIterator[bytes]:
    while piece := await part.read_chunk(PIECE):
        yield piece


@pages.post(f"{PATH}/look", Audience.COORDINATORS)
async def look(visit: Visit) -> web.Response:
    """Remember what was chosen, and look again."""
    form = await visit.form()
    try:
        moving = await moving_in.choose(visit.node, form.value("ticket"), _chosen(form))
        await moving_work.look(visit.node, moving.ticket)
    except (InputError, RefusedError, StorageError) as error:
        return await _told(visit, error)
    return visit.go(PATH)


@pages.post(f"{PATH}/write", Audience.COORDINATORS)
async def write(visit: Visit) -> web.Response:
    """Have everything written that was looked at."""
    form = await visit.form()
    try:
        await moving_work.write(visit.node, form.value("ticket"))
    except (RefusedError, StorageError) as error:
        return await _told(visit, error)
    return visit.go(PATH)


@pages.post(f"{PATH}/drop", Audience.COORDINATORS)
async def drop(visit: Visit) -> web.Response:
    """Throw away what was brought."""
    form = await visit.form()
    try:
        await moving_in.drop(visit.node, form.value("ticket"))
    except RefusedError as error:
        return await _told(visit, error)
    return visit.go(PATH, notice="removed")


@pages.get(f"{PATH}/template/{{language}}", Audience.COORDINATORS)
async def template(visit: Visit) -> web.Response:
    """Give the template of our own."""
    language = visit.request.match_info["language"]
    if language not in LANGUAGES:
        raise InputError(Code.NOT_FOUND, field="path")
    return _file(packed(language), "application/zip", f"ruilbrug-{language}.zip")


@pages.get(f"{PATH}/receipt", Audience.COORDINATORS)
async def receipt(visit: Visit) -> web.Response:
    """Give the whole receipt as text."""
    moving = await moving_in.standing(visit.node)
    if moving is None or moving.receipt is None:
        raise InputError(Code.NOT_FOUND, field="path")
    text = render(moving.receipt, issues_shown_max=len(moving.receipt.issues))
    return _file(text.encode(), "text/plain", "receipt.txt")


def _file(content: bytes, content_type: str, name: str) -> web.Response:
    response = web.Response(body=content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _filled(choices: Choices) -> dict[str, str]:
    """Give what was chosen as the fields of the form."""
    delimiter = next((name for name, each in _DELIMITER.items() if each is choices.delimiter), "")
    return {
        "encoding": "" if choices.encoding is None else choices.encoding.value,
        "delimiter": delimiter,
        "width": str(choices.code_width or ""),
        "book": "yes" if choices.book_difference else "",
        "same-codes": "yes" if choices.same_codes else "",
        "same-rows": "yes" if choices.same_rows else "",
        **{f"status-{status.value}": "yes" for status in choices.statuses},
        **{f"code-{number}": code for number, code in choices.codes.items()},
    }


def _chosen(form: Form) -> Choices:
    """Read what was chosen; what is none of the possibilities counts as not chosen."""
    encoding = form.value("encoding")
    width = form.number("width") or 0
    codes = {
        name.removeprefix("code-"): form.text(name, most=40)
        for name in form.values
        if name.startswith("code-") and form.value(name).strip()
    }
    return Choices(
        encoding=Encoding(encoding) if encoding and encoding in ENCODINGS else None,
        delimiter=_DELIMITER.get(form.value("delimiter")),
        statuses=tuple(each for each in AccountStatus if form.flag(f"status-{each.value}")),
        code_width=min(width, CODE_WIDTH_MAX),
        codes=codes,
        same_codes=form.flag("same-codes"),
        same_rows=form.flag("same-rows"),
        book_difference=form.flag("book"),
    )
