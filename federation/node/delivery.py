"""Where the delivery of one line stands: who has what, and when to try again. Pure.

The chain itself is the queue; this is all that is remembered beside it. It holds no rule of the
protocol: whatever it says, the exchange finds out again what the partner has.
"""

from __future__ import annotations

from math import ceil
from typing import Final

import msgspec
from msgspec.structs import replace

from schemas.errors import Code, RuilbrugError

FIRST_WAIT_S: Final = 0.25
WAIT_MAX_S: Final = 300.0
JITTER_MAX: Final = 1.5
"""The longest wait is stretched by at most this."""
ASK_AFTER_S: Final = 86_400.0
"""How often we ask after a line that has no terms yet, though the partner has acknowledged all.

Whoever put back a backup made before it heard of a line knows of nobody to ask, and its own log
lacks nothing: that the invitation is gone is seen from our side alone.
"""
GRACE_S: Final = 2.0
"""How long what went out in a response may stay unacknowledged before it is sent by ourselves."""
PORTION_MIN: Final = 32
REPEATED_MAX: Final = 256
"""So many acknowledged events may be sent again after a restart, once."""
_DOUBLINGS_MAX: Final = 20
_CONTENT: Final = frozenset(
    {
        Code.NOT_CANONICAL,
        Code.BAD_ENCODING,
        Code.MALFORMED,
        Code.TOO_LARGE,
        Code.BAD_KEY,
        Code.BAD_SIGNATURE,
        Code.KEY_REVOKED,
        Code.LINE_FORK,
        Code.LINE_GAP,
        Code.LINE_OTHER,
        Code.LINE_PREV,
    }
)
"""What is wrong with a batch of events, whoever says so; all else is about who is there."""


class Delivery(msgspec.Struct, frozen=True):
    """Where the delivery of one line stands. All that is kept about a line outside the log."""

    line: str
    acknowledged_n: int = 0
    offered_n: int = 0
    """Newest event that went out in a response and was not acknowledged yet."""
    failures: int = 0
    next_attempt_at_s: int = 0
    last_contact_at_s: int = 0
    serving: int = 0
    """Exchanges on this line that we are answering now."""
    not_before_s: int = 0
    """The partner has asked us to wait until then."""
    in_hand_n: int = 0
    """Newest event of the partner that came in an answer and is being taken in."""
    refused: bool = False
    """The last exchanges failed for what was in them, not for want of a partner."""
    stuck: bool = False
    """The newest answer acknowledged nothing of what it was an answer to."""
    met: bool = False
    """We have asked since this process started: a restored database may lack what came in."""


def acknowledged(delivery: Delivery, n: int, *, now_s: int) -> Delivery:
    """Take note of how far the partner says it has come."""
    return replace(
        delivery,
        acknowledged_n=max(delivery.acknowledged_n, n),
        last_contact_at_s=now_s,
    )


def brought(delivery: Delivery, *, after: int, count: int, said: int) -> Delivery:
    """Take note of whether an answer acknowledges any of `count` events brought behind `after`.

    Who takes in our events says so at once, and who cannot, refuses.
    """
    return replace(delivery, stuck=bool(count) and said <= after)


def offered(delivery: Delivery, n: int) -> Delivery:
    """Take note of what goes out in a response, and may still get lost."""
    return replace(delivery, offered_n=max(delivery.offered_n, n))


def in_hand(delivery: Delivery, n: int) -> Delivery:
    """Take note of what came in an answer; 0 when it could not be taken in."""
    return replace(delivery, in_hand_n=n)


def met(delivery: Delivery) -> Delivery:
    """Take note of an exchange that we began and that came to its end."""
    return replace(delivery, failures=0, refused=False, met=True)


def resumed(delivery: Delivery, stored: Delivery) -> Delivery:
    """Go on from what the last process stored, without losing what this one is doing already."""
    return replace(
        stored,
        acknowledged_n=max(delivery.acknowledged_n, stored.acknowledged_n),
        last_contact_at_s=max(delivery.last_contact_at_s, stored.last_contact_at_s),
        offered_n=delivery.offered_n,
        serving=delivery.serving,
        not_before_s=delivery.not_before_s,
        in_hand_n=delivery.in_hand_n,
        refused=delivery.refused,
        stuck=delivery.stuck,
        met=delivery.met,
    )


def served(delivery: Delivery, change: int) -> Delivery:
    """Count an exchange that begins (+1) or ends (-1) to be answered."""
    return replace(delivery, serving=delivery.serving + change)


def heard_from(delivery: Delivery, *, now_s: int) -> Delivery:
    """Try again soon: a partner that speaks with us is there. Not before it asked us to.

    Nor after a refusal: that it is there was never in doubt, and a cheat would have us exchange
    the same again every second for ever.
    """
    if delivery.refused or not delivery.failures:
        return delivery
    left_s = _left_s(delivery.not_before_s, WAIT_MAX_S * JITTER_MAX, now_s)
    return replace(delivery, failures=1, next_attempt_at_s=now_s + max(1, round(left_s)))


def asked_to_wait(delivery: Delivery, wait_s: int, *, now_s: int, jitter: float) -> Delivery:
    """Wait as long as the partner says, and a little more; it is there, so this is no silence."""
    until_s = now_s + ceil(min(WAIT_MAX_S, wait_s) * (1 + jitter / 4))
    return replace(delivery, failures=1, next_attempt_at_s=until_s, not_before_s=until_s)


def postponed(delivery: Delivery, error: Exception, *, now_s: int, jitter: float) -> Delivery:
    """Wait after a failure, twice as long each time; `jitter` lies in 0 to 1.

    One for what was in the exchange is remembered until an exchange comes to its end: a partner
    that is away in between has not said anything better.
    """
    content = isinstance(error, RuilbrugError) and error.code in _CONTENT
    refused = delivery.refused or delivery.stuck or content
    failures = delivery.failures + 1
    wait_s = min(WAIT_MAX_S, FIRST_WAIT_S * 2 ** min(failures, _DOUBLINGS_MAX)) * (0.5 + jitter)
    next_s = now_s + max(1, round(wait_s))
    return replace(delivery, failures=failures, next_attempt_at_s=next_s, refused=refused)


def expected(delivery: Delivery, n: int) -> Delivery:
    """Begin at `n` the next time: the partner lacks what we took for acknowledged."""
    return replace(delivery, acknowledged_n=n - 1)


def worth_writing(delivery: Delivery, written: Delivery | None) -> bool:
    """Tell whether a state is to be made durable over the one `written` before.

    While all goes well not each acknowledgement is: that was one COMMIT of six for a lone trade.
    """
    if written is None or delivery.failures != written.failures:
        return True
    return not 0 <= delivery.acknowledged_n - written.acknowledged_n < REPEATED_MAX


def portion(waiting: int, *, refused: bool) -> int:
    """Tell how many of the events that wait go out at once: half, so that both sides work.

    While the partner decides about one half, its answer to the other is taken in here. A few go
    together: an exchange costs as much as a dozen events. After a refusal all go at once: what is
    signed under a new key vouches for what stands before it under a revoked one.
    """
    if refused:
        return max(1, waiting)
    return max(PORTION_MIN, (waiting + 1) // 2)


def wait_s(delivery: Delivery, out_n: int, *, now_s: int, agreed: bool = True) -> float | None:
    """Tell how long to wait before an attempt: none when there is nothing to bring or to ask."""
    if delivery.serving:
        return None
    if delivery.acknowledged_n >= out_n and delivery.met:
        if agreed:
            return None
        quiet_s = _left_s(delivery.last_contact_at_s + ASK_AFTER_S, ASK_AFTER_S, now_s)
        if quiet_s or not delivery.failures:
            return quiet_s
    if delivery.failures:
        return _left_s(delivery.next_attempt_at_s, WAIT_MAX_S * JITTER_MAX + 1, now_s)
    if delivery.offered_n >= out_n > delivery.acknowledged_n:
        return _left_s(delivery.last_contact_at_s + GRACE_S, GRACE_S, now_s)
    return 0


def _left_s(until_s: float, longest_s: float, now_s: int) -> float:
    """Tell how long it is until then; no time at all when the clock has been set back since."""
    left = until_s - now_s
    return 0.0 if left > longest_s else max(0.0, left)
