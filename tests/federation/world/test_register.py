"""What a node knows of the register: who is new, whose keys changed, who has left."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from events.keys import read_history
from events.restore import Mode
from events.signing import PrivateKey
from federation.node import key_changes
from federation.node.identity import read_key_file
from federation.node.rebuild import rebuild_tables
from federation.node.verify import verify_log
from federation.umbrella import register_routes, registering
from schemas.encoding import b64, encode, parse
from schemas.errors import Code, InputError, RefusedError
from schemas.keys import Role
from schemas.messages import RegisterPage
from schemas.register_bodies import GroupAdmitted, GroupKeyStated, GroupLineAgreed
from tests.federation.world.backups import groups, pay
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.vectors.story import Story

_PAGE = msgspec.json.Decoder(RegisterPage)


async def registered(world: World) -> tuple[WorldNode, WorldNode, WorldNode]:
    a, b, umbrella = await groups(world, umbrella=True)
    assert umbrella is not None
    return a, b, umbrella


async def told(umbrella: WorldNode, node: WorldNode, after: int = -1) -> list[Any]:
    """Every change that the umbrella tells a node behind a place."""
    found: list[Any] = []
    reader = node.node.peers.reader
    assert reader is not None
    while True:
        data = await reader._get(f"/federation/v1/register?after={after}")
        page = parse(_PAGE, data)
        found += page.changes
        if not page.more:
            return found
        after = page.changes[-1].seq


async def test_a_coordinator_finds_a_new_group_right_after_a_stranger_was_looked_up_in_vain(
    world: World,
) -> None:
    koepel = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=koepel.invitation)
    b = await world.make("beta", 60, umbrella=koepel.invitation)
    await a.node.peers.refresh("a" * 52)
    for node in (a, b):
        await koepel.ask("audit.admit", invitation=node.invitation)

    await a.ask("line.propose", group="beta")

    await eventually(lambda: any(line.their_proposal for line in lines(b)))


async def test_the_register_is_read_in_pages_and_only_what_is_new(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, umbrella = await registered(world)
    whole = await told(umbrella, a)
    monkeypatch.setattr(register_routes, "REGISTER_CHANGES_MAX", 3)

    assert [type(change.said) for change in whole] == [GroupAdmitted, *[GroupKeyStated] * 4] * 2
    assert await told(umbrella, a) == whole
    assert await told(umbrella, a, after=whole[6].seq) == whole[7:]
    assert await told(umbrella, a, after=whole[-1].seq) == []

    await b.node.pool.execute("DELETE FROM register_cursor")
    await b.node.pool.execute("DELETE FROM peer_key_statement WHERE node = $1", a.node.id)
    await b.stop()
    await b.start()
    await b.node.peers.read_register()
    assert b.node.peers.history(a.node.id) == read_history(a.node.identity.statements)
    cursor = await b.node.pool.fetchval("SELECT seq FROM register_cursor")
    assert cursor == whole[-1].seq


async def test_a_key_that_was_revoked_is_learnt_from_the_register_alone(world: World) -> None:
    a, b, umbrella = await registered(world)
    root = PrivateKey(read_key_file(a.folder.keys / "root.key"))
    await a.stop()
    change = await key_changes.revoke(a.folder, Role.LOG, root)
    await a.start()
    await a.node.peers.read_register()
    await a.stop()

    await b.node.peers.read_register()

    history = b.node.peers.history(a.node.id)
    assert history is not None
    assert history.revoked(change.revoked)
    assert not history.speaks(Role.LOG, change.revoked, change.revoked_from)
    group = umbrella.node.machine.books.register.groups[a.node.id]
    assert [stated.statement for stated in group.stated] == list(a.node.identity.statements)


async def test_both_ends_are_told_of_their_line_and_nobody_else_is(world: World) -> None:
    a, b, umbrella = await registered(world)
    c = await world.make("gamma", 20, umbrella=umbrella.invitation)
    await umbrella.ask("group.admit", invitation=c.invitation)
    await umbrella.ask("audit.report")

    assert await registering.record_lines(umbrella.node) == 1
    assert await registering.record_lines(umbrella.node) == 0

    (line,) = (await umbrella.ask("group.list"))["lines"]
    assert line == {
        "line": lines(a)[0].line,
        "lower": min(a.node.id, b.node.id),
        "higher": max(a.node.id, b.node.id),
    }
    for node, knows in ((a, True), (b, True), (c, False)):
        kinds = [type(change.said) for change in await told(umbrella, node)]
        assert (GroupLineAgreed in kinds) is knows


async def test_the_creditor_of_a_group_that_left_closes_alone(world: World) -> None:
    a, b, umbrella = await registered(world)
    await pay(a)
    await eventually(lambda: lines(b)[0].balance_units < 0)
    with pytest.raises(RefusedError) as early:
        await b.ask("line.close", group="alfa")

    left = await umbrella.ask("group.leave", group="alfa")
    await b.node.peers.read_register()

    assert left["left_at_s"] is not None
    assert (await b.ask("line.list"))[0]["partner_left"]
    codes = [advice["code"] for advice in await b.ask("line.doctor")]
    assert codes[0] == "partner_left"
    closed = await b.ask("line.close", group="alfa")
    assert early.value.code is Code.LINE_NOT_CLEAR
    assert closed["state"] == "closing"
    assert lines(b)[0].balance_units == 0
    assert (await verify_log(b.folder)).findings == []
    with pytest.raises(RefusedError) as caught:
        await a.node.client.get(
            umbrella.node.id, umbrella.invitation.split("#")[0], "/federation/v1/register"
        )
    assert caught.value.code is Code.SIGNATURE_KEY_UNKNOWN, "who has left asks nothing more"


async def test_who_has_left_is_admitted_again_and_spoken_with_again(world: World) -> None:
    a, b, umbrella = await registered(world)
    await umbrella.ask("group.leave", group="alfa")
    await b.node.peers.read_register()
    assert b.node.peers.get(a.node.id) is None

    await umbrella.ask("group.admit", invitation=a.invitation)
    await b.node.peers.read_register()

    await pay(a)
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units > 0)


async def test_the_register_survives_a_restart_a_rebuild_and_a_verification(world: World) -> None:
    _, _, umbrella = await registered(world)
    await umbrella.ask("audit.report")
    await registering.record_lines(umbrella.node)
    await umbrella.ask("group.leave", group="alfa")
    before = await umbrella.ask("group.list")

    await umbrella.stop()
    settings = umbrella.folder.settings()
    await rebuild_tables(settings.database, settings.database_owner)
    await umbrella.start()

    assert await umbrella.ask("group.list") == before
    assert (await verify_log(umbrella.folder)).findings == []
    await umbrella.node.pool.execute(
        "DELETE FROM register_event WHERE seq = (SELECT max(seq) FROM register_event)"
    )
    assert [finding.what for finding in (await verify_log(umbrella.folder)).findings] == [
        "register_event"
    ]


async def test_groups_that_were_admitted_before_there_was_a_register_get_their_keys_recorded(
    world: World,
) -> None:
    _, _, umbrella = await registered(world)
    register = umbrella.node.machine.books.register
    stated = {node: group.stated for node, group in register.groups.base.items()}
    for node, group in list(register.groups.base.items()):
        register.groups.base[node] = type(group)(
            group.node, group.url, group.name, group.admitted_at_s
        )

    await registering.record_known_keys(umbrella.node)

    assert {n: [s.statement for s in g.stated] for n, g in register.groups.base.items()} == {
        n: [s.statement for s in before] for n, before in stated.items()
    }


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/federation/v1/register?after=x", Code.MALFORMED),
        ("/federation/v1/register?after=-2", Code.MALFORMED),
        ("/federation/v1/register?after=9007199254740992", Code.MALFORMED),
        ("/federation/v1/register?after=99999999999999999999", Code.MALFORMED),
    ],
)
async def test_questions_that_make_no_sense_are_refused(
    world: World, path: str, code: Code
) -> None:
    umbrella = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=umbrella.invitation)
    await umbrella.ask("group.admit", invitation=a.invitation)
    url = umbrella.invitation.split("#")[0]

    with pytest.raises((RefusedError, InputError)) as caught:
        await a.node.client.get(umbrella.node.id, url, path)

    assert caught.value.code is code


@pytest.mark.parametrize("body", [b"", b"{}", b'[{"statement":1}]', b"[]", b"\xff"])
async def test_keys_that_are_none_are_refused(world: World, body: bytes) -> None:
    umbrella = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=umbrella.invitation)
    await umbrella.ask("group.admit", invitation=a.invitation)
    url = umbrella.invitation.split("#")[0]

    with pytest.raises(RefusedError) as caught:
        await a.node.client.post(umbrella.node.id, url, "/federation/v1/register/keys", body)

    assert caught.value.code in (Code.MALFORMED, Code.BAD_KEY_STATEMENT)


async def test_shown_events_that_are_none_are_refused(world: World) -> None:
    story = Story().examples()["line.heads"][2]
    shown = encode({"core": story.core, "signature": story.signature})
    wrong = {
        b"": Code.MALFORMED,
        b"{}": Code.MALFORMED,
        b"\xff": Code.MALFORMED,
        encode({"core": "AAAA", "signature": story.signature}): Code.MALFORMED,
        encode({"core": b64(b"[" * 9000), "signature": story.signature}): Code.MALFORMED,
        encode({"core": story.core, "signature": "AAAA"}): Code.MALFORMED,
        shown: Code.GROUP_UNKNOWN,
    }
    umbrella = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=umbrella.invitation)
    await umbrella.ask("group.admit", invitation=a.invitation)
    url = umbrella.invitation.split("#")[0]

    for body, code in wrong.items():
        with pytest.raises(RefusedError) as caught:
            await a.node.client.post(
                umbrella.node.id, url, "/federation/v1/register/followed", body
            )

        assert caught.value.code is code, body


async def test_the_statements_of_another_group_are_refused_over_the_wire(world: World) -> None:
    a, b, umbrella = await registered(world)
    url = umbrella.invitation.split("#")[0]

    with pytest.raises(RefusedError) as caught:
        await a.node.client.post(
            umbrella.node.id,
            url,
            "/federation/v1/register/keys",
            encode(b.node.identity.statements),
        )

    assert caught.value.code is Code.BAD_KEY_STATEMENT


async def test_a_group_has_no_register(world: World) -> None:
    a, b = await world.pair()
    await eventually(lambda: a.node.gate.mode is Mode.OPEN)

    with pytest.raises(RefusedError) as caught:
        await a.node.client.get(
            b.node.id, b.invitation.split("#")[0], "/federation/v1/register?after=-1"
        )
    with pytest.raises(InputError) as asked:
        await a.ask("group.list")

    assert caught.value.code is asked.value.code is Code.NOT_FOUND
