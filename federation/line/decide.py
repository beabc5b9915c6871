"""The rules of a line in one place: a command in, events or a refusal out (design section 4).

Pure: the books, the time and the facts come in as arguments. A simulator runs it unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from federation.line import closing, life, payee, payer, requests
from federation.line import terms as line_terms
from federation.line.claims import CLAIM_DIFFERS, claim_holds
from federation.line.commands import (
    AnswerTerms,
    CancelPayment,
    CloseLine,
    ConsentToRequest,
    DeclineRequest,
    EndQuarantine,
    ExpireDue,
    Forget,
    Freeze,
    FreezeWhoIsWrong,
    LowerLimit,
    ProposeTerms,
    Quarantine,
    ReceiveEvents,
    RequestPayment,
    ReversePayment,
    SendHeads,
    SendNote,
    StartPayment,
    Unfreeze,
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


class FoundVerdicts(NamedTuple):
    """Two decisions of the partner for one path: where they stand in its chain."""

    path: str
    n: int


class Received(NamedTuple):
    """What became of a partner's events: how far its chain goes now, and what was wrong."""

    in_n: int
    taken: tuple[ReceivedEvent, ...]
    refusal: Refusal | None = None
    findings: tuple[FoundVerdicts, ...] = ()


def decide(
    books: Books, command: LineCommand, *, us: str, now_s: int
) -> Generator[Draft, str, Any]:
    """Decide one command. Yields events, receives the id of each; returns answer or refusal."""
    match command:
        case StartPayment() | ReversePayment() | ConsentToRequest():
            return (yield from payer.start(books, command, now_s=now_s))
        case ReceiveEvents():
            return (yield from receive(books, command, us=us, now_s=now_s))
        case ExpireDue():
            return (yield from _expire(books, now_s=now_s))
        case CancelPayment():
            return (yield from payer.cancel(books, command))
        case RequestPayment():
            return (yield from requests.request(books, command, now_s=now_s))
        case DeclineRequest():
            return (yield from requests.decline(books, command))
        case SendNote():
            return (yield from life.send_note(books, command))
        case _:
            return (yield from _decide_life(books, command, us=us, now_s=now_s))


def refused(books: Books, command: LineCommand, *, us: str, now_s: int) -> Refusal | None:
    """Tell whether a command would be refused now, by asking its rule; nothing is appended."""
    steps = decide(books, command, us=us, now_s=now_s)
    try:
        next(steps)
    except StopIteration as end:
        return end.value if isinstance(end.value, Refusal) else None
    steps.close()
    return None


def _decide_life(
    books: Books, command: LineCommand, *, us: str, now_s: int
) -> Generator[Draft, str, Any]:
    """Decide what coordinators and the node itself do with a line."""
    match command:
        case ProposeTerms():
            return (yield from line_terms.propose(books, command, us=us))
        case AnswerTerms():
            return (yield from line_terms.answer(books, command, now_s=now_s))
        case LowerLimit():
            return (yield from life.lower_limit(books, command))
        case Freeze():
            return (yield from life.freeze(books, command))
        case Unfreeze():
            return (yield from life.unfreeze(books, command))
        case CloseLine():
            return (yield from closing.close(books, command))
        case SendHeads():
            return (yield from life.send_heads(books, command))
        case Forget():
            return (yield from life.forget(books, command))
        case EndQuarantine():
            return (yield from life.end_quarantine(books, command, now_s=now_s))
        case FreezeWhoIsWrong():
            yield from life.freeze_who_is_wrong(books, command.line, command.refused, now_s=now_s)
            return None
        case Quarantine():
            yield _quarantine(command.line, command.n, command.code, now_s=now_s)
            return None
    raise AssertionError(command)


def _expire(books: Books, *, now_s: int) -> Generator[Draft, str, int]:
    late = yield from payer.expire(books, now_s=now_s)
    silent = yield from payee.expire(books, now_s=now_s)
    asked = yield from requests.expire(books, now_s=now_s)
    yield from closing.follow(books)
    return late + silent + asked


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
    findings: list[FoundVerdicts] = []
    for event in command.events:
        line = books.lines.get(command.line)
        in_n, in_id = (0, "") if line is None else (line.in_n, line.in_id)
        if event.n <= in_n:
            continue  # a repetition; whether it is the same one was compared with the inbox before
        refusal = _out_of_place(event, in_n, in_id)
        if refusal is not None:
            break
        fold_received(books, us, event.id, event.core)
        taken.append(event)
        code = yield from _answered(books, event, before=line, now_s=now_s)
        if code == payee.TWO_VERDICTS:
            findings.append(FoundVerdicts(getattr(event.core, "path", ""), event.n))
        if code and not books.lines[command.line].quarantined:
            yield _quarantine(command.line, event.n, code, now_s=now_s)
    if taken:
        yield from life.freeze_who_is_wrong(books, command.line, now_s=now_s)
        yield from closing.follow(books)
    line = books.lines.get(command.line)
    in_n = 0 if line is None else line.in_n
    return Received(in_n, tuple(taken), refusal, tuple(findings))


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
    books: Books, event: ReceivedEvent, *, before: Line | None, now_s: int
) -> Generator[Draft, str, str]:
    """Answer one event that has entered the chain; gives a code when it cannot be."""
    line = books.lines[event.core.line]
    before = before or line
    if isinstance(event.core, cores.UnknownCore):
        return "event_malformed" if event.core.type in cores.KNOWN_TYPES else ""
    code = yield from _answer_payment(books, line, event, event.core, now_s=now_s)
    if code is None:
        code = yield from _answer_life(books, before, event.core, now_s=now_s)
    if not code and not claim_holds(before, line, event.core):
        return CLAIM_DIFFERS
    return code


def _answer_payment(
    books: Books, line: Line, event: ReceivedEvent, core: cores.LineEvent, *, now_s: int
) -> Generator[Draft, str, str | None]:
    """Answer what is about a payment; nothing when it is not."""
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
            return (yield from payee.aborted(books, line, event, core))
        case cores.PayRequest():
            return (yield from requests.requested(books, line, event, core, now_s=now_s))
        case _:
            return None


def _answer_life(
    books: Books, before: Line, core: cores.LineEvent, *, now_s: int
) -> Generator[Draft, str, str]:
    """Answer what is about the line itself."""
    match core:
        case cores.TermsPropose():
            yield from line_terms.proposed(books, before, core)
        case cores.TermsAccept():
            if books.lines[core.line].terms is before.terms:
                return "accept_without_proposal"
            yield from line_terms.in_force(
                books, core.line, old_account=before.old_account, now_s=now_s
            )
        case cores.TermsRefuse():
            yield from line_terms.refused(books, before, core)
        case _:
            pass
    return ""


def _quarantine(line: str, n: int, code: str, *, now_s: int) -> LocalDraft:
    return LocalDraft(LineQuarantined(v=1, at_s=now_s, line=line, n=n, code=code))
