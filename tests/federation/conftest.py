"""Nodes of this process for every room of the federation's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp.client_proto import ResponseHandler

from tests.federation.world.conftest import World


@pytest.fixture
async def world(
    tmp_path: Path, another_database: Callable[[], tuple[str, str]]
) -> AsyncIterator[World]:
    made = World(tmp_path, another_database)
    yield made
    await made.close()


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of all pieces that clients of this process take from their sockets."""
    lengths: list[int] = []
    received = ResponseHandler.data_received

    def counted(self: ResponseHandler, data: bytes) -> None:
        lengths.append(len(data))
        received(self, data)

    monkeypatch.setattr(ResponseHandler, "data_received", counted)
    return lengths
