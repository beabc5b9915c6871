"""What is in doubt between two groups, in plain words for coordinators, by the doctor's codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.node.line_doctor import Doubt
from federation.words.texts import later
from schemas.core_parts import FreezeReason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.node.line_doctor import Advice

WORDS: Final = {
    Doubt.QUARANTINED: later(
        "Opzijgezet: wat de andere groep stuurde, kan niet kloppen. Spreek met hun kerngroep."
    ),
    Doubt.PROPOSAL_WAITS: later("De andere groep stelt afspraken voor en wacht op ons antwoord."),
    Doubt.PROPOSED: later("Ons voorstel wacht op hun antwoord."),
    Doubt.FROZEN_BY_US: later("Wij laten voorlopig geen nieuwe ruil toe. Wat loopt, loopt door."),
    Doubt.FROZEN_BY_THEM: later(
        "De andere groep laat voorlopig geen nieuwe ruil toe. Wat loopt, loopt door."
    ),
    Doubt.CLOSING: later("Eén kant heeft de koppeling gesloten. De andere volgt vanzelf."),
    Doubt.WE_OWE_MUCH: later(
        "Wij kregen bijna zoveel als mag. Zoek wat we voor hen kunnen doen, of spreek een hogere "
        "limiet af."
    ),
    Doubt.THEY_OWE_MUCH: later(
        "Zij kregen bijna zoveel als mag. Zoek wat zij voor ons kunnen doen, of spreek een hogere "
        "limiet af."
    ),
    Doubt.PARTNER_LEFT: later("De andere groep staat niet meer in het register. Spreek met hen."),
    Doubt.RELEASES_NOTHING: later(
        "Er wacht iets: onze server stuurt nog niets, tot de anderen hebben geantwoord."
    ),
    Doubt.SILENT: later(
        "De andere groep antwoordt al langer dan een dag niet. We proberen het vanzelf opnieuw; "
        "vraag hun kerngroep of alles goed gaat."
    ),
    Doubt.ON_ITS_WAY: later("Er is iets naar hen onderweg. Dat gaat vanzelf."),
    Doubt.HELD: later("Een ruil wacht op hun groep. Lukt het niet op tijd, dan gaat alles terug."),
    Doubt.COMMITTED: later("Een ruil is geboekt. Zij zien hem zodra ze weer bereikbaar zijn."),
    Doubt.ACCEPTED: later("Wij zeiden ja op een ruil. Hun groep moet hem nog boeken."),
    Doubt.VERDICT_LATE: later("Hun groep zei nog niet of een ruil geboekt is. Dat komt vanzelf."),
    Doubt.SILENT_VERDICT: later(
        "Al een week weten we niet of een ruil geboekt is. Hun kerngroep kan het nakijken."
    ),
    Doubt.REQUESTED: later("Er is een ruil gevraagd. De andere kant kan nog ja of nee zeggen."),
    Doubt.CONSENT_WAITS: later("Een lid van ons is gevraagd om te geven, en kan ja zeggen."),
}
PAUSES: Final = {
    FreezeReason.COORDINATOR: later("De kerngroep heeft dit zo beslist"),
    FreezeReason.MAINTENANCE: later("Er wordt aan de server gewerkt"),
    FreezeReason.TOO_MANY_ERRORS: later("Er ging te veel mis"),
    FreezeReason.FINDINGS: later("Er is iets dat eerst opgehelderd moet worden"),
}


def doubts(found: Iterable[Advice]) -> list[tuple[str, int]]:
    """Give each sentence once, with how often it holds, in the order of the doctor."""
    counted: dict[str, int] = {}
    for advice in found:
        words = WORDS[advice.code]
        counted[words] = counted.get(words, 0) + 1
    return list(counted.items())
