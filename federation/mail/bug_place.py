"""Where a bug was met, for the log: never its text, which may name a person. Pure."""

from __future__ import annotations

import traceback
from pathlib import Path


def where(bug: Exception) -> str:
    """Give the file and the line."""
    place = traceback.extract_tb(bug.__traceback__)[-1]
    return f"{Path(place.filename).name}:{place.lineno}"
