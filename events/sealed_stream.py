"""A stream of any length sealed to a node's recovery key: what makes a backup needs no secret.

The key of a stream is made as that of a bundle of bodies (`events.sealed_bodies`), and bound to
what the stream is for. It seals numbered chunks of AES-256-GCM; number and "this is the last" are
the nonce (Hoang, Reyhanitabar, Rogaway, Vizar 2015: STREAM), so no chunk can be left out, moved
or doubled, and a stream that was cut off is told from a whole one. Nothing is held but one chunk.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from events.sealed_bodies import KEY_SIZE, cipher_once, public_half
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

CHUNK_SIZE: Final = 256 * 2**10
TAG_SIZE: Final = 16
HEADER_SIZE: Final = KEY_SIZE * 2
_LAST: Final = 1 << 31
_LENGTH: Final = struct.Struct(">I")
_NUMBER_SIZE: Final = 11


class StreamSealer:
    """Seals what is given to it piece by piece; what it gives back is to be written in order."""

    def __init__(self, public: bytes, purpose: bytes, random: Callable[[int], bytes]) -> None:
        """Begin a stream for `purpose`, a line of text such as `ruilbrug/backup/v1`."""
        ephemeral = X25519PrivateKey.from_private_bytes(random(KEY_SIZE))
        own = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
        self._cipher = cipher_once(shared, own, public, purpose)
        self._header: bytes = purpose + own + public
        self._waiting = bytearray()
        self._number = 0
        self._ended = False

    def seal(self, piece: bytes) -> bytes:
        """Take a piece, and give what can be written by now, often nothing."""
        assert not self._ended
        self._waiting += piece
        sealed = self._begin()
        while len(self._waiting) > CHUNK_SIZE:  # the last chunk is known when the stream ends
            sealed += self._chunk(bytes(self._waiting[:CHUNK_SIZE]), last=False)
            del self._waiting[:CHUNK_SIZE]
        return sealed

    def end(self) -> bytes:
        """Give the rest of the stream, with the mark of its end."""
        assert not self._ended
        self._ended = True
        return self._begin() + self._chunk(bytes(self._waiting), last=True)

    def _begin(self) -> bytes:
        header, self._header = self._header, b""
        return header

    def _chunk(self, plain: bytes, *, last: bool) -> bytes:
        length = _LENGTH.pack(len(plain) + TAG_SIZE | (_LAST if last else 0))
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), plain, length)
        self._number += 1
        return length + sealed


def open_stream(private: bytes, purpose: bytes, file: IO[bytes], field: str) -> Iterator[bytes]:
    """Give what a stream for `purpose` holds, chunk by chunk, each verified before it is given.

    Only a caller that came to the end has seen the whole of it. `field` names the file.

    Raises:
        VerificationError: `backup_unknown` for another kind of file, `backup_other_key`,
            `backup_truncated`, `backup_damaged`, `backup_trailing` when it goes on behind its end.

    """
    key = X25519PrivateKey.from_private_bytes(private)
    public = public_half(private)
    if _read(file, len(purpose), field) != purpose:
        raise VerificationError(Code.BACKUP_UNKNOWN, field=field)
    header = _read(file, HEADER_SIZE, field)
    if len(header) < HEADER_SIZE:
        raise VerificationError(Code.BACKUP_TRUNCATED, field=field)
    own = header[:KEY_SIZE]
    if header[KEY_SIZE:] != public:
        raise VerificationError(Code.BACKUP_OTHER_KEY, field=field)
    try:
        shared = key.exchange(X25519PublicKey.from_public_bytes(own))
    except ValueError as error:  # a point of low order
        raise VerificationError(Code.BACKUP_DAMAGED, field=field) from error
    cipher = cipher_once(shared, own, public, purpose)
    number, last = 0, False
    while not last:
        length, sealed = _read_chunk(file, field)
        last = bool(_LENGTH.unpack(length)[0] & _LAST)
        try:
            plain = cipher.decrypt(_nonce(number, last=last), sealed, length)
        except InvalidTag as error:
            raise VerificationError(Code.BACKUP_DAMAGED, field=field) from error
        if last and _read(file, 1, field):
            raise VerificationError(Code.BACKUP_TRAILING, field=field)
        yield plain
        number += 1


def _read(file: IO[bytes], size: int, field: str) -> bytes:
    """Read what is there; a medium that breaks in the middle has cut the file off."""
    try:
        return file.read(size)
    except OSError as error:
        raise VerificationError(Code.BACKUP_TRUNCATED, field=field) from error


def _read_chunk(file: IO[bytes], field: str) -> tuple[bytes, bytes]:
    length = _read(file, _LENGTH.size, field)
    if len(length) < _LENGTH.size:
        raise VerificationError(Code.BACKUP_TRUNCATED, field=field)
    size = _LENGTH.unpack(length)[0] & ~_LAST
    if not TAG_SIZE <= size <= CHUNK_SIZE + TAG_SIZE:
        raise VerificationError(Code.BACKUP_DAMAGED, field=field)
    sealed = _read(file, size, field)
    if len(sealed) < size:
        raise VerificationError(Code.BACKUP_TRUNCATED, field=field)
    return length, sealed


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER_SIZE, "big") + bytes([last])
