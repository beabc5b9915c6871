"""Whether an import is under way or was cut off: a mark in the node's folder.

While it stands, what an account shows is not yet what it will be: a leaver whose bookings are still
to come stands at zero, and must not be closed for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schemas.errors import Code, StorageError

if TYPE_CHECKING:
    from pathlib import Path

_NAME: Final = "import-half-done"


def stands(folder: Path) -> bool:
    """Tell whether an import has begun to write here and has not come to its end."""
    return (folder / _NAME).exists()


def begin(folder: Path) -> None:
    """Note that an import begins to write.

    Raises:
        StorageError: `import_unwritable`; it must not begin then.

    """
    try:
        (folder / _NAME).touch(mode=0o600)
    except OSError as error:
        raise StorageError(Code.IMPORT_UNWRITABLE) from error


def end(folder: Path) -> None:
    """Note that it has written all, or that nobody goes on with it."""
    (folder / _NAME).unlink(missing_ok=True)
