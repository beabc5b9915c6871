"""A group moves in: what it brought, what was chosen, what a look at it said, what was written.

Invariant: the file lies in the node's folder, for its owner only, until the import is done or
thrown away; what stands about it is one file that is replaced as a whole. Whoever acts names what
it saw (`ticket`), so that of two coordinators at once the second one is told, and nothing that
nobody looked at is written. What did not come in whole goes at once, or at the next start; what
nobody goes on with goes after a month. The work itself is for `moving_work`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar

import msgspec
import structlog

from federation.migrate.archive import PICTURE_ENDINGS
from federation.migrate.choices import Choices
from federation.migrate.spreadsheets import HEAD_BYTES, is_spreadsheet
from federation.node import half_import
from federation.node.moving_stage import AtWork, Moving, Stage, unless_cut_off
from federation.node.service import now_s
from schemas.errors import Code, InputError, RefusedError, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from federation.node.service import Node

log = structlog.get_logger()

T = TypeVar("T")

FILE_MAX: Final = 256 * 2**20
TABLES_MAX: Final = 12
FILES_MAX: Final = 500
"""Tables, and pictures beside them."""
KEPT_S: Final = 30 * 86_400
"""So long a file waits for who goes on with it: it holds names and addresses of a whole group, and
who moves in does so within weeks. It can be brought again."""
_PICTURES: Final = tuple(PICTURE_ENDINGS)
FOLDER: Final = "moving-in"
_STATE: Final = "state.json"
_FRESH: Final = "state.json.new"
_BROUGHT: Final = "brought.zip"
_COMING: Final = "coming-"


class Chest:
    """The folder in which the file of an import and what stands of it lie."""

    def __init__(self, folder: Path) -> None:
        """Take the node's folder; nothing is read yet."""
        self._folder = folder / FOLDER

    def read(self) -> Moving | None:
        """Give what stands; nothing when no group moves in. Half a file that was coming goes."""
        try:
            return msgspec.json.decode((self._folder / _STATE).read_bytes(), type=Moving)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:  # of another release: the file can be brought again
            self.empty()
            return None

    def write(self, moving: Moving) -> None:
        """Replace what stands, as a whole."""
        with self._fresh(moving) as fresh:
            fresh.replace(self._folder / _STATE)

    @contextlib.contextmanager
    def _fresh(self, moving: Moving) -> Iterator[Path]:
        """Write what shall stand beside what stands; what does not take its place goes."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        fresh = self._folder / _FRESH
        fresh.unlink(missing_ok=True)
        try:
            _write(fresh, msgspec.json.encode(moving))
            yield fresh
        finally:
            fresh.unlink(missing_ok=True)

    def file(self) -> Path | None:
        """Give the file that was brought, if it is still there."""
        path = self._folder / _BROUGHT
        return path if path.is_file() else None

    def empty(self) -> None:
        """Drop everything."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def drop_file(self) -> None:
        """Drop what was brought; what stands about it stays."""
        (self._folder / _BROUGHT).unlink(missing_ok=True)

    def coming(self) -> Path:
        """Make an empty folder for what is on its way; `gone` follows, however that ends."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=_COMING, dir=self._folder))

    def gone(self, coming: Path) -> None:
        """Drop what was on its way."""
        shutil.rmtree(coming, ignore_errors=True)

    def sweep(self) -> None:
        """Drop what a stop left half come: nothing is on its way yet."""
        for left in self._folder.glob(f"{_COMING}*"):
            self.gone(left)
        (self._folder / _FRESH).unlink(missing_ok=True)
        if not (self._folder / _STATE).exists():
            self.drop_file()

    def keep(self, coming: Path, names: list[str], actor: int | None) -> Moving:
        """Keep what has come as the one file of the import, and what stands about it.

        Tables become a ZIP under their own names, so that all that follows knows one kind of file.
        """
        parts = [coming / str(number) for number in range(len(names))]
        whole = parts[0]
        if not names[0].lower().endswith(".zip"):
            whole = coming / _BROUGHT
            with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
                for part, name in zip(parts, names, strict=True):
                    archive.write(part, name)
            whole.chmod(0o600)
        before = self.read()
        moving = Moving(
            file=", ".join(names),
            size=whole.stat().st_size,
            brought_at_s=now_s(),
            brought_by=actor,
            choices=Choices() if before is None else before.choices,
        )
        with self._fresh(moving) as fresh:  # before the file: of a full disk the earlier one stays
            whole.replace(self._folder / _BROUGHT)
            fresh.replace(self._folder / _STATE)
        return moving


def chest_of(node: Node) -> Chest:
    """Give the chest of a node."""
    return Chest(node.folder.path)


def at_work(node: Node) -> AtWork:
    """Give what the worker of a node is at."""
    at: AtWork = node.parts.setdefault(AtWork, AtWork())
    return at


async def standing(node: Node) -> Moving | None:
    """Give what stands; nothing when no group moves in. What was cut off can be begun again."""
    moving = await asyncio.to_thread(chest_of(node).read)
    return None if moving is None else unless_cut_off(moving, at_work(node))


async def note(node: Node, moving: Moving) -> None:
    """Note what stands from now on.

    Raises:
        StorageError: `import_unwritable`; what stood still stands.

    """
    await _on_disk(chest_of(node).write, moving)


async def seen(node: Node, ticket: str) -> Moving:
    """Give what stands, if it is what somebody saw.

    Raises:
        RefusedError: `import_changed` when it has changed since, or is gone.

    """
    moving = await standing(node)
    if moving is None or moving.ticket != ticket:
        raise RefusedError(Code.IMPORT_CHANGED)
    return moving


async def bring(
    node: Node, files: AsyncIterator[tuple[str, AsyncIterator[bytes]]], *, actor: int | None
) -> Moving:
    """Take in the file of a former system, or its tables, piece by piece; nothing is read yet.

    Raises:
        InputError: `too_large`, `too_many`, `text_missing` when there is no file; `malformed` for a
            name that ends on neither .zip nor .csv, or a ZIP among several; `spreadsheet_file`.
        RefusedError: `import_runs` while one is being written.
        StorageError: `import_unwritable` when the disk is full or may not be written.

    """
    refuse_while_writing(await standing(node))
    chest = chest_of(node)
    coming = await _on_disk(chest.coming)
    try:
        names = await _taken(coming, files)
        refuse_while_writing(await standing(node))  # it may have begun while this one came in
        return await _on_disk(chest.keep, coming, names, actor)
    finally:
        await asyncio.to_thread(chest.gone, coming)


async def _taken(coming: Path, files: AsyncIterator[tuple[str, AsyncIterator[bytes]]]) -> list[str]:
    """Take in each file under its number; gives their names."""
    names: list[str] = []
    left, tables = FILE_MAX, 0
    async for said, pieces in files:
        if len(names) >= FILES_MAX:
            raise InputError(Code.TOO_MANY, field="file", limit=FILES_MAX)
        name = _name(said, names)
        tables += not name.lower().endswith(_PICTURES)
        if tables > TABLES_MAX:
            raise InputError(Code.TOO_MANY, field="file", limit=TABLES_MAX)
        part = coming / str(len(names))
        left -= await _take(part, pieces, left)
        if is_spreadsheet(name, await asyncio.to_thread(_head, part)):
            raise InputError(Code.SPREADSHEET_FILE, field=name)
        names.append(name)
    if not names:
        raise InputError(Code.TEXT_MISSING, field="file")
    if len(names) > 1 and any(name.lower().endswith(".zip") for name in names):
        raise InputError(Code.MALFORMED, field="file", reason="one ZIP, or tables")
    return names


async def choose(node: Node, ticket: str, choices: Choices) -> Moving:
    """Remember what was chosen; what a look said before does not count any more.

    Raises:
        RefusedError: `import_changed`, `import_runs`.
        StorageError: as `note`.

    """
    moving = await seen(node, ticket)
    refuse_while_writing(moving)
    chosen = msgspec.structs.replace(
        moving, choices=choices, stage=Stage.BROUGHT, receipt=None, fault=None
    )
    await note(node, chosen)
    return chosen


async def drop(node: Node, ticket: str) -> None:
    """Throw away what was brought and what stands of it; what was written stays.

    Raises:
        RefusedError: `import_changed`, `import_runs`.

    """
    refuse_while_writing(await seen(node, ticket))
    await asyncio.to_thread(chest_of(node).empty)
    await asyncio.to_thread(half_import.end, node.folder.path)


async def drop_forgotten(node: Node, *, now_s: int) -> None:
    """Throw away what nobody has gone on with for too long; not what is written, also in part."""
    moving = await standing(node)
    if moving is None or moving.stage not in (Stage.BROUGHT, Stage.LOOKED):
        return
    if now_s - moving.brought_at_s > KEPT_S and not half_import.stands(node.folder.path):
        await asyncio.to_thread(chest_of(node).empty)


def refuse_while_writing(moving: Moving | None) -> None:
    """Refuse what would change an import that is being written.

    Raises:
        RefusedError: `import_runs`.

    """
    if moving is not None and moving.stage is Stage.WRITING:
        raise RefusedError(Code.IMPORT_RUNS)


def _name(said: str, names: list[str]) -> str:
    """Give what a file is called, without folders; tables keep their names within a ZIP."""
    name = said.replace("\\", "/").rpartition("/")[2].strip()[-80:]
    stem, _, ending = name.rpartition(".")
    if is_spreadsheet(name, b""):
        raise InputError(Code.SPREADSHEET_FILE, field=name)
    known = {"zip", "csv", *(each[1:] for each in PICTURE_ENDINGS)}
    if ending.lower() not in known or not stem or not name.isprintable():
        raise InputError(Code.MALFORMED, field="file", reason="a name that ends on .zip or .csv")
    if name.lower() in {each.lower() for each in names}:
        raise InputError(Code.ARCHIVE_DUPLICATE, field=name)
    return name


async def _take(path: Path, pieces: AsyncIterator[bytes], left: int) -> int:
    """Write a file piece by piece; gives its size."""
    size = 0
    file = await _on_disk(_private, path)
    try:
        async for piece in pieces:
            size += len(piece)
            if size > left:
                raise InputError(Code.TOO_LARGE, field="file", limit=FILE_MAX)
            await _on_disk(file.write, piece)
    finally:
        await _on_disk(file.close)  # writes the rest
    return size


async def _on_disk(work: Callable[..., T], *arguments: object) -> T:
    """Do what writes; what the disk refuses is no trouble of the connection that files come by."""
    try:
        return await asyncio.to_thread(work, *arguments)
    except OSError as error:
        log.warning("import_unwritable", reason=error.strerror)
        raise StorageError(Code.IMPORT_UNWRITABLE) from error


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _write(path: Path, content: bytes) -> None:
    with _private(path) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
