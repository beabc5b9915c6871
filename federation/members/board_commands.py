"""The commands of the control socket for what a group tells: news, dates, documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from federation.members import board, document_files
from federation.members.board import ItemForm
from federation.members.commands import read_upload
from federation.members.document_files import Upload
from federation.members.thread_commands import Deed
from federation.node.control_shapes import ControlCommand
from federation.node.service import now_s
from schemas.board_bodies import ItemKind
from schemas.ids import Count, Positive

if TYPE_CHECKING:
    from federation.node.service import Node


class BoardPlace(Deed, frozen=True, kw_only=True):
    """Something to tell; `file` is the path of a document's file on this machine."""

    kind: ItemKind
    title: str
    text: str = ""
    place: str = ""
    starts_at_s: Count | None = None
    """The day of news or a document; now when it is left out."""
    ends_at_s: Count | None = None
    file: str = ""


class BoardList(Deed, frozen=True, kw_only=True):
    """What to list; of dates those to come."""

    kind: ItemKind


class BoardItem(Deed, frozen=True, kw_only=True):
    """One item."""

    item: Positive


async def board_place(node: Node, asked: BoardPlace) -> Any:
    """Tell the members something."""
    reader, file, name = asked.reader(node), None, ""
    if asked.file:
        content = await read_upload(asked.file, document_files.FILE_MAX)
        upload = Upload(Path(asked.file).name, content)
        file, name = await document_files.store(node, reader, upload)
    form = ItemForm(
        title=asked.title,
        text=asked.text,
        place=asked.place,
        starts_at_s=now_s() if asked.starts_at_s is None else asked.starts_at_s,
        ends_at_s=asked.ends_at_s,
        file=file,
        file_name=name,
    )
    return {"item": await board.place(node, reader, asked.kind, form, key=asked.once())}


async def board_list(node: Node, asked: BoardList) -> Any:
    """List what was told, the newest first, or what is to come, soonest first."""
    reader = asked.reader(node)
    if asked.kind is ItemKind.DATE:
        return await board.coming(node, reader, now_s=now_s())
    return await board.items(node, reader, asked.kind)


async def board_remove(node: Node, asked: BoardItem) -> Any:
    """Tell an item no longer."""
    await board.remove(node, asked.reader(node), asked.item, key=asked.once())
    return {"item": asked.item}


COMMANDS = {
    "board.place": ControlCommand(BoardPlace, board_place),
    "board.list": ControlCommand(BoardList, board_list),
    "board.remove": ControlCommand(BoardItem, board_remove),
}
