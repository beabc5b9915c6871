"""The order of things inside a backup: manifest, then each table's rows and account, then the end.

A frame is one byte that says its kind, four that say how long it is, and so many bytes. Rows are
PostgreSQL's binary COPY, cut anywhere. Sealing is `events.sealed_stream`; this is what it holds.
Pure: bytes in, bytes out.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import msgspec

from schemas.backup import MANIFEST_VERSION, Manifest, ManifestForm, TableEnd
from schemas.encoding import b64, encode, parse
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAME_SIZE_MAX: Final = 2**22
_HEAD: Final = struct.Struct(">BI")
_FORM: Final = msgspec.json.Decoder(ManifestForm)
_MANIFEST: Final = msgspec.json.Decoder(Manifest)
_TABLE_END: Final = msgspec.json.Decoder(TableEnd)
T = TypeVar("T")


class Kind(IntEnum):
    """What a frame holds."""

    MANIFEST = 1
    ROWS = 2
    TABLE_END = 3
    END = 4


class Frame(NamedTuple):
    """One frame."""

    kind: int
    content: bytes


class TableWriter:
    """Frames the rows of one table and keeps account of them."""

    def __init__(self) -> None:
        """Begin with no rows."""
        self._digest = sha256()
        self._count = 0

    def rows(self, piece: bytes) -> Iterator[bytes]:
        """Give the frames of a piece of any length."""
        self._digest.update(piece)
        self._count += len(piece)
        for at in range(0, len(piece), FRAME_SIZE_MAX):
            yield _frame(Kind.ROWS, piece[at : at + FRAME_SIZE_MAX])

    def end(self, rows_count: int) -> bytes:
        """Give the frame with the account, with as many rows as the database has copied."""
        account = _account(rows_count, self._count, self._digest.digest())
        return _frame(Kind.TABLE_END, encode(account))


def manifest_frame(manifest: Manifest) -> bytes:
    """Give the first frame of a backup; its tables are what bounds its length."""
    return _frame(Kind.MANIFEST, encode(manifest))


def end_frame() -> bytes:
    """Give the last frame of a backup."""
    return _frame(Kind.END, b"")


class BackupReader:
    """Reads a backup in its one order; `field` names the file in what is raised.

    Whoever has the public half of a recovery key can seal anything to it, so what is inside is
    held to its form like all that comes from elsewhere.
    """

    def __init__(self, chunks: Iterator[bytes], field: str) -> None:
        """Take the opened chunks of the stream."""
        self._frames = _frames(chunks, field)
        self._field = field
        self.rows_count = 0
        """How many rows the table had that was read last."""

    def manifest(self) -> Manifest:
        """Read the manifest, which is the first to be read.

        Raises:
            VerificationError: `backup_newer` when it is of a later form, `backup_damaged`, and
                what the chunks raise.

        """
        frame = self._next()
        if frame.kind != Kind.MANIFEST:
            raise _damaged(self._field)
        if self._parsed(_FORM, frame.content).v > MANIFEST_VERSION:
            raise VerificationError(Code.BACKUP_NEWER, field=self._field)
        return self._parsed(_MANIFEST, frame.content)

    def table(self) -> Iterator[bytes]:
        """Give the rows of the next table, and hold them against its account at the end.

        Raises:
            VerificationError: `backup_damaged`, and what the chunks raise.

        """
        digest, count = sha256(), 0
        while (frame := self._next()).kind == Kind.ROWS:
            digest.update(frame.content)
            count += len(frame.content)
            yield frame.content
        if frame.kind != Kind.TABLE_END:
            raise _damaged(self._field)
        account = self._parsed(_TABLE_END, frame.content)
        if account != _account(account.rows_count, count, digest.digest()):
            raise _damaged(self._field)
        self.rows_count = account.rows_count

    def end(self) -> None:
        """See that the backup ends here, to the last byte of its last chunk.

        Raises:
            VerificationError: `backup_damaged`, and what the chunks raise.

        """
        if self._next() != Frame(Kind.END, b"") or next(self._frames, None) is not None:
            raise _damaged(self._field)

    def _next(self) -> Frame:
        frame = next(self._frames, None)
        if frame is None:
            raise _damaged(self._field)
        return frame

    def _parsed(self, decoder: msgspec.json.Decoder[T], content: bytes) -> T:
        try:
            return parse(decoder, content)
        except msgspec.MsgspecError as error:
            raise _damaged(self._field) from error


def _account(rows_count: int, bytes_count: int, digest: bytes) -> TableEnd:
    return TableEnd(rows_count=rows_count, bytes_count=bytes_count, digest=b64(digest))


def _frame(kind: Kind, content: bytes) -> bytes:
    assert len(content) <= FRAME_SIZE_MAX
    return _HEAD.pack(kind, len(content)) + content


def _frames(chunks: Iterator[bytes], field: str) -> Iterator[Frame]:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        at = 0
        while len(held) - at >= _HEAD.size:
            kind, size = _HEAD.unpack_from(held, at)
            if size > FRAME_SIZE_MAX:
                raise _damaged(field)
            end = at + _HEAD.size + size
            if end > len(held):
                break
            yield Frame(kind, bytes(held[at + _HEAD.size : end]))
            at = end
        del held[:at]
    if held:
        raise _damaged(field)


def _damaged(field: str) -> VerificationError:
    return VerificationError(Code.BACKUP_DAMAGED, field=field)
