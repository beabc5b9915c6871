"""A balance in words: never good, never bad (glossary section 9). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.web.forms import Said
from federation.words.amounts import amount
from federation.words.texts import later

if TYPE_CHECKING:
    from schemas.amounts import Unit
    from schemas.texts.words import Language

FAR_HOURS: Final = 8
"""Who gave so many hours more than it got, and has no upper limit, is told to ask for something."""
_MINE: Final = {
    "even": later("Je gaf evenveel als je kreeg."),
    "below": later("Je kreeg tot nu toe %(amount)s meer dan je gaf. Dat is in orde."),
    "above": later("Je gaf tot nu toe %(amount)s meer dan je kreeg."),
    "far": later(
        "Je gaf tot nu toe %(amount)s meer dan je kreeg. Je gaf veel. Tijd om iets te vragen?"
    ),
}
_THEIRS: Final = {
    "even": later("%(name)s gaf evenveel als hij of zij kreeg."),
    "below": later("%(name)s kreeg tot nu toe %(amount)s meer dan er gegeven werd."),
    "above": later("%(name)s gaf tot nu toe %(amount)s meer dan er gekregen werd."),
}


def balance_words(
    balance_minor: int, unit: Unit, language: Language, *, upper_minor: int | None, name: str = ""
) -> Said:
    """Say a balance; `name` when it is another's, else to the reader itself."""
    facts = {"amount": amount(abs(balance_minor), unit, language), "name": name}
    where = _where(balance_minor, unit, upper_minor)
    if name:
        return Said(_THEIRS["above" if where == "far" else where], facts)
    return Said(_MINE[where], facts)


def _where(balance_minor: int, unit: Unit, upper_minor: int | None) -> str:
    if balance_minor <= 0:
        return "below" if balance_minor else "even"
    far_minor = FAR_HOURS * unit.rate.minor_per_hour()
    if upper_minor is not None:
        far_minor = upper_minor * 3 // 4
    return "far" if balance_minor >= far_minor else "above"
