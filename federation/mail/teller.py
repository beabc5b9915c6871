"""The task that reads what happened and puts down who is to be mailed about it.

It follows the own log and what each partner sent, from where it had come (`plain.mail_read`).
After a crash it reads the last page again, and what was told stays told once (`outbox`). What the
log held before a node mailed for the first time, or what a recovery has brought back, is not told.
One event that cannot be told is noted and holds up no other.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
import structlog

from events.recovery import STORAGE_TROUBLE
from events.restore import Mode
from federation.mail import news
from federation.mail.bug_place import where
from federation.mail.news import News, What
from federation.mail.outbox import DELIVER_WITHIN_S
from federation.mail.people import people_of
from federation.mail.queries import SQL
from federation.mail.reminders import Reminders
from federation.mail.writing import Writer
from federation.members.roles import with_role
from federation.node.service import now_s
from federation.peer.channel import decode_line_core
from projections import tables_agreeing
from projections.lines import Transfer
from schemas import bodies
from schemas.encoding import b64
from schemas.errors import RuilbrugError
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.mail.office import PostOffice
    from federation.node.service import Node

log = structlog.get_logger()

PAGE: Final = 500
TICK_S: Final = 1.0
REMIND_EVERY_S: Final = 60
OWN: Final = ""
"""The own log, among the places that are read."""
_BODY: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(bodies.AnyBody)
_TRANSFER: Final = msgspec.json.Decoder(Transfer)
_RECEIVED: Final = {
    "message": What.MESSAGE,
    "thanks": What.THANKS,
    "public_thanks": What.THANKS,
}


class Teller:
    """Tells the members of one node."""

    def __init__(self, node: Node, office: PostOffice) -> None:
        """Take the node and where letters are put down."""
        self._node = node
        self._office = office
        self._places: dict[str, int] | None = None
        self._from_here = False
        self._reminded_at_s = 0

    def from_here(self) -> None:
        """Tell only what happens from now on: a recovery has brought back the rest."""
        self._from_here = True

    async def run(self) -> None:
        """Tell, for ever."""
        while True:
            more = False
            try:
                more = await self.round()
            except STORAGE_TROUBLE as error:
                log.warning("mail_teller_waits", kind=type(error).__name__)
            except Exception as bug:  # noqa: BLE001 - the edge: it is noted, and holds up nothing
                log.critical("mail_teller_failed", kind=type(bug).__name__, place=where(bug))
            await asyncio.sleep(0 if more else TICK_S)

    async def round(self) -> bool:
        """Read at most a page of each source; true when there may be more at once."""
        if self._places is None or self._from_here:
            await self.begin()
        if self._node.gate.mode is not Mode.OPEN:
            return False
        places = self._places
        assert places is not None
        more = await self._own(places)
        for line in list(self._node.machine.books.lines.values()):
            more |= await self._received(places, line.line, line.in_n)
        at_s = now_s()
        if at_s >= self._reminded_at_s + REMIND_EVERY_S:
            await Reminders(self._node, self._office).round(at_s)
            self._reminded_at_s = at_s
        return more

    async def begin(self) -> None:
        """Find out where it had come; begin at the end where nothing is known."""
        rows = await self._node.pool.fetch(SQL["places_read"])
        places = {row["line"]: row["n"] for row in rows}
        size = self._node.sequencer.size
        if OWN in places and places[OWN] <= size and not self._from_here:
            self._places = places
            return
        places = {OWN: size}
        places |= {line.line: line.in_n for line in self._node.machine.books.lines.values()}
        async with self._node.pool.acquire() as connection, connection.transaction():
            await connection.executemany(SQL["place_read"], list(places.items()))
        self._places, self._from_here = places, False
        log.info("mail_teller_begins", seq=size)

    async def _own(self, places: dict[str, int]) -> bool:
        start = places[OWN]
        end = min(start + PAGE, self._node.sequencer.size)
        if start >= end:
            return False
        found: list[News] = []
        ended: dict[str, int] = {}
        paths: dict[str, int] = {}
        rows = await self._node.pool.fetch(SQL["own_news"], start, end)
        activities = self._node.machine.books.agreeing.activities
        coordinators = with_role(self._node, Role.COORDINATOR)
        for row in rows:
            if row["core"] is not None:
                _note_path(row["core"], paths)
            elif row["body"] is not None:
                body = _BODY.decode(row["body"])
                found += news.of_event(row["seq"], body, activities, coordinators)
                if request := news.ended_request(body):
                    ended[request] = body.at_s
        found += await self._ended(ended)
        found += await self._between(paths)
        await self._tell(found)
        await self._read(places, OWN, end)
        return end - start == PAGE

    async def _received(self, places: dict[str, int], line: str, in_n: int) -> bool:
        start = places.get(line, 0)
        if in_n <= start:
            return False
        rows = await self._node.pool.fetch(SQL["received_news"], line, start, PAGE)
        found: list[News] = []
        paths: dict[str, int] = {}
        for row in rows:
            what = _RECEIVED.get(row["kind"] or "")
            if what is None:
                _note_path(row["core"], paths)
            else:
                detail, at_s = b64(row["id"]), row["received_at_s"]
                found.append(News(what, row["account"], row["about"], at_s, detail))
        found += await self._between(paths)
        await self._tell(found)
        if rows:
            await self._read(places, line, rows[-1]["n"])
        return len(rows) == PAGE

    async def _ended(self, ended: dict[str, int]) -> list[News]:
        """Name whom the end of a request inside the group concerns: both."""
        if not ended:
            return []
        async with self._node.pool.acquire() as connection:
            requests = await tables_agreeing.read_requests(connection, list(ended))
        return [
            News(What.TRADE, account, one.request, ended[one.request])
            for one in requests
            for account in (one.payer, one.payee)
        ]

    async def _between(self, paths: dict[str, int]) -> list[News]:
        """Name whom of ours some trades with other groups concern."""
        rows = await self._node.pool.fetch(SQL["trades_between"], list(paths)) if paths else ()
        found = []
        for row in rows:
            account = _TRANSFER.decode(row["state"]).account or row["asked"]
            if account is not None:
                found.append(News(What.TRADE, account, row["path"], paths[row["path"]]))
        return found

    async def _tell(self, found: Iterable[News]) -> None:
        """Put down letters about what is not too old, to those who have an address."""
        oldest_s = now_s() - DELIVER_WITHIN_S
        fresh = list(dict.fromkeys(one for one in found if one.at_s > oldest_s))
        if not fresh:
            return
        async with self._node.pool.acquire() as connection:
            people = await people_of(connection, {one.account for one in fresh})
        partners = self._node.machine.books.agreeing.partners
        for one in fresh:
            # a contact is asked, and told what is given back; months say the rest
            for_contact = one.what in (What.PARTNER, What.PARTNER_BACK)
            if one.account in people and for_contact is (one.account in partners):
                await self._tell_one(one, people[one.account])

    async def _tell_one(self, one: News, people: list[Any]) -> None:
        try:
            letters = await Writer(self._node, self._office.desk()).letters(one, people)
        except RuilbrugError as error:  # gone meanwhile: erased, or a thread of others
            log.info("mail_not_written", what=one.what.value, code=str(error.code))
            return
        except STORAGE_TROUBLE:
            raise
        except Exception as bug:  # noqa: BLE001 - the edge: it is noted, and holds up nothing
            kind, place = type(bug).__name__, where(bug)
            log.critical("mail_not_written", what=one.what.value, kind=kind, place=place)
            return
        for letter in letters:
            await self._office.post(letter)

    async def _read(self, places: dict[str, int], line: str, place: int) -> None:
        await self._node.pool.execute(SQL["place_read"], line, place)
        places[line] = place


def _note_path(core: bytes, paths: dict[str, int]) -> None:
    """Note the trade that an event of a line is about, with its time."""
    decoded = decode_line_core(core)
    path = getattr(decoded, "path", "")
    if path:
        paths[path] = decoded.ts


def teller_of(node: Node) -> Teller | None:
    """Give the teller of a running node; none where nothing is mailed."""
    return cast("Teller | None", node.parts.get(Teller))
