"""What can go wrong while a ZIP is read that somebody gave."""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

ZIP_TROUBLE: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    OSError,
    EOFError,
    RuntimeError,
    zlib.error,
)
"""What is raised when a file is no ZIP, was changed, or cannot be read at all."""


def begins_as_zip(path: Path) -> bool:
    """Tell whether a file begins as a ZIP does: one that does not end so was cut off."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\3\4"
    except OSError:
        return False
