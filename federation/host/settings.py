"""How a host is configured: one folder with `host.toml` and the folders of its groups.

Every folder in it that holds a `node.toml` is a group of the host, unless `left_out` names it.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from federation.node.settings import SETTINGS_FILE, MetricsSettings, NodeFolder
from schemas.errors import Code, InputError

HOST_FILE: Final = "host.toml"
ENVIRONMENT: Final = "RUILBRUG_HOST"
SHARED_MIN: Final = 4
"""With fewer connections for all questions of all groups together, they wait for each other."""
START_CONNECTIONS: Final = 2
"""So many a group has open beside its own one while it starts."""


class HostSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `host.toml` says; a file that is not there says nothing."""

    listen_host: str = "127.0.0.1"
    listen_port: Annotated[int, Meta(ge=1, le=65_535)] = 8080
    """The one port of all groups; `listen_port` of a `node.toml` is not used here."""
    left_out: tuple[str, ...] = ()
    """Folders whose groups another process runs."""
    connections_max: Annotated[int, Meta(ge=8, le=10_000)] = 80
    """To PostgreSQL, of all groups together; stays below its `max_connections`."""
    starts_at_once: Annotated[int, Meta(ge=1, le=16)] = 4
    metrics: MetricsSettings = MetricsSettings()


class HostFolder:
    """The folder of a host."""

    def __init__(self, path: Path) -> None:
        """Take the path; nothing is read yet."""
        self.path = path.resolve()
        self.socket = self.path / "host.sock"

    def settings(self) -> HostSettings:
        """Read the settings.

        Raises:
            InputError: `node_missing` without such a folder; `malformed` naming the field.

        """
        if not self.path.is_dir():
            raise InputError(Code.NODE_MISSING, field=str(self.path))
        file = self.path / HOST_FILE
        try:
            said = file.read_text("utf-8") if file.exists() else ""
            return msgspec.convert(tomllib.loads(said), HostSettings)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            raise InputError(Code.MALFORMED, field=HOST_FILE, reason=str(error)) from error

    def groups(self, left_out: tuple[str, ...] = ()) -> dict[str, NodeFolder]:
        """Give the groups' folders by name, in order."""
        found = (file.parent for file in sorted(self.path.glob(f"*/{SETTINGS_FILE}")))
        return {folder.name: NodeFolder(folder) for folder in found if folder.name not in left_out}


def host_folder(given: str | None) -> HostFolder:
    """Give the host's folder: the option, the environment, or the present one."""
    return HostFolder(Path(given or os.environ.get(ENVIRONMENT, ".")))


def shared_connections(settings: HostSettings, groups: int) -> int:
    """Say how many connections are left for questions when each group has the one it writes by.

    Raises:
        InputError: `malformed` when there are too few.

    """
    left = settings.connections_max - groups - START_CONNECTIONS * settings.starts_at_once
    if left < SHARED_MIN:
        least = settings.connections_max + SHARED_MIN - left
        reason = f"{groups} groups need {least}, and PostgreSQL as many max_connections"
        raise InputError(Code.MALFORMED, field="connections_max", reason=reason)
    return left
