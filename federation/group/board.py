"""Rules about what a group tells its members: news, dates, documents. Pure.

Coordinators write, and whoever runs the node; each rule is a flat list of early returns with a
distinct code, in the documented order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from federation.group.commands import GROUP_SUBJECT
from federation.group.members import lacks
from federation.group.rights import Right
from federation.line.drafts import LocalDraft
from schemas.board_bodies import ItemChanged, ItemKind, ItemPlaced, ItemRemoved
from schemas.errors import Code, Refusal
from schemas.ids import SAFE_INTEGER

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line.drafts import Draft
    from projections.books import Books
    from projections.membership import OnBoard
    from schemas.board_bodies import ItemFile
    from schemas.openings import BoardText

STANDING_MAX: Final = 5_000
"""So many items stand at once; older ones are to be removed first."""


class PlaceItem(NamedTuple):
    """Tell the members something. `actor` and `key` as in `member_commands`."""

    key: str
    actor: int | None
    kind: ItemKind
    text: BoardText
    starts_at_s: int
    ends_at_s: int | None = None
    file: ItemFile | None = None


class ChangeItem(NamedTuple):
    """Let an item say something else, as a whole; its kind stays."""

    key: str
    actor: int | None
    item: int
    text: BoardText
    starts_at_s: int
    ends_at_s: int | None = None
    file: ItemFile | None = None


class RemoveItem(NamedTuple):
    """Tell an item no longer."""

    key: str
    actor: int | None
    item: int


BoardCommand = PlaceItem | ChangeItem | RemoveItem


def decide(
    books: Books, command: BoardCommand, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Decide a command about items; gives the item's number, or a refusal."""
    match command:
        case PlaceItem():
            return (yield from place(books, command, now_s=now_s))
        case ChangeItem():
            return (yield from change(books, command, now_s=now_s))
        case RemoveItem():
            return (yield from remove(books, command, now_s=now_s))


def place(books: Books, command: PlaceItem, *, now_s: int) -> Generator[Draft, str, int | Refusal]:
    """Place an item and give its number.

    Refusals, in this order: `forbidden`, those of `content_refused`, `too_many`.
    """
    refusal = lacks(books, command.actor, Right.TELL) or content_refused(command.kind, command)
    if refusal is not None:
        return refusal
    if sum(not item.removed for item in books.members.items.values()) >= STANDING_MAX:
        return Refusal(Code.TOO_MANY, {"field": "item", "limit": STANDING_MAX})
    number = books.members.next_item
    yield LocalDraft(
        ItemPlaced(v=1, at_s=now_s, item=number, kind=command.kind, **_said(command)),
        ((GROUP_SUBJECT, command.text),),
    )
    return number


def change(
    books: Books, command: ChangeItem, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Let an item say something else.

    Refusals, in this order: `forbidden`, `not_found`, those of `content_refused`.
    """
    refusal = lacks(books, command.actor, Right.TELL)
    if refusal is not None:
        return refusal
    found = standing(books, command.item)
    if isinstance(found, Refusal):
        return found
    refusal = content_refused(found.kind, command)
    if refusal is not None:
        return refusal
    yield LocalDraft(
        ItemChanged(v=1, at_s=now_s, item=found.item, kind=found.kind, **_said(command)),
        ((GROUP_SUBJECT, command.text),),
    )
    return found.item


def remove(
    books: Books, command: RemoveItem, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Tell an item no longer. Refusals, in this order: `forbidden`, `not_found`."""
    refusal = lacks(books, command.actor, Right.TELL)
    if refusal is not None:
        return refusal
    found = standing(books, command.item)
    if isinstance(found, Refusal):
        return found
    by = command.actor
    yield LocalDraft(ItemRemoved(v=1, at_s=now_s, item=found.item, entered_by=by))
    return found.item


def standing(books: Books, item: int) -> OnBoard | Refusal:
    """Give an item that is told; refuses `not_found`."""
    found = books.members.items.get(item)
    if found is None or found.removed:
        return Refusal(Code.NOT_FOUND, {"field": "item"})
    return found


def content_refused(kind: ItemKind, command: PlaceItem | ChangeItem) -> Refusal | None:
    """Refuse what an item of a kind cannot say; always `malformed`, with the field.

    In this order: a moment that is none, an end of what is no date or before its beginning, a file
    of what is no document.
    """
    if not 0 <= command.starts_at_s <= SAFE_INTEGER:
        return Refusal(Code.MALFORMED, {"field": "starts_at_s", "reason": "no moment"})
    ends_at_s = command.ends_at_s
    if ends_at_s is not None:
        if kind is not ItemKind.DATE:
            return Refusal(Code.MALFORMED, {"field": "ends_at_s", "reason": "of dates only"})
        if not command.starts_at_s <= ends_at_s <= SAFE_INTEGER:
            return Refusal(Code.MALFORMED, {"field": "ends_at_s", "reason": "before it begins"})
    if command.file is not None and kind is not ItemKind.DOCUMENT:
        return Refusal(Code.MALFORMED, {"field": "file", "reason": "of documents only"})
    return None


def _said(command: PlaceItem | ChangeItem) -> dict[str, Any]:
    """Give the fields of a body that the command says itself."""
    return {
        "starts_at_s": command.starts_at_s,
        "ends_at_s": command.ends_at_s,
        "file": command.file,
        "entered_by": command.actor,
    }
