"""Nederlands: bewijzen van boekingen, gegeven en nagekeken."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

_AGAIN: Final = "Vraag het bewijs opnieuw, en bewaar het bestand precies zoals het komt."
_KEPT: Final = "De boeking zelf blijft zoals ze is."

TEXTS: Final[dict[Code, Words]] = {
    Code.PROOF_UNREADABLE: Words("Dit bestand is geen bewijs van een boeking ({reason}).", _AGAIN),
    Code.PROOF_LOG_UNKNOWN: Words(
        "Het bewijs gaat over het logboek {log}, en dat staat niet in het vertrouwensbestand.",
        "Neem het vertrouwensbestand van de federatie waarin deze groep ruilt.",
    ),
    Code.PROOF_UNSIGNED: Words(
        "Wat het logboek {log} over zichzelf zegt, is niet ondertekend zoals het hoort ({reason}).",
        "Vraag het bewijs opnieuw; klopt ook het volgende niet, toon ze dan allebei aan de koepel.",
    ),
    Code.PROOF_WITNESSES_MISSING: Words(
        "Te weinig getuigen uit het vertrouwensbestand hebben getekend ({found} van {known}).",
        "Vraag een nieuwer bewijs, of neem het vertrouwensbestand van die groep.",
    ),
    Code.PROOF_OTHER_LOG: Words(
        "De boeking staat in dit logboek niet op de plaats die het bewijs noemt ({reason}).",
        _AGAIN,
    ),
    Code.PROOF_CHANGED: Words("{field}: dit is niet wat in het logboek staat.", _AGAIN),
    Code.PROOF_NO_BOOKING: Words(
        "Het bewijs toont iets uit het logboek dat geen hele boeking is ({reason}).", _AGAIN
    ),
    Code.PROOF_NOT_READY: Words(
        "Het bewijs is nog niet klaar: niemand buiten de groep heeft de boeken sindsdien "
        "bevestigd.",
        "Kijk over enkele minuten opnieuw; duurt het langer dan een dag, zeg het dan de kerngroep.",
        _KEPT,
    ),
    Code.PROOF_GONE: Words(
        "Van deze boeking is er geen bewijs: haar gegevens gingen verloren voor een herstel.",
        "Vraag aan de kerngroep wat ze erover weet.",
        _KEPT,
    ),
}
