"""The one colour of a group, as shades that everybody can read in both themes. Pure.

WCAG 2.2 asks for a contrast of 4.5 (AA) between letters and what is behind them. A shade is the
colour itself where it fits, else mixed with black (light theme) or white (dark theme) until it
does; so any colour may be chosen, and none makes a page that somebody cannot read.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

CONTRAST_MIN: Final = 4.5
PERCENT: Final = 100
_COLOUR: Final = re.compile(r"#?(?P<hex>[0-9a-fA-F]{6})")
_DARK_END: Final = 0.04045


class Colour(NamedTuple):
    """Red, green and blue, 0 to 255 each."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        """Write it as CSS does."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


BLACK: Final = Colour(0, 0, 0)
WHITE: Final = Colour(255, 255, 255)


class Theme(NamedTuple):
    """What of the stylesheet stands behind and beside the colour, in one theme."""

    paper: Colour
    card: Colour
    ink: Colour
    towards: Colour
    """With what the colour is mixed until it can be read."""
    on: Colour
    """Letters on a button."""


LIGHT: Final = Theme(
    Colour(0xFD, 0xF8, 0xF1), WHITE, Colour(0x2A, 0x21, 0x1C), towards=BLACK, on=WHITE
)
DARK: Final = Theme(
    Colour(0x1D, 0x17, 0x14),
    Colour(0x29, 0x22, 0x20),
    Colour(0xF6, 0xED, 0xE4),
    towards=WHITE,
    on=Colour(0x1A, 0x12, 0x0C),
)


class Shades(NamedTuple):
    """What takes the place of the colours of the stylesheet in one theme."""

    main: Colour
    """Links, buttons, marks."""
    deep: Colour
    """The same when it is pointed at."""
    tint: Colour
    """Behind letters."""
    on: Colour
    """Letters on `main`."""


def read_colour(text: str) -> Colour | None:
    """Read `#a63c11`; nothing for anything else."""
    found = _COLOUR.fullmatch(text.strip())
    if found is None:
        return None
    said = found["hex"]
    return Colour(int(said[:2], 16), int(said[2:4], 16), int(said[4:], 16))


def luminance(colour: Colour) -> float:
    """Give how bright a colour looks, 0 to 1 (WCAG 2.2, relative luminance)."""
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= _DARK_END else float(((part + 0.055) / 1.055) ** 2.4)


def contrast(one: Colour, other: Colour) -> float:
    """Give the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def mix(one: Colour, other: Colour, percent: int) -> Colour:
    """Give a colour with so many per cent of another in it."""
    return Colour(
        *(
            (a * (PERCENT - percent) + b * percent) // PERCENT
            for a, b in zip(one, other, strict=True)
        )
    )


def shades(colour: Colour, theme: Theme) -> Shades:
    """Give the nearest shades that can be read in a theme."""
    tint = mix(theme.paper, colour, 10)
    behind = (theme.paper, theme.card, tint)
    for percent in range(PERCENT + 1):
        main = mix(colour, theme.towards, percent)
        if all(contrast(main, other) >= CONTRAST_MIN for other in (*behind, theme.on)):
            break
    deep = mix(main, theme.towards, 25)
    assert contrast(theme.ink, tint) >= CONTRAST_MIN
    return Shades(main=main, deep=deep, tint=tint, on=theme.on)


def rules(colour: Colour) -> str:
    """Write what puts a colour in the place of ours, behind the stylesheet; paper stays black."""
    light, dark = (_rule(shades(colour, theme)) for theme in (LIGHT, DARK))
    return (
        f"@media screen {{\n  {light}\n}}\n"
        f"@media screen and (prefers-color-scheme: dark) {{\n  {dark}\n}}\n"
    )


def _rule(found: Shades) -> str:
    return (
        f":root {{ --warm: {found.main}; --on-warm: {found.on}; --warm-deep: {found.deep};"
        f" --tint: {found.tint}; }}"
    )
