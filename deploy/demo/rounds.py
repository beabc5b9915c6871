"""The auditor's round in the demo: every page of the umbrella has something to show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from deploy.demo.past import OPEN, SOLVED
from deploy.demo.world import GROUPS

if TYPE_CHECKING:
    from deploy.demo.visitor import Visitor


class Page(NamedTuple):
    """A page of the umbrella, and what has to stand on it how often, at least."""

    path: str
    shows: str
    times: int = 1


_WAYS: Final = len(GROUPS) * (len(GROUPS) - 1)
PAGES: Final = (
    Page("/", 'class="ribbon', _WAYS),
    Page("/flows?period=all", 'scope="row"', _WAYS),
    Page("/flows/groups?period=all", 'scope="row"', len(GROUPS)),
    Page("/flows/lines", 'scope="row"', _WAYS // 2),
    Page("/flows/logs", 'class="row"', len(GROUPS)),
    Page("/flows/logs/findings", "<article", len(OPEN) + len(SOLVED)),
    Page("/flows/reports", 'href="/flows/reports/', 3),
    Page("/figures", 'scope="row"', _WAYS),
)
"""Six months reach into three quarters, of which one is over for a month."""
FOLLOWED: Final = (
    Page("/flows/groups?period=all", r'"(/flows/groups/[^"?]+)"', len(GROUPS)),
    Page("/flows/logs/findings", r'"(/flows/logs/findings/[^"?]+)"', len(OPEN)),
    Page("/flows/reports", r'"(/flows/reports/[^"]+)"', 3),
)
"""Pages of which every link of a kind is opened."""
FILES: Final = ("report.zip", "report.csv", "report.json")


async def not_shown(auditor: Visitor) -> list[str]:
    """Open everything, and name what shows too little."""
    wanting = [
        page.path
        for page in PAGES
        if (await auditor.read(page.path)).count(page.shows) < page.times
    ]
    for page in FOLLOWED:
        links = set(re.findall(page.shows, await auditor.read(page.path)))
        wanting += [page.path] if len(links) < page.times else []
        for link in sorted(links):
            shown = await auditor.read(link)
            wanting += [link] if "</h1>" not in shown else []
            for name in FILES if f"{link}/{FILES[0]}" in shown else ():
                await auditor.read(f"{link}/{name}")
    return wanting
