"""The Merkle tree of RFC 6962 section 2.1 and RFC 9162 section 2.1, over SHA-256.

Pure. `Frontier` grows a tree with a few dozen hashes in memory; proofs are made from a lookup of
the roots of perfect subtrees, which tiles can serve. Trees of size 0 have a root and no proofs:
whoever asks whether a tree extends the empty one (it does) decides that without a proof.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypeAlias

from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Lookup: TypeAlias = "Callable[[int, int], bytes]"
"""`hashes(level, index)`: the root of the perfect subtree number `index` of 2**level leaves."""

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
NARROW: Final = 4
"""Up to so many roots are joined to a whole one by one."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry: SHA-256(0x00 || entry) (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Hash each of many entries as `leaf_hash`."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees: SHA-256(0x01 || left || right) (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def prefix_roots(leaves: Sequence[bytes]) -> list[bytes]:
    """Give the roots of the first leaf, of the first two, and so on; there are 2**k leaf hashes.

    By levels: the roots of a block stand, and those of the next are joined to its whole.
    """
    roots = list(leaves)
    assert len(roots).bit_count() == 1
    width = 1
    while width < len(roots):
        if width <= NARROW:
            _join_narrow(roots, width)
        else:
            for middle in range(width, len(roots), 2 * width):
                block = slice(middle, middle + width)
                roots[block] = _beside(b"\x01" + roots[middle - 1], roots[block])
        width *= 2
    return roots


def _join_narrow(roots: list[bytes], width: int) -> None:
    """Join the roots of every second block to the whole before it, in all blocks by turns.

    Too few stand beside one whole to begin its hash once for them.
    """
    wholes = [b"\x01" + root for root in roots[width - 1 :: 2 * width]]
    for place in range(width, 2 * width):
        places = slice(place, None, 2 * width)
        pairs = zip(wholes, roots[places], strict=True)
        roots[places] = [sha256(whole + root).digest() for whole, root in pairs]


def _beside(prefixed: bytes, roots: Iterable[bytes]) -> list[bytes]:
    """Give the roots over a left half, with the prefix of its node, and each of several right.

    To begin the hash once and copy it costs a sixth less than to begin it each time.
    """
    begun = sha256(prefixed).copy
    joined = []
    for root in roots:
        hashed = begun()
        hashed.update(root)
        joined.append(hashed.digest())
    return joined


class Frontier:
    """The peaks (roots of the perfect subtrees, largest first) of a tree that grows.

    Each peak is kept with the prefix of the node that it will be the left half of: every later
    root hashes it again, and joining three parts each time cost a third more.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        """Start with the empty tree."""
        self.size = 0
        self._peaks: list[bytes] = []

    @classmethod
    def from_peaks(cls, size: int, peaks: Sequence[bytes]) -> Frontier:
        """Resume at `size` leaves; there is one peak for each bit set in `size`."""
        assert len(peaks) == size.bit_count()
        assert all(len(peak) == HASH_SIZE for peak in peaks)
        frontier = cls()
        frontier.size = size
        frontier._peaks = [b"\x01" + peak for peak in peaks]
        return frontier

    def peaks(self) -> list[bytes]:
        """Give the peaks, largest subtree first."""
        return [peak[1:] for peak in self._peaks]

    def copy(self) -> Frontier:
        """Give a frontier that can grow without changing this one."""
        frontier = Frontier()
        frontier.size = self.size
        frontier._peaks = self._peaks.copy()
        return frontier

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        peaks, full = self._peaks, self.size
        while full & 1:
            leaf = sha256(peaks.pop() + leaf).digest()
            full >>= 1
        peaks.append(b"\x01" + leaf)
        self.size += 1

    def append_perfect(self, prefixes: Sequence[bytes]) -> list[bytes]:
        """Add as many leaves as divide the size, by their `prefix_roots`.

        Gives the roots before each of them: the same hashes as one by one, with less about them.
        """
        width, top = len(prefixes), prefixes[-1]
        full, none = divmod(self.size, width)
        assert none == 0
        before = list(prefixes[:-1])
        for peak in reversed(self._peaks):
            before = _beside(peak, before)
        before.insert(0, self.root())
        while full & 1:
            top = sha256(self._peaks.pop() + top).digest()
            full >>= 1
        self._peaks.append(b"\x01" + top)
        self.size += width
        return before

    def root(self) -> bytes:
        """Give the root of all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        larger = reversed(self._peaks)
        root = next(larger)[1:]
        for peak in larger:
            root = sha256(peak + root).digest()
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Give the root over leaf hashes; over 2**k subtree roots, that of the subtree above them."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def root_at(size: int, hashes: Lookup) -> bytes:
    """Give the root of the first `size` leaves."""
    return _subtree_root(0, size, hashes) if size else EMPTY_ROOT


def _subtree_root(start: int, end: int, hashes: Lookup) -> bytes:
    """Give the root over leaves `start` to `end`, as they occur in RFC 9162 (MTH(D[start:end]))."""
    size = end - start
    level = size.bit_length() - 1
    if size == 1 << level:
        return hashes(level, start >> level)
    middle = start + (1 << level)
    return node_hash(_subtree_root(start, middle, hashes), _subtree_root(middle, end, hashes))


def _split(size: int) -> int:
    """Give the largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, hashes: Lookup) -> list[bytes]:
    """Give the audit path of leaf `index` in the tree of `size` (RFC 9162 section 2.1.3.1)."""
    assert 0 <= index < size
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_subtree_root(middle, end, hashes))
            end = middle
        else:
            path.append(_subtree_root(start, middle, hashes))
            start = middle
    return path[::-1]


def consistency_proof(old: int, size: int, hashes: Lookup) -> list[bytes]:
    """Give the proof that the tree of `size` extends that of `old` (RFC 9162 section 2.1.4.1)."""
    assert 0 < old <= size
    path: list[bytes] = []
    start, end = 0, size
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_subtree_root(middle, end, hashes))
            end = middle
        else:
            path.append(_subtree_root(start, middle, hashes))
            start = middle
    if start:  # otherwise the subtree is the old tree, whose root the reader has
        path.append(_subtree_root(start, end, hashes))
    return path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check an audit path (RFC 9162 section 2.1.3.2).

    Raises:
        VerificationError: `bad_proof`.

    """
    if not 0 <= index < size:
        raise _refused("the index lies outside the tree")
    node = leaf
    _require_hashes((leaf, *proof))
    for step, is_left in _sides(index, size - 1, proof):
        node = node_hash(step, node) if is_left else node_hash(node, step)
    if node != root:
        raise _refused("it leads to another root")


def verify_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Check that a tree extends an older one (RFC 9162 section 2.1.4.2).

    `old` is at least 1: the caller answers for the empty tree, which every tree extends.

    Raises:
        VerificationError: `bad_proof`.

    """
    if not 0 < old <= size:
        raise _refused("there is no proof between these sizes")
    if old == size:
        if proof or old_root != root:
            raise _refused("equal sizes have equal roots and no path")
        return
    if not proof:
        raise _refused("the path is empty")
    # The old tree is a perfect subtree: the path leaves out its root, which the reader has.
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    _require_hashes(path)
    first, second = old - 1, size - 1
    while first & 1:
        first, second = first >> 1, second >> 1
    before = after = path[0]
    for step, is_left in _sides(first, second, path[1:]):
        if is_left:
            before = node_hash(step, before)
        after = node_hash(step, after) if is_left else node_hash(after, step)
    if before != old_root or after != root:
        raise _refused("it leads to another root")


def _sides(first: int, second: int, path: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Tell of each step whether it stands left; refuse a path too long or too short.

    `first` and `second` are fn and sn of RFC 9162 sections 2.1.3.2 and 2.1.4.2.
    """
    for step in path:
        if second == 0:
            raise _refused("the path is too long")
        is_left = bool(first & 1) or first == second
        yield step, is_left
        while is_left and first and not first & 1:
            first, second = first >> 1, second >> 1
        first, second = first >> 1, second >> 1
    if second != 0:
        raise _refused("the path is too short")


def _require_hashes(path: Iterable[bytes]) -> None:
    """Refuse steps of another size: they could shift the border between left and right."""
    if any(len(step) != HASH_SIZE for step in path):
        raise _refused("a step is not 32 bytes long")


def _refused(reason: str) -> VerificationError:
    return VerificationError(Code.BAD_PROOF, reason=reason)
