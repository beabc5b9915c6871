"""Reports of failed delivery (RFC 3464): which of our mails came back, from which address. Pure.

Anybody can send a report, so it counts only with the Message-ID that we gave the mail: it proves
that the mail was ours and went to the address that the report names.
"""

from __future__ import annotations

import email
from email.message import EmailMessage, Message
from email.policy import default
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.mail.addresses import one_line
from federation.mail.message import read_message_id
from federation.mail.sending import REPLY_LENGTH_MAX
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORT_BYTES_MAX: Final = 1024 * 1024
PARTS_MAX: Final = 50
RECIPIENTS_MAX: Final = 50


class Returned(NamedTuple):
    """A mail of ours that came back."""

    mail: bytes
    address: str
    reply: str


def read_report(report: bytes, secret: bytes) -> list[Returned]:
    """Give which mails of ours came back for good; a delay or a full mailbox is no such thing.

    Raises:
        InputError: `too_large`, or `malformed` when it is no report.

    """
    if len(report) > REPORT_BYTES_MAX:
        raise InputError(Code.TOO_LARGE, field="report", limit=REPORT_BYTES_MAX)
    parts = _parts(report)
    statuses = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    ids = [text for text in _message_ids(parts) if text]
    if not statuses or not ids:
        raise InputError(
            Code.MALFORMED, field="report", reason="it is no report about a mail of this node"
        )
    found: dict[bytes, Returned] = {}
    for status in statuses:
        for block in _blocks(status)[:RECIPIENTS_MAX]:
            for address in _failed_addresses(block):
                for text in ids:
                    mail = read_message_id(text, address, secret)
                    if mail is not None:
                        found.setdefault(mail, Returned(mail, address, _reply(block)))
    return list(found.values())


def _parts(report: bytes) -> list[EmailMessage]:
    """Give the parts of a report; whatever the parser stumbles over makes it none."""
    try:
        message = email.message_from_bytes(report, policy=default)
        return [
            part
            for number, part in enumerate(message.walk())
            if number < PARTS_MAX and isinstance(part, EmailMessage)
        ]
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
        IndexError,
    ) as error:
        raise InputError(
            Code.MALFORMED, field="report", reason=f"it is no mail ({type(error).__name__})"
        ) from error


def _blocks(status: EmailMessage) -> list[EmailMessage]:
    """Give the groups of fields of a status: the parser makes a part of each."""
    return [block for block in status.iter_parts() if isinstance(block, EmailMessage)]


def _message_ids(parts: list[EmailMessage]) -> Iterator[str]:
    """Give the Message-IDs of what came back: the mail itself, or its headers as text."""
    for part in parts[1:]:
        yield _header(part, "Message-ID")
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                headers = email.message_from_bytes(payload, policy=default)
                yield _header(headers, "Message-ID")


def _failed_addresses(block: Message) -> Iterator[str]:
    status = _header(block, "Status")
    if _header(block, "Action").lower() != "failed" or not status.startswith("5."):
        return
    if status.startswith("5.2.2"):
        return
    for name in ("Original-Recipient", "Final-Recipient"):
        kind, _, address = _header(block, name).partition(";")
        if kind.strip().lower() in {"rfc822", "utf-8"} and address.strip():
            yield address.strip().strip("<>")


def _reply(block: Message) -> str:
    said = _header(block, "Diagnostic-Code") or _header(block, "Status")
    return one_line(said, REPLY_LENGTH_MAX)


def _header(part: Message, name: str) -> str:
    try:
        return str(part.get(name, "")).strip()
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):
        return ""  # a header that cannot be read says nothing
