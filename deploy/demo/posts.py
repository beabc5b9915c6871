"""What the demo's people offer and ask for: made up, in Dutch, and some in French and English."""

from __future__ import annotations

from typing import Final, NamedTuple


class Said(NamedTuple):
    """An offer or a want as the demo places it."""

    code: str
    title: str
    text: str
    category: str
    quarters: int = 0
    """Guide price in quarters of an hour; 0 is to be talked about."""
    per: str = "hour"
    """`hour` or `piece`."""
    want: bool = False
    goods: bool = False
    seen_by: str = "interlets"
    drawings: tuple[str, ...] = ()
    days: int = 180
    """Until it ends, from the day the demo starts; below zero it has ended by itself."""


UPPER: Final = {
    "Klussen": "Huis",
    "Poetsen": "Huis",
    "Verhuizen": "Huis",
    "Snoeien": "Tuin",
    "Oogst": "Tuin",
    "Gebak": "Eten",
    "Koken voor een groep": "Eten",
    "Hulp & uitleg": "Computer",
    "Oppas": "Kinderen",
    "Fiets": "Vervoer",
    "Meerijden": "Vervoer",
    "Naaien": "Kledij",
    "Muziek": "Creatief",
    "Talen": "Creatief",
    "Oppas voor dieren": "Dieren",
}
"""The categories that the posts below use, each below its upper one."""

POSTS: Final = {
    "pollekesland": (
        Said(
            "002",
            "Appeltaart voor een feest",
            "Een taart van 28 cm, met appels uit de tuin. Zeg het drie dagen vooraf.",
            "Gebak",
            quarters=4,
            per="piece",
            goods=True,
            seen_by="public",
            drawings=("cake",),
        ),
        Said(
            "002",
            "Wie helpt mij met mijn nieuwe telefoon?",
            "Ik wil foto's van de kleinkinderen bewaren en weet niet waar ze blijven.",
            "Hulp & uitleg",
            quarters=3,
            want=True,
            drawings=("telephone",),
        ),
        Said(
            "008",
            "Fiets herstellen",
            "Banden, remmen, verlichting. Stukken betaal je in de winkel, mijn tijd in pollekes.",
            "Fiets",
            quarters=4,
            seen_by="public",
            drawings=("bicycle", "tools"),
        ),
        Said(
            "008",
            "Ladder van zes meter te leen",
            "Je haalt ze zelf op; ze past op een dakdrager.",
            "Klussen",
            quarters=1,
            per="piece",
            goods=True,
            drawings=("ladder",),
        ),
        Said(
            "010",
            "Gordijnen zomen en ritsen vervangen",
            "Breng de stof en het garen mee, ik heb de machine.",
            "Naaien",
            quarters=4,
            drawings=("sewing",),
        ),
        Said(
            "011",
            "Haag scheren en fruitbomen snoeien",
            "In het voorjaar en in de herfst. Het snoeihout voer ik niet af.",
            "Snoeien",
            quarters=4,
            drawings=("garden",),
        ),
        Said(
            "011",
            "Meerijden naar het ziekenhuis",
            "Heen en terug, ik wacht. Benzine in euro, mijn tijd zoals we afspreken.",
            "Meerijden",
            seen_by="members",
            drawings=("car",),
        ),
        Said(
            "003",
            "Conversation française autour d'un café",
            "Une heure par semaine, débutants bienvenus. Nederlands mag ook.",
            "Talen",
            quarters=4,
            drawings=("cup",),
        ),
        Said(
            "007",
            "Couscous voor tien mensen",
            "Met groenten, of met kip. Jij zorgt voor de boodschappen.",
            "Koken voor een groep",
            quarters=10,
            per="piece",
            drawings=("soup",),
        ),
        Said(
            "007",
            "Wie leert mij fietsen?",
            "Op een rustig plein, liefst met iemand die geduld heeft.",
            "Fiets",
            quarters=4,
            want=True,
            drawings=("bicycle",),
            days=3,
        ),
        Said(
            "012",
            "Sokken gebreid naar maat",
            "Zeg je schoenmaat en je lievelingskleur.",
            "Naaien",
            quarters=6,
            per="piece",
            goods=True,
            seen_by="members",
            drawings=("wool",),
        ),
        Said(
            "001",
            "Dertig stoelen van de groep",
            "Voor feesten van leden. Vraag Lieve wanneer ze vrij zijn.",
            "Klussen",
            goods=True,
            seen_by="staff",
            drawings=("chair",),
        ),
        Said(
            "001",
            "Helpende handen voor het Repaircafé",
            "Elke eerste zaterdag, ook wie alleen koffie wil schenken.",
            "Hulp & uitleg",
            want=True,
            seen_by="public",
            drawings=("tools",),
            days=2,
        ),
    ),
    "gent": (
        Said(
            "002",
            "Fiets herstellen in Gentbrugge",
            "Versnellingen, remmen, een slag in het wiel: ik kijk ze na terwijl je wacht.",
            "Fiets",
            quarters=3,
            drawings=("bicycle",),
        ),
        Said(
            "002",
            "Gereedschap voor elke klus",
            "Boormachine, waterpas, slijpschijf. Per dag, proper terug.",
            "Klussen",
            quarters=1,
            per="piece",
            goods=True,
            drawings=("tools",),
        ),
        Said(
            "003",
            "Baklava, een schaal voor twaalf",
            "Met pistache of met noten, vers gebakken op zaterdag.",
            "Gebak",
            quarters=5,
            per="piece",
            goods=True,
            seen_by="public",
            drawings=("cake",),
        ),
        Said(
            "007",
            "English conversation, all levels",
            "We talk, you drink tea, I correct only what matters.",
            "Talen",
            quarters=4,
            drawings=("cup",),
        ),
        Said(
            "008",
            "Verhuizen met aanhangwagen",
            "Tot aan de zee als het moet. Drie paar sterke armen.",
            "Verhuizen",
            quarters=4,
            drawings=("car",),
        ),
        Said(
            "008",
            "Zoek iemand die mijn broek kan innemen",
            "Twee broeken, een zoom en een rits.",
            "Naaien",
            quarters=3,
            per="piece",
            want=True,
            drawings=("sewing",),
        ),
        Said(
            "010",
            "Tomatenplantjes en stekjes",
            "Vijf soorten, opgekweekt zonder gif.",
            "Oogst",
            quarters=1,
            per="piece",
            goods=True,
            drawings=("tomato",),
            days=4,
        ),
        Said(
            "010",
            "Kippen verzorgen als je weg bent",
            "Eten, water, hok toe. De eieren zijn voor mij.",
            "Oppas voor dieren",
            seen_by="members",
            drawings=("hen",),
        ),
        Said(
            "001",
            "Gitaarles voor beginners",
            "Vijf akkoorden, honderd liedjes.",
            "Muziek",
            quarters=4,
            drawings=("guitar",),
        ),
    ),
    "zandland": (
        Said(
            "002",
            "Dakgoot leegmaken",
            "Ik breng zelf een hoge ladder mee.",
            "Klussen",
            quarters=4,
            drawings=("ladder",),
        ),
        Said(
            "003",
            "Zuurdesembrood op vrijdag",
            "Een brood van een kilo. Bestellen voor donderdagavond.",
            "Gebak",
            quarters=2,
            per="piece",
            goods=True,
            drawings=("bread",),
        ),
        Said(
            "001",
            "Samen fietsen langs het kanaal",
            "Wie rijdt er mee, op een zondag als het droog is?",
            "Fiets",
            want=True,
            drawings=("bicycle",),
        ),
    ),
}
