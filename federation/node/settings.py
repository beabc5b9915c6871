"""How a node is configured: one folder with `node.toml`, keys, mark and control socket.

Secrets (keys, wrapping keys) lie in files of mode 0600 in `keys/`, never in the settings.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Final, Literal

import msgspec

from schemas.errors import Code, InputError

SETTINGS_FILE: Final = "node.toml"
ENVIRONMENT: Final = "RUILBRUG_NODE"


class NodeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `node.toml` says."""

    name: str
    role: Literal["group", "umbrella"] = "group"
    public_url: str
    listen_host: str = "127.0.0.1"
    listen_port: int
    database: str
    """Address of the database for the runtime role."""
    database_owner: str = ""
    """Address for the role that owns the tables, for migrations; empty: somebody else runs them."""
    umbrella: str = ""
    """Invitation of the umbrella: `URL#NODE_ID`."""
    allow_private_addresses: bool = False
    """Speak with nodes on this machine or network over http; for demo and tests only."""
    timezone: str = "Europe/Brussels"


class Invitation(msgspec.Struct, frozen=True):
    """A node's public address and id; the id authenticates everything else."""

    url: str
    node: str

    def text(self) -> str:
        """Write it as one line that can be mailed."""
        return f"{self.url}#{self.node}"


def parse_invitation(text: str) -> Invitation:
    """Read `URL#NODE_ID`.

    Raises:
        InputError: `malformed`.

    """
    url, _, node = text.strip().rpartition("#")
    fine = url.startswith(("https://", "http://")) and len(node) == 52  # noqa: PLR2004 - base32 of 32 bytes
    if not fine or not set(node) <= set("abcdefghijklmnopqrstuvwxyz234567"):
        raise InputError(
            Code.MALFORMED, field="invitation", reason="it looks like https://group.example#id"
        )
    return Invitation(url.rstrip("/"), node)


class NodeFolder:
    """The folder of a node."""

    def __init__(self, path: Path) -> None:
        """Take the path; nothing is read yet."""
        self.path = path.resolve()
        self.keys = self.path / "keys"
        self.mark = self.path / "mark"

    @property
    def socket(self) -> Path:
        """The control socket; a Unix socket's path is short, so it may be opened relative."""
        return self.path / "control.sock"

    def settings(self) -> NodeSettings:
        """Read the settings.

        Raises:
            InputError: `node_missing`, or `malformed` naming the field.

        """
        file = self.path / SETTINGS_FILE
        try:
            return msgspec.convert(tomllib.loads(file.read_text("utf-8")), NodeSettings)
        except FileNotFoundError as error:
            raise InputError(Code.NODE_MISSING, field=str(self.path)) from error
        except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            raise InputError(Code.MALFORMED, field=SETTINGS_FILE, reason=str(error)) from error

    def write_settings(self, settings: NodeSettings) -> None:
        """Write the settings of a new node; none that exist are overwritten."""
        lines = [
            f"{field} = {_toml(value)}"
            for field, value in msgspec.structs.asdict(settings).items()
            if value != ""
        ]
        write_private(self.path / SETTINGS_FILE, ("\n".join(lines) + "\n").encode())


def folder_from_environment(given: str | None) -> NodeFolder:
    """Give the node's folder: the option, the environment, or the present one."""
    return NodeFolder(Path(given or os.environ.get(ENVIRONMENT, ".")))


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner reads; one that exists is refused."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return msgspec.json.encode(str(value)).decode()  # a JSON string is a TOML basic string
