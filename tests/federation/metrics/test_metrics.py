"""What Prometheus is told: numbers of the node's work, to whoever may ask, and nobody's name."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from federation.group.commands import Note
from federation.metrics.meters import area_of
from federation.node.postgres import PostgresServer, create_node_database, start_server
from federation.node.remembered import LastBackup, remember
from federation.node.settings import NodeFolder, NodeSettings
from federation.umbrella.known_findings import body_of
from schemas.encoding import b64
from schemas.errors import Code, InputError, RefusedError
from schemas.findings import Severity, What, found
from tests.deploy.validators import validator
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.ports import free_port

TOKEN = "a-token-that-is-long-enough"
Sample = tuple[str, tuple[tuple[str, str], ...]]


async def count_at(node: WorldNode, *more: str) -> int:
    """Start a node anew that tells its metrics, and give the port."""
    port = free_port()
    await node.stop()
    file = node.folder.path / "node.toml"
    table = [f"listen_port = {port}", *more]
    file.write_text("\n".join([file.read_text(), "[metrics]", *table, ""]))
    await node.start()
    return port


async def scrape(port: int, token: str = "") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics", headers=headers) as response,
    ):
        return response.status, await response.text()


def samples(text: str) -> dict[Sample, float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    return samples(text)[f"ruilbrug_{name}", tuple(sorted(labels.items()))]


async def ask(node: WorldNode, path: str) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{node.node.settings.public_url}{path}") as response,
    ):
        return response.status


async def test_the_work_of_a_node_is_counted(world: World) -> None:
    a, b = await world.pair()
    port = await count_at(a)
    for _ in range(3):
        await a.ask("pay", payer="001", payee="002", amount_minor=1)
    with pytest.raises(RefusedError):
        await a.ask("pay", payer="001", payee="001", amount_minor=1)
    assert [await ask(a, "/healthz"), await ask(a, "/nowhere")] == [200, 404]
    remember(a.folder, LastBackup(made_at_s=1000, size=3, bytes_count=9, file="x"))

    status, text = await scrape(port)

    assert status == 200
    assert value(text, "log_events") == a.node.sequencer.size
    assert value(text, "mode", mode="open") == 1
    assert value(text, "mode", mode="read_only") == 0
    assert value(text, "database_up") == 1
    assert value(text, "migrations") > 20
    assert value(text, "backup_timestamp_seconds") == 1000
    assert value(text, "lines", state="open") == 1
    assert value(text, "mails", state="given_up") == 0
    assert value(text, "requests_total", area="health", status="2xx") == 1
    assert value(text, "requests_total", area="pages", status="4xx") == 1
    assert value(text, "request_seconds_count", area="health") == 1
    assert value(text, "batch_events_count") == value(text, "batch_seconds_count") >= 3
    assert value(text, "batch_events_sum") >= 3
    (refused,) = (labels for name, labels in samples(text) if name == "ruilbrug_refusals_total")
    assert dict(refused).keys() == {"code"}
    assert b.node.sequencer.size > 0


async def test_what_a_partner_that_is_away_has_not_got_is_told_with_its_age(world: World) -> None:
    a, b = await world.pair()
    port = await count_at(a)
    line = lines(a)[0].line
    await eventually(lambda: a.node.outbox.delivery(line).acknowledged_n == lines(a)[0].out_n)
    assert value((await scrape(port))[1], "line_unsent_events", group="beta") == 0
    port = await count_again(a)
    await eventually(lambda: a.node.outbox.delivery(line).acknowledged_n == lines(a)[0].out_n)
    await b.stop()
    await a.ask("line.freeze", group="beta", reason="coordinator")

    text = (await scrape(port))[1]

    assert value(text, "line_unsent_events", group="beta") >= 1
    made_at_s = value(text, "line_oldest_unsent_timestamp_seconds", group="beta")
    assert 0 <= a.node.outbox.now_s() - made_at_s < 60
    assert value(text, "lines", state="paused") == 1
    await b.start()


async def count_again(node: WorldNode) -> int:
    """Start a node anew: nothing that was told before is told again."""
    await node.stop()
    await node.start()
    return node.node.settings.metrics.listen_port


async def test_the_umbrella_tells_how_far_it_follows(world: World) -> None:
    umbrella, _, _ = await world.federation()
    port = await count_at(umbrella)
    await umbrella.ask("audit.report", full=True, signatures=True)
    finding = found(What.TIME_BACK, "a" * 52, seq=7)
    await umbrella.node.do(Note(b64(finding.id()), body_of(finding, at_s=1)))

    text = (await scrape(port))[1]

    assert value(text, "mirror_lag_events", group="alfa") >= 0
    assert value(text, "mirror_pulled_timestamp_seconds", group="beta") > 0
    assert value(text, "flow_aside_events", group="alfa") == 0
    assert value(text, "flow_stopped", group="beta") == 0
    assert value(text, "findings", severity=Severity.ALARM) == 1
    assert value(text, "full_audit_timestamp_seconds") > 0
    assert value(text, "full_audit_agrees") == 1
    assert value(text, "node", role="umbrella", version="checkout") == 1


async def test_nobody_is_named(world: World) -> None:
    node = await world.make("alfa", 20)
    await node.ask("member.add", code="planted7", name="Geplante Naam")
    await node.ask("member.add", code="002", name="Andere")
    port = await count_at(node)
    await node.ask("pay", payer="planted7", payee="002", amount_minor=1, description="geplant")
    await ask(node, "/members/planted7?q=geplant")

    text = (await scrape(port))[1].lower()

    assert "planted7" not in text
    assert "gepl" not in text


async def test_the_text_is_what_prometheus_would_have_it_be(world: World) -> None:
    a, _ = await world.pair()
    _, text = await scrape(await count_at(a))

    assert await asyncio.to_thread(lint, text) == (0, "")


def lint(text: str) -> tuple[int, str]:
    command = [validator("promtool"), "check", "metrics"]
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    return done.returncode, done.stdout + done.stderr


async def test_a_token_is_asked_for_when_there_is_one(world: World) -> None:
    node = await world.make("alfa", 20)
    (node.folder.path / "metrics.token").write_text(f"{TOKEN}\n")
    port = await count_at(node, 'token_file = "metrics.token"')

    answers = [(await scrape(port, token))[0] for token in ("", "another", TOKEN)]

    assert answers == [401, 401, 200]


@pytest.mark.parametrize(
    ("table", "field"),
    [
        (('listen_host = "0.0.0.0"',), "metrics.listen_host"),
        (('token_file = "nowhere"',), "metrics.token_file"),
        (('token_file = "short"',), "metrics.token_file"),
    ],
)
async def test_what_strangers_could_read_keeps_a_node_from_starting(
    world: World, table: tuple[str, ...], field: str
) -> None:
    node = await world.make("alfa", 20)
    (node.folder.path / "short").write_text("short")

    with pytest.raises(InputError) as refused:
        await count_at(node, *table)

    assert (refused.value.code, refused.value.facts["field"]) == (Code.MALFORMED, field)


async def test_a_port_that_is_taken_is_named(world: World) -> None:
    a = await world.make("alfa", 20)
    b = await world.make("beta", 20)
    await b.stop()
    file = b.folder.path / "node.toml"
    file.write_text(f"{file.read_text()}\n[metrics]\nlisten_port = {a.node.settings.listen_port}\n")

    with pytest.raises(InputError) as refused:
        await b.start()

    assert refused.value.code is Code.PORT_UNUSABLE
    assert refused.value.facts["field"] == "metrics.listen_port"


async def test_without_a_port_nothing_is_counted(world: World) -> None:
    node = await world.make("alfa", 20)

    assert node.node.sequencer.batch_finished is None
    assert await ask(node, "/metrics") == 404


@pytest.fixture
async def server(server_folder: Path) -> AsyncIterator[PostgresServer]:
    started = await start_server(server_folder / "data")
    yield started
    await started.stop()


async def test_a_database_that_is_away_is_a_fact(
    tmp_path: Path, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = iter([await create_node_database(server, "alfa")])
    world = World(tmp_path, lambda: next(made))
    node = await world.make("alfa", 20)
    port = await count_at(node)
    monkeypatch.setattr("federation.node.patience.ANSWER_WITHIN_S", 0.3)
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    pids = [server.pid, *map(int, children)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        status, text = await scrape(port)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    await world.close()

    assert status == 200
    assert value(text, "database_up") == 0
    assert value(text, "log_events") > 0
    assert "ruilbrug_migrations" not in text


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/federation/v1/keys", "federation"),
        ("/log/checkpoint", "log"),
        ("/api/v1/", "api"),
        ("/readyz", "health"),
        ("/home", "pages"),
        ("/", "pages"),
        ("*", "pages"),
    ],
)
def test_each_path_belongs_to_one_part_of_the_node(path: str, area: str) -> None:
    assert area_of(path) == area


def test_settings_are_written_as_they_are_read(tmp_path: Path) -> None:
    from federation.node.settings import MetricsSettings

    said = NodeSettings(
        name="n",
        public_url="https://n.example",
        listen_port=1,
        database="d",
        metrics=MetricsSettings(listen_port=9100),
    )
    NodeFolder(tmp_path).write_settings(said)

    assert NodeFolder(tmp_path).settings() == said
