"""Each check finds exactly what was changed in an honest history, and nothing in honest ones."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
import pytest

from federation.line import commands as line
from federation.umbrella.audit import LAG_S
from schemas import cores
from schemas.core_parts import FreezeReason, WireCode
from schemas.encoding import b32, encode
from schemas.finding_words import words_for_code
from schemas.findings import CHECKS, Check, Finding, Severity, What
from schemas.texts.words import Language
from tests.federation.line.pair import HOUR, NOW, Node, Pair, hashed, path, signed
from tests.federation.umbrella.history import History, Log, agree_anew, audited, lower_grant

DAY = 24 * 3600


def traded(**options: int) -> Pair:
    """A pays B, B pays A less, and both say where they stand."""
    pair = Pair(**options).opened()  # type: ignore[arg-type]
    pair.start(1, 30)
    pair.settle()
    pair.start(2, 5, node=pair.b)
    pair.settle()
    for node in (pair.a, pair.b):
        node.do(line.SendHeads(pair.line_id))
    pair.settle()
    return pair


def reversed_() -> Pair:
    """What was paid is given back."""
    pair = Pair().opened()
    pair.start(1, 30)
    pair.settle()
    pair.reverse()
    pair.settle()
    return pair


def opening() -> Pair:
    """A pair that owes from before, and trades once each way."""
    pair = Pair()
    pair.agree(pair.terms(a_owes=2 * HOUR))
    pair.start(1)
    pair.settle()
    pair.start(2, node=pair.b)
    pair.settle()
    return pair


def whole_life() -> Pair:
    """Everything that happens on a line between honest groups."""
    pair = Pair().opened()
    pair.start(1, 30)
    pair.start(2, 20, node=pair.b)
    pair.settle()
    pair.a.do(line.LowerLimit(pair.line_id, 15 * HOUR))
    pair.settle()
    pair.a.set_rate(33)
    pair.agree(pair.terms(rev=2))
    pair.b.do(line.LowerLimit(pair.line_id, 18 * HOUR))
    pair.start(3, 30)
    pair.request(4, 9)
    pair.settle()
    pair.consent(4)
    pair.settle()
    pair.reverse(1, 5)
    pair.settle()
    pair.b.do(line.Freeze(pair.line_id, FreezeReason.COORDINATOR))
    pair.start(6, 12)
    pair.settle()
    pair.b.do(line.Unfreeze(pair.line_id))
    pair.settle()
    pair.start(7, 12)
    pair.a.do(line.CancelPayment(path(7), pair.line_id))
    pair.settle()
    for node in (pair.a, pair.b):
        node.do(line.SendHeads(pair.line_id))
    pair.start(8, 12)
    pair.start(9, 12, node=pair.b)
    pair.deliver(pair.a)
    return pair


def written_off() -> Pair:
    """B gives up on A, which has gone."""
    pair = Pair().opened()
    pair.start(1)
    pair.settle()
    pair.b.do(line.CloseLine(pair.line_id, gone=True))
    return pair


HONEST = [traded, reversed_, opening, whole_life, written_off]


def the_only(history: History, *, at_s: int = NOW) -> Finding:
    (finding,) = history.findings(at_s=at_s)
    assert (finding.check, finding.severity) == CHECKS[finding.what]
    return finding


@pytest.mark.parametrize("life", HONEST)
def test_nothing_is_found_in_honest_lives(life: type[Pair]) -> None:
    assert History.of(life()).findings() == []


@pytest.mark.parametrize("life", [traded, reversed_, opening, written_off])
def test_what_is_settled_is_never_late(life: type[Pair]) -> None:
    assert History.of(life()).findings(at_s=NOW + 99 * DAY) == []


def test_both_books_agree_over_a_settled_line() -> None:
    pair = traded()

    (report,) = audited(History.of(pair).made()).lines()

    assert report.matched
    assert {(flow.payer, flow.trades, flow.in_flight_units) for flow in report.flows} == {
        (pair.a.id, 1, 0),
        (pair.b.id, 1, 0),
    }
    lower = min(pair.a, pair.b, key=lambda node: node.id)
    assert report.owes_units == lower.line.balance_units


def test_what_is_on_its_way_is_no_finding() -> None:
    pair = Pair().opened()
    pair.start(1, 30)
    pair.deliver(pair.a)
    pair.deliver(pair.b)
    history = History.of(pair)

    (report,) = audited(history.made()).lines()

    assert history.findings() == []
    assert not report.matched
    assert sum(flow.in_flight_units for flow in report.flows) == pair.a.transfer().line_units


def test_a1_a_skipped_number() -> None:
    pair = traded()
    history = History.of(pair)
    at = history.place(pair.a, cores.LineHeads)
    n = history.logs[pair.a.id][at][0].n

    history.change(pair.a, cores.LineHeads, n=n + 1)

    assert [found.what for found in history.findings()] == [What.NUMBER_SKIPPED]


def test_a1_another_predecessor() -> None:
    pair = traded()

    found = the_only(History.of(pair).change(pair.a, cores.LineHeads, prev=hashed("x")))

    assert (found.check, found.what) == (Check.A1, What.PREDECESSOR_OTHER)


def test_a1_who_has_seen_less_than_before() -> None:
    pair = traded()
    history = History.of(pair)
    first = history.logs[pair.b.id][history.place(pair.b, cores.TermsAccept)][0]

    found = the_only(history.change(pair.a, cores.LineHeads, seen=cores.Seen(n=1, id=hashed("x"))))

    assert first.n == 1
    assert found.what is What.SEEN_BACK


def test_a2_a_total_that_is_no_sum() -> None:
    pair = traded()
    total = pair.a.line.paid_units

    found = the_only(History.of(pair).change(pair.a, cores.PayCommit, total=total + 7))

    assert (found.check, found.node, found.line_units) == (Check.A2, pair.a.id, 7)


def test_a3_what_was_acknowledged_is_credited() -> None:
    pair = Pair().opened()
    pair.start(1, 30)
    pair.settle()
    history = History.of(pair)

    history.become(
        pair.b, cores.PayReceipt, 0, cores.LineHeads, paid=0, credited=0, balance=0, salt=None
    )

    found = the_only(history)
    units = pair.a.transfer().line_units
    assert (found.check, found.node, found.line_units) == (Check.A3, pair.b.id, units)


def test_a4_a_credit_that_nobody_committed() -> None:
    pair = traded()

    found = the_only(History.of(pair).change(pair.b, cores.PayReceipt, commit=hashed("x")))

    assert (found.check, found.node, found.path) == (Check.A4, pair.b.id, path(1))


@pytest.mark.parametrize("field", ["paid", "credited", "balance"])
def test_a5_heads_that_do_not_follow_from_commits_and_receipts(field: str) -> None:
    pair = traded()
    history = History.of(pair)
    heads = history.logs[pair.a.id][history.place(pair.a, cores.LineHeads)][0]

    found = the_only(history.change(pair.a, cores.LineHeads, **{field: getattr(heads, field) + 5}))

    assert (found.check, found.node, found.line_units) == (Check.A5, pair.a.id, 5)


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


def abort(history: History, node: Node, number: int) -> History:
    verdict = signed(node.id, path(number), commit=False)
    return history.append(
        node,
        cores.PayAbort,
        path=path(number),
        decision=verdict,
        code=WireCode.CANCELLED,
        salt=None,
    )


def test_a9_two_decisions_about_one_payment() -> None:
    pair = traded()

    found = the_only(abort(History.of(pair), pair.a, 1))

    assert (found.what, found.severity) == (What.TWO_VERDICTS, Severity.PROOF)
    assert (found.node, found.path) == (pair.a.id, path(1))


def test_a9_two_events_with_one_number() -> None:
    pair = traded()
    history = History.of(pair)

    history.append(pair.a, cores.LineUnfreeze, n=pair.a.line.out_n, salt=None)

    found = the_only(history)
    assert (found.what, found.severity) == (What.TWO_CHAINS, Severity.PROOF)


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


_PLACE = ("v", "origin", "seq", "root", "key", "ts", "line", "n", "prev", "seen")


def noted() -> Pair:
    """A lifts a pause that there was not; B has seen it, and says where it stands."""
    pair = traded()
    pair.a.do(line.Freeze(pair.line_id, FreezeReason.MAINTENANCE))
    pair.settle()
    pair.b.do(line.SendHeads(pair.line_id))
    return pair


def test_a10_the_other_was_sent_another_event() -> None:
    pair = noted()
    history = History.of(pair)
    at = history.place(pair.a, cores.LineFreeze)
    history.kept.add(history.logs[pair.a.id][at][1])

    history.change(pair.a, cores.LineFreeze, reason=FreezeReason.FINDINGS)

    found = the_only(history)
    assert (found.check, found.what, found.node) == (Check.A10, What.ANOTHER_SEEN, pair.a.id)
    assert found.seq == history.logs[pair.b.id][-1][0].seq


def test_a10_the_other_knows_more_than_the_log_shows() -> None:
    pair = noted()
    history = History.of(pair)

    gone = history.logs[pair.a.id].pop()

    assert isinstance(gone[0], cores.LineFreeze)
    assert history.findings(at_s=NOW + LAG_S) == []
    found = the_only(history, at_s=NOW + LAG_S + 1)
    assert (found.what, found.severity) == (What.SEEN_MISSING, Severity.ALARM)


def test_a10_a_line_that_is_hidden_altogether() -> None:
    pair = Pair()
    pair.propose()
    pair.deliver(pair.a)
    pair.answer(pair.b)
    history = History.of(pair)
    history.logs[pair.a.id] = [
        entry for entry in history.logs[pair.a.id] if isinstance(entry[0], cores.LocalCore)
    ]

    found = the_only(history, at_s=NOW + LAG_S + 1)

    assert (found.what, found.node) == (What.SEEN_MISSING, pair.a.id)


def test_a11_an_accept_of_what_nobody_prepared() -> None:
    pair = traded()

    found = the_only(History.of(pair).change(pair.b, cores.PayAccept, prepare=hashed("x")))

    assert (found.what, found.node) == (What.ACCEPT_WITHOUT_PREPARE, pair.b.id)


def test_a11_a_commit_of_what_nobody_accepted() -> None:
    pair = traded()
    verdict = signed(pair.a.id, path(1), commit=True, accept=hashed("x"))

    found = the_only(History.of(pair).change(pair.a, cores.PayCommit, decision=verdict))

    assert (found.what, found.node) == (What.COMMIT_WITHOUT_ACCEPT, pair.a.id)


def test_a14_a_time_long_before_the_one_before_it() -> None:
    pair = traded()

    found = the_only(History.of(pair).change(pair.a, cores.LineHeads, ts=NOW - DAY))

    assert (found.what, found.node) == (What.TIME_BACK, pair.a.id)


def test_a14_a_time_that_is_still_to_come() -> None:
    pair = traded()
    history = History.of(pair).change(pair.a, cores.LineHeads, ts=NOW + DAY)

    assert the_only(history).what is What.TIME_AHEAD
    assert history.findings(at_s=NOW + DAY) == []


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
    names = {
        second.b.id: b32(sha256(b"gamma").digest()),
        second.a.id: first.b.id,
        second.line_id: b32(sha256(b"another line").digest()),
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


@pytest.mark.parametrize("what", What)
@pytest.mark.parametrize("language", Language)
def test_every_finding_has_words(what: What, language: Language) -> None:
    words = words_for_code(what, language)

    assert words.what.endswith(".")
    assert words.next_step.endswith(".")
    assert what in CHECKS
