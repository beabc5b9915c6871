"""What an import noticed, in words for a coordinator: what is wrong, and what to do about it. Pure.

`federation.migrate` says it in English, for the command line; each of its reasons has a sentence
here, found by the reason itself, so that a new one without words is seen by a test.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from federation.web.forms import Said
from federation.words.texts import later

if TYPE_CHECKING:
    from federation.migrate.issues import Issue

_WORDS: Final = {
    r"an earlier row has this (id|key)": later(
        "Een eerdere regel heeft dit nummer al; deze komt niet mee. Staat alles dubbel in het "
        "bestand, haal het dan opnieuw op."
    ),
    r"an earlier row says the same; it stands here once": later(
        "Een eerdere regel zegt precies hetzelfde; het staat er één keer."
    ),
    r"an earlier row says the same; choose.*": later(
        "Een eerdere regel zegt precies hetzelfde; deze komt niet mee. Was het echt twee keer, "
        "kies dan hieronder dat gelijke regels meekomen."
    ),
    r"empty,? or longer than 40 characters.*": later(
        "De letscode ontbreekt of is te lang. Verbeter ze in het bestand."
    ),
    r"another account has this code.*": later(
        "Iemand anders heeft deze letscode al; er kwam een cijfer achter. Kies hieronder een "
        "andere."
    ),
    r"codes of \d+ to \d+ digits.*": later(
        "Geen enkele letscode begint met 0, en ze zijn niet even lang. Viel de 0 weg in een "
        "rekenblad, kies dan hieronder hoeveel cijfers een letscode heeft."
    ),
    r"a spreadsheet has dropped the zeros.*": later(
        "De 0 voor deze letscode viel weg in een rekenblad; we vonden het lid toch."
    ),
    r"no (such account in .*|account has this code)": later(
        "Geen lid heeft deze letscode; deze regel komt niet mee. Voeg het lid toe aan het bestand."
    ),
    r"no such category.*": later("Deze rubriek bestaat niet; dat is geen probleem."),
    r"\d+ fields where the header has \d+": later(
        "Deze regel heeft meer of minder velden dan de eerste regel; ze komt niet mee. Staat er "
        "een aanhalingsteken of komma te veel?"
    ),
    r"the last row does not end.*": later(
        "De laatste regel is niet afgesloten. Kijk of het bestand volledig is."
    ),
    r"not JSON|not a whole number from .*": later(
        "Deze instelling is niet te lezen; ze komt niet mee. Stel ze hier zelf in."
    ),
    r"empty": later("Dit is leeg; deze regel komt niet mee. Vul het in in het bestand."),
    r"(not a whole number|beyond 2\^53|not a row number from 1 up)": later(
        "Dit moet een geheel getal zijn. Verbeter het in het bestand."
    ),
    r"not more than zero": later("Een bedrag is meer dan nul; deze regel komt niet mee."),
    r"not a time like .*": later("Dit is geen datum zoals 31/05/2024. Verbeter ze in het bestand."),
    r"no such time": later("Die datum bestaat niet. Verbeter ze in het bestand."),
    r"no such time \(day before month\?\)": later(
        "Die datum bestaat niet: een rekenblad heeft dag en maand omgewisseld. Haal het bestand "
        "opnieuw op zonder het te openen."
    ),
    r"a date as spreadsheets write it.*": later(
        "Een rekenblad heeft de datums herschreven. We lezen ze als dag, maand, jaar: vergelijk er "
        "enkele met het vorige systeem."
    ),
    r"neither transid nor id": later("Deze boeking heeft geen nummer; ze komt niet mee."),
    r"(a|the) picture of this (post|member) is not in the file.*": later(
        "Een foto hiervan zit niet in het bestand; het komt mee zonder. Zet de foto's in de ZIP."
    ),
    r"no list of pictures.*": later(
        "De namen van de foto's zijn niet te lezen; het komt mee zonder foto's."
    ),
    r"more than \d+ pictures.*": later(
        "Hier horen meer foto's bij dan er kunnen; de eerste komen mee."
    ),
    r"neither title nor text": later("Deze vraag of dit aanbod is leeg en komt niet mee."),
    r"neither offer nor want": later(
        "Er staat niet bij of dit vraag of aanbod is; het komt niet mee. Vul het in."
    ),
    r"takes a balance beyond 2\^53": later("Zo'n groot bedrag kan niemand boeken."),
    r"from an account to itself": later(
        "Deze boeking gaat van iemand naar zichzelf; ze verandert niets en komt niet mee."
    ),
    r"none of active, leaving, gone.*": later(
        "Dit is geen status die we kennen; we lezen ze als actief."
    ),
    r"a spreadsheet has made a number of this": later(
        "Een rekenblad maakte hier een getal van. Zet die kolom op tekst, en vul het opnieuw in."
    ),
    r"an earlier row is about the same member.*": later(
        "Een eerdere regel gaat over hetzelfde lid, en zegt iets anders. Hou er één van de twee."
    ),
    r"the code of an account that is no member's": later(
        "Deze letscode is die van de groep zelf, of van een andere groep. Neem een andere."
    ),
    r"more than \d+ letters": later("Dit is te lang. Kort het in."),
    r"no mail address": later(
        "Dit lijkt geen mailadres. Een mailadres ziet eruit als an@voorbeeld.be."
    ),
    r"no language of ours": later("Schrijf nl, fr of en."),
    r"somebody else has this mail address": later(
        "Iemand anders heeft dit mailadres ook. Dat mag, maar kijk of het niet dezelfde mens is."
    ),
    r"a member needs a name": later("Wie nieuw is, heeft een naam nodig. Vul die in."),
    r"read as .*": later(
        "Dit bestand is met andere letters bewaard, wellicht door een rekenblad. Kijk of namen met "
        "accenten goed staan; het bestand zoals opgehaald is veiliger."
    ),
    r"cells divided by .*": later(
        "Een rekenblad heeft dit bestand opnieuw bewaard. Dat lukt, maar het bestand zoals "
        "opgehaald is veiliger."
    ),
}
_OTHER: Final = later("Hier klopt iets niet: %(reason)s.")
DOING: Final = {
    "reading": later("We lezen het bestand."),
    "accounts": later("We openen de rekeningen."),
    "pictures": later("We nemen de foto's van leden over."),
    "transfers": later("We nemen de boekingen over."),
    "posts": later("We nemen vraag en aanbod over."),
}


def issue_words(issue: Issue) -> Said:
    """Say what is wrong with a row, and what to do."""
    sentence = next(
        (said for reason, said in _WORDS.items() if re.fullmatch(reason, issue.reason)), None
    )
    return Said(_OTHER, {"reason": issue.reason}) if sentence is None else Said(sentence)
