"""Our own template: three tables to fill in, each with an example, in three languages.

For a group whose books are in a spreadsheet. Semicolons and a byte order mark, so that a
spreadsheet of this country opens them as tables; zeros before a code are lost there, so the
codes of the examples have letters none would lose.
"""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Final

LANGUAGES: Final = ("nl", "fr", "en")
_MEMBERS: Final = {
    "nl": (
        "lidnummer;naam;volledige naam;postcode;status;e-mail;telefoon;gsm;adres;zichtbaar voor;"
        "lid sinds;saldo;ondergrens;bovengrens;rol;over mij;nota"
    ),
    "fr": (
        "numéro;nom;nom complet;code postal;statut;courriel;téléphone;mobile;adresse;visible pour;"
        "membre depuis;solde;limite inférieure;limite supérieure;rôle;présentation;notes"
    ),
    "en": (
        "code;name;full name;postcode;status;email;phone;mobile;address;visible to;"
        "member since;balance;min;max;role;comments;notes"
    ),
}
_POSTS: Final = {
    "nl": (
        "lidnummer;soort;titel;tekst;categorie;richtprijs;per;geplaatst;vervalt;zichtbaar voor;"
        "foto's"
    ),
    "fr": "numéro;type;titre;texte;catégorie;prix;par;publié;valable jusque;visible pour;photos",
    "en": "code;type;title;text;category;price;per;created;validity;access;photos",
}
_TRANSFERS: Final = {
    "nl": "datum;van;aan;bedrag;omschrijving",
    "fr": "date;de;à;montant;description",
    "en": "date;from;to;amount;description",
}
_FILES: Final = {
    "nl": ("leden", "vraag-en-aanbod", "transacties"),
    "fr": ("membres", "annonces", "transactions"),
    "en": ("members", "posts", "transactions"),
}
_STATUS: Final = {"nl": "actief", "fr": "actif", "en": "active"}
_SEEN: Final = {"nl": "leden", "fr": "membres", "en": "members"}
_KINDS: Final = {"nl": ("aanbod", "vraag"), "fr": ("offre", "demande"), "en": ("offer", "want")}
_POST_WORDS: Final = {
    "nl": ("Fiets herstellen", "Ook banden plakken.", "Fietsen", "uur", "Wie snoeit onze haag?"),
    "fr": ("Réparer un vélo", "Aussi les pneus.", "Vélos", "heure", "Qui taille notre haie ?"),
    "en": ("Bicycle repair", "Tyres too.", "Bicycles", "hour", "Who prunes our hedge?"),
}
_SOUP: Final = {"nl": "Soep", "fr": "Soupe", "en": "Soup"}


def template(language: str) -> dict[str, bytes]:
    """Give the files of the template by name, each with a header and an example or two."""
    members, posts, transfers = _FILES[language]
    offer, want = _KINDS[language]
    repair, text, category, per, hedge = _POST_WORDS[language]
    status, seen = _STATUS[language], _SEEN[language]
    return {
        f"{members}.csv": _file(
            _MEMBERS[language],
            (
                *("L001", "Els", "Els Maes", "2000", status, "els@voorbeeld.be", "03 123 45 67"),
                *("0470 12 34 56", "Kerkstraat 1, 2000 Antwerpen", seen, "31/05/2020"),
                *("-5", "-500", "500", "", "", ""),
            ),
            (
                *("L002", "Bart", "Bart Claes", "2018", status, "bart@voorbeeld.be", "", "", ""),
                *(seen, "15/01/2022", "5", "", "", "", "", ""),
            ),
        ),
        f"{posts}.csv": _file(
            _POSTS[language],
            ("L001", offer, repair, text, category, "8", per, "01/10/2026", "31/12/2027", seen, ""),
            ("L002", want, hedge, "", "", "", "", "", "", seen, ""),
        ),
        f"{transfers}.csv": _file(
            _TRANSFERS[language], ("31/10/2026 18:30", "L001", "L002", "5", _SOUP[language])
        ),
    }


def packed(language: str) -> bytes:
    """Give the template as one ZIP to save."""
    said = io.BytesIO()
    with zipfile.ZipFile(said, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in template(language).items():
            archive.writestr(name, content)
    return said.getvalue()


def _file(header: str, *rows: tuple[str, ...]) -> bytes:
    said = io.StringIO()
    writer = csv.writer(said, delimiter=";")
    writer.writerow(header.split(";"))
    writer.writerows(rows)
    return said.getvalue().encode("utf-8-sig")
