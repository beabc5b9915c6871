"""The table `[mail]` of node.toml: what is wrong is named, and no password lies in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from federation.mail.addresses import Mailbox
from federation.mail.server import read_server
from federation.node.settings import MailSettings, NodeFolder, NodeSettings
from schemas.errors import InputError
from tests.federation.mail.post import Certificate

FINE: dict[str, Any] = {
    "mode": "smtp",
    "host": "mx.example",
    "sender": "LETS Gent <r@gent.example>",
}


def read(folder: Path, **changes: Any) -> Any:
    return read_server(
        MailSettings(**(FINE | changes)), NodeFolder(folder), local_name="gent.example"
    )


def test_a_server_is_read(tmp_path: Path) -> None:
    server = read(tmp_path, bounces="b@gent.example", port=2525, timeout_s=7)

    assert server.sender == Mailbox("LETS Gent", "r@gent.example")
    assert (server.host, server.port, server.timeout_s) == ("mx.example", 2525, 7)
    assert server.bounces == "b@gent.example"
    assert (server.username, server.password) == (None, None)
    assert server.tls is not None


def test_a_password_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mail.password").write_text("geheim\n")
    assert read(tmp_path, username="r", password_file="mail.password").password == "geheim"
    monkeypatch.setenv("RUILBRUG_MAIL_PASSWORD", "ander")
    assert read(tmp_path, username="r").password == "ander"
    monkeypatch.delenv("RUILBRUG_MAIL_PASSWORD")
    with pytest.raises(InputError, match="RUILBRUG_MAIL_PASSWORD"):
        read(tmp_path, username="r")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"host": ""}, "mail.host"),
        ({"sender": ""}, "mail.sender"),
        ({"sender": "LETS <r@gent.example>\r\nBcc: x@x.be"}, "mail.sender"),
        ({"bounces": "b"}, "mail.bounces"),
        ({"security": "none"}, "mail.security"),
        ({"security": "none", "host": "10.0.0.1"}, "mail.security"),
        ({"ca_file": "none.pem"}, "mail.ca_file"),
        ({"username": "r", "password_file": "none"}, "mail.password_file"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, **changes)
    assert error.value.facts["field"] == field


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_only_this_machine_is_spoken_with_in_the_clear(tmp_path: Path, host: str) -> None:
    assert read(tmp_path, host=host, security="none").tls is None


def test_own_certificates_may_be_trusted(tmp_path: Path) -> None:
    Certificate(tmp_path)

    assert read(tmp_path, ca_file="mx.pem").tls.cert_store_stats()["x509"] == 1


def test_settings_are_written_and_read_back(tmp_path: Path) -> None:
    settings = NodeSettings(
        name="LETS Gent",
        public_url="https://gent.example",
        listen_port=1,
        database="postgresql:///x",
        mail=MailSettings(**FINE),
    )
    folder = NodeFolder(tmp_path)
    folder.write_settings(settings)

    assert folder.settings() == settings
    assert "[limits]" not in (tmp_path / "node.toml").read_text()
