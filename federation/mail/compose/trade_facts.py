"""The facts of a trade as its mails need them, and the sentences that several share. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.mail.addresses import name_in_text, paragraph
from federation.mail.letter import words_for
from federation.words.amounts import amount
from schemas.amounts import Unit

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Recipient

QUOTE_LENGTH_MAX: Final = 600


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade as the person who is mailed sees it: the own unit first, the other's second."""

    id: str
    """Stands in the address of its page, `/trades/{id}`."""
    other: str
    """The name of the other person."""
    other_group: str = ""
    """Empty in the own group."""
    named: bool = True
    """False when `other` is no name: it then says already of which group it is."""
    amount_minor: int
    """In the unit of who is mailed; more than zero."""
    other_minor: int | None = None
    other_unit: Unit | None = None
    """What it is for the other, when that group has another unit."""
    description: str = ""

    def name(self) -> str:
        """Give the name of the other, fit for a sentence."""
        return name_in_text(self.other)

    def who(self) -> str:
        """Give the other with the group behind it: `Marc (LETS Leuven)`."""
        group = name_in_text(self.other_group) if self.named else ""
        return f"{self.name()} ({group})" if group else self.name()

    def quote(self) -> str:
        """Give what was written with it."""
        return paragraph(self.description, QUOTE_LENGTH_MAX)

    def page(self, desk: Desk) -> str:
        """Give the address of its page."""
        return desk.page(f"/trades/{self.id}")

    def mine(self, desk: Desk, to: Recipient) -> str:
        """Write the amount in the unit of who is mailed."""
        return amount(self.amount_minor, desk.unit, to.language)

    def theirs(self, to: Recipient) -> str:
        """Write the amount in the other's unit; empty when it is the same."""
        if self.other_minor is None or self.other_unit is None:
            return ""
        return amount(self.other_minor, self.other_unit, to.language)


def balance_words(balance_minor: int, desk: Desk, to: Recipient) -> str:
    """Say where somebody stands; below zero is as ordinary as above."""
    written = amount(balance_minor, desk.unit, to.language)
    return words_for(to).say("Je saldo is nu %(amount)s. Dat is in orde.", amount=written)


def becomes_words(balance_minor: int, desk: Desk, to: Recipient) -> str:
    """Say what the balance becomes, before anything is booked."""
    written = amount(balance_minor, desk.unit, to.language)
    return words_for(to).say("Je saldo wordt %(amount)s. Dat is in orde.", amount=written)
