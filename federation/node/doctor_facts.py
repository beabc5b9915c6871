"""What `ruilbrug doctor` has found out, before anybody judges it. Plain data."""

from __future__ import annotations

import msgspec

from federation.node.remembered import LastBackup, LastFullAudit, LastVerify


class Partner(msgspec.Struct, frozen=True, kw_only=True):
    """A node that this one has a line with."""

    name: str
    heard_at_s: int
    failures: int
    """How often in a row it has not answered."""


class Witnessed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether checkpoints of the own log count."""

    newest_size: int
    met_size: int | None
    advice: str
    forks: int


class Flows(msgspec.Struct, frozen=True, kw_only=True):
    """What an umbrella does not sum of what groups exchange, by the name of the group."""

    stopped: dict[str, int] = {}
    """Behind how many events the sums stand still."""
    aside: dict[str, int] = {}
    """How many events are in no sum."""


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What the running node says of itself and of others."""

    node: str
    mode: str
    reason: str
    events: int
    offsets_s: dict[str, int]
    """By name: how far the clock of another node is ahead of ours, by what it has signed."""
    partners: tuple[Partner, ...]
    doubts: tuple[str, ...]
    """What needs a person on a line, in words."""
    witness: Witnessed
    flows: Flows | None = None
    """None for a group, which sums none."""


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """Room in a folder that the node writes to."""

    path: str
    free_bytes: int
    total_bytes: int


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """PostgreSQL; `trouble` says why it does not answer."""

    trouble: str = ""
    version: int = 0
    bytes_count: int = 0


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """The mail server; `trouble` says why it cannot be used."""

    mode: str
    trouble: str = ""


class Web(msgspec.Struct, frozen=True, kw_only=True):
    """What the public address leads to."""

    url: str
    dns_trouble: str = ""
    trouble: str = ""
    is_this_node: bool = False
    certificate_ends_at_s: int | None = None
    """None without TLS."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found out about one node."""

    now_s: int
    running: Running | None
    database: Database
    disks: tuple[Disk, ...]
    last_backup: LastBackup | None
    backup_there: bool
    last_verify: LastVerify | None
    full_audit_every_s: int
    """How often an umbrella audits everything anew by itself; 0 for never, and for a group."""
    last_full_audit: LastFullAudit | None
    key_modes: dict[str, int]
    """The permissions of the folder of keys and of each file in it."""
    keys_missing: tuple[str, ...]
    keys_for_paper: tuple[str, ...]
    clock_synchronised: bool | None
    """By the machine itself; none when it cannot tell."""
    mail: Mail
    web: Web
