"""Bearer tokens: shown once, kept as a hash, named, expiring, revocable; nothing else counts."""

from __future__ import annotations

from hashlib import sha256

import pytest

from federation.api.tokens import DAY_S, TOKEN_PREFIX, TokenRole, Tokens
from schemas.encoding import unb64
from schemas.errors import Code, RuilbrugError
from tests.federation.api.conftest import Group


async def test_a_token_speaks_for_its_member(group: Group) -> None:
    member = await group.token("member", "001")

    answer = await member.get("/me")

    assert answer.status == 200
    assert (answer.json["role"], answer.json["account"]) == ("member", "001")
    assert answer.json["acts_for"] == ["001"]
    assert member.secret not in answer.text


async def test_only_the_hash_of_a_token_is_kept(group: Group) -> None:
    member = await group.token("member", "001")

    rows = await group.node.pool.fetch("SELECT * FROM api_token")

    data = unb64(member.secret.removeprefix(TOKEN_PREFIX), size=32)
    assert [row["digest"] for row in rows] == [sha256(data).digest()]
    assert member.secret not in str([dict(row) for row in rows])
    assert data not in [value for row in rows for value in row.values()]
    listed = await group.world_node.ask("token.list")
    assert [row["name"] for row in listed] == ["member 001"]
    assert member.secret not in str(listed)


async def test_a_revoked_token_is_of_no_use_at_once_and_after_a_restart(group: Group) -> None:
    member, other = await group.token("member", "001"), await group.token("member", "002")
    (row,) = [r for r in await group.world_node.ask("token.list") if r["account"] == "001"]
    assert (await member.get("/me")).status == 200

    await group.world_node.ask("token.revoke", token=row["token"])

    answer = await member.get("/me")
    assert (answer.status, answer.json["code"]) == (401, "token_invalid")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ruilbrug"'
    with pytest.raises(RuilbrugError) as refused:
        await group.world_node.ask("token.revoke", token=row["token"])
    assert refused.value.code is Code.NOT_FOUND
    await group.world_node.stop()
    await group.world_node.start()
    assert (await member.get("/me")).status == 401
    assert (await other.get("/me")).status == 200


async def test_a_token_ends_with_its_time(group: Group) -> None:
    now = [1_000_000]
    tokens = Tokens(group.node.pool, now=lambda: now[0], random=bytes)
    made = await tokens.make("kort", TokenRole.AUDITOR, None, 2)

    now[0] += 2 * DAY_S - 1
    assert tokens.find(made.secret) == made.token
    now[0] += 1
    with pytest.raises(RuilbrugError) as refused:
        tokens.find(made.secret)
    assert refused.value.code is Code.TOKEN_INVALID


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic Zm9vOmJhcg=="},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Bearer " + TOKEN_PREFIX + "A" * 43},
        {"Cookie": "session=SECRET; token=SECRET; Authorization=Bearer SECRET"},
    ],
)
async def test_whatever_else_is_sent_is_nobody(group: Group, headers: dict[str, str]) -> None:
    member = await group.token("member", "001")
    sent = {name: value.replace("SECRET", member.secret) for name, value in headers.items()}

    answer = await group.asker().get("/me", headers=sent)

    assert (answer.status, answer.json["code"]) == (401, "token_invalid")


async def test_a_token_of_a_closed_account_is_of_no_use(group: Group) -> None:
    member, coordinator = await group.token("member", "001"), await group.token("coordinator")

    changed = await coordinator.ask("PUT", "/accounts/001/status", json={"status": "inactive"})

    assert changed.status == 200
    assert (await member.get("/me")).status == 401


async def test_a_coordinators_token_needs_a_member_who_has_the_role(group: Group) -> None:
    for account in ("", "002"):
        with pytest.raises(RuilbrugError) as refused:
            await group.world_node.ask("token.new", name="x", role="coordinator", account=account)
        assert refused.value.code is Code.MALFORMED


async def test_a_member_token_needs_a_member(group: Group) -> None:
    with pytest.raises(RuilbrugError) as refused:
        await group.token("member")

    assert refused.value.code is Code.MALFORMED


async def test_no_log_line_holds_a_secret_or_a_text(
    group: Group, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await group.token("member", "001")
    said = {"payer": "001", "payee": "002", "amount_minor": 1, "description": "GEHEIMTEKST"}

    async def broken(*_: object, **named: object) -> None:
        raise ValueError(named)  # a bug whose message says everything

    await member.post("/transfers", said, "GEHEIMSLEUTEL")
    await member.post("/transfers", said | {"amount_minor": 2}, "GEHEIMSLEUTEL")
    await group.asker(member.secret + "x").get("/me")
    monkeypatch.setattr("federation.node.use_cases.pay_inside", broken)
    answer = await member.post("/transfers", said, "k2")

    logged = capsys.readouterr().out
    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert "GEHEIM" not in answer.text
    assert "api_request_failed" in logged
    assert "GEHEIM" not in logged
    assert member.secret not in logged
    assert member.secret.removeprefix(TOKEN_PREFIX) not in logged
