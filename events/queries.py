"""Named SQL from files: `-- name: append_events` and a line of purpose, then the statement.

SQL text is never built from input; what varies is a parameter.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_MARK: Final = "-- name: "
_PLACEHOLDER: Final = re.compile(r"\$([0-9]+)")


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


@lru_cache(maxsize=256)
def joined(statements: tuple[str, ...]) -> str:
    """Make one statement of several that insert or update: one round trip, and all or nothing.

    Its command tag is that of the last one. The placeholders of each are counted on behind those
    of the ones before it.
    """
    behind, counted_on = 0, []
    for statement in statements:
        numbers = [int(number) for number in _PLACEHOLDER.findall(statement)]
        counted_on.append(_PLACEHOLDER.sub(partial(_counted_on, behind), statement))
        behind += max(numbers, default=0)
    *parts, last = counted_on
    if not parts:
        return last
    before = ",\n".join(f"part{number} AS (\n{part})" for number, part in enumerate(parts))
    return f"WITH {before}\n{last}"


def _counted_on(behind: int, found: re.Match[str]) -> str:
    return f"${int(found[1]) + behind}"
