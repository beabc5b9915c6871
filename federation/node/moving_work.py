"""The work of moving in, one at a time: a look at what was brought, and the import itself.

A task of the node does it, so nobody's browser has to wait. A look that was cut off is simply done
again; an import that was cut off goes on when somebody says so, and adds nothing twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from events.recovery import STORAGE_TROUBLE
from federation.node import import_use_case
from federation.node.import_told import Imported
from federation.node.moving_in import (
    at_work,
    chest_of,
    drop_forgotten,
    note,
    refuse_while_writing,
    seen,
)
from federation.node.moving_stage import Fault, Moving, Stage
from federation.node.service import now_s
from schemas.errors import Code, RefusedError, RuilbrugError, StorageError

if TYPE_CHECKING:
    from federation.node.service import Node

log = structlog.get_logger()

SWEEP_S: Final = 6 * 3600
"""So often it is seen to; the month is not counted by the hour."""


class Worker:
    """Does one piece of work after the other; at most one waits."""

    def __init__(self, node: Node) -> None:
        """Start with nothing to do."""
        self._node = node
        self._at = at_work(node)
        self._wanted: asyncio.Queue[str] = asyncio.Queue(maxsize=1)
        self.busy = False
        """Whether something is being done, or waits for it."""

    def claim(self, ticket: str = "") -> None:
        """Take the worker for the work under a ticket, or to sweep; `do` or `release` follows.

        Raises:
            RefusedError: `import_runs` when something is being done.

        """
        if self.busy:
            raise RefusedError(Code.IMPORT_RUNS)
        self.busy = True
        self._at.ticket = ticket

    def do(self) -> None:
        """Have the work done for which the worker was claimed."""
        assert self.busy, "claimed before"
        self._at.unnoted = ""
        self._wanted.put_nowait(self._at.ticket)

    def release(self) -> None:
        """Let go of a worker that got nothing to do, or has done it."""
        self.busy = False
        self._at.ticket = ""

    async def run(self) -> None:
        """Work until cancelled; while nothing is wanted, see to what nobody goes on with."""
        while True:
            ticket = await self._next()
            try:
                if ticket is None:
                    await drop_forgotten(self._node, now_s=now_s())
                else:
                    await self._work(ticket)
            except (*STORAGE_TROUBLE, RuilbrugError, OSError) as error:
                log.warning("moving_in_stopped", kind=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - the edge: a bug ends this import, no more
                log.critical("moving_in_failed", kind=type(error).__name__)
            finally:
                self.release()

    async def _next(self) -> str | None:
        """Wait for what is wanted; nothing when it is time to sweep, and the worker is claimed."""
        while True:
            try:
                async with asyncio.timeout(SWEEP_S):
                    return await self._wanted.get()
            except TimeoutError:
                if not self.busy:
                    self.claim()
                    return None

    async def _work(self, ticket: str) -> None:
        moving = await seen(self._node, ticket)
        path = await asyncio.to_thread(chest_of(self._node).file)
        fault: RuilbrugError | None = None
        try:
            answer = await import_use_case.run(
                self._node,
                import_use_case.ImportFile(
                    file=str(path or moving.file),
                    dry_run=moving.stage is Stage.LOOKING,
                    choices=moving.choices,
                ),
            )
        except RuilbrugError as error:
            fault = error
        except STORAGE_TROUBLE as error:
            log.warning("moving_in_without_storage", kind=type(error).__name__)
            fault = StorageError(Code.DATABASE_UNAVAILABLE)
        except Exception:
            await self._end(ticket, moving, None, StorageError(Code.INTERNAL))
            raise
        await self._end(ticket, moving, None if fault is not None else answer, fault)

    async def _end(
        self,
        ticket: str,
        moving: Moving,
        answer: Imported | None,
        fault: RuilbrugError | None,
    ) -> None:
        """Note what came of it; what changed meanwhile keeps what stands."""
        with contextlib.suppress(RefusedError):
            await seen(self._node, ticket)
            ended = msgspec.structs.replace(
                moving,
                stage=Stage.LOOKED if answer is None or answer.dry_run else Stage.DONE,
                fault=None if fault is None else Fault(fault.code, dict(fault.facts)),
            )
            if answer is not None:
                receipt = msgspec.structs.replace(answer.receipt, file=moving.file)
                ended = msgspec.structs.replace(
                    ended, receipt=receipt, clashes=tuple(answer.clashes)
                )
                if not answer.dry_run:
                    ended = msgspec.structs.replace(
                        ended, written=answer.written, differ=tuple(answer.balances_differ)
                    )
            try:
                await note(self._node, ended)
            except StorageError:  # it is begun again once there is room, and adds nothing twice
                self._at.unnoted = ticket
                return
            if ended.stage is Stage.DONE:  # what was brought holds what nobody needs here
                await asyncio.to_thread(chest_of(self._node).drop_file)


async def look(node: Node, ticket: str) -> Moving:
    """Have a dry run made of what was brought.

    Raises:
        RefusedError: `import_changed`, `import_runs`.
        StorageError: as `moving_in.note`.

    """
    moving = await seen(node, ticket)
    refuse_while_writing(moving)
    return await _begin(node, msgspec.structs.replace(moving, stage=Stage.LOOKING, fault=None))


async def write(node: Node, ticket: str) -> Moving:
    """Have what was looked at written; also what stopped half-way.

    Raises:
        RefusedError: `import_changed` when a look has not ended well with these choices;
            `import_runs`.
        StorageError: as `moving_in.note`.

    """
    moving = await seen(node, ticket)
    if moving.receipt is None or moving.stage not in (Stage.LOOKED, Stage.WRITING):
        raise RefusedError(Code.IMPORT_CHANGED)
    return await _begin(node, msgspec.structs.replace(moving, stage=Stage.WRITING, fault=None))


async def _begin(node: Node, moving: Moving) -> Moving:
    worker = worker_of(node)
    worker.claim(moving.ticket)  # before anything is waited for: of two at once one is told
    try:
        await note(node, moving)
    except BaseException:
        worker.release()
        raise
    worker.do()
    return moving


def worker_of(node: Node) -> Worker:
    """Give the worker of a node."""
    worker = node.parts[Worker]
    assert isinstance(worker, Worker)
    return worker


async def start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Let the worker of a node work; what a stop has cut off can be begun again."""
    worker = node.parts[Worker] = Worker(node)
    await asyncio.to_thread(chest_of(node).sweep)
    await drop_forgotten(node, now_s=now_s())
    tasks.create_task(worker.run(), name="moving-in")
