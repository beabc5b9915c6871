"""Français : octets et signatures, le journal, les données reçues."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.NOT_CANONICAL: Words(
        "{field} : ceci n'est pas écrit de la seule manière admise ({reason}).",
        "Envoyez les octets exactement comme ils ont été signés.",
    ),
    Code.BAD_ENCODING: Words(
        "{field} : ce n'est pas du base64url ou base32 sans remplissage de la bonne longueur.",
        "Envoyez la valeur exactement comme vous l'avez reçue.",
    ),
    Code.BAD_SIGNATURE: Words(
        "{field} : la signature n'est pas valable.", "Vérifiez la clé et les octets."
    ),
    Code.BAD_KEY: Words("{field} : cette clé n'est pas utilisable ({reason}).", "Vérifiez la clé."),
    Code.BAD_NOTE: Words(
        "Le message signé est mal formé ({reason}).", "Allez le chercher à nouveau."
    ),
    Code.BAD_PROOF: Words(
        "La preuve de Merkle n'est pas valable ({reason}).", "Allez la chercher à nouveau."
    ),
    Code.BAD_TILE_PATH: Words(
        "{field} : ce n'est pas un chemin de tuile.", "Voyez docs/protocol.md, tiles."
    ),
    Code.BAD_COMMITMENT: Words(
        "{field} : le texte ne correspond pas à ce qui a été signé.",
        "Demandez le texte à nouveau.",
    ),
    Code.BAD_KEY_STATEMENT: Words(
        "La déclaration de clé est refusée ({reason}).",
        "Demandez au groupe ses déclarations de clés.",
    ),
    Code.FENCED: Words(
        "Un autre programme écrit maintenant dans ce journal ; celui-ci a cessé d'écrire.",
        "Laissez tourner un seul programme par groupe, puis redémarrez-le.",
    ),
    Code.READ_ONLY: Words(
        "On peut seulement lire jusqu'à ce que le journal soit de nouveau complet ({reason}).",
        "Regardez où il en est avec 'ruilbrug node status'.",
    ),
    Code.RELEASES_NOTHING: Words(
        "Rien ne sort encore : tous n'ont pas encore confirmé la longueur du journal.",
        "Attendez : la question est reposée d'elle-même. Suivez-la avec 'ruilbrug node status'.",
    ),
    Code.DATABASE_UNAVAILABLE: Words(
        "La base de données ne répond pas.",
        "Réessayez dans un moment avec le même numéro : rien n'est comptabilisé deux fois.",
        "Ce qui est comptabilisé n'est pas perdu ; on ne sait pas encore si ceci l'a été.",
    ),
    Code.POSTGRES_MISSING: Words(
        "Aucun PostgreSQL de version 15 ou plus récente n'a été trouvé ({reason}).",
        "Installez le paquet Debian postgresql, ou indiquez le dossier de ses programmes dans "
        "RUILBRUG_POSTGRES_BIN.",
    ),
    Code.POSTGRES_FAILED: Words(
        "PostgreSQL n'a pas démarré : {reason}", "Corrigez ce qui est indiqué et redémarrez."
    ),
    Code.MIGRATION_CHANGED: Words(
        "La base de données ne convient pas à ce programme : migration {field}.",
        "Prenez la version qui a tourné en dernier sur cette base, ou une plus récente.",
    ),
    Code.MARK_UNWRITABLE: Words(
        "Le repère du journal ne peut pas être gardé ({reason}) ; rien ne peut donc sortir.",
        "Faites de la place sur le disque ou corrigez les droits.",
    ),
    Code.NODE_MISSING: Words(
        "{field} : aucun groupe n'est encore installé ici.",
        "Installez-en un avec 'ruilbrug node init', ou indiquez un autre dossier.",
    ),
    Code.NODE_RUNS: Words(
        "Un autre programme travaille déjà avec la base de ce groupe.",
        "Arrêtez-le, ou utilisez son adresse.",
    ),
    Code.PORT_UNUSABLE: Words(
        "{field} : rien ne peut écouter ici sur le port {port}.",
        "Choisissez un autre port dans node.toml, ou arrêtez ce qui y écoute.",
    ),
    Code.RATE_LIMITED: Words(
        "Trop de choses ont été demandées à la fois au serveur d'un groupe.",
        "Attendez {wait_s} secondes et réessayez ; ce que les serveurs s'envoient le fait de "
        "lui-même.",
    ),
    Code.BUSY: Words("Trop de choses attendent en même temps.", "Réessayez dans un moment."),
    Code.INTERNAL: Words(
        "Quelque chose ne va pas dans le programme lui-même ; c'est mis de côté et noté.",
        "Dites-le à qui gère le programme : le journal lui dira quoi.",
    ),
    Code.MALFORMED: Words("{field} : {reason}.", "Corrigez ceci et envoyez-le à nouveau."),
    Code.TOO_LARGE: Words(
        "{field} : plus grand que la limite de {limit}.", "Envoyez moins à la fois."
    ),
    Code.NOT_FOUND: Words("{field} : il n'y a rien sous ce nom.", "Vérifiez le nom."),
    Code.PLACE_UNKNOWN: Words(
        "{field} : nous ne connaissons pas ce code postal ou ce lieu.",
        "Donnez un code postal belge de quatre chiffres, ou le nom d'une commune ou d'un village.",
    ),
    Code.CONFLICT: Words(
        "{field} : ce numéro a déjà servi à autre chose.", "Utilisez un nouveau numéro."
    ),
    Code.FORBIDDEN: Words("{field} : ceci ne vous est pas destiné.", "Demandez au groupe."),
    Code.TOKEN_INVALID: Words(
        "{field} : il n'y a pas de jeton, ou il est inconnu, expiré ou révoqué.",
        "Envoyez un jeton du groupe par 'Authorization: Bearer JETON'.",
    ),
    Code.IDEMPOTENCY_KEY_MISSING: Words(
        "{field} : ce qui change quelque chose a besoin d'une clé : envoyé deux fois, c'est fait "
        "une fois.",
        "Envoyez une nouvelle clé aléatoire pour chaque demande, et la même pour réessayer.",
    ),
    Code.METHOD_NOT_ALLOWED: Words(
        "{field} : cette adresse ne s'utilise pas de cette manière.", "Voyez la page de l'API."
    ),
    Code.MEDIA_TYPE: Words(
        "{field} : le contenu n'est pas annoncé comme JSON.",
        "Envoyez 'Content-Type: application/json'.",
    ),
}
