"""French words that lose their last letter before a vowel: `combien d'heures`. Pure.

Whether they do depends on what fills the place behind them, which no translator knows: a group
chooses the name of its unit, and a member has its own name.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEFORE_PLACE: Final = re.compile(r"\b([dD]|[qQ]u|[jJ]usqu|[lL]orsqu|[pP]uisqu)e (?=%\((\w+)\)s)")
_TAGS: Final = re.compile(r"^(?:<[^<>]*>)+")
_VOWELS: Final = frozenset("aeiouœæ")
_SILENT: Final = ("heure", "habit", "herbe", "histoire", "homme", "humain")
"""An h that is not heard: of most words it is, so only these count as beginning with a vowel."""


def elided(sentence: str, facts: Mapping[str, object]) -> str:
    """Shorten what stands before a place that is filled with a vowel; the places stay."""
    return _BEFORE_PLACE.sub(
        lambda found: f"{found[1]}'" if _opens(str(facts.get(found[2], ""))) else found[0], sentence
    )


def _opens(said: str) -> bool:
    """Tell whether a text begins with the sound of a vowel, whatever marks it up."""
    word = _TAGS.sub("", said, count=1).lower()
    plain = unicodedata.normalize("NFD", word[:1])[:1]
    return (bool(plain) and plain in _VOWELS) or word.startswith(_SILENT)
