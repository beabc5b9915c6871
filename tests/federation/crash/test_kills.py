"""SIGKILL of either node and of PostgreSQL while members pay: nothing is lost, nothing doubled."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.world import GROUPS, NodeProcess, World
from federation.node.postgres import PostgresServer, start_server
from federation.node.verify import verify_log
from schemas.encoding import b64
from schemas.errors import Code, RuilbrugError
from tests.independent import judge

KILLS = int(os.environ.get("RUILBRUG_KILLS", "30"))
PAYMENTS = 200
PAYERS = 8
FINAL = {"settled", "refused", "cancelled", "expired"}
PAUSE_S = 0.1
SETTLE_S = 120
MEMBERS = 6
ONE, OTHER = GROUPS[0], GROUPS[2]


class Trouble:
    """Kills at random moments, and takes note of what the payments were doing then."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.killed: Counter[str] = Counter()
        self.during: Counter[str] = Counter()

    async def run(self) -> None:
        for at in range(KILLS):
            await asyncio.sleep(self.chance.uniform(0.2, 1.2))
            victim = (ONE.key, OTHER.key, "postgres")[at % 3]
            await self._kill(victim)
            self.killed[victim] += 1

    async def _kill(self, victim: str) -> None:
        if victim != "postgres":
            await self.world.groups[victim].kill()
            await self._look()
            await self.world.groups[victim].start()
            return
        server = self.world.server
        await server.kill()
        self.world.server = await start_server(
            server.directory, socket_directory=server.socket_directory
        )
        await self._look()

    async def _look(self) -> None:
        """Count the payments by the last durable event of each, on both sides."""
        for group in (ONE, OTHER):
            facts = await judge.read_log(self.world.server.dsn(group.key))
            for phase in facts.phases.values():
                self.during[f"{phase}"] += 1


async def pay_until_final(
    node: NodeProcess, payment: dict[str, Any], stop_at: float
) -> dict[str, Any]:
    """Ask again with the same id until the payment has an end."""
    loop = asyncio.get_running_loop()
    while loop.time() < stop_at:
        try:
            answer: dict[str, Any] = await node.ask("pay", **payment)
        except (OSError, RuilbrugError, TimeoutError) as error:
            code = getattr(error, "code", None)
            assert code is not Code.CONFLICT
            assert code is not Code.PAYER_LIMIT
        except Exception as error:  # noqa: BLE001 - a connection that breaks in any way
            assert "Server" in type(error).__name__ or "Client" in type(error).__name__
        else:
            if answer["state"] in FINAL:
                return answer
        await asyncio.sleep(PAUSE_S)
    pytest.fail(f"a payment had no end: {payment}")


@pytest.fixture
def base_port() -> int:
    """Give three free ports in a row, below those that connections are given."""
    chance = random.SystemRandom()
    while True:
        base = chance.randrange(18_000, 30_000)
        try:
            for port in range(base, base + 3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base


async def any_line(node: NodeProcess, name: str, *, value: object) -> bool:
    return any(line[name] == value for line in await node.ask("line.list"))


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait, bounded, for another process."""
    async with asyncio.timeout(30):
        while not await holds():  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(PAUSE_S)


async def make_world(folder: Path, base_port: int) -> World:
    server: PostgresServer = await start_server(folder / "postgres")
    world = World(server, folder, base_port)
    await world.make_umbrella()
    for at, group in enumerate((ONE, OTHER)):
        await world.make_group(group, at + 1)
        await world.umbrella.ask("audit.admit", invitation=world.groups[group.key].invitation)
    one, other = world.groups[ONE.key], world.groups[OTHER.key]
    await one.ask("line.propose", group=OTHER.name, grants_units=360_000_000)
    await until(lambda: any_line(other, "waits_for_us", value=True))
    await other.ask("line.accept", group=ONE.name)
    await until(lambda: any_line(one, "state", value="open"))
    for node in (one, other):
        for number in range(MEMBERS):
            await node.ask(
                "member.add",
                code=f"{number:03}",
                name="Lid",
                lower_minor=-1_000_000,
                upper_minor=1_000_000,
            )
    return world


def made_up_payments(chance: random.Random) -> list[tuple[str, dict[str, Any]]]:
    payments = []
    for at in range(PAYMENTS):
        payer, payee = (ONE, OTHER) if at % 2 else (OTHER, ONE)
        payment = {
            "payer": f"{chance.randrange(MEMBERS):03}",
            "payee": f"{chance.randrange(MEMBERS):03}",
            "amount_minor": chance.randint(1, 20),
            "group": payee.name,
            "key": b64(chance.randbytes(16)),
            "wait_s": 2,
        }
        payments.append((payer.key, payment))
    return payments


async def test_kills_lose_and_double_nothing(server_folder: Path, base_port: int) -> None:
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    print(f"seed {seed}")
    world = await make_world(server_folder, base_port)
    try:
        await asyncio.wait_for(_pay_and_kill(world, chance), 600)
    finally:
        await world.close()


async def _pay_and_kill(world: World, chance: random.Random) -> None:
    trouble = Trouble(world, chance)
    waiting = made_up_payments(chance)
    done: list[tuple[str, dict[str, Any]]] = []
    loop = asyncio.get_running_loop()

    async def payer() -> None:
        while waiting:
            killed = sum(trouble.killed.values())
            if len(done) * KILLS > PAYMENTS * (killed + 1):
                await asyncio.sleep(PAUSE_S)  # spread the payments over the kills
                continue
            key, payment = waiting.pop()
            answer = await pay_until_final(world.groups[key], payment, loop.time() + 150)
            done.append((key, answer))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(trouble.run())
        for _ in range(PAYERS):
            tasks.create_task(payer())
    report = await _settled_report(world)

    print(f"kills: {dict(trouble.killed)}; payments by last durable event: {dict(trouble.during)}")
    print(f"ends: {dict(Counter(answer['state'] for _, answer in done))}")
    assert sum(trouble.killed.values()) == KILLS
    assert report["findings"] == []
    logs = {group.key: await judge.read_log(world.server.dsn(group.key)) for group in (ONE, OTHER)}
    judge.compare(logs[ONE.key], logs[OTHER.key])
    for key, answer in done:
        other = OTHER.key if key == ONE.key else ONE.key
        acknowledged = answer["state"] == "settled"
        assert logs[key].committed_paths[answer["path"]] == acknowledged
        assert logs[other].credited_paths[answer["path"]] == acknowledged
    for group in (ONE, OTHER):
        result = await verify_log(world.groups[group.key].folder)
        assert result.findings == []


async def _settled_report(world: World) -> dict[str, Any]:
    async with asyncio.timeout(SETTLE_S):
        while True:
            report: dict[str, Any] = (await world.umbrella.ask("audit.report"))["report"]
            if report["findings"] or all(line["matched"] for line in report["lines"]):
                return report
            await asyncio.sleep(PAUSE_S)
