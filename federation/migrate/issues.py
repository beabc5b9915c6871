"""What an import noticed: rows that it refused and oddities that it took as they were.

Invariant: an issue names file, line and column, never the content of a cell, so no secret and no
personal text can come out here. All are counted, the first thousand are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from schemas.errors import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

ISSUES_KEPT_MAX: Final = 1000


class Issue(msgspec.Struct, frozen=True):
    """One thing that was noticed; `refused` tells whether the row was left out."""

    file: str
    line: int
    """Physical line of the row's start; 0 when it concerns the whole file."""
    code: Code
    field: str
    """The column."""
    reason: str
    refused: bool = False
    column: str = ""
    """What the header of the file calls the column; empty where it has no such."""


class Issues:
    """Collects issues in the order in which they were noticed."""

    def __init__(self) -> None:
        """Start empty."""
        self.kept: list[Issue] = []
        self.refused = 0
        self.noted = 0
        self._refused_by_file: dict[str, int] = {}
        self._columns: dict[tuple[str, str], str] = {}

    def name_columns(self, file: str, called: Mapping[str, str]) -> None:
        """Remember what the header of a file calls each column that an issue may name."""
        self._columns.update(((file, field), column) for field, column in called.items())

    def add(self, issue: Issue) -> None:
        """Count an issue, and keep it while there is room."""
        if issue.refused:
            self.refused += 1
            self._refused_by_file[issue.file] = self.refused_in(issue.file) + 1
        else:
            self.noted += 1
        if len(self.kept) < ISSUES_KEPT_MAX:
            column = self._columns.get((issue.file, issue.field), "")
            self.kept.append(msgspec.structs.replace(issue, column=column))

    def refused_in(self, file: str) -> int:
        """Count the refused rows of one file."""
        return self._refused_by_file.get(file, 0)
