"""Which use cases a handler of a page or an operation can come to, as its code says it.

What is called by the name of a function or of a module is followed; what hangs on an object is not.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from inspect import iscoroutinefunction
from types import CodeType, FunctionType, ModuleType
from typing import Any

EDGES = ("federation.web.", "federation.api.")
COMMANDS = ("federation.group.", "federation.line.")
NO_COMMANDS = (
    "federation.group.rights",
    *(f"federation.line.{name}" for name in ("conversion", "drafts", "planning")),
)
"""What these rooms have is no command, though it looks like one."""
WRITING = {"do", "execute", "executemany"}
"""By these the log and the tables are written."""
WRITERS = {"federation.mail.bounces.works_again"}
"""What writes by a query that gives something back."""


def codes(code: CodeType) -> Iterator[CodeType]:
    """Give the code of a function, and of what is written inside it."""
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from codes(one)


def named(function: FunctionType) -> Iterator[Any]:
    """Give what a function names: of its module, or of a module that it names."""
    known = function.__globals__
    for code in codes(function.__code__):
        module: ModuleType | None = None
        for step in dis.get_instructions(code):
            if step.opname == "LOAD_GLOBAL":
                found = known.get(step.argval)
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and module is not None:
                found = getattr(module, step.argval, None)
            else:
                continue
            module = found if isinstance(found, ModuleType) else None
            if found is not None and module is None:
                yield found


def inside(found: Any) -> Iterator[FunctionType | type]:
    """Give the functions and classes that a value is or holds."""
    if isinstance(found, FunctionType | type):
        yield found
    elif isinstance(found, dict):
        for one in found.values():
            yield from inside(one)
    elif isinstance(found, tuple | list):
        for one in found:
            yield from inside(one)


@cache
def named_by(function: FunctionType) -> frozenset[FunctionType | type]:
    """Give the functions and classes of ours that a function names."""
    found = (one for value in named(function) for one in inside(value))
    return frozenset(one for one in found if (one.__module__ or "").startswith("federation."))


def entries(handler: Callable[..., Any]) -> frozenset[FunctionType]:
    """Give the functions by which a handler leaves the room of pages, or of the API."""
    assert isinstance(handler, FunctionType)
    found, waiting, seen = set(), [handler], {handler}
    while waiting:
        for one in named_by(waiting.pop()):
            if not isinstance(one, FunctionType) or one in seen:
                continue
            seen.add(one)
            if one.__module__.startswith(EDGES):
                waiting.append(one)
            else:
                found.add(one)
    return frozenset(found)


def reached(handler: Callable[..., Any]) -> frozenset[FunctionType | type]:
    """Give all functions and classes of ours that a handler can come to."""
    assert isinstance(handler, FunctionType)
    waiting: list[FunctionType] = [handler]
    seen: set[FunctionType | type] = {handler}
    while waiting:
        for one in named_by(waiting.pop()):
            if one not in seen:
                seen.add(one)
                if isinstance(one, FunctionType):
                    waiting.append(one)
    return frozenset(seen)


def full_name(one: FunctionType | type) -> str:
    """Give the name of a function or a class, with its module."""
    return f"{one.__module__}.{one.__qualname__}"


def is_command(found: type) -> bool:
    """Tell whether a class is a command to the log."""
    module = found.__module__
    return module.startswith(COMMANDS) and module not in NO_COMMANDS and hasattr(found, "_fields")


def writes(function: FunctionType) -> bool:
    """Tell whether a function is a use case that writes."""
    if full_name(function) in WRITERS:
        return True
    return iscoroutinefunction(function) and any(
        not WRITING.isdisjoint(code.co_names)
        for one in reached(function)
        if isinstance(one, FunctionType)
        for code in codes(one.__code__)
    )


def deeds(handler: Callable[..., Any]) -> frozenset[str]:
    """Give what a handler does: the use cases that write, and the commands that come to the log."""
    done = {one for one in entries(handler) if writes(one)}
    commands = {one for one in reached(handler) if isinstance(one, type) and is_command(one)}
    return frozenset(map(full_name, done | commands))


def looks(handler: Callable[..., Any]) -> frozenset[str]:
    """Give what a handler asks for."""
    return frozenset(map(full_name, entries(handler)))


def left_out(handler: Callable[..., Any], others: Iterable[Callable[..., Any]]) -> frozenset[str]:
    """Give the use cases by which a handler writes, and to which none of the others comes."""
    covered = frozenset().union(*map(reached, others))
    return frozenset(full_name(one) for one in entries(handler) - covered if writes(one))
