"""The tree of categories; parents come before their children.

Invariant: what comes out is a forest; a missing parent or a circle makes a category a root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.migrate.g3 import CATEGORIES
from federation.migrate.issues import Issue
from federation.migrate.planned import ImportedCategory
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from federation.migrate.reader import Reader
    from federation.migrate.rows import CategoryRow

CATEGORIES_MAX: Final = 5_000


def read_categories(reader: Reader) -> tuple[ImportedCategory, ...]:
    """Read all categories.

    Raises:
        InputError: `csv_too_large`, or as `Reader.rows`.

    """
    rows: dict[int, CategoryRow] = {}
    for row in reader.rows(CATEGORIES):
        if row.id in rows:
            reason = "an earlier row has this id"
            reader.issues.add(
                Issue(reader.file(CATEGORIES), row.line, Code.CONFLICT, "id", reason, refused=True)
            )
            continue
        if len(rows) >= CATEGORIES_MAX:
            raise InputError(
                Code.CSV_TOO_LARGE,
                field=reader.file(CATEGORIES),
                line=row.line,
                limit=CATEGORIES_MAX,
                what="categories",
            )
        rows[row.id] = row
    placed: dict[int, ImportedCategory] = {}
    for row in rows.values():
        _place(row, rows, placed, reader)
    assert len(placed) == len(rows), "every category has its place"
    return tuple(placed.values())


def _place(
    row: CategoryRow,
    rows: dict[int, CategoryRow],
    placed: dict[int, ImportedCategory],
    reader: Reader,
) -> None:
    """Place a category and, before it, all above it that have no place yet."""
    path: dict[int, CategoryRow] = {}
    root_parent: int | None = None
    at: CategoryRow | None = row
    while at is not None and at.id not in placed and at.id not in path:
        path[at.id] = at
        root_parent = at.parent_id
        at = None if root_parent is None else rows.get(root_parent)
    if at is None or at.id in path:
        if root_parent is not None:
            top = next(reversed(path.values()))
            reason = "no such category, or a circle; it stands at the top now"
            reader.issues.add(
                Issue(reader.file(CATEGORIES), top.line, Code.NOT_FOUND, "parent_id", reason)
            )
        root_parent = None
    for each in reversed(path.values()):
        placed[each.id] = ImportedCategory(
            source_id=each.id, name=each.name, parent_source_id=root_parent
        )
        root_parent = each.id
