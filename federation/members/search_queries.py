"""The SQL of search, by name."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from events.queries import load_queries

SEARCH: Final = load_queries(files("federation.members").joinpath("sql/search.sql"))
SEARCH["few_near"] = (
    SEARCH["few"]
    .replace("plain.findable(", "plain.findable_near(")
    .replace("$12)", "$12::text::tsquery)")
)
"""The same for words in a neighbourhood; its plan does not depend on what else is asked."""
