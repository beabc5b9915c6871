"""The source files of this checkout, room by room, as text and as syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "events", "projections", "federation")
SHELVES_OF_PROJECTIONS = ("projections/tables", "projections/runner")  # the parts that do I/O
PURE = ("schemas/", "projections/", "federation/line/", "federation/group/")


@dataclass(frozen=True)
class Module:
    """A Python file of ours."""

    place: str
    text: str
    tree: ast.Module

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def imported(self) -> set[str]:
        """Give each module that is imported, at the top or inside a function, by its whole name."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(self._whole_name(node))
        return found

    def _whole_name(self, node: ast.ImportFrom) -> str:
        """Give the name of what is imported from, which may be told by the place of this module."""
        here = self.place.split("/")[: -node.level] if node.level else []
        return ".".join([*here, *([node.module] if node.module else [])])

    def imports(self) -> set[str]:
        """Give the first word of each module that is imported."""
        return {name.partition(".")[0] for name in self.imported()}

    def is_pure(self) -> bool:
        return self.place.startswith(PURE) and not self.place.startswith(SHELVES_OF_PROJECTIONS)


def read_module(place: str, text: str) -> Module:
    return Module(place, text, ast.parse(text, place))


@cache
def product() -> tuple[Module, ...]:
    """Give the modules that run on a node."""
    return _modules(*PACKAGES)


@cache
def everything() -> tuple[Module, ...]:
    """Give every module but `dev.py`, which is a script with a line for the kernel on top."""
    return _modules(*PACKAGES, "deploy", "tests")


def _modules(*rooms: str) -> tuple[Module, ...]:
    paths = sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))
    return tuple(
        read_module(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths
    )
