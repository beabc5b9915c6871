"""Nodes that cheat, over real databases and sockets: each is found within two rounds.

In a round each pair of groups has exchanged once and the umbrella has run one audit, which goes on
and is held against one from the start. Whatever a group does, proof names it alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events.signing import PrivateKey
from federation.line import life
from federation.line.commands import SendHeads
from federation.line.drafts import Draft, LineDraft
from federation.node.evidence import read_file
from federation.node.service import now_s
from federation.umbrella.audit import LAG_S
from projections.books import Books
from projections.lines import Line
from schemas import cores
from schemas.encoding import encode
from schemas.errors import Code, RefusedError
from schemas.findings import What
from schemas.keys import Cause
from tests.federation.umbrella.conftest import Federation, proofs, report
from tests.federation.umbrella.forging import Forgery
from tests.federation.umbrella.test_mirror import served
from tests.federation.world.accepting import accept_terms
from tests.federation.world.conftest import WAIT_S, WorldNode, eventually, lines
from tests.federation.world.test_cosigning import has_cosigned
from tests.federation.world.test_hearsay import lose, signed
from tests.federation.world.test_key_changes import key_file, statement
from tests.federation.world.witness_help import PATH, ask
from tests.forks import ruilbrug

Accused = set[tuple[str, str]]
"""What was found, and in whose log."""


async def exchange(one: WorldNode, other: WorldNode) -> None:
    """Let two groups tell each other once where their books stand."""
    for group, partner in ((one, other), (other, one)):
        line = next(x for x in lines(group) if x.peer == partner.node.id)
        told = await group.node.do(SendHeads(line.line))
        await eventually(partial(has_seen, partner, told))


def has_seen(group: WorldNode, told: Line) -> bool:
    """Tell whether a group has taken in all that its partner sent it on a line."""
    return bool(group.node.machine.books.lines[told.line].in_n >= told.out_n)


async def audited(umbrella: WorldNode) -> Accused:
    """Audit as goes on and from the start; both find the same."""
    told = [await report(umbrella, full=full) for full in (False, True)]
    assert told[0]["findings"] == told[1]["findings"]
    assert told[1]["agrees"]
    return {(found["what"], found["node"]) for found in told[1]["findings"]}


async def played(federation: Federation) -> Accused:
    """One round."""
    await exchange(federation.a, federation.b)
    return await audited(federation.umbrella)


async def proven(node: WorldNode, folder: Path) -> list[tuple[str, str]]:
    """Wait for what a node looks into by itself; every file is checked where there is no node."""
    async with asyncio.timeout(WAIT_S):
        while not (found := await proofs(node)):
            await node.node.hearsay.look()
    for row in await node.ask("evidence.list"):
        (folder / row["id"]).write_bytes(await read_file(node.node.pool, row["id"]))
        told = await ruilbrug(folder, "evidence", "check", row["id"])
        assert (told.returncode, f"PROVEN ({row['kind']})" in told.stdout) == (0, True)
    return found


async def accused(federation: Federation) -> set[str]:
    """Name those against whom anybody holds proof."""
    return {name for node in federation.world.nodes for _, name in await proofs(node)}


async def test_split_view(federation: Federation, tmp_path: Path) -> None:
    a, b, c = federation.a, federation.b, await federation.third()
    await federation.pay()
    await c.node.peers.read_register()
    await eventually(lambda: has_cosigned(b, a))

    shown = await ask(c, PATH, b"old 0\n\n" + signed(a, a.node.sequencer.size))
    assert shown.status == 200, "which has cosigned nothing of that log before"
    for _ in range(2):  # of all that it has cosigned, it tells in turn
        await exchange(c, b)

    assert await proven(b, tmp_path) == [("same-size", a.node.id)]
    assert await audited(federation.umbrella) == set(), "which was shown the other history"
    assert await accused(federation) == {a.node.id}


async def test_rollback(federation: Federation, tmp_path: Path) -> None:
    umbrella, a = federation.umbrella, federation.a
    await federation.pay()
    for code in ("007", "008", "009"):
        await a.ask("member.add", code=code, name="Nieuw")
    assert await audited(umbrella) == set()

    forgery = await Forgery.read(a)
    del forgery.logs[a.node.id][-3:]
    await forgery.plant()

    assert await audited(umbrella) == {(What.LOG_SHORTER, a.node.id)}
    assert await proofs(umbrella) == [], "an older state is nothing that was never signed"
    assert await played(federation) == {
        (What.LOG_REFUSED, a.node.id),
        (What.SENT_OTHERWISE, a.node.id),
    }, "what it wrote since stands where the mirror holds something else"
    kinds = {kind for kind, _ in await proven(umbrella, tmp_path)}
    assert kinds - {"same-size"} == {"broken-promise", "same-index"}, "or what witnesses saw, too"
    assert await accused(federation) == {a.node.id}


async def hide(group: WorldNode, *kinds: type) -> None:
    """Let a group write in the places of a trade that it only told where its books stand."""
    forgery = await Forgery.read(group)
    nothing = {"paid": 0, "credited": 0, "balance": 0, "salt": None}
    for kind in kinds:
        forgery.become(group.node, kind, 0, cores.LineHeads, **nothing)
    forgery.change(group.node, cores.LineHeads, -1, **nothing)
    await forgery.plant()


async def test_hidden_sent_trade(federation: Federation, tmp_path: Path) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    await federation.pay()
    await exchange(a, b)

    await hide(a, cores.PayPrepare, cores.PayCommit)

    for _ in range(2):
        assert await audited(umbrella) == {(What.SENT_OTHERWISE, a.node.id)}
    assert await proven(umbrella, tmp_path) == [("channel-fork", a.node.id)]
    assert await accused(federation) == {a.node.id}


async def test_hidden_received_trade(federation: Federation, tmp_path: Path) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    await federation.pay()
    await exchange(a, b)

    await hide(b, cores.PayAccept, cores.PayReceipt)

    for _ in range(2):
        assert await audited(umbrella) == {(What.SENT_OTHERWISE, b.node.id)}
    assert await proven(umbrella, tmp_path) == [("channel-fork", b.node.id)]
    assert await accused(federation) == {b.node.id}


async def test_back_dated_key(federation: Federation) -> None:
    umbrella, a = federation.umbrella, federation.a
    await federation.pay()
    assert await played(federation) == set()
    late = statement(a, key_file(a, "root"), Cause.RECOVERY, PrivateKey(b"x" * 32), 7)

    with pytest.raises(RefusedError) as caught:
        await a.node.client.post(
            umbrella.node.id,
            umbrella.node.settings.public_url,
            "/federation/v1/register/keys",
            encode((*a.node.identity.statements, late)),
        )
    forgery = await Forgery.read(a)
    log = forgery.logs[a.node.id]
    first = log[forgery.place(a.node, cores.KeyCore)][0]
    log.append((msgspec.structs.replace(first, statement=late, ts=log[-1][0].ts), "late"))
    place = len(log) - 1
    await forgery.plant()

    assert caught.value.code is Code.KEY_LATE
    assert await played(federation) == {(What.LOG_REFUSED, a.node.id)}
    (found,) = (await report(umbrella))["findings"]
    assert (found["reason"], found["seq"]) == (Code.KEY_LATE, place)
    assert await accused(federation) == set(), "it has signed nothing twice"


async def test_stale_checkpoint(federation: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    umbrella, a = federation.umbrella, federation.a
    await federation.pay()
    assert await played(federation) == set()
    stale = (await ask(a, "/log/checkpoint")).body
    await federation.pay()

    served(monkeypatch, umbrella, a, "get_unsigned", "/log/checkpoint", lambda _: stale)
    assert await played(federation) == set(), "what the other has seen may be on its way"
    with monkeypatch.context() as later:
        for room in ("use_cases", "auditing"):
            later.setattr(f"federation.umbrella.{room}.now_s", lambda: now_s() + LAG_S + 9)
        assert await played(federation) == {
            (What.SEEN_MISSING, a.node.id),
            (What.ACCEPT_UNDECIDED, a.node.id),
        }

    assert await accused(federation) == set(), "silence is no proof"


async def test_stale_checkpoint_of_a_log_that_was_followed_further(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a = federation.umbrella, federation.a
    stale = (await ask(a, "/log/checkpoint")).body
    await federation.pay()
    assert await played(federation) == set()

    served(monkeypatch, umbrella, a, "get_unsigned", "/log/checkpoint", lambda _: stale)

    assert await played(federation) == {(What.LOG_SHORTER, a.node.id)}
    assert await accused(federation) == set()


async def test_witness_rollback(federation: Federation, tmp_path: Path) -> None:
    a, b, c = federation.a, federation.b, await federation.third()
    await a.ask("line.propose", group="gamma")
    await eventually(lambda: any(x.their_proposal for x in lines(c)))
    await accept_terms(c, "alfa")
    await federation.pay()
    await eventually(lambda: has_cosigned(b, a) and has_cosigned(c, a))
    fork = b"old 0\n\n" + signed(a, a.node.sequencer.size)
    assert (await ask(b, PATH, fork)).status == 409

    await lose(b)
    assert (await ask(b, PATH, fork)).status == 200
    for _ in range(2):
        await exchange(b, c)

    assert await proven(c, tmp_path) == [("same-size", a.node.id)]
    assert await audited(federation.umbrella) == set()
    assert await accused(federation) == {a.node.id}


async def test_ledger_that_differs_from_its_chains(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a = federation.umbrella, federation.a
    await federation.pay()
    true = life.send_heads

    def of_another_ledger(books: Books, command: SendHeads) -> Generator[Draft, str, Any]:
        (draft,) = list(true(books, command))
        assert isinstance(draft, LineDraft)
        less = 5 if lines(a)[0].paid_units == draft.fields["paid"] else 0
        yield draft._replace(fields=draft.fields | {"paid": draft.fields["paid"] - less})
        return books.lines[command.line]

    monkeypatch.setattr(life, "send_heads", of_another_ledger)

    assert await played(federation) == {(What.HEADS_DIFFER, a.node.id)}
    (found,) = (await report(umbrella))["findings"]
    assert found["line_units"] == 5
    assert await accused(federation) == set()
