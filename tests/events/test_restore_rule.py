"""The restore rule: who may release, who works on silently, who only reads."""

from __future__ import annotations

import pytest

from events.mark import Mark
from events.restore import Held, Mode, Seen, judge

ROOT = bytes(32)
HELD = Held(10, ROOT, {"line": 3})
MARK = Mark(8, ROOT)
FINE = Seen("umbrella", 10, {})
PARTNER = Seen("beta", 0, {"line": 3})


def mode(
    *answers: Seen, mark: Mark | None = MARK, held: Held = HELD, overridden: bool = False
) -> Mode:
    return judge(
        mark,
        held,
        answers,
        umbrella="umbrella",
        partners=frozenset({"beta"}),
        overridden=overridden,
    ).mode


@pytest.mark.parametrize(
    "answer",
    [
        Seen("umbrella", 11, {}),
        Seen("beta", 0, {"line": 4}),
        Seen("beta", 0, {"new": 1}),
        Seen("umbrella", 9, {}, "event 8"),
        Seen("beta", 0, {"line": 2}, "event 2 of line"),
    ],
)
def test_whoever_has_seen_more_or_something_else_makes_it_read_only(answer: Seen) -> None:
    assert mode(answer) is Mode.READ_ONLY
    assert mode(FINE, answer) is Mode.READ_ONLY
    assert mode(answer, mark=None, overridden=True) is Mode.READ_ONLY


def test_a_mark_is_reached_by_size_and_root() -> None:
    assert mode(FINE, mark=Mark(11, ROOT)) is Mode.READ_ONLY
    assert mode(FINE, mark=Mark(10, ROOT), held=Held(10, bytes([1]) * 32, {})) is Mode.READ_ONLY
    assert mode(FINE, PARTNER, mark=Mark(10, ROOT)) is Mode.OPEN


def test_until_everybody_has_answered_it_releases_nothing() -> None:
    assert mode() is Mode.RELEASES_NOTHING
    assert mode(FINE) is Mode.RELEASES_NOTHING, "the partner may be the one that has seen more"
    assert mode(PARTNER) is Mode.RELEASES_NOTHING, "the umbrella may have seen more"
    assert mode(FINE, PARTNER) is Mode.OPEN
    assert mode(FINE, overridden=True) is Mode.OPEN


def test_a_lost_mark_needs_everybody_or_the_operator() -> None:
    assert mode(mark=None) is Mode.RELEASES_NOTHING
    assert mode(FINE, mark=None) is Mode.RELEASES_NOTHING
    assert mode(FINE, PARTNER, mark=None) is Mode.OPEN
    assert mode(mark=None, overridden=True) is Mode.OPEN


def test_who_is_behind_himself_vouches_for_nothing_but_is_believed_when_he_has_seen_more() -> None:
    assert mode(FINE, PARTNER._replace(behind=True)) is Mode.RELEASES_NOTHING
    assert mode(FINE, Seen("beta", 0, {"line": 4}, behind=True)) is Mode.READ_ONLY


def test_with_nobody_to_ask_the_mark_decides() -> None:
    for mark, expected in ((MARK, Mode.OPEN), (None, Mode.RELEASES_NOTHING)):
        found = judge(mark, HELD, (), umbrella=None, partners=frozenset())
        assert found.mode is expected


def test_a_log_that_does_not_state_the_machines_key_is_not_written() -> None:
    held = HELD._replace(key_speaks=False)

    assert mode(FINE, held=held) is Mode.READ_ONLY
    assert mode(held=held) is Mode.READ_ONLY
    assert mode(FINE, held=held, mark=None, overridden=True) is Mode.READ_ONLY
