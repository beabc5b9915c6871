"""Proofs of bookings, written from the own log: the entry opened, its path, the newest checkpoint.

Which checkpoint counts is the caller's business (`NewestCheckpoint`), and who may have a proof too.
Invariant: what is written passes `projections.receipt.check_receipt`, or nothing is given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from events.checkpoint import Checkpoint
from events.commitments import SALT_SIZE
from events.log_store import read_hash_tile
from events.merkle import inclusion_proof, leaf_hash
from events.note import SignedNote
from events.queries import load_queries
from events.tiles import TileHashes, tiles_needed
from events.tlog_proof import TlogProof
from federation.node.patience import connection_in_time
from projections.receipt import rests_on
from schemas import bodies, cores
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, RefusedError
from schemas.openings import Opening, TransferText
from schemas.receipt import EARLIER_MAX, BodyOpening, Receipt

if TYPE_CHECKING:
    from events.log_store import AnyConnection
    from federation.node.service import Node

NewestCheckpoint = Callable[[], Awaitable[bytes | None]]
"""Gives the newest own checkpoint that counts, as a note with its cosignatures; none when none
counts yet."""

SQL: Final = load_queries(files("federation.node").joinpath("sql/receipts.sql"))
_CORE: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(cores.AnyCore)
_BODY: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(bodies.AnyBody)
_TEXT: Final = msgspec.json.Decoder(TransferText)


class LoggedBooking(NamedTuple):
    """A booking as the log has it."""

    seq: int
    core: bytes
    body: bytes
    body_salt: bytes

    def postings(self) -> tuple[bodies.Posting, ...]:
        """Give its legs."""
        found: tuple[bodies.Posting, ...] = _BODY.decode(self.body).postings
        return found

    def to_all(self) -> bool:
        """Tell whether its text is sealed for the whole group."""
        return isinstance(_BODY.decode(self.body), bodies.CollectiveBooked)

    def at_s(self) -> int:
        """Give when it was booked."""
        at_s: int = getattr(_BODY.decode(self.body), "at_s", _CORE.decode(self.core).ts)
        return at_s


async def booking_on(node: Node, account: int, seq: int) -> LoggedBooking:
    """Give a booking that moved something on an account.

    Raises:
        RefusedError: `not_found`, the same whether there is another booking or none; `proof_gone`
            when its body did not come back after a restore.

    """
    async with connection_in_time(node.pool) as connection:
        legs = await connection.fetch(SQL["legs"], seq)
        row = await connection.fetchrow(SQL["booking"], seq)
    if row is None or account not in {leg["account"] for leg in legs}:
        raise RefusedError(Code.NOT_FOUND, field="booking")
    if row["body"] is None:
        raise RefusedError(Code.PROOF_GONE)
    return LoggedBooking(seq, row["core"], row["body"], row["body_salt"])


async def is_ready(booking: LoggedBooking, newest: NewestCheckpoint) -> bool:
    """Tell whether the newest checkpoint covers a booking."""
    note = await newest()
    return note is not None and _read_checkpoint(note).size > booking.seq


async def write_proof(
    node: Node, booking: LoggedBooking, newest: NewestCheckpoint, *, subject: bytes | None
) -> bytes:
    """Write the proof of a booking as a file, with the texts that `subject` holds a key of.

    Without a subject it opens no text. What was erased is left out.

    Raises:
        RefusedError: `proof_not_ready` when no checkpoint covers it yet.
        StorageError: as `newest`.

    """
    note = await newest()
    if note is None or (checkpoint := _read_checkpoint(note)).size <= booking.seq:
        raise RefusedError(Code.PROOF_NOT_READY)
    prove = partial(inclusion_proof, booking.seq, checkpoint.size)
    async with connection_in_time(node.pool) as connection:
        tiles = {
            path: await read_hash_tile(connection, path)
            for path in tiles_needed(checkpoint.size, prove)
        }
        receipt = await _receipt(node, connection, booking, subject)
    path = tuple(prove(TileHashes(checkpoint.size, tiles.__getitem__)))
    proof = TlogProof(booking.seq, path, note, encode(receipt))
    proof.require_included(leaf_hash(booking.core), checkpoint)
    return proof.encode()


def _read_checkpoint(note: bytes) -> Checkpoint:
    return Checkpoint.parse(SignedNote.parse(note).text)


async def _receipt(
    node: Node, connection: AnyConnection, booking: LoggedBooking, subject: bytes | None
) -> Receipt:
    earlier, prepare = await _earlier(connection, booking)
    peer = text = None
    if subject is not None:
        peer = await _peer(node, connection, prepare, subject)
        text = await _text(node, connection, booking.seq, subject)
    return Receipt(
        v=1,
        core=b64(booking.core),
        body=BodyOpening(salt=b64(booking.body_salt), bytes=b64(booking.body)),
        earlier=tuple(map(b64, earlier)),
        peer=peer,
        text=text,
    )


async def _earlier(
    connection: AnyConnection, booking: LoggedBooking
) -> tuple[list[bytes], cores.PayPrepare | None]:
    """Follow a payment back to its prepare: what an event rests on, the other side has sent.

    An event has `seen` what it rests on, so that stands no later in the other side's chain.
    """
    core, found = _CORE.decode(booking.core), list[bytes]()
    own = True
    while (wanted := rests_on(core)) and core.seen is not None and len(found) < EARLIER_MAX:
        own = not own
        sql = SQL["own_earlier" if own else "their_earlier"]
        data = await connection.fetchval(sql, core.line, core.seen.n, unb64(wanted))
        if data is None:
            break
        found.append(data)
        core = _CORE.decode(data)
    return found, core if isinstance(core, cores.PayPrepare) else None


async def _peer(
    node: Node, connection: AnyConnection, prepare: cores.PayPrepare | None, subject: bytes
) -> Opening | None:
    if prepare is None or prepare.commitments.peer is None:
        return None
    committed = unb64(prepare.commitments.peer)
    for row in await connection.fetch(SQL["peer_texts"], committed):
        if row["subject"] == subject:
            return _opening(node.machine.keyring.open(subject, committed, row["sealed"]))
    return None


async def _text(node: Node, connection: AnyConnection, seq: int, subject: bytes) -> Opening | None:
    """Open what a booking was for; one that names persons as a former system did stays closed."""
    for row in await connection.fetch(SQL["personal_texts"], seq, subject):
        plain = node.machine.keyring.open(subject, row["commitment"], row["sealed"])
        if plain is None:
            continue
        said = _TEXT.decode(plain[1])
        if said.description and not (said.payer_real or said.payee_real):
            return _opening(plain)
    return None


def _opening(plain: tuple[bytes, bytes] | None) -> Opening | None:
    if plain is None:
        return None
    assert len(plain[0]) == SALT_SIZE
    return Opening(salt=b64(plain[0]), bytes=b64(plain[1]))
