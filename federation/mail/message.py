"""A mail as it travels: RFC 5322 bytes with text, HTML and the headers of RFC 8058. Pure.

The same mail gives the same bytes each time, with the same Message-ID: where an attempt had no
known end and is repeated, a mail client shows it once. The Message-ID proves that the mail is ours
and to whom it went, so that a report about it can be believed.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from hashlib import sha256
from typing import Any, Final

import msgspec

from federation.mail.addresses import NAME_LENGTH_MAX, Mailbox, one_line, parse_address
from federation.mail.kinds import MailKind
from federation.members.words import address_key
from schemas.texts.words import Language

ID_PREFIX: Final = b"ruilbrug/mail-id/v1\n"
ID_SIZE: Final = 16
PROOF_SIZE: Final = 12
_AS_IT_IS: Final = frozenset({"list-unsubscribe", "message-id"})


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail of the outbox."""

    mail: bytes
    kind: MailKind
    account: int
    person: int
    name: str
    address: str
    language: Language
    subject: str
    text: str
    html: str
    stop_url: str
    written_at_s: int
    give_up_at_s: int
    attempts: int = 0
    begun: int = 0


class Stationery(msgspec.Struct, frozen=True, kw_only=True):
    """What every mail of a node carries."""

    sender: Mailbox
    host: str
    """Behind the @ of a Message-ID."""
    secret: bytes


class _Policy(EmailPolicy):
    """Folds as RFC 5322 says, but never inside an address of a page, which clients would break."""

    def fold(self, name: str, value: Any) -> str:
        """Write a header."""
        return self._whole(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Write a header as bytes."""
        return self._whole(name, value).encode("ascii") or super().fold_binary(name, value)

    def _whole(self, name: str, value: Any) -> str:
        return f"{name}: {value}\r\n" if name.lower() in _AS_IT_IS else ""


_POLICY: Final = _Policy(linesep="\r\n", cte_type="7bit", utf8=SMTP.utf8)


def write_message(mail: Mail, stationery: Stationery) -> bytes:
    """Give the bytes of a mail.

    Raises:
        InputError: `malformed` when its address is none.

    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(stationery.sender)
    message["To"] = _address(Mailbox(mail.name, parse_address(mail.address)))
    message["Subject"] = _no_encoded_word(one_line(mail.subject))
    message["Date"] = datetime.fromtimestamp(mail.written_at_s, UTC)
    message["Message-ID"] = message_id(mail.mail, mail.address, stationery)
    message["Auto-Submitted"] = "auto-generated"
    if mail.stop_url:
        assert mail.stop_url.isascii()
        assert not set(mail.stop_url) & set("<>\r\n ")
        message["List-Unsubscribe"] = f"<{mail.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = mail.language.value  # before, it would move into the text
    message.set_boundary(f"=_{mail.mail.hex()}")
    return message.as_bytes()


def message_id(mail: bytes, address: str, stationery: Stationery) -> str:
    """Give the Message-ID of a mail to an address."""
    proof = _proof(mail, address, stationery.secret)
    return f"<{mail.hex()}.{proof.hex()}@{stationery.host}>"


def read_message_id(text: str, address: str, secret: bytes) -> bytes | None:
    """Give the mail that a Message-ID names, if it is ours and went to this address."""
    mail, _, proof = text.strip().removeprefix("<").partition("@")[0].partition(".")
    try:
        named, said = bytes.fromhex(mail), bytes.fromhex(proof)
    except ValueError:
        return None
    fine = len(named) == ID_SIZE and hmac.compare_digest(said, _proof(named, address, secret))
    return named if fine else None


def _proof(mail: bytes, address: str, secret: bytes) -> bytes:
    said = ID_PREFIX + mail + address_key(address).encode()
    return hmac.digest(secret, said, sha256)[:PROOF_SIZE]


def _address(mailbox: Mailbox) -> Address:
    local, _, domain = mailbox.address.rpartition("@")
    return Address(_no_encoded_word(one_line(mailbox.name, NAME_LENGTH_MAX)), local, domain)


def _no_encoded_word(text: str) -> str:
    """Break what looks encoded: `email` would decode it, line feeds and all, when it writes."""
    return text.replace("=?", "= ?")
