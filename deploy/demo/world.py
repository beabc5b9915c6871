"""The demo's little world: one PostgreSQL server, and nodes as processes of their own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from deploy.demo.cable import Cables
from federation.node.control import call_running
from federation.node.init import init_node
from federation.node.postgres import PostgresServer, create_node_database
from federation.node.service import now_s
from federation.node.settings import MailSettings, NodeFolder, NodeSettings, PublishingSettings
from schemas.amounts import Rate, Unit

CHECKOUT = Path(__file__).resolve().parents[2]
TURNED_CLOCK = Path(__file__).with_name("clock.py")
READY_TRIES = 1200
READY_PAUSE_S = 0.05
STOP_S = 10
BEHIND = 10
"""A group behind a cable listens this many ports above its address."""


class Group(NamedTuple):
    """A made-up group with a real unit name."""

    key: str
    name: str
    singular: str
    plural: str
    per_hour: int


GROUPS = (
    Group("pollekesland", "LETS Pollekesland", "polleke", "pollekes", 20),
    Group("gent", "LETS Gent", "stropke", "stropkes", 40),
    Group("zandland", "LETS Zandland", "tanneke", "tannekes", 60),
)


UMBRELLA = "LETS Vlaanderen"


def name_of(key: str) -> str:
    """Give the name of a group."""
    return next(group.name for group in GROUPS if group.key == key)


class NodeProcess:
    """A node of the demo: its folder, and its process while it runs."""

    def __init__(self, folder: NodeFolder, invitation: str) -> None:
        """Take a node that was made."""
        self.folder = folder
        self.invitation = invitation
        self.back_s = 0
        """How far the clock of the next process stands back; `turn` turns that of a running one."""
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> Path:
        """What the process writes."""
        return self.folder.path / "node.log"

    @property
    def _clock(self) -> Path:
        return self.folder.path / "clock"

    def turn(self, back_s: int) -> None:
        """Turn the clock of a process that was started with one that stands back."""
        self.back_s = back_s
        written = self._clock.with_suffix(".new")
        written.write_text(str(back_s), "ascii")
        written.replace(self._clock)

    async def start(self) -> None:
        """Start the process and wait until it answers."""
        program = ["-m", "federation.cli"]
        if self.back_s:
            self.turn(self.back_s)
            program = [str(TURNED_CLOCK), str(self._clock)]
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *program,
                "--node",
                str(self.folder.path),
                "node",
                "run",
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            )
        for _ in range(READY_TRIES):
            if self._process.returncode is not None:
                break
            try:
                await self.ask("status")
            except ConnectionError:
                await asyncio.sleep(READY_PAUSE_S)
            else:
                return
        raise RuntimeError(f"the node did not start:\n{self.log.read_text()[-2000:]}")

    async def stop(self) -> None:
        """Stop the process in order."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def kill(self) -> None:
        """End the process at once, as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def ask(self, command: str, /, **arguments: Any) -> Any:
        """Run one command of `ruilbrug` on the running node."""
        return await call_running(self.folder, command, arguments)


class Address(NamedTuple):
    """Where a node is reached, and where it listens; not the same behind a proxy."""

    public_url: str
    host: str
    port: int


class World:
    """The server and the nodes; `close` ends everything that was started."""

    node_type = NodeProcess
    mail = MailSettings()
    """How the nodes send mails: not at all."""
    publishing = PublishingSettings()
    """What the umbrella shows to whom: everything to auditors alone."""
    back_s = 0
    """How far the clocks of new nodes stand back."""

    def __init__(self, server: PostgresServer, folder: Path, base_port: int) -> None:
        """Start with no nodes."""
        self.server = server
        self.folder = folder
        self.base_port = base_port
        self.umbrella: NodeProcess
        self.groups: dict[str, NodeProcess] = {}

    async def make_umbrella(self) -> None:
        """Make and start the umbrella."""
        self.umbrella = await self._make("koepel", UMBRELLA, 0, None, "")
        await self.umbrella.start()

    async def make_group(self, group: Group, number: int) -> None:
        """Make and start a group that knows the umbrella."""
        unit = Unit(singular=group.singular, plural=group.plural, rate=Rate(group.per_hour))
        invitation = self.umbrella.invitation
        node = await self._make(group.key, group.name, number, unit, invitation)
        self.groups[group.key] = node
        await node.start()

    async def _make(
        self, key: str, name: str, number: int, unit: Unit | None, umbrella: str
    ) -> NodeProcess:
        owner, runtime = await create_node_database(self.server, key)
        address = self.address(number)
        folder = NodeFolder(self.folder / key)
        settings = NodeSettings(
            name=name,
            role="group" if unit else "umbrella",
            public_url=address.public_url,
            listen_host=address.host,
            listen_port=address.port,
            database=runtime,
            database_owner=owner,
            umbrella=umbrella,
            allow_private_addresses=True,
            mail=self.mail,
            publishing=PublishingSettings() if unit else self.publishing,
        )
        hours = 12
        limit = hours * unit.rate.per_hour if unit else None
        node = await init_node(
            folder,
            settings,
            unit=unit,
            lower_minor=-limit if limit else None,
            upper_minor=limit,
            clock=lambda: now_s() - self.back_s,
        )
        made = self.node_type(folder, f"{settings.public_url}#{node}")
        made.back_s = self.back_s
        return made

    def address(self, number: int) -> Address:
        """Give the place of a node on this machine."""
        port = self.base_port + number
        return Address(f"http://127.0.0.1:{port}", "127.0.0.1", port)

    async def close(self) -> None:
        """Stop nodes and server, and remove their files."""
        nodes = [*self.groups.values()]
        if hasattr(self, "umbrella"):
            nodes.append(self.umbrella)
        await asyncio.gather(*(node.stop() for node in nodes))
        await close_server(self.server)
        shutil.rmtree(self.folder, ignore_errors=True)


class WiredWorld(World):
    """The demo's: cables to the groups can break, mails are kept, and figures are public."""

    mail = MailSettings(mode="mailbox")
    publishing = PublishingSettings(pairs="public")

    def __init__(self, server: PostgresServer, folder: Path, base_port: int) -> None:
        """Start with no nodes and no cables."""
        super().__init__(server, folder, base_port)
        self.cables = Cables()

    def address(self, number: int) -> Address:
        """Put the groups behind cables; the umbrella stands in the open."""
        port = self.base_port + number
        behind = port + BEHIND if number else port
        return Address(f"http://127.0.0.1:{port}", "127.0.0.1", behind)

    async def make_group(self, group: Group, number: int) -> None:
        """Lay the cable, then make the group."""
        port = self.base_port + number
        await self.cables.lay(port, port + BEHIND)
        await super().make_group(group, number)

    async def close(self) -> None:
        """Stop everything, and take the cables away."""
        await super().close()
        await self.cables.close()


async def close_server(server: PostgresServer) -> None:
    """Stop the server."""
    await server.stop()


def new_folder() -> Path:
    """Make a folder for one demo."""
    folder = Path(tempfile.mkdtemp(prefix="ruilbrug-demo-"))
    folder.chmod(0o711)  # the server's user passes through; what lies inside is private
    return folder
