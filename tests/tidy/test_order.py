"""The order of all tests: the long ones begin first, so that none of them is left at the end."""

from __future__ import annotations

import pytest

from tests.conftest import LONG, ROOT, pytest_collection_modifyitems, turn


@pytest.mark.parametrize("place", LONG)
def test_what_is_named_as_long_is_there(place: str) -> None:
    assert (ROOT / place).exists()


def test_long_tests_come_first(request: pytest.FixtureRequest) -> None:
    items = request.session.items[::-1]

    pytest_collection_modifyitems(items)

    turns = [turn(item.path) for item in items]
    assert turns == sorted(turns)
    assert turn(ROOT / LONG[0] / "test_kills.py") == 0
    assert turn(ROOT / "tests/events/test_keys.py") == len(LONG)
