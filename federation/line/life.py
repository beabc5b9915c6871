"""A line's life beside its terms: limits lowered alone, pauses, heads, notes (design section 4).

Each is said by one side alone and stands in its own chain; none touches what is owed or under way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.group.members import is_coordinator
from federation.line.drafts import LineDraft, LocalDraft
from projections.lines import granted_by_us
from schemas import cores
from schemas.bodies import NoteBody, QuarantineEnded
from schemas.core_parts import FreezeReason
from schemas.errors import Code, Refusal
from schemas.line_cores import FORGETS_MAX

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line import commands
    from federation.line.drafts import Draft
    from projections.books import Books
    from projections.lines import Line

FAULTS_MAX: Final = 20
"""So much in one day that a partner should not have sent, and it is frozen."""
HEADS_EVERY_S: Final = 24 * 3600


def agreed(books: Books, name: str) -> Line | Refusal:
    """Give a line that has terms and that we have not closed; else `line_not_open`."""
    line = books.lines.get(name)
    if line is None or line.terms is None or line.own_closed:
        return Refusal(Code.LINE_NOT_OPEN, {"field": "line"})
    return line


def lower_limit(books: Books, command: commands.LowerLimit) -> Generator[Draft, str, Any]:
    """Lower how much the other group may owe us. What is owed already stays owed.

    The same limit again gives the same answer. Refuses `line_not_open`, and `limit_not_lower`
    when it would raise: that takes both.
    """
    line = agreed(books, command.line)
    if isinstance(line, Refusal):
        return line
    granted = granted_by_us(line)
    if command.grants_units == granted:
        return line
    if not 0 <= command.grants_units < granted:
        return Refusal(Code.LIMIT_NOT_LOWER, {"field": "limit", "possible_units": granted})
    yield LineDraft(
        line=line.line, core=cores.LineLimit, fields={"grants_units": command.grants_units}
    )
    return books.lines[line.line]


def freeze(books: Books, command: commands.Freeze) -> Generator[Draft, str, Any]:
    """Admit no new trades. Frozen for the same reason already: the same answer again."""
    line = agreed(books, command.line)
    if isinstance(line, Refusal) or line.own_frozen == command.reason:
        return line
    yield _frozen(line, command.reason)
    return books.lines[line.line]


def unfreeze(books: Books, command: commands.Unfreeze) -> Generator[Draft, str, Any]:
    """Admit new trades again; nothing happens when they are."""
    line = agreed(books, command.line)
    if isinstance(line, Refusal) or not line.own_frozen:
        return line
    yield LineDraft(line=line.line, core=cores.LineUnfreeze, fields={})
    return books.lines[line.line]


def admits(line: Line) -> bool:
    """Tell whether there is anything that a freeze of ours would stop."""
    return line.terms is not None and not (line.own_frozen or line.own_closed)


def wrong_too_often(line: Line, refused: int, *, now_s: int) -> bool:
    """Tell whether a partner was wrong too often today: in events, and in `refused` batches."""
    return admits(line) and line.faults.on(now_s) + refused >= FAULTS_MAX


def freeze_who_is_wrong(
    books: Books, name: str, refused: int = 0, *, now_s: int
) -> Generator[Draft, str, None]:
    """Freeze, with the reason, a partner that was wrong too often today."""
    line = books.lines[name]
    if wrong_too_often(line, refused, now_s=now_s):
        yield _frozen(line, FreezeReason.TOO_MANY_ERRORS)


def _frozen(line: Line, reason: FreezeReason) -> LineDraft:
    return LineDraft(line=line.line, core=cores.LineFreeze, fields={"reason": reason})


def heads_due(line: Line, *, now_s: int) -> bool:
    """Tell whether it is time to tell the partner where our books stand."""
    moved = line.out_n > line.heads.out_n or line.in_n > line.heads.in_n
    return bool(line.terms) and moved and now_s >= line.heads.at_s + HEADS_EVERY_S


def send_heads(books: Books, command: commands.SendHeads) -> Generator[Draft, str, Any]:
    """Tell the partner what we committed, credited and owe. Refuses `line_not_open`."""
    line = books.lines.get(command.line)
    if line is None or line.terms is None:
        return Refusal(Code.LINE_NOT_OPEN, {"field": "line"})
    yield LineDraft(
        line=line.line,
        core=cores.LineHeads,
        fields={
            "paid": line.paid_units,
            "credited": line.credited_units,
            "balance": line.balance_units,
        },
    )
    return books.lines[line.line]


def send_note(books: Books, command: commands.SendNote) -> Generator[Draft, str, Any]:
    """Send a message of a thread; also while trades are frozen. Refuses `line_not_open`.

    Gives the line: its newest own event is the note.
    """
    line = agreed(books, command.line)
    if isinstance(line, Refusal):
        return line
    if line.quarantined:
        return Refusal(Code.LINE_NOT_OPEN, {"field": "line"})
    yield LineDraft(
        line=line.line,
        core=cores.LineNote,
        fields={},
        body=NoteBody(
            v=1,
            account=command.account,
            thread=command.peer.thread,
            thanks=command.peer.thanks is not None,
        ),
        peer=command.peer,
        subject=command.subject,
    )
    return books.lines[line.line]


def forget(books: Books, command: commands.Forget) -> Generator[Draft, str, Any]:
    """Oblige both sides to drop texts; also on a closed line. Refuses `not_found`, `too_large`."""
    if command.line not in books.lines:
        return Refusal(Code.NOT_FOUND, {"field": "line"})
    if not 1 <= len(command.forgets) <= FORGETS_MAX:
        return Refusal(Code.TOO_LARGE, {"field": "forgets", "limit": FORGETS_MAX})
    yield LineDraft(line=command.line, core=cores.LineForget, fields={"forgets": command.forgets})
    return books.lines[command.line]


def end_quarantine(
    books: Books, command: commands.EndQuarantine, *, now_s: int
) -> Generator[Draft, str, Any]:
    """Let a line admit trades again after a person has looked.

    Refuses `not_found`, and `not_coordinator` for who is named and may not lead the group; nobody
    named stands for whoever runs the node.
    """
    line = books.lines.get(command.line)
    if line is None:
        return Refusal(Code.NOT_FOUND, {"field": "line"})
    if not is_coordinator(books, command.entered_by):
        return Refusal(Code.NOT_COORDINATOR, {"field": "coordinator"})
    if line.quarantined:
        yield LocalDraft(
            QuarantineEnded(v=1, at_s=now_s, line=line.line, entered_by=command.entered_by)
        )
    return books.lines[line.line]
