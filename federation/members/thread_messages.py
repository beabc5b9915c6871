"""Messages of a member's threads, loaded from log and inbox and opened under that member's key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from federation.group.commands import GROUP_SUBJECT
from federation.line.notes import place
from federation.members.agreeing_queries import SQL
from federation.peer.channel import decode_line_core
from projections import tables, tables_agreeing, threads
from projections.agreeing import RequestPhase
from projections.lines import FAILED, Phase
from projections.threads import Message, Place
from schemas import bodies, cores
from schemas.encoding import b64, unb64
from schemas.openings import MessageText, NoteText, PersonalText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg import Record

    from federation.node.service import Node
    from schemas.proposals import ToldContact

_BODY: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(bodies.AnyBody)
_NOTE: Final = msgspec.json.Decoder(NoteText)
_PERSONAL: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(PersonalText)
_BOOKED: Final = frozenset({Phase.COMMITTED, Phase.SETTLED, Phase.CREDITED})


class Kept(NamedTuple):
    """One message as it was loaded: what the fold reads, and what people read."""

    message: Message
    own: bool
    other: int | str
    """The account, or the pseudonym, of the other side; empty when nobody knows any more."""
    line: str
    text: str = ""
    offer: str = ""
    name: str = ""
    contacts: tuple[ToldContact, ...] = ()
    entered_by: int | None = None


async def thread_names(
    node: Node, account: int, *, before: tuple[int, str], limit: int
) -> list[tuple[str, int]]:
    """Give (thread, time of its newest message) of a member's threads, newest first."""
    rows = await node.pool.fetch(SQL["newest_threads"], account, *before, limit)
    return [(row["thread"], row["at_s"]) for row in rows]


async def names_of_threads_with(
    node: Node, account: int, other: int | None, group: str, *, limit: int
) -> list[str]:
    """Give the threads of a member with another one of ours, or with members of another group.

    Newest first.
    """
    lines = [line.line for line in node.machine.books.lines.values() if line.peer == group]
    rows = await node.pool.fetch(SQL["threads_with"], account, other, lines, limit)
    return [row["thread"] for row in rows]


async def messages_of(node: Node, account: int, names: Sequence[str]) -> dict[str, list[Kept]]:
    """Load all messages of some threads of a member: thread -> those of the one pair in it."""
    kept = await own_messages(node, account, names)
    for name, one in await received_messages(node, account, names):
        kept.setdefault(name, []).append(one)
    return {name: of_one_pair(found) for name, found in kept.items()}


def of_one_pair(found: list[Kept]) -> list[Kept]:
    """Leave out what does not belong: messages under this id from or to somebody else.

    Who the other is: whom our member wrote to first, else who wrote first.
    """
    known = sorted((one for one in found if one.other), key=lambda one: not one.own)
    if not known:
        return found
    first = known[0]
    return [
        one
        for one in found
        if one.line == first.line and (one.other == first.other or (one.own and not one.other))
    ]


async def own_messages(node: Node, account: int, names: Sequence[str]) -> dict[str, list[Kept]]:
    """Load what our log says of these threads: both sides of inside ones, ours of the others."""
    rows = await node.pool.fetch(SQL["own_messages"], account, names)
    texts = await open_texts(node, account, [row["seq"] for row in rows])
    kept: dict[str, list[Kept]] = {}
    for row in rows:
        one = _own_note(row, texts) if row["line"] else _inside(node, account, row, texts)
        if one is not None:
            kept.setdefault(row["thread"], []).append(one)
    return kept


def _inside(node: Node, account: int, row: Record, texts: dict[int, Any]) -> Kept | None:
    body = None if row["body"] is None else _BODY.decode(row["body"])
    if not isinstance(body, bodies.MessageWritten):
        return None  # its body did not come back after a restore
    own, text = body.sender == account, texts.get(row["seq"])
    message = Message(
        id=threads.message_id(body.message),
        place=Place(node.id, row["seq"], 0, body.at_s),
        sender=str(body.sender),
        answer=body.answer,
        proposal=body.proposal,
    )
    return Kept(
        message,
        own,
        body.recipient if own else body.sender,
        line="",
        text=text.text if isinstance(text, MessageText) else "",
        offer="" if body.offer is None else str(body.offer),
        entered_by=body.entered_by,
    )


def _own_note(row: Record, texts: dict[int, Any]) -> Kept:
    core = decode_line_core(row["core"])
    assert isinstance(core, cores.LineNote)
    text = texts.get(row["seq"])
    note = text if isinstance(text, NoteText) else None
    kept = _note(core, b64(row["id"]), note, "" if note is None else note.recipient)
    return kept._replace(own=True)


def _note(core: cores.LineNote, event_id: str, note: NoteText | None, other: str) -> Kept:
    message = Message(
        id=event_id,
        place=place(core),
        sender=core.origin,
        answer=None if note is None else note.answer,
        proposal=None if note is None else note.proposal,
        readable=note is not None,
    )
    if note is None:
        return Kept(message, own=False, other=other, line=core.line)
    return Kept(
        message,
        own=False,
        other=other,
        line=core.line,
        text=note.text,
        offer=note.offer or "",
        name=note.name,
        contacts=note.contacts,
    )


async def received_messages(
    node: Node, account: int, names: Sequence[str]
) -> list[tuple[str, Kept]]:
    """Load what the other sides of these threads wrote from their groups."""
    found = []
    for row in await node.pool.fetch(SQL["received_messages"], account, names):
        core = decode_line_core(row["core"])
        if isinstance(core, cores.LineNote):
            note = None if row["sealed"] is None else open_note(node, row)
            kept = _note(core, b64(row["id"]), note, row["sender"])
            found.append((row["thread"], kept))
    return found


def open_note(node: Node, row: Record) -> NoteText | None:
    """Open a received message; nothing when its reader was erased."""
    plain = node.machine.keyring.open(row["subject"], row["commitment"], row["sealed"])
    return None if plain is None else _NOTE.decode(plain[1])


async def open_texts(
    node: Node, account: int, seqs: Sequence[int], peer: msgspec.json.Decoder[Any] = _NOTE
) -> dict[int, Any]:
    """Open the texts of own events that are sealed for a member; what was erased is left out."""
    subject = node.machine.books.ledger.accounts[account].subject or GROUP_SUBJECT
    return await _open(node, subject, seqs, peer)


async def group_texts(node: Node, seqs: Sequence[int]) -> dict[int, Any]:
    """Open the texts of own events that are said to the whole group."""
    return await _open(node, GROUP_SUBJECT, seqs, _NOTE)


async def _open(
    node: Node, subject: str, seqs: Sequence[int], peer: msgspec.json.Decoder[Any]
) -> dict[int, Any]:
    found: dict[int, Any] = {}
    if not seqs:
        return found
    for row in await node.pool.fetch(SQL["sealed_for"], seqs, unb64(subject)):
        plain = node.machine.keyring.open(row["subject"], row["commitment"], row["sealed"])
        if plain is None:
            continue
        personal = row["layer"] == "personal"
        found[row["seq"]] = (_PERSONAL if personal else peer).decode(plain[1])
    return found


async def trades_of_proposals(
    node: Node, kept: dict[str, list[Kept]]
) -> dict[str, dict[str, tuple[str, bool]]]:
    """Find what was booked or asked for proposals: thread -> proposal -> (id of the trade, booked).

    What failed is left out: it can be tried again under another id.
    """
    wanted: dict[str, tuple[str, str]] = {}
    for thread, found in kept.items():
        for one in found:
            if one.message.proposal is not None:
                for name in threads.booking_ids(thread, one.message.id):
                    wanted[name] = (thread, one.message.id)
    states = await _how_trades_stand(node, list(wanted)) if wanted else {}
    trades: dict[str, dict[str, tuple[str, bool]]] = {}
    for name, booked in sorted(states.items(), key=lambda item: item[1]):
        thread, proposal = wanted[name]
        trades.setdefault(thread, {})[proposal] = (name, booked)
    return trades


async def trade_standing(node: Node, names: Sequence[str]) -> str:
    """Give that of some ids under which something was booked, or else goes on; empty when none."""
    states = await _how_trades_stand(node, names)
    return max(states, key=states.__getitem__, default="")


async def _how_trades_stand(node: Node, names: Sequence[str]) -> dict[str, bool]:
    """Tell of ids that were used, and did not fail, whether they are booked."""
    found: dict[str, bool] = {}
    async with node.pool.acquire() as connection:
        keys = [unb64(name) for name in names]
        used = await connection.fetch(SQL["used_keys"], keys)
        requests = await tables_agreeing.read_requests(connection, names)
        transfers = await tables.read_transfers(connection, names)
    asked = {request.request: request for request in requests}
    for row in used:
        name = b64(row["key"])
        if name not in asked:
            found[name] = True
    for request in requests:
        if request.phase in (RequestPhase.OPEN, RequestPhase.BOOKED):
            found[request.request] = request.phase is RequestPhase.BOOKED
    for transfer in transfers:
        if transfer.phase not in FAILED:
            found[transfer.path] = transfer.phase in _BOOKED
    return found
