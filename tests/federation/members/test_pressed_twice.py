"""A button that is pressed again before the page knows of the first time books once."""

from __future__ import annotations

from typing import Any

import pytest

from federation.members import agreed
from federation.members.acting import actor
from federation.members.reader import Reader
from federation.members.thread_views import load
from tests.federation.members.test_agreement import arrived, pseudonym
from tests.federation.world.conftest import World


@pytest.mark.parametrize("gives", [True, False])
async def test_two_windows_that_saw_nothing_booked_book_one_trade(
    world: World, monkeypatch: pytest.MonkeyPatch, *, gives: bool
) -> None:
    a, b = await world.pair()
    marc = await pseudonym(a, b, "002")
    said = {"group": "beta", "pseudonym": marc, "gives": gives, "amount_minor": 24}
    begun = await a.ask("thread.start", by="001", **said)
    name, to = begun["thread"], begun["standing"]["id"]
    await arrived(a, b)
    await b.ask("thread.answer", by="002", thread=name, reply="yes", to=to)
    await arrived(a, b)
    await b.stop()
    me = Reader(account=a.node.machine.books.ledger.codes.get("001"))
    seen = await load(a.node, actor(me), name)

    async def before_it_was_booked(*_: Any) -> Any:
        return seen

    first = await agreed.book(a.node, me, name, wait_s=0)
    monkeypatch.setattr(agreed, "load", before_it_was_booked)
    second = await agreed.book(a.node, me, name, wait_s=0)

    assert second == first
    assert len(await a.ask("trade.list", by="001")) == 1
