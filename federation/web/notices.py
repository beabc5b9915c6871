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
    "asked-once": Said(
        later("Dit had je al gevraagd, en het telt maar één keer. Hieronder zie je hoe het staat.")
    ),
    "booked-once": Said(
        later("Dit had je al geboekt, en het telt maar één keer. Hieronder zie je hoe het staat.")
    ),
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
    "note-forgotten": Said(
        later("De woorden zijn hier gewist, en bij de andere groep zodra we ze bereiken.")
    ),
    "rate-part": Said(
        later(
            "Bewaard. Niet elke groep kon nu gevraagd worden: bewaar later hetzelfde getal nog "
            "eens."
        )
    ),
    "saved": Said(later("Bewaard.")),
    "partner-asked": Said(
        later("Gevraagd. De andere groep krijgt een mail; tot ze antwoordt staat het apart.")
    ),
    "partner-answered": Said(later("Dank je wel, je antwoord is bewaard.")),
    "finding-solved": Said(later("Bewaard. Komt het terug, dan staat het hier weer open.")),
    "erased": Said(later("De gegevens van dat lid zijn gewist.")),
    "stays": Said(later("Fijn dat je blijft. Er wordt niets gewist.")),
    # the group's pages
    "digest-test": Said(later("De proef is onderweg naar je mailadres.")),
    "digest-no-test": Said(
        later("Er is geen proef verstuurd: je wilt geen overzichtsmail, of er is geen mailadres.")
    ),
    "called-off": Said(later("Het gaat niet door. Wie mee zou komen, ziet dat hier.")),
    "helper-gone": Said(later("Dat is geregeld: die persoon doet niets meer in je naam.")),
    "helper-new": Said(later("Dat is geregeld. Jullie namen staan er altijd allebei bij.")),
    "applicant-in": Said(later("Welkom aan het nieuwe lid. De mail is onderweg.")),
    "applicant-out": Said(later("Het antwoord is onderweg, en de gegevens zijn gewist.")),
    "joined": Said(later("Fijn, je komt mee.")),
    "not-joined": Said(later("Je komt niet mee. Dat is in orde.")),
    "person-gone": Said(later("Die persoon kan zich niet meer aanmelden voor jullie rekening.")),
    "person-new": Said(later("Welkom! Wie er nu bij is, meldt zich aan met het eigen mailadres.")),
    "report-handled": Said(later("Dat is geregeld. Dank je om ervoor te zorgen.")),
    "removed": Said(later("Verwijderd.")),
    "collective": Said(later("Geboekt. Iedereen vindt het bij de eigen rekening.")),
    "collective-back": Said(later("Alles is teruggedraaid.")),
    "spread": Said(later("Geboekt. Wie hielp, heeft de eenheden.")),
    "post-placed": Said(later("Het staat er. Iedereen voor wie het bedoeld is, vindt het nu.")),
    "post-renewed": Said(later("Het blijft langer staan.")),
    "post-ended": Said(later("Het is weg. Je kunt het altijd terugzetten.")),
    "post-hidden": Said(
        later("Niemand anders ziet dit nu. Wie het plaatste, krijgt je reden in een mail.")
    ),
    "post-unhidden": Said(later("Het is weer te zien. Wie het plaatste, krijgt een mail.")),
    "category-ended": Said(later("Die rubriek is er niet meer. Wat erin stond, is verhuisd.")),
    "role-given": Said(later("De taak is gegeven. Het lid krijgt een mail.")),
    "role-taken": Said(later("De taak is afgenomen. Het lid krijgt een mail.")),
    "away": Said(later("Je vraag en aanbod is even niet te zien. Tot straks!")),
    "back": Said(later("Welkom terug. Je vraag en aanbod is weer te zien.")),
    "sent": Said(later("Verstuurd.")),
    "words-kept": Said(
        later(
            "Wat je schreef, is bewaard. Zoek een andere vraag of een ander aanbod: daar staat "
            "het er weer."
        )
    ),
    "thanked": Said(later("Je dankwoord staat erbij.")),
    "newsletter-asked": Said(
        later("Kijk in je mail: daar wacht een knop. Pas als je erop tikt, krijg je nieuws.")
    ),
    "newsletter-on": Said(later("Goed. Vanaf nu krijg je nieuws.")),
    "newsletter-removed": Said(later("Dat adres staat niet op de lijst, of niet meer.")),
    "newsletter-tried": Said(later("De proef is onderweg naar je eigen mailadres.")),
    "partner-back": Said(later("Teruggedraaid. Het contact van de andere groep krijgt een mail.")),
    "closing-links": Said(later("De mails met de link gaan de deur uit.")),
    "merged": Said(later("Samengevoegd. De dubbele rekening is gesloten en verwijst hierheen.")),
    "member-file": Said(later("Alles uit het bestand staat nu in de ledenlijst.")),
    "member-mail-sent": Said(later("De mails gaan de deur uit; dat loopt vanzelf verder.")),
    "newsletter-sent": Said(later("Het gaat de deur uit; dat loopt vanzelf verder.")),
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
