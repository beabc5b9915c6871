"""Links of the newsletter: to confirm an address, and to stop. Pure.

Nothing is kept of an address before its owner confirms: the mailed link itself carries address,
language and time, sealed and signed by the node (AES-256-GCM), and expires. A link that stops
names a subscriber by number and does not expire.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Meta

from federation.members.words import address_key
from schemas.encoding import b64, unb64
from schemas.errors import Code, RefusedError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIRM_LASTS_S: Final = 3 * 86_400
TOKEN_LENGTH_MAX: Final = 700
_NONCE: Final = 12
_KEY: Final = b"ruilbrug/newsletter-key/v1\n"
_ADDRESS: Final = b"ruilbrug/newsletter-address/v1\n"
_PERSON_BYTES: Final = 6
ASK: Final = b"ask"
STOP: Final = b"stop"
_T = TypeVar("_T")


class Asked(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What somebody asked for, as the link that confirms it carries it."""

    address: Annotated[str, Meta(min_length=3, max_length=254)]
    language: Annotated[str, Meta(pattern="^(nl|fr|en)$")]
    consent: Annotated[int, Meta(ge=1, le=1_000)]
    """Which sentence was agreed to, by its number."""
    asked_at_s: Annotated[int, Meta(ge=0)]


class Stop(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Whose mails a link stops."""

    subject: Annotated[bytes, Meta(min_length=16, max_length=16)]


_ASKED: Final = msgspec.msgpack.Decoder(Asked)
_STOP: Final = msgspec.msgpack.Decoder(Stop)


def address_mac(secret: bytes, address: str) -> bytes:
    """Give what finds an address again: the same for every spelling that is the same mailbox."""
    return hmac.digest(secret, _ADDRESS + address_key(address).encode(), "sha256")


def person_of(secret: bytes, address: str) -> int:
    """Give the number by which the outbox knows a stranger: its own for each address."""
    return int.from_bytes(address_mac(secret, address)[:_PERSON_BYTES], "big")


def write_link(
    secret: bytes, said: Asked | Stop, purpose: bytes, random: Callable[[int], bytes]
) -> str:
    """Give the token of a link."""
    nonce = random(_NONCE)
    sealed = _cipher(secret).encrypt(nonce, msgspec.msgpack.encode(said), purpose)
    return b64(nonce + sealed)


def read_asked(secret: bytes, token: str, *, now_s: int) -> Asked:
    """Read a link that confirms.

    Raises:
        RefusedError: `not_found` when it is not ours, `expired`.

    """
    asked = _read(secret, token, ASK, _ASKED)
    if now_s >= asked.asked_at_s + CONFIRM_LASTS_S:
        raise RefusedError(Code.EXPIRED, field="link")
    return asked


def read_stop(secret: bytes, token: str) -> Stop:
    """Read a link that stops.

    Raises:
        RefusedError: `not_found` when it is not ours.

    """
    return _read(secret, token, STOP, _STOP)


def _read(secret: bytes, token: str, purpose: bytes, decoder: msgspec.msgpack.Decoder[_T]) -> _T:
    if len(token) > TOKEN_LENGTH_MAX:
        raise RefusedError(Code.NOT_FOUND, field="link")
    try:
        raw = unb64(token)
        plain = _cipher(secret).decrypt(raw[:_NONCE], raw[_NONCE:], purpose)
        return decoder.decode(plain)
    except (VerificationError, InvalidTag, ValueError) as error:
        raise RefusedError(Code.NOT_FOUND, field="link") from error


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(hmac.digest(secret, _KEY, "sha256"))
