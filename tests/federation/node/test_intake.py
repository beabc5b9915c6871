"""What is checked late stands back behind what somebody waits for."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from federation.node.intake import NICER, NICEST, after_others


def nice() -> int:
    """Tell how far this thread stands back."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_a_thread_stands_back_and_no_other_does() -> None:
    before = nice()
    with ThreadPoolExecutor(1, initializer=after_others) as late:
        there = late.submit(nice).result()
        late.submit(after_others).result()
        late.submit(after_others).result()
        last = late.submit(nice).result()

    assert there == min(NICEST, before + NICER)
    assert last == NICEST, "it can not stand back further, and says nothing of it"
    assert nice() == before


def test_where_priorities_may_not_be_changed_a_thread_works_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refused)
    with ThreadPoolExecutor(1, initializer=after_others) as late:
        assert late.submit(int).result() == 0
