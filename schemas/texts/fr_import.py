"""Français : ce qu'un groupe apporte d'un ancien programme."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

_AS_IS: Final = "Donne le fichier tel que téléchargé, ou télécharge-le de nouveau."

_COPY: Final = "Reprends le fichier là où il a été fait, ou fais-en faire un autre."

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
    Code.SPREADSHEET_FILE: Words(
        "{field} est un fichier de tableur (Excel, LibreOffice, Numbers), pas un fichier CSV.",
        "Ouvre-le dans le tableur, choisis 'Enregistrer sous' ou 'Exporter', prends 'CSV UTF-8' "
        "comme type de fichier, une feuille à la fois, et apporte le fichier ainsi fait.",
    ),
    Code.IMPORT_TABLE_MISSING: Words("{field} : cette table n'est pas dans l'export.", _AS_IS),
    Code.IMPORT_GENERATION: Words(
        "{field} : des tables d'eLAS, et celle des membres n'y est pas.",
        "Donne aussi le fichier 'elas-users-....csv'.",
    ),
    Code.IMPORT_SUM: Words(
        "{field} : tous les soldes ensemble font {difference} et non 0.",
        "Que le groupe examine cela, ou passe la différence au compte du groupe.",
    ),
    Code.IMPORT_RUNS: Words(
        "Une reprise est en cours.", "Attends qu'elle soit terminée et regarde à nouveau."
    ),
    Code.IMPORT_CHANGED: Words(
        "Quelqu'un d'autre a apporté un autre fichier entre-temps, ou a choisi autre chose.",
        "Regarde à nouveau ce qui est là maintenant.",
    ),
    Code.IMPORT_STOPPED: Words(
        "La reprise s'est arrêtée en chemin : le serveur a redémarré.",
        "Laisse-la continuer : ce qui est déjà écrit ne l'est pas une seconde fois.",
        "Ce qui est déjà repris reste.",
    ),
    Code.IMPORT_UNWRITABLE: Words(
        "Le serveur ne peut pas garder ceci : le disque est plein, ou protégé.",
        "Demande à qui gère le serveur de faire de la place sur le disque, puis refais la même "
        "chose : rien n'arrive deux fois.",
        "Rien ne reste à moitié ; ce qui est déjà repris reste.",
    ),
    Code.EXPORT_THERE: Words(
        "{field} : un fichier de ce nom existe déjà.",
        "Choisis un autre nom, ou déplace ce fichier.",
    ),
    Code.EXPORT_UNWRITABLE: Words(
        "{field} : l'export ne peut pas être écrit ici ({reason}) ; rien n'est resté à moitié.",
        "Fais de la place ou corrige les droits, ou choisis un dossier sur un autre disque.",
    ),
    Code.EXPORT_RUNS: Words(
        "{field} : un autre export est en cours.", "Attends qu'il soit terminé."
    ),
    Code.EXPORT_UNKNOWN: Words(
        "{field} : ce n'est pas un export avec le journal d'un groupe.",
        "Indique un fichier fait par 'ruilbrug export --log' ou 'ruilbrug hand-over'.",
    ),
    Code.EXPORT_TRUNCATED: Words("{field} : cet export est tronqué.", _COPY),
    Code.EXPORT_DAMAGED: Words(
        "{field} : {part} dans cet export n'est pas tel que le groupe l'a écrit.", _COPY
    ),
    Code.EXPORT_NEWER: Words(
        "{field} : une version plus récente de Ruilbrug a fait cet export.",
        "Installe cette version ou une plus récente, puis réessaie.",
    ),
    Code.HANDED_OVER: Words(
        "Ce groupe a été transmis ; ici on ne peut plus que le lire.",
        "Continue à la nouvelle adresse ; 'ruilbrug hand-over --withdraw' le reprend, si personne "
        "ne l'a encore repris.",
    ),
    Code.BAD_MOVE: Words(
        "{field} : ces mots sur une nouvelle adresse ne sont pas ceux du groupe ({reason}).",
        "Demande au groupe ceux que sa clé racine a signés.",
    ),
    Code.MOVE_LATE: Words(
        "{field} : une adresse plus récente de ce groupe est déjà connue.",
        "Il n'y a rien à faire : c'est l'adresse la plus récente qui compte.",
    ),
    Code.BAD_CLOSING: Words(
        "{field} : ces mots sur la fin d'un groupe ne sont pas de ce groupe ({reason}).",
        "Il n'y a rien à faire : le groupe continue.",
    ),
    Code.CLOSING_LATE: Words(
        "{field} : ce groupe a continué après avoir dit cela.",
        "Il n'y a rien à faire : le groupe continue.",
    ),
    Code.LOG_NOT_FOLLOWED: Words(
        "La fédération a suivi ce journal jusqu'à l'entrée {size}, et pas encore jusqu'à la fin.",
        "Il n'y a rien à faire : ce sera redit tout seul.",
    ),
    Code.GROUP_NOT_CLEAR: Words(
        "Le groupe ne peut pas encore s'arrêter : {members} comptes et {lines} liens sont ouverts.",
        "'ruilbrug close-group' dit lesquels ; 'ruilbrug close-group --go' fait ce qui est "
        "possible.",
    ),
}
