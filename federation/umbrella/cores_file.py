"""Reading a file of mirrored cores: its form here, what its entries prove in `cores_check`.

In this order: 1. it is a ZIP to its end; 2. its list of logs has its form; 3. it holds exactly the
parts that are listed, once each; 4. each line of them is an entry. Nothing here says who wrote it.
"""

from __future__ import annotations

import contextlib
import zipfile
from typing import TYPE_CHECKING, Final

import msgspec

from federation.node.zip_reading import ZIP_TROUBLE, begins_as_zip
from federation.umbrella.cores_export import MANIFEST, part_of
from schemas.encoding import parse, unb64
from schemas.errors import Code, VerificationError
from schemas.mirrored_cores import CORES_VERSION, CoresManifest, MirroredEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANIFEST_SIZE_MAX: Final = 2**26
LINE_SIZE_MAX: Final = 2**17
"""Bytes: a core has 8 KiB at most, and JSON makes six of one where it has to."""
_MANIFEST: Final = msgspec.json.Decoder(CoresManifest)
_ENTRY: Final = msgspec.json.Decoder(MirroredEntry)


class CoresArchive:
    """A file of cores that is open, its list of logs read."""

    def __init__(self, archive: zipfile.ZipFile, field: str) -> None:
        """Read the list (2), and hold the parts against it (3).

        Raises:
            VerificationError: `malformed`, naming the part.

        """
        self._archive = archive
        self._field = field
        self.manifest = self._list()
        self._require_parts()

    def entries(self, node: str) -> Iterator[tuple[bytes, bytes]]:
        """Give core and signature of each entry of a log, in their order (4).

        Raises:
            VerificationError: `malformed`, naming the part and the line.

        """
        part, number = part_of(node), 0
        try:
            with self._archive.open(part) as file:
                while line := file.readline(LINE_SIZE_MAX):
                    number += 1
                    if not line.endswith(b"\n"):
                        raise self._wrong(f"{part}, line {number}", "it does not end")
                    entry = parse(_ENTRY, line[:-1])
                    yield entry.core.encode(), unb64(entry.signature, size=64)
        except (*ZIP_TROUBLE, NotImplementedError) as error:
            raise self._wrong(part, "it was changed, and cannot be read") from error
        except msgspec.MsgspecError as error:
            raise self._wrong(f"{part}, line {number}", "it is no entry") from error

    def _list(self) -> CoresManifest:
        try:
            with self._archive.open(MANIFEST) as file:
                content = file.read(MANIFEST_SIZE_MAX + 1)
            manifest = parse(_MANIFEST, content)
        except KeyError as error:
            raise _no_cores(self._field) from error
        except (*ZIP_TROUBLE, NotImplementedError) as error:
            raise self._wrong(MANIFEST, "it was changed, and cannot be read") from error
        except msgspec.MsgspecError as error:
            raise self._wrong(MANIFEST, "it is no list of logs") from error
        if manifest.v > CORES_VERSION:
            raise self._wrong(MANIFEST, "a newer release of Ruilbrug has made it")
        return manifest

    def _require_parts(self) -> None:
        there = self._archive.namelist()
        named = [MANIFEST, *(part_of(log.node) for log in self.manifest.logs)]
        for name in (*named, *there):
            if name not in there:
                raise self._wrong(name, "it lacks")
            if name not in named:
                raise self._wrong(name, "it does not belong there")
            if there.count(name) != 1 or named.count(name) != 1:
                raise self._wrong(name, "it is there twice")

    def _wrong(self, part: str, reason: str) -> VerificationError:
        return VerificationError(Code.MALFORMED, field=f"{self._field}, {part}", reason=reason)


@contextlib.contextmanager
def opened_cores(path: Path) -> Iterator[CoresArchive]:
    """Open a file of cores.

    Raises:
        VerificationError: `malformed`, naming what is wrong where.

    """
    try:
        archive = zipfile.ZipFile(path)  # 1
    except ZIP_TROUBLE as error:
        if begins_as_zip(path):
            reason = "it is cut off"
            raise VerificationError(Code.MALFORMED, field=path.name, reason=reason) from error
        raise _no_cores(path.name) from error
    with archive:
        yield CoresArchive(archive, path.name)


def _no_cores(field: str) -> VerificationError:
    reason = "it is no file of 'ruilbrug audit export-cores'"
    return VerificationError(Code.MALFORMED, field=field, reason=reason)
