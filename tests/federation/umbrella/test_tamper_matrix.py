"""The tamper matrix: whatever an auditor is handed, each byte of it changed is refused by its name.

Cores, signatures, tiles, bundles, notes, cosignatures and proofs, with real keys and real bytes:
a group's key statements, two entries of its own, and one event of each type that groups say to each
other. Whatever differs in one bit is refused with one of the codes in its row, and each code in
the row is met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from events.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from events.cosignature import CosignatureSigner
from events.growing import GrowingTree
from events.machine import EVENT_PREFIX
from events.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_at,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from events.note import NoteSigner, SignedNote, signature_lines
from events.policy import KnownLog, KnownWitness, Policy, WitnessGroup, require_witnessed
from events.signing import PrivateKey
from events.tiles import (
    TileHashes,
    encode_entries,
    encode_hashes,
    encode_signatures,
    parse_entries,
    parse_hashes,
    parse_signatures,
    tiles_of,
)
from federation.umbrella.following import Follower, read_core
from projections.receipt import check_receipt
from schemas import cores
from schemas.encoding import b64, encode
from schemas.errors import Code, VerificationError
from tests.events.stated import StatedGroup
from tests.outcome import outcome_of
from tests.projections.receipts import POLICY, Proven, between, local
from tests.vectors.story import Story, core_bytes

NOW = 1_800_000_000
GROUP = StatedGroup(1)
KEY = GROUP.log[0]
LOG = NoteSigner("alfa.example/log", KEY)
WITNESS = CosignatureSigner("umbrella.example/witness", PrivateKey(b"w" * 32))
WITNESSED = Policy(
    (KnownLog(LOG.public),),
    (KnownWitness("umbrella", WITNESS.public),),
    (WitnessGroup("all", 1, ("umbrella",)),),
    "all",
)
BUNDLED = 9
"""Entries in the bundles: the key statements, two of the group's own, and one of a line."""
LONGER = 300
"""Entries of the log whose tiles are changed: more than one tile of the lowest level."""


class Example(NamedTuple):
    """A log with all that is in it."""

    entries: list[tuple[bytes, bytes]]
    kinds: list[str]

    @property
    def cores(self) -> list[bytes]:
        return [core for core, _ in self.entries]

    def place(self, kind: str) -> int:
        """Find the last entry of a kind."""
        return len(self.kinds) - 1 - self.kinds[::-1].index(kind)

    def before(self, at: int) -> Follower:
        """Give a follower to which everything before an entry has been shown."""
        follower = Follower(GROUP.node)
        for core, signature in self.entries[:at]:
            follower.take(core, signature)
        return follower

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(LOG.public.name, size, root_of([leaf_hash(c) for c in self.cores[:size]]))


@cache
def example() -> Example:
    """Write the log; an event that was said on a line keeps everything but its place."""
    tree = GrowingTree.from_tiles([], [])
    written = Example([], [])
    at: dict[str, Any] = {"v": 1, "origin": GROUP.node, "key": b64(KEY.public.data), "ts": NOW}
    said: list[Any] = [
        cores.KeyCore(**at, seq=0, root="", statement=one, salt=b64(bytes(16)))
        for one in GROUP.first
    ]
    said += [cores.LocalCore(**at, seq=0, root="", commitment=b64(bytes([n]) * 32)) for n in (1, 2)]
    for _, (_, _, wire) in sorted(Story().examples().items()):
        said.append(read_core(core_bytes(wire)))
    for core in said:
        placed = {"seq": tree.size, "root": b64(tree.root())}
        data = encode(replace(core, origin=GROUP.node, key=b64(KEY.public.data), **placed))
        tree.append(leaf_hash(data))
        written.entries.append((data, KEY.sign(EVENT_PREFIX + data)))
        written.kinds.append(core.__struct_config__.tag)
    return written


class Row(NamedTuple):
    """Something that is handed over, how it is checked, and by which codes a change is refused."""

    original: bytes
    check: Callable[[bytes], object]
    codes: frozenset[Code]
    bits: int = 8
    """All eight of each byte, or one, which differs from byte to byte."""


def changes(row: Row) -> Iterator[tuple[int, bytes]]:
    """Give each change of one bit, and its place."""
    original = row.original
    for at in range(len(original)):
        for bit in range(8) if row.bits == 8 else (at % 8,):
            yield at, original[:at] + bytes((original[at] ^ 1 << bit,)) + original[at + 1 :]


def core(kind: str, *named: Code, bits: int = 1) -> Row:
    """An entry as the mirror takes it: at its place, under its root, signed."""
    at = example().place(kind)
    data, signed = example().entries[at]
    follower = example().before(at)
    return Row(data, lambda changed: follower.take(changed, signed), frozenset(named), bits)


def signature(kind: str) -> Row:
    """What stands beside an entry and is no part of its leaf."""
    at = example().place(kind)
    data, signed = example().entries[at]
    return Row(signed, partial(example().before(at).take, data), frozenset({Code.BAD_SIGNATURE}))


def bundle(*named: Code, of_signatures: bool = False) -> Row:
    """Entries or signatures as they are served, followed up to the checkpoint."""
    log, root = example(), example().checkpoint(BUNDLED).root
    entries = encode_entries(log.cores[:BUNDLED])
    packed = encode_signatures([signed for _, signed in log.entries[:BUNDLED]])

    followers = [log.before(at) for at in range(BUNDLED)]

    def check(changed: bytes) -> None:
        served = (entries, changed) if of_signatures else (changed, packed)
        read = parse_entries(served[0], BUNDLED), parse_signatures(served[1], BUNDLED)
        rows = list(zip(*read, strict=True))
        # what stands before the change has been followed before; a refusal leaves a follower as is
        at = next((at for at, row in enumerate(rows) if row != log.entries[at]), 0)
        for data, signed in rows[at:]:
            followers[at].take(data, signed)
        verify_consistency(BUNDLED, BUNDLED, [], followers[at].tree.root(), root)

    return Row(packed if of_signatures else entries, check, frozenset(named), 1)


LEAVES = tuple(leaf_hash(b"%d" % number) for number in range(LONGER))


def subroot(level: int, index: int) -> bytes:
    return root_of(LEAVES[index << level : (index + 1) << level])


TILES = {
    path.encode(): encode_hashes(
        [subroot(8 * level, path.index * 256 + at) for at in range(path.width)]
    )
    for path in tiles_of(LONGER)
    if isinstance(level := path.level, int)
}


def tile(name: str) -> Row:
    """Hashes under the root of the log, or below the hash of a higher tile."""
    full = name == "tile/0/000"

    def check(changed: bytes) -> None:
        tiles = TILES | {name: changed}
        hashes = TileHashes(LONGER, lambda path: tiles[path.encode()])
        found = root_of(parse_hashes(changed, 256)) if full else root_at(LONGER, hashes)
        known = subroot(8, 0) if full else root_of(LEAVES)
        verify_consistency(LONGER, LONGER, [], found, known)

    return Row(TILES[name], check, frozenset({Code.BAD_PROOF}), 1)


def path(*, of_growth: bool) -> Row:
    """The hashes of a proof, one by one: that an entry is there, that the log has grown."""
    size, old, root = len(LEAVES), 137, root_of(LEAVES)
    steps = (consistency_proof if of_growth else inclusion_proof)(old, size, subroot)

    def check(changed: bytes) -> None:
        read = parse_hashes(changed, len(steps))
        if of_growth:
            verify_consistency(old, size, read, root_of(LEAVES[:old]), root)
        else:
            verify_inclusion(LEAVES[old], old, size, read, root)

    return Row(encode_hashes(steps), check, frozenset({Code.BAD_PROOF}))


def note() -> Row:
    written = sign_checkpoint(example().checkpoint(BUNDLED), LOG)
    check = partial(open_checkpoint, origin=LOG.public.name, trusted=[LOG.public])
    return Row(written, check, frozenset({Code.BAD_NOTE}))


def cosigned() -> SignedNote:
    signed = SignedNote.parse(note().original)
    return SignedNote(signed.text, (*signed.signatures, WITNESS.sign(signed.text, now_s=NOW)))


def cosigned_note() -> Row:
    """A checkpoint below which a witness has signed, held against a policy that wants both."""
    return Row(
        cosigned().encode(), partial(require_witnessed, WITNESSED), frozenset({Code.BAD_NOTE})
    )


def cosignature() -> Row:
    """The line with which a witness answers."""
    text, line = cosigned().text, signature_lines(cosigned().signatures[1:])

    def check(changed: bytes) -> None:
        SignedNote.parse(text + b"\n" + changed).require([WITNESS.public])

    return Row(line, check, frozenset({Code.BAD_NOTE}))


def proof(proven: Proven, *named: Code) -> Row:
    """The file that a member can take away, and what an outsider makes of it."""
    check = partial(check_receipt, policy=POLICY)
    return Row(proven.file(), check, frozenset(named), 1)


def opened(proven: Proven, *named: Code) -> Row:
    """What a proof opens, below the base64 of the file: core, body, salts, texts."""
    extra = proven.proof.extra
    assert extra is not None

    def check(changed: bytes) -> None:
        check_receipt(replace(proven.proof, extra=changed).encode(), POLICY)

    return Row(extra, check, frozenset(named), 1)


OF_CORES = (
    Code.BAD_KEY,
    Code.BAD_PROOF,
    Code.BAD_SIGNATURE,
    Code.MALFORMED,
    Code.NOT_CANONICAL,
)
OF_OPENINGS = (Code.PROOF_CHANGED, Code.PROOF_OTHER_LOG, Code.PROOF_UNREADABLE)
OF_PROOFS = (
    *OF_OPENINGS,
    Code.PROOF_LOG_UNKNOWN,
    Code.PROOF_UNSIGNED,
    Code.PROOF_WITNESSES_MISSING,
)
OF_STATEMENTS = tuple(code for code in (*OF_CORES, Code.BAD_ENCODING) if code is not Code.BAD_KEY)
"""A changed key may be one that the rest of the run states: what it did not sign is refused."""
ROWS: dict[str, Callable[[], Row]] = {
    "core of the group's own": partial(core, "local", *OF_CORES, bits=8),
    "core of a key statement": partial(core, "key.statement", *OF_STATEMENTS),
    **{f"core of {kind}": partial(core, kind, *OF_CORES) for kind in sorted(cores.KNOWN_TYPES)},
    "signature of an entry of a group's own": partial(signature, "local"),
    "signature of an event of a line": partial(signature, "pay.commit"),
    **{name: partial(tile, name) for name in TILES},
    "entry bundle": partial(bundle, *OF_CORES, Code.BAD_ENCODING),
    "bundle of signatures": partial(bundle, Code.BAD_SIGNATURE, of_signatures=True),
    "note": note,
    "note with a cosignature": cosigned_note,
    "cosignature": cosignature,
    "path to an entry": partial(path, of_growth=False),
    "path from a smaller log": partial(path, of_growth=True),
    "proof of a booking inside a group": lambda: proof(local(), *OF_PROOFS),
    "proof of a payment that left": lambda: proof(between(), *OF_PROOFS),
    "proof of a payment that arrived": lambda: proof(between(arrives=True), *OF_PROOFS),
    "what a proof inside a group opens": lambda: opened(local(), *OF_OPENINGS),
    "what a proof of a payment opens": lambda: opened(between(arrives=True), *OF_OPENINGS),
}


@pytest.mark.parametrize("name", ROWS)
def test_every_changed_byte_is_refused_by_name(name: str) -> None:
    row = ROWS[name]()
    met, passed = set(), []

    for at, changed in changes(row):
        outcome = outcome_of(row.check, changed)
        if isinstance(outcome, VerificationError):
            met.add(outcome.code)
        else:
            passed.append(at)

    assert passed == []
    assert met == row.codes
    assert not isinstance(outcome_of(row.check, row.original), VerificationError)
