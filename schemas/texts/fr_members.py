"""Français : les membres, leur ménage et leurs aidants, les offres et demandes."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.NOT_YOURS: Words(
        "{field} : ceci est à quelqu'un d'autre.", "Demande à ce membre, ou à l'équipe du groupe."
    ),
    Code.NAMES_NOT_SHARED: Words(
        "{field} : ce groupe ne dit pas de noms aux autres groupes.",
        "Demande à l'équipe du groupe.",
    ),
    Code.PERSON_UNKNOWN: Words(
        "{field} : personne ne se connecte ici sous ce numéro.",
        "Choisis une personne dans la liste.",
    ),
    Code.HELPER_SAME: Words(
        "{field} : personne ne peut être son propre aidant.", "Choisis quelqu'un d'autre."
    ),
    Code.ALREADY_SO: Words("{field} : c'est déjà ainsi.", "Tu n'as plus rien à faire."),
    Code.MEMBERS_CHANGED: Words(
        "Entre-temps, quelqu'un a modifié quelque chose chez ces membres.",
        "Regarde à nouveau ce qui est là maintenant, et recommence si tu le veux encore.",
    ),
    Code.LAST_COORDINATOR: Words(
        "{field} : c'est le seul membre de l'équipe du groupe.",
        "Donne d'abord cette tâche à quelqu'un d'autre.",
    ),
    Code.TOO_MANY: Words("{field} : pas plus de {limit}.", "Retire d'abord quelque chose."),
    Code.TEXT_MISSING: Words("{field} : rien n'est rempli.", "Écris quelques mots."),
    Code.MAIL_ADDRESS_INVALID: Words(
        "{field} : ce n'est pas une adresse e-mail.",
        "Cherche un @ qui manque ou une espace de trop, et écris-la à nouveau.",
    ),
    Code.POST_UNKNOWN: Words(
        "{field} : cette offre ou demande n'est pas ici.", "Cherches-en une autre."
    ),
    Code.POST_ENDED: Words(
        "{field} : cette offre ou demande est terminée.",
        "Cherches-en une autre ; si c'est la tienne, tu peux la prolonger.",
    ),
    Code.POST_PAUSED: Words(
        "{field} : la personne qui propose ceci est absente pour le moment.",
        "Reviens plus tard, ou cherche autre chose.",
    ),
    Code.EXPIRY_PAST: Words("{field} : ce moment est déjà passé.", "Choisis un jour plus tard."),
    Code.EXPIRY_TOO_FAR: Words(
        "{field} : c'est dans plus de deux ans.",
        "Choisis un jour plus proche ; tu pourras prolonger plus tard.",
    ),
    Code.PRICE_INVALID: Words(
        "{field} : un prix à l'heure ou à la pièce demande un montant, « à convenir » n'en a pas.",
        "Indique un montant, ou choisis « à convenir ».",
    ),
    Code.CATEGORY_UNKNOWN: Words(
        "{field} : cette rubrique n'existe pas ici.", "Choisis-en une dans la liste."
    ),
    Code.CATEGORY_TOO_DEEP: Words(
        "{field} : une sous-rubrique n'en a pas d'autre en dessous.",
        "Choisis une rubrique principale.",
    ),
    Code.PICTURE_UNREADABLE: Words(
        "{field} : ce n'est pas une image que nous pouvons lire.",
        "Choisis un fichier JPEG, PNG, WebP ou GIF.",
    ),
    Code.PICTURE_TOO_MANY_PIXELS: Words(
        "{field} : cette image a plus de {limit} millions de pixels.",
        "Réduis-la et choisis-la à nouveau.",
    ),
    Code.PICTURE_UNKNOWN: Words(
        "{field} : cette image n'est pas ici, ou n'est pas à toi.", "Choisis l'image à nouveau."
    ),
}
