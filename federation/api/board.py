"""Operations about what a group tells: news, calendar, documents.

Coordinators write, members read.
"""

from __future__ import annotations

from typing import Final

from federation.api import board_shapes as shapes
from federation.api.access import reader_for
from federation.api.operation import BINARY, LISTENERS, TELLERS, Call, KeyUse, Operation
from federation.api.shapes import Empty, Nothing
from federation.members import board as use_cases
from federation.members import document_files
from federation.node.service import now_s
from federation.node.use_cases import new_key
from schemas.board_bodies import ItemFile
from schemas.errors import Code
from schemas.openings import BoardWords


async def items(call: Call, asked: shapes.ItemsAsked) -> shapes.Items:
    """Give news, dates or documents, the newest first."""
    offset, reader = int(asked.after), reader_for(call)
    found = await use_cases.items(
        call.node, reader, asked.kind, offset=offset, limit=asked.limit + 1
    )
    page = found[: asked.limit]
    return shapes.Items(
        items=tuple(map(_shown, page)),
        next=str(offset + len(page)) if len(found) > len(page) else None,
    )


async def calendar(call: Call, asked: shapes.CalendarAsked) -> shapes.Calendar:
    """Give the calendar: dates of the group, and what members do together."""
    given = use_cases.past if asked.past else use_cases.coming
    found = await given(call.node, reader_for(call), now_s=now_s(), limit=asked.limit)
    return shapes.Calendar(entries=tuple(map(_entry, found)))


async def item(call: Call, _: None) -> shapes.Item:
    """Give news, a date or a document."""
    return await _item(call, _number(call))


async def item_place(call: Call, asked: shapes.ItemPlaced) -> shapes.Item:
    """Tell the members something."""
    number = await use_cases.place(
        call.node, reader_for(call), asked.kind, _form(asked), key=call.key
    )
    return await _item(call, number)


async def item_change(call: Call, asked: shapes.ItemSaid) -> shapes.Item:
    """Let news, a date or a document say something else, as a whole."""
    number = _number(call)
    await use_cases.change(call.node, reader_for(call), number, _form(asked), key=new_key())
    return await _item(call, number)


async def item_remove(call: Call, _: Empty) -> Nothing:
    """Tell news, a date or a document no longer."""
    await use_cases.remove(call.node, reader_for(call), _number(call), key=call.key)
    return Nothing()


async def file_take(call: Call, content: bytes) -> shapes.File:
    """Take in the file of a document, as it is; its name says of what kind it is."""
    upload = document_files.Upload(call.places["file"], content)
    file, name = await document_files.store(call.node, reader_for(call), upload)
    return shapes.File(digest=file.digest, size=file.size, name=name)


async def file(call: Call, _: None) -> bytes:
    """Give the file of a document."""
    _name, content = await use_cases.file_of(call.node, reader_for(call), _number(call))
    return content


def _number(call: Call) -> int:
    return int(call.places["item"])


async def _item(call: Call, number: int) -> shapes.Item:
    return _shown(await use_cases.item(call.node, reader_for(call), number))


def _form(asked: shapes.ItemSaid) -> use_cases.ItemForm:
    given = asked.file
    return use_cases.ItemForm(
        title=asked.title,
        text=asked.text,
        place=asked.place,
        starts_at_s=asked.starts_at_s,
        ends_at_s=asked.ends_at_s,
        file=None if given is None else ItemFile(digest=given.digest, size=given.size),
        file_name="" if given is None else given.name,
        others=tuple(
            BoardWords(language=one.language, title=one.title, text=one.text)
            for one in asked.others
        ),
    )


def _shown(found: use_cases.ShownItem) -> shapes.Item:
    kept = found.file
    return shapes.Item(
        item=str(found.item),
        kind=found.kind,
        title=found.title,
        text=found.text,
        place=found.place,
        starts_at_s=found.starts_at_s,
        ends_at_s=found.ends_at_s,
        file=None
        if kept is None
        else shapes.File(digest=kept.digest, size=kept.size, name=found.file_name),
        placed_at_s=found.placed_at_s,
        others=tuple(
            shapes.InLanguage(language=one.language, title=one.title, text=one.text)
            for one in found.others
        ),
    )


def _entry(found: use_cases.Entry) -> shapes.Entry:
    return shapes.Entry(
        title=found.title,
        place=found.place,
        starts_at_s=found.starts_at_s,
        ends_at_s=found.ends_at_s,
        item=None if found.item is None else str(found.item),
        activity=None if found.activity is None else str(found.activity),
        comes=found.comes,
    )


SAY_CODES: Final = (Code.TEXT_MISSING, Code.NOT_FOUND)
_ITEM: Final = "/items/{item}"
OPERATIONS: Final = (
    Operation("items", "GET", "/items", LISTENERS, items, shapes.Items, shapes.ItemsAsked),
    Operation(
        "calendar", "GET", "/calendar", LISTENERS, calendar, shapes.Calendar, shapes.CalendarAsked
    ),
    Operation("item", "GET", _ITEM, LISTENERS, item, shapes.Item, codes=(Code.NOT_FOUND,)),
    Operation(
        "item_place",
        "POST",
        "/items",
        TELLERS,
        item_place,
        shapes.Item,
        shapes.ItemPlaced,
        codes=(*SAY_CODES, Code.TOO_MANY),
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation(
        "item_change",
        "PUT",
        _ITEM,
        TELLERS,
        item_change,
        shapes.Item,
        shapes.ItemSaid,
        codes=SAY_CODES,
    ),
    Operation(
        "item_remove",
        "POST",
        _ITEM + "/removal",
        TELLERS,
        item_remove,
        Nothing,
        Empty,
        codes=(Code.NOT_FOUND,),
        key=KeyUse.KEPT,
    ),
    Operation(
        "file_take",
        "POST",
        "/files/{file}",
        TELLERS,
        file_take,
        shapes.File,
        bytes,
        codes=(Code.TEXT_MISSING,),
        key=KeyUse.KEPT,
        status=201,
        takes=(BINARY,),
    ),
    Operation(
        "file",
        "GET",
        _ITEM + "/file",
        LISTENERS,
        file,
        bytes,
        codes=(Code.NOT_FOUND,),
        gives=BINARY,
    ),
)
