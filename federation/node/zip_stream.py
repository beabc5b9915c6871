"""A ZIP that is sent while it is made: only what was just written is in memory."""

from __future__ import annotations

import zipfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

STORED: Final = (".jpg",)
"""What does not get smaller."""


class _Sink:
    """What a ZIP is written to, and taken from; it cannot be gone back in."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def write(self, piece: bytes) -> int:
        self._kept += piece
        return len(piece)

    def flush(self) -> None:
        """Do nothing: whoever takes, takes."""

    def take(self) -> bytes:
        taken = bytes(self._kept)
        self._kept.clear()
        return taken


class ZipStream:
    """Gives the bytes of a ZIP as they come to be; `take` gives those since it was last called."""

    def __init__(self, made_at: tuple[int, int, int, int, int, int]) -> None:
        """Take the moment that every file carries."""
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._sink), "w")  # no more than it needs
        self._made_at = made_at

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        """Write one file, part by part; the next one may begin after it."""
        info = zipfile.ZipInfo(name, self._made_at)
        packs = not name.endswith(STORED)
        info.compress_type = zipfile.ZIP_DEFLATED if packs else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        with self._zip.open(info, "w") as opened:
            yield opened

    def add(self, name: str, content: bytes) -> bytes:
        """Write a file at once, and give what is to be sent now."""
        with self.file(name) as opened:
            opened.write(content)
        return self.take()

    def take(self) -> bytes:
        """Give what is to be sent now, which may be nothing yet."""
        return self._sink.take()

    def end(self) -> bytes:
        """Give the rest with the list of all files, which ends a ZIP."""
        self._zip.close()
        return self.take()
