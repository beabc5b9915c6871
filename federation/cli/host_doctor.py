"""What `ruilbrug host doctor` finds: the process of the host first, then each group by itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from federation.cli.doctor_looks import look
from federation.host.hosted import State
from federation.node.control import call_socket
from federation.node.doctor import examine
from federation.node.doctor_findings import Finding, Weight
from federation.node.service import now_s
from schemas.errors import RuilbrugError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.host.settings import HostFolder
    from federation.node.settings import NodeFolder

AT_ONCE: Final = 4
ANSWER_S: Final = 10
HOST: Final = "host"


async def examine_host(folder: HostFolder) -> list[tuple[str, Finding]]:
    """Give each finding with the name of the group that it is about, `host` for all.

    Raises:
        InputError: `node_missing`, `malformed` in `host.toml`.

    """
    settings = folder.settings()
    groups = folder.groups(settings.left_out)
    try:
        async with asyncio.timeout(ANSWER_S):
            status = await call_socket(folder.socket, "status", {})
    except (OSError, TimeoutError, RuilbrugError):
        status = None
    turns = asyncio.Semaphore(AT_ONCE)
    found = await asyncio.gather(*(_group(turns, each) for each in groups.values()))
    named = zip(groups, found, strict=True)
    return [
        *((HOST, finding) for finding in judge(status, sorted(groups))),
        *((name, finding) for name, findings in named for finding in findings),
    ]


def judge(status: Any, groups: Iterable[str]) -> list[Finding]:
    """Say how the host is, by what it has answered; none when it has not. Pure."""
    if status is None:
        what, step = "the host does not run", "systemctl status ruilbrug-host"
        return [Finding(check=HOST, weight=Weight.PERSON, what=what, next_step=step)]
    found = [
        Finding(
            check=HOST,
            weight=Weight.PERSON,
            what=f"{told['name']} does not run: {told['reason']}",
            next_step="it is tried again by itself; mend it, then 'ruilbrug host restart "
            f"{told['name']}'",
        )
        for told in status["groups"]
        if told["state"] == State.FAILED
    ]
    new = sorted(set(groups) - {told["name"] for told in status["groups"]})
    if new:
        what = f"not taken up yet: {', '.join(new)}"
        step = "ruilbrug host reload"
        found.append(Finding(check=HOST, weight=Weight.NOTE, what=what, next_step=step))
    stopped = [told["name"] for told in status["groups"] if told["state"] == State.STOPPED]
    if stopped:
        what = f"stopped by hand: {', '.join(stopped)}"
        step = "ruilbrug host start NAME"
        found.append(Finding(check=HOST, weight=Weight.NOTE, what=what, next_step=step))
    running = sum(told["state"] == State.RUNNING for told in status["groups"])
    said = f"{running} groups run"
    return found or [Finding(check=HOST, weight=Weight.FINE, what=said)]


async def _group(turns: asyncio.Semaphore, folder: NodeFolder) -> list[Finding]:
    async with turns:
        try:
            return examine(await look(folder, clock=now_s))
        except RuilbrugError as error:
            said = str(error)
            step = "mend its folder; 'ruilbrug --node FOLDER doctor' looks again"
            return [Finding(check="node", weight=Weight.PERSON, what=said, next_step=step)]
