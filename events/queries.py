"""Named SQL from files: `-- name: append_events` and a line of purpose, then the statement.

SQL text is never built from input; what varies is a parameter.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_MARK: Final = "-- name: "
_PLACEHOLDER: Final = re.compile(r"\$([0-9]+)")
_ENDS_EMPTY: Final = "\nSELECT\n"
_BEGINS: Final = "WITH "


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


@lru_cache(maxsize=64)
def joined(first: str, last: str) -> str:
    """Make one statement of two named ones: a round trip less, and both or neither.

    The parts of `first` do all that it does, so it ends in an empty SELECT; `last` has parts too.
    The placeholders of `last` are counted on behind those of `first`.
    """
    assert first.endswith(_ENDS_EMPTY)
    assert last.startswith(_BEGINS)
    behind = max(map(int, _PLACEHOLDER.findall(first)))
    counted_on = _PLACEHOLDER.sub(lambda found: f"${int(found[1]) + behind}", last)
    return f"{first.removesuffix(_ENDS_EMPTY)},\n{counted_on.removeprefix(_BEGINS)}"
