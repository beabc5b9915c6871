"""Where a group tells something: news, calendar, documents, pages; how each is called."""

from __future__ import annotations

from typing import Final, NamedTuple

from federation.words.texts import later
from schemas.board_bodies import ItemKind


class Shelf(NamedTuple):
    """One of them; sentences are `later`."""

    kind: ItemKind
    path: str
    title: str
    adding: str
    changing: str
    none: str
    back: str


NEWS: Final = Shelf(
    ItemKind.NEWS,
    "/news",
    later("Nieuws"),
    later("Nieuws schrijven"),
    later("Nieuws aanpassen"),
    later("Er is nog geen nieuws."),
    later("Al het nieuws"),
)
CALENDAR: Final = Shelf(
    ItemKind.DATE,
    "/calendar",
    later("Kalender"),
    later("Iets in de kalender zetten"),
    later("De kalender aanpassen"),
    later("Er staat nog niets in de kalender."),
    later("De hele kalender"),
)
DOCUMENTS: Final = Shelf(
    ItemKind.DOCUMENT,
    "/documents",
    later("Documenten"),
    later("Een document toevoegen"),
    later("Het document aanpassen"),
    later("Er zijn nog geen documenten."),
    later("Alle documenten"),
)
PAGES: Final = Shelf(
    ItemKind.PAGE,
    "/pages",
    later("Over onze groep"),
    later("Een bladzijde schrijven"),
    later("De bladzijde aanpassen"),
    later("Er zijn nog geen bladzijden over de groep."),
    later("Alle bladzijden over de groep"),
)
SHELVES: Final = (NEWS, CALENDAR, DOCUMENTS, PAGES)
