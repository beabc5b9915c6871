"""Nederlands: back-ups maken en terugzetten."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

_COPY: Final = "Haal het bestand opnieuw waar je het bewaart, of neem een andere back-up."

TEXTS: Final[dict[Code, Words]] = {
    Code.BACKUP_UNKNOWN: Words(
        "{field}: dit is geen back-up van deze soort.",
        "Kies een bestand dat 'ruilbrug backup' gemaakt heeft; de sleutels staan in een apart "
        "bestand.",
    ),
    Code.BACKUP_OTHER_KEY: Words(
        "{field}: deze back-up is verzegeld met een andere herstelsleutel.",
        "Neem de herstelsleutel van het papier van de groep en de tijd van deze back-up.",
    ),
    Code.BACKUP_TRUNCATED: Words("{field}: deze back-up is afgebroken.", _COPY),
    Code.BACKUP_DAMAGED: Words("{field}: deze back-up is veranderd nadat hij gemaakt werd.", _COPY),
    Code.BACKUP_TRAILING: Words(
        "{field}: deze back-up loopt door na zijn einde, alsof er twee bestanden aan elkaar "
        "geplakt zijn.",
        _COPY,
    ),
    Code.BACKUP_OTHER_GROUP: Words(
        "{field}: deze back-up is van {group}, een andere groep dan die van deze sleutels.",
        "Neem een back-up van deze groep, of de map met de sleutels van die andere.",
    ),
    Code.BACKUP_NEWER: Words(
        "{field}: een nieuwere versie van Ruilbrug heeft deze back-up gemaakt.",
        "Installeer die versie of een latere, en zet daarna opnieuw terug.",
    ),
    Code.BACKUP_UNWRITABLE: Words(
        "{field}: de back-up kan hier niet bewaard worden ({reason}); er blijft niets halfs staan.",
        "Maak plaats of herstel de rechten, of kies een map op een andere schijf.",
        "De groep en haar oudere back-ups zijn zoals ze waren.",
    ),
    Code.BACKUP_RUNS: Words(
        "{field}: hier wordt al een andere back-up gemaakt.", "Wacht tot die er is."
    ),
    Code.BACKUP_KEYS_MISSING: Words(
        "{field}: dit ontbreekt, en een back-up komt alleen terug naast de eigen sleutels van de "
        "groep.",
        "Zet het daar, of noem het bestand dat 'ruilbrug backup --keys' gemaakt heeft.",
    ),
    Code.BACKUP_NOT_VERIFIED: Words(
        "{field}: het logboek in deze back-up klopt niet ({reason}).",
        "Neem een andere back-up; bewaar deze, zodat iemand ernaar kan kijken.",
    ),
    Code.RESTORE_NOT_EMPTY: Words(
        "{field}: een back-up komt terug waar nog niets is, en hier staat al iets.",
        "Maak een nieuwe, lege database en een lege map, of een met alleen instellingen en "
        "sleutels.",
    ),
}
