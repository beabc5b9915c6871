"""The SQL of a node as witness, and of the cosignatures that it gets, by name."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from events.queries import load_queries

SQL: Final = load_queries(files("federation.node").joinpath("sql/witness.sql"))
