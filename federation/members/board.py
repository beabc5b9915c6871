"""What a group tells its members: news, the calendar, documents. Coordinators write, members read.

The calendar also holds what members do together (`federation.members.activities`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from federation.group.board import ChangeItem, PlaceItem, RemoveItem
from federation.members import activities, document_files, words
from federation.members.queries import SQL
from federation.members.submitting import actor_of, submit
from schemas.board_bodies import ItemFile, ItemKind
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError, RefusedError
from schemas.ids import SAFE_INTEGER
from schemas.openings import BoardText, BoardWords
from schemas.texts.words import Language

if TYPE_CHECKING:
    from asyncpg import Record

    from federation.members.reader import Reader
    from federation.node.service import Node

TEXT_MAX: Final = 20_000
EVER_S: Final = SAFE_INTEGER
LIST_MAX: Final = 200
OTHERS: Final = msgspec.json.Decoder(tuple[BoardWords, ...])


class ItemForm(msgspec.Struct, frozen=True, kw_only=True):
    """All that an item says."""

    title: str
    text: str = ""
    place: str = ""
    starts_at_s: int
    ends_at_s: int | None = None
    file: ItemFile | None = None
    """As `document_files.store` gave it."""
    file_name: str = ""
    others: tuple[BoardWords, ...] = ()
    """The same in other languages."""


class ShownItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item as members read it."""

    item: int
    kind: ItemKind
    title: str
    text: str
    place: str
    starts_at_s: int
    ends_at_s: int | None
    file: ItemFile | None
    file_name: str
    placed_at_s: int
    others: tuple[BoardWords, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the calendar: a date of the group, or something that members do together."""

    title: str
    place: str
    starts_at_s: int
    ends_at_s: int | None
    item: int | None = None
    activity: int | None = None
    comes: bool = False
    """The reader comes along."""


class Headlines(NamedTuple):
    """What the start page tells of the group; nothing where there is nothing."""

    news: ShownItem | None
    first: Entry | None


async def place(node: Node, reader: Reader, kind: ItemKind, form: ItemForm, *, key: str) -> int:
    """Tell the members something, and give its number.

    Raises:
        InputError: `text_missing`, `too_large`, `not_found` of a file.
        RefusedError: the refusals of `federation.group.board.place`, `forbidden`, `conflict`.

    """
    actor, text = actor_of(reader), _text(form)
    _require_content(kind, form)
    if form.file is not None:
        await document_files.require(node, form.file)
    command = PlaceItem(key, actor, kind, text, form.starts_at_s, form.ends_at_s, form.file)
    return await submit(node, command)


async def change(node: Node, reader: Reader, number: int, form: ItemForm, *, key: str) -> None:
    """Let an item say something else, as a whole.

    Raises:
        InputError: `text_missing`, `too_large`, `not_found` of a file.
        RefusedError: the refusals of `federation.group.board.change`, `forbidden`, `conflict`.

    """
    actor, text = actor_of(reader), _text(form)
    known = node.machine.books.members.items.get(number)
    if known is not None:
        _require_content(known.kind, form)
    if form.file is not None:
        await document_files.require(node, form.file)
    command = ChangeItem(key, actor, number, text, form.starts_at_s, form.ends_at_s, form.file)
    await submit(node, command)


async def remove(node: Node, reader: Reader, number: int, *, key: str) -> None:
    """Tell an item no longer; its file goes with the next sweep.

    Raises:
        RefusedError: the refusals of `federation.group.board.remove`, `forbidden`, `conflict`.

    """
    await submit(node, RemoveItem(key, actor_of(reader), number))


def _require_content(kind: ItemKind, form: ItemForm) -> None:
    """Refuse a page without a text, and a document that is neither a text nor a file."""
    if kind in (ItemKind.DOCUMENT, ItemKind.PAGE) and form.file is None and not form.text.strip():
        raise InputError(Code.TEXT_MISSING, field="text")


def _text(form: ItemForm) -> BoardText:
    return BoardText(
        title=words.line(form.title, "title", words.TITLE_MAX, needed=True),
        text=words.paragraphs(form.text, "text", TEXT_MAX),
        place=words.line(form.place, "place", words.NAME_MAX),
        file_name=document_files.file_name(form.file_name) if form.file is not None else "",
        others=_others(form),
    )


def _others(form: ItemForm) -> tuple[BoardWords, ...]:
    """Read what is said in other languages, in the order of the languages.

    Raises:
        InputError: `malformed` for a language twice, `text_missing`, `too_large`.

    """
    said = {one.language: one for one in form.others}
    if len(said) < len(form.others):
        raise InputError(Code.MALFORMED, field="others", reason="each language once")
    return tuple(
        BoardWords(
            language=language,
            title=words.line(said[language].title, "title", words.TITLE_MAX, needed=True),
            text=words.paragraphs(said[language].text, "text", TEXT_MAX),
        )
        for language in Language
        if language in said
    )


async def item(
    node: Node,
    reader: Reader,
    number: int,
    kind: ItemKind | None = None,
    *,
    language: Language | None = None,
) -> ShownItem:
    """Give one item, of a kind or of any; in a language where it is told in that.

    Raises:
        InputError: `not_found`, also for one of another kind.
        RefusedError: `forbidden` for who is not a member.

    """
    _require_member(reader)
    row = await node.pool.fetchrow(SQL["item"], number)
    if row is None or kind not in (None, row["kind"]):
        raise InputError(Code.NOT_FOUND, field="item")
    return in_language(_shown(row), language)


async def items(
    node: Node,
    reader: Reader,
    kind: ItemKind,
    *,
    offset: int = 0,
    limit: int = 20,
    language: Language | None = None,
) -> list[ShownItem]:
    """Give news, documents or pages, the newest first; in a language where they are told in that.

    Raises:
        RefusedError: `forbidden` for who is not a member.

    """
    _require_member(reader)
    found = await _items(node, kind, (0, EVER_S), newest=True, limit=limit, offset=offset)
    return [in_language(one, language) for one in found]


async def coming(
    node: Node, reader: Reader, *, now_s: int, limit: int = 50, language: Language | None = None
) -> list[Entry]:
    """Give what the calendar holds from now on, soonest first; what is going on comes first.

    Raises:
        RefusedError: `forbidden` for who is not a member.

    """
    _require_member(reader)
    dates = await _items(node, ItemKind.DATE, (now_s, EVER_S), newest=False, limit=limit)
    together = await activities.coming(node, reader, limit=limit)
    said = (in_language(one, language) for one in dates)
    found = [*map(_of_item, said), *map(_of_activity, together)]
    return sorted(found, key=lambda entry: entry.starts_at_s)[:limit]


async def past(
    node: Node, reader: Reader, *, now_s: int, limit: int = 20, language: Language | None = None
) -> list[Entry]:
    """Give what the calendar held, the latest first.

    Raises:
        RefusedError: `forbidden` for who is not a member.

    """
    _require_member(reader)
    dates = await _items(node, ItemKind.DATE, (0, now_s - 1), newest=True, limit=limit)
    together = await activities.past(node, reader, limit=limit)
    said = (in_language(one, language) for one in dates)
    found = [*map(_of_item, said), *map(_of_activity, together)]
    return sorted(found, key=lambda entry: -entry.starts_at_s)[:limit]


async def headlines(
    node: Node, reader: Reader, *, now_s: int, language: Language | None = None
) -> Headlines:
    """Give the newest news and what comes first, for the start page.

    Raises:
        RefusedError: `forbidden` for who is not a member.

    """
    news = await items(node, reader, ItemKind.NEWS, limit=1, language=language)
    first = await coming(node, reader, now_s=now_s, limit=1, language=language)
    return Headlines(next(iter(news), None), next(iter(first), None))


async def file_of(node: Node, reader: Reader, number: int) -> tuple[str, bytes]:
    """Give name and bytes of a document's file.

    Raises:
        InputError: `not_found`.
        RefusedError: `forbidden` for who is not a member.

    """
    found = await item(node, reader, number, ItemKind.DOCUMENT)
    if found.file is None:
        raise InputError(Code.NOT_FOUND, field="file")
    return found.file_name, await document_files.read(node, unb64(found.file.digest))


def in_language(found: ShownItem, language: Language | None) -> ShownItem:
    """Give an item as it is told in a language; as it was written first where it is not."""
    for said in found.others:
        if said.language is language:
            return replace(found, title=said.title, text=said.text)
    return found


def _require_member(reader: Reader) -> None:
    if reader.account is None and not reader.operator:
        raise RefusedError(Code.FORBIDDEN, field="account")


async def _items(
    node: Node,
    kind: ItemKind,
    period_s: tuple[int, int],
    *,
    newest: bool,
    limit: int,
    offset: int = 0,
) -> list[ShownItem]:
    limit = min(limit, LIST_MAX)
    rows = await node.pool.fetch(SQL["items"], [kind.value], *period_s, newest, limit, offset)
    return [_shown(row) for row in rows]


def _shown(row: Record) -> ShownItem:
    fields = dict(row)
    digest, size = fields.pop("file_digest"), fields.pop("file_size")
    file = None if digest is None else ItemFile(digest=b64(digest), size=size)
    said = {"kind": ItemKind(row["kind"]), "file": file, "others": OTHERS.decode(row["others"])}
    return ShownItem(**fields | said)


def _of_item(found: ShownItem) -> Entry:
    return Entry(
        title=found.title,
        place=found.place,
        starts_at_s=found.starts_at_s,
        ends_at_s=found.ends_at_s,
        item=found.item,
    )


def _of_activity(found: activities.ShownActivity) -> Entry:
    return Entry(
        title=found.title,
        place=found.place,
        starts_at_s=found.starts_at_s,
        ends_at_s=found.ends_at_s,
        activity=found.activity,
        comes=found.comes,
    )
