"""One log, followed from its first entry on: place, root, key and signature of each entry.

Invariant: the tree has grown by an entry only when everything asked for about it held. Local
entries, most of a log, are held against the bytes that they must have and are not decoded; whatever
differs from these goes the long way, which says what is wrong. Pure; where entries come from and
go to is not known here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from events.canonical import CORE_SIZE_MAX, decode
from events.growing import GrowingTree
from events.keys import read_history, still_speak
from events.machine import EVENT_PREFIX
from events.merkle import HASH_SIZE, Frontier, leaf_hash
from events.signing import PublicKey
from federation.peer.channel import decode_line_core
from schemas import cores
from schemas.encoding import b64_ascii, encode, parse
from schemas.errors import Code, VerificationError
from schemas.ids import SAFE_INTEGER
from schemas.keys import Role, SignedKeyStatement

if TYPE_CHECKING:
    from events.keys import KeyHistory

_OWN: Final = msgspec.json.Decoder(cores.LocalCore | cores.KeyCore)
_KIND: Final = msgspec.json.Decoder(cores.CoreKind)
_STATEMENTS: Final = msgspec.json.Decoder(list[SignedKeyStatement])
_USED: Final = msgspec.json.Decoder(dict[str, int])

_COMMITMENT: Final = re.compile(rb'\{"commitment":"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]')
_COMMITTED: Final = len('{"commitment":"') + 43
_LOCAL: Final = re.compile(
    _COMMITMENT.pattern + rb'","key":"[A-Za-z0-9_-]{43}","origin":"[a-z2-7]{52}",'
    rb'"root":"[A-Za-z0-9_-]{43}","seq":(0|[1-9][0-9]{0,14}),"ts":(0|[1-9][0-9]{0,14}),'
    rb'"type":"local","v":1\}'
)
_TIME: Final = re.compile(rb'(0|[1-9][0-9]{0,14}),"type":"local","v":1\}')
"""Fifteen digits lie within the safe integers; a longer time goes the long way."""
assert SAFE_INTEGER > 10**15


class Local(NamedTuple):
    """A local entry: all that its core says and others can use."""

    seq: int
    ts: int


AnyEntry = Local | cores.AnyCore | cores.UnknownCore


class Saved(NamedTuple):
    """How far a log was followed, to go on from."""

    size: int
    peaks: bytes
    statements: bytes
    used: bytes
    """The last entry under each key."""


def read_verified(data: bytes) -> AnyEntry:
    """Decode an entry that was verified when it came in; a local one is not looked at again."""
    local = _LOCAL.fullmatch(data)
    return read_core(data) if local is None else Local(int(local[1]), int(local[2]))


def read_core(data: bytes) -> cores.AnyCore | cores.UnknownCore:
    """Decode any core of a mirrored log.

    Raises:
        VerificationError: `too_large`, `not_canonical`, `malformed`.

    """
    if len(data) > CORE_SIZE_MAX:
        raise VerificationError(Code.TOO_LARGE, field="core", limit=f"{CORE_SIZE_MAX} bytes")
    try:
        kind = parse(_KIND, data).type
    except msgspec.MsgspecError as error:
        raise VerificationError(Code.MALFORMED, field="core", reason=str(error)) from error
    if kind in ("local", "key.statement"):
        own: cores.LocalCore | cores.KeyCore = decode(data, _OWN)
        return own
    return decode_line_core(data)


class Follower:
    """Verifies one log entry by entry; goes on from what was saved."""

    def __init__(self, node: str) -> None:
        """Start with nothing."""
        self.node = node
        self.tree = GrowingTree.from_tiles([], [])
        self.statements: list[SignedKeyStatement] = []
        self.history: KeyHistory | None = None
        self.used: dict[str, int] = {}
        """The last entry under each key."""
        self._local_from = 0
        self._local_id = ""
        self._local_head = b""
        self._local_key: PublicKey | None = None

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

    def check(self, core_bytes: bytes, signature: bytes) -> cores.AnyCore | cores.UnknownCore:
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
        key = self._local_id if isinstance(core, Local) else core.key
        self.used[key] = self.tree.size
        self.tree.append(leaf)

    def _look(self, core_bytes: bytes, *, brief: bool = True) -> tuple[AnyEntry, PublicKey]:
        root, seq = b64_ascii(self.tree.root()), self.tree.size
        if brief and self._local_key is not None and seq >= self._local_from:
            expected = b'%s%s","seq":%d,"ts":' % (self._local_head, root, seq)
            if core_bytes.startswith(expected, _COMMITTED) and _COMMITMENT.match(core_bytes):
                time = _TIME.fullmatch(core_bytes, _COMMITTED + len(expected))
                if time is not None:
                    return Local(seq, int(time[1])), self._local_key
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
        if not begins and not (history and history.speaks(Role.LOG, core.key, core.seq)):
            raise VerificationError(Code.BAD_KEY, field="key", reason="it does not speak there")
        key = PublicKey.of_text(core.key)
        if isinstance(core, cores.LocalCore) and self._only_key(core.key, core.seq):
            head = f'","key":"{core.key}","origin":"{self.node}","root":"'
            self._local_key, self._local_head = key, head.encode()
            self._local_id = core.key
            self._local_from = core.seq + 1
        return key

    def _only_key(self, key: str, seq: int) -> bool:
        """Tell whether a key speaks at all places from `seq` on, until another statement comes."""
        assert self.history is not None
        return self.history.speaks(Role.LOG, key, seq) and all(
            held.holds_until is None for held in self.history.keys if held.key == key
        )

    def _learn(self, core: Any) -> None:
        if isinstance(core, cores.KeyCore):
            self.statements.append(core.statement)
            self.history = read_history(self.statements, node=self.node)
            self._local_key = None
            if not still_speak(self.history, self.used):
                raise VerificationError(Code.KEY_LATE, field="key_statement", size=core.seq)
