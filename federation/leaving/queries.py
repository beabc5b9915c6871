"""The SQL of moving out, by name."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from events.queries import load_queries

SQL: Final = load_queries(files("federation.leaving").joinpath("sql/leaving.sql"))
