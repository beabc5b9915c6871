"""Keys of real nodes are rotated, recovered and revoked; what a thief signs is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from events.keys import pre_commitment, sign_statement
from events.machine import EVENT_PREFIX
from events.recovery import connect
from events.restore import Mode
from events.signing import PrivateKey
from federation.node import key_changes, key_news
from federation.node.identity import read_key_file
from federation.node.verify import verify_log
from federation.peer import server
from federation.umbrella import noting, vouching
from schemas.encoding import b64, encode
from schemas.errors import Code, InputError, RefusedError, StorageError
from schemas.findings import Severity, What
from schemas.keys import Cause, KeyStatement, Role
from schemas.messages import WireEvent
from tests.federation.world.backups import groups, pay
from tests.federation.world.conftest import World, WorldNode, eventually, lines


def key_file(node: WorldNode, name: str) -> PrivateKey:
    return PrivateKey(read_key_file(node.folder.keys / f"{name}.key"))


async def registered(world: World) -> tuple[WorldNode, WorldNode, WorldNode]:
    a, b, umbrella = await groups(world, umbrella=True)
    assert umbrella is not None
    return a, b, umbrella


async def settled(a: WorldNode, b: WorldNode) -> None:
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units)


def log_keys(node: WorldNode, about: WorldNode) -> list[tuple[str, int | None]]:
    """What a node holds of the log keys of another."""
    history = node.node.peers.history(about.node.id)
    assert history is not None
    return [(held.key, held.holds_until) for held in history.keys if held.role is Role.LOG]


async def sound(umbrella: WorldNode, *nodes: WorldNode) -> None:
    report = await umbrella.ask("audit.report")
    assert report["report"]["findings"] == []
    for node in (umbrella, *nodes):
        assert (await verify_log(node.folder)).findings == []


@pytest.mark.parametrize("role", [Role.LOG, Role.HTTP, Role.WITNESS])
async def test_a_rotated_key_takes_over_and_trade_goes_on(
    world: World, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "REFRESH_PAUSE_S", 1)  # it asks before it answers itself
    a, b, umbrella = await registered(world)
    await pay(a)
    await settled(a, b)
    announced = b64(key_file(a, f"{role}-next").public.data)
    before = b.node.peers.http_keys(a.node.id)
    await a.stop()

    change = await key_changes.rotate(a.folder, role)

    assert change.key == announced == b64(key_file(a, role.value).public.data)
    await a.open()
    await pay(a)
    await settled(a, b)
    await a.node.peers.read_register()
    (group,) = [
        one for one in (await umbrella.ask("group.list"))["groups"] if one["node"] == a.node.id
    ]
    assert [key["key"] for key in group["keys"] if key["role"] == role][-1] == announced
    after = b.node.peers.http_keys(a.node.id)
    assert after.keys().isdisjoint(before) if role is Role.HTTP else after == before
    await sound(umbrella, a, b)


async def test_a_lost_log_key_is_recovered_with_the_root_key(world: World) -> None:
    a, b, umbrella = await registered(world)
    root = key_file(a, "root")
    await a.stop()
    for name in ("log", "log-next"):
        (a.folder.keys / f"{name}.key").unlink()

    with pytest.raises(InputError) as caught:
        await key_changes.recover(a.folder, Role.LOG, key_file(b, "root"))
    await key_changes.recover(a.folder, Role.LOG, root)

    assert caught.value.code is Code.BAD_KEY
    await a.open()
    await pay(a)
    await settled(a, b)
    await sound(umbrella, a, b)


async def test_an_audit_that_does_not_know_of_the_rotation_yet_accuses_nobody(
    world: World,
) -> None:
    a, _, umbrella = await registered(world)
    peers = umbrella.node.peers
    older = peers._histories[a.node.id], peers._statements[a.node.id]
    await a.stop()
    await key_changes.rotate(a.folder, Role.LOG)
    await a.open()
    peers._histories[a.node.id], peers._statements[a.node.id] = older

    await sound(umbrella, a)

    assert len(log_keys(umbrella, a)) == 2


@pytest.mark.parametrize("dies", ["before its statement", "after its statement", "between files"])
async def test_a_change_that_was_interrupted_is_finished_by_running_it_again(
    world: World, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    a = await world.make("alfa", 20)
    await a.stop()
    work = key_changes._Work

    def die(*_: Any) -> None:
        raise OSError(dies)

    def half(self: Any, role: Role) -> None:
        self._path(f"{role}-coming").replace(self._path(role.value))
        die()

    with monkeypatch.context() as patch:
        patch.setattr(work, *(
            ("state", die) if dies == "before its statement"
            else ("_put_in_place", die if dies == "after its statement" else half)
        ))  # fmt: skip
        with pytest.raises(OSError, match=dies):
            await key_changes.rotate(a.folder, Role.LOG)
    await key_changes.rotate(a.folder, Role.LOG)

    history = await key_changes.key_history(a.folder)
    assert [held.role for held in history.keys].count(Role.LOG) == 2
    assert sorted(path.name for path in a.folder.keys.glob("log*")) == ["log-next.key", "log.key"]
    await a.open()
    assert (await verify_log(a.folder)).findings == []


async def test_a_revocation_that_was_interrupted_revokes_the_key_that_was_replaced(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = await world.make("alfa", 20)
    await a.stop()
    root, stolen = key_file(a, "root"), b64(key_file(a, "log").public.data)

    def die(*_: Any) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(key_changes._Work, "_put_in_place", die)
        with pytest.raises(OSError):  # noqa: PT011 - raised right above
            await key_changes.revoke(a.folder, Role.LOG, root)
    change = await key_changes.revoke(a.folder, Role.LOG, root)

    history = await key_changes.key_history(a.folder)
    assert change.revoked == stolen
    assert [held.holds_until is None for held in history.keys if held.role is Role.LOG] == [
        False, True,
    ]  # fmt: skip


async def test_keys_change_only_while_the_node_is_stopped_and_not_behind_its_mark(
    world: World,
) -> None:
    a = await world.make("alfa", 20)
    with pytest.raises(StorageError) as runs:
        await key_changes.rotate(a.folder, Role.LOG)
    await a.stop()
    a.folder.mark.unlink()
    with pytest.raises(StorageError) as behind:
        await key_changes.rotate(a.folder, Role.LOG)

    assert (runs.value.code, behind.value.code) == (Code.NODE_RUNS, Code.READ_ONLY)
    assert not list(a.folder.keys.glob("*coming*"))


async def back_dated(
    victim: WorldNode, partner: WorldNode, thief: PrivateKey, *, seq: int
) -> WireEvent:
    """An event that continues the victim's chain on the line, and claims an older place."""
    (line,) = lines(partner)
    row = await partner.node.pool.fetchrow(
        "SELECT core FROM line_inbox WHERE line = $1 ORDER BY n DESC LIMIT 1", line.line
    )
    assert row is not None
    core: dict[str, Any] = json.loads(row["core"])
    kept = {name: core[name] for name in ("v", "origin", "root", "ts", "line")}
    core = {
        **kept, "type": "line.heads", "seq": seq, "key": b64(thief.public.data),
        "n": line.in_n + 1, "prev": line.in_id, "salt": b64(bytes(16)),
        "paid": 0, "credited": 0, "balance": 0,
    }  # fmt: skip
    data = encode(core)
    assert victim.node.id == core["origin"]
    return WireEvent(core=b64(data), signature=b64(thief.sign(EVENT_PREFIX + data)))


async def test_what_a_thief_dates_back_before_the_revocation_is_found_and_refused(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b, umbrella = await registered(world)
    await pay(a)
    await settled(a, b)
    await umbrella.ask("audit.report")
    stolen, root = key_file(a, "log"), key_file(a, "root")
    await a.stop()
    change = await key_changes.revoke(a.folder, Role.LOG, root)
    await a.open()
    await pay(a)
    await settled(a, b)
    assert (b64(stolen.public.data), change.revoked_from) in log_keys(b, a)
    before = lines(b)[0]

    claimed = (change.revoked_from - 1, change.revoked_from - 3)
    for seq in claimed:
        forged = await back_dated(a, b, stolen, seq=seq)
        with pytest.raises(RefusedError) as caught:
            await b.node.intake.take(a.node.id, before.line, [forged])
        assert caught.value.code is Code.KEY_REVOKED
    assert "event_back_dated" in capsys.readouterr().out
    assert lines(b)[0] == before, "nothing came of it, and nobody else is blamed"
    await pay(a)
    await settled(a, b)
    for full in (False, True):
        (found,) = await findings(umbrella, full=full)
        assert (found["what"], found["severity"]) == (What.DATED_BACK, Severity.ALARM)
        assert (found["node"], found["line"]) == (a.node.id, before.line)
        assert found["seq"] == claimed[0], "who has the key may sign much; one tells of it"
    (noted,) = await noting.all_findings(umbrella.node)
    await umbrella.ask("audit.solve", finding=noted.id, text="They have a new key.")
    await sound(umbrella, a, b)

    forged = await back_dated(a, b, stolen, seq=claimed[1])
    with pytest.raises(RefusedError):
        await b.node.intake.take(a.node.id, before.line, [forged])
    assert [one["seq"] for one in await findings(umbrella)] == [claimed[1]], "it goes on"


async def findings(umbrella: WorldNode, *, full: bool = False) -> list[dict[str, Any]]:
    told = await umbrella.ask("audit.report", full=full)
    found: list[dict[str, Any]] = json.loads(encode(told["report"]))["findings"]
    return found


async def test_what_was_written_before_the_theft_and_followed_counts_when_it_arrives_late(
    world: World,
) -> None:
    a, b, umbrella = await registered(world)
    await pay(a)
    await settled(a, b)
    await b.stop()
    await a.ask("line.freeze", group="beta", reason="maintenance")
    await umbrella.ask("audit.report")
    root = key_file(a, "root")
    await a.stop()
    await key_changes.revoke(a.folder, Role.LOG, root)
    await start_silent(a)
    await heard_of_keys(b, a)

    await b.start()

    await eventually(lambda: lines(b)[0].their_frozen == "maintenance")
    assert log_keys(b, a)[0][1] is not None, "though it knew that the key is revoked"


async def test_what_the_umbrella_followed_only_after_the_revocation_is_not_vouched_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tells_no_new_key(monkeypatch)
    a, b, umbrella = await registered(world)
    await umbrella.ask("audit.report")
    await b.stop()
    monkeypatch.setattr(a.node.cosigning, "look", lambda *_: None)
    await a.ask("line.freeze", group="beta", reason="maintenance")
    stolen, root = key_file(a, "log"), key_file(a, "root")
    await a.stop()
    change = await key_changes.revoke(a.folder, Role.LOG, root)
    await start_silent(a)
    await heard_of_keys(b, a)
    await b.start()
    await eventually(lambda: a.node.outbox.delivery(lines(a)[0].line).refused)
    (noted,) = await noting.all_findings(umbrella.node)
    assert noted.known.finding.what is What.DATED_BACK
    assert await findings(umbrella) == [], "it was late, and stands in the log after all"

    forged = await back_dated(a, b, stolen, seq=change.holds_from - 2)
    with pytest.raises(RefusedError):
        await b.node.intake.take(a.node.id, lines(b)[0].line, [forged])
    (found,) = await findings(umbrella)
    assert found["seq"] == change.holds_from - 2, "what is told already was true"
    late = "SELECT max(seq) FROM line_event WHERE seq < $1"
    seq = await a.node.pool.fetchval(late, change.holds_from)
    known = await a.node.pool.fetchval(late, seq)

    assert await vouching.followed_entry(umbrella.node, a.node.id, seq) is None
    assert await vouching.followed_entry(umbrella.node, a.node.id, known) is not None
    assert await vouching.followed_entry(umbrella.node, a.node.id, seq + 1) is not None
    assert lines(b)[0].their_frozen == ""
    await a.ask("line.unfreeze", group="beta")
    await eventually(lambda: lines(b)[0].in_n == lines(a)[0].out_n)


def tells_no_new_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nodes write nothing by themselves after a revocation, as earlier releases do."""

    async def nothing(_node: object) -> None:
        pass

    monkeypatch.setattr(key_news, "_tell_new_key", nothing)


async def start_silent(node: WorldNode) -> None:
    """Start a node whose partner is away: it releases nothing until it has answered."""
    await node.start()
    await node.node.peers.read_register()


async def test_what_nobody_had_followed_waits_for_an_event_under_the_new_key(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tells_no_new_key(monkeypatch)
    a, b = await world.pair()
    await b.stop()
    await a.ask("line.freeze", group="beta", reason="maintenance")
    root = key_file(a, "root")
    await a.stop()
    await key_changes.revoke(a.folder, Role.LOG, root)
    await a.start()
    await heard_of_keys(b, a)
    await b.start()
    await eventually(lambda: a.node.gate.mode is Mode.OPEN)
    line = lines(a)[0].line
    await eventually(lambda: a.node.outbox.delivery(line).refused)
    assert lines(b)[0].their_frozen == ""

    await a.ask("line.unfreeze", group="beta")

    await eventually(lambda: lines(b)[0].in_n == lines(a)[0].out_n)
    assert not lines(b)[0].quarantined


async def heard_of_keys(node: WorldNode, about: WorldNode) -> None:
    """Let a node that is stopped know the key statements of another, before it hears anything."""
    connection = await connect(node.folder.settings().database)
    try:
        await connection.executemany(
            "INSERT INTO peer_key_statement (node, ordinal, statement) VALUES ($1, $2, $3)"
            " ON CONFLICT (node, ordinal) DO NOTHING",
            [(about.node.id, at, encode(s)) for at, s in enumerate(about.node.identity.statements)],
        )
    finally:
        await connection.close()


async def test_a_partner_refuses_a_revocation_of_what_it_has_received_already(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await world.pair()
    await pay(a)
    await settled(a, b)
    own, root = a.node.identity.statements, key_file(a, "root")
    late = statement(a, root, Cause.REVOCATION, a.node.identity.log, 7)
    fine = statement(a, root, Cause.REVOCATION, a.node.identity.log, a.node.sequencer.size)
    before = log_keys(b, a)

    async def answers(*_: Any, **__: Any) -> bytes:
        return encode((*own, late))

    with monkeypatch.context() as patch:
        patch.setattr(b.node.client, "get_unsigned", answers)
        await b.node.peers.refresh(a.node.id)

    assert log_keys(b, a) == before
    assert await b.node.peers.learn(a.node.id, (*own, fine))
    assert log_keys(b, a)[0][1] == a.node.sequencer.size


async def test_what_was_learnt_meanwhile_is_not_unlearnt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await world.pair()
    own, root, size = a.node.identity.statements, key_file(a, "root"), a.node.sequencer.size
    new = statement(a, root, Cause.RECOVERY, PrivateKey(b"x" * 32), size)
    revoked = statement(a, root, Cause.REVOCATION, a.node.identity.log, size)
    peers = b.node.peers

    async def slow(*_: Any) -> bool:
        monkeypatch.undo()
        assert await peers.learn(a.node.id, (*own, new, revoked))
        return True

    monkeypatch.setattr(peers, "judge", slow)
    assert not await peers.learn(a.node.id, (*own, new))

    assert [until for _, until in log_keys(b, a)] == [size, None]


def statement(node: WorldNode, root: PrivateKey, cause: Cause, key: PrivateKey, at: int) -> Any:
    return sign_statement(
        KeyStatement(
            v=1,
            role=Role.LOG,
            cause=cause,
            key=b64(key.public.data),
            next=pre_commitment(PrivateKey(b"n" * 32).public.data),
            holds_from=at,
            salt=b64(bytes(16)),
            node=node.node.id,
        ),
        [root],
    )


async def test_the_umbrella_refuses_a_statement_about_what_it_has_followed(world: World) -> None:
    a, _, umbrella = await registered(world)
    await umbrella.ask("audit.report")
    own, root = a.node.identity.statements, key_file(a, "root")
    late = statement(a, root, Cause.RECOVERY, PrivateKey(b"x" * 32), 7)
    path = "/federation/v1/register/keys"
    url = umbrella.invitation.split("#")[0]

    with pytest.raises(RefusedError) as caught:
        await a.node.client.post(umbrella.node.id, url, path, encode((*own, late)))

    assert caught.value.code is Code.KEY_LATE
    assert len(log_keys(umbrella, a)) == 1
