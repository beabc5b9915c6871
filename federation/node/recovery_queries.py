"""The SQL of a restored node's way back, by name."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from events.queries import load_queries

SQL: Final = load_queries(files("federation.node").joinpath("sql/recovery.sql"))
