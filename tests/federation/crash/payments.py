"""Payments in both directions that are asked for again until each has an end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import aiohttp
import pytest

from deploy.demo.world import NodeProcess
from schemas.encoding import b64
from schemas.errors import Code, RuilbrugError
from tests.federation.crash.places import MEMBERS, ONE, OTHER, Places, other_of

FINAL = frozenset({"settled", "refused", "cancelled", "expired", "confirmed"})
GOOD = frozenset({"settled", "confirmed"})
PAUSE_S = 0.1
END_S = 150


class Payment(NamedTuple):
    """One payment: the key of the payer's group, and what its node is asked."""

    payer: str
    arguments: dict[str, Any]

    @property
    def path(self) -> str:
        return str(self.arguments["key"])


class End(NamedTuple):
    """How a payment ended at the payer's node."""

    payment: Payment
    answer: dict[str, Any]

    @property
    def settled(self) -> bool:
        return self.answer["state"] in GOOD


def made_up(chance: random.Random, payer: str | None = None) -> Payment:
    """Make up a payment between two members, from a group or from either, of an hour at most.

    Amounts are in the payee's unit; the line goes to neither side, however many there are.
    """
    key = payer or chance.choice((ONE.key, OTHER.key))
    payee = other_of(key)
    arguments = {
        "payer": f"{chance.randrange(MEMBERS):03}",
        "payee": f"{chance.randrange(MEMBERS):03}",
        "amount_minor": chance.randint(1, payee.per_hour),
        "group": payee.name,
        "key": b64(chance.randbytes(16)),
        "wait_s": 1,
    }
    return Payment(key, arguments)


async def until_final(node: NodeProcess, payment: Payment) -> End:
    """Ask again with the same id until the payment has an end."""
    loop = asyncio.get_running_loop()
    stop_at, last = loop.time() + END_S, ""
    while loop.time() < stop_at:
        try:
            answer: dict[str, Any] = await node.ask("pay", **payment.arguments)
        except (OSError, RuilbrugError, TimeoutError, aiohttp.ClientError) as error:
            code = getattr(error, "code", None)
            assert code not in (Code.CONFLICT, Code.PAYER_LIMIT, Code.INTERNAL)
            last = repr(error)
        else:
            last = str(answer)
            if answer["state"] in FINAL:
                return End(payment, answer)
        await asyncio.sleep(PAUSE_S)
    pytest.fail(f"a payment had no end: {payment}; {last}; {await node.ask('line.list')}")


class Load:
    """Some payers that pay one payment after the other, both ways, until told to stop."""

    def __init__(self, places: Places, chance: random.Random) -> None:
        self.ends: list[End] = []
        self._places = places
        self._chance = chance
        self._stopped = False

    def stop(self) -> None:
        self._stopped = True

    async def run(self, *, payers: int, pace: Callable[[], bool] = lambda: True) -> None:
        """Pay with so many at once; nobody starts a payment while `pace` says no."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(payers):
                tasks.create_task(self._pay(pace))

    async def _pay(self, pace: Callable[[], bool]) -> None:
        while not self._stopped:
            if not pace():
                await asyncio.sleep(PAUSE_S)
                continue
            payment = made_up(self._chance)
            self.ends.append(await until_final(self._places.groups[payment.payer], payment))
