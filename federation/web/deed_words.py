"""What coordinators do with a line, in plain words: its name, what it does, what the others do."""

from __future__ import annotations

from typing import Final

from federation.node.line_deeds import Deed, Measure
from federation.words.texts import later

OFFERS: Final = {
    Deed.LIMIT: later("De grens voor hen verlagen"),
    Deed.TERMS: later("Andere afspraken voorstellen"),
    Deed.PAUSE: later("Even geen nieuwe ruil"),
    Deed.RESUME: later("Weer ruilen"),
    Deed.SETTLE: later("De stand op nul brengen"),
    Deed.CLOSE: later("De koppeling sluiten"),
    Deed.RELEASE: later("Nagekeken: weer ruilen"),
}
YES: Final = {
    Deed.LIMIT: later("Ja, verlaag de grens"),
    Deed.TERMS: later("Ja, stel dit voor"),
    Deed.PAUSE: later("Ja, pauzeer"),
    Deed.RESUME: later("Ja, ruil weer"),
    Deed.SETTLE: later("Ja, boek dit"),
    Deed.CLOSE: later("Ja, sluit de koppeling"),
    Deed.RELEASE: later("Ja, ik heb het nagekeken"),
}
ABOUT: Final = {
    Deed.LIMIT: later(
        "Verlagen kunnen we alleen. Wat ze al meer kregen, blijft staan; ze krijgen er alleen "
        "niets meer bij tot ze onder de grens zijn."
    ),
    Deed.TERMS: later(
        "Hogere grenzen en een ander tarief spreken beide groepen samen af. Wat er al geboekt is, "
        "verandert niet."
    ),
    Deed.PAUSE: later("Er kan geen nieuwe ruil beginnen. Wat loopt, loopt door."),
    Deed.RESUME: later("De pauze is voorbij."),
    Deed.SETTLE: later(
        "Onze groepsrekening geeft hun groepsrekening wat zij meer kregen. Daarna staan beide "
        "groepen gelijk. Terugdraaien kan alleen als zij het teruggeven."
    ),
    Deed.CLOSE: later(
        "Dit is voorgoed: wie later weer wil ruilen, spreekt opnieuw af. Wat geboekt is, blijft "
        "te zien."
    ),
    Deed.RELEASE: later(
        "Doe dit pas als je met hun kerngroep gesproken hebt. Jouw naam staat bij deze beslissing "
        "in het logboek."
    ),
}
THEY: Final = {
    Deed.LIMIT: later("De andere groep hoeft niets te doen: ze ziet de nieuwe grens vanzelf."),
    Deed.TERMS: later("De andere groep moet ja zeggen. Tot dan blijft alles zoals het nu is."),
    Deed.PAUSE: later("De andere groep hoeft niets te doen: ze ziet de pauze en de reden."),
    Deed.RESUME: later("De andere groep hoeft niets te doen: ze ziet dat het weer kan."),
    Deed.SETTLE: later("De andere groep hoeft niets te doen: haar server boekt dit vanzelf."),
    Deed.CLOSE: later("De andere groep hoeft niets te doen: haar kant sluit vanzelf."),
    Deed.RELEASE: later(
        "De andere groep merkt hier niets van. Heeft zij ons ook opzijgezet, dan moet ook haar "
        "kerngroep dit doen."
    ),
}
MEASURES: Final = {
    Measure.THEY_MAY_OWE: later("Zij mogen meer krijgen dan geven, tot"),
    Measure.THEY_OWE: later("Zij kregen meer dan ze gaven"),
    Measure.GROUP_ACCOUNT: later("Saldo van onze groepsrekening"),
}
LOSS: Final = later(
    "De andere groep is weg. Wat zij meer kreeg, neemt onze groepsrekening als verlies."
)
