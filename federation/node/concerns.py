"""What a command or a received event is about: which request, which booking, which member of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.group import agreeing
from projections import tables_agreeing
from schemas.openings import NoteText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.line.commands import ReceivedEvent


def received(event: ReceivedEvent, account: int, at_s: int) -> tables_agreeing.InboxMember:
    """Say which member a received note or request concerns, and what it is about."""
    core, text = event.core, event.peer
    assert text is not None  # it was opened
    kind, about, sender = "request", getattr(core, "path", ""), ""
    if isinstance(text, NoteText):
        kind, about, sender = "message", text.thread, text.sender
        if text.thanks is not None:
            kind, about = "public_thanks" if text.thanks.public else "thanks", text.thanks.trade
    else:
        sender = text.payee
    return tables_agreeing.InboxMember(core.line, event.n, account, kind, about, sender, at_s)


def requests(commands: Sequence[Any]) -> list[str]:
    """Name the requests inside the group that commands are about."""
    kinds = (agreeing.ConsentToAsked, agreeing.DeclineAsked)
    return [command.request for command in commands if isinstance(command, kinds)]


def bookings(commands: Sequence[Any]) -> list[int]:
    """Name the bookings inside the group that commands are about, by their place in the log."""
    found: list[int] = []
    for command in commands:
        if isinstance(command, agreeing.ReverseBooking | agreeing.AskBack):
            found.append(command.original)
        elif isinstance(command, agreeing.GiveThanks):
            found.append(command.trade)
    return found
