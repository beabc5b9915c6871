"""An export as it was handed over: a ZIP of tables and pictures, or a single `<table>.csv`.

Invariant: nothing is written to disk, nothing is read before every member's name, kind and size
has been checked, and no stream gives more bytes than its table's limit, whatever the file claims.
What a table says is none of this module's business.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, Self

from federation.migrate.spreadsheets import HEAD_BYTES, is_spreadsheet
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from types import TracebackType

MEBIBYTE: Final = 2**20
DIRECTORY_SIZE_MAX: Final = 4 * MEBIBYTE
"""Bytes of a ZIP's central directory; a list of 20,000 pictures takes about two million."""
PICTURE_ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif"})
_BUFFER_SIZE: Final = 64 * 1024
_SIGNATURES: Final = (b"PK\x03\x04", b"PK\x05\x06")
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(ValueError, RuntimeError),  # names that cannot be decoded, features that are not built in
)
_LOCAL_HEADER_SIZE: Final = 30
_ENCRYPTED: Final = 0x41
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NAME_SHOWN_MAX: Final = 80


class Limits(NamedTuple):
    """What an export may be at most; a large group's is 20 files and 30 MiB."""

    archive_size_max: int = 256 * MEBIBYTE
    members_max: int = 200
    """Files beside the pictures."""
    pictures_max: int = 20_000
    picture_size_max: int = 10 * MEBIBYTE
    """A larger one is left out by itself."""
    member_size_max: int = 512 * MEBIBYTE
    total_size_max: int = 1024 * MEBIBYTE
    ratio_max: int = 200
    """Unpacked to packed; repetitive tables reach 30, a bomb 1,000."""
    ratio_free_size: int = MEBIBYTE
    """Below this size a member may have any ratio."""


LIMITS: Final = Limits()


class _Measured(io.RawIOBase):
    """A stream that stops with an error at its limit and translates damage into our errors."""

    def __init__(self, source: IO[bytes], file: str, size_max: int, *, exact: bool) -> None:
        self._source = source
        self._file = file
        self._size_max = size_max
        self._exact = exact
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # a Buffer, from Python 3.12 on
        view = memoryview(buffer)
        try:
            chunk = self._source.read(len(view))
        except _DAMAGE as error:
            raise InputError(Code.ARCHIVE_DAMAGED, field=self._file) from error
        self._size += len(chunk)
        if self._size > self._size_max:
            raise InputError(Code.ARCHIVE_TOO_LARGE, field=self._file, limit=self._size_max)
        if not chunk and self._exact and self._size != self._size_max:
            raise InputError(Code.ARCHIVE_DAMAGED, field=self._file)
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()


class _Directory(io.BufferedReader):
    """A file that refuses reads of more than a sane central directory while a ZIP is opened."""

    opening = True

    def read(self, size: int | None = -1, /) -> bytes:
        if not self.opening:
            return super().read(size)
        wanted = DIRECTORY_SIZE_MAX + 1 if size is None or size < 0 else size
        if wanted > DIRECTORY_SIZE_MAX + 1:
            raise InputError(Code.ARCHIVE_TOO_LARGE, field=_shown(self), limit=DIRECTORY_SIZE_MAX)
        return super().read(wanted)


class Archive:
    """The tables of one export. A context manager; streams may be opened again and again."""

    def __init__(self, path: Path, *, limits: Limits = LIMITS) -> None:
        """Check the whole file's form.

        Raises:
            InputError: a code of the family `archive_`, naming the member or the file.

        """
        self.name: Final = shown_name(path.name)
        self._path = path
        self._limits = limits
        self._file: _Directory | None = None
        self._zip: zipfile.ZipFile | None = None
        self._single: str | None = None
        if not path.is_file():
            raise InputError(Code.ARCHIVE_UNKNOWN, field=self.name)
        self.size: Final = path.stat().st_size
        if self.size > limits.archive_size_max:
            raise InputError(Code.ARCHIVE_TOO_LARGE, field=self.name, limit=limits.archive_size_max)
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._pictures: dict[str, zipfile.ZipInfo] = {}
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if is_spreadsheet(path.name, head):
            raise InputError(Code.SPREADSHEET_FILE, field=self.name)
        signature = head[:4]
        if signature in _SIGNATURES:
            self._open_zip()
        elif path.suffix.lower() == ".csv":
            self._single = path.stem.lower()
        elif path.suffix.lower() == ".zip":
            raise InputError(Code.ARCHIVE_DAMAGED, field=self.name)
        else:
            raise InputError(Code.ARCHIVE_UNKNOWN, field=self.name)

    def __enter__(self) -> Self:
        """Give the archive itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._zip is not None:
            self._zip.close()
        if self._file is not None:
            self._file.close()

    def tables(self) -> tuple[str, ...]:
        """Name the tables, in alphabetical order."""
        return tuple(sorted(self._members)) if self._single is None else (self._single,)

    def open(self, table: str) -> io.BufferedReader:
        """Open a table from its beginning. The caller closes it.

        Raises:
            InputError: `import_table_missing`; while reading `archive_damaged`,
                `archive_too_large`.

        """
        file = f"{table}.csv"
        if table not in self.tables():
            raise InputError(Code.IMPORT_TABLE_MISSING, field=file)
        source: IO[bytes]
        if self._zip is None:
            source = self._path.open("rb")
            size_max = self._limits.member_size_max
        else:
            member = self._members[table]
            try:
                source = self._zip.open(member)
            except _DAMAGE as error:
                raise InputError(Code.ARCHIVE_DAMAGED, field=file) from error
            size_max = member.file_size
        measured = _Measured(source, file, size_max, exact=self._zip is not None)
        return io.BufferedReader(measured, _BUFFER_SIZE)

    def pictures(self) -> frozenset[str]:
        """Name the pictures as `picture_name` does, whatever folder they lie in."""
        return frozenset(self._pictures)

    def picture(self, name: str) -> bytes:
        """Read a picture's file; what is in it nobody has looked at.

        Raises:
            InputError: `not_found`, `too_large`, `archive_damaged`.

        """
        member = self._pictures.get(name)
        if member is None or self._zip is None:
            raise InputError(Code.NOT_FOUND, field=name)
        if member.file_size > self._limits.picture_size_max:
            raise InputError(Code.TOO_LARGE, field=name, limit=self._limits.picture_size_max)
        try:
            source = self._zip.open(member)
        except _DAMAGE as error:
            raise InputError(Code.ARCHIVE_DAMAGED, field=name) from error
        with io.BufferedReader(_Measured(source, name, member.file_size, exact=True)) as stream:
            return stream.read()

    def digest(self) -> str:
        """Give the SHA-256 of the whole file in hexadecimal: two imports of one file show it."""
        found = sha256()
        with self._path.open("rb") as file:
            while chunk := file.read(MEBIBYTE):
                found.update(chunk)
        return found.hexdigest()

    def _open_zip(self) -> None:
        self._file = _Directory(io.FileIO(self._path))
        try:
            self._zip = zipfile.ZipFile(self._file)
            self._file.opening = False
            members = self._zip.infolist()
            self._members = _checked(members, self.name, self.size, self._limits)
            self._pictures = {
                picture_name(member.filename): member
                for member in reversed(members)  # of two with one name the first counts
                if _is_picture(member)
            }
        except _DAMAGE as error:
            self.close()
            raise InputError(Code.ARCHIVE_DAMAGED, field=self.name) from error
        except InputError:
            self.close()
            raise


def picture_name(said: str) -> str:
    """Give the name by which a picture is found: without folders, in small letters."""
    return said.strip().replace("\\", "/").rpartition("/")[2].lower()


def _is_picture(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    hidden = path.name.startswith(".")
    return path.suffix.lower() in PICTURE_ENDINGS and not hidden and not member.is_dir()


def shown_name(name: str) -> str:
    """Make a file name fit for a message: one line, at most 80 characters."""
    return _CONTROL.sub("?", name)[:_NAME_SHOWN_MAX]


def _shown(file: io.BufferedReader) -> str:
    return shown_name(PurePosixPath(str(file.name)).name)


def _checked(
    members: list[zipfile.ZipInfo], name: str, size: int, limits: Limits
) -> dict[str, zipfile.ZipInfo]:
    """Check all members, in the order of the ZIP, and give those that are tables by table name."""
    pictures = sum(map(_is_picture, members))
    for count, most in (
        (len(members) - pictures, limits.members_max),
        (pictures, limits.pictures_max),
    ):
        if count > most:
            raise InputError(Code.ARCHIVE_TOO_MANY, field=name, limit=most)
    total = sum(member.file_size for member in members)
    if total > limits.total_size_max:
        raise InputError(Code.ARCHIVE_TOO_LARGE, field=name, limit=limits.total_size_max)
    _check_overlap(members, name, size)
    tables: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        shown = shown_name(member.orig_filename)
        _check_member(member, shown, limits)
        path = PurePosixPath(member.filename)
        if member.is_dir() or path.suffix.lower() != ".csv" or path.name.startswith("."):
            continue
        table = path.stem.lower()
        if table in tables:
            raise InputError(Code.ARCHIVE_DUPLICATE, field=shown)
        tables[table] = member
    return tables


def _check_member(member: zipfile.ZipInfo, shown: str, limits: Limits) -> None:
    raw = member.orig_filename
    if _CONTROL.search(raw) or "\\" in raw or raw.startswith("/") or _DRIVE.match(raw):
        raise InputError(Code.ARCHIVE_PATH, field=shown)
    if ".." in raw.split("/") or not raw:
        raise InputError(Code.ARCHIVE_PATH, field=shown)
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise InputError(Code.ARCHIVE_LINK, field=shown)
    if member.flag_bits & _ENCRYPTED:
        raise InputError(Code.ARCHIVE_ENCRYPTED, field=shown)
    if member.compress_type not in _METHODS:
        raise InputError(Code.ARCHIVE_METHOD, field=shown)
    if member.file_size > limits.member_size_max:
        raise InputError(Code.ARCHIVE_TOO_LARGE, field=shown, limit=limits.member_size_max)
    if member.file_size > limits.ratio_free_size + limits.ratio_max * member.compress_size:
        raise InputError(Code.ARCHIVE_BOMB, field=shown, limit=limits.ratio_max)


def _check_overlap(members: list[zipfile.ZipInfo], name: str, size: int) -> None:
    """Refuse members that share bytes: how a small ZIP holds many large tables."""
    end = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < end:
            raise InputError(Code.ARCHIVE_DAMAGED, field=name)
        end = member.header_offset + _LOCAL_HEADER_SIZE + member.compress_size
    if end > size:
        raise InputError(Code.ARCHIVE_DAMAGED, field=name)
