"""The proof of a booking over the API: the same file as on the page, and no text for auditors."""

from __future__ import annotations

import aiohttp
import pytest

from projections.receipt import Booked, check_receipt
from tests.federation.api.conftest import Answer, Group
from tests.federation.world.conftest import World
from tests.federation.world.test_booking_proof import policy_of, proof_ready


@pytest.fixture
async def group(world: World, session: aiohttp.ClientSession) -> Group:
    node = await world.make("alfa", 20)
    for code in ("001", "002", "003"):
        await node.ask("member.add", code=code, name=f"Lid {code}")
    return Group(node, session)


def told(group: Group, answer: Answer) -> Booked:
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain"), answer.text
    return check_receipt(answer.text.encode(), policy_of(group.world_node))


async def test_a_transfer_is_proven_by_the_number_that_it_answered_with(group: Group) -> None:
    owner, other = await group.token("member", "001"), await group.token("member", "003")
    staff, auditor = await group.token("coordinator", "003"), await group.token("auditor", "001")
    said = {"payer": "001", "payee": "002", "amount_minor": 5, "description": "taart"}
    booking = (await owner.post("/transfers", said, "a")).json["booking"]
    path = f"/accounts/001/bookings/{booking}/proof"
    await proof_ready(group.world_node, "001", int(booking))

    found = [told(group, await asker.get(path)) for asker in (owner, staff, auditor)]

    assert [one.place for one in found] == [int(booking)] * 3
    assert [one.description for one in found] == ["taart", None, None]
    for code in ("001", "003"):
        answer = await other.get(f"/accounts/{code}/bookings/{booking}/proof")
        assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert (await owner.get("/accounts/001/bookings/0/proof")).status == 404
    assert (await owner.get("/accounts/001/bookings/x/proof")).status == 422
