"""Two nodes with a line in force, for every test of the line's rules that wants them."""

from __future__ import annotations

import pytest

from tests.federation.line.pair import Pair


@pytest.fixture
def pair() -> Pair:
    return Pair().opened()
