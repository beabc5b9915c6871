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
        "accounts": "Leden",
        "activity": "Activiteit",
        "address": "Mailadres",
        "amount": "Bedrag",
        "booking": "Boeking",
        "card": "Gegevens van de groep",
        "categories": "Rubrieken",
        "category": "Rubriek",
        "code": "Letscode",
        "colour": "Kleur",
        "contact": "Contact",
        "contacts": "Contactgegevens",
        "coordinator": "Kerngroep",
        "day": "Dag",
        "decimals": "Decimalen",
        "description": "Omschrijving",
        "ends_at_s": "Einde",
        "expires_at_s": "Einddatum",
        "export": "Bestand",
        "file": "Bestand",
        "finding": "Bevinding",
        "group": "Groep",
        "helper": "Helper",
        "input": "Invoer",
        "into": "Waarheen",
        "invitation": "Uitnodiging",
        "issue": "Nieuwsbrief",
        "item": "Bladzijde",
        "kind": "Soort",
        "language": "Taal",
        "letter": "Mail",
        "limit": "Limiet",
        "limits": "Grenzen",
        "line": "Koppeling",
        "link": "Link",
        "logo": "Logo",
        "lower_minor": "Ondergrens",
        "mail": "Mailadres",
        "mailbox": "Postbus",
        "member": "Lid",
        "members": "Leden",
        "month": "Maand",
        "name": "Naam",
        "near": "Plaats",
        "other": "Ander lid",
        "others": "Andere talen",
        "page": "Bladzijde",
        "parent": "Hoofdrubriek",
        "partner": "Groep",
        "path": "Overschrijving",
        "paused": "Pauze",
        "payee": "Ontvanger",
        "payer": "Gever",
        "peer": "Groep",
        "per_hour": "Eenheden per uur",
        "period": "Periode",
        "person": "Persoon",
        "picture": "Foto",
        "pictures": "Foto's",
        "place": "Plaats",
        "plural": "Naam van meer eenheden",
        "post": "Aanbod of vraag",
        "postcode": "Postcode",
        "price": "Richtprijs",
        "proof": "Bewijs",
        "proposal": "Voorstel",
        "reason": "Reden",
        "recipient": "Ontvanger",
        "report": "Melding",
        "request": "Vraag om te waarderen",
        "role": "Taak",
        "said": "Eigen woorden",
        "sender": "Afzender",
        "shares": "Wie hielp",
        "singular": "Naam van één eenheid",
        "skills": "Wat je kunt",
        "starts_at_s": "Begin",
        "table": "Tabel",
        "terms": "Afspraken",
        "text": "Tekst",
        "thread": "Gesprek",
        "title": "Titel",
        "trade": "Ruil",
        "unit": "Munteenheid",
        "until_s": "Weg tot",
        "upper_minor": "Bovengrens",
        "url": "Webadres",
        "wave": "Ronde",
        "weekday": "Dag",
    },
    Language.FR: {
        "about": "À propos de toi",
        "account": "Compte",
        "accounts": "Membres",
        "activity": "Activité",
        "address": "Adresse e-mail",
        "amount": "Montant",
        "booking": "Opération",
        "card": "Fiche du groupe",
        "categories": "Rubriques",
        "category": "Rubrique",
        "code": "Code du membre",
        "colour": "Couleur",
        "contact": "Contact",
        "contacts": "Coordonnées",
        "coordinator": "Coordination",
        "day": "Jour",
        "decimals": "Décimales",
        "description": "Description",
        "ends_at_s": "Fin",
        "expires_at_s": "Échéance",
        "export": "Fichier",
        "file": "Fichier",
        "finding": "Constatation",
        "group": "Groupe",
        "helper": "Aidant",
        "input": "Données",
        "into": "Destination",
        "invitation": "Invitation",
        "issue": "Lettre d'information",
        "item": "Page",
        "kind": "Type",
        "language": "Langue",
        "letter": "Mail",
        "limit": "Limite",
        "limits": "Limites",
        "line": "Lien",
        "link": "Lien",
        "logo": "Logo",
        "lower_minor": "Limite inférieure",
        "mail": "Adresse e-mail",
        "mailbox": "Boîte aux lettres",
        "member": "Membre",
        "members": "Membres",
        "month": "Mois",
        "name": "Nom",
        "near": "Lieu",
        "other": "Autre membre",
        "others": "Autres langues",
        "page": "Page",
        "parent": "Rubrique principale",
        "partner": "Groupe",
        "path": "Transfert",
        "paused": "Pause",
        "payee": "Bénéficiaire",
        "payer": "Donneur",
        "peer": "Groupe",
        "per_hour": "Unités par heure",
        "period": "Période",
        "person": "Personne",
        "picture": "Image",
        "pictures": "Images",
        "place": "Lieu",
        "plural": "Nom de plusieurs unités",
        "post": "Offre ou demande",
        "postcode": "Code postal",
        "price": "Prix indicatif",
        "proof": "Preuve",
        "proposal": "Proposition",
        "reason": "Raison",
        "recipient": "Destinataire",
        "report": "Signalement",
        "request": "Demande",
        "role": "Rôle",
        "said": "Nos mots",
        "sender": "Expéditeur",
        "shares": "Qui a aidé",
        "singular": "Nom d'une unité",
        "skills": "Compétences",
        "starts_at_s": "Début",
        "table": "Tableau",
        "terms": "Accord",
        "text": "Texte",
        "thread": "Conversation",
        "title": "Titre",
        "trade": "Échange",
        "unit": "Unité",
        "until_s": "Absent jusqu'au",
        "upper_minor": "Limite supérieure",
        "url": "Adresse web",
        "wave": "Tour",
        "weekday": "Jour",
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
    if not units:
        return f"0 {hour}"
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
