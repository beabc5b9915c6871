"""Proofs of bookings from real nodes: who gets one, what it opens, and the check without a node."""

from __future__ import annotations

import asyncio
import json
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from events.cosignature import CosignatureSigner
from events.note import NoteSigner, SignedNote
from events.policy import KnownLog, KnownWitness, Policy, parse_policy, write_policy
from events.signing import PrivateKey
from events.tlog_proof import TlogProof
from federation.members import booking_proof, roles
from federation.members.reader import ANONYMOUS, OPERATOR, Reader
from federation.node import receipts
from federation.node.postgres import PostgresServer
from federation.node.service import now_s
from federation.node.use_cases import new_key
from projections.receipt import Booked, check_receipt, read_receipt
from schemas.encoding import unb64
from schemas.errors import Code, RefusedError
from schemas.member_bodies import Role
from tests import forks
from tests.federation.world.conftest import WAIT_S, World, WorldNode, eventually, lines
from tests.federation.world.test_verify import intruder
from tests.independent.booked import read_proof

CHECKOUT = Path(__file__).resolve().parents[3]
WITNESS = CosignatureSigner("witness.example", PrivateKey(b"w" * 32))
ACROSS = {"payer": "001", "payee": "002", "group": "beta", "amount_minor": 60}


def policy_of(node: WorldNode, *, witnessed: bool = False) -> Policy:
    """Give a policy that knows a node's log, and wants a made-up witness or none."""
    origin = node.node.settings.public_url.partition("://")[2] + "/log"
    log = NoteSigner(origin, node.node.identity.log).public
    witnesses = (KnownWitness("w", WITNESS.public),) if witnessed else ()
    return Policy((KnownLog(log),), witnesses, (), "w" if witnessed else "none")


def account(node: WorldNode, code: str) -> int:
    return node.node.machine.books.ledger.codes[code]


def member(node: WorldNode, code: str) -> Reader:
    return roles.reader_of(node.node, account(node, code))


async def booked(node: WorldNode, **said: Any) -> int:
    """Book inside the group, and give the place in the log."""
    fields = {"payer": "001", "payee": "002", "amount_minor": 5, "description": "Taart & koffie"}
    before = node.node.sequencer.size
    await node.ask("pay", **(fields | said))
    assert node.node.sequencer.size == before + 1
    return before


async def proof_ready(node: WorldNode, code: str, seq: int) -> None:
    """Wait, bounded, until a booking can be proven: checkpoints are made behind it."""
    ready = partial(booking_proof.shown_proof, node.node, OPERATOR, account(node, code), seq)
    async with asyncio.timeout(WAIT_S):
        while not (await ready()).ready:  # noqa: ASYNC110 - other tasks make it so
            await asyncio.sleep(0.01)


async def proven(node: WorldNode, reader: Reader, code: str, seq: int) -> Booked:
    await proof_ready(node, code, seq)
    file = await booking_proof.proof_file(node.node, reader, account(node, code), seq)
    return check_receipt(file, policy_of(node))


async def refused(node: WorldNode, reader: Reader, code: str, seq: int) -> Code:
    caught = []
    for deed in (booking_proof.proof_file, booking_proof.shown_proof):
        with pytest.raises(RefusedError) as error:
            await deed(node.node, reader, account(node, code), seq)
        caught.append(error.value.code)
    assert caught[0] == caught[1]
    return caught[0]


async def legs_of(node: WorldNode, kind: str) -> int:
    """Give the place of the newest own event of a type."""
    rows = await node.node.pool.fetch("SELECT seq, core FROM log_event ORDER BY seq DESC")
    return next(int(row["seq"]) for row in rows if f'"type":"{kind}"'.encode() in row["core"])


async def test_both_members_prove_a_booking_to_anybody(world: World) -> None:
    node = await world.make("alfa", 20)
    await world.add_members(node)
    seq = await booked(node)

    told = [await proven(node, member(node, code), code, seq) for code in ("001", "002")]

    assert told[0] == told[1]
    assert {(one.account, one.amount_minor) for one in told[0].postings} == {
        (account(node, "001"), -5),
        (account(node, "002"), 5),
    }
    assert (told[0].kind, told[0].description) == ("transfer", "Taart & koffie")
    assert told[0].node == node.node.id
    await proof_ready(node, "001", seq)
    shown = await booking_proof.shown_proof(
        node.node, member(node, "001"), account(node, "001"), seq
    )
    assert (shown.own_minor, shown.others, shown.group) == (-5, 1, "")
    assert (shown.ready, shown.opens_text) == (True, True)


async def test_a_proof_names_nobody(world: World) -> None:
    node = await world.make("alfa", 20)
    await world.add_members(node)
    seq = await booked(node)
    await proof_ready(node, "001", seq)

    file = await booking_proof.proof_file(node.node, member(node, "001"), account(node, "001"), seq)

    receipt = read_receipt(TlogProof.parse(file))
    opened = b"".join(map(unb64, (receipt.core, receipt.body.bytes)))
    assert receipt.text is not None
    opened += unb64(receipt.text.bytes)
    assert b"Taart" in opened
    assert b"Lid" not in opened


async def test_only_those_whom_it_concerns_get_a_proof(world: World) -> None:
    node = await world.make("alfa", 20)
    for code in ("001", "002", "003", "004", "005"):
        await node.ask("member.add", code=code, name=f"Lid {code}")
    await node.ask("member.helper", code="001", helper="003")
    for code, role in (("004", Role.COORDINATOR), ("005", Role.AUDITOR)):
        await roles.give_role(node.node, OPERATOR, account(node, code), role, key=new_key())
    await roles.set_rules(node.node, OPERATOR, members_see_balances=True, key=new_key())
    await node.ask("member.add", code="006", name="Lid 006")
    seq = await booked(node)
    helper = roles.reader_of(node.node, account(node, "003"), acting_for=account(node, "001"))

    assert (await proven(node, helper, "001", seq)).description == "Taart & koffie"
    for code in ("004", "005"):
        assert (await proven(node, member(node, code), "001", seq)).description is None
    for reader in (member(node, "003"), member(node, "006"), ANONYMOUS):
        assert await refused(node, reader, "001", seq) is Code.NOT_FOUND
    assert await refused(node, member(node, "006"), "006", seq) is Code.NOT_FOUND
    assert await refused(node, member(node, "004"), "006", seq) is Code.NOT_FOUND
    for nothing in (seq - 1, node.node.sequencer.size, 10**14):
        assert await refused(node, member(node, "001"), "001", nothing) is Code.NOT_FOUND


async def test_a_trade_between_groups_is_proven_on_both_sides(world: World) -> None:
    a, b = await world.pair()
    made = await a.ask("pay", **ACROSS, description="Fiets hersteld")
    await eventually(lambda: lines(a)[0].in_n == lines(b)[0].out_n)
    sent, arrived = await legs_of(a, "pay.commit"), await legs_of(b, "pay.receipt")

    paid = await proven(a, member(a, "001"), "001", sent)
    got = await proven(b, member(b, "002"), "002", arrived)

    assert paid.between is not None
    assert paid.between == got.between
    assert paid.between.path == made["path"]
    assert paid.between.payee_minor == 60
    assert paid.between.payer
    assert paid.description == got.description == "Fiets hersteld"
    for told, node, code, minor in (
        (paid, a, "001", -paid.between.payer_minor if paid.between.payer_minor else 0),
        (got, b, "002", 60),
    ):
        legs = {one.account: one.amount_minor for one in told.postings}
        assert legs[account(node, code)] == minor
    shown = await booking_proof.shown_proof(b.node, member(b, "002"), account(b, "002"), arrived)
    assert (shown.group, shown.others, shown.own_minor) == ("alfa", 0, 60)


async def test_a_reader_that_shares_nothing_with_ours_reads_the_same(world: World) -> None:
    a, b = await world.pair()
    inside = await booked(a)
    await a.ask("pay", **ACROSS, description="Fiets hersteld")
    await eventually(lambda: lines(a)[0].in_n == lines(b)[0].out_n)
    places = (
        (a, "001", inside),
        (a, "001", await legs_of(a, "pay.commit")),
        (b, "002", await legs_of(b, "pay.receipt")),
    )

    for node, code, seq in places:
        told = await proven(node, member(node, code), code, seq)
        file = await booking_proof.proof_file(
            node.node, member(node, code), account(node, code), seq
        )
        log = policy_of(node).logs[-1].key
        read = read_proof(file, log.name, log.key.data)
        assert read["legs"] == {(one.account, one.amount_minor) for one in told.postings}
        assert read["description"] == told.description
        if told.between is not None:
            assert (read["payer"], read["payee"]) == (told.between.payer, told.between.payee)
            assert read["payee_minor"] == told.between.payee_minor == 60


async def test_a_proof_waits_for_a_checkpoint_that_covers_the_booking(world: World) -> None:
    node = await world.make("alfa", 20)
    await world.add_members(node)
    first = await booked(node)
    await proof_ready(node, "001", first)
    early = await booking_proof._newest(node.node)()
    assert early is not None
    seq = await booked(node)
    found = await receipts.booking_on(node.node, account(node, "001"), seq)

    async def newest() -> bytes | None:
        return early

    assert not await receipts.is_ready(found, newest)
    with pytest.raises(RefusedError) as caught:
        await receipts.write_proof(node.node, found, newest, subject=None)
    assert caught.value.code is Code.PROOF_NOT_READY


async def test_every_booking_of_a_long_log_is_proven(world: World) -> None:
    """More than a tile: hashes come from ids and from the roots of full tiles."""
    node = await world.make("alfa", 20)
    await world.add_members(node)
    seqs = [await booked(node, amount_minor=1 + number) for number in range(20)]
    await asyncio.gather(
        *(
            node.ask("pay", payer="001", payee="002", amount_minor=1, description="")
            for _ in range(280)
        )
    )

    for number, seq in enumerate(seqs):
        told = await proven(node, member(node, "002"), "002", seq)
        assert max(one.amount_minor for one in told.postings) == 1 + number
    assert node.node.sequencer.size > 300


async def test_what_an_erased_member_wrote_is_in_no_proof(world: World) -> None:
    a, b = await world.pair()
    inside = await booked(a)
    await a.ask("pay", **ACROSS, description="Fiets hersteld")
    await eventually(lambda: lines(a)[0].in_n == lines(b)[0].out_n)
    across = await legs_of(a, "pay.commit")
    before = [await proven(a, member(a, "001"), "001", seq) for seq in (inside, across)]
    subject = a.node.machine.books.ledger.accounts[account(a, "001")].subject
    assert subject is not None

    del a.node.machine.keyring._base[unb64(subject)]

    after = [await proven(a, member(a, "001"), "001", seq) for seq in (inside, across)]
    assert [one.description for one in before] == ["Taart & koffie", "Fiets hersteld"]
    assert [one.description for one in after] == [None, None]
    assert [one.postings for one in before] == [one.postings for one in after]
    assert after[1].between is not None
    assert (after[1].between.payer, after[1].between.payee_minor) == ("", 60)


async def test_a_key_of_somebody_else_opens_no_text(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", **ACROSS, description="Fiets hersteld")
    await eventually(lambda: lines(a)[0].in_n == lines(b)[0].out_n)
    seq = await legs_of(a, "pay.commit")
    await proof_ready(a, "001", seq)
    found = await receipts.booking_on(a.node, account(a, "001"), seq)

    newest = booking_proof._newest(a.node)
    file = await receipts.write_proof(a.node, found, newest, subject=b"\xff" * 16)

    told = check_receipt(file, policy_of(a))
    assert told.description is None
    assert told.between is not None
    assert (told.between.payer, told.between.payee_minor) == ("", 60)


async def test_where_the_partners_events_are_lost_the_amounts_are_still_proven(
    world: World, postgres_server: PostgresServer
) -> None:
    a, b = await world.pair()
    await a.ask("pay", **ACROSS, description="Fiets hersteld")
    await eventually(lambda: lines(a)[0].in_n == lines(b)[0].out_n)
    async with intruder(postgres_server, a) as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("DELETE FROM line_inbox")

    told = await proven(a, member(a, "001"), "001", await legs_of(a, "pay.commit"))

    assert told.between is not None
    assert (told.between.payee_minor, told.description) == (None, None)
    assert -sum(one.amount_minor for one in told.postings if one.amount_minor < 0) > 0


async def test_a_booking_that_came_back_without_its_body_has_no_proof(
    world: World, postgres_server: PostgresServer
) -> None:
    node = await world.make("alfa", 20)
    await world.add_members(node)
    seq = await booked(node)
    async with intruder(postgres_server, node) as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(
            "UPDATE log_event SET body = NULL, body_salt = NULL WHERE seq = $1", seq
        )

    assert await refused(node, member(node, "001"), "001", seq) is Code.PROOF_GONE


async def ruilbrug(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return await forks.ruilbrug(where, "proof", "check", *arguments)


async def test_the_command_checks_where_there_is_no_node(world: World, tmp_path: Path) -> None:
    a, b = await world.pair()
    await a.ask("pay", **ACROSS, description="Fiets\n\u202ehersteld")
    await eventually(lambda: lines(a)[0].in_n == lines(b)[0].out_n)
    seq = await legs_of(a, "pay.commit")
    await proof_ready(a, "001", seq)
    file = await booking_proof.proof_file(a.node, member(a, "001"), account(a, "001"), seq)
    proof = TlogProof.parse(file)
    note = SignedNote.parse(proof.checkpoint)
    line = WITNESS.sign(note.text, now_s=now_s())
    cosigned = SignedNote(note.text, (*note.signatures, line)).encode()
    empty = tmp_path / "empty"
    empty.mkdir()
    for name, data in (
        ("alone", file),
        ("fine", TlogProof(proof.index, proof.path, cosigned, proof.extra).encode()),
        ("moved", TlogProof(proof.index + 1, proof.path, cosigned, proof.extra).encode()),
        ("nonsense", b"nonsense"),
        ("policy", write_policy(policy_of(a, witnessed=True))),
        ("none", write_policy(policy_of(a))),
        ("other", write_policy(policy_of(b))),
        ("broken", b"log x\n"),
    ):
        (empty / name).write_bytes(data)

    fine = await ruilbrug(empty, "fine", "--policy", "policy")
    as_json = await ruilbrug(empty, "fine", "--policy", "policy", "--json")
    unwitnessed = await ruilbrug(empty, "alone", "--policy", "none")
    failures = {
        "proof_witnesses_missing": await ruilbrug(empty, "alone", "--policy", "policy"),
        "proof_log_unknown": await ruilbrug(empty, "fine", "--policy", "other"),
        "proof_other_log": await ruilbrug(empty, "moved", "--policy", "policy"),
    }
    unreadable = [
        await ruilbrug(empty, "nonsense", "--policy", "policy"),
        await ruilbrug(empty, "absent", "--policy", "policy"),
        await ruilbrug(empty, "fine", "--policy", "absent"),
        await ruilbrug(empty, "fine", "--policy", "broken"),
        await ruilbrug(empty, "fine"),
    ]

    assert fine.returncode == 0, fine.stdout
    assert f"at place {seq} of" in fine.stdout
    assert "60 at the payee's" in fine.stdout
    assert "Fiets  hersteld" in fine.stdout
    assert "witnessed: w" in fine.stdout
    assert json.loads(as_json.stdout)["between"]["payee_minor"] == 60
    assert unwitnessed.returncode == 0
    assert "No witness has cosigned" in unwitnessed.stdout
    for code, answer in failures.items():
        assert answer.returncode == 1
        assert f"NOT PROVEN ({code})" in answer.stdout, answer.stdout
    for answer in unreadable:
        assert answer.returncode == 2, answer.stdout
        assert "Traceback" not in answer.stderr


async def test_the_policy_that_a_node_prints_lets_its_proofs_through(world: World) -> None:
    umbrella = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=umbrella.invitation)
    b = await world.make("beta", 60, umbrella=umbrella.invitation)
    for group in (a, b):
        await umbrella.ask("audit.admit", invitation=group.invitation)
    await world.link(a, b)
    await world.add_members(a)
    seq = await booked(a)
    await proof_ready(a, "001", seq)

    printed = (await a.ask("witness.policy"))["policy"].encode()
    file = await booking_proof.proof_file(a.node, member(a, "001"), account(a, "001"), seq)

    told = check_receipt(file, parse_policy(printed))
    assert len(told.cosigned_at_s) == 2
