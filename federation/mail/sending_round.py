"""A task of the node that sends what waits, portion by portion, for ever; who adds wakes it."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Final

import structlog

from events.recovery import STORAGE_TROUBLE
from federation.mail.office import office_of
from schemas.errors import RuilbrugError

if TYPE_CHECKING:
    from federation.node.service import Node

log = structlog.get_logger()

LOOK_EVERY_S: Final = 60.0
"""What a stop has cut off, or trouble held up, is looked for this often."""


class SendingRound(ABC):
    """Sends one portion after the other; `wake` lets it look at once."""

    waits: ClassVar[str]
    """What the log of the program calls it when storage trouble holds it up."""

    def __init__(self, node: Node) -> None:
        """Take the node."""
        self._node = node
        self._asked = asyncio.Event()

    @abstractmethod
    async def send_some(self, node: Node) -> bool:
        """Send the next portion, in a transaction of its own; tells whether there was one."""

    def wake(self) -> None:
        """Look for what is to be sent now."""
        self._asked.set()

    async def run(self) -> None:
        """Send whatever is to be sent, for ever."""
        while True:
            self._asked.clear()
            try:
                while await self.send_some(self._node):
                    office_of(self._node).courier.wake()
            except (*STORAGE_TROUBLE, RuilbrugError) as error:
                log.warning(self.waits, kind=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._asked.wait()
