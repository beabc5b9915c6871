"""Changing the keys of a node that is stopped: rotate, recover with the root key, revoke.

The statement about a new log key is the first event that it signs, and names that very index: so
no index is without a key, and none has two. The new key lies in a file beside the old one before
its statement is written, and takes its place after COMMIT; whoever is interrupted in between runs
the command again. Nothing leaves the node here: it tells umbrella and partners when it starts.
What it once stated and has forgotten (`federation.node.forgotten_keys`) comes before a new one.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from events import log_store
from events.keys import pre_commitment, read_history, sign_statement
from events.mark import MarkFile
from events.recovery import close_connection
from events.sealed import Keyring
from events.sequencer import Sequencer
from events.signing import PrivateKey
from federation.group.commands import Note
from federation.node.database import migrate_database, only_process, read_statements
from federation.node.fence import require_here
from federation.node.forgotten_keys import read_told
from federation.node.identity import read_key_file, read_wrapping, system_random
from federation.node.key_commands import RecordKey
from federation.node.machine import NodeMachine
from federation.node.service import now_s
from federation.node.settings import write_private
from projections import tables
from schemas.bodies import LocalLost
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError, Refusal, RefusedError, StorageError
from schemas.keys import Cause, KeyStatement, Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from asyncpg import Connection, Record

    from events.keys import HeldKey, KeyHistory
    from federation.node.settings import NodeFolder
    from schemas.keys import SignedKeyStatement

COMING: Final = "coming"
COMING_NEXT: Final = "coming-next"


class Change(NamedTuple):
    """What became of a node's keys of one role."""

    role: str
    key: str
    """The key that speaks now."""
    holds_from: int
    revoked: str = ""
    revoked_from: int = 0


async def key_history(folder: NodeFolder) -> KeyHistory:
    """Give all keys that the node's log has stated; the node may run.

    Raises:
        InputError: `node_missing`.
        StorageError: `database_unavailable`, `node_runs`.

    """
    async with _stopped(folder) as work:
        return work.history


async def rotate(folder: NodeFolder, role: Role) -> Change:
    """Let the pre-committed key of a role take over, signed by the old key and by itself.

    Raises:
        InputError: `node_missing`; `bad_key` when a key file is missing or is not the stated one.
        StorageError: `node_runs`; `read_only` when the database is behind its mark;
            `keys_forgotten`.

    """
    async with _stopped(folder) as work:
        work.require_remembered()
        if not work.resumed(role):
            before = work.current(role)
            old, seed = work.file_key(role.value), work.file_seed(f"{role}-next")
            if b64(old.public.data) != before.key or _digest(seed) != before.next:
                raise InputError(Code.BAD_KEY, field=f"keys/{role}.key", reason="not as stated")
            await work.take_over(role, Cause.ROTATION, seed, [old, PrivateKey(seed)])
        return work.told(role)


async def recover(folder: NodeFolder, role: Role, root: PrivateKey) -> Change:
    """Give a role a new key by the word of the root key: the old one is lost, or not trusted.

    Raises:
        InputError: `node_missing`; `bad_key` when it is not the root key, or the role is its own.
        StorageError: as `rotate`.

    """
    async with _stopped(folder) as work:
        work.require_root(root, role)
        if not work.resumed(role):
            await work.take_over(role, Cause.RECOVERY, system_random(32), [root])
        return work.told(role)


async def revoke(
    folder: NodeFolder,
    role: Role,
    root: PrivateKey,
    *,
    key: str | None = None,
    from_index: int | None = None,
) -> Change:
    """Revoke a key from an index on; the one that speaks now is replaced first.

    Whatever its finder signs with it counts nowhere: not what names a later index, and what names
    an earlier one only where it was known before.

    Raises:
        InputError: `node_missing`; `bad_key` when it is not the root key, or there is no such key.
        RefusedError: `key_late` when the log has spoken with the key at that index or behind it.
        StorageError: as `rotate`.

    """
    async with _stopped(folder) as work:
        work.require_root(root, role)
        resumed = work.resumed(role)
        held = work.held(role, key, before_last=resumed)
        if held.key == work.current(role).key and not resumed:
            await work.take_over(role, Cause.RECOVERY, system_random(32), [root])
        ends = work.successor(role, held.key).holds_from
        index = ends if from_index is None else from_index
        if role is Role.LOG and index < ends:
            raise RefusedError(Code.KEY_LATE, field="from", size=ends)
        if held.holds_until is None:
            await work.state(role, Cause.REVOCATION, held, index, [root])
        return work.told(role)._replace(revoked=held.key, revoked_from=index)


class _Work:
    """One change, on a database that no process works on."""

    def __init__(
        self,
        folder: NodeFolder,
        connection: Connection[Record],
        statements: tuple[SignedKeyStatement, ...],
        forgotten: tuple[SignedKeyStatement, ...] = (),
    ) -> None:
        self._folder = folder
        self._connection = connection
        self._statements = (*statements, *forgotten)
        self.history = read_history(self._statements)
        self._forgotten = forgotten
        """Made earlier and lost from the log; the next statement brings them back."""

    def current(self, role: Role) -> HeldKey:
        """Give the key that speaks in a role now."""
        held = self.history.current(role)
        if held is None:
            raise InputError(Code.BAD_KEY, field=role.value, reason="none speaks now")
        return held

    def held(self, role: Role, key: str | None, *, before_last: bool) -> HeldKey:
        """Find the key to revoke: the named one, or the one that spoke until this was begun."""
        keys = [one for one in self.history.keys if one.role is role]
        found = (
            [one for one in keys if one.key == key] if key else keys[: -1 if before_last else None]
        )
        if not found:
            raise InputError(Code.BAD_KEY, field="key", reason="it was never stated")
        return found[-1]

    def successor(self, role: Role, key: str) -> HeldKey:
        """Give the key that followed another in its role."""
        keys = [one for one in self.history.keys if one.role is role]
        return keys[[one.key for one in keys].index(key) + 1]

    def require_root(self, root: PrivateKey, role: Role) -> None:
        """See that it is the root key, and that the role is not its own."""
        if role is Role.ROOT or b64(root.public.data) != self.current(Role.ROOT).key:
            raise InputError(Code.BAD_KEY, field="root", reason="it is not the root key")

    def require_remembered(self) -> None:
        """Refuse while the log lacks what only a new key by the root key's word brings back.

        Raises:
            StorageError: `keys_forgotten`.

        """
        if self._forgotten:
            raise StorageError(Code.KEYS_FORGOTTEN)

    def file_seed(self, name: str) -> bytes:
        """Read the seed of a private key from its file."""
        return read_key_file(self._path(name))

    def file_key(self, name: str) -> PrivateKey:
        """Read a private key from its file."""
        return PrivateKey(self.file_seed(name))

    def told(self, role: Role) -> Change:
        """Say which key speaks in a role now."""
        held = self.current(role)
        return Change(role.value, held.key, held.holds_from)

    async def take_over(
        self, role: Role, cause: Cause, seed: bytes, signers: Iterable[PrivateKey]
    ) -> None:
        """Make a key the one that speaks in a role, with files and statement."""
        new, following = PrivateKey(seed), system_random(32)
        for name, data in ((COMING, seed), (COMING_NEXT, following)):
            path = self._path(f"{role}-{name}")
            path.unlink(missing_ok=True)  # of an attempt whose statement was never written
            write_private(path, (b64(data) + "\n").encode())
        stated = _Stated(b64(new.public.data), _digest(following))
        if role is Role.LOG:
            await self._fill_up()
        pen = await self._pen(new if role is Role.LOG else self.file_key("log"))
        await self.state(role, cause, stated, pen.log.size, signers, pen)
        self._put_in_place(role)

    async def state(
        self,
        role: Role,
        cause: Cause,
        held: HeldKey | _Stated,
        holds_from: int,
        signers: Iterable[PrivateKey],
        pen: _Pen | None = None,
    ) -> None:
        """Sign a key statement and write it into the log."""
        statement = KeyStatement(
            v=1,
            role=role,
            cause=cause,
            key=held.key,
            next=held.next,
            holds_from=holds_from,
            salt=b64(system_random(16)),
            node=self.history.node,
        )
        signed = sign_statement(statement, signers)
        history = read_history((*self._statements, signed))
        pen = pen or await self._pen(self.file_key("log"))
        last = pen.log.size + len(self._forgotten)
        if self._forgotten and not history.speaks(Role.LOG, pen.key, last):
            raise StorageError(Code.KEYS_FORGOTTEN)
        name = b64(unb64(signed.signatures[0].signature)[:16])
        await pen.append(RecordKey(name, signed, before=self._forgotten))
        self._statements, self.history = (*self._statements, signed), history
        self._forgotten = ()

    async def _fill_up(self) -> None:
        """Take the places up to where the forgotten statements let a log key begin.

        Those entries are gone, and nobody has seen them: no key that follows may sign there.
        """
        begins = max(key.holds_from for key in self.history.keys if key.role is Role.LOG)
        pen = await self._pen(self.file_key("log")) if self._forgotten else None
        while pen is not None and pen.log.size < begins:
            if not self.history.speaks(Role.LOG, pen.key, pen.log.size):
                reason = f"it does not speak at entry {pen.log.size}: put the former one back"
                raise InputError(Code.BAD_KEY, field="keys/log.key", reason=reason)
            body = LocalLost(v=1, at_s=now_s(), events=())
            await pen.append(Note(b64(system_random(16)), body))

    async def _pen(self, key: PrivateKey) -> _Pen:
        wrapping = read_wrapping(self._folder)
        machine = NodeMachine(
            node=self.history.node,
            books=await tables.read_books(self._connection),
            keyring=Keyring(wrapping, max(wrapping)),
        )
        sequencer: Sequencer[Any, Any, Any] = Sequencer(
            dsn=self._folder.settings().database,
            machine=machine,
            key=key,
            clock=now_s,
            random=system_random,
        )
        await sequencer.open(self._connection)
        return _Pen(b64(key.public.data), sequencer)

    def resumed(self, role: Role) -> bool:
        """Finish a change whose statement stands in the log and whose files do not yet."""
        following = self._path(f"{role}-{COMING_NEXT}")
        if not following.exists() or _digest(read_key_file(following)) != self.current(role).next:
            return False
        self._put_in_place(role)
        return True

    def _put_in_place(self, role: Role) -> None:
        with contextlib.suppress(FileNotFoundError):  # the first of the two was done before
            self._path(f"{role}-{COMING}").replace(self._path(role.value))
        self._path(f"{role}-{COMING_NEXT}").replace(self._path(f"{role}-next"))

    def _path(self, name: str) -> Path:
        return self._folder.keys / f"{name}.key"


class _Pen(NamedTuple):
    """Who writes the log, and by which key."""

    key: str
    log: Sequencer[Any, Any, Any]

    async def append(self, command: RecordKey | Note) -> None:
        answer = await self.log.append_now(command)
        if isinstance(answer, Refusal):
            raise RefusedError.of(answer)


class _Stated(NamedTuple):
    """A key that is about to be stated."""

    key: str
    next: str


@contextlib.asynccontextmanager
async def _stopped(folder: NodeFolder) -> AsyncIterator[_Work]:
    """Hold the database of a stopped node that is not behind its mark."""
    settings = folder.settings()
    require_here(folder)
    if settings.database_owner:
        await migrate_database(settings)
    connection = await only_process(settings.database)
    try:
        statements = await read_statements(connection)
        state, mark = await log_store.read_state(connection), MarkFile(folder.mark).read()
        if state is None or mark is None or mark.size > state.size:
            raise StorageError(Code.READ_ONLY, reason="the database is behind the node's mark")
        forgotten = read_told(folder, statements)
        if forgotten is not None and forgotten.known < len(statements):
            raise StorageError(Code.KEYS_FORGOTTEN)
        yield _Work(folder, connection, statements, () if not forgotten else forgotten.statements)
    finally:
        await close_connection(connection)


def _digest(seed: bytes) -> str:
    return pre_commitment(PrivateKey(seed).public.data)
