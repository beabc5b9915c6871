"""A node that runs lets the collector of cycles rest, and nobody notices afterwards."""

from __future__ import annotations

import gc

from federation.node.run import COLLECT_AFTER, seldom_collected


def test_what_was_read_at_the_start_is_not_looked_through_again() -> None:
    before = gc.get_threshold()

    with seldom_collected():
        within, frozen = gc.get_threshold(), gc.get_freeze_count()

    assert within == COLLECT_AFTER
    assert frozen > 1_000
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
