"""Where the delivery of a line stands: what clocks and restarts do to it."""

from __future__ import annotations

import pytest

from federation.node.delivery import (
    ASK_AFTER_S,
    GRACE_S,
    REPEATED_MAX,
    WAIT_MAX_S,
    Delivery,
    asked_to_wait,
    expected,
    heard_from,
    met,
    postponed,
    resumed,
    served,
    wait_s,
    worth_writing,
)
from schemas.errors import (
    Code,
    PeerUnavailable,
    RefusedError,
    RuilbrugError,
    StorageError,
    VerificationError,
)

NOW = 1_800_000_000
DAY_S = 24 * 3600
AWAY = PeerUnavailable(Code.PEER_UNREACHABLE, reason="no answer")
FORK = RefusedError(Code.LINE_FORK, field="n")


def test_a_clock_set_back_stops_no_delivery() -> None:
    failed = postponed(Delivery(line="l"), AWAY, now_s=NOW, jitter=0.5)
    offered = met(Delivery(line="l", offered_n=3, acknowledged_n=2, last_contact_at_s=NOW))

    assert (wait_s(failed, 3, now_s=NOW) or 0) > 0
    assert wait_s(failed, 3, now_s=NOW - DAY_S) == 0
    assert wait_s(offered, 3, now_s=NOW) == GRACE_S
    assert wait_s(offered, 3, now_s=NOW - DAY_S) == 0


def test_what_was_stored_does_not_forget_whom_we_are_serving() -> None:
    now = served(Delivery(line="l", acknowledged_n=5), 1)
    stored = Delivery(line="l", acknowledged_n=4, failures=2)

    again = served(resumed(now, stored), -1)

    assert (again.serving, again.acknowledged_n, again.failures) == (0, 5, 2)


def test_a_node_that_has_just_started_asks_its_partner_once() -> None:
    fresh = Delivery(line="l", acknowledged_n=3)

    assert wait_s(fresh, 3, now_s=NOW) == 0
    assert wait_s(met(fresh), 3, now_s=NOW) is None


def test_a_line_without_terms_is_asked_after_once_a_day() -> None:
    """The partner may have put back a backup made before it heard of the line."""
    quiet = met(Delivery(line="l", acknowledged_n=1, last_contact_at_s=NOW))
    tomorrow = NOW + int(ASK_AFTER_S)
    away = postponed(quiet, AWAY, now_s=tomorrow, jitter=0.5)

    assert wait_s(quiet, 1, now_s=NOW + 5, agreed=False) == ASK_AFTER_S - 5
    assert wait_s(quiet, 1, now_s=tomorrow, agreed=False) == 0
    assert wait_s(quiet, 1, now_s=tomorrow, agreed=True) is None
    assert wait_s(away, 1, now_s=tomorrow, agreed=False) == 1
    assert wait_s(served(quiet, 1), 1, now_s=tomorrow, agreed=False) is None
    assert wait_s(quiet, 1, now_s=NOW - DAY_S, agreed=False) == 0, "the clock was set back"


def failed(*errors: Exception) -> Delivery:
    """A delivery that failed so often, and whose partner asks us after each failure."""
    delivery = Delivery(line="l")
    for error in errors:
        delivery = postponed(delivery, error, now_s=NOW, jitter=0.5)
        delivery = heard_from(delivery, now_s=NOW)
    return delivery


@pytest.mark.parametrize(
    "error",
    [
        FORK,
        RefusedError(Code.LINE_GAP, field="n", expected=1),
        VerificationError(Code.BAD_SIGNATURE, field="event 3"),
        VerificationError(Code.BAD_KEY, field="key"),
        VerificationError(Code.MALFORMED, field="core"),
    ],
)
def test_a_partner_whose_events_are_refused_cannot_make_us_hurry(error: RuilbrugError) -> None:
    waits = [wait_s(failed(*[error] * times), 3, now_s=NOW) for times in (1, 4, 8, 30)]

    assert waits == [1, 4, 64, WAIT_MAX_S]


@pytest.mark.parametrize(
    "error",
    [
        AWAY,
        PeerUnavailable(Code.PEER_WRONG, reason="exchange"),
        VerificationError(Code.PEER_WRONG, reason="status 502"),
        RefusedError(Code.PEER_UNKNOWN, field="peer"),
        StorageError(Code.RELEASES_NOTHING),
        TimeoutError(),
    ],
)
def test_a_partner_that_was_away_is_tried_again_at_once(error: Exception) -> None:
    assert wait_s(failed(*[error] * 30), 3, now_s=NOW) == 1


def test_a_refusal_is_remembered_until_an_exchange_comes_to_its_end() -> None:
    refused = failed(*[FORK] * 8, AWAY)

    assert wait_s(refused, 3, now_s=NOW) == 128
    assert wait_s(met(refused), 3, now_s=NOW) == 0
    again = postponed(met(refused), AWAY, now_s=NOW, jitter=0.5)
    assert wait_s(heard_from(again, now_s=NOW), 3, now_s=NOW) == 1


def test_a_partner_that_speaks_delays_nothing_that_went_well() -> None:
    fine = met(Delivery(line="l", acknowledged_n=2))

    assert heard_from(fine, now_s=NOW) == fine


def test_a_partner_that_asks_us_to_wait_is_waited_for_and_not_longer() -> None:
    silent = Delivery(line="l", failures=9)

    waiting = asked_to_wait(silent, 40, now_s=NOW, jitter=0.0)

    assert wait_s(waiting, 3, now_s=NOW) == 40
    assert wait_s(waiting, 3, now_s=NOW + 40) == 0
    assert waiting.failures == 1, "it is there, so the next trouble waits no longer for this"
    assert wait_s(asked_to_wait(silent, 10**6, now_s=NOW, jitter=1.0), 3, now_s=NOW) == 375


def test_what_a_partner_says_meanwhile_does_not_cut_the_wait_it_asked_for() -> None:
    waiting = asked_to_wait(Delivery(line="l"), 40, now_s=NOW, jitter=0.0)

    spoken = heard_from(waiting, now_s=NOW + 5)

    assert wait_s(spoken, 3, now_s=NOW + 5) == 35
    assert wait_s(heard_from(waiting, now_s=NOW + 41), 3, now_s=NOW + 41) == 1
    assert wait_s(heard_from(waiting, now_s=NOW - DAY_S), 3, now_s=NOW - DAY_S) == 1


def test_a_restart_repeats_a_bounded_number_of_events_and_forgets_no_failure() -> None:
    written = Delivery(line="l", acknowledged_n=9)
    behind = Delivery(line="l", acknowledged_n=9 + REPEATED_MAX)

    assert worth_writing(written, None)
    assert not worth_writing(Delivery(line="l", acknowledged_n=8 + REPEATED_MAX), written)
    assert worth_writing(behind, written)
    assert worth_writing(expected(written, 5), written)
    assert worth_writing(postponed(written, AWAY, now_s=NOW, jitter=0.5), written)
    assert worth_writing(met(written), postponed(written, AWAY, now_s=NOW, jitter=0.5))
