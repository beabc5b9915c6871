"""A running node: its database, sequencer, peers and outbox, started and stopped in order.

The use cases (`federation.node.use_cases`) work on this; handlers and commands only parse and
render. Ready time does not grow with the log: the books are read from their tables.
"""

from __future__ import annotations

import asyncio
import contextlib
import random as chance
import time
from typing import TYPE_CHECKING, Any, Final

import structlog

from events.mark import MarkFile
from events.recovery import STORAGE_TROUBLE, close_connection
from events.release import ReleaseGate
from events.restore import Mode
from events.sealed import Keyring
from events.sequencer import Sequencer
from federation.group.agreeing import ExpireAsked
from federation.group.commands import CloseLeft
from federation.group.statuses import who_has_left
from federation.line.commands import ExpireDue, SendHeads
from federation.line.life import heads_due
from federation.node import erasure, half_import
from federation.node.checkpoints import newest_checkpoint, newest_if_grown
from federation.node.cosigning import Cosigning, start_cosigning
from federation.node.database import (
    NODE_LOCK,
    only_process,
    read_statements,
    require_migrated,
)
from federation.node.evidence import EvidenceKeeper
from federation.node.hearsay import Hearsay
from federation.node.identity import read_identity, system_random
from federation.node.intake import Intake
from federation.node.key_judging import KeyJudge
from federation.node.key_news import partner_has_new_key, start_outbox
from federation.node.known_logs import AllLogs, KnownLogs, Telling
from federation.node.machine import NodeMachine
from federation.node.outbox import Outbox
from federation.node.own_postgres import own_server
from federation.node.patience import Deadlines
from federation.node.peers import Peer, Peers
from federation.node.pools import look_up_pool, search_pool
from federation.node.refused_batches import RefusedBatches
from federation.node.register_reader import RegisterReader
from federation.node.restore_question import RestoreQuestion
from federation.node.rooms import rooms
from federation.node.sessions import Sessions
from federation.node.settings import parse_invitation
from federation.node.share import ALONE
from federation.node.upgrade import upgrade_database
from federation.node.witness import Witness, make_witness
from federation.node.witnesses import read_policy
from federation.peer.client import PeerClient
from federation.peer.signatures import Signer
from projections import tables
from projections.lines import Phase
from schemas.errors import Refusal, RefusedError, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Connection, Pool, Record

    from events.policy import Policy
    from federation.node.identity import Identity
    from federation.node.machine import Changes
    from federation.node.settings import NodeFolder, NodeSettings
    from federation.node.share import Share
    from projections.lines import Transfer

log = structlog.get_logger()

TICK_S: Final = 1.0


def now_s() -> int:
    """The one clock: seconds since 1970, UTC."""
    return int(time.time())


class Node:
    """Everything that a running node holds. Made by `running_node`."""

    folder: NodeFolder
    settings: NodeSettings
    share: Share
    identity: Identity
    id: str
    pool: Pool[Record]
    finder: Pool[Record]
    """For searches alone: a plan is made for each question."""
    machine: NodeMachine
    sequencer: Sequencer[Any, Any, Any]
    peers: Peers
    client: PeerClient
    gate: ReleaseGate
    question: RestoreQuestion
    evidence: EvidenceKeeper
    intake: Intake
    sessions: Sessions
    outbox: Outbox
    umbrella: str | None
    witness: Witness | None
    """None for a node whose witness key is not there."""
    cosigning: Cosigning
    hearsay: Hearsay
    own_policy: Policy | None
    """What the operator has written; none for the default (`federation.node.witnesses`)."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self.watchers: dict[str, list[asyncio.Future[Transfer]]] = {}
        self.known_payees: dict[tuple[str, str], str] = {}
        self.told_pseudonyms: set[tuple[str, str]] = set()
        """(reading node, pseudonym): written to their table in this process."""
        self.deadlines = Deadlines()
        self.started_at_s = now_s()
        self.progress: Any = None
        self.recovering: list[str] = []
        """What `node recover` has to tell so far."""
        self.overridden = False
        self.newest: tuple[tuple[int, bytes], bytes] | None = None
        """Size and root of the newest checkpoint, and its note."""
        self.parts: dict[type, Any] = {}
        """What rooms above have added, by its type."""

    async def do(self, command: Any) -> Any:
        """Hand a command to the sequencer and wait for COMMIT.

        Raises:
            RefusedError: a rule said no.
            StorageError: `read_only`, `busy`, `fenced`; `database_unavailable` when it is not known
                whether it was done, and asking again with the same id tells.

        """
        self.gate.require_writable()
        answer = await self.deadlines.watch(self.sequencer.submit(command))
        if isinstance(answer, Refusal):
            raise RefusedError.of(answer)
        return answer

    def changed(self, changes: Changes) -> None:
        """Wake the outbox of lines that moved, and who waits for a trade."""
        for line in changes.lines:
            self.outbox.wake(line.line)
        for transfer in changes.transfers:
            if transfer.phase in (Phase.REQUESTED, Phase.PREPARED, Phase.COMMITTED):
                continue
            for waiting in self.watchers.pop(transfer.path, ()):
                if not waiting.done():
                    waiting.set_result(transfer)


@contextlib.asynccontextmanager
async def running_node(folder: NodeFolder, share: Share = ALONE) -> AsyncIterator[Node]:
    """Start a node over its folder, and stop it in order.

    Raises:
        InputError: `node_missing`, `malformed`, `bad_key`.
        StorageError: `node_runs` when another process works on the database; `migration_due` when
            this one may not bring its tables up to date.

    """
    node = Node()
    node.folder, node.settings, node.share = folder, folder.settings(), share
    async with contextlib.AsyncExitStack() as stack:
        if node.settings.own_postgres:
            await stack.enter_async_context(own_server(folder))
        if node.settings.database_owner:
            await upgrade_database(node.settings)
        connection = await only_process(node.settings.database)
        stack.push_async_callback(close_connection, connection)
        stack.callback(node.deadlines.stop)
        await require_migrated(connection)
        dsn, pooling = node.settings.database, share.pooling
        node.pool = await stack.enter_async_context(look_up_pool(dsn, pooling))
        node.finder = await stack.enter_async_context(search_pool(dsn, pooling))
        await _assemble(node, connection, stack)
        stack.push_async_callback(node.sequencer.close)
        tasks = await stack.enter_async_context(_owned_tasks())
        await _start(node, tasks)
        log.info("node_ready", node=node.id, size=node.sequencer.size, mode=node.gate.mode)
        stack.callback(node.outbox.end)
        yield node


class _Stopping(Exception):
    """Ends the task group of a node that is stopped in order."""


@contextlib.asynccontextmanager
async def _owned_tasks() -> AsyncIterator[asyncio.TaskGroup]:
    """Own the node's tasks: they are cancelled at the end, and the failure of one ends all."""
    failure: Exception | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            try:
                yield tasks
            except Exception as error:  # noqa: BLE001 - raised again below, outside the group
                failure = error
            raise _Stopping  # noqa: TRY301 - how a task group is told to end
    except* _Stopping:
        pass
    if failure is not None:
        raise failure


async def _assemble(
    node: Node, connection: Connection[Record], stack: contextlib.AsyncExitStack
) -> None:
    """Read identity and books, and put the parts together; nothing runs yet."""
    settings = node.settings
    node.own_policy = read_policy(node.folder, settings)
    node.identity = read_identity(node.folder, await read_statements(connection))
    node.id = node.identity.node()
    keyring = Keyring(node.identity.wrapping, max(node.identity.wrapping))
    books = await tables.read_books(connection)
    await erasure.learn_keys(connection, books, keyring)
    node.machine = NodeMachine(
        node=node.id,
        books=books,
        keyring=keyring,
        on_change=node.changed,
    )
    node.sequencer = Sequencer(
        dsn=settings.database,
        machine=node.machine,
        key=node.identity.log,
        clock=now_s,
        random=system_random,
        lock=NODE_LOCK,
    )
    await node.sequencer.open(connection)
    assert node.sequencer.origin == node.id, "the database belongs to another node"
    node.umbrella = parse_invitation(settings.umbrella).node if settings.umbrella else None
    node.peers = Peers(node.pool)
    node.peers.judge = KeyJudge(node.pool, node.machine).fits
    await node.peers.load()
    node.client = await stack.enter_async_context(
        PeerClient(
            Signer(node.id, node.identity.http),
            node.peers,
            now=now_s,
            random_bytes=system_random,
            allow_private_addresses=settings.allow_private_addresses,
        )
    )
    node.peers.client = node.client
    if settings.umbrella:
        invitation = parse_invitation(settings.umbrella)
        node.peers.reader = RegisterReader(
            node.pool,
            node.peers,
            node.client,
            own=lambda: node.identity.statements,
            node=node.id,
            umbrella=invitation.node,
        )
        await node.peers.add(Peer(invitation.node, invitation.url, "koepel", "umbrella"))


async def _start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Judge by the restore rule, then start everything that runs."""
    mark_file = MarkFile(node.folder.mark)
    node.sessions = Sessions(system_random)
    node.question = RestoreQuestion(node, mark_file)
    judgement = await node.question.first()
    node.gate = ReleaseGate(
        mark_file, lambda: (node.sequencer.size, node.sequencer.root), judgement
    )
    known = KnownLogs(node.peers)
    node.hearsay = Hearsay(pool=node.pool, logs=AllLogs(node, known), clock=now_s)
    node.witness = make_witness(node, known, doubt=node.hearsay.doubt, clock=now_s)
    node.cosigning = await start_cosigning(node, tasks, clock=now_s, jitter=chance.random)
    node.evidence = EvidenceKeeper(
        pool=node.pool, machine=node.machine, submit=node.sequencer.submit, clock=now_s
    )
    node.intake = Intake(
        pool=node.pool,
        peers=node.peers,
        machine=node.machine,
        submit=node.sequencer.submit,
        evidence=node.evidence,
        refused=RefusedBatches(lambda: node.machine.books, node.sequencer.submit, clock=now_s),
        tasks=tasks,
        late=node.share.late,
    )
    node.outbox = Outbox(
        pool=node.pool,
        machine=node.machine,
        peers=node.peers,
        client=node.client,
        gate=node.gate,
        intake=node.intake,
        sessions=node.sessions,
        ask_seen=node.question.ask,
        checkpoints=Telling(node).checkpoints,
        told=node.hearsay.hear,
        tasks=tasks,
        clock=now_s,
        jitter=chance.random,
    )
    tasks.create_task(node.sequencer.run(), name="sequencer")
    node.peers.log_key_replaced = lambda partner: tasks.create_task(
        partner_has_new_key(node, partner), name=f"key-news-{partner[:8]}"
    )
    tasks.create_task(_tick(node), name="ticker")
    tasks.create_task(node.hearsay.run(), name="hearsay")
    tasks.create_task(_finish_evidence(node, node.evidence), name="evidence")
    for room in rooms():
        await room.start(node, tasks)
    if judgement.mode is Mode.OPEN:
        await start_outbox(node)
    else:
        log.warning("releases_nothing", mode=judgement.mode, reason=judgement.reason)
        tasks.create_task(node.question.until_judged(), name="restore-question")


async def _tick(node: Node) -> None:
    """Let expire what is due, and record a checkpoint when the log has grown."""
    while True:
        await asyncio.sleep(TICK_S)
        if node.gate.mode is Mode.READ_ONLY:
            continue
        try:
            open_transfers = list(node.machine.books.transfers.values())
            if any(t.expires_at_s <= now_s() for t in open_transfers):
                await node.sequencer.submit(ExpireDue())
            asked = list(node.machine.books.agreeing.requests.values())
            if any(request.expires_at_s <= now_s() for request in asked):
                await node.sequencer.submit(ExpireAsked())
            if who_has_left(node.machine.books) and not half_import.stands(node.folder.path):
                await node.sequencer.submit(CloseLeft())
            if node.gate.mode is Mode.OPEN:
                await record_checkpoint(node)
                await _tell_heads(node)
        except (*STORAGE_TROUBLE, StorageError) as error:
            log.warning("tick_skipped", kind=type(error).__name__)


async def _finish_evidence(node: Node, evidence: EvidenceKeeper) -> None:
    """Finish what the last process had begun about cheats, once this one may release."""
    while True:
        await asyncio.sleep(TICK_S)
        if node.gate.mode is not Mode.OPEN:
            continue
        try:
            await evidence.finish()
        except (*STORAGE_TROUBLE, StorageError) as error:
            log.warning("evidence_not_finished", kind=type(error).__name__)
        else:
            return


async def _tell_heads(node: Node) -> None:
    """Tell each partner once a day where our books stand, when something has moved."""
    for line in list(node.machine.books.lines.values()):
        if heads_due(line, now_s=now_s()):
            await node.sequencer.submit(SendHeads(line.line))


async def record_checkpoint(node: Node) -> None:
    """Record a checkpoint when the log has grown, and have the newest one cosigned.

    Raises:
        StorageError: `releases_nothing`, `read_only`.

    """
    node.cosigning.look(*await newest_if_grown(node, clock=now_s))


async def cosigned_checkpoint(node: Node) -> bytes:
    """Give the newest checkpoint with the cosignatures of it that came so far.

    Raises:
        StorageError: as `record_checkpoint`.

    """
    size, note = await newest_checkpoint(node, clock=now_s)
    return note + await node.cosigning.below(size)
