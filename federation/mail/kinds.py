"""The kinds of mail: what each is about, in words, and what may be done with it. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.words.texts import later

if TYPE_CHECKING:
    from federation.words.texts import Texts


class MailKind(StrEnum):
    """What a mail is about; people choose by kind."""

    LOGIN = "login"
    ASKED = "asked"
    BOOKED = "booked"
    REFUSED = "refused"
    EXPIRED = "expired"
    REVERSED = "reversed"
    ANSWERED = "answered"
    ENDING = "ending"
    THANKED = "thanked"
    TOGETHER = "together"
    REPORTED = "reported"
    ADDRESS_MARKED = "address_marked"


class KindWords(NamedTuple):
    """How a kind is called where somebody chooses, and what it says in one sentence."""

    name: str
    about: str


WORDS: Final = {
    MailKind.LOGIN: KindWords(
        later("Aanmelden"), later("De link en de code waarmee je je aanmeldt.")
    ),
    MailKind.ASKED: KindWords(
        later("Vragen aan mij"), later("Iemand vraagt of stelt iets voor en wacht op jou.")
    ),
    MailKind.BOOKED: KindWords(
        later("Geboekt"), later("Een ruil met jou is aangevraagd, geboekt of bevestigd.")
    ),
    MailKind.REFUSED: KindWords(
        later("Geweigerd"), later("Een ruil met jou ging niet door, met de reden.")
    ),
    MailKind.EXPIRED: KindWords(
        later("Vervallen"), later("Een vraag van of aan jou kreeg op tijd geen antwoord.")
    ),
    MailKind.REVERSED: KindWords(
        later("Teruggedraaid"), later("Een ruil met jou is teruggedraaid.")
    ),
    MailKind.ANSWERED: KindWords(later("Berichten"), later("Iemand schreef je in een gesprek.")),
    MailKind.ENDING: KindWords(
        later("Vraag of aanbod loopt af"),
        later("Een week voor iets van jou afloopt, met een knop om het te verlengen."),
    ),
    MailKind.THANKED: KindWords(later("Bedankjes"), later("Iemand bedankt je.")),
    MailKind.TOGETHER: KindWords(
        later("Samen doen"),
        later("Iemand komt mee met wat jij plant, of waar jij aan meedoet verandert of begint."),
    ),
    MailKind.REPORTED: KindWords(
        later("Meldingen"),
        later("Voor de kerngroep: een lid vertelt dat er iets niet in orde is."),
    ),
    MailKind.ADDRESS_MARKED: KindWords(
        later("Mailadres werkt niet"),
        later("Voor de kerngroep: mails aan een lid komen niet aan."),
    ),
}
AT_ONCE: Final = frozenset({MailKind.LOGIN})
"""Sent at any hour: somebody waits for it. The others wait until the morning."""
ALWAYS: Final = frozenset({MailKind.LOGIN})
"""Nobody can do without: not a matter of choice, so without a link to stop it.

They go to an address from which mails came back, too: whoever asks for one would be locked out.
"""
FOR_COORDINATORS: Final = frozenset({MailKind.REPORTED, MailKind.ADDRESS_MARKED})


def words_of(kind: MailKind, texts: Texts) -> KindWords:
    """Give the words about a kind in a language."""
    words = WORDS[kind]
    return KindWords(texts.say(words.name), texts.say(words.about))


def choosable(*, coordinator: bool) -> tuple[MailKind, ...]:
    """Give the kinds that somebody may switch on and off, in their order."""
    kinds = [kind for kind in MailKind if kind not in ALWAYS]
    return tuple(kind for kind in kinds if coordinator or kind not in FOR_COORDINATORS)
