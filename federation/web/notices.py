"""What a page may say on top after something was done: named in the address, so it needs no cookie.

A page of another room adds its own here, as `later` sentences.
"""

from __future__ import annotations

from typing import Final

from federation.group.messages import ReadBy
from federation.web.forms import Said
from federation.words.texts import later

NOTICES: Final = {
    "acting": Said(later("Wat je nu doet, doe je in naam van iemand anders.")),
    "acting-over": Said(later("Je doet alles weer in je eigen naam.")),
    "draft": Said(
        later(
            "Je was te lang weg en bent afgemeld. Wat je typte is bewaard: meld je aan, en je "
            "vindt het terug."
        )
    ),
    "device-out": Said(later("Dat toestel is afgemeld.")),
    "devices-out": Said(later("Al je andere toestellen zijn afgemeld.")),
    "goodbye": Said(later("Je bent afgemeld. Tot ziens!")),
    "login": Said(later("Meld je eerst aan.")),
    "link-used": Said(
        later("Die link is al gebruikt of te oud. Vraag gerust een nieuwe; er is niets verloren.")
    ),
    "mail-done": Said(later("Dat is gebeurd.")),
    "mail-works": Said(later("Goed, we mailen weer naar dit adres.")),
    "password-off": Said(later("Je wachtwoord is weg. Je meldt je voortaan aan met een mail.")),
    "password-set": Said(
        later("Je wachtwoord is bewaard. Je andere toestellen zijn afgemeld voor de zekerheid.")
    ),
    "saved": Said(later("Bewaard.")),
    "finding-solved": Said(later("Bewaard. Komt het terug, dan staat het hier weer open.")),
    # the group's pages
    "called-off": Said(later("Het gaat niet door. Wie mee zou komen, ziet dat hier.")),
    "helper-gone": Said(later("Dat is geregeld: die persoon doet niets meer in je naam.")),
    "helper-new": Said(later("Dat is geregeld. Jullie namen staan er altijd allebei bij.")),
    "joined": Said(later("Fijn, je komt mee.")),
    "not-joined": Said(later("Je komt niet mee. Dat is in orde.")),
    "person-gone": Said(later("Die persoon kan zich niet meer aanmelden voor jullie rekening.")),
    "person-new": Said(later("Welkom! Wie er nu bij is, meldt zich aan met het eigen mailadres.")),
    "report-handled": Said(later("Dat is geregeld. Dank je om ervoor te zorgen.")),
    "removed": Said(later("Verwijderd.")),
    "spread": Said(later("Geboekt. Wie hielp, heeft de eenheden.")),
    "post-placed": Said(later("Het staat er. Iedereen voor wie het bedoeld is, vindt het nu.")),
    "post-renewed": Said(later("Het blijft langer staan.")),
    "post-ended": Said(later("Het is weg. Je kunt het altijd terugzetten.")),
    "away": Said(later("Je vraag en aanbod is even niet te zien. Tot straks!")),
    "back": Said(later("Welkom terug. Je vraag en aanbod is weer te zien.")),
    "sent": Said(later("Verstuurd.")),
    "thanked": Said(later("Je dankwoord staat erbij.")),
    "untold": Said(
        later("Het is geweigerd, maar je woorden konden niet bezorgd worden. Bel of schrijf even.")
    ),
    "blocked": Said(later("Je krijgt van deze persoon geen berichten meer.")),
    "unblocked": Said(later("Deze persoon kan je weer schrijven.")),
    "reported": Said(later("De kerngroep weet het nu. Dank je om het te zeggen.")),
    "reported-others": Said(
        later(
            "De anderen van de kerngroep weten het nu. Degene over wie het gaat, krijgt je melding "
            "niet te zien. Dank je om het te zeggen."
        )
    ),
    "reported-kept": Said(
        later(
            "Je melding is bewaard, maar nu leest niemand ze: degene over wie ze gaat, krijgt ze "
            "niet te zien, en verder is er niemand in de kerngroep. Komt er iemand bij, dan ligt "
            "ze klaar."
        )
    ),
}
REPORTED: Final = {
    ReadBy.ALL: "reported",
    ReadBy.OTHERS: "reported-others",
    ReadBy.NOBODY: "reported-kept",
}
"""What somebody is told who reported something."""
