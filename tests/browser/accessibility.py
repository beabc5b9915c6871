"""What axe-core says of a page: every rule of wcag2a to wcag22aa, no element left out."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

ENGINE: Final = Path(__file__).parent / "vendored" / "axe.min.js"
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_RUN: Final = "(options) => axe.run(document, options)"


@cache
def engine() -> str:
    return ENGINE.read_text("utf-8")


async def findings(page: Page) -> list[str]:
    """Give what is wrong, one line each: rule, where, why. Needs a page on which scripts run."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(f"() => {{ {engine()} }}")
    options = {"runOnly": {"type": "tag", "values": list(TAGS)}, "resultTypes": ["violations"]}
    told: dict[str, Any] = await page.evaluate(_RUN, options)
    assert told["passes"], "the engine has looked at something"
    return [
        f"{page.url} {violation['id']}: {json.dumps(node['target'])} {node['failureSummary']}"
        for violation in told["violations"]
        for node in violation["nodes"]
    ]
