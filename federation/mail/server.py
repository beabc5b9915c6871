"""The mail server that `[mail]` of `node.toml` names: checked once, at start."""

from __future__ import annotations

import os
import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.mail.addresses import Mailbox, parse_address, parse_mailbox
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from federation.node.settings import MailSettings, NodeFolder

PASSWORD_BYTES_MAX: Final = 1024


class Server(NamedTuple):
    """Where mails go out, and as whom."""

    host: str
    port: int
    security: str
    username: str | None
    password: str | None
    sender: Mailbox
    bounces: str
    """The sender of the envelope."""
    tls: ssl.SSLContext | None
    local_name: str
    timeout_s: int


def read_server(settings: MailSettings, folder: NodeFolder, *, local_name: str) -> Server:
    """Read where mails go out.

    Raises:
        InputError: `malformed`, naming the field.

    """
    if not settings.host:
        raise _wrong("host", "the name of the mail server is missing")
    if settings.security == "none" and not _is_this_machine(settings.host):
        raise _wrong("security", "without TLS only a server on this machine is spoken with")
    sender = read_sender(settings)
    bounces = settings.bounces or sender.address
    return Server(
        host=settings.host,
        port=settings.port,
        security=settings.security,
        username=settings.username or None,
        password=_password(settings, folder) if settings.username else None,
        sender=sender,
        bounces=parse_address(bounces, field="mail.bounces"),
        tls=_tls(settings, folder),
        local_name=local_name,
        timeout_s=settings.timeout_s,
    )


def read_sender(settings: MailSettings) -> Mailbox:
    """Read from whom mails come.

    Raises:
        InputError: `malformed`.

    """
    return parse_mailbox(settings.sender, field="mail.sender")


def _tls(settings: MailSettings, folder: NodeFolder) -> ssl.SSLContext | None:
    if settings.security == "none":
        return None
    try:
        return ssl.create_default_context(
            cafile=str(folder.path / settings.ca_file) if settings.ca_file else None
        )
    except (OSError, ssl.SSLError) as error:
        raise _wrong("ca_file", type(error).__name__) from error


def _password(settings: MailSettings, folder: NodeFolder) -> str:
    if settings.password_file:
        try:
            with (folder.path / settings.password_file).open("rb") as file:
                return file.read(PASSWORD_BYTES_MAX).decode("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise _wrong("password_file", type(error).__name__) from error
    password = os.environ.get(settings.password_environment, "")
    if not password:
        raise _wrong(
            "password_file", f"there is none, and {settings.password_environment} is not set"
        )
    return password


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wrong(field: str, reason: str) -> InputError:
    return InputError(Code.MALFORMED, field=f"mail.{field}", reason=reason)
