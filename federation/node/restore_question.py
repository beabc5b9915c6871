"""The question of the restore rule: what have umbrella and partners seen of this node?

Asked from the start until the node may release, and again after events have come back. What
somebody once said stays said: a partner that falls silent does not make a log shorter. The rule
itself is `events.restore.judge`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from events import log_store
from events.note import NoteKey
from events.recovery import STORAGE_TROUBLE
from events.restore import (
    Held,
    Judgement,
    Mode,
    Seen,
    covered,
    held_against,
    judge,
    signed_by_us,
    silent,
    to_ask,
)
from federation.node.database import read_statements
from federation.node.fence import HANDED_OVER, is_handed_over
from federation.node.forgotten_keys import FORGOTTEN, forgotten_by_all, keep_told
from federation.node.key_news import start_outbox
from federation.node.origins import log_origin
from federation.node.recovery_queries import SQL
from federation.node.witnesses import own_logs
from schemas.encoding import b64, parse
from schemas.errors import Code, PeerUnavailable, RuilbrugError
from schemas.messages import SeenAnswer

if TYPE_CHECKING:
    from events.checkpoint import Checkpoint
    from events.mark import Mark, MarkFile
    from federation.node.forgotten_keys import Forgotten
    from federation.node.service import Node
    from schemas.keys import SignedKeyStatement

log = structlog.get_logger()

ASK_FIRST_S: Final = 0.25
ASK_AGAIN_S: Final = 2.0
ASK_TIMEOUT_S: Final = 5
_SEEN: Final = msgspec.json.Decoder(SeenAnswer)


class RestoreQuestion:
    """Asks, remembers the answers, and judges."""

    def __init__(self, node: Node, file: MarkFile) -> None:
        """Take the node and its mark; nothing is asked yet."""
        self._node = node
        self._file = file
        self._held = Held(0, None, {})
        self.mark: Mark | None = None
        self.answers: dict[str, Seen] = {}
        self._told: dict[str, tuple[SignedKeyStatement, ...]] = {}
        """The key statements of this node that each one knows."""
        self._started = False
        self.turn = asyncio.Lock()
        """Held while events come back: nobody judges a log in the middle of that."""

    @property
    def covered(self) -> int:
        """Give how many events of the log the mark covers: so many may have been seen."""
        return covered(self.mark, self._held)

    def partners(self) -> frozenset[str]:
        """Name the nodes that this one shares a line with; none behind a line that is closed."""
        lines = self._node.machine.books.lines.values()
        return frozenset(line.peer for line in lines if not line.own_closed)

    def asked(self) -> frozenset[str]:
        """Name umbrella and partners."""
        return to_ask(self._node.umbrella, self.partners())

    def silent(self) -> frozenset[str]:
        """Name those who have not vouched for the log: no answer, or behind themselves."""
        answers, umbrella = self.answers.values(), self._node.umbrella
        return silent(answers, umbrella=umbrella, partners=self.partners())

    async def first(self) -> Judgement:
        """Judge by mark and database alone, before anybody was asked."""
        await self._read()
        return self._judge()

    async def until_judged(self) -> None:
        """Ask again and again until the node may release."""
        wait_s = ASK_FIRST_S
        while True:
            async with self.turn:
                if await self.ask_and_judge() and await self._outbox_started():
                    return
            await asyncio.sleep(wait_s)
            wait_s = min(ASK_AGAIN_S, 2 * wait_s)

    async def again(self) -> bool:
        """Look at mark and database anew, ask everybody, and tell whether the node may release."""
        if self._node.gate.mode is Mode.OPEN:
            return True
        await self._read()
        self.answers.clear()
        self._told.clear()
        return await self.ask_and_judge() and await self._outbox_started()

    async def ask_and_judge(self) -> bool:
        """Ask once whoever has not vouched yet, and set the mode; true when it may release.

        Who has answered sees no more than that: our session with it refuses what is on its way.
        """
        node = self._node
        if node.gate.mode is Mode.OPEN:
            return True
        found = await asyncio.gather(*(self._try(peer) for peer in sorted(self.silent())))
        self.answers |= {answer.node: answer for answer in found if answer is not None}
        keep_told(node.folder, node.identity.statements, self.forgotten())
        judgement = self._judge()
        if judgement != node.gate.judgement:
            log.warning("judged", mode=judgement.mode, reason=judgement.reason)
        if judgement.mode is Mode.OPEN and self.mark is None:
            self.mark = node.gate.create_mark()  # before anything may pass the gate
        node.gate.judgement = judgement
        return judgement.mode is Mode.OPEN

    async def _outbox_started(self) -> bool:
        """Start the outbox of a node that may release; not yet when the database is away."""
        if self._started:
            return True
        try:
            await start_outbox(self._node)
        except STORAGE_TROUBLE as error:
            log.warning("outbox_not_started", kind=type(error).__name__)
            return False
        self._started = True
        return True

    def _judge(self) -> Judgement:
        if is_handed_over(self._node.folder):
            return HANDED_OVER
        forgotten = self.forgotten()
        held = self._held if forgotten is None else self._held._replace(key_speaks=True)
        judgement = judge(
            self.mark,
            held,
            list(self.answers.values()),
            umbrella=self._node.umbrella,
            partners=self.partners(),
            overridden=self._node.overridden,
        )
        missing = forgotten is None or judgement.mode is Mode.READ_ONLY
        return judgement if missing else FORGOTTEN

    def forgotten(self) -> Forgotten | None:
        """Give the key statements of this node that somebody knows and its log does not hold."""
        return forgotten_by_all(self._node.identity.statements, self._told.values())

    async def _read(self) -> None:
        """Find out what mark and database hold."""
        node = self._node
        self.mark = self._file.read()
        size = node.sequencer.size
        root = None
        async with node.pool.acquire() as connection:
            statements = await read_statements(connection)  # one may have come back
            if self.mark is not None and self.mark.size <= size:
                root = (await log_store.read_tree(connection, self.mark.size)).root()
        heads = {line.line: line.out_n for line in node.machine.books.lines.values()}
        node.identity = node.identity._replace(statements=statements)
        self._held = Held(size, root, heads, node.identity.speaks_at(size))

    async def _try(self, peer: str) -> Seen | None:
        """Ask one, and keep the session that it opens; none when it does not answer."""
        try:
            seen = await self.ask(peer)
        except (RuilbrugError, *STORAGE_TROUBLE):
            return None
        self._node.sessions.hold(peer, seen.session)
        return seen

    async def ask(self, peer_id: str) -> Seen:
        """Ask a node what it has seen of this one.

        Raises:
            InputError: `peer_unknown` when it may not be spoken with.
            PeerUnavailable: it does not answer, or its answer makes no sense.

        """
        node, peer = self._node, self._node.peers.require(peer_id)
        path = "/federation/v1/seen"
        data = await node.client.get(peer.node, peer.url, path, timeout_s=ASK_TIMEOUT_S)
        try:
            answer = parse(_SEEN, data)
        except msgspec.MsgspecError as error:
            raise PeerUnavailable(Code.PEER_WRONG, reason="seen") from error
        self._told[peer_id] = answer.keys
        checkpoint = self._signed_by_us(peer_id, answer)
        root = None if checkpoint is None else await self._root_at(checkpoint.size)
        ids = await self._own_ids(answer)
        return held_against(peer_id, answer, ids, checkpoint=checkpoint, root=root)

    def _signed_by_us(self, peer_id: str, answer: SeenAnswer) -> Checkpoint | None:
        """Give the checkpoint of an answer if the log key signed it, stated by the log or not yet.

        After an old backup the log may not state the key that this machine has.
        """
        node = self._node
        origin = log_origin(node.settings.public_url)
        keys = [NoteKey(origin, node.identity.log.public), *(one.key for one in own_logs(node))]
        checkpoint = signed_by_us(answer, node=node.id, origin=origin, keys=keys)
        if checkpoint is None and answer.checkpoint is not None:
            log.warning("checkpoint_not_ours", peer=peer_id)
        return checkpoint

    async def _root_at(self, size: int) -> bytes | None:
        """Give the root of the log at a size; none when it is not so long."""
        async with self._node.pool.acquire() as connection:
            held = await log_store.read_state(connection)
            if held is None or size > held.size:
                return None
            return (await log_store.read_tree(connection, size)).root()

    async def _own_ids(self, answer: SeenAnswer) -> dict[tuple[str, int], str]:
        """Read what the database holds at the places that an answer names."""
        pool = self._node.pool
        held = {("", answer.size - 1): await pool.fetchval(SQL["own_id"], answer.size - 1)}
        for head in answer.heads:
            place = (head.line, head.n)
            held[place] = await pool.fetchval(SQL["own_line_id"], *place)
        return {place: b64(identity) for place, identity in held.items() if identity is not None}
