"""Français : installer un groupe, et ses clés sur papier."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.SETUP_DONE: Words(
        "Dans {field} un groupe tourne déjà, ou est prêt.",
        "Regarde-le avec 'ruilbrug --node {field} node status' ; donne avec --node un autre "
        "dossier pour un autre groupe.",
    ),
    Code.SETUP_OTHER: Words(
        "{field} : cette installation a commencé avec '{begun}'.",
        "Omets l'option pour continuer ainsi ; donne avec --node un autre dossier pour un autre "
        "groupe.",
    ),
    Code.SETUP_STOPPED: Words(
        "L'installation s'est arrêtée ({reason}).",
        "Remédie à cela et relance la même commande : elle continue de là.",
        kept="Ce qui était déjà fait reste.",
    ),
    Code.WEB_ADDRESS_INVALID: Words(
        "{field} : l'adresse web d'un groupe commence par https://, suivi d'un nom seul, comme "
        "https://lets.example.org.",
        "Écris-la ainsi ; le nom doit être celui de ton groupe.",
    ),
    Code.RATE_INVALID: Words(
        "{field} : une heure vaut un nombre entier d'unités, de 1 à {limit}.",
        "Donne un tel nombre ; la plupart des groupes ont de 10 à 60.",
    ),
    Code.DATABASE_NOT_MADE: Words(
        "PostgreSQL n'a pas créé la base de données ({reason}).",
        "Installe-le (apt-get install postgresql) et relance la même commande en tant que root ; "
        "ou nomme une base avec --database et --database-owner.",
    ),
    Code.PAPER_LINE: Words(
        "La ligne {field} n'est pas tapée comme sur le papier.",
        "Relis cette ligne, bloc par bloc : 0 et O comptent comme identiques, et 1, I et L aussi.",
    ),
    Code.PAPER_LINES_MISSING: Words(
        "Ces lignes du papier manquent : {field}.",
        "Tape-les aussi ; chaque clé en a quatre.",
    ),
    Code.PAPER_OTHER: Words(
        "{field} : c'est la clé d'un autre groupe, ou une ancienne.",
        "Cherche le papier au nom de ce groupe, avec la date la plus récente.",
    ),
    Code.PAPER_GONE: Words(
        "Les clés pour le papier ne sont plus sur ce serveur.",
        "Si tu as le papier, il n'y a rien à faire ; 'ruilbrug paper check' dit s'il est juste.",
    ),
}
