"""What texts look for, in squares: as the index of words with their squares has it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD: Final = re.compile(r"'((?:[^']|'')*)'")
_HERE: Final = "\0"
"""Stands for a square; no text holds it."""


def placed_words(wanted: str, squares: Iterable[int]) -> str:
    """Ask the same, a `tsquery` as text, of the words of each square; of no word, nothing."""
    if not wanted:
        return ""
    placed = _WORD.sub(rf"'{_HERE}\1'", wanted)
    return " | ".join(f"({placed.replace(_HERE, _letter_of(square))})" for square in squares)


def _letter_of(square: int) -> str:
    """Give the letter that stands for a square, as `plain.placed_words` does."""
    return chr(0x100 + (square & 0x3FF))
