"""Which language a page is in: what was chosen, else the person's, else the browser's. Pure."""

from __future__ import annotations

from typing import Final

from schemas.texts.words import Language

FIRST: Final = Language.NL
NAMES: Final = {Language.NL: "Nederlands", Language.FR: "Français", Language.EN: "English"}
"""What each language calls itself; never translated."""
_BY_NAME: Final[dict[str, Language]] = {language.value: language for language in Language}
_PREFERENCES_MAX: Final = 20


def read_language(text: str) -> Language | None:
    """Read one language; anything else is none."""
    return _BY_NAME.get(text)


def choose(*said: str, accepted: str = "") -> Language:
    """Take the first that is a language of ours, else what the browser likes best, else Dutch."""
    for text in said:
        found = read_language(text)
        if found is not None:
            return found
    return _liked_best(accepted)


def _liked_best(header: str) -> Language:
    """Read `Accept-Language` (RFC 9110 section 12.5.4); what cannot be read does not count."""
    best, best_weight = FIRST, 0.0
    for part in header.split(",", _PREFERENCES_MAX)[:_PREFERENCES_MAX]:
        tag, _, parameter = part.strip().partition(";")
        found = read_language(tag.strip().partition("-")[0].lower())
        weight = _weight(parameter.strip())
        if found is not None and weight > best_weight:
            best, best_weight = found, weight
    return best


def _weight(parameter: str) -> float:
    if not parameter:
        return 1.0
    name, _, value = parameter.partition("=")
    try:
        weight = float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
