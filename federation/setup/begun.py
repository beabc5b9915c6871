"""A set-up that is not finished: what was answered, in a file that goes away at the end."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING, Final

import msgspec

from federation.node.settings import SETTINGS_FILE, write_private
from federation.setup.answers import QUESTIONS, Answers, read_trial_url
from schemas.errors import Code, InputError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from federation.node.settings import NodeFolder

FILE: Final = "setup.json"


class Begun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the steps of a set-up need."""

    answers: Answers
    short: str
    """Name of the database and of the service."""
    listen_port: int
    database: str = ""
    """Address of the runtime role; empty until the database is made."""
    database_owner: str = ""
    own_postgres: bool = False
    umbrella: str = ""
    coordinator: str = ""
    moves_in: bool = False
    """It brings its members, posts and categories along from another system."""
    trial: bool = False
    """On this machine alone, without TLS."""


def read_begun(folder: NodeFolder) -> Begun | None:
    """Give what was begun in a folder; none when nothing was.

    Raises:
        InputError: `setup_done` when a group stands there, `malformed`.

    """
    try:
        return msgspec.json.decode((folder.path / FILE).read_bytes(), type=Begun)
    except FileNotFoundError:
        pass
    except msgspec.MsgspecError as error:
        raise InputError(Code.MALFORMED, field=FILE, reason=str(error)) from error
    if (folder.path / SETTINGS_FILE).exists():
        raise InputError(Code.SETUP_DONE, field=str(folder.path))
    return None


@contextlib.contextmanager
def alone(folder: NodeFolder) -> Iterator[None]:
    """Let one set-up at a time work in a folder; the kernel frees it when that ends.

    Raises:
        StorageError: `setup_stopped` while another one works.

    """
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder.path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            reason = "another set-up works in this folder"
            raise StorageError(Code.SETUP_STOPPED, reason=reason) from error
        yield
    finally:
        os.close(descriptor)


def write_begun(folder: NodeFolder, begun: Begun) -> None:
    """Write down what is begun, over what was written before."""
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = folder.path / f"{FILE}.new"
    aside.unlink(missing_ok=True)
    write_private(aside, msgspec.json.encode(begun))
    aside.replace(folder.path / FILE)


def forget_begun(folder: NodeFolder) -> None:
    """The set-up is finished."""
    (folder.path / FILE).unlink(missing_ok=True)


def require_same(begun: Begun, given: Mapping[str, str]) -> None:
    """Refuse to go on with other answers than those with which a set-up was begun.

    Raises:
        InputError: `setup_other` naming the field; what is wrong with an answer.

    """
    for question in QUESTIONS:
        if question.field not in given:
            continue
        read = read_trial_url if begun.trial and question.field == "url" else question.read
        before = getattr(begun.answers, question.field)
        if read(given[question.field]) != before:
            raise InputError(Code.SETUP_OTHER, field=question.field, begun=before)
