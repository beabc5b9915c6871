"""Where the delivery of a line stands: what clocks and restarts do to it."""

from __future__ import annotations

from federation.node.delivery import GRACE_S, Delivery, met, postponed, resumed, served, wait_s

NOW = 1_800_000_000
DAY_S = 24 * 3600


def test_a_clock_set_back_stops_no_delivery() -> None:
    failed = postponed(Delivery(line="l"), now_s=NOW, jitter=0.5)
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
