"""Local entries of a log by the bytes that they must have: most of a log, and never decoded.

Invariant: whatever is recognised here is a local core in its one canonical form; what is not goes
the long way, by `events.canonical`, which says what is wrong. Both ways agree on every byte string.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from schemas.encoding import b64
from schemas.ids import SAFE_INTEGER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.signing import PublicKey

_BEGIN: Final = b'{"commitment":"'
_COMMITMENT_SIZE: Final = 43
_COMMITTED: Final = len(_BEGIN) + _COMMITMENT_SIZE
_END: Final = b',"type":"local","v":1}'
_TIME_FROM: Final = -len(_END) - 10
_TIME_TO: Final = -len(_END)
_TEN_DIGITS: Final = re.compile(rb"[1-9][0-9]{9}")
_ENDING: Final = rb"(0|[1-9][0-9]{0,14})" + re.escape(_END)
"""Fifteen digits lie within the safe integers; a longer time goes the long way."""
assert SAFE_INTEGER > 10**15
_TIME: Final = re.compile(_ENDING)
_HASH: Final = rb"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_LOCAL: Final = re.compile(
    rb'\{"commitment":"%b","key":"%b","origin":"[a-z2-7]{51}[aq]","root":"%b",'
    rb'"seq":(0|[1-9][0-9]{0,14}),"ts":%b' % (_HASH, _HASH, _HASH, _ENDING)
)
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LAST: Final = b"AEIMQUYcgkosw048"
"""The last of 43 characters carries four bits, and two that are zero."""


class Local(NamedTuple):
    """A local entry: all that its core says and others can use."""

    seq: int
    ts: int


def read_local(data: bytes) -> Local | None:
    """Read a local entry that was verified when it came in; none for any other."""
    local = _LOCAL.fullmatch(data)
    return None if local is None else Local(int(local[1]), int(local[2]))


class LocalForm:
    """What the local entries of one log look like under one key."""

    __slots__ = ("_head", "key", "public")

    def __init__(self, public: PublicKey, *, origin: str) -> None:
        """Take the key that signs them, and the node."""
        self.public, self.key = public, b64(public.data)
        self._head = f'","key":"{self.key}","origin":"{origin}","root":"'.encode()

    def time(self, entry: bytes, root: bytes, seq: int) -> int | None:
        """Give the time that the local entry at `seq`, behind `root`, bears.

        None for anything else, and for what is not plainly such an entry.
        """
        placed = b'%s%s","seq":%d,"ts":' % (self._head, root, seq)
        if not entry.startswith(_BEGIN) or not entry.startswith(placed, _COMMITTED):
            return None
        time = _TIME.fullmatch(entry, _COMMITTED + len(placed))
        if time is None or not _are_commitments([entry[len(_BEGIN) : _COMMITTED]]):
            return None
        return int(time[1])

    def times(self, entries: Sequence[bytes], roots: Sequence[bytes], start: int) -> list[int]:
        """Give the `time` of each of many entries in a row, behind their roots; -1 for none.

        All that begin like local ones are written anew, each from its place, and its own
        commitment and time of ten digits, and compared as one. Lines keep them apart: no part of
        what is written holds a line feed once its commitments and times are looked at.
        """
        others = [at for at, entry in enumerate(entries) if not entry.startswith(_BEGIN)]
        local, behind, seqs = [*entries], [*roots], [*range(start, start + len(entries))]
        for at in reversed(others):
            del local[at], behind[at], seqs[at]
        commitments = [entry[len(_BEGIN) : _COMMITTED] for entry in local]
        bear = [entry[_TIME_FROM:_TIME_TO] for entry in local]
        form = _BEGIN + b"%s" + self._head + b'%s","seq":%d,"ts":%s' + _END
        parts = chain.from_iterable(zip(commitments, behind, seqs, bear, strict=True))
        written = b"\n".join([form] * len(local)) % tuple(parts)
        bear_any = set(bear)
        if (
            b"\n".join(local) == written
            and _are_commitments(commitments)
            and all(map(_TEN_DIGITS.fullmatch, bear_any))
        ):
            known = {text: int(text) for text in bear_any}
            times = [known[text] for text in bear]
        else:
            found = map(self.time, local, behind, seqs)
            times = [-1 if time is None else time for time in found]
        for at in others:
            times.insert(at, -1)
        return times


def _are_commitments(texts: Sequence[bytes]) -> bool:
    """Tell whether each of these texts of 43 characters or less is one."""
    letters = b"".join(texts)
    return (
        len(letters) == _COMMITMENT_SIZE * len(texts)
        and not letters.translate(None, _LETTERS)
        and not letters[_COMMITMENT_SIZE - 1 :: _COMMITMENT_SIZE].translate(None, _LAST)
    )
