"""What audits find about payments: limits, amounts, decisions, and what groups pass on or owe."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
import pytest

from federation.line import commands as line
from federation.umbrella.audit import LAG_S
from schemas import cores
from schemas.core_parts import WireCode
from schemas.encoding import b32, encode
from schemas.findings import Check, Severity, What
from schemas.ids import line_id
from tests.federation.line.pair import HOUR, NOW, Node, Pair, hashed, path, signed
from tests.federation.umbrella.history import (
    FORGED,
    History,
    Log,
    agree_anew,
    audited,
    lower_grant,
)
from tests.federation.umbrella.lives import (
    opening,
    reversed_,
    the_only,
    traded,
    whole_life,
)

_PLACE = ("v", "origin", "seq", "root", "key", "ts", "line", "n", "prev", "seen")


def test_a6_an_accept_beyond_the_limit_of_the_terms() -> None:
    pair = reversed_()
    units = next(t.line_units for t in pair.a.books.transfers.values() if t.path == path(1))
    history = lower_grant(History.of(pair), pair.b, units - 1)

    found = the_only(history)

    assert (found.check, found.node, found.path) == (Check.A6, pair.b.id, path(1))
    assert found.line_units == 1


def test_a6_a_limit_that_was_lowered_alone_counts() -> None:
    pair = Pair().opened()
    pair.b.do(line.LowerLimit(pair.line_id, 3 * HOUR))
    pair.settle()
    pair.start(1, 30)
    pair.settle()
    pair.reverse()
    pair.settle()
    history = History.of(pair)
    assert history.findings() == []

    history.change(pair.b, cores.LineLimit, grants_units=1)

    assert the_only(history).check is Check.A6


def test_a7_amounts_that_do_not_follow_from_the_terms() -> None:
    pair = traded()
    history = History.of(pair)
    prepare = history.logs[pair.a.id][history.place(pair.a, cores.PayPrepare)][0]

    found = the_only(history.change(pair.a, cores.PayPrepare, payer_minor=prepare.payer_minor + 1))

    assert (found.what, found.node) == (What.AMOUNTS_DIFFER, pair.a.id)


def test_a7_amounts_are_held_against_the_revision_that_is_named() -> None:
    pair = whole_life()

    found = the_only(History.of(pair).change(pair.a, cores.PayPrepare, 1, terms_rev=1))

    assert (found.what, found.path) == (What.AMOUNTS_DIFFER, path(3))


def test_a7_terms_that_nobody_accepted() -> None:
    pair = traded()

    found = the_only(History.of(pair).change(pair.a, cores.PayPrepare, terms_rev=9))

    assert found.what is What.TERMS_UNKNOWN


def test_a7_a_reversal_that_is_no_mirror_image() -> None:
    pair = reversed_()
    history = History.of(pair)
    prepare = history.logs[pair.b.id][history.place(pair.b, cores.PayPrepare)][0]

    found = the_only(history.change(pair.b, cores.PayPrepare, payee_minor=prepare.payee_minor + 1))

    assert found.what is What.REVERSAL_DIFFERS


def test_a7_a_reversal_of_nothing() -> None:
    pair = reversed_()

    found = the_only(History.of(pair).change(pair.b, cores.PayPrepare, reverses=path(99)))

    assert found.what is What.REVERSAL_UNKNOWN


def test_a7_an_amount_that_changes_on_its_way() -> None:
    pair = traded()
    history = History.of(pair)
    accept = history.logs[pair.b.id][history.place(pair.b, cores.PayAccept)][0]

    history.change(pair.b, cores.PayAccept, line_units=accept.line_units - 1)

    assert {found.what for found in history.findings()} == {What.UNITS_CHANGED}


def test_a7_a_balance_that_does_not_follow_from_the_chain() -> None:
    pair = opening()
    history = History.of(pair)
    commit = history.logs[pair.a.id][history.place(pair.a, cores.PayCommit)][0]

    found = the_only(history.change(pair.a, cores.PayCommit, balance=commit.balance - 2 * HOUR))

    assert (found.what, found.line_units) == (What.BALANCE_DIFFERS, 2 * HOUR)


def test_a7_an_opening_position_that_is_not_the_agreed_one() -> None:
    pair = Pair()
    pair.agree(pair.terms(a_owes=2 * HOUR))
    history = History.of(pair)

    history.change(pair.a, cores.LineRevalued, balance=HOUR)

    assert [found.what for found in history.findings()] == [What.OPENING_DIFFERS]


def test_a8_a_commit_that_nobody_confirms_in_time() -> None:
    pair = Pair().opened()
    pair.start(1, 30)
    pair.deliver(pair.a)
    pair.deliver(pair.b)
    history = History.of(pair)

    assert history.findings(at_s=NOW + LAG_S) == []
    found = the_only(history, at_s=NOW + LAG_S + 1)
    assert (found.what, found.node) == (What.COMMIT_UNANSWERED, pair.b.id)
    assert found.severity is Severity.ALARM


def test_a8_an_accept_that_nobody_decides_upon_in_time() -> None:
    pair = Pair().opened()
    pair.start(1, 30)
    pair.deliver(pair.a)
    history = History.of(pair)

    assert history.findings(at_s=NOW + LAG_S) == []
    found = the_only(history, at_s=NOW + LAG_S + 1)
    assert (found.what, found.node) == (What.ACCEPT_UNDECIDED, pair.a.id)


def abort(history: History, node: Node, number: int, **changes: Any) -> History:
    verdict = signed(node.id, path(number), commit=False)
    return history.append(
        node,
        cores.PayAbort,
        path=path(number),
        decision=msgspec.structs.replace(verdict, **changes),
        code=WireCode.CANCELLED,
        salt=None,
    )


def unsigned(history: History, node: Node, **changes: Any) -> History:
    """Put a signature that does not fit under a group's first commit, or change what it says."""
    said = history.logs[node.id][history.place(node, cores.PayCommit)][0].decision
    decision = msgspec.structs.replace(said.decision, **changes)
    signature = said.signature if changes else FORGED
    return history.change(
        node, cores.PayCommit, decision=cores.SignedDecision(decision=decision, signature=signature)
    )


def told(history: History) -> list[tuple[What, Severity, str, int]]:
    """What is found, how much it weighs, whom it accuses, and where."""
    return [(one.what, one.severity, one.node, one.seq) for one in history.findings()]


def test_a9_two_decisions_about_one_payment() -> None:
    pair = traded()

    found = the_only(abort(History.of(pair), pair.a, 1))

    assert (found.what, found.severity) == (What.TWO_VERDICTS, Severity.PROOF)
    assert (found.node, found.path) == (pair.a.id, path(1))


def test_a9_a_second_decision_without_signature_is_no_proof() -> None:
    pair = traded()
    history = abort(History.of(pair), pair.a, 1, signature=FORGED)
    last = len(history.logs[pair.a.id]) - 1

    assert told(history) == [
        (What.DECISION_UNSIGNED, Severity.CONTRADICTION, pair.a.id, last),
    ]


def test_a9_a_decision_behind_one_without_signature_is_no_proof() -> None:
    pair = traded()
    history = abort(unsigned(History.of(pair), pair.a), pair.a, 1)
    first = history.place(pair.a, cores.PayCommit)
    last = len(history.logs[pair.a.id]) - 1

    assert told(history) == [
        (What.DECISION_UNSIGNED, Severity.CONTRADICTION, pair.a.id, first),
        (What.SAID_AGAIN, Severity.CONTRADICTION, pair.a.id, last),
    ]
    assert history.findings()[0].line_units == HOUR // 2


@pytest.mark.parametrize("between", [0, 1])
def test_a9_two_decisions_are_proof_whatever_stands_unsigned_before_and_between(
    between: int,
) -> None:
    pair = traded()
    history = abort(unsigned(History.of(pair), pair.a), pair.a, 1)
    commit = history.logs[pair.a.id][history.place(pair.a, cores.PayCommit)][0]
    fields = {name: getattr(commit, name) for name in commit.__struct_fields__}
    fields = {name: fields[name] for name in fields if name not in _PLACE}
    for _ in range(between):
        history.append(pair.a, cores.PayCommit, **fields)

    right = signed(pair.a.id, path(1), commit=True, accept=commit.decision.decision.accept)
    history.append(pair.a, cores.PayCommit, **fields | {"decision": right})

    again, twice = [one for one in history.findings() if one.check is Check.A9]
    assert (again.what, again.severity) == (What.SAID_AGAIN, Severity.CONTRADICTION)
    assert (twice.what, twice.severity) == (What.TWO_VERDICTS, Severity.PROOF)
    assert twice.seq == len(history.logs[pair.a.id]) - 1


OTHERWISE: dict[str, dict[str, Any]] = {
    "by a key that does not speak there": {"key": hashed("key")},
    "about another payment": {"path": path(9)},
    "what its event does not say": {"verdict": cores.Verdict.ABORT},
}


@pytest.mark.parametrize("changes", OTHERWISE.values(), ids=OTHERWISE)
def test_a1_a_decision_that_does_not_fit_its_event_counts_as_unsigned(
    changes: dict[str, Any],
) -> None:
    pair = traded()
    history = unsigned(History.of(pair), pair.a, **changes)
    place = history.place(pair.a, cores.PayCommit)

    assert told(history) == [(What.DECISION_UNSIGNED, Severity.CONTRADICTION, pair.a.id, place)]


@pytest.mark.parametrize(
    "changes", [{}, *OTHERWISE.values(), {"origin": hashed("other")}], ids=repr
)
def test_who_credits_no_commit_without_a_decision_that_fits_is_not_accused(
    changes: dict[str, Any],
) -> None:
    pair = Pair().opened()
    pair.start(1, 30)
    pair.settle()
    history = unsigned(History.of(pair), pair.a, **changes)
    nothing = {"paid": 0, "credited": 0, "balance": 0, "salt": None}
    history.become(pair.b, cores.PayReceipt, 0, cores.LineHeads, **nothing)
    place = history.place(pair.a, cores.PayCommit)

    assert told(history) == [(What.DECISION_UNSIGNED, Severity.CONTRADICTION, pair.a.id, place)]


def test_a9_two_events_with_one_number() -> None:
    pair = traded()
    history = History.of(pair)

    history.append(pair.a, cores.LineUnfreeze, n=pair.a.line.out_n, salt=None)

    found = the_only(history)
    assert (found.what, found.severity) == (What.TWO_CHAINS, Severity.PROOF)


def test_a9_a_number_that_was_left_out_is_used_once_without_proof_and_twice_with() -> None:
    pair = traded()
    history, n = History.of(pair), pair.a.line.out_n
    for number in (n + 5, n + 3, n + 5, n + 3, n + 1, n):
        history.append(pair.a, cores.LineUnfreeze, n=number, salt=None)
    places = range(len(history.logs[pair.a.id]) - 6, len(history.logs[pair.a.id]))

    twice, once = What.TWO_CHAINS, What.NUMBER_SKIPPED
    proof, no_proof = Severity.PROOF, Severity.CONTRADICTION
    assert [(what, weight, seq) for what, weight, _, seq in told(history)] == [
        (once, no_proof, places[0]),
        (once, no_proof, places[1]),
        (twice, proof, places[2]),
        (twice, proof, places[3]),
        (once, no_proof, places[4]),
        (twice, proof, places[5]),
    ]


def test_a9_a_payment_that_is_used_again() -> None:
    pair = traded()
    history = History.of(pair)
    prepare = history.logs[pair.a.id][history.place(pair.a, cores.PayPrepare)][0]
    fields = {name: getattr(prepare, name) for name in prepare.__struct_fields__}

    history.append(
        pair.a,
        cores.PayPrepare,
        **{name: fields[name] for name in fields if name not in _PLACE},
    )

    assert the_only(history).what is What.SAID_AGAIN


def test_a11_an_accept_of_what_nobody_prepared() -> None:
    pair = traded()

    found = the_only(History.of(pair).change(pair.b, cores.PayAccept, prepare=hashed("x")))

    assert (found.what, found.node) == (What.ACCEPT_WITHOUT_PREPARE, pair.b.id)


def test_a11_a_commit_of_what_nobody_accepted() -> None:
    pair = traded()
    verdict = signed(pair.a.id, path(1), commit=True, accept=hashed("x"))

    found = the_only(History.of(pair).change(pair.a, cores.PayCommit, decision=verdict))

    assert (found.what, found.node) == (What.COMMIT_WITHOUT_ACCEPT, pair.a.id)


def owing(grants: int) -> Pair:
    """A owes B half an hour."""
    pair = Pair(grants=grants).opened()
    pair.start(1, 30)
    pair.settle()
    return pair


def test_a15_a_group_that_comes_close_to_its_limit() -> None:
    at_the_alarm, before_it = owing(300_000), owing(300_001)

    assert before_it.a.line.balance_units == at_the_alarm.a.line.balance_units == 180_000
    assert History.of(before_it).findings() == []
    found = the_only(History.of(at_the_alarm))
    assert (found.what, found.line_units) == (What.NEAR_LIMIT, 180_000)
    assert found.node == at_the_alarm.a.id


def passed_on(amount: int) -> dict[str, Log]:
    """A pays C by way of B: two lines, one path, and the decision of A on both."""
    first, second = Pair().opened(), Pair().opened()
    for pair, paid in ((first, 30), (second, amount)):
        pair.start(1, paid)
        pair.settle()
    further = History.of(second)
    gamma = b32(sha256(b"gamma").digest())
    names = {
        second.b.id: gamma,
        second.a.id: first.b.id,
        second.line_id: line_id(first.b.id, gamma, 0),
    }
    for log in further.logs.values():
        for at, (core, name) in enumerate(log):
            log[at] = (_passed(_moved(core, names), first.a.id), name)
    agree_anew(further, second)
    of_hop, of_last = further.made().values()
    logs = History.of(first).made()
    logs[first.b.id] += of_hop
    return logs | {names[second.b.id]: of_last}


def _moved(core: Any, names: dict[str, str]) -> Any:
    data = encode(core)
    for old, new in names.items():
        data = data.replace(old.encode(), new.encode())
    return msgspec.json.decode(data, type=type(core))


def _passed(core: Any, originator: str) -> Any:
    if not isinstance(core, cores.PayCommit):
        return core
    decision = msgspec.structs.replace(core.decision.decision, origin=originator)
    return msgspec.structs.replace(
        core, decision=msgspec.structs.replace(core.decision, decision=decision)
    )


def test_a12_who_passes_on_gives_what_it_got() -> None:
    assert audited(passed_on(30)).findings(NOW) == []

    (found,) = audited(passed_on(40)).findings(NOW)

    assert (found.what, found.line_units) == (What.LEGS_DIFFER, 60_000)
