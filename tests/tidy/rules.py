"""The style of this code as rules: each takes a module and gives what it finds, place by place."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from tests.tidy.rooms import Module

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?|common|misc)($|_)")
OUTSIDE = {"aiohttp", "asyncio", "asyncpg", "os", "random", "secrets", "socket", "subprocess"}
OUTSIDE |= {"tempfile", "threading", "time", "uuid"}
JUDGES = "tests.independent"
KNOWN_TO_JUDGES = sys.stdlib_module_names | {"asyncpg", "cryptography"}
SQL = re.compile(r"\b(SELECT\b.*\bFROM|INSERT INTO|UPDATE\b.*\bSET|DELETE FROM)\b", re.DOTALL)
LEFT_OVER = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X)\b")


def too_long(module: Module) -> Iterator[str]:
    lines = len(module.text.splitlines())
    if lines > MODULE_LINES_MAX:
        yield f"{module.place}: {lines} lines"


def functions_too_long(module: Module) -> Iterator[str]:
    for function in module.functions():
        assert function.end_lineno is not None
        lines = function.end_lineno - function.lineno + 1
        if lines > FUNCTION_LINES_MAX:
            yield f"{module.place}:{function.lineno}: {function.name} has {lines} lines"


def without_first_words(module: Module) -> Iterator[str]:
    if ast.get_docstring(module.tree) is None or module.tree.body[0].lineno != 1:
        yield f"{module.place}: its first line does not say what it is"


def empty_name(module: Module) -> Iterator[str]:
    if any(EMPTY_NAMES.search(part) for part in module.place.removesuffix(".py").split("/")):
        yield f"{module.place}: the name says nothing about what is inside"


def impurity(module: Module) -> Iterator[str]:
    if module.is_pure():
        for name in sorted(module.imports() & OUTSIDE):
            yield f"{module.place}: a pure room imports {name}"


def partiality(module: Module) -> Iterator[str]:
    """Find what a judge shares with whom it judges, as a fault in that would escape it."""
    if module.place.startswith(JUDGES.replace(".", "/") + "/"):
        for name in sorted(module.imported()):
            own = name == JUDGES or name.startswith(f"{JUDGES}.")
            if not own and name.partition(".")[0] not in KNOWN_TO_JUDGES:
                yield f"{module.place}: a judge imports {name}"


def built_sql(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if SQL.search(_built_text(node)):
            assert isinstance(node, ast.expr)
            yield f"{module.place}:{node.lineno}: SQL built from values"


def _built_text(node: ast.AST) -> str:
    """Give the fixed parts of a text that is put together from values; empty for anything else."""
    if isinstance(node, ast.JoinedStr) and len(node.values) > 1:
        return "…".join(_constant(part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        return f"{_constant(node.left)} … {_constant(node.right)}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _constant(node.func.value) if node.func.attr == "format" else ""
    return ""


def _constant(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def left_over(module: Module) -> Iterator[str]:
    for number, line in enumerate(module.text.splitlines(), 1):
        if LEFT_OVER.search(line):
            yield f"{module.place}:{number}: {line.strip()}"
