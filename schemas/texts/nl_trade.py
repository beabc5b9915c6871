"""Nederlands: binnen een groep, en tussen groepen."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.AMOUNT_NOT_POSITIVE: Words(
        "{field}: dit moet meer dan nul zijn.", "Geef een ander bedrag op."
    ),
    Code.AMOUNT_NOT_INTEGER: Words(
        "{field}: dit moet een geheel aantal van de kleinste eenheid zijn.",
        "Geef een ander bedrag op.",
    ),
    Code.AMOUNT_TOO_LARGE: Words("{field}: te groot om te boeken.", "Geef een kleiner bedrag op."),
    Code.ACCOUNT_UNKNOWN: Words("{field}: zo'n rekening is er hier niet.", "Kijk de letscode na."),
    Code.ACCOUNT_INACTIVE: Words(
        "{field}: deze rekening is niet actief.", "Vraag de kerngroep om ze actief te maken."
    ),
    Code.ACCOUNT_HELD: Words(
        "{field}: voor een ruil met een andere groep staan er nog eenheden van deze rekening "
        "apart.",
        "Wacht tot die ruil rond is, of annuleer hem.",
    ),
    Code.ACCOUNT_SAME: Words("Ontvanger: gever en ontvanger zijn dezelfde.", "Kies iemand anders."),
    Code.CODE_TAKEN: Words("{field}: deze letscode is al in gebruik.", "Kies een andere."),
    Code.PARTNER_PAUSED: Words(
        "{field}: met deze groep kan er voorlopig geen nieuwe ruil bij.",
        "Wat open staat, loopt door. De kerngroep weet waarom.",
    ),
    Code.PAYER_LIMIT: Words(
        "{field}: hiermee zou de gever onder zijn ondergrens gaan; mogelijk is nog "
        "hoogstens {possible_minor}.",
        "Geef hoogstens zoveel, of vraag de kerngroep om een andere limiet.",
    ),
    Code.PAYEE_LIMIT: Words(
        "{field}: hiermee zou de ontvanger boven zijn bovengrens gaan; mogelijk is nog "
        "hoogstens {possible_minor}.",
        "Geef hoogstens zoveel, of vraag de kerngroep om een andere limiet.",
    ),
    Code.NOT_CONFIGURED: Words(
        "De groep heeft nog geen munteenheid.", "Stel ze in met 'ruilbrug node init'."
    ),
    Code.UNIT_DECIMALS_FIXED: Words(
        "{field}: het aantal decimalen van een munteenheid ligt vast zodra ze gebruikt wordt.",
        "Laat ze zoals ze zijn; alleen de omrekening per uur kan veranderen.",
    ),
    Code.MEMBER_BLOCKED: Words(
        "{field}: jullie kunnen elkaar nu geen berichten sturen.", "Vraag raad aan de kerngroep."
    ),
    Code.PROPOSAL_CHANGED: Words(
        "{field}: er staat een nieuwer voorstel in dit gesprek.", "Lees het, en antwoord daarop."
    ),
    Code.ALREADY_ANSWERED: Words(
        "{field}: hier heb je al op geantwoord.", "Schrijf een bericht, of doe een ander voorstel."
    ),
    Code.NOT_AGREED: Words(
        "{field}: jullie zijn het nog niet eens over een bedrag.",
        "Doe een voorstel, of antwoord op het voorstel dat er staat.",
    ),
    Code.BOOKED_ALREADY: Words(
        "{field}: wat hier gevraagd wordt, is al geboekt zoals jullie afspraken.",
        "Weiger deze vraag.",
    ),
    Code.ALREADY_THANKED: Words(
        "{field}: hiervoor heb je al bedankt.", "Schrijf een bericht als je nog iets wilt zeggen."
    ),
    Code.NOT_JOINED: Words(
        "{field}: iemand hiervan doet niet mee aan de activiteit.",
        "Laat die eerst meedoen, of laat die weg.",
    ),
    Code.PEER_UNKNOWN: Words(
        "{field}: deze groep staat niet in het register en is niet uitgenodigd.",
        "Wissel eerst uitnodigingen uit.",
    ),
    Code.PEER_UNREACHABLE: Words(
        "De server van de andere groep antwoordt niet ({reason}); er is niets verloren.",
        "Je hoeft niets te doen: het wordt vanzelf opnieuw geprobeerd.",
    ),
    Code.PEER_WRONG: Words(
        "De server van de andere groep gaf een antwoord dat niet kan ({reason}).",
        "Zeg het aan de kerngroep van die groep.",
    ),
    Code.ADDRESS_REFUSED: Words(
        "Het adres van de andere groep ligt niet op het openbare internet.",
        "Kijk haar adres na; RUILBRUG_ALLOW_PRIVATE_ADDRESSES is alleen om te proberen.",
    ),
    Code.SIGNATURE_MISSING: Words(
        "{field}: het bericht tussen de servers is niet ondertekend.",
        "Kijk na of geen proxy Signature en Signature-Input weghaalt.",
    ),
    Code.SIGNATURE_MALFORMED: Words(
        "{field}: dit is geen handtekening van onze soort ({reason}).",
        "Zie docs/protocol.md, signatures.",
    ),
    Code.SIGNATURE_WRONG: Words(
        "{field}: de handtekening van het bericht tussen de servers klopt niet.",
        "Kijk na of geen proxy verandert wat erdoor gaat.",
    ),
    Code.SIGNATURE_EXPIRED: Words(
        "{field}: te lang geleden ondertekend.", "Zet de klok van beide servers juist."
    ),
    Code.SIGNATURE_NOT_YET_VALID: Words(
        "{field}: in de toekomst ondertekend.", "Zet de klok van beide servers juist."
    ),
    Code.SIGNATURE_REPLAYED: Words(
        "{field}: precies dit bericht is al eens aangekomen.", "Onderteken het opnieuw."
    ),
    Code.SIGNATURE_OTHER_ADDRESS: Words(
        "{field}: ondertekend voor {address}, maar deze server is {expected}.",
        "Laat beide groepen hetzelfde adres voor deze server gebruiken.",
    ),
    Code.SIGNATURE_KEY_UNKNOWN: Words(
        "{field}: van deze sleutel is niet bekend dat hij voor de groep spreekt.",
        "Kijk na of haar sleutelverklaringen op te halen zijn.",
    ),
    Code.DIGEST_MISMATCH: Words(
        "{field}: de inhoud is niet die welke ondertekend is.",
        "Kijk na of geen proxy verandert wat erdoor gaat.",
    ),
    Code.PAYEE_UNKNOWN: Words(
        "{field}: de andere groep kent niemand met deze letscode.", "Kijk de letscode na."
    ),
    Code.LINE_NOT_OPEN: Words(
        "{field}: er gelden geen afspraken met deze groep.", "Maak eerst afspraken."
    ),
    Code.LINE_FROZEN: Words(
        "{field}: met deze groep kan er even geen nieuwe ruil beginnen ({reason}).",
        "Wat al loopt, gaat gewoon door; probeer het opnieuw als de pauze voorbij is.",
    ),
    Code.LINE_BUSY: Words(
        "{field}: er is tussen de twee groepen nog te veel onderweg.",
        "Probeer het zo meteen opnieuw.",
    ),
    Code.LINE_NOT_CLEAR: Words(
        "{field}: er staat nog {balance_units} open; ruilen die nog niet rond zijn: {pending}.",
        "Breng de stand eerst op nul en wacht tot er niets meer onderweg is.",
    ),
    Code.NOT_COORDINATOR: Words(
        "{field}: wie genoemd is, zit niet in de kerngroep.",
        "Noem wie van de kerngroep het beslist heeft, of geef dat lid eerst die taak.",
    ),
    Code.LIMIT_NOT_LOWER: Words(
        "{field}: alleen kan een groep ze enkel verlagen; ze is nu {possible_units}.",
        "Stel nieuwe afspraken voor om ze te verhogen.",
    ),
    Code.REQUEST_STALE: Words(
        "{field}: de groepen hebben andere afspraken gemaakt sinds dit gevraagd werd.",
        "Vraag de andere kant om het opnieuw te vragen.",
    ),
    Code.REVERSAL_UNKNOWN: Words(
        "{field}: onder deze naam is er geen geboekte overschrijving van jou om terug te draaien.",
        "Kies de overschrijving op je rekeningoverzicht.",
    ),
    Code.ALREADY_REVERSED: Words(
        "{field}: deze overschrijving is of wordt al teruggedraaid.",
        "Kijk op je rekeningoverzicht.",
    ),
    Code.LINE_OTHER: Words(
        "{field}: dit is een koppeling tussen andere groepen.", "Kijk de koppeling na."
    ),
    Code.LINE_LIMIT: Words(
        "{field}: dit gaat boven wat de groepen elkaar schuldig mogen zijn; mogelijk is "
        "nog hoogstens {possible_units}.",
        "Geef minder, of wacht tot de andere groep iets teruggegeven heeft.",
    ),
    Code.LINE_GAP: Words(
        "{field}: op deze koppeling is nummer {expected} aan de beurt.", "Stuur vanaf daar."
    ),
    Code.SESSION_UNKNOWN: Words(
        "{field}: deze server is opnieuw gestart, of er is opnieuw gevraagd wat hij gezien heeft.",
        "Vraag '/federation/v1/seen' en stuur het opnieuw met de sessie van dat antwoord.",
    ),
    Code.LINE_FORK: Words(
        "{field}: met dit nummer is al een ander bericht aangekomen.",
        "Beide zijn bewaard; de kerngroepen van de twee groepen moeten met elkaar praten.",
    ),
    Code.LINE_PREV: Words(
        "{field}: dit bericht sluit niet aan op wat eerder aankwam.",
        "Stuur de berichten van de reeks die bevestigd is.",
    ),
    Code.PROPOSAL_OPEN: Words(
        "{field}: er ligt al een voorstel.", "Beantwoord het, of wacht op het antwoord."
    ),
    Code.TERMS_INVALID: Words("{field}: deze afspraken kunnen niet.", "Stel andere voor."),
    Code.EXPIRED: Words("{field}: de tijd hiervoor is voorbij.", "Begin opnieuw."),
    Code.TOO_SMALL: Words(
        "{field}: te klein om in de andere munteenheid uit te drukken.", "Geef meer."
    ),
    Code.TOO_LARGE_FOR_LINE: Words(
        "{field}: meer dan de groepen in één keer toelaten; hoogstens {possible_units}.",
        "Splits het op, of geef minder.",
    ),
    Code.QUOTE_CHANGED: Words(
        "{field}: het is nu {possible_minor}.", "Bevestig het nieuwe bedrag, of laat het zo."
    ),
    Code.ALREADY_DECIDED: Words(
        "{field}: over deze overschrijving is al beslist.", "Draai ze terug als ze niet klopt."
    ),
}
