"""Many groups in one process: none opens another's, and none goes down with another."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from federation.host.hosted import State
from federation.members import projector
from federation.node.control import call_socket
from federation.node.database import NODE_LOCK, reached
from federation.node.service import now_s
from federation.node.use_cases import account_by_code
from federation.web.sessions import begin_session, cookie_name
from schemas.errors import Code, InputError, StorageError
from tests.federation.host.conftest import House, taken_port
from tests.federation.world.conftest import eventually
from tests.ports import free_port


async def test_each_request_goes_to_the_group_that_it_names(house: House) -> None:
    await house.make("alfa")
    await house.make("beta")
    await house.start()

    for name in ("alfa", "beta"):
        status, text = await house.get("/federation/v1/about", f"{name}.EXAMPLE.:{house.port}")
        assert (status, json.loads(text)["name"]) == (200, name)
    for nobody in ("gamma.example", "127.0.0.1", f"alfa.example.evil:{house.port}", "", "alfa"):
        assert (await house.get("/federation/v1/about", nobody))[0] == 421


async def test_a_connection_that_serves_many_groups_mixes_nothing_up(house: House) -> None:
    await house.make("alfa")
    await house.make("beta")
    await house.start()
    names = ["alfa", "beta", "alfa", "gamma", "beta"]

    said = "".join(
        f"GET /federation/v1/about HTTP/1.1\r\nHost: {name}.example:{house.port}\r\n"
        + ("Connection: close\r\n" if at == len(names) - 1 else "")
        + "\r\n"
        for at, name in enumerate(names)
    )
    answer = (await house.raw(said.encode())).decode()

    assert [answer.count(f'"name":"{name}"') for name in ("alfa", "beta")] == [2, 2]
    assert answer.count(" 421 ") == 1


@pytest.mark.parametrize(
    "head",
    [
        "GET http://beta.example:{port}/federation/v1/about HTTP/1.1\r\nHost: alfa.example:{port}",
        "GET /healthz HTTP/1.1\r\nHost: alfa.example:{port}\r\nHost: beta.example:{port}",
        "GET /federation/v1/about HTTP/1.0",
    ],
)
async def test_a_request_that_names_two_groups_or_none_reaches_neither(
    house: House, head: str
) -> None:
    await house.make("alfa")
    await house.make("beta")
    await house.start()

    said = head.format(port=house.port) + "\r\nConnection: close\r\n\r\n"
    answer = await house.raw(said.encode())

    assert answer.split(b" ")[1] in {b"400", b"421"}
    assert b'"name"' not in answer


async def test_a_token_of_one_group_opens_nothing_of_another(house: House) -> None:
    await house.make("alfa")
    await house.make("beta")
    await house.start()
    for name in ("alfa", "beta"):
        await house.ask(name, "member.add", code="001", name=f"Lid van {name}")
    token = (await house.ask("alfa", "token.new", name="x", role="member", account="001"))["secret"]

    answers = [
        await house.get(
            "/api/v1/accounts/001", f"{name}.example:{house.port}", Authorization=f"Bearer {token}"
        )
        for name in ("alfa", "beta")
    ]

    assert [status for status, _ in answers] == [200, 401]
    assert "beta" not in answers[0][1]


async def test_a_session_of_one_group_opens_no_page_of_another(house: House) -> None:
    await house.make("alfa")
    await house.make("beta")
    await house.start()
    for name in ("alfa", "beta"):
        await house.ask(name, "member.add", code="001", name=f"Lid van {name}")
    alfa = house.node("alfa")
    account = account_by_code(alfa, "001").account
    await projector.reached(alfa, alfa.sequencer.size - 1)
    token = await begin_session(alfa, (account, 0), "telefoon", now_s=now_s())
    cookies = "; ".join(f"{cookie_name(house.node(n))}={token}" for n in ("alfa", "beta"))

    answers = [
        await house.get("/statement", f"{name}.example:{house.port}", Cookie=cookies)
        for name in ("alfa", "beta")
    ]

    assert [status for status, _ in answers] == [200, 303]
    assert "Lid van" not in answers[1][1]


def elsewhere(dsn: str) -> str:
    """Give the address of a database that is not there."""
    return re.sub(r"/t\d+\b", "/nowhere", dsn)


async def test_a_broken_group_is_told_and_stops_no_other(house: House) -> None:
    await house.make("good")
    keyless = await house.make("keyless")
    shutil.rmtree(keyless.keys)
    unread = await house.make("unread")
    (unread.path / "node.toml").write_text("name = ")
    gone, other = await house.make("gone"), await house.make("other")
    file = gone.path / "node.toml"
    settings = gone.settings()
    file.write_text(file.read_text().replace(settings.database, elsewhere(settings.database)))
    file = other.path / "node.toml"
    own, good = other.settings(), house.folder.groups()["good"].settings()
    text = file.read_text().replace(own.database_owner, good.database_owner)
    file.write_text(text.replace(own.database, good.database))
    await house.make("twin", host="good.example")

    await house.start()

    states = {name: group.state for name, group in house.host.groups.items()}
    reasons = {name: group.reason for name, group in house.host.groups.items()}
    assert states.pop("good") is State.RUNNING, reasons
    assert set(states.values()) == {State.FAILED}
    assert reasons["keyless"].startswith("bad_key")
    assert reasons["unread"].startswith("malformed")
    assert "good has this address" in reasons["twin"]
    assert reasons["gone"].startswith("database_unavailable")
    assert reasons["other"].startswith(("node_runs", "bad_key", "node_missing", "conflict"))
    assert (await house.get("/readyz", f"good.example:{house.port}"))[0] == 200


async def test_a_group_that_fails_is_started_again_alone(house: House) -> None:
    await house.make("alfa")
    await house.make("beta")
    await house.start()
    beta, alfa = house.node("beta"), house.node("alfa")
    connection = await reached(house.group("alfa").folder.settings().database)

    await connection.execute("UPDATE log_state SET epoch = epoch + 1, writer = '\\x00'")
    await connection.close()
    with pytest.raises(StorageError):
        await house.ask("alfa", "member.add", code="001", name="Lid")
    await house.until(lambda: house.group("alfa").failures == 1)

    status, text = await house.get("/readyz", f"alfa.example:{house.port}")
    assert (status, "zo terug" in text) == (503, True)
    await house.until(lambda: house.group("alfa").state is State.RUNNING)
    assert house.node("alfa") is not alfa
    assert house.node("beta") is beta
    await house.ask("alfa", "member.add", code="001", name="Lid")


async def test_one_group_is_stopped_for_work_on_it_and_started_again(house: House) -> None:
    folder = await house.make("alfa")
    await house.make("beta")
    await house.start()

    answer = await call_socket(house.folder.socket, "stop", {"group": "alfa"})

    assert [group["state"] for group in answer["groups"]] == ["stopped", "running"]
    assert not folder.socket.exists()
    connection = await asyncpg.connect(folder.settings().database)
    free = await connection.fetchval("SELECT pg_try_advisory_lock($1)", NODE_LOCK)
    await connection.close()
    assert free
    assert (await house.get("/readyz", f"alfa.example:{house.port}"))[0] == 503
    assert (await house.get("/readyz", f"beta.example:{house.port}"))[0] == 200
    await house.told("start", group="alfa")
    await house.until(lambda: house.group("alfa").state is State.RUNNING)
    with pytest.raises(InputError) as refused:
        await house.told("stop", group="nobody")
    assert refused.value.code is Code.NODE_MISSING
    with pytest.raises(InputError):
        await house.told("explode", group="alfa")


async def test_groups_come_and_go_while_the_host_runs(house: House) -> None:
    await house.make("alfa")
    await house.start()
    folder = await house.make("beta")

    assert await house.told("reload") == {"changed": ["beta"]}
    await house.until(lambda: house.group("beta").state is State.RUNNING)
    (folder.path / "node.toml").rename(folder.path / "node.old")
    assert await house.told("reload") == {"changed": ["beta"]}

    assert set(house.host.groups) == {"alfa"}
    assert (await house.get("/readyz", f"beta.example:{house.port}"))[0] == 421


async def test_two_groups_of_one_host_trade_over_its_address(house: House) -> None:
    await house.make("alfa", host="127.0.0.1")
    await house.make("beta", host="localhost")
    await house.start()
    for name, other in (("alfa", "beta"), ("beta", "alfa")):
        await house.ask(name, "member.add", code="001", name="Lid")
        await house.ask(name, "line.invite", invitation=house.invitations[other])
    await house.ask("alfa", "line.propose", group="beta")
    lines = house.node("beta").machine.books.lines
    await eventually(lambda: any(line.their_proposal for line in lines.values()))
    shown = await house.ask("beta", "line.show", group="alfa")
    terms = shown["proposed"]["terms"]
    await house.ask("beta", "line.accept", group="alfa", terms=terms)
    own = house.node("alfa").machine.books.lines
    await eventually(lambda: any(line.open() for line in own.values()))

    paid = await house.ask(
        "alfa", "pay", payer="001", payee="001", amount_minor=4, group="beta", wait_s=10
    )

    assert paid["state"] == "settled"


async def test_connections_stay_within_what_the_host_may_have(house: House) -> None:
    names = ["alfa", "beta", "gamma"]
    for name in names:
        await house.make(name)
    house.say("connections_max = 9", "starts_at_once = 1")
    await house.start()
    assert house.host.connections.most == 4

    for _ in range(5):
        for name in names:
            status, _ = await house.get("/login", f"{name}.example:{house.port}")
            assert status == 200
            assert await house.node(name).pool.fetchval("SELECT 1") == 1
            assert await house.node(name).finder.fetchval("SELECT 1") == 1
            assert house.host.connections.open <= 4


async def test_every_group_is_counted_under_its_name(house: House) -> None:
    port = free_port()
    house.say("[metrics]", f"listen_port = {port}")
    for name in ("alfa", "beta"):
        await house.make(name)
    broken = await house.make("broken")
    shutil.rmtree(broken.keys)
    await house.start()
    await house.get("/healthz", f"alfa.example:{house.port}")

    house.port = port
    status, text = await house.get("/metrics", "127.0.0.1")

    assert status == 200
    found = {
        (sample.name, sample.labels.get("node")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert [found["ruilbrug_hosted_up", name] for name in ("alfa", "beta", "broken")] == [1, 1, 0]
    assert found["ruilbrug_log_events", "alfa"] == house.node("alfa").sequencer.size
    assert found["ruilbrug_requests_total", "alfa"] == 1
    assert ("ruilbrug_requests_total", "beta") not in found
    assert text.count("# TYPE ruilbrug_log_events ") == 1
    assert found["process_resident_memory_bytes", None] > 0


async def test_what_is_logged_names_the_group(house: House) -> None:
    lines: list[MutableMapping[str, Any]] = []

    def keep(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> str:
        lines.append(event)
        raise structlog.DropEvent

    structlog.configure(processors=[structlog.contextvars.merge_contextvars, keep])
    await house.make("alfa")
    await house.make("beta")
    await house.start()

    ready = [line for line in lines if line["event"] == "node_ready" and "hosted" in line]
    assert sorted(str(line["hosted"]) for line in ready) == ["alfa", "beta"]


async def test_a_port_that_is_taken_is_told(house: House, tmp_path: Path) -> None:
    with taken_port() as taken:
        (tmp_path / "host.toml").write_text(f"listen_port = {taken.getsockname()[1]}\n")
        with pytest.raises(BaseExceptionGroup) as refused:
            await house.start()
    assert refused.group_contains(InputError)
