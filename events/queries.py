"""Named SQL from files: `-- name: append_events` and a line of purpose, then the statement.

SQL text is never built from input; what varies is a parameter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_MARK = "-- name: "


def load_queries(file: Traversable) -> dict[str, str]:
    """Read the statements of one file by name. A name twice, or text before one, is a bug."""
    queries: dict[str, str] = {}
    name = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith(_MARK):
            name = line.removeprefix(_MARK).strip()
            assert name not in queries, name
            queries[name] = ""
        elif line.strip() and not line.startswith("--"):
            assert name, "SQL before the first name"
            queries[name] += line + "\n"
    assert all(queries.values()), "a name without SQL"
    return queries
