"""What a run prints: each figure beside the limit that the same run measured, and its target."""

from __future__ import annotations

import json
from typing import NamedTuple


class Limit(NamedTuple):
    """What the machine can do at best, and how that was found out."""

    value: float
    of: str


class Report:
    """Prints figures as lines for people, or as one JSON object a line."""

    def __init__(self, *, as_json: bool) -> None:
        """Choose the form."""
        self._as_json = as_json

    def figure(
        self, name: str, value: float, unit: str, *, limit: Limit | None = None, target: str = ""
    ) -> None:
        """Print a figure; its ratio is value over limit, whichever way is better."""
        ratio = None if limit is None or not limit.value else value / limit.value
        if self._as_json:
            self._object(name, value, unit, None if limit is None else limit.value, ratio)
            return
        line = f"{name:22}{_number(value):>12} {unit:7}"
        if limit is not None and ratio is not None:
            line += f" {ratio:6.2f} of {_number(limit.value)} ({limit.of})"
        if target:
            line += f"  [target {target}]"
        print(line, flush=True)

    def fact(self, name: str, value: str) -> None:
        """Print what belongs to the figures and is no number."""
        if self._as_json:
            self._object(name, value, "", None, None)
        else:
            print(f"{name:29}{value:>5}", flush=True)

    def _object(
        self, name: str, value: float | str, unit: str, limit: float | None, ratio: float | None
    ) -> None:
        found = {"name": name, "value": value, "unit": unit, "limit": limit, "ratio": ratio}
        print(json.dumps(found), flush=True)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"
