"""Nederlands: wat een controle van de logboeken vindt, en wat er dan te doen is."""

from __future__ import annotations

from typing import Final

from schemas.findings import What
from schemas.texts.words import Words

_KEEP: Final = "Bewaar wat er is, en vraag de kerngroep wat er met haar server gebeurd is."
_ASK: Final = (
    "Vraag de kerngroep welke versie ze draait, en of er iets aan haar server veranderd is."
)
_BOTH: Final = "Leg de logboeken van beide groepen naast elkaar, en spreek met beide."
_WAIT: Final = "Kijk of haar server bereikbaar is. Komt hij terug, dan lost dit zichzelf op."
_PROOF: Final = "Bekijk het bewijs met 'ruilbrug evidence list', en spreek met beide groepen."
_CLOCK: Final = "Vraag de kerngroep om de klok van haar server na te kijken."
_TALK: Final = (
    "Laat de twee kerngroepen samen bekijken wat de groep kan teruggeven, of de limiet aanpassen."
)
_REACH: Final = (
    "Kijk of het adres van de groep nog van haar is, en vraag wat er voor haar server staat."
)
_OWN: Final = "Zet de databank van de koepel terug uit een reservekopie, en kijk wie erbij kon."

FOUND: Final[dict[What, Words]] = {
    What.LOG_REFUSED: Words(
        "Het logboek van deze groep is niet te controleren voorbij deze plaats ({reason}).", _KEEP
    ),
    What.LOG_SHORTER: Words(
        "Het logboek dat de groep toont, is korter dan wat ze eerder toonde.", _KEEP
    ),
    What.ANSWER_WRONG: Words(
        "Wat er van de server van deze groep komt, is niet te geloven ({reason}): iets of iemand "
        "ervoor kan dat ook gestuurd hebben.",
        _REACH,
    ),
    What.NO_ANSWER: Words("De groep antwoordt niet ({reason}).", _WAIT),
    What.MIRROR_ALTERED: Words(
        "De kopie van het logboek bij de koepel is op deze plaats veranderd ({reason}).", _OWN
    ),
    What.NUMBER_SKIPPED: Words(
        "De groep sloeg een nummer over in haar berichten aan de andere.", _ASK
    ),
    What.PREDECESSOR_OTHER: Words(
        "Het bericht noemt een andere voorganger dan er in het logboek staat.", _ASK
    ),
    What.SEEN_BACK: Words(
        "De groep zegt minder berichten van de andere te kennen dan ze eerder zei.", _ASK
    ),
    What.TOTAL_DIFFERS: Words(
        "Het totaal dat de groep noemt, is niet de som van haar eigen overschrijvingen.", _ASK
    ),
    What.NOT_CREDITED: Words(
        "De groep heeft de boeking van de andere ontvangen en er niets voor "
        "bijgeschreven: de twee standen zijn geen spiegelbeeld.",
        _BOTH,
    ),
    What.DECISION_UNSIGNED: Words(
        "De beslissing in deze boeking draagt geen geldige handtekening.", _ASK
    ),
    What.CREDIT_WITHOUT_COMMIT: Words(
        "De groep schreef iets bij dat in het logboek van de andere niet geboekt is.", _BOTH
    ),
    What.HEADS_DIFFER: Words(
        "De stand die de groep meldt, volgt niet uit haar eigen boekingen en bevestigingen.", _ASK
    ),
    What.BEYOND_LIMIT: Words(
        "De groep nam een overschrijving aan waarmee de andere boven haar limiet komt.", _ASK
    ),
    What.AMOUNTS_DIFFER: Words(
        "De bedragen van deze overschrijving volgen niet uit de afspraken die ze noemt.", _ASK
    ),
    What.TERMS_UNKNOWN: Words(
        "De overschrijving noemt afspraken die de twee groepen nooit samen aangenomen hebben.", _ASK
    ),
    What.REVERSAL_DIFFERS: Words(
        "De terugdraaiing heeft andere bedragen dan de overschrijving die ze terugdraait.", _ASK
    ),
    What.REVERSAL_UNKNOWN: Words("De terugdraaiing noemt een overschrijving die er niet is.", _ASK),
    What.UNITS_CHANGED: Words("Het bedrag van deze overschrijving veranderde onderweg.", _ASK),
    What.BALANCE_DIFFERS: Words(
        "De stand die de groep noemt, volgt niet uit haar eigen berichten.", _ASK
    ),
    What.OPENING_DIFFERS: Words(
        "De beginstand die de groep boekte, is niet die van de afspraken.", _BOTH
    ),
    What.COMMIT_UNANSWERED: Words(
        "De andere boekte een overschrijving, en deze groep heeft ze nog niet bevestigd.", _WAIT
    ),
    What.ACCEPT_UNDECIDED: Words(
        "De andere nam een overschrijving aan, en deze groep heeft er nog niet over beslist.", _WAIT
    ),
    What.TWO_VERDICTS: Words(
        "De groep besliste twee keer, en verschillend, over dezelfde overschrijving.", _PROOF
    ),
    What.TWO_CHAINS: Words("De groep gaf twee verschillende berichten hetzelfde nummer.", _PROOF),
    What.SAID_AGAIN: Words("De groep gebruikte een overschrijving een tweede keer.", _ASK),
    What.ANOTHER_SEEN: Words(
        "De andere groep kreeg op deze plaats een ander bericht dan er in dit logboek staat.", _BOTH
    ),
    What.SEEN_MISSING: Words(
        "De andere groep kent een bericht van deze groep dat in haar logboek nog niet te zien is.",
        _WAIT,
    ),
    What.ACCEPT_WITHOUT_PREPARE: Words(
        "De groep nam een overschrijving aan die de andere niet aangevraagd had.", _BOTH
    ),
    What.COMMIT_WITHOUT_ACCEPT: Words(
        "De groep boekte een overschrijving die de andere niet aangenomen had.", _BOTH
    ),
    What.LEGS_DIFFER: Words(
        "De groep gaf een overschrijving door voor een ander bedrag dan ze zelf kreeg.", _ASK
    ),
    What.TIME_BACK: Words(
        "Het bericht draagt een tijd die ver voor die van het vorige ligt.", _CLOCK
    ),
    What.TIME_AHEAD: Words("Het bericht draagt een tijd die nog moet komen.", _CLOCK),
    What.NEAR_LIMIT: Words(
        "De groep staat dicht bij haar limiet op deze koppeling, of erboven.", _TALK
    ),
}
