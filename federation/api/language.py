"""Which of our languages a caller reads best, by `Accept-Language` (RFC 9110 section 12.5.4)."""

from __future__ import annotations

from typing import Final

from schemas.errors import Language

RANGES_MAX: Final = 20
_BY_NAME: Final = {language.value: language for language in Language}


def language_of(header: str, default: Language = Language.EN) -> Language:
    """Give the language with the highest weight that we have; the first of equal ones."""
    best, weight = default, 0.0
    for part in header.split(",", RANGES_MAX)[:RANGES_MAX]:
        name, _, parameters = part.partition(";")
        primary = name.strip().lower().partition("-")[0]
        found = _BY_NAME.get(primary)
        said = _weight(parameters)
        if found is not None and said > weight:
            best, weight = found, said
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.replace(" ", "").partition("=")
    if not name:
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0) if name.lower() == "q" else 0.0
    except ValueError:
        return 0.0
