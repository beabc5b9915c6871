"""Line units as people read them: hours, and a group's own unit beside them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.words.amounts import amount, number
from schemas.amounts import LINE_UNITS_PER_HOUR, Rate, to_minor

if TYPE_CHECKING:
    from federation.umbrella.flow_views import Group
    from federation.words.texts import Texts
    from schemas.texts.words import Language

HUNDREDTHS: Final = Rate(per_hour=1, decimals=2)


def hours_number(line_units: int, language: Language) -> str:
    """Write hours to the hundredth, without noughts that say nothing: `12`, `0,5`, `1 000,25`."""
    hundredths = to_minor(line_units, HUNDREDTHS)
    if hundredths % 100 == 0:
        return number(hundredths // 100, 0, language)
    if hundredths % 10 == 0:
        return number(hundredths // 10, 1, language)
    return number(hundredths, 2, language)


def hours_in_column(line_units: int, language: Language) -> str:
    """Write hours to the hundredth with all noughts, so that points stand below each other."""
    return number(to_minor(line_units, HUNDREDTHS), 2, language)


def hours(line_units: int, words: Texts) -> str:
    """Write hours with their name: `12,5 uur`."""
    said = words.say("%(hours)s uur", hours=hours_number(line_units, words.language))
    return said.replace(" ", "\N{NO-BREAK SPACE}")


def own_amount(line_units: int, group: Group, language: Language) -> str:
    """Write the same in a group's own unit, of known rate; with its name where that is known."""
    assert group.rate is not None
    minor = to_minor(line_units, group.rate)
    if group.unit is None:
        return number(minor, group.rate.decimals, language)
    return amount(minor, group.unit, language)


def own_hour(group: Group, language: Language) -> str:
    """Write what an hour is in a group's own unit, of known rate."""
    return own_amount(LINE_UNITS_PER_HOUR, group, language)
