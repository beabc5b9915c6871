"""The SQL of the offer feed, by name."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from events.queries import load_queries

FEED: Final = load_queries(files("federation.members").joinpath("sql/feed.sql"))
