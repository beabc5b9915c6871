"""Streams the tables of an archive as typed rows and keeps count of what it saw.

Invariant: a table may be read again and again, and gives the same rows each time. An absent
table has no rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from federation.migrate.csv_rows import Rows
from federation.migrate.issues import Issue, Issues
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.migrate.archive import Archive
    from federation.migrate.g3 import Table

T = TypeVar("T")


class Reader:
    """Reads one archive; what is odd goes to `issues`."""

    def __init__(self, archive: Archive, issues: Issues) -> None:
        """Read nothing yet."""
        self._archive = archive
        self._tables = frozenset(archive.tables())
        self.issues = issues
        self.rows_read: dict[str, int] = {}
        """By file."""
        self.aside: dict[str, tuple[str, ...]] = {}
        """Columns that were not looked at, by file."""

    def rows(self, table: Table[T]) -> Iterator[T]:
        """Yield the usable rows of a table in the order of the file.

        Raises:
            InputError: as `csv_rows.Rows` and `Archive.open`.

        """
        if table.name not in self._tables:
            return
        file = f"{table.name}.csv"
        line = 0
        noted = self.issues

        def note(field: str, reason: str) -> None:
            noted.add(Issue(file, line, Code.MALFORMED, field, reason))

        read = 0
        with self._archive.open(table.name) as stream:
            found = Rows(stream, file, table.columns)
            self.aside[file] = found.aside
            for line, cells in found.read(noted):
                read += 1
                try:
                    row = table.make(cells, line, note)
                except InputError as error:
                    noted.add(_issue(file, line, error))
                    continue
                yield row
        self.rows_read[file] = read + found.refused


def _issue(file: str, line: int, error: InputError) -> Issue:
    field, reason = str(error.facts["field"]), str(error.facts["reason"])
    return Issue(file, line, error.code, field, reason, refused=True)
