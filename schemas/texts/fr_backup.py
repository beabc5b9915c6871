"""Français : faire des sauvegardes et les remettre en place."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

_COPY: Final = "Va rechercher le fichier là où tu le conserves, ou prends une autre sauvegarde."

TEXTS: Final[dict[Code, Words]] = {
    Code.BACKUP_UNKNOWN: Words(
        "{field} : ce n'est pas une sauvegarde de ce genre.",
        "Choisis un fichier fait par « ruilbrug backup » ; les clés sont dans un fichier à part.",
    ),
    Code.BACKUP_OTHER_KEY: Words(
        "{field} : cette sauvegarde est scellée avec une autre clé de récupération.",
        "Prends la clé de récupération sur le papier du groupe et de l'époque de cette sauvegarde.",
    ),
    Code.BACKUP_TRUNCATED: Words("{field} : cette sauvegarde est coupée.", _COPY),
    Code.BACKUP_DAMAGED: Words(
        "{field} : cette sauvegarde a été modifiée après avoir été faite.", _COPY
    ),
    Code.BACKUP_TRAILING: Words(
        "{field} : cette sauvegarde continue après sa fin, comme si deux fichiers avaient été "
        "collés l'un à l'autre.",
        _COPY,
    ),
    Code.BACKUP_OTHER_GROUP: Words(
        "{field} : cette sauvegarde est celle de {group}, un autre groupe que celui de ces clés.",
        "Prends une sauvegarde de ce groupe, ou le dossier avec les clés de l'autre.",
    ),
    Code.BACKUP_NEWER: Words(
        "{field} : une version plus récente de Ruilbrug a fait cette sauvegarde.",
        "Installe cette version ou une plus récente, puis recommence.",
    ),
    Code.BACKUP_UNWRITABLE: Words(
        "{field} : la sauvegarde ne peut pas être écrite ici ({reason}) ; rien ne reste à moitié.",
        "Fais de la place ou corrige les droits, ou choisis un dossier sur un autre disque.",
        "Le groupe et ses anciennes sauvegardes sont comme avant.",
    ),
    Code.BACKUP_RUNS: Words(
        "{field} : une autre sauvegarde est en train d'être faite ici.", "Attends qu'elle soit là."
    ),
    Code.BACKUP_KEYS_MISSING: Words(
        "{field} : cela manque, et une sauvegarde ne revient qu'à côté des propres clés du groupe.",
        "Mets-le là, ou indique le fichier fait par « ruilbrug backup --keys ».",
    ),
    Code.BACKUP_NOT_VERIFIED: Words(
        "{field} : le journal de cette sauvegarde n'est pas cohérent ({reason}).",
        "Prends une autre sauvegarde ; garde celle-ci, pour que quelqu'un puisse la regarder.",
    ),
    Code.RESTORE_NOT_EMPTY: Words(
        "{field} : une sauvegarde revient là où il n'y a encore rien, et ici il y a déjà quelque "
        "chose.",
        "Fais une nouvelle base de données vide et un dossier vide, ou avec les réglages et les "
        "clés seulement.",
    ),
}
