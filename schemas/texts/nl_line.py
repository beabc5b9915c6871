"""Nederlands: waarom een groep een ruil weigert, pauzeert, of een koppeling apart zet."""

from __future__ import annotations

from typing import Final

from schemas.core_parts import FreezeReason, WireCode
from schemas.quarantine import QuarantineCode
from schemas.texts.words import Words

_TERMS_STAY: Final = "De afspraken blijven zoals ze waren."
_LOOK: Final = "Kijk met 'ruilbrug line doctor' wat er kwam, en praat met de andere groep."
_PROOF: Final = (
    "Bekijk het bewijs met 'ruilbrug evidence list', en praat met de andere groep en de koepel."
)

REFUSED: Final[dict[WireCode, Words]] = {
    WireCode.TERMS_STALE: Words(
        "De groepen hebben intussen andere afspraken.",
        "Bevestig het nieuwe bedrag en probeer het opnieuw.",
    ),
    WireCode.TERMS_OTHER: Words(
        "De andere groep heeft een ander voorstel voor zich dan dit.",
        "Kijk welk voorstel er ligt, en beantwoord dat.",
        _TERMS_STAY,
    ),
    WireCode.LINE_NOT_OPEN: Words(
        "De andere groep neemt nu geen nieuwe ruil aan.",
        "Vraag de kerngroep of de koppeling nog openstaat.",
    ),
    WireCode.EXPIRED: Words(
        "Het is niet op tijd rond geraakt.", "Begin opnieuw wanneer de andere groep bereikbaar is."
    ),
    WireCode.AMOUNTS_MISMATCH: Words(
        "De andere groep komt voor deze ruil op andere bedragen uit.",
        "Zeg het aan de kerngroep: de twee servers rekenen niet gelijk.",
    ),
    WireCode.TOO_SMALL: Words(
        "Het bedrag is te klein om in de andere munteenheid uit te drukken.", "Geef meer."
    ),
    WireCode.TOO_LARGE: Words(
        "Het is meer dan de groepen in één keer toelaten.", "Splits het op, of geef minder."
    ),
    WireCode.LINE_LIMIT: Words(
        "Hiermee zou onze groep de andere meer schuldig zijn dan afgesproken.",
        "Geef minder, of wacht tot de andere groep iets teruggegeven heeft.",
    ),
    WireCode.PAYEE_UNKNOWN: Words(
        "De andere groep kent deze persoon niet meer.",
        "Kijk het aanbod na, of vraag het aan de andere groep.",
    ),
    WireCode.PAYEE_INACTIVE: Words(
        "De rekening van de ontvanger is niet actief.",
        "Vraag de ontvanger om het met zijn kerngroep te bekijken.",
    ),
    WireCode.PAYEE_LIMIT: Words(
        "De ontvanger zou boven zijn bovengrens gaan.",
        "Geef minder, of laat de ontvanger zijn kerngroep om een andere limiet vragen.",
    ),
    WireCode.PAYER_UNKNOWN: Words(
        "De andere groep kent de gever niet.", "Kies opnieuw wie geeft, en vraag het opnieuw."
    ),
    WireCode.LINE_BUSY: Words(
        "Tussen de twee groepen is er nog te veel onderweg.", "Probeer het zo meteen opnieuw."
    ),
    WireCode.REQUEST_OTHER: Words(
        "Dit is niet wat de ontvanger gevraagd heeft.",
        "Vraag de ontvanger om het opnieuw te vragen.",
    ),
    WireCode.REVERSAL_UNKNOWN: Words(
        "Wat teruggedraaid moet worden, is bij de andere groep niet zo geboekt.",
        "Vergelijk met de andere groep wat er geboekt is.",
    ),
    WireCode.ALREADY_REVERSED: Words(
        "Dit is al teruggedraaid.", "Kijk op je rekeningoverzicht: de tegenboeking staat er."
    ),
    WireCode.CANCELLED: Words(
        "Degene die begon, heeft het teruggenomen.", "Je hoeft niets te doen."
    ),
    WireCode.REFUSED: Words(
        "De andere kant heeft het niet aangenomen.",
        "Spreek er samen over, en begin opnieuw als je het eens bent.",
    ),
    WireCode.CROSSED: Words(
        "Beide groepen deden tegelijk een voorstel.",
        "Wacht: de groep die aan de beurt is, stelt het vanzelf opnieuw voor.",
        _TERMS_STAY,
    ),
}

FROZEN: Final[dict[FreezeReason, Words]] = {
    FreezeReason.COORDINATOR: Words(
        "De kerngroep heeft een pauze ingelast.", "Vraag de kerngroep tot wanneer."
    ),
    FreezeReason.MAINTENANCE: Words(
        "Er wordt aan een van de servers gewerkt.", "Probeer het later opnieuw."
    ),
    FreezeReason.TOO_MANY_ERRORS: Words(
        "Er kwam te veel binnen dat niet klopt.",
        "Laat de kerngroepen samen de oorzaak zoeken en de pauze dan opheffen.",
    ),
    FreezeReason.FINDINGS: Words(
        "Bij het nakijken van de boeken bleek iets niet te kloppen.",
        "Laat de kerngroepen met de koepel bekijken wat er aan de hand is.",
    ),
}

SET_ASIDE: Final[dict[QuarantineCode, Words]] = {
    QuarantineCode.CHANNEL_FORK: Words(
        "De andere groep ondertekende twee verschillende berichten met hetzelfde nummer.", _PROOF
    ),
    QuarantineCode.TWO_VERDICTS: Words(
        "De andere groep besliste twee keer, en verschillend, over dezelfde overschrijving.", _PROOF
    ),
    QuarantineCode.BAD_SIGNATURE: Words(
        "Een bericht van de andere groep draagt geen geldige handtekening.", _LOOK
    ),
    QuarantineCode.INVARIANT_BROKEN: Words(
        "Een bericht van de andere groep bracht ons programma in de war.", _LOOK
    ),
    QuarantineCode.EVENT_MALFORMED: Words(
        "Een bericht van de andere groep is niet goed gevormd.", _LOOK
    ),
    QuarantineCode.CLAIM_DIFFERS: Words(
        "De andere groep noemt een andere stand dan de twee reeksen berichten geven.", _LOOK
    ),
    QuarantineCode.PATH_USED_AGAIN: Words(
        "De andere groep gebruikte het nummer van een overschrijving een tweede keer.", _LOOK
    ),
    QuarantineCode.ACCEPT_WITHOUT_PROPOSAL: Words(
        "De andere groep nam afspraken aan die wij niet voorgesteld hebben.", _LOOK
    ),
    QuarantineCode.ACCEPT_WITHOUT_PREPARE: Words(
        "De andere groep nam een overschrijving aan die wij niet aangevraagd hebben.", _LOOK
    ),
    QuarantineCode.ACCEPT_DIFFERS: Words(
        "De andere groep nam iets anders aan dan wij aangevraagd hebben.", _LOOK
    ),
    QuarantineCode.REJECT_WITHOUT_PREPARE: Words(
        "De andere groep weigerde een overschrijving die wij niet aangevraagd hebben.", _LOOK
    ),
    QuarantineCode.COMMIT_WITHOUT_ACCEPT: Words(
        "De andere groep boekte een overschrijving die wij niet aangenomen hebben.", _LOOK
    ),
    QuarantineCode.COMMIT_REPEATED: Words(
        "De andere groep boekte dezelfde overschrijving twee keer.", _LOOK
    ),
    QuarantineCode.COMMIT_DIFFERS: Words(
        "De andere groep boekte iets anders dan wij aangenomen hebben.", _LOOK
    ),
    QuarantineCode.ABORT_WITHOUT_PREPARE: Words(
        "De andere groep brak een overschrijving af die niet aangevraagd was.", _LOOK
    ),
    QuarantineCode.ABORT_DIFFERS: Words(
        "De andere groep brak een overschrijving af met een beslissing die niet klopt.", _LOOK
    ),
    QuarantineCode.RECEIPT_WITHOUT_COMMIT: Words(
        "De andere groep bevestigde een overschrijving die wij niet geboekt hebben.", _LOOK
    ),
    QuarantineCode.RECEIPT_DIFFERS: Words(
        "De andere groep bevestigde iets anders dan wij geboekt hebben.", _LOOK
    ),
}
