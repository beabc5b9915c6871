"""The SQL of members, by name: what the projector writes, and what people read."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from events.queries import load_queries

_FOLDER: Final = files("federation.members")
PLAIN: Final = load_queries(_FOLDER.joinpath("sql/plain.sql"))
EXPORT: Final = load_queries(_FOLDER.joinpath("sql/export.sql"))
SQL: Final = load_queries(_FOLDER.joinpath("sql/members.sql"))
