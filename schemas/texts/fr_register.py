"""Français : le registre de la fédération et les clés des groupes."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.GROUP_UNKNOWN: Words(
        "{field} : ce groupe n'est pas dans le registre.",
        "Commence par l'admettre avec son invitation : 'ruilbrug group admit'.",
    ),
    Code.ADDRESS_TAKEN: Words(
        "{field} : un autre groupe du registre a cette adresse : {group}.",
        "Demande une invitation avec l'adresse propre du groupe. Si l'autre n'existe plus, "
        "retire-le d'abord du registre : 'ruilbrug group leave'.",
    ),
    Code.KEY_BORROWED: Words(
        "{field} : cette clé, ou cette déclaration à son sujet, est celle d'un autre groupe.",
        "Demande au groupe des déclarations sur ses propres clés.",
    ),
    Code.KEY_LATE: Words(
        "{field} : c'est trop tard ; jusqu'à la ligne {size} du journal, l'autre clé était en "
        "vigueur.",
        "Déclare la clé à partir de la fin du journal : 'ruilbrug key' le fait tout seul.",
    ),
    Code.KEY_REVOKED: Words(
        "{field} : signé avec une clé révoquée, et inconnu avant cela.",
        "Écris quelque chose de nouveau sur le lien : avec la nouvelle clé, cela répond de ce "
        "qui précède.",
    ),
    Code.KEYS_FORGOTTEN: Words(
        "Ce groupe a été remis à un moment d'avant le changement de ses clés ; d'autres ont encore "
        "les déclarations plus récentes, signées avec la clé racine.",
        "Démarre-le, donne 'ruilbrug node recover', arrête-le, donne 'ruilbrug key recover log "
        "--root root.key' et redémarre-le.",
        kept="Ce qui est comptabilisé ici n'est pas perdu, et rien n'est sorti depuis.",
    ),
}
