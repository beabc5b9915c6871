"""How the API is asked: content, keys, problems in three languages, limits, headers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from federation.node.settings import NodeLimits
from tests.federation.api.conftest import Group
from tests.federation.world.conftest import World

TRANSFER = {"payer": "001", "payee": "002", "amount_minor": 5, "description": "soep"}


def balance(group: Group, code: str) -> int:
    ledger = group.node.machine.books.ledger
    return ledger.balance(ledger.codes[code])


async def test_a_transfer_is_booked_and_stands_in_both_statements(group: Group) -> None:
    payer, payee = await group.token("member", "001"), await group.token("member", "002")

    booked = await payer.post("/transfers", TRANSFER, "k1")

    assert booked.status == 201
    assert booked.json["amount_minor"] == 5
    for asker, code, amount, other in ((payer, "001", -5, "002"), (payee, "002", 5, "001")):
        (line,) = (await asker.get(f"/accounts/{code}/statement")).json["lines"]
        assert (line["booking"], line["amount_minor"]) == (booked.json["booking"], amount)
        assert (line["other"], line["description"]) == (other, "soep")
        account = (await asker.get(f"/accounts/{code}")).json
        assert account["balance_minor"] == amount
        assert account["name"] == f"Lid {code}"


async def test_the_same_key_books_once_and_answers_the_same(group: Group) -> None:
    member = await group.token("member", "001")

    answers = await asyncio.gather(*(member.post("/transfers", TRANSFER, "k1") for _ in range(5)))
    again = await member.ask("POST", "/transfers", json=TRANSFER, headers={"Idempotency-Key": "k1"})

    assert {answer.text for answer in (*answers, again)} == {answers[0].text}
    assert {answer.status for answer in answers} == {201}
    assert balance(group, "001") == -5


async def test_the_same_key_with_other_content_is_a_conflict(group: Group) -> None:
    member = await group.token("member", "001")
    await member.post("/transfers", TRANSFER, "k1")

    answer = await member.post("/transfers", {**TRANSFER, "amount_minor": 6}, "k1")

    assert (answer.status, answer.json["code"]) == (409, "conflict")
    assert balance(group, "001") == -5


async def test_keys_of_different_tokens_do_not_meet(group: Group) -> None:
    one, other = await group.token("member", "001"), await group.token("member", "002")
    second, staff = await group.token("member", "001"), await group.token("coordinator", "001")
    first = await one.post("/transfers", TRANSFER, "k1")

    answers = [
        await other.post("/transfers", {**TRANSFER, "payer": "002", "payee": "003"}, "k1"),
        await second.post("/transfers", {**TRANSFER, "amount_minor": 1}, "k1"),
        await staff.post("/transfers", {**TRANSFER, "amount_minor": 2}, "k1"),
    ]

    assert [answer.status for answer in answers] == [201] * 3
    assert len({answer.json["booking"] for answer in (first, *answers)}) == 4
    assert balance(group, "001") == -8


async def test_a_refused_command_may_be_tried_again_with_its_key(group: Group) -> None:
    member, coordinator = await group.token("member", "001"), await group.token("coordinator")
    limits = {"lower_minor": -3}
    await coordinator.ask("PUT", "/accounts/001/limits", json=limits)
    refused = await member.post("/transfers", TRANSFER, "k1")
    await coordinator.ask("PUT", "/accounts/001/limits", json={"lower_minor": -10})

    answer = await member.post("/transfers", TRANSFER, "k1")

    assert (refused.status, refused.json["code"]) == (422, "payer_limit")
    assert refused.json["facts"]["possible_minor"] == 3
    assert answer.status == 201


async def test_a_post_without_a_key_is_told_so(group: Group) -> None:
    member = await group.token("member", "001")

    answer = await member.ask("POST", "/transfers", json=TRANSFER)

    assert (answer.status, answer.json["code"]) == (400, "idempotency_key_missing")
    assert answer.json["field"] == "Idempotency-Key"
    assert balance(group, "001") == 0


@pytest.mark.parametrize("key", ["", '"', '""', '"a', "a b", '"' + "x" * 121 + '"', '"é"'])
async def test_a_key_of_another_shape_is_refused(group: Group, key: str) -> None:
    member = await group.token("member", "001")

    answer = await member.ask("POST", "/transfers", json=TRANSFER, headers={"Idempotency-Key": key})

    assert (answer.status, answer.json["code"]) == (422, "malformed")


async def test_adding_a_member_again_with_its_key_gives_the_member(group: Group) -> None:
    coordinator = await group.token("coordinator")
    asked = {"code": "004", "name": "Nieuw lid"}

    first = await coordinator.post("/members", asked, "m1")
    again = await coordinator.post("/members", asked, "m1")
    other = await coordinator.post("/members", {**asked, "name": "Anders"}, "m1")
    taken = await coordinator.post("/members", asked, "m2")

    assert first.status == again.status == 201
    assert first.text == again.text
    assert first.json["name"] == "Nieuw lid"
    assert (other.status, other.json["code"]) == (409, "conflict")
    assert (taken.status, taken.json["code"]) == (422, "code_taken")


async def test_a_coordinator_books_for_a_member_and_is_on_record(group: Group) -> None:
    coordinator = await group.token("coordinator", "003")

    answer = await coordinator.post("/transfers", TRANSFER, "k1")

    body = await group.node.pool.fetchval(
        "SELECT body FROM log_event WHERE seq = $1", int(answer.json["booking"])
    )
    entered_by = group.node.machine.books.ledger.codes["003"]
    assert json.loads(body)["entered_by"] == entered_by


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({}, "content"),
        ({**TRANSFER, "amount_minor": "5"}, "amount_minor"),
        ({**TRANSFER, "amount_minor": 1.5}, "amount_minor"),
        ({**TRANSFER, "amount_minor": 0}, "amount_minor"),
        ({**TRANSFER, "amount_minor": 2**53}, "amount_minor"),
        ({**TRANSFER, "amount_minor": None}, "amount_minor"),
        ({**TRANSFER, "surprise": 1}, "content"),
        ({**TRANSFER, "payee": ""}, "payee"),
        ({**TRANSFER, "payee": "0\n1"}, "payee"),
        ({**TRANSFER, "description": "x" * 501}, "description"),
        ({**TRANSFER, "description": "a\x00b"}, "description"),
        ([], "content"),
        (None, "content"),
    ],
)
async def test_content_that_is_no_transfer_is_refused_by_its_field(
    group: Group, content: Any, field: str
) -> None:
    member = await group.token("member", "001")

    answer = await member.ask("POST", "/transfers", data=json.dumps(content).encode(), key="k1")

    assert (answer.status, answer.json["code"]) == (422, "malformed"), answer.text
    assert answer.json["field"] == field
    assert balance(group, "001") == 0


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", b'{"payer":"\\ud800"}', b"[" * 10_000, b'{"payer":1,' * 3_000]
)
async def test_content_that_is_no_json_is_refused(group: Group, data: bytes) -> None:
    member = await group.token("member", "001")

    answer = await member.ask("POST", "/transfers", data=data, key="k1")

    assert (answer.status, answer.json["code"]) == (422, "malformed")


async def in_parts(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 8_000):
        yield data[at : at + 8_000]


async def test_too_much_content_is_refused_whatever_length_it_claims(group: Group) -> None:
    member = await group.token("member", "001")
    data = b" " * 70_000 + json.dumps(TRANSFER).encode()

    claimed = await member.ask("POST", "/transfers", data=data, key="k1")
    chunked = await member.ask("POST", "/transfers", data=in_parts(data), key="k1")

    assert (claimed.status, claimed.json["code"]) == (413, "too_large")
    assert (chunked.status, chunked.json["code"]) == (413, "too_large")


async def never_ending(asked: asyncio.Event) -> AsyncIterator[bytes]:
    yield b"{"
    await asked.wait()


async def test_content_that_does_not_come_is_not_waited_for(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("federation.api.reading.READ_WITHIN_S", 0.05)
    member, answered = await group.token("member", "001"), asyncio.Event()

    answer = await member.ask("POST", "/transfers", data=never_ending(answered), key="k1")
    answered.set()

    assert answer.status == 503
    assert balance(group, "001") == 0


async def test_content_of_another_type_is_refused(group: Group) -> None:
    member = await group.token("member", "001")
    data = json.dumps(TRANSFER).encode()

    form = await member.ask(
        "POST", "/transfers", data=data, key="k1", headers={"Content-Type": "text/plain"}
    )
    packed = await member.ask(
        "POST", "/transfers", data=data, key="k1", headers={"Content-Encoding": "x-none"}
    )

    assert (form.status, form.json["code"]) == (415, "media_type")
    assert packed.status in (400, 415)


@pytest.mark.parametrize(
    ("accepted", "language", "words"),
    [
        ("", "en", "there is nothing under this name"),
        ("nl-BE, en;q=0.5", "nl", "onder deze naam is er niets"),
        ("en;q=0.1, fr;q=0.9", "fr", "il n'y a rien sous ce nom"),
        ("de, *", "en", "there is nothing under this name"),
        ("nl;q=x, fr;q=0", "en", "there is nothing under this name"),
    ],
)
async def test_a_problem_speaks_the_language_that_is_asked_for(
    group: Group, accepted: str, language: str, words: str
) -> None:
    member = await group.token("member", "001")

    answer = await member.get("/accounts/002", headers={"Accept-Language": accepted})

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Content-Language"] == language
    assert words in answer.json["title"]
    assert answer.json["status"] == answer.status == 404
    assert answer.json["type"] == "/docs/errors#not_found"


async def test_a_statement_comes_in_pages_that_miss_nothing(group: Group) -> None:
    member = await group.token("member", "001")
    for number in range(7):
        await member.post("/transfers", {**TRANSFER, "amount_minor": number + 1}, f"k{number}")

    found, after = [], ""
    for _ in range(10):
        page = (await member.get(f"/accounts/001/statement?limit=3{after}")).json
        found += [line["amount_minor"] for line in page["lines"]]
        if "next" not in page or page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert found == [-7, -6, -5, -4, -3, -2, -1]


async def test_the_books_come_in_pages_and_every_booking_sums_to_zero(group: Group) -> None:
    auditor, member = await group.token("auditor"), await group.token("member", "001")
    for number in range(4):
        await member.post("/transfers", TRANSFER, f"k{number}")

    found, after = [], "0"
    while after is not None:
        page = (await auditor.get(f"/books?limit=3&after={after}")).json
        found += page["bookings"]
        after = page.get("next")

    assert len(found) == 4
    for booking in found:
        assert sum(leg["amount_minor"] for leg in booking["legs"]) == 0
    assert found[-1]["legs"][0] == {"code": "001", "amount_minor": -5, "balance_minor": -20}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "surprise=1", "limit=1&limit=2", "after=x"]
)
async def test_a_query_that_is_not_described_is_refused(group: Group, query: str) -> None:
    member = await group.token("member", "001")

    answer = await member.get(f"/accounts/001/statement?{query}")

    assert (answer.status, answer.json["code"]) == (422, "malformed")


async def test_every_answer_is_private_and_opens_nothing(group: Group) -> None:
    member = await group.token("member", "001")

    for answer in (await member.get("/me"), await group.asker().get("/me")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_who_asks_too_much_is_told_when_to_come_again(world: World, session: Any) -> None:
    limits = NodeLimits(token_requests_per_s=1, token_requests_at_once=10)
    node = await world.make("alfa", 20, limits=limits)
    await world.add_members(node)
    group = Group(node, session)
    member, other = await group.token("member", "001"), await group.token("member", "002")

    answers = [await member.get("/me") for _ in range(15)]

    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert [answer.status for answer in answers[:10]] == [200] * 10
    assert refused[0].json["code"] == "rate_limited"
    assert int(refused[0].headers["Retry-After"]) >= 1
    assert (await other.get("/me")).status == 200


async def test_who_has_no_token_is_limited_by_address(world: World, session: Any) -> None:
    limits = NodeLimits(stranger_requests_per_s=1, stranger_requests_at_once=10)
    node = await world.make("alfa", 20, limits=limits)
    anybody = Group(node, session).asker("ruilbrug_" + "A" * 43)

    statuses = [(await anybody.get("/me")).status for _ in range(15)]

    assert statuses[:10] == [401] * 10
    assert 429 in statuses
