"""Until when a payment to another group waits, over nights and changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from federation.node.delivery import Delivery
from federation.node.expiry import expires_at_s

BRUSSELS = ZoneInfo("Europe/Brussels")
NOW = 1_795_780_000
MINUTE_S, DAY_S = 60, 86_400


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def away(now_s: int) -> Delivery:
    """A partner that was there a minute ago, and has not answered since."""
    return Delivery(line="l", failures=1, last_contact_at_s=now_s - MINUTE_S)


@pytest.mark.parametrize("since_s", [0, 1, 60])
def test_a_payment_to_who_was_there_waits_a_minute(since_s: int) -> None:
    there = Delivery(line="l", last_contact_at_s=NOW - since_s)
    assert expires_at_s(there, zone=BRUSSELS, now_s=NOW) == NOW + 60


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery(line="l", last_contact_at_s=NOW - 61),
        Delivery(line="l", last_contact_at_s=NOW, failures=1),
        Delivery(line="l"),
    ],
    ids=["a while ago", "it failed since", "never"],
)
def test_a_payment_to_who_was_not_there_waits_until_tomorrow(delivery: Delivery) -> None:
    assert expires_at_s(delivery, zone=BRUSSELS, now_s=utc("2026-11-28T05:00")) == utc(
        "2026-11-29T17:00"
    )


@pytest.mark.parametrize(
    ("now", "until"),
    [
        # winter, one hour before UTC
        ("2026-11-28T16:59:59", "2026-11-29T17:00"),
        ("2026-11-28T17:00:00", "2026-11-29T17:00"),
        ("2026-11-28T17:00:01", "2026-11-29T17:00"),
        # around midnight here, which is no midnight in UTC
        ("2026-11-28T22:59:59", "2026-11-29T17:00"),
        ("2026-11-28T23:00:00", "2026-11-30T17:00"),
        ("2026-07-13T21:59:59", "2026-07-14T16:00"),
        ("2026-07-13T22:00:00", "2026-07-15T16:00"),
        # the night of 25 October 2026 has an hour more: 02:30 comes twice
        ("2026-10-24T15:59:00", "2026-10-25T17:00"),
        ("2026-10-24T16:01:00", "2026-10-25T17:00"),
        ("2026-10-25T00:30:00", "2026-10-26T17:00"),
        ("2026-10-25T01:30:00", "2026-10-26T17:00"),
        # the night of 28 March 2027 has an hour less
        ("2027-03-27T16:59:00", "2027-03-28T16:00"),
        ("2027-03-27T17:01:00", "2027-03-28T16:00"),
        ("2027-03-28T00:59:59", "2027-03-29T16:00"),
        ("2027-03-28T01:00:00", "2027-03-29T16:00"),
        # the ends of a year and of February
        ("2026-12-31T20:00:00", "2027-01-01T17:00"),
        ("2028-02-28T20:00:00", "2028-02-29T17:00"),
    ],
)
def test_who_is_away_has_until_six_in_the_evening_of_the_next_day(now: str, until: str) -> None:
    now_s = utc(now)
    assert expires_at_s(away(now_s), zone=BRUSSELS, now_s=now_s) == utc(until)


def test_the_evening_is_that_of_the_group() -> None:
    now_s = utc("2026-11-28T12:00")
    assert expires_at_s(away(now_s), zone=ZoneInfo("UTC"), now_s=now_s) == utc("2026-11-29T18:00")
    auckland = ZoneInfo("Pacific/Auckland")  # there it is the 29th already, thirteen hours ahead
    assert expires_at_s(away(now_s), zone=auckland, now_s=now_s) == utc("2026-11-30T05:00")


@given(st.integers(utc("2020-01-01T00:00"), utc("2037-12-31T00:00")))
def test_at_any_second_it_is_six_on_the_next_day(now_s: int) -> None:
    until_s = expires_at_s(away(now_s), zone=BRUSSELS, now_s=now_s)

    here, then = (datetime.fromtimestamp(at_s, BRUSSELS) for at_s in (now_s, until_s))
    assert (then.hour, then.minute, then.second) == (18, 0, 0)
    assert then.date() == here.date() + timedelta(days=1)
    assert 17 * 3600 < until_s - now_s <= DAY_S + 19 * 3600
