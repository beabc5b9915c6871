"""Nederlands: leden, hun huisgenoten en helpers, vraag en aanbod."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.NOT_YOURS: Words(
        "{field}: dit is van iemand anders.", "Vraag het aan dat lid, of aan de kerngroep."
    ),
    Code.NAMES_NOT_SHARED: Words(
        "{field}: deze groep zegt aan andere groepen geen namen.", "Vraag het aan de kerngroep."
    ),
    Code.PERSON_UNKNOWN: Words(
        "{field}: onder dit nummer meldt zich hier niemand aan.", "Kies iemand uit de lijst."
    ),
    Code.HELPER_SAME: Words("{field}: niemand kan zijn eigen helper zijn.", "Kies iemand anders."),
    Code.ALREADY_SO: Words("{field}: dit is al zo.", "Je hoeft niets meer te doen."),
    Code.MEMBERS_CHANGED: Words(
        "Intussen veranderde iemand iets bij deze leden.",
        "Kijk opnieuw naar wat er nu staat, en doe het opnieuw als je het nog wilt.",
    ),
    Code.LAST_COORDINATOR: Words(
        "{field}: dit is het enige lid van de kerngroep.",
        "Geef eerst iemand anders die taak.",
    ),
    Code.TOO_MANY: Words("{field}: meer dan {limit} kan niet.", "Haal eerst iets weg."),
    Code.TEXT_MISSING: Words("{field}: hier is niets ingevuld.", "Schrijf een paar woorden."),
    Code.MAIL_ADDRESS_INVALID: Words(
        "{field}: dit is geen mailadres.",
        "Kijk of er een @ ontbreekt of een spatie te veel staat, en schrijf het opnieuw.",
    ),
    Code.POST_UNKNOWN: Words("{field}: dit aanbod of deze vraag is hier niet.", "Zoek een ander."),
    Code.POST_ENDED: Words(
        "{field}: dit aanbod of deze vraag is voorbij.",
        "Zoek een ander; is het van jou, dan kun je het verlengen.",
    ),
    Code.POST_PAUSED: Words(
        "{field}: wie dit plaatste is even weg.", "Kom later terug, of zoek een ander."
    ),
    Code.EXPIRY_PAST: Words("{field}: dat moment is al voorbij.", "Kies een latere dag."),
    Code.EXPIRY_TOO_FAR: Words(
        "{field}: dat is meer dan twee jaar ver.", "Kies een vroegere dag; verlengen kan later nog."
    ),
    Code.PRICE_INVALID: Words(
        "{field}: bij een prijs per uur of per stuk hoort een bedrag, bij 'in overleg' niet.",
        "Vul een bedrag in, of kies 'in overleg'.",
    ),
    Code.CATEGORY_UNKNOWN: Words(
        "{field}: zo'n rubriek is er hier niet.", "Kies er een uit de lijst."
    ),
    Code.CATEGORY_TOO_DEEP: Words(
        "{field}: onder een onderrubriek kan geen andere staan.", "Kies een hoofdrubriek."
    ),
    Code.PICTURE_UNREADABLE: Words(
        "{field}: dit is geen foto die we kunnen lezen.", "Kies een JPEG, PNG, WebP of GIF."
    ),
    Code.PICTURE_TOO_MANY_PIXELS: Words(
        "{field}: deze foto heeft meer dan {limit} miljoen pixels.",
        "Maak ze kleiner en kies ze opnieuw.",
    ),
    Code.PICTURE_UNKNOWN: Words(
        "{field}: deze foto is hier niet, of is niet van jou.", "Kies de foto opnieuw."
    ),
}
