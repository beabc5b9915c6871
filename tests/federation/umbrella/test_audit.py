"""Each check finds exactly what was changed in an honest history, and nothing in honest ones."""

from __future__ import annotations

import pytest

from federation.line import commands as line
from federation.umbrella.audit import LAG_S
from schemas import cores
from schemas.core_parts import FreezeReason
from schemas.finding_words import words_for_code
from schemas.findings import CHECKS, Check, Severity, What
from schemas.texts.words import Language
from tests.federation.line.pair import NOW, Pair, hashed, path
from tests.federation.umbrella.history import History, audited
from tests.federation.umbrella.lives import (
    DAY,
    HONEST,
    opening,
    reversed_,
    the_only,
    traded,
    written_off,
)


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


def test_a14_a_time_long_before_the_one_before_it() -> None:
    pair = traded()

    found = the_only(History.of(pair).change(pair.a, cores.LineHeads, ts=NOW - DAY))

    assert (found.what, found.node) == (What.TIME_BACK, pair.a.id)


def test_a14_a_time_that_is_still_to_come() -> None:
    pair = traded()
    history = History.of(pair).change(pair.a, cores.LineHeads, ts=NOW + DAY)

    assert the_only(history).what is What.TIME_AHEAD
    assert history.findings(at_s=NOW + DAY) == []


@pytest.mark.parametrize("what", What)
@pytest.mark.parametrize("language", Language)
def test_every_finding_has_words(what: What, language: Language) -> None:
    words = words_for_code(what, language)

    assert words.what.endswith(".")
    assert words.next_step.endswith(".")
    assert what in CHECKS
