"""The compose file is one, its containers may do little, and what they are made of is there."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Final

import asyncpg
import pytest
from aiohttp import web

from federation.node.init import init_node
from federation.node.postgres import PostgresServer, start_server
from federation.node.service import running_node
from federation.node.settings import NodeFolder, NodeSettings
from schemas.amounts import Rate, Unit
from tests.deploy.validators import DEPLOY, judge, validator
from tests.ports import free_port

COMPOSE: Final = DEPLOY / "compose"
CONTAINERFILE: Final = (COMPOSE / "Containerfile").read_text()
TIGHT: Final = (
    "cap_drop:\n    - ALL\n",
    "no-new-privileges:true",
    "read_only: true",
    "mem_limit: ",
    "pids_limit: ",
)


def config(file: Path) -> tuple[int, str]:
    return judge(validator("docker-compose"), "-f", file, "config", folder=file.parent)


def services() -> dict[str, str]:
    """Give what compose makes of each service, as text."""
    code, said = config(COMPOSE / "compose.yaml")
    assert code == 0, said
    body = said.partition("services:\n")[2].partition("\nversion:")[0]
    parts = re.split(r"^  (\w+):\n", body, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_compose_takes_the_file() -> None:
    assert services().keys() == {"node", "database"}


def test_a_word_that_compose_does_not_know_is_told(tmp_path: Path) -> None:
    said = (COMPOSE / "compose.yaml").read_text()
    (tmp_path / "compose.yaml").write_text(said.replace("read_only:", "reads_only:", 1))

    assert config(tmp_path / "compose.yaml")[0] != 0


@pytest.mark.parametrize("service", ["node", "database"])
def test_a_container_may_do_little(service: str) -> None:
    said = services()[service]

    assert not [wanted for wanted in TIGHT if wanted not in said]
    assert "privileged: true" not in said


def test_the_database_is_on_no_network_and_the_node_on_this_machine_only() -> None:
    said = services()

    assert "network_mode: none" in said["database"]
    assert "ports:" not in said["database"]
    ports = re.findall(r"^    - (.*:8080/tcp)$", said["node"], re.MULTILINE)
    assert ports == ["127.0.0.1:8080:8080/tcp"]


def test_what_is_mounted_is_in_the_package() -> None:
    mounted = re.findall(rf"{re.escape(str(DEPLOY))}/(\S+):/", services()["database"])

    assert {"compose/roles.sql", "postgresql/ruilbrug.conf"} <= set(mounted)
    assert all((DEPLOY / path).is_file() for path in mounted)


def test_the_image_runs_as_nobody_s_root_with_files_of_the_package() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) /package/$", CONTAINERFILE, re.MULTILINE)

    assert copied == ["SHA256SUMS requirements.txt ruilbrug-*.whl"]
    final = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert final.index("\nUSER ") < final.index("\nENTRYPOINT ")
    assert "--require-hashes" in CONTAINERFILE
    assert "ADD " not in CONTAINERFILE


def health_command(port: int) -> list[str]:
    found = re.search(r"^HEALTHCHECK .*\\\n    CMD (\[.*\])$", CONTAINERFILE, re.MULTILINE)
    assert found is not None
    command: list[str] = json.loads(found[1])
    assert command[0] == "/opt/ruilbrug/bin/python"
    return [sys.executable, *(part.replace(":8080/", f":{port}/") for part in command[1:])]


async def test_the_health_check_sees_whether_a_node_answers() -> None:
    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    port = free_port()
    away = await asyncio.to_thread(judge, *health_command(port))
    app = web.Application()
    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    there = await asyncio.to_thread(judge, *health_command(port))
    await runner.cleanup()

    assert (away[0], there[0]) == (1, 0)


async def make_roles(server: PostgresServer) -> None:
    connection = await asyncpg.connect(server.dsn())
    said = re.sub(r"--.*", "", (COMPOSE / "roles.sql").read_text())
    for statement in said.split(";"):
        if statement.strip():
            await connection.execute(statement)
    await connection.close()


async def test_a_node_lives_in_the_database_that_the_container_makes(
    tmp_path: Path, server_folder: Path
) -> None:
    server = await start_server(server_folder / "data")
    try:
        await make_roles(server)
        folder = NodeFolder(tmp_path / "node")
        settings = NodeSettings(
            name="LETS Voorbeeld",
            public_url="http://127.0.0.1:1",
            listen_port=1,
            database=server.dsn("ruilbrug", user="ruilbrug_node"),
            database_owner=server.dsn("ruilbrug", user="ruilbrug_owner"),
            allow_private_addresses=True,
        )
        unit = Unit(singular="polleke", plural="pollekes", rate=Rate(20, 0))
        made = await init_node(folder, settings, unit=unit)
        async with running_node(folder) as node:
            assert node.id == made
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await node.pool.execute("DELETE FROM log_event")
    finally:
        await server.stop()
