"""Belgian postcodes: where a place lies, what it is called, how far it is. Pure look-ups.

The lists are GeoNames' and Statbel's (`places/SOURCES.md`). A postcode without a point there, or
of another country, is no place: nothing is guessed. Coordinates are degrees (WGS 84), distances
whole metres along the surface.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache
from importlib.resources import files
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.members.opened import Place as PlainPlace

if TYPE_CHECKING:
    from collections.abc import Iterator

EARTH_RADIUS_M: Final = 6_371_008.8
"""The mean radius (IUGG); SQL has the same number in `plain.distance_m`."""
POSTCODE: Final = re.compile(r"(?:BE?[- ]?)?([1-9][0-9]{3})\Z", re.IGNORECASE | re.ASCII)
_POSTCODE_WITHIN: Final = re.compile(
    r"(?:\bBE?[- ]?|(?<![0-9]))([1-9][0-9]{3})(?![0-9])", re.IGNORECASE | re.ASCII
)
_FOLDER: Final = files("federation.members").joinpath("places")
_SMALL_WORDS: Final = re.compile(
    r"(?<=-)(?:Aan|Bij|De|Den|Der|Des|Du|En|Et|In|La|Le|Les|Lez|Lès|Op|Over|Près|Sous|Sur|Ter|"
    r"'T|Van|Voor)(?=-)"
)
_DISTRICTS: Final = {"Laeken": "Laken"}
"""A district of Brussels with a Dutch name of its own that neither list has."""


class Source(NamedTuple):
    """Whose data this is; their licence asks to be named where it is used."""

    name: str
    url: str
    licence: str
    licence_url: str


SOURCES: Final = (
    Source(
        "GeoNames",
        "https://www.geonames.org/",
        "CC BY 4.0",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
    Source(
        "Statbel",
        "https://statbel.fgov.be/",
        "CC BY 4.0",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
)


class Spot(NamedTuple):
    """A point on the map, in degrees."""

    latitude: float
    longitude: float


class Place(NamedTuple):
    """A postcode: its localities, the municipalities around them (Dutch, French), its middle."""

    postcode: str
    localities: tuple[tuple[str, Spot], ...]
    municipalities: tuple[tuple[str, str], ...]
    spot: Spot

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which the place is known, localities first, each once."""
        found = [name for name, _ in self.localities]
        found += [_DISTRICTS[name] for name in found if name in _DISTRICTS]
        found += [name for both in self.municipalities for name in both]
        return tuple(dict.fromkeys(found))

    def name(self, language: str = "nl") -> str:
        """The name to show: the municipality's when a locality bears it, else the locality's."""
        keys = {name_key(name) for name, _ in self.localities}
        for dutch, french in self.municipalities:
            if keys & {name_key(dutch), name_key(french)}:
                return french if language == "fr" else dutch
        first = self.localities[0][0]
        return _DISTRICTS.get(first, first) if language != "fr" else first


def place_of(postcode: str) -> Place | None:
    """Find the place of a postcode, also written `B-9000` or with spaces around it."""
    written = POSTCODE.match(postcode.strip())
    return _places().get(written[1]) if written else None


def place_for_tables(postcode: str) -> PlainPlace | None:
    """Find a postcode's name and middle, as the projector writes them."""
    place = place_of(postcode)
    return None if place is None else PlainPlace(place.name(), *place.spot)


def all_places() -> tuple[Place, ...]:
    """Give every place, by postcode."""
    return tuple(place for _, place in sorted(_places().items()))


def postcodes_of(name: str) -> tuple[str, ...]:
    """Find the postcodes of a locality or municipality, whatever case and accents are used.

    Those of which it is a locality come first; then in the order of their numbers.
    """
    return _postcodes_by_name().get(name_key(name), ())


def locate(postcode: str, name: str = "") -> Spot | None:
    """Find the point of a locality; without one of that name, the middle of the postcode.

    Without a postcode, the name alone has to be known.
    """
    if not postcode.strip():
        found = postcodes_of(name)
        return locate(found[0], name) if found else None
    place = place_of(postcode)
    if place is None:
        return None
    wanted = name_key(name)
    return next((spot for own, spot in place.localities if name_key(own) == wanted), place.spot)


def read_spot(text: str) -> Spot | None:
    """Find the point that somebody typed: a postcode, a name, or both in either order."""
    found = _POSTCODE_WITHIN.search(text)
    if found is None:
        return locate("", text)
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    return locate(found[1], rest)


def distance_m(one: Spot, other: Spot) -> int:
    """Give the metres between two points (haversine; within 0.5 % of the ellipsoid's)."""
    up = math.radians(other.latitude - one.latitude)
    right = math.radians(other.longitude - one.longitude)
    half = (
        math.sin(up / 2) ** 2
        + math.cos(math.radians(one.latitude))
        * math.cos(math.radians(other.latitude))
        * math.sin(right / 2) ** 2
    )
    return round(2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half))))


def name_key(name: str) -> str:
    """Give the form in which two names are the same: no case, accents, hyphens, apostrophes."""
    flat = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in flat if c.isascii()).split())


@cache
def _places() -> dict[str, Place]:
    municipalities: dict[str, list[tuple[str, str]]] = {}
    spelling: dict[str, str] = {}
    for row in _rows("statbel_municipalities.tsv"):
        municipalities.setdefault(row["postcode"], []).append((row["nl"], row["fr"]))
        spelling |= {row["nl"].casefold(): row["nl"], row["fr"].casefold(): row["fr"]}
    localities: dict[str, list[tuple[str, Spot]]] = {}
    for row in _rows("geonames_be.tsv"):
        name = spelling.get(row["name"].casefold()) or _written(row["name"])
        spot = Spot(float(row["latitude"]), float(row["longitude"]))
        localities.setdefault(row["postcode"], []).append((name, spot))
    return {
        postcode: Place(
            postcode, tuple(found), tuple(municipalities.get(postcode, ())), _middle(found)
        )
        for postcode, found in localities.items()
    }


@cache
def _postcodes_by_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for of_localities in (True, False):
        for postcode, place in sorted(_places().items()):
            own = [name for name, _ in place.localities]
            for name in own if of_localities else place.names:
                found.setdefault(name_key(name), {})[postcode] = None
    return {name: tuple(postcodes) for name, postcodes in found.items()}


def _rows(name: str) -> Iterator[dict[str, str]]:
    """Read a table; it has no quotes, so a line is a row."""
    head, *lines = _FOLDER.joinpath(name).read_text("utf-8").splitlines()
    columns = head.split("\t")
    for line in lines:
        yield dict(zip(columns, line.split("\t"), strict=True))


def _written(name: str) -> str:
    """Write the small words of a name small, as in Heist-op-den-Berg and 's-Gravenwezel."""
    return _SMALL_WORDS.sub(lambda found: found[0].lower(), name.replace("'S ", "'s-"))


def _middle(localities: list[tuple[str, Spot]]) -> Spot:
    """Give the middle of a postcode's localities; one that was put far off moves it little."""
    return Spot(
        median(spot.latitude for _, spot in localities),
        median(spot.longitude for _, spot in localities),
    )
