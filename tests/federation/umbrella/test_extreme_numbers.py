"""Groups that sign the largest numbers there are, over real HTTP: the audit of all others goes on.

Their logs verify: roots, signatures and checkpoints are right, and every field is one that a core
may hold. What they say cannot be true, and that is found; nobody else is accused or held up.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from federation.group.commands import Note
from federation.node.service import Node
from federation.node.use_cases import new_key
from federation.umbrella import noting
from schemas import cores
from schemas.audit_bodies import AuditFound
from schemas.errors import StorageError
from schemas.findings import What, found
from schemas.ids import SAFE_INTEGER, line_id
from tests.federation.line.pair import hashed, path, signed
from tests.federation.umbrella.conftest import Federation, report
from tests.federation.umbrella.extremes import KINDS, Extremes
from tests.federation.umbrella.forging import Forgery, superuser
from tests.federation.world.conftest import WorldNode, lines

COMMITMENTS = cores.Commitments(body="A" * 43)


def commit_all(forgery: Forgery, group: Node, number: int) -> None:
    """Let a group sign that it pays all the line units that there are."""
    decision = signed(group.id, path(number), commit=True, accept=hashed(number))
    forgery.append(
        group,
        cores.PayCommit,
        path=path(number),
        decision=decision,
        line_units=SAFE_INTEGER,
        total=SAFE_INTEGER,
        balance=SAFE_INTEGER,
        commitments=COMMITMENTS,
    )


def credit_all(forgery: Forgery, group: Node, number: int) -> None:
    """Let a group sign that it was paid all the line units that there are."""
    forgery.append(
        group,
        cores.PayReceipt,
        path=path(number),
        commit=hashed(number),
        up_to=SAFE_INTEGER,
        line_units=SAFE_INTEGER,
        total=SAFE_INTEGER,
        balance=-SAFE_INTEGER,
        commitments=COMMITMENTS,
    )


async def readable(umbrella: WorldNode) -> list[Any]:
    """Audit in both modes, list the findings, and do so again after a restart."""
    listed = []
    for _ in range(2):
        for full in (False, True):
            told = await report(umbrella, full=full)
            assert told["agrees"]
            listed = await umbrella.ask("audit.findings")
            assert {one["id"] for one in listed} >= {
                found(What(one["what"]), **{
                    name: one[name] for name in ("node", "line", "seq", "path")
                }).id().hex()
                for one in told["findings"]
            }  # fmt: skip
        await umbrella.stop()
        await umbrella.start()
    return listed


@pytest.mark.parametrize(("say", "times"), [(commit_all, 2), (credit_all, 3)])
async def test_sums_beyond_all_numbers_are_findings_that_can_be_read(
    federation: Federation, say: Any, times: int
) -> None:
    umbrella, a = federation.umbrella, federation.a
    await federation.pay()
    assert (await report(umbrella))["findings"] == []
    forgery = await Forgery.read(a)
    for number in range(times):
        say(forgery, a.node, number)
    await forgery.plant()

    listed = await readable(umbrella)

    assert {one["node"] for one in listed} <= {a.node.id, ""}
    assert max(one["line_units"] for one in listed) == SAFE_INTEGER


async def test_whatever_a_group_signs_the_others_are_audited_as_before(
    federation: Federation,
) -> None:
    umbrella, a, b, c = federation.umbrella, federation.a, federation.b, await federation.third()
    await federation.pay()
    before = await report(umbrella)
    ((shared,), (theirs,)) = lines(a), lines(c)
    forgery = await Forgery.read(c)
    make = Extremes(Random(5), [a.node.id, b.node.id, c.node.id])
    own = [theirs.line, line_id(c.node.id, a.node.id, 0), shared.line]
    for at in range(200):  # of one tile
        line, kind = own[at % len(own)], KINDS[at % len(KINDS)]
        forgery.append(c.node, kind, line=line, n=at // len(own) + 2, **make.fields(kind, line))
    await forgery.plant()

    listed = await readable(umbrella)

    told = await report(umbrella)
    honest = [one for one in told["findings"] if one["line"] in ("", shared.line)]
    assert {one["node"] for one in honest} <= {c.node.id}
    assert [one for one in told["lines"] if one["line"] == shared.line] == [
        one for one in before["lines"] if one["line"] == shared.line
    ]
    assert listed


async def test_a_body_that_nobody_could_read_back_is_not_appended(federation: Federation) -> None:
    node, size = federation.umbrella.node, federation.umbrella.node.sequencer.size
    body = AuditFound(
        v=1, at_s=SAFE_INTEGER + 1, check="A1", severity="alarm", what=What.NEAR_LIMIT.value
    )

    with pytest.raises(StorageError):
        await node.do(Note(new_key(), body))

    assert node.sequencer.size == size
    await node.do(Note(new_key(), AuditFound(v=1, at_s=1, check="A1", severity="x", what="y")))
    assert node.sequencer.size == size + 1


async def test_a_finding_that_cannot_be_noted_holds_up_no_other(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, node = federation.umbrella, federation.a.node.id
    odd = found(What.NEAR_LIMIT, "no id of any node")
    plain = found(What.LOG_SHORTER, node, seq=7)

    await noting.write(umbrella.node, [odd, plain])

    assert [one.known.finding for one in await noting.all_findings(umbrella.node)] == [plain]


async def test_findings_that_cannot_be_read_are_passed_over_and_told(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella = federation.umbrella
    first, second = (found(What.LOG_SHORTER, federation.a.node.id, seq=at) for at in (7, 9))
    await noting.write(umbrella.node, [first, second])
    async with superuser(umbrella) as connection:
        await connection.execute(
            """UPDATE log_event SET body = convert_to(
                replace(convert_from(body, 'UTF8'), '"seq":7', '"seq":-7'), 'UTF8')
            WHERE position('"seq":7'::bytea in body) > 0"""
        )
    told: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(noting.log, "error", lambda event, **facts: told.append((event, facts)))

    listed = [one.known.finding for one in await noting.all_findings(umbrella.node)]

    assert listed == [second]
    ((event, facts),) = told
    assert (event, set(facts)) == ("finding_unreadable", {"seq"})
    await report(umbrella)
