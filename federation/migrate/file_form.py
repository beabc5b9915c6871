"""How a CSV file was written: encoding, delimiter, and the style of its quotes.

An export as it was downloaded is UTF-8 with commas. A spreadsheet writes it anew in the encoding
and with the delimiter of its country, eLAS never escaped a quote. Detected from the bytes, or
chosen by the coordinator; what comes out of `open_as` is UTF-8 always, so that one reader reads
all. Bytes that are no text in the encoding stay wrong: the reader names their line.
"""

from __future__ import annotations

import codecs
import io
from enum import StrEnum
from itertools import chain
from typing import IO, Any, Final

import msgspec

_BUFFER_SIZE: Final = 64 * 1024
_HEADER_SIZE_MAX: Final = 64 * 1024
_LINE_SIZE_MAX: Final = 2**20
_SAMPLE_SIZE: Final = 64
_NOT_UTF8: Final = b"\xff"
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Encoding(StrEnum):
    """In which encoding a file was written."""

    UTF_8 = "utf-8"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"
    CP1252 = "cp1252"


class Delimiter(StrEnum):
    """What stands between two cells."""

    COMMA = ","
    SEMICOLON = ";"
    TAB = "\t"


class FileForm(msgspec.Struct, frozen=True, kw_only=True):
    """How one file was written."""

    encoding: Encoding = Encoding.UTF_8
    delimiter: Delimiter = Delimiter.COMMA
    bare_quotes: bool = False
    """eLAS: every cell in quotes, those inside a cell not doubled."""


PLAIN: Final = FileForm()
"""As the export comes out of eLAND."""


def detect(
    stream: IO[bytes],
    *,
    encoding: Encoding | None = None,
    delimiter: Delimiter | None = None,
    bare_quotes: bool = False,
) -> FileForm:
    """Find how a file was written by reading it to its end; what was chosen is not looked for.

    `bare_quotes` says that the file comes from eLAS by its name; one that a spreadsheet wrote
    anew has lost the quotes around each cell, and is like any other.

    A file is taken for Windows-1252 only when it is no UTF-8 and nothing in it looks like UTF-8:
    one damaged byte in a good file does not change how the names in it are read.
    """
    start = stream.readline(_HEADER_SIZE_MAX)
    found = encoding or _utf16(start) or _eight_bits(start, stream)
    text = start.decode(found.value, errors="replace").removeprefix("\ufeff")
    quotes = bare_quotes and text.startswith('"') and text.rstrip("\r\n").endswith('"')
    return FileForm(encoding=found, delimiter=delimiter or _delimiter(text), bare_quotes=quotes)


def open_as(stream: IO[bytes], form: FileForm) -> IO[bytes]:
    """Give the bytes of a file as UTF-8. Closing it closes `stream`."""
    if form.encoding is Encoding.UTF_8:
        return stream
    return io.BufferedReader(_Recoded(stream, form.encoding), _BUFFER_SIZE)


class _Recoded(io.RawIOBase):
    """Another encoding as UTF-8; where a byte is none of it, one that is no UTF-8, and the end."""

    def __init__(self, source: IO[bytes], encoding: Encoding) -> None:
        self._source = source
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding.value)()
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # a Buffer, from Python 3.12 on
        while not self._ready and not self._ended:
            chunk = self._source.read(_BUFFER_SIZE)
            self._ended = not chunk
            try:
                text = self._decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(self._encoding.value, "ignore")
                self._ready, self._ended = good.encode() + _NOT_UTF8, True
            else:
                self._ready = text.encode()
        view = memoryview(buffer)
        given, self._ready = self._ready[: len(view)], self._ready[len(view) :]
        view[: len(given)] = given
        return len(given)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()


def _utf16(start: bytes) -> Encoding | None:
    """Tell UTF-16 by its mark, or by the empty halves of plain letters."""
    marked = next((name for mark, name in _UTF16.items() if start.startswith(mark)), None)
    if marked is not None:
        return Encoding(marked)
    sample = start[:_SAMPLE_SIZE]
    for encoding, empty in ((Encoding.UTF_16_LE, sample[1::2]), (Encoding.UTF_16_BE, sample[::2])):
        if len(empty) > 1 and not any(empty):
            return encoding
    return None


def _eight_bits(first: bytes, stream: IO[bytes]) -> Encoding:
    looks_like_utf8 = damaged = False
    rest = iter(lambda: stream.readline(_LINE_SIZE_MAX), b"")
    for line in chain((first,), rest):
        if line.isascii():
            continue
        try:
            line.decode()
        except UnicodeDecodeError:
            damaged = True
        else:
            looks_like_utf8 = True
    return Encoding.CP1252 if damaged and not looks_like_utf8 else Encoding.UTF_8


def _delimiter(header: str) -> Delimiter:
    """Give what stands most often outside quotes in the header; a comma when nothing does."""
    outside = "".join(header.split('"')[::2])
    return max(Delimiter, key=lambda each: (outside.count(each), each is Delimiter.COMMA))
