"""What somebody who has started the demo is told: where to look, as whom, and what to press."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Final

from deploy.demo import cast
from deploy.demo.deeds import HILDE
from deploy.demo.world import UMBRELLA, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploy.demo.deeds import Deeds
    from deploy.demo.visitor import Visitor
    from deploy.demo.world import WiredWorld

    Tell = Callable[[str], None]

SIGN_IN: Final = (
    (cast.HOME, cast.HEROINE, "a member"),
    ("gent", "002", "a member"),
    (cast.HOME, cast.COORDINATOR, "the coordinator"),
)
"""Group, code, and what that member is."""


async def tell_where(tell: Tell, world: WiredWorld, auditor: Visitor) -> None:
    """Say where to look."""
    tell("Look around in a browser. Mails are kept at /mailbox instead of being sent.")
    for key, code, what in SIGN_IN:
        one = next(one for one in cast.PEOPLE[key] if one.code == code)
        url = world.groups[key].folder.settings().public_url
        tell(f"    {url}  {name_of(key)}: sign in as {one.address} ({one.name}, {what})")
    async with auditor:
        link = await auditor.mailed_link()
    one = cast.AUDITOR
    tell(f"    {auditor.url}  {UMBRELLA}: sign in as {one.address} ({one.name}, an auditor)")
    tell("First: open an address, click Aanmelden, type the mail address, and open")
    tell("    /mailbox of the same address in another tab: the newest mail has the link.")
    tell(f"The auditor's pages, one click away for a quarter of an hour: {auditor.url}{link}")
    tell("In another terminal, as an operator:")
    for node in (*world.groups.values(), world.umbrella):
        tell(f"    python3 dev.py run -- ruilbrug --node {node.folder.path} node status")
    tell("    ... account list | account statement CODE | line list | audit report")
    if sys.stdin.isatty():
        tell(f"Enter switches {name_of(HILDE.group)} on: what waits for it goes on.")
    tell("Ctrl-C ends it and removes everything.")


async def switch_on(tell: Tell, world: WiredWorld, deeds: Deeds) -> None:
    """Wait for Enter, then start the group that is off."""
    if not sys.stdin.isatty():
        return
    pressed = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, pressed.set)
    try:
        await pressed.wait()
        sys.stdin.readline()
    finally:
        loop.remove_reader(sys.stdin)
    await world.groups[HILDE.group].start()

    async def settled() -> bool:
        return {await deeds.stands(name) for name in ("ladder", "bread")} == {"settled"}

    await deeds.until(settled, "what waited is settled")
    tell(f"{name_of(HILDE.group)} is on; what waited for it is settled (bevestigd).")
