"""The rules of agreeing in one place: a command in, events or a refusal out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.group import activities, agreeing, messages, partner_reversals, partners, requests
from federation.group.partner_commands import PartnerCommand, ReverseTrade

if TYPE_CHECKING:
    from collections.abc import Container, Generator

    from federation.line.drafts import Draft
    from projections.books import Books

AGREEING_COMMANDS = frozenset(agreeing.AgreeingCommand.__args__)


def decide(
    books: Books,
    command: agreeing.AgreeingCommand,
    *,
    now_s: int,
    used: Container[bytes] = frozenset(),
) -> Generator[Draft, str, Any]:
    """Decide one command. Yields events, receives the id of each; returns answer or refusal.

    `used` are the keys of what was done before, those that the command names among them.
    """
    match command:
        case agreeing.WriteMessage():
            return (yield from messages.write(books, command, now_s=now_s))
        case agreeing.BlockMember():
            return (yield from messages.block(books, command, now_s=now_s))
        case agreeing.MakeReport():
            return (yield from messages.report(books, command, now_s=now_s))
        case agreeing.HandleReport():
            return (yield from messages.handle_report(command, now_s=now_s))
        case agreeing.GiveThanks():
            return (yield from messages.thank(books, command, now_s=now_s))
        case agreeing.PlaceActivity():
            return (yield from activities.place(books, command, now_s=now_s))
        case agreeing.CancelActivity():
            return (yield from activities.cancel(books, command, now_s=now_s))
        case agreeing.JoinActivity():
            return (yield from activities.join(books, command, now_s=now_s))
        case _:
            return (yield from _decide_units(books, command, now_s=now_s, used=used))


def _decide_units(
    books: Books, command: agreeing.AgreeingCommand, *, now_s: int, used: Container[bytes]
) -> Generator[Draft, str, Any]:
    """Decide what asks for units, gives them, or gives them back."""
    match command:
        case agreeing.AskPayment():
            return (yield from requests.ask(books, command, now_s=now_s))
        case agreeing.AskBack():
            return (yield from requests.ask_back(books, command, now_s=now_s))
        case agreeing.ConsentToAsked():
            return (yield from requests.consent(books, command, now_s=now_s, used=used))
        case agreeing.DeclineAsked():
            return (yield from requests.decline(books, command, now_s=now_s))
        case agreeing.ReverseBooking():
            return (yield from requests.reverse(books, command, now_s=now_s))
        case agreeing.SpreadUnits():
            return (yield from requests.spread(books, command, now_s=now_s))
        case agreeing.ExpireAsked():
            return (yield from requests.expire(books, now_s=now_s))
        case ReverseTrade():
            return (yield from partner_reversals.reverse(books, command, now_s=now_s))
        case _ if isinstance(command, PartnerCommand):
            return (yield from partners.decide(books, command, now_s=now_s))
    raise AssertionError(command)
