"""The people of the demo and what they do together: made up, in Dutch, and nobody's own."""

from __future__ import annotations

from typing import Final, NamedTuple


class Somebody(NamedTuple):
    """A member as the demo describes it."""

    code: str
    name: str
    postcode: str
    place: str
    skills: str
    about: str
    mail: str
    phone: str = ""
    phone_seen_by: str = "members"
    """`staff`, `members`, `interlets` or `public`."""
    language: str = ""

    @property
    def address(self) -> str:
        """What this member types to sign in; no such address exists."""
        return f"{self.mail}@demo.example"


class Told(NamedTuple):
    """What the coordinator of a group tells its members."""

    group: str
    kind: str
    title: str
    text: str
    days: int = 0
    """From the day the demo starts."""
    place: str = ""


class Together(NamedTuple):
    """An activity as the coordinator of a group places it."""

    group: str
    title: str
    text: str
    place: str
    days: int
    """From the day the demo starts; below zero it is over, and units are given for it."""
    joined: tuple[str, ...]


PEOPLE: Final = {
    "pollekesland": (
        Somebody(
            *("001", "Lieve Verhulst", "3000", "Leuven"),
            "vergaderen, soep voor twintig, luisteren",
            "Ik help de groep draaien. Bel me gerust als iets niet lukt; daar ben ik voor.",
            *("lieve", "016 00 10 01", "interlets"),
        ),
        Somebody(
            *("002", "Marleen Daems", "3010", "Kessel-Lo"),
            "taarten bakken, gordijnen zomen, kinderen voorlezen",
            "Zeventig en nog altijd nieuwsgierig. Jef en ik wonen vlak bij het park.",
            *("marleen", "0470 00 20 02", "interlets"),
        ),
        Somebody(
            *("003", "Renée Crèvecœur", "3001", "Heverlee"),
            "Franse conversatie, naaien, kaartspelen",
            "Je parle français à la maison; met mijn Nederlands mag je lachen.",
            *("renee", "0470 00 30 03", "members", "fr"),
        ),
        Somebody(
            *("007", "سميرة بن علي", "3000", "Leuven"),
            "koken, Arabisch, rekenen tot het zesde leerjaar",
            "Zeg maar Samira. Ik kook graag voor veel volk en leer zelf fietsen.",
            *("samira", "0470 00 70 07", "members"),
        ),
        Somebody(
            *("008", "Bram Wuyts", "3130", "Begijnendijk"),
            "fietsen herstellen, ladders lenen, dakgoten",
            "Alles met twee wielen krijg ik weer aan het rollen.",
            *("bram", "0470 00 80 08", "interlets"),
        ),
        Somebody(
            *("010", "Noémie D'Hoore", "2800", "Mechelen"),
            "gordijnen, knopen, ritsen",
            "Ik naai aan de keukentafel terwijl de soep pruttelt.",
            *("noemie", "0470 01 00 10", "staff"),
        ),
        Somebody(
            *("011", "Oscar Tielemans", "3200", "Aarschot"),
            "snoeien, moestuin, met de auto rijden",
            "Gepensioneerd tuinman. Ik rijd ook voor wie niet meer rijdt.",
            *("oscar", "0470 01 10 11", "members"),
        ),
        Somebody(
            *("012", "Agnes Van Roosbroeck", "3010", "Kessel-Lo"),
            "breien, verhalen van vroeger",
            "Achtentachtig. Oscar zet voor mij in de computer wat ik hem vertel.",
            *("agnes", "016 00 12 12", "members"),
        ),
    ),
    "gent": (
        Somebody(
            *("001", "Wouter Steyaert", "9000", "Gent"),
            "boekhouding, computers, gitaar",
            "Ik hou de lijsten van LETS Gent bij, en een potje koffie warm.",
            *("wouter", "09 000 10 01", "interlets"),
        ),
        Somebody(
            *("002", "Marc Dhaenens", "9050", "Gentbrugge"),
            "fietsen, lassen, ketels ontkalken",
            "In mijn garage staat altijd een fiets ondersteboven.",
            *("marc", "0471 00 20 02", "interlets"),
        ),
        Somebody(
            *("003", "İlknur Şahin", "9040", "Sint-Amandsberg"),
            "baklava, Turks, huiswerkhulp",
            "Ik bak voor feesten en voor wie een feest nodig heeft.",
            *("ilknur", "0471 00 30 03", "members"),
        ),
        Somebody(
            *("007", "Zoë Bracke", "9030", "Mariakerke"),
            "English conversation, yoga, plants",
            "Half Ghent, half Galway. I teach English at my kitchen table.",
            *("zoe", "0471 00 70 07", "interlets", "en"),
        ),
        Somebody(
            *("008", "Kobe Van Hulle", "9230", "Wetteren"),
            "verhuizen, aanhangwagen, sterke armen",
            "Ik heb een aanhangwagen en twee broers.",
            *("kobe", "0471 00 80 08", "members"),
        ),
        Somebody(
            *("010", "Fien Lootens 🌻", "9800", "Deinze"),
            "tuinieren, stekjes, kippen",
            "Mijn tuin is te groot voor mij alleen; dat is jouw geluk.",
            *("fien", "0471 01 00 10", "interlets"),
        ),
    ),
    "zandland": (
        Somebody(
            *("001", "Greet Moons", "2440", "Geel"),
            "organiseren, fietstochten",
            "Kerngroep van LETS Zandland, sinds het begin.",
            *("greet", "014 00 10 01", "interlets"),
        ),
        Somebody(
            *("002", "Stan Verachtert", "2400", "Mol"),
            "ladders, dakwerk, konijnen",
            "Hoogtevrees heb ik niet, een hoge ladder wel.",
            *("stan", "0472 00 20 02", "interlets"),
        ),
        Somebody(
            *("003", "Hilde Bleukx", "2300", "Turnhout"),
            "brood, gist, geduld",
            "Elke vrijdag gaat mijn oven aan, ook voor jou.",
            *("hilde", "0472 00 30 03", "interlets"),
        ),
    ),
}

AUDITOR: Final = Somebody(
    *("001", "Dirk Ceulemans", "", ""),
    *("", ""),
    "dirk",
)
"""Who looks after the umbrella's pages."""

PLUCKED: Final = "Appels plukken in de boomgaard"
ACTIVITIES: Final = (
    Together(
        "pollekesland",
        PLUCKED,
        "Ladders en manden zijn er. Wie plukt, krijgt er ook eenheden voor.",
        "Boomgaard achter de kerk, Kessel-Lo",
        -4,
        ("002", "008", "011"),
    ),
    Together(
        "pollekesland",
        "Repaircafé",
        "Breng mee wat stuk is, en zet je bij wie het kan maken. Koffie is er altijd.",
        "Buurthuis, Parkstraat, Leuven",
        12,
        ("002", "008", "010", "011"),
    ),
    Together(
        "gent",
        "Geveltuintjes planten",
        "We breken enkele stenen uit en planten klimop, stokroos en tijm.",
        "Dampoort, Gent",
        9,
        ("002", "003", "007"),
    ),
)

TOLD: Final = (
    Told(
        *("pollekesland", "news", "Welkom aan zeven nieuwe leden"),
        "Zeg eens dag als je hen ziet, en vraag hun iets: zo begint het.",
        -6,
    ),
    Told(
        *("pollekesland", "news", "Interletsen met Gent en Zandland"),
        "Wat daar wordt aangeboden, vind je nu gewoon bij Vraag en aanbod.",
        -1,
    ),
    Told(
        *("pollekesland", "date", "Ledenvergadering"),
        "Met soep, en met stemmen over de ledenbijdrage.",
        *(20, "Buurthuis, Parkstraat, Leuven"),
    ),
    Told(
        *("pollekesland", "document", "Onze huisregels"),
        "Een uur is een uur. Spreek vooraf af. Zeg het als het anders loopt.",
        -300,
    ),
    Told(
        *("gent", "news", "Geveltuintjes"),
        "De stad geeft ons dit jaar tachtig planten.",
        -3,
    ),
)

HOME: Final = "pollekesland"
COORDINATOR: Final = "001"
HEROINE: Final = "002"
"""Marleen of LETS Pollekesland: her pages show a trade in every state."""
SECOND: Final = ("Jef Daems", "jef@demo.example")
"""Who shares her account."""
HELPED: Final = "012"
HELPER: Final = "011"
AWAY: Final = ("gent", "010")
