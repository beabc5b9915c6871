"""`node recover`: a node of whom others have seen more gets its own log back (design section 3).

Verified first, then appended as it was signed; a tail that nobody ever saw makes room and is
appended anew behind it. Ends open, or says in plain words what is missing and who can help. Can be
run again at any time: what came back stays, and what was interrupted goes on.
"""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from events.keys import read_history
from events.log_store import read_state, read_tree
from events.restore import Mode
from federation.group.commands import Note
from federation.node import exchange
from federation.node.forgotten_keys import FORGOTTEN, first_without
from federation.node.recovery_fold import ComingBack
from federation.node.recovery_queries import SQL
from federation.node.recovery_source import (
    NOT_THERE,
    Arrived,
    Mirror,
    check_own,
    event_id,
    own_events,
    place_of,
)
from federation.node.recovery_tail import append_anew, reload_books, set_tail_aside
from federation.node.service import now_s
from federation.umbrella.following import Follower
from projections.lines import Line
from schemas.bodies import LocalLost, LostBody
from schemas.encoding import b64
from schemas.errors import Code, RuilbrugError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log_store import AnyConnection
    from federation.node.service import Node
    from schemas.messages import WireEvent

BATCH: Final = 256
LISTED_MAX: Final = 500
ROUNDS_MAX: Final = 64
PARTNER_EVENTS_MAX: Final = 100_000


class Report(msgspec.Struct):
    """What came of it; each line is a sentence for the operator."""

    mode: str = ""
    reason: str = ""
    events: int = 0
    """So many came back."""
    lost: int = 0
    """So many of this log have no body any more; bookings of unknown members are on `suspense`."""
    tail: tuple[str, ...] = ()
    """What became of each event that nobody ever saw."""
    missing: tuple[str, ...] = ()
    """What is still missing, and who can help."""


async def recover(
    node: Node, *, private: bytes | None = None, without_bodies: bool = False
) -> Report:
    """Bring back what others have seen of this node's log.

    `private` opens the bodies that the umbrella keeps. Without `without_bodies` nothing is
    appended whose body would be lost.

    Raises:
        VerificationError: something that came back does not verify; it is named, and nothing of
            its tile was appended.
        InputError: `not_configured` without the address of the tables' owner, when a tail has to
            make room.

    """
    node.recovering.clear()
    async with node.question.turn:
        work = _Recovery(node, private, without_bodies=without_bodies)
        await node.peers.read_register()
        if not await node.question.again() and node.gate.mode is Mode.READ_ONLY:
            await work.bring_back()
            if not work.report.missing:
                await node.question.again()
            work.say_what_is_left()
        if node.gate.mode is Mode.OPEN:
            await work.go_on()
        return work.finish()


class _Recovery:
    """One run."""

    def __init__(self, node: Node, private: bytes | None, *, without_bodies: bool) -> None:
        self._node = node
        self._private = private
        self._without_bodies = without_bodies
        self.report = Report()
        self._missing: list[str] = []

    def finish(self) -> Report:
        report, judgement = self.report, self._node.gate.judgement
        report.mode, report.reason = judgement.mode.value, judgement.reason
        report.missing = tuple(self._missing)
        return report

    def _say(self, line: str) -> None:
        self._node.recovering.append(line)

    def _lacks(self, line: str) -> None:
        self._missing.append(line)
        self.report.missing = tuple(self._missing)
        self._say(line)

    async def bring_back(self) -> None:
        """Fetch, verify and append what others have seen; commands wait meanwhile."""
        async with self._node.sequencer.set_aside() as connection:
            try:
                await self._from_mirror(connection)
                if not self._missing:
                    await self._from_partners(connection)
                if not self._missing:
                    await self._room_for_keys(connection)
            except NOT_THERE as error:
                self._lacks(
                    f"somebody who holds what is missing cannot give it now: {error} If that "
                    "group was restored as well, recover there first, and then here again"
                )
            finally:
                await reload_books(self._node, connection)

    async def _room_for_keys(self, connection: AnyConnection) -> None:
        """Take back what was signed or stated here without knowing what had been stated before."""
        found, state = self._node.question.forgotten(), await read_state(connection)
        if found is None or state is None:
            return
        first = await first_without(connection, found)
        if first < state.size:
            await self._require_unreleased(connection, first)
            await self._make_room(connection, state.epoch, state.size, first)

    def say_what_is_left(self) -> None:
        """Say why the node still only reads, when nothing more could be fetched, or waits."""
        node, judgement = self._node, self._node.gate.judgement
        if judgement is FORGOTTEN:
            self._lacks(judgement.reason)
            return
        if judgement.mode is Mode.RELEASES_NOTHING:
            self._say_who_is_awaited()
        if judgement.mode is not Mode.READ_ONLY or self.report.missing:
            return
        size = node.sequencer.size
        self._lacks(
            f"events {size} to {judgement.wants_size - 1} were released once, and nobody who "
            "answers holds them. A partner that was restored as well has lost them too: a newer "
            "backup of this database has them, or the umbrella's mirror when it has followed that "
            "far"
            if judgement.wants_size > size
            else f"{judgement.reason}, and nobody who answers gives back more"
        )
        for silent in sorted(node.question.asked() - node.question.answers.keys()):
            self._lacks(f"{self._name(silent)} does not answer: try again when it does")

    def _say_who_is_awaited(self) -> None:
        """Name those without whom nothing is released; what follows then needs another run."""
        question = self._node.question
        for silent in sorted(question.silent()):
            behind = silent in question.answers
            why = "has to get its own log back first" if behind else "does not answer"
            self._lacks(
                f"what is known to be missing is back, but {self._name(silent)} {why}, and may "
                "know of more: try again after that"
            )

    def _name(self, peer_id: str) -> str:
        peer = self._node.peers.get(peer_id)
        return peer_id[:12] if peer is None else peer.name or peer_id[:12]

    async def go_on(self) -> None:
        """What follows when the node is open: the mark, what is lost, gaps, the tail."""
        node = self._node
        await node.gate.release_all()
        await self._list_lost()
        await self._close_gaps()
        self.report.tail = tuple(await append_anew(node))
        for line in self.report.tail:
            self._say(line)

    async def _from_mirror(self, connection: AnyConnection) -> None:
        node, umbrella = self._node, self._node.umbrella
        if umbrella is None:
            return
        seen = node.question.answers.get(umbrella)
        if seen is None:
            self._say("the umbrella does not answer; partners are asked")
            return
        state = await read_state(connection)
        assert state is not None
        mirror = Mirror(node, self._private)
        prefix = await mirror.common_prefix(connection, state.size, seen.size)
        if prefix == seen.size:
            self._say(f"the umbrella holds {seen.size} events, all of them are here")
            return
        self._say(f"the umbrella holds {seen.size} events; {prefix} of them are here")
        if prefix < state.size:
            await self._require_unreleased(connection, prefix)
        lost = 0
        async for tile in mirror.follow(await self._follower(connection, prefix), seen.size):
            lost += sum(event.commits_to() is not None and event.body is None for event in tile)
        self._say("all of them verify")
        if not self._may_lose(lost):
            return
        if prefix < state.size:
            await self._make_room(connection, state.epoch, state.size, prefix)
        back = await ComingBack.over(node, connection)
        async for tile in mirror.follow(await self._follower(connection, prefix), seen.size):
            await self._take(back, tile)

    async def _from_partners(self, connection: AnyConnection) -> None:
        """Take our line events from partners, as long as no local event between them is missing."""
        waiting = await self._held_by_partners(connection)
        if not waiting:
            return
        state = await read_state(connection)
        assert state is not None
        first = place_of(waiting[0])
        if first < state.size:
            await self._require_unreleased(connection, first)
        start = min(first, state.size)
        fitting = await self._fitting(await self._follower(connection, start), waiting)
        lost = sum(event.commits_to() is not None for event in fitting)
        if fitting and self._may_lose(lost):
            if first < state.size:
                await self._make_room(connection, state.epoch, state.size, first)
            back = await ComingBack.over(self._node, connection)
            for at in range(0, len(fitting), BATCH):
                await self._take(back, fitting[at : at + BATCH])
        if len(fitting) < len(waiting):
            last = start + len(fitting)
            following = place_of(waiting[len(fitting)])
            self._lacks(
                f"events {last} to {following - 1} were seen by nobody who answers, and a partner "
                f"holds number {following}: a newer backup of the database has them, or the "
                "umbrella's mirror when it has followed that far"
                if following > last
                else f"the log before event {last} is not the one that a partner knows: local "
                "events are missing there; a newer backup or the umbrella's mirror has them"
            )

    async def _held_by_partners(self, connection: AnyConnection) -> list[WireEvent]:
        """Give our line events that partners hold and we do not, in the order of the log."""
        node, found = self._node, list[tuple[int, "WireEvent"]]()
        mark = node.question.mark
        below = 0 if mark is None else mark.size
        for answer in node.question.answers.values():
            for name, n in answer.heads.items():
                line = node.machine.books.lines.get(name) or Line(
                    line=name, us=node.id, peer=answer.node, counter=0
                )
                after = int(await connection.fetchval(SQL["released_n"], name, below))
                while after < n and len(found) < PARTNER_EVENTS_MAX:
                    wires = await own_events(node, line, after)
                    if not wires:
                        break
                    for at, wire in enumerate(wires, after + 1):
                        held = await connection.fetchval(SQL["own_line_id"], name, at)
                        if held != event_id(wire):
                            found.append((place_of(wire), wire))
                    after += len(wires)
        return [wire for _, wire in sorted(found, key=lambda pair: pair[0])]

    async def _fitting(self, follower: Follower, waiting: Sequence[WireEvent]) -> list[Arrived]:
        """Verify events in order, up to the first before which something is missing."""
        found: list[Arrived] = []
        for wire in waiting:
            if place_of(wire) != follower.tree.size:
                break
            try:
                found.append(await asyncio.to_thread(check_own, follower, wire, None))
            except VerificationError as error:
                if error.code is Code.BAD_PROOF:  # its root: local events before it are others
                    break
                raise
        return found

    async def _take(self, back: ComingBack, events: list[Arrived]) -> None:
        await back.take(events)
        self.report.events += len(events)
        self._say(f"{back.tree.size} events are here")

    def _may_lose(self, lost: int) -> bool:
        if lost and not self._without_bodies:
            how = (
                "the umbrella keeps no bodies of them"
                if self._private is not None
                else "give the recovery key (--key FILE)"
            )
            self._lacks(
                f"{lost} events would come back without their bodies: {how}, or accept with "
                "--without-bodies that unknown members are booked on 'te onderzoeken'"
            )
            return False
        return True

    async def _require_unreleased(self, connection: AnyConnection, prefix: int) -> None:
        """Refuse when what would make room was released: then there are two histories.

        Raises:
            VerificationError: `bad_proof`.

        """
        mark = self._node.question.mark
        covered = int(await connection.fetchval(SQL["newest_checkpoint_size"]))
        released = max(covered, 0 if mark is None else mark.size)
        if released > prefix:
            reason = (
                f"others hold another event {prefix} than was released here; "
                "a person has to look at both"
            )
            raise VerificationError(Code.BAD_PROOF, reason=reason)

    async def _make_room(
        self, connection: AnyConnection, epoch: int, size: int, prefix: int
    ) -> None:
        await set_tail_aside(self._node, epoch, size, prefix)
        await reload_books(self._node, connection)
        self._say(f"{size - prefix} events that nobody ever saw make room")

    async def _follower(self, connection: AnyConnection, size: int) -> Follower:
        follower = Follower(self._node.id)
        follower.tree = await read_tree(connection, size)
        follower.statements = list(self._node.identity.statements)
        follower.history = read_history(follower.statements, node=self._node.id)
        return follower

    async def _list_lost(self) -> None:
        """List in the log which bodies did not come back, and what stands in for them."""
        rows = await self._node.pool.fetch(SQL["read_lost"])
        self.report.lost = len(rows)
        for at in range(0, len(rows), LISTED_MAX):
            events = tuple(
                LostBody(
                    seq=row["seq"],
                    stands_for=None
                    if row["stands_in"] is None
                    else b64(sha256(row["stands_in"]).digest()),
                )
                for row in rows[at : at + LISTED_MAX]
            )
            key = sha256(b"local.lost" + repr(events).encode()).digest()[:16]
            known = await self._node.pool.fetchval(SQL["key_used"], key)
            if known is None:
                body = LocalLost(v=1, at_s=now_s(), events=events)
                await self._node.do(Note(b64(key), body))

    async def _close_gaps(self) -> None:
        """Fetch what partners sent and believe to be here: they do not bring it by themselves."""
        outbox = self._node.outbox
        for known in list(self._node.machine.books.lines.values()):
            try:
                for _ in range(ROUNDS_MAX):
                    line = outbox.line(known.line)
                    assert line is not None
                    await exchange.bring(outbox, line)
                    now = outbox.line(known.line)
                    if now is None or now.in_n == line.in_n:
                        break
            except RuilbrugError as error:
                self._say(f"line {known.line[:12]}: the partner is asked again later ({error})")
