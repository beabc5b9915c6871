"""One log, followed from its first entry on: place, root, key and signature of each entry.

Invariant: the tree has grown by an entry only when everything asked for about it held. Local
entries, most of a log, are held against the bytes that they must have and are not decoded; whatever
differs from these goes the long way, which says what is wrong. Pure; where entries come from and
go to is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from events.canonical import CORE_SIZE_MAX, decode
from events.growing import TILE_WIDTH, GrowingTree
from events.keys import read_history, still_speak
from events.machine import EVENT_PREFIX
from events.merkle import HASH_SIZE, Frontier, leaf_hash, leaf_hashes
from events.signing import PublicKey
from federation.peer.channel import decode_line_core
from federation.umbrella.local_entries import Local, LocalForm, read_local
from schemas import cores
from schemas.encoding import b64, b64_ascii, b64_hashes, encode, parse
from schemas.errors import Code, VerificationError
from schemas.keys import Role, SignedKeyStatement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.keys import KeyHistory

_KNOWN: Final = msgspec.json.Decoder(cores.AnyCore)
_OWN: Final = msgspec.json.Decoder(cores.LocalCore | cores.KeyCore)
_KIND: Final = msgspec.json.Decoder(cores.CoreKind)
_STATEMENTS: Final = msgspec.json.Decoder(list[SignedKeyStatement])
_USED: Final = msgspec.json.Decoder(dict[str, int])

AnyCore = cores.AnyCore | cores.UnknownCore
AnyEntry = Local | AnyCore


class Entries(NamedTuple):
    """Entries of a log in a row: the time that each bears, and with their ids those not local."""

    times: list[int]
    others: list[tuple[AnyCore, str]]


class Saved(NamedTuple):
    """How far a log was followed, to go on from."""

    size: int
    peaks: bytes
    statements: bytes
    used: bytes
    """The last entry under each key."""


def read_verified(data: bytes) -> AnyEntry:
    """Decode an entry that was verified when it came in; a local one is not looked at again."""
    return read_local(data) or read_core(data)


def read_core(data: bytes) -> AnyCore:
    """Decode any core of a mirrored log.

    Raises:
        VerificationError: `too_large`, `not_canonical`, `malformed`.

    """
    if len(data) > CORE_SIZE_MAX:
        raise VerificationError(Code.TOO_LARGE, field="core", limit=f"{CORE_SIZE_MAX} bytes")
    try:
        known: cores.AnyCore = decode(data, _KNOWN)
    except VerificationError:
        return _read_unusual(data)
    return known


def _read_unusual(data: bytes) -> AnyCore:
    """Decode what is wrong, or of a type that is not known, and say which."""
    try:
        kind = parse(_KIND, data).type
    except msgspec.MsgspecError as error:
        raise VerificationError(Code.MALFORMED, field="core", reason=str(error)) from error
    if kind in ("local", "key.statement"):
        own: cores.LocalCore | cores.KeyCore = decode(data, _OWN)
        return own
    return decode_line_core(data)


def _on_a_line(entry: bytes, said: tuple[str, int, str, str]) -> AnyCore | None:
    """Decode an entry of a line that says so of its log, place, root and key; none for another."""
    try:
        core = read_core(entry)
    except VerificationError:
        return None
    if isinstance(core, cores.KeyCore) or (core.origin, core.seq, core.root, core.key) != said:
        return None
    return core


class Follower:
    """Verifies one log entry by entry; goes on from what was saved."""

    def __init__(self, node: str) -> None:
        """Start with nothing."""
        self.node = node
        self.tree = GrowingTree.from_tiles([], [])
        self.statements: list[SignedKeyStatement] = []
        self.history: KeyHistory | None = None
        self.used: dict[str, int] = {}
        """The last entry under each key; the first, while the key is not stated yet."""
        self._local: LocalForm | None = None
        """How local entries look from here on, until another statement comes."""

    @classmethod
    def go_on(cls, node: str, saved: Saved) -> Follower:
        """Go on from where `saved` was given."""
        follower = cls(node)
        each = range(0, len(saved.peaks), HASH_SIZE)
        peaks = [saved.peaks[at : at + HASH_SIZE] for at in each]
        follower.tree = GrowingTree(Frontier.from_peaks(saved.size, peaks))
        follower.statements = _STATEMENTS.decode(saved.statements)
        follower.used = _USED.decode(saved.used)
        if follower.statements:
            follower.history = read_history(follower.statements, node=node)
        return follower

    def saved(self) -> Saved:
        """Give what `go_on` needs."""
        peaks = b"".join(self.tree.peaks())
        return Saved(self.tree.size, peaks, encode(self.statements), encode(self.used))

    def resume(self, core: bytes) -> None:
        """Take in an entry that was verified before."""
        read: Any = read_core(core)
        self._learn(read)
        self._append(read, leaf_hash(core))

    def check(self, core_bytes: bytes, signature: bytes) -> AnyCore:
        """Verify the next entry: place, root, key and signature.

        Raises:
            VerificationError: with the code of what is wrong.

        """
        core = self._signed(core_bytes, signature, brief=False)
        assert not isinstance(core, Local)
        return core

    def take(self, core_bytes: bytes, signature: bytes) -> None:
        """Verify the next entry as `check`, without decoding what is local.

        Raises:
            VerificationError: with the code of what is wrong.

        """
        self._signed(core_bytes, signature, brief=True)

    def place(self, core_bytes: bytes) -> tuple[AnyEntry, PublicKey, bytes]:
        """Verify the next entry but for its signature; give the key that has to fit, and its id.

        Raises:
            VerificationError: with the code of what is wrong.

        """
        core, key = self._look(core_bytes)
        leaf = leaf_hash(core_bytes)
        self._append(core, leaf)
        return core, key, leaf

    def place_tile(self, entries: Sequence[bytes]) -> tuple[Entries, PublicKey] | None:
        """Verify the next whole tile as `place`, all of it at once and in half the time.

        Nothing comes of a tile in which anything is unusual, be it wrong or not: the follower is as
        it was, and `place` says of each entry what it is.
        """
        start, local = self.tree.size, self._local
        if local is None or start % TILE_WIDTH or len(entries) != TILE_WIDTH:
            return None
        tree = self.tree.copy()
        leaves = leaf_hashes(entries)
        roots = b64_hashes(tree.append_tile(leaves))
        times = local.times(entries, roots, start)
        others: list[tuple[AnyCore, str]] = []
        for at in [at for at, time in enumerate(times) if time < 0]:
            said = (self.node, start + at, roots[at].decode(), local.key)
            core = _on_a_line(entries[at], said)
            if core is None:
                return None
            times[at] = core.ts
            others.append((core, b64(leaves[at])))
        self.tree = tree
        self.used[local.key] = tree.size - 1
        return Entries(times, others), local.public

    def _signed(self, core_bytes: bytes, signature: bytes, *, brief: bool) -> AnyEntry:
        known, history = len(self.statements), self.history
        try:
            core, key = self._look(core_bytes, brief=brief)
            key.require(signature, EVENT_PREFIX + core_bytes, field=f"event {self.tree.size}")
        except VerificationError:
            # a statement that the entry brought was needed to look at it, and counts for nothing
            del self.statements[known:]
            self.history = history
            raise
        self._append(core, leaf_hash(core_bytes))
        return core

    def _append(self, core: Any, leaf: bytes) -> None:
        if isinstance(core, Local):
            assert self._local is not None
            self.used[self._local.key] = self.tree.size
        elif self._begins_a_key(core):
            self.used.setdefault(core.key, self.tree.size)
        else:
            self.used[core.key] = self.tree.size
        self.tree.append(leaf)

    def _look(self, core_bytes: bytes, *, brief: bool = True) -> tuple[AnyEntry, PublicKey]:
        root, seq = b64_ascii(self.tree.root()), self.tree.size
        if brief and self._local is not None:
            time = self._local.time(core_bytes, root, seq)
            if time is not None:
                return Local(seq, time), self._local.public
        core: Any = read_core(core_bytes)
        if core.origin != self.node or core.seq != seq:
            raise VerificationError(Code.MALFORMED, field="seq", reason="it has another place")
        if core.root != root.decode():
            raise VerificationError(Code.BAD_PROOF, reason="its root is another history")
        self._learn(core)
        return core, self._speaking(core)

    def _speaking(self, core: Any) -> PublicKey:
        history = self.history
        # The first entries state keys before the one that signs them: then it is held against them.
        begins = history is not None and all(held.role is not Role.LOG for held in history.keys)
        speaks = history and history.speaks(Role.LOG, core.key, core.seq)
        if not begins and not speaks and not self._begins_a_key(core):
            raise VerificationError(Code.BAD_KEY, field="key", reason="it does not speak there")
        if not begins and self._local is None and not isinstance(core, cores.KeyCore):
            self._require_stated()
        key = PublicKey.of_text(core.key)
        if isinstance(core, cores.LocalCore) and self._newest_key(core.key, core.seq):
            self._local = LocalForm(key, origin=self.node)
        return key

    def _begins_a_key(self, core: Any) -> bool:
        """Tell whether a statement is signed by a log key that the run it stands in has to state.

        Who has lost a key with the machine writes down again that it was stated, before another.
        """
        if not isinstance(core, cores.KeyCore) or self.history is None:
            return False
        stated = [held.key for held in self.history.keys if held.role is Role.LOG]
        return bool(stated) and core.key not in stated

    def _require_stated(self) -> None:
        """See that a run of statements has stated the key that signed it."""
        assert self.history is not None
        if not still_speak(self.history, self.used):
            raise VerificationError(Code.BAD_KEY, field="key", reason="it was never stated")

    def _newest_key(self, key: str, seq: int) -> bool:
        """Tell whether a key speaks at all places from `seq` on, until another statement comes."""
        assert self.history is not None
        newest = [held for held in self.history.keys if held.role is Role.LOG][-1:]
        return self.history.speaks(Role.LOG, key, seq) and all(
            held.key == key and held.holds_until is None for held in newest
        )

    def _learn(self, core: Any) -> None:
        if isinstance(core, cores.KeyCore):
            self.statements.append(core.statement)
            self.history = read_history(self.statements, node=self.node)
            self._local = None
            used = self.used
            if self._begins_a_key(core):
                used = {key: last for key, last in used.items() if key != core.key}
            if not still_speak(self.history, used):
                raise VerificationError(Code.KEY_LATE, field="key_statement", size=core.seq)
