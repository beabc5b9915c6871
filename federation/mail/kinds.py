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
    GROUP = "group"
    DIGEST = "digest"
    REPORTED = "reported"
    ADDRESS_MARKED = "address_marked"
    NEWSLETTER_ASKED = "newsletter_asked"
    NEWSLETTER = "newsletter"
    PARTNER_ASKED = "partner_asked"
    PARTNER_MONTH = "partner_month"
    PARTNER_REVERSED = "partner_reversed"
    JOINING = "joining"
    CLOSING = "closing"
    LEFT = "left"
    HIDDEN = "hidden"
    ROLE = "role"


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
    MailKind.GROUP: KindWords(
        later("Van de kerngroep"), later("De kerngroep schrijft aan leden van de groep.")
    ),
    MailKind.DIGEST: KindWords(
        later("Overzichtsmail"),
        later("Wat er nieuw is in de groep en in de buurt, elke week of elke maand."),
    ),
    MailKind.REPORTED: KindWords(
        later("Meldingen"),
        later("Voor de kerngroep: een lid vertelt dat er iets niet in orde is."),
    ),
    MailKind.ADDRESS_MARKED: KindWords(
        later("Mailadres werkt niet"),
        later("Voor de kerngroep: mails aan een lid komen niet aan."),
    ),
    MailKind.NEWSLETTER_ASKED: KindWords(
        later("Nieuwsbrief gevraagd"), later("De link waarmee iemand zegt dat het adres klopt.")
    ),
    MailKind.NEWSLETTER: KindWords(
        later("Nieuwsbrief"), later("Voor wie erom vroeg, lid of niet.")
    ),
    MailKind.PARTNER_ASKED: KindWords(
        later("Ruilen om te bevestigen"),
        later("Voor wie een andere groep bereikbaar houdt: klopt deze ruil?"),
    ),
    MailKind.PARTNER_MONTH: KindWords(
        later("Maandoverzicht"),
        later("Voor wie een andere groep bereikbaar houdt: klopt deze maand?"),
    ),
    MailKind.PARTNER_REVERSED: KindWords(
        later("Ruil teruggedraaid"),
        later("Voor wie een andere groep bereikbaar houdt: een bevestigde ruil geldt niet meer."),
    ),
    MailKind.JOINING: KindWords(
        later("Lid worden"), later("Je vroeg om lid te worden: bevestigen, en het antwoord.")
    ),
    MailKind.CLOSING: KindWords(
        later("De groep stopt"), later("De link naar al je gegevens, als de groep stopt.")
    ),
    MailKind.LEFT: KindWords(
        later("Gegevens gewist"),
        later("Je bent al lang weg uit de groep: wanneer je gegevens gewist worden."),
    ),
    MailKind.HIDDEN: KindWords(
        later("Verborgen en weer getoond"),
        later("De kerngroep verbergt iets van jou, met de reden, of toont het weer."),
    ),
    MailKind.ROLE: KindWords(
        later("Taken in de groep"), later("Je krijgt een taak in de groep, of hebt ze niet meer.")
    ),
}
AT_ONCE: Final = frozenset({MailKind.LOGIN, MailKind.JOINING, MailKind.NEWSLETTER_ASKED})
"""Sent at any hour: somebody waits for it. The others wait until the morning."""
ALWAYS: Final = frozenset(
    {
        *(MailKind.LOGIN, MailKind.JOINING, MailKind.NEWSLETTER_ASKED),
        *(MailKind.CLOSING, MailKind.LEFT),
    }
)
"""Nobody can do without: not a matter of choice, so without a link to stop it.

They go to an address from which mails came back, too: whoever asks for one would be locked out.
"""
FOR_ANYBODY: Final = frozenset({MailKind.NEWSLETTER_ASKED, MailKind.NEWSLETTER})
"""Asked for with an address alone, and stopped by their own link: no choice of a member's."""
FOR_PARTNERS: Final = frozenset(
    {MailKind.PARTNER_ASKED, MailKind.PARTNER_MONTH, MailKind.PARTNER_REVERSED}
)
"""To the contact of a group without a node, who has no page of choices here."""
FOR_COORDINATORS: Final = frozenset({MailKind.REPORTED, MailKind.ADDRESS_MARKED})


def words_of(kind: MailKind, texts: Texts) -> KindWords:
    """Give the words about a kind in a language."""
    words = WORDS[kind]
    return KindWords(texts.say(words.name), texts.say(words.about))


def choosable(*, coordinator: bool) -> tuple[MailKind, ...]:
    """Give the kinds that somebody may switch on and off, in their order."""
    kinds = [kind for kind in MailKind if kind not in ALWAYS | FOR_ANYBODY | FOR_PARTNERS]
    return tuple(kind for kind in kinds if coordinator or kind not in FOR_COORDINATORS)
