"""Files of documents: taken in, sealed under the group's key, given to members.

Kept as they came: what a file holds is its writer's business. So they leave only to be saved, never
to be shown by a browser as a page of ours, and only kinds that offices use are taken.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.group.commands import GROUP_SUBJECT
from federation.group.members import lacks
from federation.group.rights import Right
from federation.members import words
from federation.members.queries import SQL
from federation.members.submitting import actor_of
from federation.node.identity import system_random
from federation.node.service import now_s
from schemas.board_bodies import ItemFile
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node

FILE_MAX: Final = 10 * 2**20
ALL_FILES_MAX: Final = 2**30
NAME_MAX: Final = 100
SALT_SIZE: Final = 32
KINDS: Final = {
    "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""What the name of a file ends on, and how it is sent."""


class Upload(NamedTuple):
    """A file as somebody sends it."""

    name: str
    content: bytes


def content_type(name: str) -> str | None:
    """Say how a file of this name is sent; nothing for a kind that is not taken."""
    return KINDS.get(name.rpartition(".")[2].casefold()) if "." in name else None


def file_name(name: str) -> str:
    """Give what a file is called, as it can be kept: no folders, nothing that hides, no `"`.

    Raises:
        InputError: `malformed` for a kind that is not taken.

    """
    last = words.line(name.replace("\\", "/").rpartition("/")[2], "file", 4_096)
    last = last.replace('"', "'").strip(". ")
    stem, _, ending = last.rpartition(".")
    if content_type(last) is None or not stem:
        raise InputError(Code.MALFORMED, field="file", reason=f"one of {' '.join(KINDS)}")
    return f"{stem[: NAME_MAX - len(ending) - 1]}.{ending.casefold()}"


async def store(node: Node, reader: Reader, upload: Upload) -> tuple[ItemFile, str]:
    """Take in a file; gives what the log says of it, and its name. The same again is kept once.

    Raises:
        InputError: `malformed`, `too_large`, `text_missing` of an empty file, `too_many` when all
            files together are as much as the group may keep.
        RefusedError: `forbidden` for who is no coordinator.

    """
    refusal = lacks(node.machine.books, actor_of(reader), Right.TELL)
    if refusal is not None:
        raise RefusedError.of(refusal)
    name = file_name(upload.name)
    if not upload.content:
        raise InputError(Code.TEXT_MISSING, field="file")
    if len(upload.content) > FILE_MAX:
        raise InputError(Code.TOO_LARGE, field="file", limit=FILE_MAX)
    kept = await node.pool.fetchval(SQL["files_size"])
    if kept + len(upload.content) > ALL_FILES_MAX:
        raise InputError(Code.TOO_MANY, field="file", limit=f"{ALL_FILES_MAX // 2**20} MB")
    node.gate.require_writable()
    digest, size = sha256(upload.content).digest(), len(upload.content)
    sealed = node.machine.keyring.seal(
        unb64(GROUP_SUBJECT), digest, system_random(SALT_SIZE), upload.content, system_random
    )
    await node.pool.execute(SQL["store_file"], digest, size, sealed, now_s())
    return ItemFile(digest=b64(digest), size=size), name


async def require(node: Node, file: ItemFile) -> None:
    """Make sure that a file is here.

    Raises:
        InputError: `not_found`.

    """
    if await node.pool.fetchval(SQL["file_size"], unb64(file.digest)) != file.size:
        raise InputError(Code.NOT_FOUND, field="file")


async def read(node: Node, digest: bytes) -> bytes:
    """Give the bytes of a file.

    Raises:
        InputError: `not_found`, also when it did not come back after a recovery.

    """
    sealed = await node.pool.fetchval(SQL["file"], digest)
    plain = None
    if sealed is not None:
        plain = node.machine.keyring.open(unb64(GROUP_SUBJECT), digest, sealed)
    if plain is None:
        raise InputError(Code.NOT_FOUND, field="file")
    return plain[1]
