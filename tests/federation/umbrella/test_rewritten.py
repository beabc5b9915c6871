"""Each check over HTTP: a group rewrites its own database, and the mirror finds exactly that.

Roots, signatures and checkpoints are those of a node whose log had always been so. Nothing is found
before, and the same is found in both modes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from federation.line.commands import SendHeads
from federation.node import evidence
from federation.node.evidence import read_file
from federation.node.service import now_s
from federation.umbrella import noting, proving
from federation.umbrella.audit import LAG_S
from schemas import cores
from schemas.core_parts import WireCode
from schemas.findings import CHECKS, Check, Severity, What
from schemas.keys import Cause, SignedKeyStatement
from tests.federation.cli.test_evidence_of_logs import check
from tests.federation.line.pair import hashed, path, signed
from tests.federation.umbrella.conftest import Federation, proofs, report
from tests.federation.umbrella.forging import Forgery, forget
from tests.federation.umbrella.history import lower_grant
from tests.federation.world.conftest import WorldNode, eventually, lines
from tests.federation.world.test_key_changes import key_file, statement

DAY = 24 * 3600
HALF_AN_HOUR = 180_000


class Groups:
    """A and B, who traded half an hour each way, and their logs."""

    def __init__(self, federation: Federation, forgery: Forgery) -> None:
        self.umbrella, self.forgery = federation.umbrella, forgery
        self.a, self.b = federation.a.node, federation.b.node

    def last(self, node: Any, kind: type) -> Any:
        log = self.forgery.logs[node.id]
        return log[self.forgery.place(node, kind, -1)][0]

    def cut(self, node: Any, kind: type) -> None:
        """Drop an event and all behind it."""
        del self.forgery.logs[node.id][self.forgery.place(node, kind) :]


@pytest.fixture
async def groups(federation: Federation) -> Groups:
    await federation.pay(30)
    back = await federation.b.ask("pay", payer="001", payee="001", amount_minor=10, group="alfa")
    assert back["state"] == "settled"
    await tell_heads(federation.a, federation.b)
    await tell_heads(federation.b, federation.a)
    return Groups(federation, await Forgery.read(federation.a, federation.b))


async def tell_heads(group: WorldNode, other: WorldNode) -> None:
    """Let a group say where its books stand, and the other see it."""
    (line,) = lines(group)
    await group.node.do(SendHeads(line.line))
    await eventually(lambda: lines(other)[0].in_n == lines(group)[0].out_n)


Change = Callable[[Groups], None]


class Case(NamedTuple):
    """What a group changes, and what is found then."""

    node: str
    what: What
    change: Change
    later_s: int = 0
    units: int = 0


def _number(groups: Groups) -> None:
    heads = groups.last(groups.b, cores.LineHeads)
    groups.forgery.change(groups.b, cores.LineHeads, n=heads.n + 1)


def _seen_back(groups: Groups) -> None:
    seen = cores.Seen(n=1, id=hashed("x"))
    groups.forgery.change(groups.b, cores.LineHeads, seen=seen)


def _total(groups: Groups) -> None:
    commit = groups.last(groups.a, cores.PayCommit)
    groups.forgery.change(groups.a, cores.PayCommit, total=commit.total + 7)


def _not_credited(groups: Groups) -> None:
    groups.cut(groups.b, cores.PayPrepare)
    groups.cut(groups.a, cores.PayAccept)
    nothing = {"paid": 0, "credited": 0, "balance": 0, "salt": None}
    groups.forgery.become(groups.b, cores.PayReceipt, 0, cores.LineHeads, **nothing)


def _unsigned(groups: Groups) -> None:
    """What is acknowledged and not credited, since the decision bears nobody's signature."""
    groups.forgery.unsigned.add(groups.last(groups.a, cores.PayCommit).path)
    _not_credited(groups)


def _credited(groups: Groups) -> None:
    groups.forgery.change(groups.b, cores.PayReceipt, commit=hashed("x"))


def _heads(groups: Groups) -> None:
    heads = groups.last(groups.b, cores.LineHeads)
    groups.forgery.change(groups.b, cores.LineHeads, paid=heads.paid + 5)


def _beyond(groups: Groups) -> None:
    lower_grant(groups.forgery, groups.b, HALF_AN_HOUR - 1)


def _amounts(groups: Groups) -> None:
    prepare = groups.last(groups.a, cores.PayPrepare)
    groups.forgery.change(groups.a, cores.PayPrepare, payer_minor=prepare.payer_minor + 1)


def _terms(groups: Groups) -> None:
    groups.forgery.change(groups.a, cores.PayPrepare, terms_rev=9)


def _balance(groups: Groups) -> None:
    commit = groups.last(groups.a, cores.PayCommit)
    groups.forgery.change(groups.a, cores.PayCommit, balance=commit.balance + 9)


def _unanswered(groups: Groups) -> None:
    groups.cut(groups.b, cores.PayReceipt)
    log = groups.forgery.logs[groups.a.id]
    del log[groups.forgery.place(groups.a, cores.PayCommit) + 1 :]


def _undecided(groups: Groups) -> None:
    groups.cut(groups.b, cores.PayReceipt)
    groups.cut(groups.a, cores.PayCommit)


def _two_verdicts(groups: Groups) -> None:
    named = groups.last(groups.a, cores.PayCommit).path
    groups.forgery.append(
        groups.a,
        cores.PayAbort,
        path=named,
        decision=signed(groups.a.id, named, commit=False),
        code=WireCode.CANCELLED,
        salt=path(7),
    )


def _two_chains(groups: Groups) -> None:
    n = groups.last(groups.b, cores.LineHeads).n
    groups.forgery.append(groups.b, cores.LineUnfreeze, n=n, salt=path(7))


def _another(groups: Groups) -> None:
    forgery, a = groups.forgery, groups.a
    where = forgery.place(a, cores.LineHeads)
    core, name = forgery.logs[a.id][where]
    forgery.kept.add(name)
    forgery.change(a, cores.LineHeads, ts=core.ts + 1)


def _missing(groups: Groups) -> None:
    groups.cut(groups.a, cores.LineHeads)


def _unprepared(groups: Groups) -> None:
    groups.forgery.change(groups.b, cores.PayAccept, prepare=hashed("x"))


def _unaccepted(groups: Groups) -> None:
    named = groups.last(groups.a, cores.PayCommit).path
    decision = signed(groups.a.id, named, commit=True, accept=hashed("x"))
    groups.forgery.change(groups.a, cores.PayCommit, decision=decision)


def _back(groups: Groups) -> None:
    heads = groups.last(groups.b, cores.LineHeads)
    groups.forgery.change(groups.b, cores.LineHeads, ts=heads.ts - DAY)


def _ahead(groups: Groups) -> None:
    heads = groups.last(groups.b, cores.LineHeads)
    groups.forgery.change(groups.b, cores.LineHeads, ts=heads.ts + DAY)


CASES = [
    Case("b", What.NUMBER_SKIPPED, _number),
    Case("b", What.SEEN_BACK, _seen_back),
    Case("a", What.TOTAL_DIFFERS, _total, units=7),
    Case("b", What.NOT_CREDITED, _not_credited, units=HALF_AN_HOUR),
    Case("a", What.DECISION_UNSIGNED, _unsigned, units=HALF_AN_HOUR),
    Case("b", What.CREDIT_WITHOUT_COMMIT, _credited, units=HALF_AN_HOUR),
    Case("b", What.HEADS_DIFFER, _heads, units=5),
    Case("b", What.BEYOND_LIMIT, _beyond, units=1),
    Case("a", What.AMOUNTS_DIFFER, _amounts, units=HALF_AN_HOUR),
    Case("a", What.TERMS_UNKNOWN, _terms, units=HALF_AN_HOUR),
    Case("a", What.BALANCE_DIFFERS, _balance, units=9),
    Case("b", What.COMMIT_UNANSWERED, _unanswered, later_s=LAG_S + 9, units=HALF_AN_HOUR),
    Case("a", What.ACCEPT_UNDECIDED, _undecided, later_s=LAG_S + 9, units=HALF_AN_HOUR),
    Case("a", What.TWO_VERDICTS, _two_verdicts),
    Case("b", What.TWO_CHAINS, _two_chains),
    Case("a", What.SENT_OTHERWISE, _another),
    Case("a", What.SEEN_MISSING, _missing, later_s=LAG_S + 9),
    Case("b", What.ACCEPT_WITHOUT_PREPARE, _unprepared, units=HALF_AN_HOUR),
    Case("a", What.COMMIT_WITHOUT_ACCEPT, _unaccepted, units=HALF_AN_HOUR),
    Case("b", What.TIME_BACK, _back),
    Case("b", What.TIME_AHEAD, _ahead),
]


async def test_nothing_is_found_in_honest_logs_put_back(groups: Groups) -> None:
    await groups.forgery.plant()

    for full in (False, True):
        told = await report(groups.umbrella, full=full)
        assert (told["findings"], told["behind"], told["agrees"]) == ([], [], True)


@pytest.mark.parametrize("check", sorted({CHECKS[case.what][0] for case in CASES}))
async def test_what_a_group_rewrites_is_found(
    groups: Groups, monkeypatch: pytest.MonkeyPatch, check: Check
) -> None:
    found = groups.forgery

    for case in (case for case in CASES if CHECKS[case.what][0] is check):
        groups.forgery = found.anew()
        case.change(groups)
        await groups.forgery.plant()
        await forget(groups.umbrella)
        for room in ("use_cases", "auditing"):
            name = f"federation.umbrella.{room}.now_s"
            monkeypatch.setattr(name, lambda later_s=case.later_s: now_s() + later_s)

        accused = getattr(groups, case.node).id
        assert await both(groups.umbrella) == [(case.what, accused, case.units)], case.what


@pytest.mark.parametrize(
    ("node", "change", "kind"),
    [("a", _two_verdicts, "two-verdicts"), ("b", _two_chains, "channel-fork")],
)
async def test_what_a_log_says_twice_is_kept_as_proof_for_anybody(
    groups: Groups, tmp_path: Path, node: str, change: Change, kind: str
) -> None:
    umbrella, accused = groups.umbrella, getattr(groups, node).id
    change(groups)
    await groups.forgery.plant()

    for full in (False, True):
        await report(umbrella, full=full)
        assert await proofs(umbrella) == [(kind, accused)]

    ((row,),) = [one.proofs for one in await noting.all_findings(umbrella.node)]
    file = await read_file(umbrella.node.pool, row.id)
    (tmp_path / "proof.json").write_bytes(file)
    told = await asyncio.to_thread(check, tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert f"PROVEN ({kind})" in told.stdout


async def test_ends_of_one_line_that_fork_at_one_number_are_proven_each(
    groups: Groups, tmp_path: Path
) -> None:
    umbrella, ends = groups.umbrella, (groups.a, groups.b)
    n = min(groups.last(end, cores.LineHeads).n for end in ends)
    for end in ends:
        groups.forgery.append(end, cores.LineUnfreeze, n=n, salt=path(7))
    await groups.forgery.plant()

    for full in (False, True):
        await report(umbrella, full=full)
        kept = await proofs(umbrella)
        assert sorted(kept) == sorted(("channel-fork", end.id) for end in ends)

    shown = {one.known.finding.node: one.proofs for one in await noting.all_findings(umbrella.node)}
    assert shown.keys() == {end.id for end in ends}
    for accused, (row,) in shown.items():
        assert (row.accused, row.about) == (accused, str(n))
        (tmp_path / "proof.json").write_bytes(await read_file(umbrella.node.pool, row.id))
        told = await asyncio.to_thread(check, tmp_path)
        assert (told.returncode, told.stderr) == (0, "")
        assert accused in told.stdout


async def test_an_end_that_forks_without_end_keeps_no_proof_against_the_other_out(
    groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a, b = groups.umbrella, groups.a, groups.b
    for room in (evidence, proving):
        monkeypatch.setattr(room, "PER_LINE_MAX", 1)
    for end in (a, b):
        for n in (1, 2):
            groups.forgery.append(end, cores.LineUnfreeze, n=n, salt=path(n))
    await groups.forgery.plant()

    for _ in range(2):
        await report(umbrella)
        kept = await proofs(umbrella)
        assert sorted(kept) == sorted(("channel-fork", end.id) for end in (a, b))


async def test_two_decisions_of_which_one_is_unsigned_are_no_proof(groups: Groups) -> None:
    umbrella, a = groups.umbrella, groups.a
    groups.forgery.unsigned.add(groups.last(a, cores.PayCommit).decision.decision.accept)
    _two_verdicts(groups)
    await groups.forgery.plant()

    assert await both(umbrella) == [
        (What.DECISION_UNSIGNED, a.id, HALF_AN_HOUR),
        (What.SAID_AGAIN, a.id, 0),
    ]
    assert await proofs(umbrella) == []
    for shown in await noting.all_findings(umbrella.node):
        assert shown.known.finding.severity is Severity.CONTRADICTION
        assert shown.proofs == ()


async def test_two_decisions_are_proven_however_many_unsigned_ones_stand_before(
    groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a = groups.umbrella, groups.a
    monkeypatch.setattr(proving, "EACH_MAX", 1)
    commit = groups.last(a, cores.PayCommit)
    fields = {name: getattr(commit, name) for name in ("path", "line_units", "commitments")}
    totals = {name: getattr(commit, name) for name in ("total", "balance")}
    for accept in (hashed(1), hashed(2)):
        groups.forgery.unsigned.add(accept)
        decision = signed(a.id, commit.path, commit=True, accept=accept)
        groups.forgery.append(a, cores.PayCommit, **fields, **totals, decision=decision)
    _two_verdicts(groups)
    await groups.forgery.plant()

    await report(umbrella)

    assert await proofs(umbrella) == [("two-verdicts", a.id)]


async def test_what_cannot_be_proven_keeps_no_other_proof_waiting(
    groups: Groups, federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella = groups.umbrella
    monkeypatch.setattr(proving, "EACH_MAX", 1)
    stolen, other = sorted((federation.a, federation.b), key=lambda group: group.node.id)
    key, root = stolen.node.identity.log, key_file(stolen, "root")
    revocation = statement(stolen, root, Cause.REVOCATION, key, stolen.node.sequencer.size)
    known = umbrella.node.evidence.statements

    async def statements(node: str) -> list[SignedKeyStatement]:
        return [*await known(node), *([revocation] if node == stolen.node.id else [])]

    monkeypatch.setattr(umbrella.node.evidence, "statements", statements)
    for group in (stolen, other):
        n = groups.last(group.node, cores.LineHeads).n
        groups.forgery.append(group.node, cores.LineUnfreeze, n=n, salt=path(8))
    await groups.forgery.plant()

    found = (await report(umbrella))["findings"]
    assert [one["what"] for one in found] == [What.TWO_CHAINS, What.TWO_CHAINS]
    assert await proofs(umbrella) == []
    await report(umbrella)

    assert await proofs(umbrella) == [("channel-fork", other.node.id)]


async def both(umbrella: WorldNode) -> list[tuple[str, str, int]]:
    """What an audit finds that goes on, and one from the start the same."""
    told = [await report(umbrella, full=full) for full in (False, True)]
    assert told[0] == told[1]
    assert told[0]["agrees"]
    return [(found["what"], found["node"], found["line_units"]) for found in told[0]["findings"]]


async def test_a15_who_owes_nearly_as_much_as_it_may(
    groups: Groups, federation: Federation
) -> None:
    await federation.pay(20)  # 120,000 units
    groups.forgery = await Forgery.read(federation.a, federation.b)
    lower_grant(groups.forgery, groups.b, HALF_AN_HOUR)
    await groups.forgery.plant()

    assert await both(groups.umbrella) == [(What.NEAR_LIMIT, groups.a.id, 120_000)]


@pytest.mark.parametrize(("amount_minor", "off"), [(5, 0), (10, HALF_AN_HOUR)])
async def test_a12_who_passes_on_gives_what_it_got(
    federation: Federation, amount_minor: int, off: int
) -> None:
    a, b, c = federation.a, federation.b, await federation.third()
    await federation.pay(30)
    await b.ask("pay", payer="001", payee="001", amount_minor=amount_minor, group="gamma")
    forgery = await Forgery.read(a, b, c)
    (own,) = forgery.paths(a.node)
    (other,) = forgery.paths(b.node) - {own}
    forgery.pass_on(other, own, a.node)
    await forgery.plant()

    found = [(What.LEGS_DIFFER, b.node.id, off)] if off else []
    assert await both(federation.umbrella) == found


async def test_what_a_group_writes_on_a_line_of_two_others_is_found(
    federation: Federation,
) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    await federation.third()
    await federation.pay(30)
    theirs = next(line.line for line in lines(b) if line.peer != a.node.id)
    assert await both(umbrella) == []

    forgery = await Forgery.read(a)
    fields: dict[str, Any] = {"line": theirs, "n": 1, "prev": None, "seen": None}
    forgery.append(a.node, cores.LineUnfreeze, **fields, salt=path(7))
    place = len(forgery.logs[a.node.id]) - 1
    await forgery.plant()

    assert await both(umbrella) == [(What.NOT_ITS_LINE, a.node.id, 0)]
    (found,) = (await report(umbrella))["findings"]
    assert (found["line"], found["seq"], found["severity"]) == (theirs, place, "contradiction")
