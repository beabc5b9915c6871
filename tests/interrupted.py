"""A process that ends in the middle of something: at one call of one function."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from typing import Any


class Interrupted(Exception):
    """The process ended here."""


def at_call(number: int, does: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """Give a function that ends the process at its call of this number, before or after it."""
    calls = itertools.count(1)

    def plain(*arguments: Any, **named: Any) -> Any:
        ends = next(calls) == number
        if ends and not after:
            raise Interrupted
        found = does(*arguments, **named)
        if ends:
            raise Interrupted
        return found

    async def awaited(*arguments: Any, **named: Any) -> Any:
        ends = next(calls) == number
        if ends and not after:
            raise Interrupted
        found = await does(*arguments, **named)
        if ends:
            raise Interrupted
        return found

    return awaited if inspect.iscoroutinefunction(does) else plain
