"""What commands and received events are about: a request, a booking, a member of ours."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from federation.group import agreeing
from federation.group.board import BoardCommand
from federation.group.collective import CollectiveCommand, ReverseCollective
from federation.group.decide_agreeing import AGREEING_COMMANDS
from federation.group.member_commands import ContentCommand, MemberCommand, PostCommand
from federation.group.partner_commands import ConfirmTrade, ReverseTrade
from federation.line.commands import SendNote
from projections import tables_agreeing
from schemas.encoding import encode
from schemas.openings import NoteText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.line.commands import ReceivedEvent

_BESIDE: Final = frozenset({"other_ids", "seen_seq"})
"""Fields that are no part of what a command says."""
_BY_KIND: Final = frozenset(
    (
        *AGREEING_COMMANDS,
        *MemberCommand.__args__,
        *PostCommand.__args__,
        *ContentCommand.__args__,
        *BoardCommand.__args__,
        *CollectiveCommand.__args__,
        SendNote,
    )
)
_NAMES_ORIGINAL: Final = (
    agreeing.ReverseBooking,
    agreeing.AskBack,
    ReverseCollective,
    ReverseTrade,
)


def sameness(command: Any) -> bytes:
    """Give a digest by which a command that has a key is the same again.

    Those about members are told apart by their kind too: their shapes are alike, and without the
    kind taking a role would be the repetition of giving it. What a message tells about its sender
    beside its words may have changed meanwhile. Which other ids a booking must not meet is no part
    of what is booked, nor what a text was made of a part of what it says.
    """
    if isinstance(command, SendNote):
        command = command._replace(peer=replace(command.peer, name="", contacts=()))
    parts = zip(command._fields, command, strict=True)
    said = encode([part for name, part in parts if name not in _BESIDE])
    if type(command) in _BY_KIND:
        said = type(command).__name__.encode() + b"\n" + said
    return sha256(said).digest()


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
    kinds = (agreeing.ConsentToAsked, agreeing.DeclineAsked, ConfirmTrade)
    return [command.request for command in commands if isinstance(command, kinds)]


def other_ids(commands: Sequence[Any]) -> list[str]:
    """Name the other ids of proposals that commands book."""
    return [one for command in commands for one in getattr(command, "other_ids", ())]


def bookings(commands: Sequence[Any]) -> list[int]:
    """Name the bookings inside the group that commands are about, by their place in the log."""
    found: list[int] = []
    for command in commands:
        if isinstance(command, _NAMES_ORIGINAL):
            found.append(command.original)
        elif isinstance(command, agreeing.GiveThanks):
            found.append(command.trade)
    return found
