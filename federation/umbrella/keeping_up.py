"""The task by which the umbrella follows and audits by itself, so that its pages are fresh.

What fails is logged and tried again: an audit that dies half-way has kept nothing, so nothing is
lost by that. Cancelled at the end of the node like its other tasks, whatever it waits for.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from events.recovery import STORAGE_TROUBLE
from federation.umbrella.turns import turns_of
from federation.umbrella.use_cases import audit_when_due
from schemas.errors import RuilbrugError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from federation.node.service import Node

log = structlog.get_logger()


async def keep_up(node: Node, *, wait: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Audit whenever it is due, until cancelled."""
    turns = turns_of(node)
    while True:
        while (left_s := turns.left_s(node.settings.audit.every_s)) > 0:
            await wait(left_s)
        try:
            await audit_when_due(node)
        except* (*STORAGE_TROUBLE, RuilbrugError) as troubles:
            kinds = sorted({type(one).__name__ for one in troubles.exceptions})
            log.warning("audit_failed", kinds=kinds)
        except* Exception as bugs:
            log.critical("audit_failed", exc_info=bugs)
