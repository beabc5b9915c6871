"""Nodes of this process for every room of the federation's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.federation.world.conftest import World


@pytest.fixture
async def world(
    tmp_path: Path, another_database: Callable[[], tuple[str, str]]
) -> AsyncIterator[World]:
    made = World(tmp_path, another_database)
    yield made
    await made.close()
