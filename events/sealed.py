"""Sealed texts: AES-256-GCM under a data key per member (design section 2).

Data keys are wrapped by a key that lies outside the database. Deleting a data key erases what it
seals, the salt of the commitment included, because the salt lies inside. The commitment is the
associated data, so a sealed text cannot be moved to another event.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.commitments import SALT_SIZE
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

NONCE_SIZE: Final = 12
KEY_SIZE: Final = 32


class WrappedKey(NamedTuple):
    """A data key as the database holds it."""

    subject: bytes
    wrapping_key: str
    wrapped: bytes


class DataKey(NamedTuple):
    """A member's data key in use, and the secret of the member's pseudonyms, derived from it."""

    cipher: AESGCM
    secret: bytes


def _data_key(raw: bytes) -> DataKey:
    return DataKey(AESGCM(raw), hmac.digest(raw, b"ruilbrug/pseudonym/v1\n", "sha256"))


class Keyring:
    """The data keys of members, in two layers like the books: committed, and new in a batch."""

    __slots__ = ("_base", "_current", "_going", "_gone", "_new", "_wrapping", "fresh")
    _base: dict[bytes, DataKey]
    _new: dict[bytes, DataKey]
    _gone: set[bytes]
    _going: set[bytes]

    def __init__(self, wrapping: Mapping[str, bytes], current: str) -> None:
        """Take the wrapping keys by name, and the name of the one that wraps new data keys."""
        self._wrapping = {name: AESGCM(key) for name, key in wrapping.items()}
        self._current = current
        self._base = {}
        self._new = {}
        self._gone = set()
        self._going = set()
        self.fresh: list[WrappedKey] = []

    def use(self, name: str, key: bytes) -> None:
        """Wrap data keys by this key from now on; those of branches that begin from now on."""
        self._wrapping[name] = AESGCM(key)
        self._current = name

    def rewrap(self, row: WrappedKey, random: Callable[[int], bytes]) -> WrappedKey:
        """Wrap a data key of the database by the key that is in use now.

        Raises:
            VerificationError: as `learn`.

        """
        nonce, raw = random(NONCE_SIZE), self._unwrapped(row)
        wrapped = nonce + self._wrapping[self._current].encrypt(nonce, raw, row.subject)
        return WrappedKey(row.subject, self._current, wrapped)

    def branch(self) -> Keyring:
        """Give a keyring whose new keys can be dropped."""
        copy = Keyring.__new__(Keyring)
        copy._wrapping = self._wrapping
        copy._current = self._current
        copy._base = self._base
        copy._new = {}
        copy._gone = self._gone
        copy._going = set()
        copy.fresh = []
        return copy

    def adopt(self, branch: Keyring) -> None:
        """Take over the new keys of a committed branch, and lose those that it erased."""
        self._base.update(branch._new)
        self.lose(branch._going)

    def erase(self, subjects: Iterable[bytes]) -> None:
        """Open nothing of `subjects` any more; counts when this branch is adopted."""
        self._going.update(subjects)

    def lose(self, subjects: Iterable[bytes]) -> None:
        """Drop the keys of those who were erased, for ever: none is made for them again."""
        for subject in subjects:
            self._gone.add(subject)
            self._base.pop(subject, None)

    def learn(self, row: WrappedKey) -> None:
        """Unwrap a data key that the database holds.

        Raises:
            VerificationError: `bad_key` when its wrapping key is not there or does not fit.

        """
        self._base[row.subject] = _data_key(self._unwrapped(row))

    def _unwrapped(self, row: WrappedKey) -> bytes:
        wrapping = self._wrapping.get(row.wrapping_key)
        if wrapping is None:
            raise VerificationError(Code.BAD_KEY, field="data_key", reason="no wrapping key")
        try:
            return wrapping.decrypt(row.wrapped[:NONCE_SIZE], row.wrapped[NONCE_SIZE:], row.subject)
        except InvalidTag as error:
            raise VerificationError(
                Code.BAD_KEY, field="data_key", reason="it does not unwrap"
            ) from error

    def knows(self, subject: bytes) -> bool:
        """Tell whether there is a data key; none means that the member was erased or never was."""
        return self._key(subject) is not None

    def ensure(self, subject: bytes, random: Callable[[int], bytes]) -> None:
        """Make a data key for `subject` unless there is one."""
        if not self.knows(subject) and not self._erased(subject):
            self._make(subject, random)

    def seal(
        self,
        subject: bytes,
        commitment: bytes,
        salt: bytes,
        text: bytes,
        random: Callable[[int], bytes],
    ) -> bytes:
        """Seal salt and text under the data key of `subject`, which is made when there is none.

        For who was erased the key is kept nowhere: nobody can open what comes too late.
        """
        key = self._key(subject)
        if key is None:
            late = self._erased(subject)
            key = _data_key(random(KEY_SIZE)) if late else self._make(subject, random)
        nonce = random(NONCE_SIZE)
        return nonce + key.cipher.encrypt(nonce, salt + text, commitment)

    def pseudonym(self, subject: bytes, reader: str) -> bytes | None:
        """Give the name by which one reading node knows a member; gone with the data key."""
        key = self._key(subject)
        return None if key is None else hmac.digest(key.secret, reader.encode(), "sha256")

    def open(self, subject: bytes, commitment: bytes, sealed: bytes) -> tuple[bytes, bytes] | None:
        """Give (salt, text), or nothing when the data key is gone.

        Raises:
            VerificationError: `bad_commitment` when the bytes were changed.

        """
        key = self._key(subject)
        if key is None:
            return None
        try:
            plain = key.cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], commitment)
        except (InvalidTag, ValueError) as error:
            raise VerificationError(Code.BAD_COMMITMENT, field="sealed_text") from error
        return plain[:SALT_SIZE], plain[SALT_SIZE:]

    def _erased(self, subject: bytes) -> bool:
        return subject in self._gone or subject in self._going

    def _key(self, subject: bytes) -> DataKey | None:
        if subject in self._going:
            return None
        return self._base.get(subject) or self._new.get(subject)

    def _make(self, subject: bytes, random: Callable[[int], bytes]) -> DataKey:
        raw, nonce = random(KEY_SIZE), random(NONCE_SIZE)
        wrapped = nonce + self._wrapping[self._current].encrypt(nonce, raw, subject)
        key = self._new[subject] = _data_key(raw)
        self.fresh.append(WrappedKey(subject, self._current, wrapped))
        return key
