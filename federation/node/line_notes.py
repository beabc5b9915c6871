"""Notes between the coordinators of two groups, about their line or about a trade on it.

The text goes to the partner's node alone, sealed on both sides. Whoever wrote a note can have it
forgotten: both nodes drop the text then, and the note stays as an empty place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.group.commands import GROUP_SUBJECT
from federation.line import commands
from federation.line.notes import forgotten, in_order
from federation.node.line_use_cases import group_account_code, line_with
from federation.node.payees import payee_pseudonym, told_pseudonym
from federation.node.payment_use_cases import trade
from federation.node.queries import SQL
from federation.node.use_cases import account_by_code, find_peer
from federation.node.written import written_text
from federation.peer.channel import decode_line_core
from schemas import cores
from schemas.errors import Code, InputError, RefusedError
from schemas.openings import LINE_THREAD, NOTE_LENGTH_MAX, NoteText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg import Record

    from federation.node.service import Node
    from projections.lines import Line
    from schemas.cores import LineCore

SHOWN_MAX: Final = 1000
"""So many of each side's newest notes are read."""
_NOTE: Final = msgspec.json.Decoder(NoteText)


class Note(NamedTuple):
    """A note as a coordinator reads it."""

    n: int
    """Its place in the chain of whoever wrote it; own ones are named by it."""
    own: bool
    at_s: int
    trade: str
    """Path of the trade that it is about; empty when it is about the line, or no longer known."""
    text: str
    forgotten: bool
    """With neither a text nor this, the text never came or cannot be opened."""


async def send_note(node: Node, peer_name: str, text: str, *, about: str = "") -> Note:
    """Write to the coordinator of another group about our line, or about a trade (by its path).

    Raises:
        InputError: `malformed`, `too_large`, `peer_unknown`, `line_not_open`.
        RefusedError: `not_found` for a trade that is not on this line; as `life.send_note`.
        PeerUnavailable: the group's coordinator was never asked for, and it cannot be asked now.

    """
    sent: Line = await node.do(await _note(node, peer_name, text, about=about))
    return next(note for note in await notes(node, peer_name) if note.own and note.n == sent.out_n)


async def send_note_once(node: Node, peer_name: str, text: str, *, key: str) -> None:
    """Write about our line, once under this key. Raises as `send_note`, and `conflict`."""
    await node.do((await _note(node, peer_name, text))._replace(key=key))


async def _note(node: Node, peer_name: str, text: str, *, about: str = "") -> commands.SendNote:
    written = written_text(text, field="text", length_max=NOTE_LENGTH_MAX)
    if not written:
        raise InputError(Code.MALFORMED, field="text", reason="it is empty")
    peer = find_peer(node, peer_name)
    line = line_with(node, peer.node)
    if about and (await trade(node, about)).line != line.line:
        raise RefusedError(Code.NOT_FOUND, field="trade")
    code = group_account_code(node)
    peer_text = NoteText(
        v=1,
        thread=about or LINE_THREAD,
        sender=await told_pseudonym(node, GROUP_SUBJECT, peer.node),
        recipient=await payee_pseudonym(node, peer, code),
        text=written,
    )
    account = account_by_code(node, code).account
    return commands.SendNote(line.line, account, peer_text, GROUP_SUBJECT)


async def notes(node: Node, peer_name: str) -> list[Note]:
    """Give the notes of both sides on the line with a group, oldest first.

    Raises:
        InputError: `peer_unknown`, `line_not_open`.

    """
    return await notes_on(node, line_with(node, find_peer(node, peer_name).node))


async def notes_on(node: Node, line: Line) -> list[Note]:
    """Give the notes of both sides on a line, oldest first."""
    own_rows = await node.pool.fetch(SQL["own_notes"], line.line, SHOWN_MAX)
    own, theirs = (
        _cores(rows)
        for rows in (own_rows, await node.pool.fetch(SQL["received_notes"], line.line, SHOWN_MAX))
    )
    gone = forgotten([*own, *theirs])
    texts = await _own_texts(node, own) | await _their_texts(node, line, theirs)
    return [
        Note(
            n=core.n,
            own=core.origin == node.id,
            at_s=core.ts,
            trade="" if text is None or text.thread == LINE_THREAD else text.thread,
            text="" if text is None or core.commitments.peer in gone else text.text,
            forgotten=core.commitments.peer in gone,
        )
        for core in in_order(own, theirs)
        if isinstance(core, cores.LineNote)
        for text in [texts.get((core.origin, core.n))]
    ]


async def forget_note(node: Node, peer_name: str, n: int) -> Line:
    """Have both sides drop the text of a note of ours; once more changes nothing.

    Raises:
        InputError: `peer_unknown`, `line_not_open`, `not_found` when place `n` of our chain holds
            no note: a note of the other side is theirs to have forgotten.

    """
    return await forget_note_on(node, line_with(node, find_peer(node, peer_name).node), n)


async def forget_note_on(node: Node, line: Line, n: int) -> Line:
    """Do the same for a note on a line. Raises `not_found`."""
    found = _cores(await node.pool.fetch(SQL["own_chain"], line.line, n - 1, 1))
    note = found[0] if found else None
    if not isinstance(note, cores.LineNote) or note.n != n or note.commitments.peer is None:
        raise InputError(Code.NOT_FOUND, field="n")
    own = _cores(await node.pool.fetch(SQL["own_notes"], line.line, SHOWN_MAX))
    if note.commitments.peer in forgotten(own):
        return line
    asked: Line = await node.do(commands.Forget(line.line, (note.commitments.peer,)))
    return asked


def _cores(rows: Sequence[Record]) -> list[LineCore]:
    """Decode rows that come newest first; what is of no known shape is no note."""
    decoded = [decode_line_core(row["core"]) for row in reversed(rows)]
    return [core for core in decoded if not isinstance(core, cores.UnknownCore)]


async def _own_texts(node: Node, own: Sequence[LineCore]) -> dict[tuple[str, int], NoteText]:
    places = {core.seq: core.n for core in own}
    rows = await node.pool.fetch(SQL["peer_texts"], list(places))
    return _opened(node, node.id, [(places[row["seq"]], row) for row in rows])


async def _their_texts(
    node: Node, line: Line, theirs: Sequence[LineCore]
) -> dict[tuple[str, int], NoteText]:
    rows = await node.pool.fetch(SQL["received_texts"], line.line, [core.n for core in theirs])
    return _opened(node, line.peer, [(row["n"], row) for row in rows])


def _opened(
    node: Node, origin: str, rows: Sequence[tuple[int, Record]]
) -> dict[tuple[str, int], NoteText]:
    """Open sealed texts, by writer and place; what was erased is left out."""
    found = {}
    for n, row in rows:
        plain = node.machine.keyring.open(row["subject"], row["commitment"], row["sealed"])
        if plain is not None:
            found[origin, n] = _NOTE.decode(plain[1])
    return found
