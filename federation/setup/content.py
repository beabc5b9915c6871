"""What a new group finds on its pages: categories, a welcome, a page about itself. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.setup.answers import DEFAULT_HOURS
from federation.words.amounts import amount
from federation.words.texts import later, texts

if TYPE_CHECKING:
    from federation.setup.answers import Answers

CATEGORIES: Final = {
    later("Huis"): (later("Klussen"), later("Poetsen"), later("Verhuizen")),
    later("Tuin"): (later("Snoeien en wieden"), later("Planten en oogst")),
    later("Eten"): (later("Koken"), later("Brood en gebak")),
    later("Zorg"): (later("Kinderen"), later("Ouderen en gezelschap"), later("Huisdieren")),
    later("Vervoer"): (later("Meerijden"), later("Fiets")),
    later("Computer en papieren"): (later("Computer en telefoon"), later("Administratie")),
    later("Leren en maken"): (later("Talen"), later("Muziek"), later("Naaien en handwerk")),
    later("Lichaam en rust"): (later("Verzorging en massage"), later("Sport en beweging")),
    later("Spullen"): (later("Lenen"), later("Boeken en spelen"), later("Andere spullen")),
}
"""Two levels; a group changes them as it likes."""
COORDINATOR: Final = later("Kerngroep")
"""What the first coordinator is called until she writes her own name."""


class Told(NamedTuple):
    """A text with its title."""

    title: str
    text: str


def categories(answers: Answers) -> dict[str, list[str]]:
    """Give the categories in the group's language, the lower ones by their upper one."""
    say = texts(answers.language).say
    return {say(upper): [say(one) for one in lower] for upper, lower in CATEGORIES.items()}


def welcome(answers: Answers) -> Told:
    """Give the first news."""
    say = texts(answers.language).say
    return Told(
        say("Welkom bij %(group)s", group=answers.name),
        "\n\n".join(
            (
                say(
                    "Dit is de plek van onze groep. Je vindt hier wat leden aanbieden en zoeken, "
                    "wie er lid is, en wat we samen doen."
                ),
                say(
                    "Begin met één aanbod en één vraag: iets wat je graag doet, en iets waar je "
                    "hulp bij kunt gebruiken. Zo vinden anderen je."
                ),
                say(
                    "Een vraag over hoe het werkt? Schrijf naar %(mail)s.",
                    mail=answers.mail,
                ),
            )
        ),
    )


def about(answers: Answers) -> Told:
    """Give the page about the group, as its coordinators will go on writing it."""
    say = texts(answers.language).say
    unit = answers.unit()
    return Told(
        say("Over %(group)s", group=answers.name),
        "\n\n".join(
            (
                say(
                    "%(group)s is een groep buren die elkaar helpen en spullen doorgeven, zonder "
                    "geld.",
                    group=answers.name,
                ),
                say(
                    "We tellen in %(plural)s. Een uur hulp is %(hour)s waard, voor iedereen en "
                    "voor elk werk.",
                    plural=answers.plural,
                    hour=amount(unit.rate.minor_per_hour(), unit, answers.language),
                ),
                say(
                    "Iedereen begint op nul. Onder nul staan is gewoon: je kreeg al iets en geeft "
                    "later iets terug. Je saldo gaat van %(lower)s tot %(upper)s: %(hours)s uur "
                    "naar elke kant.",
                    lower=amount(-answers.limit_minor(), unit, answers.language),
                    upper=amount(answers.limit_minor(), unit, answers.language),
                    hours=DEFAULT_HOURS,
                ),
                say(
                    "Lid worden of meer weten? Schrijf naar %(mail)s.",
                    mail=answers.mail,
                ),
            )
        ),
    )
