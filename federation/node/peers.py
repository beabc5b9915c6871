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
from federation.node.queries import SQL
from schemas.encoding import encode, parse
from schemas.errors import Code, InputError, RuilbrugError
from schemas.keys import Role, SignedKeyStatement
from schemas.messages import RegisterEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncpg import Pool, Record

    from events.signing import PublicKey
    from federation.peer.client import PeerClient

log = structlog.get_logger()

REGISTER_PAUSE_S: Final = 2.0
_STATEMENT: Final = msgspec.json.Decoder(SignedKeyStatement)
_STATEMENTS: Final = msgspec.json.Decoder(tuple[SignedKeyStatement, ...])
_REGISTER: Final = msgspec.json.Decoder(tuple[RegisterEntry, ...])


class Peer(NamedTuple):
    """A node that may be spoken with; standing is invited, registered or umbrella."""

    node: str
    url: str
    name: str
    standing: str


class Peers:
    """The peers in memory and in their table. Also the `KeyDirectory` of signed requests."""

    def __init__(self, pool: Pool[Record], umbrella: str | None) -> None:
        """Start empty; `load` reads the tables."""
        self._pool = pool
        self._umbrella = umbrella
        self._peers: dict[str, Peer] = {}
        self._histories: dict[str, KeyHistory] = {}
        self._monotonic = monotonic
        self._register_again = 0.0
        self.client: PeerClient | None = None

    async def load(self) -> None:
        """Read peers and their key statements."""
        for row in await self._pool.fetch(SQL["read_peers"]):
            self._peers[row["node"]] = Peer(*row)
        statements: dict[str, list[SignedKeyStatement]] = {}
        for row in await self._pool.fetch(SQL["read_peer_statements"]):
            statements.setdefault(row["node"], []).append(_STATEMENT.decode(row["statement"]))
        for node, found in statements.items():
            self._histories[node] = read_history(found, node=node)

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
        """Give the usable HTTP keys of a node; none when it may not be spoken with."""
        history = self._histories.get(node)
        if history is None or self.get(node) is None:
            return {}
        return history.public_keys(Role.HTTP)

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
            data = await self.client.get_unsigned(peer.url, "/federation/v1/keys")
            statements = parse(_STATEMENTS, data)
            history = read_history(statements, node=node)
        except (RuilbrugError, msgspec.MsgspecError) as error:
            log.warning("peer_keys_unavailable", peer=node, kind=type(error).__name__)
            return
        known = self._histories.get(node)
        if known is not None and not continues(history, known):
            log.warning("peer_keys_rewritten", peer=node)
            return
        self._histories[node] = history
        rows = [(node, at, encode(s)) for at, s in enumerate(statements)]
        await self._pool.executemany(SQL["write_peer_statement"], rows)

    async def read_register(self) -> None:
        """Ask the umbrella which groups are registered."""
        umbrella = self.get(self._umbrella) if self._umbrella else None
        if umbrella is None or self.client is None:
            return
        try:
            data = await self.client.get(umbrella.node, umbrella.url, "/federation/v1/register")
            entries = parse(_REGISTER, data)
        except (RuilbrugError, msgspec.MsgspecError) as error:
            log.warning("register_unavailable", kind=type(error).__name__)
            return
        for entry in entries:
            await self.add(Peer(entry.node, entry.url, entry.name, "registered"))

    async def add(self, peer: Peer) -> None:
        """Take in a peer or its new address; the umbrella stays the umbrella."""
        known = self._peers.get(peer.node)
        if known is not None and known.standing == "umbrella":
            return
        if known is not None and known.standing == "invited" and peer.standing == "registered":
            peer = peer._replace(name=peer.name or known.name)
        if known != peer:
            self._peers[peer.node] = peer
            await self._pool.execute(SQL["write_peer"], *peer)
