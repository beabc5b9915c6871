"""How wide a text becomes beside a picture, and what of it fits. Pure.

A page cannot measure letters before it is sent. So widths are upper bounds, in hundredths of the
height of a letter, as the typeface of the pages has them in its bold cut. What it does not have is
drawn by who knows which typeface: such a text is given the length that it may take.
"""

from __future__ import annotations

from typing import Final, NamedTuple

SIZE: Final = 14
"""Of the letters, in the units of the picture; the stylesheet says the same."""
_SIGNS: Final = "\N{NO-BREAK SPACE}\N{RIGHT SINGLE QUOTATION MARK}"
_NARROW: Final = (frozenset(f"',.:;|`!()[]ijl {_SIGNS}"), 41)
_SLIM: Final = (frozenset('"-_frtI1/\\{}*csz'), 53)
_BROAD: Final = (frozenset("MWm@%ÆæŒœ\N{EM DASH}ŉŴ"), 113)
_SMALL: Final = 68
_CAPITAL: Final = 82
_OTHER: Final = 93
_ELSEWHERE: Final = 113
_LATIN_1: Final = "\N{LATIN SMALL LETTER Y WITH DIAERESIS}"
_OURS_UNTIL: Final = "\N{LATIN SMALL LETTER LONG S}"
_ALSO_OURS: Final = frozenset("…\N{EN DASH}\N{EM DASH}\N{RIGHT SINGLE QUOTATION MARK}€")
CUT: Final = "…"


class Label(NamedTuple):
    """A text as it is drawn, and the length that it has to keep to; none where it fits."""

    text: str
    length: int | None = None


def text_width(text: str) -> float:
    """Give how wide a text is at most, in the units of the picture."""
    return sum(map(_width, text)) * SIZE / 100


def name_label(text: str, room: int) -> Label:
    """Give as much of a name as fits, with a mark where it is cut."""
    return _kept_to(_cut(text, room), room)


def amount_label(text: str, room: int) -> Label:
    """Give an amount, whole: one that is too wide is drawn narrower."""
    return _kept_to(text, room)


def _cut(text: str, room: int) -> str:
    if text_width(text) <= room:
        return text
    left, cut = room - text_width(CUT), 0
    for letter in text:
        left -= text_width(letter)
        if left < 0:
            break
        cut += 1
    return text[:cut].rstrip() + CUT


def _kept_to(text: str, room: int) -> Label:
    width = text_width(text)
    fits = width <= room and all(one <= _OURS_UNTIL or one in _ALSO_OURS for one in text)
    return Label(text, None if fits else int(min(width, room)))


def _width(letter: str) -> int:
    for letters, width in (_NARROW, _SLIM, _BROAD):
        if letter in letters:
            return width
    if letter > _OURS_UNTIL and letter not in _ALSO_OURS:
        return _ELSEWHERE
    if letter > _LATIN_1:
        return _OTHER
    return _SMALL if (letter.islower() and letter != "w") or letter.isdigit() else _CAPITAL
