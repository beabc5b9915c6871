"""Signed notes, C2SP signed-note: a text and the signatures below it, one a line.

Invariant: `encode(parse(b)) == b`, and nobody reads a text before `require` has found a signature
on it by a key that the reader trusts. Ed25519 (type 0x01) is written and read here; signatures of
other keys and other types are carried along and ignored, as the specification wants. Another type
joins as a class of its own that has what `Verifier` names (`events.cosignature`). Private keys have
no text form here.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, Final, Protocol, Self, TypeVar

import msgspec

from events.signing import KEY_SIZE, PublicKey
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.signing import PrivateKey

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
"""Type of a witness's timestamped signature, C2SP tlog-cosignature."""

NOTE_SIZE_MAX: Final = 128 * 1024
SIGNATURES_MAX: Final = 100
"""The limit of Go's note package; the specification wants at least 16."""
KEY_ID_SIZE: Final = 4

_DASH: Final = "\N{EM DASH} "
_CONTROL: Final = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_VKEY: Final = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


class Verifier(Protocol):
    """A key that a reader trusts, under a name."""

    @property
    def name(self) -> str:
        """The key name, without spaces and plus signs."""

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell this key from others of the same name."""

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether `signature` (without the key id) is this key's over the note's text."""


SomeVerifier = TypeVar("SomeVerifier", bound=Verifier)


def key_id(name: str, kind: int, key: bytes) -> bytes:
    """Give SHA-256(name || LF || type || key)[:4]; it is an aid to look-up, and can be ground."""
    return sha256(name.encode() + b"\n" + bytes((kind,)) + key).digest()[:KEY_ID_SIZE]


class NamedKey:
    """The public half of an Ed25519 key with its name; what it verifies depends on its type."""

    __slots__ = ("key", "key_id", "name")
    KIND: ClassVar[int]

    def __init__(self, name: str, key: PublicKey) -> None:
        """Name a key.

        Raises:
            VerificationError: `bad_key` for a name that cannot stand in a note.

        """
        if not _is_key_name(name):
            raise VerificationError(Code.BAD_KEY, field="vkey", reason="its name cannot be")
        self.name = name
        self.key = key
        self.key_id = key_id(name, self.KIND, key.data)

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read `name+id+key` (id in hexadecimal, key as base64 of type and 32 bytes).

        Raises:
            VerificationError: `bad_key`, also for another type.

        """
        parts = _VKEY.fullmatch(vkey)
        typed = _unb64(parts[3]) if parts else None
        if parts is None or typed is None:
            raise VerificationError(Code.BAD_KEY, field="vkey", reason="it is not name+id+key")
        if len(typed) != 1 + KEY_SIZE or typed[0] != cls.KIND:
            reason = f"it is not an Ed25519 key of type {cls.KIND}"
            raise VerificationError(Code.BAD_KEY, field="vkey", reason=reason)
        key = cls(parts[1], PublicKey.parse(typed[1:]))
        if key.key_id.hex() != parts[2]:
            raise VerificationError(Code.BAD_KEY, field="vkey", reason="its id is another key's")
        return key

    def vkey(self) -> str:
        """Write the key as `parse` reads it."""
        typed = b64encode(bytes((self.KIND,)) + self.key.data).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{typed}"

    def __repr__(self) -> str:
        """Show the key as text."""
        return f"{type(self).__name__}({self.vkey()})"


class NoteKey(NamedKey):
    """A key that signs the text of a note as it is: a `Verifier`."""

    __slots__ = ()
    KIND = ED25519

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether `signature` is this key's over `text`."""
        return self.key.verify(signature, text)


class NoteSignature(msgspec.Struct, frozen=True):
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes


class NoteSigner:
    """An Ed25519 key that signs notes under a name; `public` verifies them."""

    __slots__ = ("_key", "public")

    def __init__(self, name: str, key: PrivateKey) -> None:
        """Name a private key.

        Raises:
            VerificationError: `bad_key` as in `NoteKey`.

        """
        self._key = key
        self.public = NoteKey(name, key.public)

    def sign(self, text: bytes) -> NoteSignature:
        """Sign a text (RFC 8032 over its bytes, the last line feed included)."""
        return NoteSignature(self.public.name, self.public.key_id, self._key.sign(text))


class SignedNote(msgspec.Struct, frozen=True):
    """A text that ends in a line feed, and one or more signatures. Not yet verified."""

    text: bytes
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, note: bytes) -> SignedNote:
        """Read a signed note.

        Raises:
            VerificationError: `too_large`; `bad_note` with the reason.

        """
        text, lines = split_note(note)
        return cls(text, tuple(_signature(line) for line in lines))

    def encode(self) -> bytes:
        """Write the note: text, empty line, signature lines."""
        return self.text + b"\n" + signature_lines(self.signatures)

    def require(self, trusted: Iterable[SomeVerifier]) -> list[SomeVerifier]:
        """Give those of the trusted keys that signed, in the order of their signatures.

        A signature line belongs to a key by name and id. Ids are short, so two trusted keys may
        share both: then one of them must fit. Every line of a trusted key must verify.

        Raises:
            VerificationError: `bad_note` when a line of a trusted key does not verify, or no
                trusted key signed.

        """
        known: dict[tuple[str, bytes], list[SomeVerifier]] = {}
        for key in trusted:
            known.setdefault((key.name, key.key_id), []).append(key)
        signers: dict[int, SomeVerifier] = {}
        for one in dict.fromkeys(self.signatures):
            candidates = known.get((one.name, one.key_id))
            if candidates is None:
                continue
            fitting = [key for key in candidates if key.verify(self.text, one.signature)]
            if not fitting:
                raise _refused("the signature of a known key does not verify")
            signers.update((id(key), key) for key in fitting)
        if not signers:
            raise _refused("no known key has signed it")
        return list(signers.values())


def sign_note(text: bytes, *signers: NoteSigner) -> SignedNote:
    """Make a note. `text` is UTF-8 without control characters and ends in a line feed."""
    assert text.endswith(b"\n")
    assert signers
    assert not _CONTROL.search(text)
    return SignedNote(text, tuple(signer.sign(text) for signer in signers))


def split_note(note: bytes) -> tuple[bytes, list[str]]:
    """Give the text of a note and its signature lines, which are not read yet.

    Raises:
        VerificationError: `too_large`; `bad_note` with the reason.

    """
    if len(note) > NOTE_SIZE_MAX:
        raise VerificationError(Code.TOO_LARGE, field="note", limit=f"{NOTE_SIZE_MAX} bytes")
    if _CONTROL.search(note):
        raise _refused("it holds a control character")
    try:
        note.decode()
    except UnicodeDecodeError as error:
        raise _refused("it is not UTF-8") from error
    text, separator, block = note.rpartition(b"\n\n")
    if not separator or not block.endswith(b"\n"):
        raise _refused("it has no signature lines")
    lines = block.decode().removesuffix("\n").split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise _refused(f"it has more than {SIGNATURES_MAX} signatures")
    return text + b"\n", lines


def signature_lines(signatures: Iterable[NoteSignature]) -> bytes:
    """Write signatures as they stand below a text, one a line."""
    return "".join(
        f"{_DASH}{one.name} {b64encode(one.key_id + one.signature).decode('ascii')}\n"
        for one in signatures
    ).encode()


def _signature(line: str) -> NoteSignature:
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not separator or not _is_key_name(name):
        raise _refused("a signature line is malformed")
    signature = _unb64(encoded)
    if signature is None or len(signature) <= KEY_ID_SIZE:
        raise _refused("a signature is not base64, or too short")
    return NoteSignature(name, signature[:KEY_ID_SIZE], signature[KEY_ID_SIZE:])


def _is_key_name(name: str) -> bool:
    """Tell whether a key name can stand in a note: not empty, no Unicode space, no plus sign."""
    return bool(name) and not any(
        character == "+" or character < " " or character.isspace() for character in name
    )


def _unb64(text: str) -> bytes | None:
    """Read padded base64 (RFC 4648 section 4) in its one canonical spelling."""
    try:
        decoded = b64decode(text, validate=True)
    except ValueError:
        return None
    return decoded if b64encode(decoded).decode("ascii") == text else None


def _refused(reason: str) -> VerificationError:
    return VerificationError(Code.BAD_NOTE, reason=reason)
