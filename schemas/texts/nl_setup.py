"""Nederlands: een groep opzetten, en haar sleutels op papier."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.SETUP_DONE: Words(
        "In {field} draait al een groep, of ze staat klaar.",
        "Bekijk ze met 'ruilbrug --node {field} node status'; geef met --node een andere map "
        "voor een andere groep.",
    ),
    Code.SETUP_OTHER: Words(
        "{field}: deze opzet is begonnen met '{begun}'.",
        "Laat de optie weg om daarmee door te gaan; geef met --node een andere map voor een "
        "andere groep.",
    ),
    Code.SETUP_STOPPED: Words(
        "De opzet is gestopt ({reason}).",
        "Los dat op en voer hetzelfde commando opnieuw uit: het gaat van daar verder.",
        kept="Wat al gemaakt was, blijft.",
    ),
    Code.WEB_ADDRESS_INVALID: Words(
        "{field}: het webadres van een groep begint met https:// en dan komt alleen een naam, "
        "zoals https://lets.example.org.",
        "Schrijf het zo; de naam moet van jullie zijn.",
    ),
    Code.RATE_INVALID: Words(
        "{field}: een uur is een geheel aantal eenheden waard, van 1 tot {limit}.",
        "Geef zo'n getal; de meeste groepen hebben 10 tot 60.",
    ),
    Code.DATABASE_NOT_MADE: Words(
        "PostgreSQL heeft de databank niet gemaakt ({reason}).",
        "Installeer het (apt-get install postgresql) en voer hetzelfde commando opnieuw uit als "
        "root; of noem een databank met --database en --database-owner.",
    ),
    Code.PAPER_LINE: Words(
        "Regel {field} is niet getypt zoals hij op het papier staat.",
        "Lees deze regel nog eens, blokje per blokje: 0 en O tellen als hetzelfde, en 1, I en L "
        "ook.",
    ),
    Code.PAPER_LINES_MISSING: Words(
        "Deze regels van het papier ontbreken: {field}.",
        "Typ ze ook; elke sleutel heeft er vier.",
    ),
    Code.PAPER_OTHER: Words(
        "{field}: dit is een sleutel van een andere groep, of een oude.",
        "Zoek het papier met de naam van deze groep en de jongste datum.",
    ),
    Code.PAPER_GONE: Words(
        "De sleutels voor het papier staan niet meer op deze server.",
        "Heb je het papier, dan moet je niets doen; 'ruilbrug paper check' zegt of het klopt.",
    ),
}
