"""Events that came back, appended as received and folded into books and tables.

In the order of `rebuild.Rebuild`: before an own event comes what it has seen of its partner, which
is fetched again first. One transaction for each tile; between two of them the log is shorter, but
whole. What cannot be had stops it there, and a later run goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from events.log_store import Entry, read_state, read_tree
from events.merkle import leaf_hash
from events.received_log import append_received
from federation.group.commands import Transfer as TransferCommand
from federation.line.lost import clearing_stand_in, rests_on_lost, stand_in
from federation.node import concerns
from federation.node.identity import system_random
from federation.node.peers import Peer
from federation.node.rebuild import Rebuild, seen_by
from federation.node.recovery_agreeing import is_plain
from federation.node.recovery_chain import Chained, Place, partner_chain
from federation.node.recovery_queries import SQL
from federation.node.service import now_s
from federation.peer.channel import decode_line_core
from projections import tables
from projections.lines import Line, Transfer
from schemas import bodies, cores
from schemas.encoding import encode, unb64
from schemas.errors import Code, PeerUnavailable
from schemas.ids import line_counter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.growing import GrowingTree
    from events.log_store import AnyConnection
    from federation.node.recovery_source import Arrived
    from federation.node.service import Node
    from projections.recorded import Recorded

BURNED: Final = bytes(32)
"""No command has this digest."""
_NOWHERE: Final = Place(0, "")
_BODY: Final = msgspec.json.Decoder(bodies.AnyBody)


class Lost(NamedTuple):
    """An event whose body did not come back, and what stands in for it."""

    seq: int
    stands_in: bytes | None


class ComingBack:
    """Takes events that came back, tile by tile; the node's books are changed on the way."""

    def __init__(self, node: Node, connection: AnyConnection, epoch: int) -> None:
        """Take the node, and the connection and epoch of its only writer."""
        self._node = node
        self._connection = connection
        self._epoch = epoch
        self.tree: GrowingTree
        self.taken = 0
        self.lost: list[int] = []

    @classmethod
    async def over(cls, node: Node, connection: AnyConnection) -> ComingBack:
        """Start behind what the database holds."""
        state = await read_state(connection)
        assert state is not None
        made = cls(node, connection, state.epoch)
        made.tree = await read_tree(connection, state.size)
        made.lost = [row["seq"] for row in await connection.fetch(SQL["read_lost"])]
        return made

    async def take(self, arrived: Sequence[Arrived]) -> None:
        """Append events that continue the log, with what they have seen, in one transaction.

        Raises:
            PeerUnavailable: what they have seen cannot be had now; nothing of them is appended.
            VerificationError: what a partner sends again does not verify; likewise.

        """
        await self._meet(arrived)
        received = await self._received(arrived)
        done = self._node.machine.books
        rebuild = Rebuild(self._node.id)
        for line, chain in received.items():
            rebuild.offer(line, [(event.n, unb64(event.id), event.core) for event in chain])
        rebuild.begin(done, await self._named(arrived, received))
        entries, events, lost = [], [], []
        for event in arrived:
            body_bytes, stands_in = await self._body(rebuild, event, received)
            kept = event.body if body_bytes is not None else None
            body = None if body_bytes is None else _BODY.decode(body_bytes)
            if body is None and event.commits_to() is not None:
                lost.append(Lost(event.seq, None if stands_in is None else encode(stands_in)))
                self.lost.append(event.seq)
            identity = leaf_hash(event.core_bytes)
            events.append(rebuild.own(event.seq, identity, event.core, body or stands_in))
            body_salt = None if kept is None else kept.salt
            entries.append(
                Entry(event.seq, identity, event.core_bytes, event.signature, body_bytes, body_salt)
            )

        keyring = self._node.machine.keyring.branch()
        for one in events:
            if isinstance(one.body, bodies.AccountOpened) and one.body.subject is not None:
                # the old key is lost; without any, nobody could tell one new member from another
                keyring.ensure(unb64(one.body.subject), system_random)

        async def write() -> None:
            inbox = _inbox(rebuild, received)
            await tables.write_books(
                self._connection,
                rebuild.books,
                rebuild.rows,
                events,
                keys=_keys(events),
                inbox=inbox,
            )
            await tables.forget_texts(self._connection, _forgotten(inbox, arrived))
            await tables.write_data_keys(self._connection, keyring.fresh)
            seqs, stand_ins = [one.seq for one in lost], [one.stands_in for one in lost]
            await self._connection.execute(SQL["write_lost"], seqs, stand_ins)

        self.tree = await append_received(
            self._connection, self.tree, entries, epoch=self._epoch, write=write
        )
        done.adopt(rebuild.books)
        self._node.machine.keyring.adopt(keyring)
        self.taken += len(entries)

    async def _body(
        self, rebuild: Rebuild, event: Arrived, received: dict[str, list[Chained]]
    ) -> tuple[bytes | None, bodies.AnyBody | None]:
        """Give an event's body, or what stands in for a lost one."""
        if event.commits_to() is None:
            return None, None
        if event.body is not None:
            body = _BODY.decode(event.body.body)
            if not self.lost:
                return event.body.body, None
            rebuild.see(event.core, body)
            if not rests_on_lost(rebuild.books, body):
                return event.body.body, None
        core = event.core
        rebuild.see(core, None)
        if isinstance(core, cores.LocalCore):
            for line, chain in received.items():
                if chain[0].n == 1 and isinstance(
                    decode_line_core(chain[0].core), cores.TermsAccept
                ):
                    rebuild.see(core, _opened(line))
            return None, clearing_stand_in(rebuild.books, at_s=core.ts)
        return None, stand_in(rebuild.books, core, await self._prepare(core, received))

    async def _prepare(
        self, core: Any, received: dict[str, list[Chained]]
    ) -> cores.PayPrepare | None:
        if not isinstance(core, cores.PayAccept) or core.seen is None:
            return None
        again = [event.core for event in received.get(core.line, ()) if event.n == core.seen.n]
        data = again[0] if again else await self._known_core(core.line, core.seen.n)
        prepare = decode_line_core(data)
        return prepare if isinstance(prepare, cores.PayPrepare) else None

    async def _known_core(self, line: str, n: int) -> bytes:
        found = await self._connection.fetchval(SQL["received_core"], line, n)
        assert found is not None, "what an own event has seen is in the inbox"
        return bytes(found)

    async def _meet(self, arrived: Sequence[Arrived]) -> None:
        """Take in the peers whom these events invite, so that they can be asked."""
        for event in arrived:
            body = None if event.body is None else _BODY.decode(event.body.body)
            if isinstance(body, bodies.PeerInvited | bodies.GroupAdmitted):
                invited = isinstance(body, bodies.PeerInvited)
                standing = "invited" if invited else "registered"
                await self._node.peers.add(Peer(body.node, body.url, body.name, standing))
            elif isinstance(body, bodies.GroupLeft):
                await self._node.peers.leave(body.node)

    async def _received(self, arrived: Sequence[Arrived]) -> dict[str, list[Chained]]:
        """Fetch again what these events have seen and the inbox does not hold."""
        books = self._node.machine.books
        needs: dict[str, Place] = {}
        for event in arrived:
            body = None if event.body is None else _BODY.decode(event.body.body)
            seen = seen_by(event.core, body)
            if seen is not None:
                named = getattr(event.core, "seen", None)
                place = Place(seen[1], "" if named is None else named.id)
                needs[seen[0]] = max(needs.get(seen[0], _NOWHERE), place)
            elif body is None and isinstance(event.core, cores.LocalCore):
                new = [line.line for line in books.lines.values() if not line.in_n]
                needs |= {line: max(Place(1, ""), needs.get(line, _NOWHERE)) for line in new}
        found: dict[str, list[Chained]] = {}
        for name, until in needs.items():
            line = books.lines.get(name) or await self._unknown_line(name)
            if until.n > line.in_n:
                peer = self._node.peers.get(line.peer)
                if peer is not None and self._node.peers.history(peer.node) is None:
                    await self._node.peers.refresh(peer.node)
                found[name] = await partner_chain(self._node, line, until=until)
        return found

    async def _unknown_line(self, name: str) -> Line:
        """Find out whose line this is: its id is made of both nodes and a counter."""
        us = self._node.id
        for peer in self._node.peers.all():
            counter = line_counter(name, us, peer.node)
            if counter is not None:
                return Line(line=name, us=us, peer=peer.node, counter=counter)
        raise PeerUnavailable(Code.PEER_UNREACHABLE, reason=f"nobody is known on line {name}")

    async def _named(
        self, arrived: Sequence[Arrived], received: dict[str, list[Chained]]
    ) -> list[Transfer]:
        """Read the trades that these events name, done ones too."""
        named = [event.core for event in arrived]
        named += [decode_line_core(event.core) for chain in received.values() for event in chain]
        paths = {path for core in named if (path := getattr(core, "path", ""))}
        return await tables.read_transfers(self._connection, sorted(paths))


def _opened(line: str) -> bodies.AccountOpened:
    """Stand for the opening of a line's clearing account, which has seen the first answer."""
    return bodies.AccountOpened(
        v=1,
        at_s=0,
        account=1,
        code=line[:12],
        kind=bodies.AccountKind.CLEARING,
        status=bodies.AccountStatus.ACTIVE,
        line=line,
    )


def _inbox(rebuild: Rebuild, received: dict[str, list[Chained]]) -> list[tables.InboxRow]:
    """Give the rows of the inbox that the books have taken in."""
    at_s = now_s()
    return [
        tables.InboxRow(line, e.n, e.id, e.core, e.signature, e.cover, at_s)
        for line, chain in received.items()
        for e in chain
        if e.n <= rebuild.books.lines[line].in_n
    ]


def _forgotten(inbox: Sequence[tables.InboxRow], own: Sequence[Arrived]) -> list[bytes]:
    """Give the commitments of texts that either side had dropped: a backup brought them back."""
    said = (decode_line_core(row.core) for row in inbox if b'"line.forget"' in row.core)
    every = (*said, *(event.core for event in own))
    return [
        unb64(one) for core in every if isinstance(core, cores.LineForget) for one in core.forgets
    ]


def _keys(events: Sequence[Recorded]) -> list[tuple[bytes, bytes, int]]:
    """Burn the keys of bookings again: a command that is sent once more is not booked twice.

    The same command gives the same answer when it had no text; with one it is a conflict, because
    the text did not come back. What a request, a reversal or an activity led to is a conflict too.
    """
    found = []
    for event in events:
        body = event.body
        if isinstance(body, bodies.CollectiveBooked) or (
            isinstance(body, bodies.TransferBooked) and not is_plain(body)
        ):
            found.append((unb64(body.key), BURNED, event.seq))
        elif isinstance(body, bodies.TransferBooked):
            payer, payee = body.postings
            command = TransferCommand(
                body.key,
                payer.account,
                payee.account,
                payee.amount_minor,
                entered_by=body.entered_by,
            )
            found.append((unb64(body.key), concerns.sameness(command), event.seq))
    return found
