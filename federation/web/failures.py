"""The page for what did not work: what happened, that nothing is lost, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit


class Failure(NamedTuple):
    """The words of one kind of failure."""

    title: str
    what: str
    next_step: str


_FAILURES: Final = {
    403: Failure(
        later("Dit is niet voor jou bestemd"),
        later("Deze bladzijde is voor de kerngroep, of hoort bij iemand anders."),
        later("Denk je dat je ze wel mag zien? Vraag het aan de kerngroep."),
    ),
    404: Failure(
        later("Hier is niets"),
        later("Deze bladzijde bestaat niet, of niet meer."),
        later("Ga terug naar het begin en zoek van daar verder."),
    ),
    405: Failure(
        later("Zo gaat het niet"),
        later("Deze bladzijde kun je enkel bekijken of invullen vanaf haar eigen formulier."),
        later("Ga terug naar het begin en probeer het van daar."),
    ),
    413: Failure(
        later("Dat is te veel in één keer"),
        later("Wat je stuurde is te groot. Er is niets veranderd."),
        later("Ga terug en stuur minder."),
    ),
    429: Failure(
        later("Even wachten"),
        later("Er is te dikwijls na elkaar geprobeerd. Er is niets verloren."),
        later("Probeer het over enkele minuten opnieuw."),
    ),
    500: Failure(
        later("Er liep iets mis bij ons"),
        later("Het ligt niet aan jou. Wat geboekt is, blijft geboekt."),
        later("Probeer het straks opnieuw. Lukt het dan nog niet, zeg het aan de kerngroep."),
    ),
    503: Failure(
        later("Even geduld"),
        later("Het programma is er heel even niet. Wat geboekt is, blijft geboekt."),
        later("Probeer het over een minuut opnieuw; dezelfde knop doet nooit iets twee keer."),
    ),
}
WRITTEN: Final = ("title", "text", "description", "reason")
"""Fields with words that somebody thought about: they stand on the page of a failure as well."""
_OTHERWISE: Final = Failure(
    later("Dat lukte niet"),
    later("Er is niets veranderd."),
    later("Ga terug en kijk na wat je invulde."),
)
ELSEWHERE: Final = Failure(
    later("Dat kwam niet van deze site"),
    later("Je browser zei dat dit formulier van ergens anders komt. Er is niets veranderd."),
    later("Ga terug naar het begin en probeer het van daar."),
)
MADE_FOR_ANOTHER: Final = Failure(
    later("Dit formulier was voor iemand anders gemaakt"),
    later(
        "Je doet dit nu in een andere naam dan toen je deze bladzijde opende. Er is niets "
        "veranderd."
    ),
    later("Kijk bovenaan in wiens naam je nu iets doet, en open de bladzijde opnieuw."),
)


def page(
    visit: Visit, status: int, *, said: str = "", failure: Failure | None = None, wait_s: int = 0
) -> web.Response:
    """Give the page of a failure; `said` takes the place of its words when a use case has some."""
    failure = failure or _FAILURES.get(status, _OTHERWISE)
    typed = [] if visit.posted is None else [visit.posted.value(name) for name in WRITTEN]
    response = visit.show(
        "failure.html",
        status=status,
        failure=failure,
        explained=said,
        typed=[words for words in typed if words.strip()],
    )
    if status in {429, 503}:
        response.headers["Retry-After"] = str(wait_s or 60)
    return response
