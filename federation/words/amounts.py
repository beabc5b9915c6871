"""Amounts as people read them: the decimal comma, the unit's own name. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schemas.amounts import format_minor
from schemas.texts.words import Language

if TYPE_CHECKING:
    from schemas.amounts import Unit

NO_BREAK: Final = "\N{NO-BREAK SPACE}"


def number(amount_minor: int, decimals: int, language: Language) -> str:
    """Write an amount without its unit: `-12`, `3,50`, `1 000`."""
    plain = format_minor(amount_minor, decimals)
    sign = "-" if plain.startswith("-") else ""
    whole, _, part = plain.removeprefix("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", NO_BREAK)
    point = "." if language is Language.EN else ","
    return f"{sign}{grouped}{point}{part}" if part else f"{sign}{grouped}"


def amount(amount_minor: int, unit: Unit, language: Language) -> str:
    """Write an amount with its unit, which never stands alone on the next line: `8 pollekes`."""
    one = abs(amount_minor) == 10**unit.rate.decimals
    name = unit.singular if one else unit.plural
    return f"{number(amount_minor, unit.rate.decimals, language)}{NO_BREAK}{name}"


def percent(whole: int, language: Language) -> str:
    """Write whole per cent: `7%`, in French `7 %`, which is never broken."""
    space = NO_BREAK if language is Language.FR else ""
    return f"{number(whole, 0, language)}{space}%"
