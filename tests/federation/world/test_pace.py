"""A node that is asked too much says so, and its partner waits: nothing is lost, nobody accused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from structlog.testing import capture_logs

from federation.node.settings import NodeFolder, NodeLimits, NodeSettings
from schemas.errors import Code, InputError
from tests.federation.world.conftest import World, eventually, lines

if TYPE_CHECKING:
    from pathlib import Path

NARROW = NodeLimits(partner_requests_per_s=2, partner_requests_at_once=130)
FEW = NodeLimits(stranger_requests_per_s=1, stranger_requests_at_once=5)
MANY = 200


async def test_partner_that_is_told_to_wait_waits_and_everything_settles(world: World) -> None:
    a = await world.make("alfa", 20)
    b = await world.make("beta", 60, limits=NARROW)
    await world.link(a, b)
    for node in (a, b):
        await world.add_members(node)
    node_id, path = b.node.id, "/federation/v1/nothing"
    url = b.node.settings.public_url
    payment = {"payer": "001", "payee": "002", "amount_minor": 3, "group": "beta"}
    await a.ask("pay", **payment)

    with capture_logs() as logs:
        spent = [a.node.client.get(node_id, url, path) for _ in range(MANY)]
        told = await asyncio.gather(*spent, return_exceptions=True)
        trade = await a.ask("pay", **payment, wait_s=0)
        await eventually(lambda: a.node.outbox.delivery(lines(a)[0].line).not_before_s > 0)
        await eventually(lambda: lines(b)[0].credited_units == 2 * trade["line_units"])

    codes = {getattr(answer, "code", None) for answer in told}
    assert codes == {Code.NOT_FOUND, Code.RATE_LIMITED}
    assert "exchange_refused" not in {entry["event"] for entry in logs}
    for node in (a, b):
        line = lines(node)[0]
        assert line.open()
        assert not line.faults.count
        assert [line.quarantined, line.own_frozen, line.their_frozen] == ["", "", ""]


async def test_stranger_who_asks_too_much_holds_up_no_partner(world: World) -> None:
    a = await world.make("alfa", 20)
    b = await world.make("beta", 60, limits=FEW)
    await world.link(a, b)
    for node in (a, b):
        await world.add_members(node)
    url = b.node.settings.public_url + "/federation/v1/about"

    elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
    timeout = aiohttp.ClientTimeout(10)
    async with aiohttp.ClientSession(connector=elsewhere, timeout=timeout) as session:
        answers = []
        for _ in range(20):
            async with session.get(url) as answer:
                answers.append((answer.status, "retry-after" in answer.headers))

    assert set(answers[:2] + answers[-2:]) == {(200, False), (429, True)}
    trades = [
        await a.ask("pay", payer="001", payee="002", amount_minor=3, group="beta") for _ in range(3)
    ]
    assert [trade["state"] for trade in trades] == ["settled"] * 3


def test_limits_are_read_from_the_settings_as_they_were_written(tmp_path: Path) -> None:
    folder = NodeFolder(tmp_path)
    settings = NodeSettings(
        name="alfa",
        public_url="https://alfa.example",
        listen_port=8080,
        database="postgresql://",
        limits=NodeLimits(partner_requests_per_s=7, address_header="X-Real-IP"),
    )
    folder.write_settings(settings)

    assert folder.settings() == settings
    said = (tmp_path / "node.toml").read_text()
    (tmp_path / "node.toml").write_text(said.replace("_per_s = 7", "_per_s = 201"))
    with pytest.raises(InputError, match="partner_requests_per_s"):
        folder.settings()
