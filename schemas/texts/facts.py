"""Facts as people read them: amounts with their unit, time as time, fields by their name. Pure.

A fact is an integer or a short text; its name says what it is: `..._minor` is in the group's own
unit, `..._units` in line units (1/100 of a second), `field` names what is wrong, and `reason` may
be a word that travels between nodes. Amounts are cut towards zero, never up: what is called
possible is possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schemas.amounts import LINE_UNITS_PER_HOUR, format_minor
from schemas.texts.words import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemas.amounts import Unit

_MINUTE: Final = LINE_UNITS_PER_HOUR // 60
_SECOND: Final = 100
_HOUR_MINUTE_SECOND: Final = {
    Language.NL: ("uur", "min", "sec"),
    Language.FR: ("h", "min", "s"),
    Language.EN: ("h", "min", "s"),
}

FIELDS: Final[dict[Language, dict[str, str]]] = {
    Language.NL: {
        "about": "Over jezelf",
        "account": "Rekening",
        "activity": "Activiteit",
        "address": "Mailadres",
        "amount": "Bedrag",
        "category": "Rubriek",
        "code": "Letscode",
        "contacts": "Contactgegevens",
        "decimals": "Decimalen",
        "description": "Omschrijving",
        "expires_at_s": "Einddatum",
        "group": "Groep",
        "helper": "Helper",
        "input": "Invoer",
        "invitation": "Uitnodiging",
        "limit": "Limiet",
        "line": "Koppeling",
        "name": "Naam",
        "near": "Plaats",
        "other": "Ander lid",
        "parent": "Hoofdrubriek",
        "path": "Overschrijving",
        "payee": "Ontvanger",
        "payer": "Gever",
        "peer": "Groep",
        "person": "Persoon",
        "picture": "Foto",
        "pictures": "Foto's",
        "post": "Aanbod of vraag",
        "price": "Richtprijs",
        "proposal": "Voorstel",
        "recipient": "Ontvanger",
        "report": "Melding",
        "request": "Vraag om te waarderen",
        "role": "Taak",
        "sender": "Afzender",
        "shares": "Wie hielp",
        "skills": "Wat je kunt",
        "terms": "Afspraken",
        "text": "Tekst",
        "thread": "Gesprek",
        "title": "Titel",
        "trade": "Ruil",
        "unit": "Munteenheid",
        "until_s": "Weg tot",
    },
    Language.FR: {
        "about": "À propos de toi",
        "account": "Compte",
        "activity": "Activité",
        "address": "Adresse e-mail",
        "amount": "Montant",
        "category": "Rubrique",
        "code": "Code du membre",
        "contacts": "Coordonnées",
        "decimals": "Décimales",
        "description": "Description",
        "expires_at_s": "Échéance",
        "group": "Groupe",
        "helper": "Aidant",
        "input": "Données",
        "invitation": "Invitation",
        "limit": "Limite",
        "line": "Lien",
        "name": "Nom",
        "near": "Lieu",
        "other": "Autre membre",
        "parent": "Rubrique principale",
        "path": "Transfert",
        "payee": "Bénéficiaire",
        "payer": "Donneur",
        "peer": "Groupe",
        "person": "Personne",
        "picture": "Image",
        "pictures": "Images",
        "post": "Offre ou demande",
        "price": "Prix indicatif",
        "proposal": "Proposition",
        "recipient": "Destinataire",
        "report": "Signalement",
        "request": "Demande",
        "role": "Rôle",
        "sender": "Expéditeur",
        "shares": "Qui a aidé",
        "skills": "Compétences",
        "terms": "Accord",
        "text": "Texte",
        "thread": "Conversation",
        "title": "Titre",
        "trade": "Échange",
        "unit": "Unité",
        "until_s": "Absent jusqu'au",
    },
    Language.EN: {},
}
"""What a field is called at the start of a sentence; others show as programs name them."""

REASONS: Final[dict[Language, dict[str, str]]] = {
    Language.NL: {
        "coordinator": "pauze door de kerngroep",
        "maintenance": "werk aan een server",
        "too_many_errors": "er kwam te veel binnen dat niet klopt",
        "findings": "bij het nakijken bleek iets niet te kloppen",
    },
    Language.FR: {
        "coordinator": "pause décidée par l'équipe",
        "maintenance": "travaux sur un serveur",
        "too_many_errors": "trop de messages faux sont arrivés",
        "findings": "une vérification a trouvé une erreur",
    },
    Language.EN: {
        "coordinator": "put on hold by the coordinators",
        "maintenance": "a server is being worked on",
        "too_many_errors": "too much came in that was wrong",
        "findings": "a check has found something wrong",
    },
}


def shown(
    facts: Mapping[str, int | str], language: Language, unit: Unit | None = None
) -> dict[str, str]:
    """Give the facts as text in a language; without `unit` an own amount is a bare number."""
    return {name: _shown(name, value, language, unit) for name, value in facts.items()}


def _shown(name: str, value: int | str, language: Language, unit: Unit | None) -> str:
    if isinstance(value, int):
        if name.endswith("_units"):
            return time_text(value, language)
        if name.endswith("_minor") and unit is not None:
            return amount_text(value, unit, language)
        return str(value)
    names = {"field": FIELDS, "reason": REASONS}.get(name)
    return value if names is None else names[language].get(value, value)


def amount_text(amount_minor: int, unit: Unit, language: Language = Language.EN) -> str:
    """Write an amount with its unit, `8 pollekes`, `1 polleke`, `3,50 blommekes`."""
    decimals = unit.rate.decimals
    name = unit.singular if abs(amount_minor) == 10**decimals else unit.plural
    return f"{_comma(format_minor(amount_minor, decimals), language)} {name}"


def time_text(line_units: int, language: Language = Language.EN) -> str:
    """Write line units as time, `1 uur 24 min`; parts of a second only below a minute."""
    hour, minute, second = _HOUR_MINUTE_SECOND[language]
    units = abs(line_units)
    sign = "-" if line_units < 0 else ""
    if units < _MINUTE:
        whole, part = divmod(units, _SECOND)
        number = _comma(f"{whole}.{part:02d}", language) if part else str(whole)
        return f"{sign}{number} {second}"
    hours, rest = divmod(units, LINE_UNITS_PER_HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    parts = ((hours, hour), (minutes, minute), (rest // _SECOND, second))
    return sign + " ".join(f"{count} {name}" for count, name in parts if count)


def _comma(number: str, language: Language) -> str:
    return number if language is Language.EN else number.replace(".", ",")
