"""Wrong variants of the rules: each replaces one product function, and the simulator finds it.

No switch in product code: a variant is a patch that a test puts on and takes off again.
"""

from __future__ import annotations

import contextlib
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import msgspec
from msgspec.structs import replace

from events import batch, restore
from events.checkpoint import Checkpoint
from events.mark import Mark
from events.note import SignedNote
from federation.line import booking, payee, payer
from federation.line import decide as rules
from federation.node import exchange, taking
from projections import own_payments, received
from projections.lines import Line, Phase, granted_by_us
from schemas import cores
from schemas.amounts import minor_floor
from schemas.core_parts import ReleaseCause
from schemas.encoding import b64, unb64
from schemas.messages import WireEvent
from tests.simulation import sequencing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from projections.books import Books
    from projections.lines import Transfer
    from schemas.messages import SeenAnswer


def _accept_timed_out(books: Books, *, now_s: int) -> Generator[Any, str, int]:
    due = [
        transfer
        for transfer in books.transfers.values()
        if transfer.phase is Phase.ACCEPTED and now_s >= transfer.expires_at_s
    ]
    for transfer in due:
        yield payee._release(transfer, ReleaseCause.ABORTED)
    return len(due)


_DECIDE: Final = batch.decide
_PENDING: Final = exchange.pending
_START: Final = payer.start
_COMMITTED: Final = payee.committed
_ACCEPTED: Final = payer.accepted
_POSTINGS: Final = booking.postings
_RELEASED: Final = own_payments.PAYMENT_STEPS[cores.PayRelease]
_THEIR_COMMIT: Final = received._RECEIVED[cores.PayCommit]
_THEIR_ABORT: Final = received._RECEIVED[cores.PayAbort]


def _limit_at_commit(books: Any, line: Any, event: Any, commit: Any) -> Any:
    if line.owed_to_us() > granted_by_us(line):
        return ""
    return (yield from _COMMITTED(books, line, event, commit))


def _no_place(*_: object) -> None:
    return None


def _recomputed(accounts: Any, **facts: Any) -> Any:
    if facts["member_minor"] > 0:
        units = facts["before_units"] - facts["after_units"]
        facts["member_minor"] = minor_floor(units, facts["today"])
    return _POSTINGS(accounts, **facts)


def _booked_directly(books: Any, line: Any, event_id: str, core: Any) -> Any:
    line = _THEIR_COMMIT(books, line, event_id, core)
    return replace(line, balance_units=line.balance_units - core.line_units)


def _abort_forgotten(books: Any, line: Any, event_id: str, core: Any) -> Any:
    known = (core.path, line.line, "in") in books.transfers
    return line if known else _THEIR_ABORT(books, line, event_id, core)


def _silence_frees_all(books: Any, event: Any, core: Any, rows: Any) -> Any:
    transfer: Transfer = books.transfers[core.path, core.line, "in"]
    line = _RELEASED(books, event, core, rows)
    if core.cause is ReleaseCause.SILENT:
        return replace(line, held_in_units=line.held_in_units - transfer.line_units)
    return line


def _other_direction_is_room(line: Line) -> int:
    return -line.balance_units + line.held_in_units - line.held_out_units


def _commit_after_own_end(books: Any, line: Any, accept_id: str, accept: Any, *, now_s: int) -> Any:
    """Of our own choice: an accept that comes after our own abort is committed all the same."""
    transfer = books.transfers.get((accept.path, line.line, "out"))
    if transfer is not None and transfer.phase is Phase.ABORTED:
        yield payer._commit(books, line, transfer, accept_id)
        return ""
    return (yield from _ACCEPTED(books, line, accept_id, accept, now_s=now_s))


async def _sent_undurable(node: Any, line: str, after: int, limit: int) -> tuple[WireEvent, ...]:
    """Give what is decided as well, whether or not the disk has it."""
    sent = list(await _PENDING(node, line, after, limit))
    for entry in node.sequencer.undurable:
        place = _PLACE.decode(entry.core)
        if place.line == line and place.n == after + len(sent) + 1:
            sent.append(WireEvent(core=b64(entry.core), signature=b64(entry.signature)))
    return tuple(sent)


class _Place(msgspec.Struct):
    line: str = ""
    n: int = 0


_PLACE: Final = msgspec.json.Decoder(_Place)


def _retried_anew(books: Books, command: Any, *, now_s: int) -> Generator[Any, str, Any]:
    """Begin another payment when the same is asked for again."""
    while (command.path, command.line, "out") in books.transfers:
        command = command._replace(path=b64(sha256(command.path.encode()).digest()[:16]))
    return (yield from _START(books, command, now_s=now_s))


def _marked_at_decision(machine: Any, made: Any, command: Any, **facts: Any) -> Any:
    """Move the mark to what is decided, before it is on the disk."""
    answer = _DECIDE(machine, made, command, **facts)
    machine.on_change.__self__.host.mark.write(Mark(made.tree.size, made.tree.root()))
    return answer


def _nothing_cosigned(answer: SeenAnswer, **_: Any) -> None:
    """Hear only how much others have kept, not what they have cosigned."""


def _any_checkpoint_believed(answer: SeenAnswer, **_: Any) -> Checkpoint | None:
    """Believe in a checkpoint whoever signed it."""
    if answer.checkpoint is None:
        return None
    return Checkpoint.parse(SignedNote.parse(unb64(answer.checkpoint)).text)


async def _any_date_believed(*_: Any) -> None:
    """Believe the index that an event names, whoever holds its key."""


VARIANTS: Final[dict[str, Callable[[], Any]]] = {
    "participant times out an accept": lambda: patch.object(payee, "expire", _accept_timed_out),
    "limit checked at commit": lambda: patch.object(payee, "committed", _limit_at_commit),
    "event sent before it is durable": lambda: patch.object(exchange, "pending", _sent_undurable),
    "retry with a new id": lambda: patch.object(payer, "start", _retried_anew),
    "events applied out of order": lambda: patch.object(rules, "_out_of_place", _no_place),
    "rounding recomputed by the receiver": lambda: patch.object(booking, "postings", _recomputed),
    "received event booked directly": lambda: patch.dict(
        received._RECEIVED, {cores.PayCommit: _booked_directly}
    ),
    "mark made durable before COMMIT": lambda: patch.object(
        sequencing, "decide", _marked_at_decision
    ),
    "a commit after its own abort applied": lambda: patch.dict(
        received._RECEIVED, {cores.PayAbort: _abort_forgotten}
    ),
    "a release that frees the line hold": lambda: patch.dict(
        "projections.books._OWN_STEPS", {cores.PayRelease: _silence_frees_all}
    ),
    "holds of the other direction counted as room": lambda: patch.object(
        Line, "owed_to_us", _other_direction_is_room
    ),
    "an accept after the own abort committed": lambda: patch.object(
        payer, "accepted", _commit_after_own_end
    ),
    "an event dated back under a revoked key taken in": lambda: patch.object(
        taking, "_refuse_back_dated", _any_date_believed
    ),
    "what was cosigned and nobody keeps not asked for": lambda: patch.object(
        restore, "signed_by_us", _nothing_cosigned
    ),
    "a longer log believed without the own signature": lambda: patch.object(
        restore, "signed_by_us", _any_checkpoint_believed
    ),
}


@contextlib.contextmanager
def variant(name: str) -> Iterator[None]:
    """Put a wrong variant on for a while."""
    with VARIANTS[name]():
        yield
