"""`log verify`: recomputes everything that a node stores, and names what is wrong and where.

Bytes, ids, running roots, signatures and key validity, commitments and sealed texts; then the
books are folded anew from the log and held against every table. Reads one snapshot, changes
nothing, and needs no running node. Memory does not grow with the log.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

from events.canonical import decode
from events.commitments import commitment
from events.growing import TILE_WIDTH, GrowingTree
from events.keys import read_history
from events.log_store import SQL as LOG_SQL
from events.log_store import read_state
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from events.recovery import connect
from events.sealed import Keyring, WrappedKey
from events.signing import PublicKey
from federation.node.database import read_statements
from federation.node.identity import read_identity
from federation.node.rebuild import ANY_LOCAL, Rebuild
from federation.node.signature_checks import SignatureChecks
from federation.umbrella.verifiers import Verifiers, that_fit
from schemas import bodies, cores
from schemas.encoding import b64
from schemas.errors import Code, InputError, VerificationError
from schemas.keys import Role

if TYPE_CHECKING:
    from asyncpg import Connection, Record

    from events.keys import KeyHistory
    from federation.node.settings import NodeFolder

CHUNK: Final = 4096
FINDINGS_MAX: Final = 100
PROCESSES_MAX: Final = 8
TURN: Final = 256
"""After so many events those who check signatures get their turn; it takes them longer."""
LONG: Final = 20_000
"""From so many events on, processes beside this one check signatures: most of the work."""
_CORE: Final = msgspec.json.Decoder(cores.AnyCore)
_BODY: Final = msgspec.json.Decoder(bodies.AnyBody)


_LOCAL: Final = (
    b'{"commitment":"%s","key":"%s","origin":"%s","root":"%s","seq":%d,"ts":%s,'
    b'"type":"local","v":1}'
)
_KEY_AT: Final = len(b'{"commitment":"') + 43 + len(b'","key":"')
_TAIL_SIZE: Final = len(b',"type":"local","v":1}')


class Finding(msgspec.Struct, frozen=True):
    """What is wrong, and at which event; -1 where no event is to blame."""

    seq: int
    what: str
    reason: str


class Verified(msgspec.Struct):
    """The result; `findings` holds the first hundred of `found`."""

    events: int = 0
    erased: int = 0
    found: int = 0
    findings: list[Finding] = []

    def find(self, seq: int, what: str, reason: str) -> None:
        """Take note of something wrong."""
        self.found += 1
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(seq, what, reason))


class _Verifier:
    """Checks events in order; what is folded goes to the `Rebuild`."""

    def __init__(
        self, origin: str, keyring: Keyring, history: KeyHistory, *, signatures: bool
    ) -> None:
        self.result = Verified()
        self.tree = GrowingTree.from_tiles([], [])
        self.rebuild = Rebuild(origin)
        self._origin = origin
        self._keyring = keyring
        self._history = history
        self._signatures = signatures
        self._root_wrong = False
        self._key = ""
        self._public: PublicKey | None = None
        self.checks: SignatureChecks | None = None
        """Who checks signatures beside this process; none: they are checked here."""
        self.intact = True
        self.gone: dict[str, list[int]] = {}
        """Whose texts do not open because there is no key, and where they stand."""
        self.erased: set[str] = set()
        self.unlisted: set[int] = set()
        """Lost bodies for which no `local.lost` has been met yet."""

    def event(self, row: tuple[Any, ...]) -> None:
        """Check one event, given as (seq, id, core, signature, body, body_salt)."""
        seq, identity, core_bytes, signature, body_bytes, body_salt = row
        result, tree = self.result, self.tree
        result.events += 1
        if seq != tree.size:
            result.find(seq, "seq", f"{tree.size} was expected")
            self.intact = False
        if leaf_hash(core_bytes) != identity:
            result.find(seq, "core", "its bytes do not give its id")
            self.intact = False
        if self._local(row):
            return
        try:
            core = decode(core_bytes, _CORE)
        except VerificationError as error:
            result.find(seq, "core", f"{error.code}: {error.facts.get('reason', '')}")
            self.intact = False
            tree.append(identity)
            return
        if core.root != b64(tree.root()) and not self._root_wrong:
            self._root_wrong = True
            result.find(seq, "root", "it promises another history than the entries before it")
        tree.append(identity)
        if core.origin != self._origin or core.seq != seq:
            result.find(seq, "core", "it names another log or place")
        if self._signatures:
            self._signature(seq, core.key, core_bytes, signature)
        body = self._body(seq, core, body_bytes, body_salt)
        if self.intact:
            self._fold(seq, identity, core, body)

    def _local(self, row: tuple[Any, ...]) -> bool:
        """Check a local event by writing its core anew from what it has to say.

        Says the same as the long way and takes a third of its time; false when anything differs,
        and the long way then finds out what.
        """
        seq, identity, core, signature, body_bytes, body_salt = row
        if body_bytes is None or body_salt is None or not self.intact:
            return False
        key, ts = core[_KEY_AT : _KEY_AT + 43], core[core.rfind(b'"ts":') + 5 : -_TAIL_SIZE]
        expected = _LOCAL % (
            b64(commitment("body", body_salt, body_bytes)).encode(),
            key,
            self._origin.encode(),
            b64(self.tree.root()).encode(),
            seq,
            ts,
        )
        if core != expected or not ts.isdigit() or (ts[:1] == b"0" and len(ts) > 1):
            return False
        try:
            body = decode(body_bytes, _BODY, field="body")
        except VerificationError:
            return False
        name = key.decode("ascii", "replace")
        if name != self._key:
            self._use_key(name)
        if self._signatures:
            self._signature(seq, name, core, signature)
        self.tree.append(identity)
        self._fold(seq, identity, ANY_LOCAL, body)
        return True

    def _use_key(self, name: str) -> None:
        self._key = name
        self._public = PublicKey.of_text(name)

    def _signature(self, seq: int, name: str, core_bytes: bytes, signature: bytes) -> None:
        if name != self._key:
            self._use_key(name)
        if not self._history.speaks(Role.LOG, name, seq):
            self.result.find(seq, "key", "it does not speak at this index")
        assert self._public is not None
        if self.checks is not None:
            self.checks.add(seq, self._public, core_bytes, signature)
        elif not self._public.verify(signature, EVENT_PREFIX + core_bytes):
            self.wrongly_signed(seq)

    def wrongly_signed(self, seq: int) -> None:
        """Take note of a signature that does not verify."""
        self.result.find(seq, "signature", "it does not verify")

    def _body(self, seq: int, core: Any, body: bytes | None, salt: bytes | None) -> Any:
        if type(core) is cores.LocalCore:
            expected: str | None = core.commitment
        else:
            commitments = getattr(core, "commitments", None)
            expected = None if commitments is None else commitments.body
        if expected is None:
            if body is not None:
                self.result.find(seq, "body", "there is one that the core does not commit to")
            return None
        if body is None and seq in self.rebuild.lost:
            self.unlisted.add(seq)
            return None
        if body is None or salt is None:
            self.result.find(seq, "body", "it is missing")
            self.intact = False
            return None
        if b64(commitment("body", salt, body)) != expected:
            self.result.find(seq, "body", "it does not open the commitment")
            self.intact = False
            return None
        try:
            return decode(body, _BODY, field="body")
        except VerificationError as error:
            self.result.find(seq, "body", f"{error.code}: {error.facts.get('reason', '')}")
            self.intact = False
            return None

    def _fold(self, seq: int, identity: bytes, core: Any, body: Any) -> None:
        if isinstance(body, bodies.LocalLost):
            self._listed(body)
        elif isinstance(body, bodies.MemberErased):
            self.erased.update(body.subjects)
        try:
            self.rebuild.own(seq, identity, core, body)
        except (AssertionError, KeyError) as error:
            self.result.find(seq, "fold", f"the books cannot take it ({error})")
            self.intact = False

    def _listed(self, body: bodies.LocalLost) -> None:
        """Hold what stands for lost bodies against the digests that the log lists."""
        for event in body.events:
            stands_in = self.rebuild.lost.get(event.seq)
            digest = None if stands_in is None else b64(sha256(stands_in).digest())
            if digest == event.stands_for:
                self.unlisted.discard(event.seq)

    def text(self, row: Record) -> None:
        """Check a sealed text; one whose key is gone has to be of a member who was erased."""
        try:
            plain = self._keyring.open(row["subject"], row["commitment"], row["sealed"])
        except VerificationError:
            self.result.find(row["seq"], "blob", "it does not unseal")
            return
        if plain is None:
            self.result.erased += 1
            self.gone.setdefault(b64(row["subject"]), []).append(row["seq"])
        elif commitment(row["layer"], *plain) != row["commitment"]:
            self.result.find(row["seq"], "blob", "it does not open the commitment")


async def verify_log(folder: NodeFolder, *, signatures: bool = True) -> Verified:
    """Verify everything that the node of this folder stores.

    Raises:
        InputError: `node_missing`, `malformed`, `bad_key`.

    """
    connection = await connect(folder.settings().database)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await verify_within(connection, folder, signatures=signatures)
    finally:
        await connection.close()


async def verify_within(
    connection: Connection[Record], folder: NodeFolder, *, signatures: bool = True
) -> Verified:
    """Verify what a transaction sees, which may hold what is not committed yet.

    Raises:
        InputError: `node_missing`, `bad_key`.

    """
    state = await read_state(connection)
    if state is None:
        raise InputError(Code.NODE_MISSING, field="database")
    verifier = await _make(connection, folder, state.origin, signatures=signatures)
    await verifier.rebuild.load_inbox(connection)
    await verifier.rebuild.load_lost(connection)
    processes = that_fit(PROCESSES_MAX) if state.size >= LONG else 0
    async with (
        Verifiers(processes) as verifiers,
        SignatureChecks(verifiers, verifier.wrongly_signed) as checks,
    ):
        verifier.checks = checks if processes else None
        await _events(connection, verifier, state.size)
        await checks.finish()
    for subject in verifier.gone.keys() - verifier.erased:
        for seq in verifier.gone[subject]:
            verifier.result.find(seq, "blob", "its key is gone, and no member.erased says why")
    for seq in sorted(verifier.unlisted):
        verifier.result.find(seq, "body", "it is lost, and no local.lost lists what stands for it")
    await _tree(connection, verifier, state.size, state.root)
    if verifier.intact:
        for seq, what, reason in await verifier.rebuild.compare_tables(connection):
            verifier.result.find(seq, what, reason)
    return verifier.result


async def _events(connection: Connection[Record], verifier: _Verifier, size: int) -> None:
    """Check every event and text in order, and the rows of statements that they give."""
    for start in range(0, size, CHUNK):
        end = min(start + CHUNK, size)
        columns = await connection.fetchrow(LOG_SQL["read_columns"], start, end)
        assert columns is not None
        verifier.rebuild.rows.clear()
        verifier.rebuild.messages.clear()
        if columns[0] is None or len(columns[0]) != end - start:
            verifier.result.find(start, "log_event", "events are missing")
        for at, row in enumerate(zip(*(column or () for column in columns), strict=True)):
            verifier.event(row)
            if verifier.checks is not None and at % TURN == 0:
                await verifier.checks.hand_on()
        for text in await connection.fetch(LOG_SQL["read_texts"], start, end):
            verifier.text(text)
        if verifier.intact:
            for seq, what, reason in await verifier.rebuild.compare_postings(
                connection, start, end
            ):
                verifier.result.find(seq, what, reason)


async def _make(
    connection: Connection[Record], folder: NodeFolder, origin: str, *, signatures: bool
) -> _Verifier:
    statements = await read_statements(connection)
    identity = read_identity(folder, statements)
    keyring = Keyring(identity.wrapping, max(identity.wrapping))
    for row in await connection.fetch(LOG_SQL["read_data_keys"]):
        keyring.learn(WrappedKey(*row))
    history = read_history(statements, node=origin)
    return _Verifier(origin, keyring, history, signatures=signatures)


async def _tree(
    connection: Connection[Record], verifier: _Verifier, size: int, root: bytes
) -> None:
    """Hold size, root, tile roots and checkpoints against the tree that was recomputed."""
    result = verifier.result
    if verifier.tree.root() != root:
        result.find(-1, "log_state", "its root is not that of the events")
    wanted = dict(verifier.tree.subroots)
    for row in await connection.fetch(LOG_SQL["read_subroots"], 0, size // TILE_WIDTH + 1):
        if wanted.pop(row["tile"], None) != row["root"]:
            result.find(row["tile"] * TILE_WIDTH, "log_subroot", "it is not its tile's root")
    for tile in wanted:
        result.find(tile * TILE_WIDTH, "log_subroot", "it is missing")
    newest = await connection.fetchrow(LOG_SQL["newest_checkpoint"])
    if newest is not None and newest["size"] > size:
        result.find(-1, "log_checkpoint", "it is ahead of the log")
