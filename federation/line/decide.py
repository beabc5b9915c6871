"""The rules of a line in one place: a command in, events or a refusal out (design section 4).

Pure: the books, the time and the facts come in as arguments. A simulator runs it unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from federation.line import payee, payer
from federation.line import terms as line_terms
from federation.line.commands import (
    AnswerTerms,
    CancelPayment,
    ExpireDue,
    ProposeTerms,
    Quarantine,
    ReceiveEvents,
    StartPayment,
)
from federation.line.drafts import Draft, LocalDraft
from projections.received import fold_received
from schemas import cores
from schemas.bodies import LineQuarantined
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line.commands import LineCommand, ReceivedEvent
    from projections.books import Books
    from projections.lines import Line


class Received(NamedTuple):
    """What became of a partner's events: how far its chain goes now, and what was wrong."""

    in_n: int
    taken: tuple[ReceivedEvent, ...]
    refusal: Refusal | None = None


def decide(
    books: Books, command: LineCommand, *, us: str, now_s: int
) -> Generator[Draft, str, Any]:
    """Decide one command. Yields events, receives the id of each; returns answer or refusal."""
    match command:
        case StartPayment():
            return (yield from payer.start(books, command, now_s=now_s))
        case ReceiveEvents():
            return (yield from receive(books, command, us=us, now_s=now_s))
        case CancelPayment():
            return (yield from payer.cancel(books, command))
        case ExpireDue():
            late = yield from payer.expire(books, now_s=now_s)
            silent = yield from payee.expire(books, now_s=now_s)
            return late + silent
        case ProposeTerms():
            return (yield from line_terms.propose(books, command, us=us))
        case AnswerTerms():
            return (yield from _answer(books, command, now_s=now_s))
        case Quarantine():
            yield _quarantine(command.line, command.n, command.code, now_s=now_s)
            return None


def _answer(books: Books, command: AnswerTerms, *, now_s: int) -> Generator[Draft, str, Any]:
    answer = yield from line_terms.answer(books, command)
    if isinstance(answer, Refusal):
        return answer
    yield from line_terms.clearing_account(books, books.lines[command.line], now_s=now_s)
    return books.lines[command.line]


def receive(
    books: Books, command: ReceiveEvents, *, us: str, now_s: int
) -> Generator[Draft, str, Received | Refusal]:
    """Take in a partner's events one by one, answering each before the next.

    Signature, `prev`, `n` and size decide what enters the chain; nothing else can stop an event.
    What is there already is skipped; a gap or a wrong `prev` ends the batch there.
    """
    refusal = _stranger(books, command)
    if refusal is not None:
        return refusal
    taken: list[ReceivedEvent] = []
    for event in command.events:
        line = books.lines.get(command.line)
        in_n, in_id = (0, "") if line is None else (line.in_n, line.in_id)
        if event.n <= in_n:
            continue  # a repetition; whether it is the same one was compared with the inbox before
        refusal = _out_of_place(event, in_n, in_id)
        if refusal is not None:
            break
        crossed = line is not None and line.own_proposal is not None
        fold_received(books, us, event.id, event.core)
        taken.append(event)
        code = yield from _answered(books, event, crossed=crossed, now_s=now_s)
        if code and not books.lines[command.line].quarantined:
            yield _quarantine(command.line, event.n, code, now_s=now_s)
    line = books.lines.get(command.line)
    return Received(0 if line is None else line.in_n, tuple(taken), refusal)


def _stranger(books: Books, command: ReceiveEvents) -> Refusal | None:
    line = books.lines.get(command.line)
    if line is not None:
        mine = line.peer == command.peer
        return None if mine else Refusal(Code.LINE_OTHER, {"field": "line"})
    if not command.known:
        return Refusal(Code.PEER_UNKNOWN, {"field": "peer"})
    if not command.events or not isinstance(command.events[0].core, cores.TermsPropose):
        return Refusal(Code.LINE_GAP, {"field": "n", "expected": 1})
    return None


def _out_of_place(event: ReceivedEvent, in_n: int, in_id: str) -> Refusal | None:
    if event.n != in_n + 1:
        return Refusal(Code.LINE_GAP, {"field": "n", "expected": in_n + 1})
    if (event.core.prev or "") != in_id:
        return Refusal(Code.LINE_PREV, {"field": "prev"})
    return None


def _answered(
    books: Books, event: ReceivedEvent, *, crossed: bool, now_s: int
) -> Generator[Draft, str, str]:
    core = event.core
    line: Line = books.lines[core.line]
    match core:
        case cores.PayPrepare():
            return (yield from payee.prepared(books, line, event, core, now_s=now_s))
        case cores.PayAccept():
            return (yield from payer.accepted(books, line, event.id, core, now_s=now_s))
        case cores.PayCommit():
            return (yield from payee.committed(books, line, event, core))
        case cores.PayReceipt():
            return payer.receipted(books, line, core)
        case cores.PayReject():
            return (yield from payer.rejected(books, line, core))
        case cores.PayAbort():
            return (yield from payee.aborted(books, line, core))
        case cores.TermsPropose():
            return (yield from line_terms.proposed(books, line, core, crossed=crossed))
        case cores.TermsAccept():
            yield from line_terms.clearing_account(books, line, now_s=now_s)
            return ""
        case _:
            return ""


def _quarantine(line: str, n: int, code: str, *, now_s: int) -> LocalDraft:
    return LocalDraft(LineQuarantined(v=1, at_s=now_s, line=line, n=n, code=code))
