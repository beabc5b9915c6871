"""What a line and its trades keep: stored words, days, limits and what counts as undecided."""

from __future__ import annotations

import msgspec
import pytest

from projections.lines import DONE, FAILED, Faults, Phase, Transfer
from schemas.encoding import encode

STORED = (
    b'{"path":"p","line":"l","direction":"out","phase":"%s","prepare":"x","prepare_n":3,'
    b'"account":5,"line_units":7}'
)


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        (b"prepared", Phase.PREPARED),
        (b"committed", Phase.COMMITTED),
        (b"settled", Phase.SETTLED),
        (b"aborted", Phase.ABORTED),
        (b"accepted", Phase.ACCEPTED),
        (b"credited", Phase.CREDITED),
        (b"rejected", Phase.REJECTED),
        (b"silent", Phase.SILENT),
        (b"released", Phase.RELEASED),
        (b"requested", Phase.REQUESTED),
        (b"declined", Phase.DECLINED),
    ],
)
def test_a_trade_that_an_earlier_release_has_stored_is_read(word: bytes, phase: Phase) -> None:
    trade = msgspec.json.decode(STORED % word, type=Transfer)

    assert trade.phase is phase
    assert trade.key() == ("p", "l", "out")
    assert msgspec.json.decode(encode(trade), type=Transfer) == trade


def test_a_trade_has_ended_by_a_booking_seen_or_by_a_failure() -> None:
    assert {Phase.ABORTED, Phase.REJECTED, Phase.RELEASED, Phase.DECLINED} == FAILED
    assert FAILED | {Phase.SETTLED, Phase.CREDITED} == DONE


def test_faults_are_counted_for_a_day_of_utc_and_begin_anew_with_the_next() -> None:
    noon = 19_675 * 86_400 + 43_200
    counted = Faults().and_one(noon).and_one(noon + 43_199)

    assert counted == Faults(day=19_675, count=2)
    assert (counted.on(noon - 43_200), counted.on(noon + 43_199)) == (2, 2)
    assert (counted.on(noon - 43_201), counted.on(noon + 43_200)) == (0, 0)
    assert counted.and_one(noon + 43_200) == Faults(day=19_676, count=1)
