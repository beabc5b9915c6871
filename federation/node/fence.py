"""The fence of a node that was handed over: a file in its folder, and it releases nothing again.

Beside the mark and like it of one machine: no backup and no export holds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from events.restore import Judgement, Mode
from federation.node.settings import write_private
from federation.node.whole_file import flush_folder
from schemas.errors import Code, InputError, StorageError

if TYPE_CHECKING:
    from federation.node.settings import NodeFolder

FENCE: Final = "handed-over"
ENDS: Final = "ends"
"""Beside the fence: the group goes on nowhere."""
HANDED_OVER: Final = Judgement(
    Mode.READ_ONLY, "the group was handed over to another server", code=Code.HANDED_OVER
)


def is_handed_over(folder: NodeFolder) -> bool:
    """Tell whether this folder's node was handed over."""
    return (folder.path / FENCE).exists()


def handed_over_at_s(folder: NodeFolder) -> int:
    """Give when this folder's node was handed over.

    Raises:
        InputError: `malformed` when somebody else wrote the fence.

    """
    try:
        return int((folder.path / FENCE).read_text("ascii"))
    except (OSError, ValueError) as error:
        raise InputError(Code.MALFORMED, field=FENCE, reason=type(error).__name__) from error


def require_here(folder: NodeFolder) -> None:
    """Refuse what would let a node go on that was handed over.

    Raises:
        StorageError: `handed_over`.

    """
    if is_handed_over(folder):
        raise StorageError(Code.HANDED_OVER)


def mark_end(folder: NodeFolder) -> None:
    """Note that the group ends once the fence is up; the same again changes nothing."""
    if not (folder.path / ENDS).exists():
        write_private(folder.path / ENDS, b"\n")


def unmark_end(folder: NodeFolder) -> None:
    """Take that back: the end did not come."""
    (folder.path / ENDS).unlink(missing_ok=True)


def has_ended(folder: NodeFolder) -> bool:
    """Tell whether this folder's group has ended."""
    return is_handed_over(folder) and (folder.path / ENDS).exists()


def put_up(folder: NodeFolder, at_s: int) -> None:
    """Put the fence up, durably; one that stands stays."""
    if not is_handed_over(folder):
        write_private(folder.path / FENCE, f"{at_s}\n".encode())
        flush_folder(folder.path)


def take_down(folder: NodeFolder) -> None:
    """Take the fence down.

    Raises:
        InputError: `not_found` when there is none.

    """
    unmark_end(folder)
    try:
        (folder.path / FENCE).unlink()
    except FileNotFoundError as error:
        raise InputError(Code.NOT_FOUND, field=FENCE) from error
    flush_folder(folder.path)
