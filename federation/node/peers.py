"""The nodes that this one may speak with, and the keys that speak for them.

Registered by the umbrella or invited by our own coordinators; everybody else is unknown. Key
statements prove themselves against the node id, so they are fetched unsigned and kept.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import structlog

from events.keys import KeyHistory, continues, read_history
from events.signing import PublicKey
from federation.node.queries import SQL
from schemas.encoding import encode, parse
from schemas.errors import Code, InputError, RuilbrugError
from schemas.keys import Role, SignedKeyStatement

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from asyncpg import Pool, Record

    from federation.node.register_reader import RegisterReader
    from federation.peer.client import PeerClient

    Judge = Callable[[str, tuple[SignedKeyStatement, ...], KeyHistory], Awaitable[bool]]

log = structlog.get_logger()

REGISTER_PAUSE_S: Final = 2.0
STATEMENTS_SIZE_MAX: Final = 2 * 2**20
"""The key statements of a node are asked of whoever answers there; a history holds 1 MB at most."""
_STATEMENT: Final = msgspec.json.Decoder(SignedKeyStatement)
_STATEMENTS: Final = msgspec.json.Decoder(tuple[SignedKeyStatement, ...])


async def fetch_statements(client: PeerClient, url: str) -> tuple[SignedKeyStatement, ...]:
    """Ask a node for its key statements; nothing is verified here.

    Raises:
        PeerUnavailable, RefusedError, VerificationError: as `PeerClient.get_unsigned`.
        msgspec.MsgspecError: the answer is none.

    """
    path = "/federation/v1/keys"
    return parse(_STATEMENTS, await client.get_unsigned(url, path, bytes_max=STATEMENTS_SIZE_MAX))


async def _nobody_objects(
    _node: str, _statements: tuple[SignedKeyStatement, ...], _history: KeyHistory
) -> bool:
    return True


class Peer(NamedTuple):
    """A node that may be spoken with; standing is invited, registered or umbrella."""

    node: str
    url: str
    name: str
    standing: str


class ClosedPeer(NamedTuple):
    """A group that has told that it ended."""

    node: str
    name: str
    closed_at_s: int


class Peers:
    """The peers in memory and in their table. Also the `KeyDirectory` of signed requests."""

    def __init__(self, pool: Pool[Record]) -> None:
        """Start empty; `load` reads the tables."""
        self._pool = pool
        self._peers: dict[str, Peer] = {}
        self._histories: dict[str, KeyHistory] = {}
        self._statements: dict[str, tuple[SignedKeyStatement, ...]] = {}
        self.version = 0
        """Goes up with each change of a peer."""
        self._monotonic = monotonic
        self._register_again = 0.0
        self.client: PeerClient | None = None
        self.reader: RegisterReader | None = None
        self.judge: Judge = _nobody_objects
        """Whether new key statements fit what was received under the keys before them."""
        self.log_key_replaced: Callable[[str], object] = lambda _node: None
        """Hears of each node that was known by another log key until now."""

    async def load(self) -> None:
        """Read peers and their key statements."""
        for row in await self._pool.fetch(SQL["read_peers"]):
            self._peers[row["node"]] = Peer(*row)
        self.version += 1
        statements: dict[str, list[SignedKeyStatement]] = {}
        for row in await self._pool.fetch(SQL["read_peer_statements"]):
            statements.setdefault(row["node"], []).append(_STATEMENT.decode(row["statement"]))
        for node, found in statements.items():
            self._histories[node] = read_history(found, node=node)
            self._statements[node] = tuple(found)

    def get(self, node: str) -> Peer | None:
        """Give a peer; removed and unknown nodes are none."""
        peer = self._peers.get(node)
        return None if peer is None or peer.standing == "removed" else peer

    def require(self, node: str) -> Peer:
        """Give a peer.

        Raises:
            InputError: `peer_unknown`.

        """
        peer = self.get(node)
        if peer is None:
            raise InputError(Code.PEER_UNKNOWN, field="peer")
        return peer

    def all(self) -> list[Peer]:
        """Give every peer."""
        return [peer for peer in self._peers.values() if peer.standing != "removed"]

    def everyone(self) -> list[Peer]:
        """Give every peer, those that have left the register too."""
        return list(self._peers.values())

    def history(self, node: str) -> KeyHistory | None:
        """Give the key history of a node."""
        return self._histories.get(node)

    def http_keys(self, node: str) -> Mapping[str, PublicKey]:
        """Give the HTTP key of a node that speaks now; none when it may not be spoken with.

        Requests name no index of a log, so the key before it is of no use from now on.
        """
        history = self._histories.get(node)
        held = None if history is None else history.current(Role.HTTP)
        if held is None or self.get(node) is None:
            return {}
        return {held.key: PublicKey.of_text(held.key)}

    async def refresh(self, node: str) -> None:
        """Fetch the key statements of a node anew; an unknown one is first looked up."""
        now = self._monotonic()
        if self.get(node) is None and now >= self._register_again:
            self._register_again = now + REGISTER_PAUSE_S  # strangers cannot make us ask for ever
            await self.read_register()
        peer = self.get(node)
        if peer is None or self.client is None:
            return
        try:
            statements = await fetch_statements(self.client, peer.url)
        except (RuilbrugError, msgspec.MsgspecError) as error:
            log.warning("peer_keys_unavailable", peer=node, kind=type(error).__name__)
            return
        await self.learn(node, statements)

    async def learn(self, node: str, statements: Sequence[SignedKeyStatement]) -> bool:
        """Take in the key statements of a node, wherever they come from; they prove themselves.

        Those that are forged or borrowed, leave out what was known, or come too late, change
        nothing. Tells whether these statements are what is known now.
        """
        if tuple(statements) == self.statements(node):
            return True
        try:
            history = read_history(statements, node=node)
        except RuilbrugError as error:
            log.warning("peer_keys_forged", peer=node, code=error.code)
            return False
        if not self._goes_on(node, history):
            return False
        if not await self.judge(node, tuple(statements), history):
            log.warning("peer_keys_late", peer=node)
            return False
        if not self._goes_on(node, history):  # more was learnt meanwhile
            return False
        before = self._histories.get(node)
        self._histories[node], self._statements[node] = history, tuple(statements)
        rows = [(node, at, encode(s)) for at, s in enumerate(statements)]
        await self._pool.executemany(SQL["write_peer_statement"], rows)
        if before is not None and before.current(Role.LOG) != history.current(Role.LOG):
            self.log_key_replaced(node)
        return True

    def _goes_on(self, node: str, history: KeyHistory) -> bool:
        known = self._histories.get(node)
        fine = known is None or continues(history, known)
        if not fine:
            log.warning("peer_keys_rewritten", peer=node)
        return fine

    def statements(self, node: str) -> tuple[SignedKeyStatement, ...]:
        """Give the key statements of a node, as far as they are known here."""
        return self._statements.get(node, ())

    async def read_register(self) -> None:
        """Ask the umbrella what is new in its register."""
        if self.reader is not None:
            await self.reader.read()

    async def leave(self, node: str) -> None:
        """Speak no more with a group that has left the register, unless it was only invited."""
        known = self.get(node)
        if known is not None and known.standing == "registered":
            log.warning("group_left_register", peer=node)
            await self.add(known._replace(standing="removed"))

    async def end(self, node: str) -> None:
        """Speak no more with a group that has ended, whoever made it known here."""
        known = self.get(node)
        if known is not None:
            await self.add(known._replace(standing="removed"))

    async def closed(self) -> list[ClosedPeer]:
        """Give the groups that have told that they ended, and were not taken in again since."""
        return [ClosedPeer(*row) for row in await self._pool.fetch(SQL["closed_peers"])]

    async def add(self, peer: Peer) -> None:
        """Take in a peer or its new address; the umbrella stays the umbrella."""
        known = self._peers.get(peer.node)
        if known is not None and known.standing == "umbrella":
            return
        if known is not None and known.standing == "invited" and peer.standing == "registered":
            peer = peer._replace(name=peer.name or known.name)
        if known != peer:
            self._peers[peer.node] = peer
            self.version += 1
            await self._pool.execute(SQL["write_peer"], *peer)
