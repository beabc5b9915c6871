"""A node's keys as files, and the key statements that a new node starts its log with.

Root key and recovery key belong on paper: their files are to be moved away after the first start.
Of the recovery key the public half stays, in `keys/recovery.pub`: bodies are sealed to it.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.keys import pre_commitment, read_history, sign_statement
from events.sealed_bodies import public_half
from events.signing import PrivateKey
from federation.node.settings import write_private
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError, VerificationError
from schemas.ids import node_id
from schemas.keys import Cause, KeyStatement, Role, SignedKeyStatement

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from federation.node.settings import NodeFolder

WRAPPING_KEY: Final = "wrapping-1"
RECOVERY_KEY: Final = "recovery"
FIRST_STATEMENTS: Final = "first-statements.json"
"""Beside the keys of a node that is being made, until its log holds them; not secret."""


class Identity(NamedTuple):
    """The private keys that a running node needs, and the statements that stand for them."""

    log: PrivateKey
    http: PrivateKey
    wrapping: dict[str, bytes]
    statements: tuple[SignedKeyStatement, ...]
    witness: PrivateKey | None = None
    """None when its file is not there, or holds another key than the node's statements name."""

    def node(self) -> str:
        """Give the node id that the statements prove."""
        return read_history(self.statements).node

    def speaks_at(self, index: int) -> bool:
        """Tell whether the log key may sign the event at an index, by the node's own statements."""
        key = b64(self.log.public.data)
        return read_history(self.statements).speaks(Role.LOG, key, index)


def make_identity(folder: NodeFolder, random: Callable[[int], bytes]) -> Identity:
    """Make the keys of a new node; they are there all at once or not at all."""
    aside = folder.keys.with_name(f"{folder.keys.name}.new")
    shutil.rmtree(aside, ignore_errors=True)  # of a making that was interrupted: nobody saw them
    aside.mkdir(mode=0o700, parents=True)
    seeds = {role: (random(32), random(32)) for role in Role}
    keys = {role: (PrivateKey(one), PrivateKey(two)) for role, (one, two) in seeds.items()}
    wrapping = random(32)
    statements = first_statements(keys, random)
    for role, (seed, following) in seeds.items():
        write_private(aside / f"{role}.key", key_line(seed))
        write_private(aside / f"{role}-next.key", key_line(following))
    write_private(aside / f"{WRAPPING_KEY}.key", key_line(wrapping))
    recovery = random(32)
    write_private(aside / f"{RECOVERY_KEY}.key", key_line(recovery))
    write_private(aside / f"{RECOVERY_KEY}.pub", key_line(public_half(recovery)))
    write_private(aside / FIRST_STATEMENTS, msgspec.json.encode(statements))
    aside.rename(folder.keys)
    return read_identity(folder, statements)


def begun_identity(folder: NodeFolder) -> Identity | None:
    """Give the keys of a node whose making was interrupted; none when it was not begun.

    Raises:
        InputError: `conflict` when there are keys of a node that is made, `bad_key`.

    """
    if not folder.keys.exists():
        return None
    try:
        written = (folder.keys / FIRST_STATEMENTS).read_bytes()
        statements = msgspec.json.decode(written, type=tuple[SignedKeyStatement, ...])
    except FileNotFoundError as error:
        raise InputError(Code.CONFLICT, field=str(folder.path)) from error
    except (OSError, msgspec.MsgspecError) as error:
        raise InputError(Code.BAD_KEY, field=FIRST_STATEMENTS, reason="unreadable") from error
    return read_identity(folder, statements)


def first_statements(
    keys: dict[Role, tuple[PrivateKey, PrivateKey]], random: Callable[[int], bytes]
) -> tuple[SignedKeyStatement, ...]:
    """Make the statements of a new node: the root key's, then one for each role, signed by it."""
    root, _ = keys[Role.ROOT]
    signed: list[SignedKeyStatement] = []
    node: str | None = None
    for role in (Role.ROOT, Role.LOG, Role.WITNESS, Role.HTTP):
        key, following = keys[role]
        statement = KeyStatement(
            v=1,
            role=role,
            cause=Cause.FIRST,
            key=b64(key.public.data),
            next=pre_commitment(following.public.data),
            holds_from=0,
            salt=b64(random(16)),
            node=node,
        )
        signed.append(sign_statement(statement, [root]))
        if node is None:
            node = node_id(unb64(signed[0].statement))
    return tuple(signed)


def read_identity(folder: NodeFolder, statements: tuple[SignedKeyStatement, ...]) -> Identity:
    """Read the keys of a node whose statements stand in its log.

    Raises:
        InputError: `bad_key` when a key file is missing or broken.

    """
    wrapping = read_wrapping(folder)
    return Identity(
        log=PrivateKey(_read(folder, "log")),
        http=PrivateKey(_read(folder, "http")),
        wrapping=wrapping,
        statements=statements,
        witness=_witness_key(folder, statements),
    )


def _witness_key(
    folder: NodeFolder, statements: tuple[SignedKeyStatement, ...]
) -> PrivateKey | None:
    """Read the witness key that the statements name; a node cosigns under no other."""
    if not (folder.keys / f"{Role.WITNESS}.key").exists():
        return None
    key = PrivateKey(_read(folder, Role.WITNESS))
    stated = read_history(statements).current(Role.WITNESS)
    return key if stated is not None and stated.key == b64(key.public.data) else None


def read_wrapping(folder: NodeFolder) -> dict[str, bytes]:
    """Read the keys that wrap the data keys of members, by name.

    Raises:
        InputError: `bad_key` when one is broken, or there is none.

    """
    wrapping = {file.stem: _read(folder, file.stem) for file in folder.keys.glob("wrapping-*.key")}
    if not wrapping:
        raise InputError(Code.BAD_KEY, field="keys/wrapping-*.key", reason="there is none")
    return wrapping


def recovery_public(folder: NodeFolder) -> bytes | None:
    """Give the public half of the recovery key; none when the node was made without one.

    Raises:
        InputError: `bad_key` when the file is broken.

    """
    path = folder.keys / f"{RECOVERY_KEY}.pub"
    return read_key_file(path) if path.exists() else None


def require_recovery_public(folder: NodeFolder) -> bytes:
    """Give the public half of the recovery key, to which backups are sealed.

    Raises:
        InputError: `bad_key` when the file is broken or missing.

    """
    public = recovery_public(folder)
    if public is None:
        reason = "there is none, and a backup is sealed to it"
        raise InputError(Code.BAD_KEY, field=f"keys/{RECOVERY_KEY}.pub", reason=reason)
    return public


def read_key_file(path: Path) -> bytes:
    """Read a key of 32 bytes from a file.

    Raises:
        InputError: `bad_key`.

    """
    try:
        return unb64(path.read_text("ascii").strip(), size=32, field=path.name)
    except (OSError, UnicodeDecodeError, VerificationError) as error:
        raise InputError(Code.BAD_KEY, field=path.name, reason=type(error).__name__) from error


def _read(folder: NodeFolder, name: str) -> bytes:
    return read_key_file(folder.keys / f"{name}.key")


def key_line(seed: bytes) -> bytes:
    """Write a key as its file holds it."""
    return (b64(seed) + "\n").encode()


def system_random(size: int) -> bytes:
    """Give random bytes from the operating system."""
    return os.urandom(size)
