"""Français : ce qu'un groupe apporte d'un ancien programme."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

_AS_IS: Final = "Donne le fichier tel que téléchargé, ou télécharge-le de nouveau."

TEXTS: Final[dict[Code, Words]] = {
    Code.ARCHIVE_UNKNOWN: Words("{field} : ni un ZIP ni un CSV.", _AS_IS),
    Code.ARCHIVE_DAMAGED: Words("{field} : le ZIP est abîmé ou coupé.", _AS_IS),
    Code.ARCHIVE_TOO_LARGE: Words("{field} : plus grand que {limit} octets.", _AS_IS),
    Code.ARCHIVE_TOO_MANY: Words("{field} : plus de {limit} fichiers dans le ZIP.", _AS_IS),
    Code.ARCHIVE_BOMB: Words("{field} : devient plus de {limit} fois plus grand.", _AS_IS),
    Code.ARCHIVE_PATH: Words("{field} : un nom de fichier qui mène ailleurs.", _AS_IS),
    Code.ARCHIVE_LINK: Words("{field} : un lien, pas un fichier.", _AS_IS),
    Code.ARCHIVE_DUPLICATE: Words("{field} : figure deux fois dans le ZIP.", _AS_IS),
    Code.ARCHIVE_ENCRYPTED: Words(
        "{field} : protégé par un mot de passe.", "Enlève d'abord le mot de passe."
    ),
    Code.ARCHIVE_METHOD: Words("{field} : comprimé d'une manière inhabituelle.", _AS_IS),
    Code.CSV_ENCODING: Words("{field}, ligne {line} : pas de l'UTF-8.", _AS_IS),
    Code.CSV_TRUNCATED: Words("{field}, ligne {line} : le fichier s'arrête au milieu.", _AS_IS),
    Code.CSV_QUOTES: Words("{field}, ligne {line} : un guillemet mal placé.", _AS_IS),
    Code.CSV_TOO_LARGE: Words("{field}, ligne {line} : plus de {limit} {what}.", _AS_IS),
    Code.CSV_WIDTH: Words(
        "{field}, ligne {line} : {found} champs, mais {expected} dans l'en-tête.", _AS_IS
    ),
    Code.CSV_COLUMN_MISSING: Words("{field} : la colonne {column} manque.", _AS_IS),
    Code.CSV_COLUMN_TWICE: Words("{field} : la colonne {column} figure deux fois.", _AS_IS),
    Code.IMPORT_TABLE_MISSING: Words("{field} : cette table n'est pas dans l'export.", _AS_IS),
    Code.IMPORT_GENERATION: Words(
        "{field} : un export d'eLAS, ou d'eLAND d'avant novembre 2019.",
        "Que le groupe passe d'abord à un eLAND actuel et exporte de là.",
    ),
    Code.IMPORT_SUM: Words(
        "{field} : tous les soldes ensemble font {difference} et non 0.",
        "Que le groupe examine cela, ou passe la différence au compte du groupe.",
    ),
}
