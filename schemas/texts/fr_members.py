"""Français : les membres, leur ménage et leurs aidants, les offres et demandes."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.NOT_YOURS: Words(
        "{field} : ceci est à quelqu'un d'autre.", "Demandez à ce membre, ou à l'équipe du groupe."
    ),
    Code.PERSON_UNKNOWN: Words(
        "{field} : personne ne se connecte ici sous ce numéro.",
        "Choisissez une personne dans la liste.",
    ),
    Code.HELPER_SAME: Words(
        "{field} : personne ne peut être son propre aidant.", "Choisissez quelqu'un d'autre."
    ),
    Code.ALREADY_SO: Words("{field} : c'est déjà ainsi.", "Vous n'avez plus rien à faire."),
    Code.TOO_MANY: Words("{field} : pas plus de {limit}.", "Retirez d'abord quelque chose."),
    Code.TEXT_MISSING: Words("{field} : rien n'est rempli.", "Écrivez quelques mots."),
    Code.MAIL_ADDRESS_INVALID: Words(
        "{field} : ce n'est pas une adresse e-mail.",
        "Cherchez un @ qui manque ou une espace de trop, et écrivez-la à nouveau.",
    ),
    Code.POST_UNKNOWN: Words(
        "{field} : cette offre ou demande n'est pas ici.", "Cherchez-en une autre."
    ),
    Code.POST_ENDED: Words(
        "{field} : cette offre ou demande est terminée.",
        "Cherchez-en une autre ; si c'est la vôtre, vous pouvez la prolonger.",
    ),
    Code.POST_PAUSED: Words(
        "{field} : la personne qui propose ceci est absente pour le moment.",
        "Revenez plus tard, ou cherchez autre chose.",
    ),
    Code.EXPIRY_PAST: Words("{field} : ce moment est déjà passé.", "Choisissez un jour plus tard."),
    Code.EXPIRY_TOO_FAR: Words(
        "{field} : c'est dans plus de deux ans.",
        "Choisissez un jour plus proche ; vous pourrez prolonger plus tard.",
    ),
    Code.PRICE_INVALID: Words(
        "{field} : un prix à l'heure ou à la pièce demande un montant, « à convenir » n'en a pas.",
        "Indiquez un montant, ou choisissez « à convenir ».",
    ),
    Code.CATEGORY_UNKNOWN: Words(
        "{field} : il n'y a pas de telle rubrique ici.", "Choisissez-en une dans la liste."
    ),
    Code.CATEGORY_TOO_DEEP: Words(
        "{field} : une sous-rubrique n'en a pas d'autre en dessous.",
        "Choisissez une rubrique principale.",
    ),
    Code.PICTURE_UNREADABLE: Words(
        "{field} : ce n'est pas une image que nous pouvons lire.",
        "Choisissez un fichier JPEG, PNG, WebP ou GIF.",
    ),
    Code.PICTURE_TOO_MANY_PIXELS: Words(
        "{field} : cette image a plus de {limit} millions de pixels.",
        "Réduisez-la et choisissez-la à nouveau.",
    ),
    Code.PICTURE_UNKNOWN: Words(
        "{field} : cette image n'est pas ici, ou n'est pas à vous.", "Choisissez l'image à nouveau."
    ),
}
