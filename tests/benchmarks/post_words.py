"""Words that made-up posts are put together from: three languages, as in Belgian groups."""

from __future__ import annotations

from typing import Final

DUTCH: Final = (
    (
        "Vervoer",
        "Fiets herstellen",
        "Fietsherstelling aan huis",
        "Meerijden naar zee",
        "Rit naar het station",
        "Aanhangwagen lenen",
        "Bakfiets te leen",
        "Band plakken",
    ),
    (
        "Tuin",
        "Haag scheren",
        "Gras maaien",
        "Tomatenplantjes",
        "Snoeien van fruitbomen",
        "Composthoop aanleggen",
        "Moestuin beginnen",
        "Tuinafval wegbrengen",
        "Zaaigoed ruilen",
    ),
    (
        "Eten",
        "Taart bakken",
        "Brood bakken",
        "Soep koken",
        "Confituur van pruimen",
        "Koken voor een groep",
        "Wafels bakken",
        "Zuurdesem doorgeven",
        "Kookles vegetarisch",
    ),
    (
        "Huis",
        "Muur schilderen",
        "Behangen",
        "Kraan herstellen",
        "Kast ineensteken",
        "Ramen lappen",
        "Poetsen",
        "Zolder opruimen",
        "Verhuizen",
        "Lampen ophangen",
    ),
    (
        "Kinderen",
        "Kinderen opvangen",
        "Oppas in het weekend",
        "Huiswerkbegeleiding",
        "Verjaardagsfeestje begeleiden",
        "Voorlezen",
        "Knutselen met kinderen",
    ),
    (
        "Computer",
        "Computer opfrissen",
        "Hulp bij smartphone",
        "Foto's inscannen",
        "Website maken",
        "Printer installeren",
        "Les tekstverwerking",
    ),
    (
        "Kledij",
        "Broek innemen",
        "Gordijnen naaien",
        "Trui breien",
        "Ritssluiting vervangen",
        "Naaimachine lenen",
        "Strijken",
    ),
    ("Talen", "Franse les", "Conversatie Spaans", "Nederlands oefenen", "Teksten nalezen"),
    ("Muziek", "Gitaarles", "Pianoles", "Zingen in een koor", "Piano stemmen"),
    ("Dieren", "Kat eten geven", "Hond uitlaten", "Hondenoppas", "Kippen verzorgen"),
    ("Lichaam", "Massage", "Haar knippen", "Yogales", "Voetverzorging", "Samen wandelen"),
    ("Papieren", "Boekhouding nakijken", "Belastingaangifte invullen", "Brief schrijven"),
    ("Gereedschap", "Boormachine lenen", "Ladder te leen", "Schuurmachine", "Tent lenen"),
)
FRENCH: Final = (
    ("Jardin", "Tailler la haie", "Tondre la pelouse", "Plants de tomates", "Élagage d'arbres"),
    ("Maison", "Réparation de vélo", "Peindre un mur", "Ménage", "Petits travaux", "Déménagement"),
    ("Cuisine", "Gâteau d'anniversaire", "Confiture de fraises", "Cours de cuisine"),
    ("Enfants", "Garde d'enfants", "Aide aux devoirs", "Lecture à voix haute"),
    ("Langues", "Cours de néerlandais", "Conversation française", "Traduction"),
)
ENGLISH: Final = (
    ("Languages", "English conversation", "Proofreading", "Translation into English"),
    ("Home", "Bike repair", "Painting walls", "Garden help", "Babysitting", "Cooking lessons"),
)
DUTCH_TEXT: Final = (
    "Met plezier gedaan, ook voor wie nog nooit iets vroeg.",
    "Ik kom naar je toe, liefst in de buurt.",
    "Materiaal breng ik mee, koffie hoeft niet maar mag.",
    "Liefst een week op voorhand laten weten.",
    "Ik heb dit jaren als beroep gedaan en doe het nu voor de vriendschap.",
    "Samen doen kan ook: ik leer het je graag.",
    "Enkel 's avonds of op zaterdag, na afspraak.",
    "Voor klein en groot werk, met wat er in de kast ligt.",
    "Ook voor ouderen die moeilijk buiten komen.",
    "Bij slecht weer spreken we een andere dag af.",
    "Vraag gerust; ik heb zelf alles in huis.",
    "De kosten voor verf, zaad of stof betaal je zelf in euro.",
    "Ik spreek Nederlands, Frans en een beetje Engels.",
    "Bel eerst even, dan bekijken we wat er nodig is.",
)
FRENCH_TEXT: Final = (
    "Avec plaisir, aussi pour ceux qui n'ont jamais rien demandé.",
    "Je me déplace, de préférence dans le quartier.",
    "J'apporte le matériel; le café est bienvenu.",
    "Prévenez-moi une semaine à l'avance.",
    "Le soir ou le samedi, sur rendez-vous.",
)
ENGLISH_TEXT: Final = (
    "Happy to help, also if you have never asked for anything.",
    "I bring my own tools; evenings and weekends only.",
    "Please call first so that we can see what is needed.",
)
TITLES: Final = {"nl": DUTCH, "fr": FRENCH, "en": ENGLISH}
TEXTS: Final = {"nl": DUTCH_TEXT, "fr": FRENCH_TEXT, "en": ENGLISH_TEXT}
NAMES: Final = ("Annelies", "Bart", "Chantal", "Dirk", "Els", "Frans", "Zoë", "Koen", "André")
SEARCHES: Final = (
    "fiets",
    "fiets herstellen",
    "haag scheren",
    "tomaten",
    "taart",
    "brood bakken",
    "oppas",
    "schilderen",
    "computer",
    "gitaar",
    "franse les",
    "réparation vélo",
    "garde enfants",
    "bike repair",
    "naaien",
    "hond",
    "massage",
    "boekhouding",
    "ladder",
    "confituur",
    "verhuizen",
    "gras maaien",
    "koken groep",
    "yoga",
    "tondre pelouse",
)
TYPING_ERRORS: Final = ("fietz hersteln", "haag scherren", "konfituur", "gitaarlles", "masage")
