"""A ZIP that is sent while it is made: only the file just written is in memory."""

from __future__ import annotations

import zipfile
from typing import IO, Final, cast

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
    """Gives the bytes of a ZIP, a file at a time."""

    def __init__(self, made_at: tuple[int, int, int, int, int, int]) -> None:
        """Take the moment that every file carries."""
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._sink), "w")  # no more than it needs
        self._made_at = made_at

    def add(self, name: str, content: bytes) -> bytes:
        """Add a file, and give what is to be sent now."""
        info = zipfile.ZipInfo(name, self._made_at)
        packs = not name.endswith(STORED)
        info.compress_type = zipfile.ZIP_DEFLATED if packs else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        self._zip.writestr(info, content)
        return self._sink.take()

    def end(self) -> bytes:
        """Give the list of all files, which ends a ZIP."""
        self._zip.close()
        return self._sink.take()
