"""What the roles of a group are called, and what each lets somebody do. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from federation.words.texts import later
from schemas.member_bodies import Role


class RoleWords(NamedTuple):
    """A role's name inside a sentence, and what one may do by it."""

    name: str
    about: str


ROLES: Final = {
    Role.COORDINATOR: RoleWords(
        later("kerngroeplid"),
        later(
            "Alles van de groep: leden, taken, limieten, meldingen, andere groepen, en handelen in "
            "naam van een lid. Wat je van anderen bekijkt of aanpast, lezen zij na."
        ),
    ),
    Role.TREASURER: RoleWords(
        later("penningmeester"),
        later("Boeken voor velen tegelijk, en alle saldo's en boekingen zien."),
    ),
    Role.EDITOR: RoleWords(
        later("redacteur"),
        later(
            "Nieuws, agenda, documenten, bladzijden, de nieuwsbrief, rubrieken, kleur en logo, en "
            "een vraag of aanbod verbergen met een reden."
        ),
    ),
    Role.AUDITOR: RoleWords(
        later("nazichter"), later("Alle saldo's en boekingen zien, en niets aanpassen.")
    ),
}
"""In the order in which pages list them."""
