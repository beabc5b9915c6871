"""Which groups may read our feed, and whose is shown here: what coordinators chose.

Without a choice it is every registered or invited group, both ways. The umbrella is no group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.members.feed_queries import FEED

if TYPE_CHECKING:
    from asyncpg import Pool, Record

    from federation.node.peers import Peer, Peers

OTHERS: Final = ""
"""Stands for every group about which nothing else was chosen."""
GROUPS: Final = frozenset({"invited", "registered"})


class Choice(NamedTuple):
    """Both ways of one group."""

    reads_ours: bool = True
    shown_here: bool = True


class FeedChoices:
    """The choices in memory, and in their table."""

    def __init__(self, pool: Pool[Record], peers: Peers) -> None:
        """Start with none; `load` reads the table."""
        self._pool = pool
        self._peers = peers
        self._chosen: dict[str, Choice] = {}
        self._shown: dict[str, Peer] | None = None
        self._peers_version = 0

    async def load(self) -> None:
        """Read the choices."""
        rows = await self._pool.fetch(FEED["read_choices"])
        self._chosen = {row["node"]: Choice(row["reads_ours"], row["shown_here"]) for row in rows}
        self._shown = None

    def of(self, node: str) -> Choice:
        """Give what holds for a group."""
        return self._chosen.get(node) or self._chosen.get(OTHERS) or Choice()

    async def choose(
        self, node: str, *, reads_ours: bool | None, shown_here: bool | None
    ) -> Choice:
        """Choose for one group, or for all others; what is left out stays as it was."""
        before = self.of(node)
        choice = Choice(
            before.reads_ours if reads_ours is None else reads_ours,
            before.shown_here if shown_here is None else shown_here,
        )
        await self._pool.execute(FEED["write_choice"], node, *choice)
        self._chosen[node] = choice
        self._shown = None
        return choice

    def reads_ours(self, node: str) -> bool:
        """Tell whether a node is a group that may read our feed."""
        peer = self._peers.get(node)
        return peer is not None and peer.standing in GROUPS and self.of(node).reads_ours

    def groups(self) -> list[Peer]:
        """Give every group that we speak with."""
        return [peer for peer in self._peers.all() if peer.standing in GROUPS]

    def shown(self) -> dict[str, Peer]:
        """Give the groups whose posts are shown here; the same until something changes."""
        if self._shown is None or self._peers_version != self._peers.version:
            self._peers_version = self._peers.version
            self._shown = {
                peer.node: peer for peer in self.groups() if self.of(peer.node).shown_here
            }
        return self._shown
