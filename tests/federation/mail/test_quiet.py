"""Quiet hours: 21:00 to 08:00 by the clock on the wall, whatever the zone and the season."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.mail.kinds import AT_ONCE, MailKind
from federation.mail.quiet import NIGHT, NIGHTS, NO_NIGHT, Night, may_go_at_s, quiet

BRUSSELS = ZoneInfo("Europe/Brussels")
FAR_S = 2**40
ZONES = st.sampled_from(
    ["Europe/Brussels", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
).map(ZoneInfo)
MOMENTS = st.integers(0, 4_000_000_000)
WAITING = st.sampled_from([kind for kind in MailKind if kind not in AT_ONCE])


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=BRUSSELS).timestamp())


@pytest.mark.parametrize(
    ("written", "goes"),
    [
        ("2026-12-03T20:59:59", "2026-12-03T20:59:59"),
        ("2026-12-03T21:00:00", "2026-12-04T08:00:00"),
        ("2026-12-04T00:00:00", "2026-12-04T08:00:00"),
        ("2026-12-04T07:59:59", "2026-12-04T08:00:00"),
        ("2026-12-04T08:00:00", "2026-12-04T08:00:00"),
        ("2026-12-31T23:30:00", "2027-01-01T08:00:00"),
        ("2026-03-28T22:00:00", "2026-03-29T08:00:00"),  # summer time begins that night
        ("2026-10-24T22:00:00", "2026-10-25T08:00:00"),  # and ends that night
    ],
)
def test_what_is_written_at_night_goes_in_the_morning(written: str, goes: str) -> None:
    assert may_go_at_s(MailKind.BOOKED, at(written), BRUSSELS, useful_until_s=FAR_S) == at(goes)


def test_a_login_code_goes_at_once() -> None:
    night_s = at("2026-12-04T03:00:00")

    assert may_go_at_s(MailKind.LOGIN, night_s, BRUSSELS, useful_until_s=FAR_S) == night_s


def test_what_is_of_no_use_in_the_morning_cannot_wait() -> None:
    night_s, morning_s = at("2026-12-04T03:00:00"), at("2026-12-04T08:00:00")

    def goes_s(useful_until_s: int) -> int:
        return may_go_at_s(MailKind.ASKED, night_s, BRUSSELS, useful_until_s=useful_until_s)

    assert goes_s(morning_s) == night_s
    assert goes_s(morning_s + 1) == morning_s


def test_the_demo_has_no_night() -> None:
    night_s = at("2026-12-04T03:00:00")

    assert may_go_at_s(MailKind.BOOKED, night_s, None, useful_until_s=FAR_S) == night_s


@given(MOMENTS, ZONES, WAITING)
def test_a_mail_never_goes_at_night_nor_back_in_time(
    at_s: int, zone: ZoneInfo, kind: MailKind
) -> None:
    goes_s = may_go_at_s(kind, at_s, zone, useful_until_s=2**50)

    assert at_s <= goes_s <= at_s + 13 * 3600
    assert not quiet(goes_s, zone)
    assert may_go_at_s(kind, goes_s, zone, useful_until_s=2**50) == goes_s


@given(MOMENTS, ZONES)
def test_only_the_night_is_quiet(at_s: int, zone: ZoneInfo) -> None:
    clock = datetime.fromtimestamp(at_s, UTC).astimezone(zone).time()

    assert quiet(at_s, zone) == (clock >= time(21) or clock < time(8))
    assert (NIGHT.evening, NIGHT.morning) == (21, 8)


@given(MOMENTS, ZONES, WAITING, st.sampled_from(NIGHTS))
def test_everybody_has_the_night_that_they_chose(
    at_s: int, zone: ZoneInfo, kind: MailKind, night: Night
) -> None:
    goes_s = may_go_at_s(kind, at_s, zone, useful_until_s=2**50, night=night)

    assert not quiet(goes_s, zone, night)
    assert goes_s == at_s or (night != NO_NIGHT and quiet(at_s, zone, night))


@given(MOMENTS, ZONES, WAITING)
def test_who_is_awake_waits_for_nothing(at_s: int, zone: ZoneInfo, kind: MailKind) -> None:
    if not quiet(at_s, zone):
        assert may_go_at_s(kind, at_s, zone, useful_until_s=2**50) == at_s
