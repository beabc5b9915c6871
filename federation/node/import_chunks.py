"""What an export brings, piece by piece: a thread reads ahead, so the node goes on working."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

T = TypeVar("T")
CHUNK: Final = 1024


async def chunks_of(things: Iterator[T]) -> AsyncGenerator[list[T], None]:
    """Give a stream in pieces; while one is worked on the next is read. To be closed."""

    def read() -> list[T]:
        return list(islice(things, CHUNK))

    coming = asyncio.create_task(asyncio.to_thread(read), name="import-reads")
    try:
        while chunk := await coming:
            coming = asyncio.create_task(asyncio.to_thread(read), name="import-reads")
            yield chunk
    finally:
        await asyncio.wait([coming])  # nobody closes the file while it is read
