"""How a node is configured: one folder with `node.toml`, keys, mark and control socket.

Secrets (keys, wrapping keys) lie in files of mode 0600 in `keys/`, never in the settings.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from schemas.errors import Code, InputError

SETTINGS_FILE: Final = "node.toml"
ENVIRONMENT: Final = "RUILBRUG_NODE"


class NodeLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What other nodes and strangers may ask of this one: the table `[limits]` of `node.toml`.

    The first two stay below what `federation.peer.nonces` remembers of one sender. Hundreds of
    trades a second take a tenth of them: they travel together.
    """

    partner_requests_per_s: Annotated[int, Meta(ge=1, le=200)] = 200
    partner_requests_at_once: Annotated[int, Meta(ge=130, le=4_000)] = 4_000
    """Each 64 KiB of content counts as one request more, so this bounds the bytes as well."""
    stranger_requests_per_s: Annotated[int, Meta(ge=1, le=10_000)] = 20
    stranger_requests_at_once: Annotated[int, Meta(ge=1, le=100_000)] = 400
    """For each address; requests of known partners do not count."""
    address_header: str = ""
    """Header in which the reverse proxy names the caller's address, such as `X-Forwarded-For`, and
    which it does not let through from outside. Without it a node with an `https` address sees its
    proxy only, and limits no strangers."""
    token_requests_per_s: Annotated[int, Meta(ge=1, le=100_000)] = 20
    token_requests_at_once: Annotated[int, Meta(ge=10, le=100_000)] = 400
    """For each token of the API."""
    request_bytes_max: Annotated[int, Meta(ge=8 * 2**20, le=64 * 2**20)] = 8 * 2**20
    """A full batch has to fit. Larger ones are refused before they are read."""


class MailSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How mails leave: the table `[mail]` of `node.toml`. Checked by `federation.mail.server`."""

    mode: Literal["off", "smtp", "mailbox"] = "off"
    """`mailbox` keeps mails for the page `/mailbox` instead of sending them; for the demo only."""
    sender: str = ""
    """From whom: `LETS Gent <ruilbrug@letsgent.be>`, or an address alone."""
    bounces: str = ""
    """Where mails that cannot be delivered come back to; empty: the sender's address."""
    host: str = ""
    port: Annotated[int, Meta(ge=1, le=65_535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`tls` from the first byte on (usually port 465); `none` only on this machine."""
    ca_file: str = ""
    """Certificates to trust instead of the system's, as a PEM file in the node's folder."""
    username: str = ""
    password_file: str = ""
    """File in the node's folder that holds the password alone."""
    password_environment: str = "RUILBRUG_MAIL_PASSWORD"  # noqa: S105 - the name of a variable
    """Variable of the environment that holds it, when there is no file."""
    timeout_s: Annotated[int, Meta(ge=1, le=300)] = 30


class WitnessSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose cosignatures count: the table `[witness]` of `node.toml`."""

    policy: str = ""
    """File in the node's folder, in tlog-policy syntax; without one the umbrella and one partner
    that is on another server have to cosign."""
    umbrella_hosts: tuple[str, ...] = ()
    """Host names, beside the umbrella's own, of what runs on its server: a witness there is no
    other pair of eyes."""


class AuditSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an umbrella audits by itself: the table `[audit]` of `node.toml`."""

    every_s: Annotated[int, Meta(ge=10, le=86_400)] = 300
    """So long after one audit has ended the next one begins."""
    full_every_s: Annotated[int, Meta(ge=0, le=31 * 86_400)] = 86_400
    """So often everything is fetched and audited anew, with every signature; 0 for never."""
    full_at_hour: Annotated[int, Meta(ge=0, le=23)] = 3
    """The hour of `timezone` at which a full audit begins that comes daily or less often."""
    signature_processes: Annotated[int, Meta(ge=0, le=32)] = 8
    """So many processes at most, and no more than there are cores, check all signatures anew."""


class PublishingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who sees an umbrella's figures: the table `[publishing]` of `node.toml`.

    `partners` are the registered groups. Figures are rounded as `docs/auditors.md` says.
    """

    totals: Literal["public", "partners", "auditors"] = "auditors"
    """How much was traded in all, and what each group gave and got."""
    pairs: Literal["public", "partners", "auditors"] = "auditors"
    """Who gave whom; who sees this sees the totals too."""


class MetricsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where Prometheus asks: the table `[metrics]` of `node.toml`; without a port nowhere."""

    listen_host: str = "127.0.0.1"
    listen_port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    token_file: str = ""
    """File in the node's folder with what whoever asks has to say (`Authorization: Bearer ...`);
    needed where others than this machine can ask."""


class PrivacySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a group keeps of people, and for how long: the table `[privacy]` of `node.toml`."""

    controller: str = ""
    """Who answers for the data, as members should read it; empty: the name of the group."""
    contact: str = ""
    """Where a member can ask: an address or a number; empty: the core group."""
    host: str = ""
    """Who runs the server, when that is not the group itself, and where it stands."""
    looked_days: Annotated[int, Meta(ge=30, le=3_650)] = 365
    """So long is kept who looked at, or changed, what about whom."""
    wrapping_days: Annotated[int, Meta(ge=0, le=365)] = 30
    """So long one key wraps the data keys of members, and is kept afterwards. 0: one for ever, and
    what was erased stays readable in old backups."""


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
    own_postgres: bool = False
    """Run a PostgreSQL server of its own, in the node's folder; to try a group out."""
    umbrella: str = ""
    """Invitation of the umbrella: `URL#NODE_ID`."""
    allow_private_addresses: bool = False
    """Speak with nodes on this machine or network over http; for demo and tests only."""
    timezone: str = "Europe/Brussels"
    limits: NodeLimits = NodeLimits()
    mail: MailSettings = MailSettings()
    witness: WitnessSettings = WitnessSettings()
    publishing: PublishingSettings = PublishingSettings()
    audit: AuditSettings = AuditSettings()
    metrics: MetricsSettings = MetricsSettings()
    privacy: PrivacySettings = PrivacySettings()

    def umbrella_url(self) -> str:
        """Give the umbrella's public address; empty without an umbrella."""
        return parse_invitation(self.umbrella).url if self.umbrella else ""


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
        """Write the settings of a new node, whole; none that exist are overwritten."""
        said = msgspec.structs.asdict(settings)
        named = ("limits", "mail", "witness", "publishing", "audit", "metrics", "privacy")
        tables = {name: said.pop(name) for name in named}
        lines = [f"{field} = {_toml(value)}" for field, value in said.items() if value != ""]
        for name, table in tables.items():
            if table != type(table)():
                lines.append(f"[{name}]")
                lines += [f"{f} = {_toml(v)}" for f, v in msgspec.structs.asdict(table).items()]
        aside = self.path / f"{SETTINGS_FILE}.new"
        aside.unlink(missing_ok=True)
        write_private(aside, ("\n".join(lines) + "\n").encode())
        os.link(aside, self.path / SETTINGS_FILE)
        aside.unlink()


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
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return msgspec.json.encode(str(value)).decode()  # a JSON string is a TOML basic string
