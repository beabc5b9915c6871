"""Reading an export with the signed log: nothing in it is used before it is what the group wrote.

In this order: 1. it is a ZIP to its end; 2. the manifest has its form; 3. its statements prove the
node, and a log key of theirs signed it; 4. it names exactly the parts that are there, once each,
with their length; 5. each part has its SHA-256 when it was read to its end; 6. `require_log` holds
entries against the tree, their commitments and each other.
"""

from __future__ import annotations

import contextlib
import zipfile
from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from events.commitments import require_opening
from events.growing import GrowingTree
from events.keys import read_history
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from events.signing import PublicKey
from federation.leaving.log_export import (
    CHECKPOINTS,
    IN_LINES,
    KEYS,
    LOG,
    MANIFEST,
    MANIFEST_PREFIX,
    SIGNATURE,
)
from federation.node.zip_reading import ZIP_TROUBLE, begins_as_zip
from schemas.cores import AnyCore
from schemas.encoding import b64, encode, parse, unb64
from schemas.errors import Code, VerificationError
from schemas.keys import KeySignature, Role
from schemas.log_export import EXPORT_VERSION, ExportForm, ExportManifest, LogCheckpoint, LogEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from events.keys import KeyHistory
    from schemas.log_export import Part

MANIFEST_SIZE_MAX: Final = 2**24
PIECE: Final = 2**20
LINE_SIZE_MAX: Final = 2**26
T = TypeVar("T")
_FORM: Final = msgspec.json.Decoder(ExportForm)
_MANIFEST: Final = msgspec.json.Decoder(ExportManifest)
_SIGNATURE: Final = msgspec.json.Decoder(KeySignature)
_ENTRY: Final = msgspec.json.Decoder(LogEntry)
_CHECKPOINT: Final = msgspec.json.Decoder(LogCheckpoint)
_CORE: Final = msgspec.json.Decoder(AnyCore)


class LogFile:
    """An export that is open, its manifest verified."""

    def __init__(self, archive: zipfile.ZipFile, field: str) -> None:
        """Verify the manifest (2 to 4).

        Raises:
            VerificationError: `export_unknown`, `export_newer`, `export_damaged`.

        """
        self._archive = archive
        self.field = field
        content = self._short(MANIFEST)
        if self._parsed(_FORM, content, MANIFEST).v > EXPORT_VERSION:  # 2
            raise VerificationError(Code.EXPORT_NEWER, field=field)
        self.manifest = self._parsed(_MANIFEST, content, MANIFEST)
        self.history = self._history(content)  # 3
        self._parts = {part.name: part for part in self.manifest.parts}
        self._require_parts()  # 4

    def pieces(self, name: str) -> Iterator[bytes]:
        """Give the bytes of a part, and hold them against its account at the end (5).

        Raises:
            VerificationError: `export_damaged`.

        """
        part = self._part(name)
        digest, count = sha256(), 0
        with self._opened(name) as file:
            while piece := self._read(file, name):
                digest.update(piece)
                count += len(piece)
                yield piece
        if (count, b64(digest.digest())) != (part.bytes_count, part.sha256):
            raise self._damaged(name)

    def entries(self) -> Iterator[LogEntry]:
        """Give the entries of the log in their order.

        Raises:
            VerificationError: `export_damaged`.

        """
        for line in self._lines(LOG):
            yield self._parsed(_ENTRY, line, LOG)

    def checkpoints(self) -> Iterator[LogCheckpoint]:
        """Give the checkpoints in their order.

        Raises:
            VerificationError: `export_damaged`.

        """
        for line in self._lines(CHECKPOINTS):
            yield self._parsed(_CHECKPOINT, line, CHECKPOINTS)

    def rows_count(self, name: str) -> int:
        """Give how many rows a part has, as its account says."""
        return self._part(name).rows_count

    @contextlib.contextmanager
    def keys(self) -> Iterator[IO[bytes]]:
        """Open the sealed keys; sealing itself keeps them whole."""
        with self._opened(KEYS) as file:
            yield file

    def require_whole(self) -> None:
        """Read every part to its end (5), and hold the log against its tree (6).

        Raises:
            VerificationError: `export_damaged`.

        """
        for name in self._parts:
            if name != LOG:
                for _ in self.pieces(name):
                    pass
        tree = GrowingTree.from_tiles([], [])
        for entry in self.entries():
            self.require_entry(entry, tree)
        if (tree.size, b64(tree.root())) != (self.manifest.size, self.manifest.root):
            raise self._damaged(LOG)

    def require_entry(self, entry: LogEntry, tree: GrowingTree) -> None:
        """Hold one entry against the tree before it, its signature and what it opens (6).

        Raises:
            VerificationError: `export_damaged`.

        """
        core_bytes = entry.core.encode()
        core = self._parsed(_CORE, core_bytes, LOG)
        fine = (
            (entry.seq, core.seq, core.root) == (tree.size, tree.size, b64(tree.root()))
            and core.origin == self.manifest.node
            and self.history.speaks(Role.LOG, core.key, core.seq)
        )
        if not fine:
            raise self._damaged(LOG)
        try:
            for opening in entry.openings:
                if opening.salt:
                    require_opening(
                        opening.layer,
                        unb64(opening.salt),
                        opening.text.encode(),
                        unb64(opening.commitment),
                    )
            signature = unb64(entry.signature, size=64)
            PublicKey.of_text(core.key).require(
                signature, EVENT_PREFIX + core_bytes, field="signature"
            )
        except VerificationError as error:
            raise self._damaged(LOG) from error
        tree.append(leaf_hash(core_bytes))

    def _history(self, manifest: bytes) -> KeyHistory:
        said = self.manifest
        content = self._short(SIGNATURE)
        signed = self._parsed(_SIGNATURE, content, SIGNATURE)
        if encode(signed) != content:
            raise self._damaged(SIGNATURE)
        try:
            history = read_history(said.statements, node=said.node)
            raw = unb64(signed.signature, size=64)
            PublicKey.of_text(signed.key).require(raw, MANIFEST_PREFIX + manifest, field=MANIFEST)
        except VerificationError as error:
            raise self._damaged(MANIFEST) from error
        if not history.speaks(Role.LOG, signed.key, said.size):
            raise self._damaged(SIGNATURE)
        return history

    def _require_parts(self) -> None:
        there = {found.filename: found.file_size for found in self._archive.infolist()}
        known = {MANIFEST, SIGNATURE, *self._parts}
        names = [found.filename for found in self._archive.infolist()]
        named = {table.name for table in self.manifest.tables} - set(IN_LINES)
        tables = {f"tables/{name}.csv" for name in named}
        if set(self._parts) != {LOG, CHECKPOINTS, KEYS, *tables}:
            raise self._damaged(MANIFEST)
        for name in (*known, *there):
            if name not in there or name not in known or names.count(name) != 1:
                raise self._damaged(name)
            part = self._parts.get(name)
            if part is not None and part.bytes_count != there[name]:
                raise self._damaged(name)

    def _part(self, name: str) -> Part:
        return self._parts[name]

    def _lines(self, name: str) -> Iterator[bytes]:
        held = b""
        for piece in self.pieces(name):
            *whole, held = (held + piece).split(b"\n")
            if len(held) > LINE_SIZE_MAX:
                raise self._damaged(name)
            yield from whole
        if held:
            raise self._damaged(name)

    def _short(self, name: str) -> bytes:
        with self._opened(name) as file:
            try:
                content = file.read(MANIFEST_SIZE_MAX + 1)
            except ZIP_TROUBLE as error:
                raise self._damaged(name) from error
        if len(content) > MANIFEST_SIZE_MAX:
            raise self._damaged(name)
        return content

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        try:
            file = self._archive.open(name)
        except KeyError as error:
            code = Code.EXPORT_UNKNOWN if name == MANIFEST else Code.EXPORT_DAMAGED
            raise VerificationError(code, field=self.field, part=name) from error
        except (*ZIP_TROUBLE, NotImplementedError) as error:
            raise self._damaged(name) from error
        with file:
            yield file

    def _read(self, file: IO[bytes], name: str) -> bytes:
        try:
            return file.read(PIECE)
        except ZIP_TROUBLE as error:
            raise self._damaged(name) from error

    def _parsed(self, decoder: msgspec.json.Decoder[T], content: bytes, name: str) -> T:
        try:
            return parse(decoder, content)
        except msgspec.MsgspecError as error:
            raise self._damaged(name) from error

    def _damaged(self, name: str) -> VerificationError:
        return VerificationError(Code.EXPORT_DAMAGED, field=self.field, part=name)


@contextlib.contextmanager
def opened_export(path: Path) -> Iterator[LogFile]:
    """Open an export, its manifest verified.

    Raises:
        VerificationError: `export_truncated` when it does not end as a ZIP does, `export_unknown`
            when it is another file, `export_newer`, `export_damaged`.

    """
    try:
        archive = zipfile.ZipFile(path)
    except ZIP_TROUBLE as error:
        code = Code.EXPORT_TRUNCATED if begins_as_zip(path) else Code.EXPORT_UNKNOWN
        raise VerificationError(code, field=path.name) from error
    with archive:
        yield LogFile(archive, path.name)
