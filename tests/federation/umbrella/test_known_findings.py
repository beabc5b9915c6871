"""Findings in the umbrella's log: open, solved, gone, and open again when they come back."""

from __future__ import annotations

import pytest

from federation.umbrella import noting
from federation.umbrella.known_findings import (
    Logged,
    Looked,
    body_of,
    finding_of,
    known_findings,
    proves,
    to_note,
    went_away,
)
from schemas.audit_bodies import AuditSolved
from schemas.encoding import b64
from schemas.errors import Code, InputError, RefusedError
from schemas.findings import Finding, What, found
from tests.federation.umbrella.conftest import Federation, report
from tests.federation.umbrella.made_logs import group_id

A, B = group_id("a"), group_id("b")
NEAR = found(What.NEAR_LIMIT, A, line="L" * 22, line_units=360_000)
REFUSED = found(What.LOG_REFUSED, A, seq=7, reason="bad_proof")
ALTERED = found(What.MIRROR_ALTERED, A, seq=7)
EVERYTHING = Looked(full=True, behind=frozenset())
WHAT_IS_NEW = Looked(full=False, behind=frozenset())


FORGED = found(What.MIRROR_ALTERED, A, seq=9, reason="bad_signature")
SLOW = found(What.LOG_SLOW, A, reason="256/900")


def said(seq: int, finding: Finding, text: str = "") -> Logged:
    """An event of the log: the finding was solved when there is a text, else found."""
    body = AuditSolved(v=1, finding=b64(finding.id()), text=text, by=4)
    return Logged(seq, 3600 * seq, body if text else body_of(finding, at_s=3600 * seq))


def test_a_signature_that_does_not_fit_goes_away_only_where_signatures_are_checked() -> None:
    known = known_findings([said(1, FORGED), said(2, ALTERED)])

    assert went_away([], known, EVERYTHING) == [ALTERED.id()]
    assert went_away([], known, EVERYTHING._replace(signatures=True)) == sorted(known)


def test_a_slow_log_is_told_once_and_until_it_was_followed_to_its_end() -> None:
    further = found(What.LOG_SLOW, A, reason="512/900")
    known = known_findings([said(1, SLOW)])

    assert to_note([further], known, ()) == {}
    assert went_away([], known, WHAT_IS_NEW._replace(behind=frozenset({A}))) == []
    assert went_away([], known, WHAT_IS_NEW) == [SLOW.id()]


def test_a_finding_is_read_as_it_was_noted() -> None:
    for finding in (NEAR, REFUSED, found(What.TWO_VERDICTS, B, line="L", seq=0, path="p")):
        assert finding_of(body_of(finding, at_s=1)) == finding


def test_a_finding_is_open_until_it_is_solved() -> None:
    known = known_findings([said(1, NEAR), said(2, REFUSED), said(3, NEAR, "They paid back.")])

    assert known[REFUSED.id()].solved is None
    solved = known[NEAR.id()].solved
    assert solved is not None
    assert (solved.at_s, solved.text, solved.by) == (3 * 3600, "They paid back.", 4)


def test_one_that_is_found_after_it_was_solved_is_open_again() -> None:
    events = [said(1, NEAR), said(2, NEAR, "first"), said(3, NEAR)]
    again = known_findings(events)[NEAR.id()]

    assert again.solved is None
    assert [one.text for one in again.before] == ["first"]
    assert (again.seq, again.found_at_s) == (3, 3 * 3600)
    solved = known_findings([*events, said(4, NEAR, "second")])[NEAR.id()].solved
    assert solved is not None
    assert solved.text == "second"


def test_the_solution_of_what_was_never_found_is_left_out() -> None:
    assert known_findings([said(1, NEAR, "nothing to solve")]) == {}


def test_what_is_new_is_noted_and_what_is_open_is_not() -> None:
    known = known_findings([said(1, NEAR)])

    assert to_note([NEAR, REFUSED], known, ()) == {REFUSED.id()[:16]: REFUSED}
    assert to_note([NEAR], known, {NEAR.id()}) == {}


def test_what_was_solved_is_noted_again_once_it_went_away_and_came_back() -> None:
    known = known_findings([said(1, NEAR), said(2, NEAR, "solved")])

    assert to_note([NEAR], known, ()) == {}
    (key,) = to_note([NEAR], known, {NEAR.id()})
    assert key != NEAR.id()[:16]
    later = known_findings([said(1, NEAR), said(2, NEAR, "a"), said(3, NEAR), said(4, NEAR, "b")])
    assert key not in to_note([NEAR], later, {NEAR.id()})


@pytest.mark.parametrize(
    ("finding", "looked", "gone"),
    [
        (NEAR, WHAT_IS_NEW, True),
        (NEAR, Looked(full=False, behind=frozenset({A})), True),
        (REFUSED, WHAT_IS_NEW, False),
        (REFUSED, EVERYTHING, True),
        (REFUSED, Looked(full=True, behind=frozenset({A})), False),
        (REFUSED, Looked(full=True, behind=frozenset({B})), True),
        (found(What.LOG_SHORTER, A), WHAT_IS_NEW, True),
        (found(What.LOG_SHORTER, A), Looked(full=False, behind=frozenset({A})), False),
        (ALTERED, WHAT_IS_NEW, False),
        (ALTERED, EVERYTHING, True),
    ],
)
def test_only_an_audit_that_looked_for_it_finds_something_gone(
    finding: Finding, looked: Looked, *, gone: bool
) -> None:
    known = known_findings([said(1, finding)])

    assert went_away([], known, looked) == ([finding.id()] if gone else [])
    assert went_away([finding], known, looked) == []


def test_a_file_of_evidence_is_about_the_same_group_and_place() -> None:
    def proven(finding: Finding, accused: str, about: str) -> bool:
        return proves(finding, kind="same-index", line=accused, accused=accused, about=about)

    assert proven(REFUSED, A, "7")
    assert not proven(REFUSED, B, "7")
    assert not proven(REFUSED, A, "8")
    assert not proven(NEAR, A, "7")


@pytest.mark.parametrize(
    ("kind", "line", "accused", "about", "fits"),
    [
        ("channel-fork", "L" * 52, A, "3", True),
        ("channel-fork", "M" * 52, A, "3", False),
        ("channel-fork", "L" * 52, A, "7", False),
        ("channel-fork", "L" * 52, B, "3", False),
        ("same-index", A, A, "3", False),
    ],
)
def test_a_file_proves_what_was_sent_otherwise_by_its_kind_and_number(
    kind: str, line: str, accused: str, about: str, *, fits: bool
) -> None:
    hidden = found(What.SENT_OTHERWISE, A, line="L" * 52, seq=7, reason="channel-fork 3")

    assert proves(hidden, kind=kind, line=line, accused=accused, about=about) is fits


@pytest.mark.parametrize(
    ("kind", "line", "accused", "about", "fits"),
    [
        ("channel-fork", "L" * 52, A, "3", True),
        ("channel-fork", "M" * 52, A, "3", False),
        ("channel-fork", "L" * 52, A, "7", False),
        ("channel-fork", "L" * 52, B, "3", False),
        ("same-index", A, A, "3", False),
    ],
)
def test_a_file_proves_a_second_event_by_its_number_and_not_by_its_place(
    kind: str, line: str, accused: str, about: str, *, fits: bool
) -> None:
    twice = found(What.TWO_CHAINS, A, line="L" * 52, seq=7)
    again = found(What.SAID_AGAIN, A, line="L" * 52, seq=3, path="p")

    assert proves(twice, kind=kind, line=line, accused=accused, about=about, number=3) is fits
    assert not proves(again, kind="channel-fork", line="L" * 52, accused=A, about="3")


@pytest.mark.parametrize(
    ("what", "kind", "about", "fits"),
    [
        (What.TWO_VERDICTS, "two-verdicts", "p", True),
        (What.TWO_VERDICTS, "two-verdicts", "q", False),
        (What.TWO_VERDICTS, "same-index", "7", False),
        (What.DECISION_UNSIGNED, "two-verdicts", "p", False),
        (What.SAID_AGAIN, "two-verdicts", "p", False),
        (What.LOG_REFUSED, "same-size", "7", True),
        (What.TIME_BACK, "same-index", "7", False),
        (What.TWO_CHAINS, "broken-promise", "7", False),
    ],
)
def test_a_file_stands_beside_the_finding_of_its_own_kind_alone(
    what: What, kind: str, about: str, *, fits: bool
) -> None:
    finding = found(what, A, line="L" * 52, seq=7, path="p")

    assert proves(finding, kind=kind, line="L" * 52, accused=A, about=about, number=3) is fits


def test_a_finding_about_a_line_alone_is_read_as_it_was_noted() -> None:
    nobody = found(What.WORD_AGAINST_WORD, "", line="L" * 52)

    assert body_of(nobody, at_s=1).node is None
    assert finding_of(body_of(nobody, at_s=1)) == nobody


async def test_a_finding_is_solved_once_and_open_again_when_it_comes_back(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella = federation.umbrella

    async def audited_at(percent: int) -> list[tuple[bool, bool]]:
        """Audit with another alarm; tell of each finding whether it is solved, and gone."""
        monkeypatch.setattr("projections.lines.ALARM_PERCENT", percent)
        await report(umbrella)
        shown = await noting.all_findings(umbrella.node)
        return [(one.known.solved is not None, one.gone_since_s is not None) for one in shown]

    await federation.pay(60)
    assert await audited_at(1) == [(False, False)]
    assert await audited_at(100) == [(False, True)]
    assert await audited_at(1) == [(False, False)]
    (shown,) = await umbrella.ask("audit.findings")
    key = "A" * 22
    for _ in range(2):
        solved = await umbrella.ask("audit.solve", finding=shown["id"][:8], text="Paid.", key=key)
    assert (solved["solved"]["text"], solved["solved"]["by"]) == ("Paid.", None)

    assert await audited_at(1) == [(True, False)]
    assert await audited_at(100) == [(True, True)]
    assert await audited_at(1) == [(False, False)]
    assert await audited_at(1) == [(False, False)]
    (again,) = await umbrella.ask("audit.findings")
    assert [one["text"] for one in again["solved_before"]] == ["Paid."]
    assert (
        await umbrella.node.pool.fetchval(
            """SELECT count(*) FROM log_event WHERE position('"audit.'::bytea in body) > 0"""
        )
        == 3
    )


async def test_a_solution_that_says_nothing_or_is_of_nothing_is_refused(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella = federation.umbrella
    monkeypatch.setattr("projections.lines.ALARM_PERCENT", 1)
    await federation.pay(60)
    await report(umbrella)
    (shown,) = await noting.all_findings(umbrella.node)

    for name, text, code in (
        (shown.id, "  \n ", Code.TEXT_MISSING),
        (shown.id, "x" * 1001, Code.TOO_LARGE),
        (shown.id, "\x00", Code.MALFORMED),
        ("f" * 64, "Paid.", Code.NOT_FOUND),
        (shown.id[:5], "Paid.", Code.NOT_FOUND),
    ):
        with pytest.raises(InputError) as refused:
            await noting.solve(umbrella.node, name, text)
        assert refused.value.code is code
    await noting.solve(umbrella.node, shown.id, "Paid.", key="B" * 21 + "A")
    with pytest.raises(RefusedError) as conflict:
        await noting.solve(umbrella.node, shown.id, "Paid twice.", key="B" * 21 + "A")
    assert conflict.value.code is Code.CONFLICT
