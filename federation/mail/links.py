"""Links in mails that act for one person and one purpose, without signing in. Pure.

A token is `payload || HMAC-SHA256(key, prefix || payload)`, cut to 128 bits, as base64url; the key
lies in the node's keys folder. Whoever holds the mail may do this one thing until it expires.
Opening a link never acts: its page has one button. Used twice it is harmless, as each carries the
key by which the use case knows that it has been done.
"""

from __future__ import annotations

import hmac
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from schemas.encoding import b64, unb64
from schemas.errors import Code, RefusedError, VerificationError

PREFIX: Final = b"ruilbrug/mail-link/v1\n"
KEY_PREFIX: Final = b"ruilbrug/mail-link-key/v1\n"
MAC_SIZE: Final = 16
KEY_SIZE: Final = 16
TOKEN_LENGTH_MAX: Final = 400
DO_PATH: Final = "/do/"
PARTNER_PATH: Final = "/partner/"
STOP_PATH: Final = "/mail/stop/"
DATA_PATH: Final = "/my-data/"


class Purpose(StrEnum):
    """The one thing that a link does."""

    ACCEPT = "accept"
    """Give what somebody asked; subject: `PATH:AMOUNT`, exactly the minor units that were shown."""
    DECLINE = "decline"
    """Refuse what somebody asked; subject: the path of the payment."""
    AGREE = "agree"
    """Say yes; subject: `THREAD:PROPOSAL`, `THREAD:` when it is to somebody's interest."""
    TURN_DOWN = "turn_down"
    """Say no to the same."""
    RENEW = "renew"
    """Renew an offer or a want; subject: `POST:UNTIL`, a time in seconds."""
    PARTNER_TRADE = "partner_trade"
    """Confirm or refuse, as the contact of a group without a node; subject: `REQUEST:AMOUNT`."""
    PARTNER_STATEMENT = "partner_statement"
    """Compare a month, as such a contact; subject: `MONTH:BALANCE`."""
    DATA = "data"
    """Fetch all one's data, when the group stops or erases it; subject: the group's node."""
    STOP = "stop"
    """No more mail of a kind; subject: the kind."""


class Link(msgspec.Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    """What a token says."""

    purpose: Purpose
    account: Annotated[int, Meta(ge=1)]
    person: Annotated[int, Meta(ge=0)]
    subject: Annotated[str, Meta(min_length=1, max_length=100)]
    key: Annotated[bytes, Meta(min_length=KEY_SIZE, max_length=KEY_SIZE)]
    expires_at_s: Annotated[int, Meta(ge=0)]

    def command_key(self) -> str:
        """Give the idempotency key in the form that use cases take."""
        return b64(self.key)


_DECODER: Final = msgspec.msgpack.Decoder(Link)


def make_link(
    secret: bytes,
    purpose: Purpose,
    *,
    account: int,
    person: int,
    subject: str,
    expires_at_s: int,
    key: bytes | None = None,
) -> Link:
    """Make a link; without a key, the same thing for the same person always has the same one."""
    if key is None:
        said = msgspec.msgpack.encode((purpose.value, account, person, subject))
        key = _mac(secret, KEY_PREFIX + said)
    return Link(
        purpose=purpose,
        account=account,
        person=person,
        subject=subject,
        key=key,
        expires_at_s=expires_at_s,
    )


def write_token(secret: bytes, link: Link) -> str:
    """Give the token of a link."""
    payload = msgspec.msgpack.encode(link)
    return b64(payload + _mac(secret, PREFIX + payload))


def read_token(secret: bytes, token: str, *purposes: Purpose, now_s: int) -> Link:
    """Read a token that is for one of `purposes`; its time counts, unless it stops a mail.

    Raises:
        RefusedError: `not_found` when it is not ours or for something else, `expired`.

    """
    if len(token) > TOKEN_LENGTH_MAX:
        raise _unknown()
    try:
        raw = unb64(token)
    except VerificationError as error:
        raise _unknown() from error
    payload, mac = raw[:-MAC_SIZE], raw[-MAC_SIZE:]
    if not hmac.compare_digest(mac, _mac(secret, PREFIX + payload)):
        raise _unknown()
    try:
        link = _DECODER.decode(payload)  # ours, but perhaps of another release
    except msgspec.MsgspecError as error:
        raise _unknown() from error
    if link.purpose not in purposes:
        raise _unknown()
    if now_s >= link.expires_at_s and link.purpose is not Purpose.STOP:
        raise RefusedError(Code.EXPIRED, field="link")
    return link


def two_parts(link: Link) -> tuple[str, str]:
    """Give the two parts of a subject such as `POST:UNTIL`."""
    one, _, other = link.subject.partition(":")
    return one, other


def _mac(secret: bytes, said: bytes) -> bytes:
    return hmac.digest(secret, said, sha256)[:MAC_SIZE]


def _unknown() -> RefusedError:
    return RefusedError(Code.NOT_FOUND, field="link")
