"""Taking in a partner's events: facts that need keys or tables are found out, then one command.

Used by the handler of an exchange and by the outbox for what came back in a response.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

from federation.line.commands import Quarantine, ReceivedEvent, ReceiveEvents
from federation.line.decide import Received
from federation.node.queries import SQL
from federation.peer.channel import decision_valid, read_batch, require_signature
from schemas import cores
from schemas.encoding import b64
from schemas.errors import Code, Refusal, RefusedError, StorageError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg import Pool, Record

    from events.keys import KeyHistory
    from federation.node.machine import NodeMachine
    from federation.node.peers import Peers
    from federation.peer.channel import ChannelEvent
    from schemas.messages import WireEvent

log = structlog.get_logger()


class Intake:
    """Takes in what partners send."""

    def __init__(
        self,
        *,
        pool: Pool[Record],
        peers: Peers,
        machine: NodeMachine,
        submit: Any,
        tasks: asyncio.TaskGroup,
    ) -> None:
        """Take the tables, the keys, the books, the sequencer, and who owns late checks."""
        self._pool = pool
        self._peers = peers
        self._machine = machine
        self._submit = submit
        self._tasks = tasks

    async def take(self, peer: str, line: str, wire: Sequence[WireEvent]) -> Received:
        """Take in a batch of a partner; what is there already is skipped.

        Raises:
            VerificationError: bytes, chain or signature are wrong; nothing has changed.
            RefusedError: `peer_unknown`, `line_other`, `line_gap`, `line_prev`, `line_fork`.

        """
        events = await self._read(peer, line, wire)
        await self._look_for_fork(line, events)
        history = self._peers.history(peer)
        assert history is not None
        carried = [event for event in events if isinstance(event.core, cores.PayCommit)]
        valid = dict.fromkeys((event.id for event in events), True)
        if carried:
            answers = await asyncio.to_thread(
                lambda: [decision_valid(event, history) for event in carried]
            )
            valid |= dict(zip((event.id for event in carried), answers, strict=True))
        command = ReceiveEvents(
            line=line,
            peer=peer,
            events=tuple(await self._facts(events, valid)),
            known=self._peers.get(peer) is not None,
            cover=events[-1].n if events else 0,
        )
        answer = await self._submit(command)
        if isinstance(answer, Refusal):
            raise RefusedError.of(answer)
        assert isinstance(answer, Received)
        if len(events) > 1:
            self._tasks.create_task(
                self._check_late(line, events[:-1], history), name=f"late-check-{line[:8]}"
            )
        if answer.refusal is not None and not answer.taken:
            raise RefusedError.of(answer.refusal)
        return answer

    async def _read(
        self, peer: str, line: str, wire: Sequence[WireEvent]
    ) -> tuple[ChannelEvent, ...]:
        """Decode and verify; an unknown key makes us fetch the key statements once."""
        history = self._peers.history(peer)
        if history is None:
            await self._peers.refresh(peer)
            history = self._peers.history(peer)
        if history is None:
            raise RefusedError(Code.PEER_UNKNOWN, field="peer")
        try:
            return read_batch(wire, line=line, origin=peer, history=history)
        except VerificationError as error:
            if error.code is not Code.BAD_KEY:
                raise
        await self._peers.refresh(peer)
        history = self._peers.history(peer)
        assert history is not None
        return read_batch(wire, line=line, origin=peer, history=history)

    async def _look_for_fork(self, line: str, events: Sequence[ChannelEvent]) -> None:
        """Compare repetitions with the inbox: another event with the same number is a fork."""
        known = self._machine.books.lines.get(line)
        if known is None or not events or events[0].n > known.in_n:
            return
        rows = await self._pool.fetch(SQL["inbox_ids"], line, events[0].n, events[-1].n)
        stored = {row["n"]: b64(row["id"]) for row in rows}
        for event in events:
            if stored.get(event.n, event.id) != event.id:
                log.critical("channel_fork", line=line, n=event.n)
                raise RefusedError(Code.LINE_FORK, field="n")

    async def _facts(
        self, events: Sequence[ChannelEvent], valid: dict[str, bool]
    ) -> list[ReceivedEvent]:
        """Find out who stands behind each payee's pseudonym."""
        names = [event.peer.payee for event in events if event.peer is not None]
        subjects: dict[str, str] = {}
        if names:
            reader = events[0].core.origin
            rows = await self._pool.fetch(SQL["read_pseudonyms"], reader, names)
            subjects = {row["pseudonym"]: b64(row["subject"]) for row in rows}
        accounts = self._machine.accounts_by_subject() if subjects else {}
        return [
            ReceivedEvent(
                n=event.n,
                id=event.id,
                core=event.core,
                core_bytes=event.core_bytes,
                signature=event.signature,
                decision_valid=valid[event.id],
                opening=event.opening,
                peer=event.peer,
                payee=accounts.get(subject, 0),
                payee_subject=subject,
            )
            for event in events
            for subject in [subjects.get(event.peer.payee if event.peer else "", "")]
        ]

    async def _check_late(
        self, line: str, events: Sequence[ChannelEvent], history: KeyHistory
    ) -> None:
        """Check the signatures that the last one covered; a bad one sets the line aside."""

        def first_bad() -> int:
            for event in events:
                try:
                    require_signature(event, history)
                except VerificationError:
                    return event.n
            return 0

        bad = await asyncio.to_thread(first_bad)
        if not bad:
            return
        log.warning("late_signature_bad", line=line, n=bad)
        try:
            await self._submit(Quarantine(line, bad, "bad_signature"))
        except StorageError as error:
            log.critical("quarantine_not_written", line=line, n=bad, code=error.code)
