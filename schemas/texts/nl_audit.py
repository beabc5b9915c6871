"""Nederlands: wat een controle van de logboeken vindt, en wat er dan te doen is."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.findings import What
from schemas.texts.words import Words

_KEEP: Final = "Bewaar wat er is, en vraag de kerngroep wat er met haar server gebeurd is."
_ASK: Final = (
    "Vraag de kerngroep welke versie ze draait, en of er iets aan haar server veranderd is."
)
_HIDDEN: Final = (
    "Bewaar het bewijs dat erbij staat, en vraag de kerngroep wat er met haar logboek gebeurd is."
)
_ASKED: Final = (
    "Wacht even: elke controle vraagt het opnieuw. Blijft dit staan, kijk dan of beide servers "
    "bereikbaar zijn, en vraag beide groepen wat ze hebben."
)
_BOTH: Final = "Leg de logboeken van beide groepen naast elkaar, en spreek met beide."
_WAIT: Final = "Kijk of haar server bereikbaar is. Komt hij terug, dan lost dit zichzelf op."
_PROOF: Final = "Bewaar het bewijs, en spreek met beide groepen."
_CLOCK: Final = "Vraag de kerngroep om de klok van haar server na te kijken."
_TALK: Final = (
    "Laat de twee kerngroepen samen bekijken wat de groep kan teruggeven, of de limiet aanpassen."
)
_REACH: Final = (
    "Kijk of het adres van de groep nog van haar is, en vraag wat er voor haar server staat."
)
_OWN: Final = "Herstel de databank van de koepel uit een reservekopie, en ga na wie erbij kon."
_STOLEN: Final = (
    "Vraag de kerngroep wie die sleutel nog kan hebben. Er is niets geboekt: de andere groep heeft "
    "het bericht geweigerd. Was het toch van de groep zelf, dan telt het met haar volgende bericht."
)
_SLOW: Final = (
    "Wacht: elke controle gaat verder waar de vorige stopte, en een lang logboek vraagt er de "
    "eerste keer enkele. Blijft dit een dag staan, vraag dan wat er met haar server is."
)
_STRANGER: Final = (
    "Vraag de kerngroep welke versie ze draait, en of er iets aan haar server veranderd is. Wat "
    "daar staat, telt voor niemand: de twee andere groepen treft geen schuld."
)

FOUND: Final[dict[What, Words]] = {
    What.LOG_REFUSED: Words(
        "Het logboek van deze groep is niet te controleren voorbij deze plaats: {reason}.", _KEEP
    ),
    What.LOG_SHORTER: Words(
        "Het logboek dat de groep toont, is korter dan dat van vroeger.", _KEEP
    ),
    What.ANSWER_WRONG: Words(
        "Wat er van de server van deze groep komt, is niet te geloven: {reason}. Iets of iemand "
        "tussen ons en haar server kan dat ook gestuurd hebben.",
        _REACH,
    ),
    What.NO_ANSWER: Words("De groep antwoordt al meer dan een dag niet: {reason}.", _WAIT),
    What.LOG_SLOW: Words(
        "De server van deze groep antwoordt zo traag dat haar logboek niet tot het einde gevolgd "
        "raakte in de tijd die een groep krijgt: {far} gebeurtenissen.",
        _SLOW,
    ),
    What.MIRROR_ALTERED: Words(
        "De kopie van het logboek bij de koepel is op deze plaats veranderd: {reason}.", _OWN
    ),
    What.DATED_BACK: Words(
        "Een andere groep kreeg een bericht op naam van deze groep, ondertekend met een sleutel "
        "die ingetrokken is. Het doet zich ouder voor, en staat niet in het logboek van de groep.",
        _STOLEN,
    ),
    What.NUMBER_SKIPPED: Words(
        "De nummers van de berichten van de groep aan de andere groep volgen elkaar niet op.", _ASK
    ),
    What.PREDECESSOR_OTHER: Words(
        "Het bericht verwijst naar een ander vorig bericht dan er in het logboek staat.", _ASK
    ),
    What.SEEN_BACK: Words(
        "De groep zegt nu minder berichten van de andere groep te kennen dan eerder.", _ASK
    ),
    What.NOT_ITS_LINE: Words(
        "De groep schreef in haar logboek over een koppeling tussen twee andere groepen.", _STRANGER
    ),
    What.TOTAL_DIFFERS: Words(
        "Het totaal dat de groep noemt, is niet de som van haar eigen overschrijvingen.", _ASK
    ),
    What.NOT_CREDITED: Words(
        "De groep heeft de boeking van de andere groep ontvangen en er niets voor "
        "bijgeschreven: de twee standen zijn niet elkaars spiegelbeeld.",
        _BOTH,
    ),
    What.DECISION_UNSIGNED: Words(
        "De beslissing over deze overschrijving draagt geen handtekening van de groep die erbij "
        "past.",
        _ASK,
    ),
    What.CREDIT_WITHOUT_COMMIT: Words(
        "De groep schreef iets bij wat in het logboek van de andere groep niet geboekt is.", _BOTH
    ),
    What.HEADS_DIFFER: Words(
        "De stand die de groep meldt, volgt niet uit haar eigen boekingen en bevestigingen.", _ASK
    ),
    What.BEYOND_LIMIT: Words(
        "De groep nam een overschrijving aan waarmee de andere groep voorbij haar limiet gaat.",
        _ASK,
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
        "De andere groep boekte een overschrijving, en deze groep heeft die nog niet bevestigd.",
        _WAIT,
    ),
    What.ACCEPT_UNDECIDED: Words(
        "De andere groep nam een overschrijving aan, en deze groep besliste er nog niet over.",
        _WAIT,
    ),
    What.TWO_VERDICTS: Words(
        "De groep nam twee verschillende beslissingen over dezelfde overschrijving.", _PROOF
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
    What.SENT_OTHERWISE: Words(
        "De groep stuurde de andere een bericht dat in haar eigen logboek niet staat. Haar "
        "handtekening bewijst dat, en de andere treft hierin geen schuld.",
        _HIDDEN,
    ),
    What.CLAIM_UNSUPPORTED: Words(
        "De groep zegt dat ze een bericht van de andere kreeg, en kan het niet tonen.", _ASK
    ),
    What.WORD_AGAINST_WORD: Words(
        "Het ene logboek van deze lijn noemt een bericht uit het andere, waarin iets anders staat. "
        "Wie het noemt, heeft het nog niet getoond: niemand wordt beschuldigd.",
        _ASKED,
    ),
    What.ACCEPT_WITHOUT_PREPARE: Words(
        "De groep nam een overschrijving aan die de andere groep niet aangevraagd had.", _BOTH
    ),
    What.COMMIT_WITHOUT_ACCEPT: Words(
        "De groep boekte een overschrijving die de andere groep niet aangenomen had.", _BOTH
    ),
    What.LEGS_DIFFER: Words(
        "De groep gaf een overschrijving door voor een ander bedrag dan ze zelf kreeg.", _ASK
    ),
    What.TIME_BACK: Words(
        "Deze gebeurtenis draagt een tijd die ver voor die van de vorige ligt.", _CLOCK
    ),
    What.TIME_AHEAD: Words("Deze gebeurtenis draagt een tijd die nog moest komen.", _CLOCK),
    What.NEAR_LIMIT: Words(
        "De groep zit op deze koppeling dicht bij haar limiet, of erover.", _TALK
    ),
}

WHY: Final[dict[str, str]] = {
    Code.BAD_PROOF: "het sluit niet aan op wat er eerder stond",
    Code.BAD_SIGNATURE: "de handtekening eronder is niet die van de groep",
    Code.BAD_KEY: "het is getekend met een sleutel die daar niet geldt",
    Code.BAD_KEY_STATEMENT: "wat er over een sleutel staat, klopt niet",
    Code.KEY_LATE: "een sleutel is later ingevoerd dan waar hij geldt",
    Code.KEY_REVOKED: "het is getekend met een sleutel die ingetrokken is",
    Code.BAD_NOTE: "er is niet te lezen tot waar het logboek gaat",
    Code.BAD_COMMITMENT: "wat erbij hoort, is iets anders",
    Code.BAD_ENCODING: "het is niet te lezen",
    Code.MALFORMED: "het is niet te lezen",
    Code.NOT_CANONICAL: "het is anders geschreven dan het hoort",
    Code.TOO_LARGE: "het is groter dan het mag zijn",
    Code.LINE_OTHER: "het hoort bij een koppeling tussen andere groepen",
    Code.LINE_PREV: "het sluit niet aan op het vorige bericht",
    Code.DIGEST_MISMATCH: "het is onderweg veranderd",
    Code.PEER_WRONG: "het is geen antwoord op onze vraag",
    Code.PEER_UNKNOWN: "haar server kent ons niet",
    Code.PEER_UNREACHABLE: "haar server is niet bereikbaar",
    Code.ADDRESS_REFUSED: "haar adres is er geen waar we mogen vragen",
    Code.RATE_LIMITED: "haar server zegt telkens dat we later moeten terugkomen",
    Code.NOT_FOUND: "haar server heeft niet wat we vragen",
}
WHY_OTHER: Final = "de reden staat in de berichten van onze server"
