"""Rows as eLAS wrote them: every cell in quotes, those inside a cell not doubled, CRLF.

Where a cell ends cannot be known for certain: it is taken to end at `","`, and a row at a quote
before a line end once it has as many cells as the header. A text that holds `","` itself makes its
row too wide, and only that row is refused.
"""

from __future__ import annotations

from typing import IO, Final

from schemas.errors import Code, InputError

ROW_SIZE_MAX: Final = 4 * 2**20
_BETWEEN: Final = b'","'
_BETWEEN_TEXT: Final = '","'


class BareRecords:
    """Reads one record after the other; remembers how wide the header was."""

    def __init__(self) -> None:
        """Start before the header."""
        self._width = 0
        self._ahead = b""

    def __call__(self, stream: IO[bytes], file: str, line: int) -> tuple[bytes, int]:
        """Read the physical lines of one record, and say how many they are.

        Raises:
            InputError: `csv_truncated`, `csv_too_large`.

        """
        raw, self._ahead = self._ahead or stream.readline(ROW_SIZE_MAX + 1), b""
        if not self._width:
            self._width = raw.count(_BETWEEN) + 1
            return raw, 1
        lines = 1
        while raw and not self._whole(raw):
            more = stream.readline(ROW_SIZE_MAX + 1)
            if not more:
                raise InputError(Code.CSV_TRUNCATED, field=file, line=line)
            if _closed(raw) and more.startswith(b'"') and self._whole(more):
                self._ahead = more  # a row of its own: what stands before it is one too short
                break
            raw, lines = raw + more, lines + 1
            if len(raw) > ROW_SIZE_MAX:
                what = "bytes in a row"
                raise InputError(
                    Code.CSV_TOO_LARGE, field=file, line=line, limit=ROW_SIZE_MAX, what=what
                )
        return raw, lines

    def _whole(self, raw: bytes) -> bool:
        return _closed(raw) and raw.count(_BETWEEN) + 1 >= self._width


def split_bare(text: str) -> list[str | None] | None:
    """Split one record without its line end; `None` when it does not stand in quotes."""
    if len(text) < len('""') or not (text.startswith('"') and text.endswith('"')):
        return None
    return [*text[1:-1].split(_BETWEEN_TEXT)]


def _closed(raw: bytes) -> bool:
    return raw.rstrip(b"\r\n").endswith(b'"')
