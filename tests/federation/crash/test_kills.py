"""SIGKILL of either node and of PostgreSQL while members pay: nothing is lost, nothing doubled.

Chance alone seldom strikes between two durable steps, so each kill is aimed: a proxy keeps the one
message that would carry a payment to its next step, what is held is killed, and the raw tables say
what was durable at that moment. Other payments go on in both directions meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from federation.node.postgres import start_server
from tests.federation.crash.endings import require_agreement
from tests.federation.crash.payments import End, Load, Payment, made_up, until_final
from tests.federation.crash.places import ONE, OTHER, Places, make_places, other_of
from tests.federation.crash.proxy import Hold
from tests.federation.crash.survey import EVENTS, IN_ORDER, Standing, carries, survey

KILLS = int(os.environ.get("RUILBRUG_KILLS", "105"))
MINUTES = float(os.environ.get("RUILBRUG_FAULT_MINUTES", "0"))
pytestmark = pytest.mark.timeout(900 + MINUTES * 150)
PAYERS = 4
LOAD_A_KILL = 3
REACH_S = 10
RECOVERS = {"recovery_init_sync_method": "syncfs"}
"""Before it recovers, PostgreSQL makes all of its folder durable: here at once, in 0.2 s, else file
by file, in 1.5 s."""
VICTIMS = ("payer's node", "payee's node", "PostgreSQL")
HELD = ("prepare", "accept", "commit", "receipt", None)
"""The message that is kept, for each of `IN_ORDER`; none for a payment at its end."""


class Aim(NamedTuple):
    """Kill this when that is durable."""

    at: int
    victim: str


class Trouble:
    """Aims, kills, and takes note of what was durable at each kill."""

    def __init__(self, places: Places, chance: random.Random, load: Load) -> None:
        self.places = places
        self.chance = chance
        self.load = load
        self.kills = 0
        self.by_aim: Counter[tuple[Standing, str]] = Counter()
        self.under_way: Counter[Standing] = Counter()
        self.events: Counter[tuple[str, str]] = Counter()
        self.payers: list[asyncio.Task[End]] = []
        self._next_payer = ONE.key

    async def run(self) -> None:
        """Kill at every aim in turn, in a fresh order each round."""
        stop_at = time.monotonic() + MINUTES * 60
        while self.kills < KILLS or time.monotonic() < stop_at:
            aims = [Aim(at, victim) for at in range(len(IN_ORDER)) for victim in VICTIMS]
            self.chance.shuffle(aims)
            for aim in aims:
                await self._strike(aim)
        self.load.stop()

    async def _strike(self, aim: Aim) -> None:
        """Bring one payment to where it is aimed at, kill, look, and start again."""
        payment = made_up(self.chance, self._next_payer)
        hold = self._hold(payment, HELD[aim.at])
        payer = self.places.groups[payment.payer]
        paid = asyncio.create_task(until_final(payer, payment), name=payment.path)
        self.payers.append(paid)
        try:
            async with asyncio.timeout(REACH_S):
                await (asyncio.shield(paid) if hold is None else hold.reached.wait())
        except TimeoutError:
            pass  # it is killed where it stands, and counted there
        await self._kill(aim, payment, hold)
        self.kills += 1

    def _hold(self, payment: Payment, event: str | None) -> Hold | None:
        if event is None:
            return None
        hold = Hold(lambda message: carries(message, event, payment.path))
        for proxy in self.places.proxies.values():
            proxy.holds.append(hold)
        return hold

    def _let_go(self, hold: Hold | None) -> None:
        if hold is None:
            return
        hold.let_go.set()
        for proxy in self.places.proxies.values():
            proxy.holds.remove(hold)

    async def _kill(self, aim: Aim, payment: Payment, hold: Hold | None) -> None:
        if aim.victim == "PostgreSQL":
            server = self.places.server
            await server.kill()
            self.places.server = await start_server(
                server.directory, socket_directory=server.socket_directory, settings=RECOVERS
            )
            await self._look(aim, payment)
            self._let_go(hold)
            return
        key = payment.payer if aim.victim == "payer's node" else other_of(payment.payer).key
        await self.places.groups[key].kill()
        await self._look(aim, payment)
        self._let_go(hold)
        await self.places.groups[key].start()
        self._next_payer = key  # it has no reason to wait with what it has to say

    async def _look(self, aim: Aim, payment: Payment) -> None:
        """Count what is durable: of the payment aimed at, and of all that are under way."""
        for key in (ONE.key, OTHER.key):
            dsns = [self.places.server.dsn(name) for name in (key, other_of(key).key)]
            for path, found in (await survey(*dsns)).items():
                aimed = path == payment.path
                if aimed:
                    self.by_aim[found, aim.victim] += 1
                if found != IN_ORDER[-1]:
                    self.under_way[found] += 1
                if found != IN_ORDER[-1] or aimed:
                    self.events.update((event, "writer") for event in found.at_writer_only())
                    self.events.update((event, "both") for event in found.on_both())

    def table(self) -> str:
        """Write what was killed when, and what was under way."""
        rows = [
            f"{'durable at the kill, of the payment aimed at':<84}"
            + "".join(f"{victim:>14}" for victim in VICTIMS)
        ]
        for found in (*IN_ORDER, *sorted({f for f, _ in self.by_aim} - set(IN_ORDER), key=str)):
            counts = "".join(f"{self.by_aim[found, victim]:>14}" for victim in VICTIMS)
            rows.append(f"{found!s:<84}{counts}")
        rows.append(f"{'payments under way at a kill, by event':<30}{'writer only':>14}{'both':>8}")
        for event in EVENTS:
            counts = f"{self.events[event, 'writer']:>14}{self.events[event, 'both']:>8}"
            rows.append(f"{event:<30}{counts}")
        return "\n".join(rows)

    def require_every_cell(self) -> None:
        for found in IN_ORDER:
            for victim in VICTIMS:
                assert self.by_aim[found, victim], f"never killed {victim} at {found}"
        for event in EVENTS:
            for where in ("writer", "both"):
                assert self.events[event, where], f"{event} never durable at {where}"


@pytest.mark.told
async def test_kills_lose_and_double_nothing(server_folder: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    places = await make_places(server_folder)
    try:
        await asyncio.wait_for(_pay_and_kill(places, chance), 600 + MINUTES * 120)
    finally:
        print(f"seed {seed}")
        await places.close()


async def _pay_and_kill(places: Places, chance: random.Random) -> None:
    load = Load(places, random.Random(chance.random()))
    trouble = Trouble(places, chance, load)
    started = time.monotonic()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(trouble.run())
        tasks.create_task(
            load.run(
                payers=PAYERS,
                pace=lambda: len(load.ends) < LOAD_A_KILL * (trouble.kills + 1),
            )
        )
    ends = [*load.ends, *await asyncio.gather(*trouble.payers)]

    print(f"\n{trouble.kills} kills in {time.monotonic() - started:.0f} s")
    print(trouble.table())
    print(f"ends of {len(ends)} payments: {dict(Counter(end.answer['state'] for end in ends))}")
    assert trouble.kills >= KILLS
    trouble.require_every_cell()
    await require_agreement(places, ends)
