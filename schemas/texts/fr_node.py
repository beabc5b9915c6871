"""Français : octets et signatures, le journal, les données reçues."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.NOT_CANONICAL: Words(
        "{field} : ceci n'est pas écrit de la seule manière admise ({reason}).",
        "Envoie les octets exactement comme ils ont été signés.",
    ),
    Code.BAD_ENCODING: Words(
        "{field} : ce n'est pas du base64url ou base32 sans remplissage de la bonne longueur.",
        "Envoie la valeur exactement comme tu l'as reçue.",
    ),
    Code.BAD_SIGNATURE: Words(
        "{field} : la signature n'est pas valable.", "Vérifie la clé et les octets."
    ),
    Code.BAD_KEY: Words("{field} : cette clé n'est pas utilisable ({reason}).", "Vérifie la clé."),
    Code.BAD_NOTE: Words("Le message signé est mal formé ({reason}).", "Va le chercher à nouveau."),
    Code.BAD_PROOF: Words(
        "La preuve de Merkle n'est pas valable ({reason}).", "Va la chercher à nouveau."
    ),
    Code.BAD_TILE_PATH: Words(
        "{field} : ce n'est pas un chemin de tuile.", "Lis docs/protocol.md, tiles."
    ),
    Code.BAD_COMMITMENT: Words(
        "{field} : le texte ne correspond pas à ce qui a été signé.",
        "Demande le texte à nouveau.",
    ),
    Code.BAD_KEY_STATEMENT: Words(
        "La déclaration de clé est refusée ({reason}).",
        "Demande au groupe ses déclarations de clés.",
    ),
    Code.FENCED: Words(
        "Un autre programme écrit maintenant dans ce journal ; celui-ci a cessé d'écrire.",
        "Laisse tourner un seul programme par groupe, puis redémarre-le.",
    ),
    Code.LOG_INCOMPLETE: Words(
        "Il manque à la base de données une partie de ce que ce groupe a écrit.",
        "Restaure une sauvegarde ; ce qui manque alors est chez la fédération et les partenaires.",
    ),
    Code.READ_ONLY: Words(
        "On peut seulement lire jusqu'à ce que le journal soit de nouveau complet ({reason}).",
        "Regarde où il en est avec 'ruilbrug node status'.",
    ),
    Code.RELEASES_NOTHING: Words(
        "Rien ne sort encore : tous n'ont pas encore confirmé la longueur du journal.",
        "Attends : la question est reposée d'elle-même. Suis cela avec 'ruilbrug node status'.",
    ),
    Code.DATABASE_UNAVAILABLE: Words(
        "La base de données ne répond pas.",
        "Réessaie dans un moment avec le même numéro : rien n'est comptabilisé deux fois.",
        "Ce qui est comptabilisé n'est pas perdu ; on ne sait pas encore si ceci l'a été.",
    ),
    Code.POSTGRES_MISSING: Words(
        "Aucun PostgreSQL de version 15 ou plus récente n'a été trouvé ({reason}).",
        "Installe le paquet Debian postgresql, ou indique le dossier de ses programmes dans "
        "RUILBRUG_POSTGRES_BIN.",
    ),
    Code.POSTGRES_FAILED: Words(
        "PostgreSQL n'a pas démarré : {reason}", "Corrige ce qui est indiqué et redémarre."
    ),
    Code.MIGRATION_CHANGED: Words(
        "La base de données ne convient pas à ce programme : migration {field}.",
        "Prends la version qui a tourné en dernier sur cette base, ou une plus récente.",
    ),
    Code.MIGRATION_DUE: Words(
        "Les tables de ce groupe sont plus anciennes que le programme.",
        "Lance 'ruilbrug node migrate' pendant qu'il est arrêté, puis démarre-le.",
    ),
    Code.MARK_UNWRITABLE: Words(
        "Le repère du journal ne peut pas être gardé ({reason}) ; rien ne peut donc sortir.",
        "Fais de la place sur le disque ou corrige les droits.",
    ),
    Code.NODE_MISSING: Words(
        "{field} : aucun groupe n'est encore installé ici.",
        "Installes-en un avec 'ruilbrug node init', ou indique un autre dossier.",
    ),
    Code.NODE_RUNS: Words(
        "Un autre programme travaille déjà avec la base de ce groupe.",
        "Arrête-le, ou utilise son adresse.",
    ),
    Code.PORT_UNUSABLE: Words(
        "{field} : rien ne peut écouter ici sur le port {port}.",
        "Choisis un autre port dans node.toml, ou arrête ce qui y écoute.",
    ),
    Code.RATE_LIMITED: Words(
        "Trop de choses ont été demandées à la fois au serveur d'un groupe.",
        "Attends {wait_s} secondes et réessaie ; ce que les serveurs s'envoient le fait de "
        "lui-même.",
    ),
    Code.BUSY: Words("Trop de choses attendent en même temps.", "Réessaie dans un moment."),
    Code.INTERNAL: Words(
        "Quelque chose ne va pas dans le programme lui-même ; c'est mis de côté et noté.",
        "Dis-le à qui gère le programme : le journal lui dira quoi.",
    ),
    Code.MALFORMED: Words("{field} : {reason}.", "Corrige ceci et envoie-le à nouveau."),
    Code.TOO_LARGE: Words(
        "{field} : plus grand que la limite de {limit}.", "Envoie moins à la fois."
    ),
    Code.NOT_FOUND: Words("{field} : il n'y a rien sous ce nom.", "Vérifie le nom."),
    Code.PLACE_UNKNOWN: Words(
        "{field} : nous ne connaissons pas ce code postal ou ce lieu.",
        "Donne un code postal belge de quatre chiffres, ou le nom d'une commune ou d'un village.",
    ),
    Code.CONFLICT: Words(
        "{field} : ce numéro a déjà servi à autre chose.", "Utilise un nouveau numéro."
    ),
    Code.FORBIDDEN: Words("{field} : ceci ne t'est pas destiné.", "Demande au groupe."),
    Code.TOKEN_INVALID: Words(
        "{field} : il n'y a pas de jeton, ou il est inconnu, expiré ou révoqué.",
        "Envoie un jeton du groupe par 'Authorization: Bearer JETON'.",
    ),
    Code.IDEMPOTENCY_KEY_MISSING: Words(
        "{field} : ce qui change quelque chose a besoin d'une clé : envoyé deux fois, c'est fait "
        "une fois.",
        "Envoie une nouvelle clé aléatoire pour chaque demande, et la même pour réessayer.",
    ),
    Code.METHOD_NOT_ALLOWED: Words(
        "{field} : cette adresse ne s'utilise pas de cette manière.", "Lis la page de l'API."
    ),
    Code.MEDIA_TYPE: Words(
        "{field} : le contenu n'est pas annoncé comme JSON.",
        "Envoie 'Content-Type: application/json'.",
    ),
}
