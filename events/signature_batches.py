"""Signatures of entries in batches, and the process that checks them: `python -m` this module.

The process reads a batch at a time (four bytes of length, big-endian, and msgpack), writes back
four bytes for each, and ends with its input: so it ends when the process that asks it ends, however
that ends.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import msgspec

from events.machine import EVENT_PREFIX
from events.signing import PublicKey

if TYPE_CHECKING:
    from typing import BinaryIO

LENGTH_SIZE: Final = 4


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """Entries with their signatures, and for how many of them each key has to fit in turn."""

    keys: list[tuple[bytes, int]]
    entries: list[bytes]
    signatures: list[bytes]


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Batch)


def first_wrong(batch: Batch) -> int | None:
    """Give the place in a batch of the first entry whose signature does not fit."""
    keys = (key for data, many in batch.keys for key in [PublicKey.parse(data)] * many)
    signed = zip(keys, batch.signatures, batch.entries, strict=True)
    for at, (key, signature, entry) in enumerate(signed):
        if not key.verify(signature, EVENT_PREFIX + entry):
            return at
    return None


def write_batch(batch: Batch) -> bytes:
    """Write a batch as the process reads it."""
    packed = _ENCODER.encode(batch)
    return len(packed).to_bytes(LENGTH_SIZE, "big") + packed


def read_answer(answer: bytes) -> int | None:
    """Read what the process says of a batch: a place in it, or that it holds."""
    at = int.from_bytes(answer, "big", signed=True)
    return None if at < 0 else at


def serve(batches: BinaryIO, answers: BinaryIO) -> None:
    """Check batches until there are no more."""
    while head := batches.read(LENGTH_SIZE):
        packed = batches.read(int.from_bytes(head, "big"))
        at = first_wrong(_DECODER.decode(packed))
        answers.write((-1 if at is None else at).to_bytes(LENGTH_SIZE, "big", signed=True))
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
