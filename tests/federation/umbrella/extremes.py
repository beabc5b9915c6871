"""Events that a group may sign: every field of every kind, at the ends of what its type allows.

Made from the types alone, so that a field which is new is tried as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Final

import msgspec
from msgspec import inspect

from schemas import cores
from schemas.ids import SAFE_INTEGER
from tests.federation.line.pair import hashed, path

KINDS: Final[tuple[type, ...]] = cores.LineEvent.__args__
PATHS: Final = 4
OFTEN: Final = 0.8
"""A field that may be left out is there so often."""
SIGNATURE: Final = "A" * 86
OF_ITS_PLACE: Final = frozenset({"type", "v", "origin", "seq", "root", "key", "line", "n", "prev"})


class Extremes:
    """Makes up fields; `nodes` and `hashes` are those that stand for somebody or something."""

    def __init__(self, chance: Random, nodes: Sequence[str], hashes: Sequence[str] = ()) -> None:
        self.chance, self.nodes, self.hashes = chance, nodes, hashes

    def fields(self, kind: type, line: str) -> dict[str, Any]:
        """Give all fields of an event on a line but those of its place."""
        return self._fields(inspect.type_info(kind), line, besides=OF_ITS_PLACE)

    def number(self, least: int, most: int) -> int:
        """Give an integer: nearly always one of the ends."""
        inner = self.chance.randint(least, min(most, least + 1000))
        return self.chance.choice((least, most, most, most - 1, inner))

    def _value(self, name: str, kind: Any, line: str) -> Any:
        match kind:
            case inspect.IntType():
                least = -SAFE_INTEGER if kind.ge is None else kind.ge
                return self.number(least, SAFE_INTEGER if kind.le is None else kind.le)
            case inspect.StrType():
                return self._text(name, kind.pattern or "", line)
            case inspect.LiteralType():
                return kind.values[0]
            case inspect.EnumType():
                return self.chance.choice(list(kind.cls))
            case inspect.UnionType():
                (one,) = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
                return self._value(name, one, line)
            case inspect.VarTupleType():
                return (self._value(name, kind.item_type, line),)
            case inspect.StructType():
                return kind.cls(**self._fields(kind, line))
        raise AssertionError(kind)

    def _fields(
        self, kind: Any, line: str, *, besides: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        return {
            field.name: self._value(field.name, field.type, line)
            for field in kind.fields
            if field.name not in besides and (field.required or self.chance.random() < OFTEN)
        }

    def _text(self, name: str, pattern: str, line: str) -> str:
        if name == "line":
            return line
        if name in ("node", "origin"):
            return self.chance.choice(self.nodes)
        if "{21}" in pattern:
            return path(self.chance.randrange(PATHS))
        if "{85}" in pattern:
            return SIGNATURE
        assert "{42}" in pattern, pattern
        known = self.hashes or (hashed("x"),)
        return self.chance.choice((*known, hashed(self.chance.random())))


def with_place(kind: type, place: dict[str, Any], fields: dict[str, Any]) -> Any:
    """Make an event; what follows from its type alone is seen to hold."""
    core = kind(**place, **fields)
    assert msgspec.convert(msgspec.to_builtins(core), type=kind) == core
    return core
