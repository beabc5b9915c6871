"""The shape of what people read about a code, and the sentences that every text shares."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Language(StrEnum):
    """The languages of the federation; Dutch is written first, English is the default."""

    NL = "nl"
    FR = "fr"
    EN = "en"


class Words(NamedTuple):
    """What happened, and the one thing to do next; both may hold `{fact}` places.

    `kept` says that nothing is lost where the usual sentence of the area does not fit.
    """

    what: str
    next_step: str
    kept: str = ""


NOTHING_CHANGED: Final = {
    Language.NL: "Er is niets veranderd.",
    Language.FR: "Rien n'a été modifié.",
    Language.EN: "Nothing was changed.",
}
NOTHING_BOOKED: Final = {
    Language.NL: "Er is niets geboekt, en wat apart stond is weer vrij.",
    Language.FR: "Rien n'a été comptabilisé, et ce qui était mis de côté est de nouveau libre.",
    Language.EN: "Nothing was booked, and what was set apart is free again.",
}
NOTHING_LOST: Final = {
    Language.NL: "Er gaat niets verloren: wat geboekt is, blijft geboekt.",
    Language.FR: "Rien n'est perdu : ce qui est comptabilisé le reste.",
    Language.EN: "Nothing is lost: what is booked stays booked.",
}
YES_NO: Final = {
    Language.NL: ("ja", "nee"),
    Language.FR: ("oui", "non"),
    Language.EN: ("yes", "no"),
}
