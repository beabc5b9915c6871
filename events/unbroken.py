"""Work that ends before a cancellation counts, because half of it would leave something wrong."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable

Result = TypeVar("Result")


async def to_its_end(work: Awaitable[Result]) -> Result:
    """Give what comes of it; whoever is cancelled meanwhile waits for its end, and learns nothing.

    For work that is short: nothing else of the task goes on until then.
    """
    ending = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(ending)
    finally:
        while not ending.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([ending])
        if not ending.cancelled():
            ending.exception()  # so that nobody misses it
