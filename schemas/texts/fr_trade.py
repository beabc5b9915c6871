"""Français : à l'intérieur d'un groupe, et entre groupes."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.AMOUNT_NOT_POSITIVE: Words(
        "{field} : il faut plus que zéro.", "Indique un autre montant."
    ),
    Code.AMOUNT_NOT_INTEGER: Words(
        "{field} : il faut un nombre entier de la plus petite unité.",
        "Indique un autre montant.",
    ),
    Code.AMOUNT_TOO_LARGE: Words(
        "{field} : trop grand pour être comptabilisé.", "Indique un montant plus petit."
    ),
    Code.ACCOUNT_UNKNOWN: Words(
        "{field} : ce compte n'existe pas ici.", "Vérifie le code du membre."
    ),
    Code.ACCOUNT_INACTIVE: Words(
        "{field} : ce compte n'est pas actif.", "Demande à l'équipe du groupe de l'activer."
    ),
    Code.ACCOUNT_HELD: Words(
        "{field} : un échange avec un autre groupe met encore de côté des unités de ce compte.",
        "Attends que cet échange soit terminé, ou annule-le.",
    ),
    Code.ACCOUNT_SAME: Words(
        "Bénéficiaire : qui donne et qui reçoit sont la même personne.",
        "Choisis quelqu'un d'autre.",
    ),
    Code.CODE_TAKEN: Words("{field} : ce code est déjà utilisé.", "Choisis-en un autre."),
    Code.PARTNER_PAUSED: Words(
        "{field} : pas de nouvel échange avec ce groupe pour le moment.",
        "Ce qui est ouvert continue. L'équipe du groupe sait pourquoi.",
    ),
    Code.PAYER_LIMIT: Words(
        "{field} : qui donne passerait sous sa limite inférieure ; {possible_minor} au plus "
        "reste possible.",
        "Donne cela au plus, ou demande une autre limite à l'équipe du groupe.",
    ),
    Code.PAYEE_LIMIT: Words(
        "{field} : qui reçoit dépasserait sa limite supérieure ; {possible_minor} au plus reste "
        "possible.",
        "Donne cela au plus, ou demande une autre limite à l'équipe du groupe.",
    ),
    Code.NOT_CONFIGURED: Words(
        "Le groupe n'a pas encore d'unité.", "Définis-la avec 'ruilbrug node init'."
    ),
    Code.UNIT_DECIMALS_FIXED: Words(
        "{field} : les décimales d'une unité ne changent plus dès qu'elle sert.",
        "Garde-les ; seul le nombre d'unités par heure peut changer.",
    ),
    Code.MEMBER_BLOCKED: Words(
        "{field} : vous ne pouvez pas vous envoyer de messages pour le moment.",
        "Demande conseil à l'équipe du groupe.",
    ),
    Code.PROPOSAL_CHANGED: Words(
        "{field} : il y a une proposition plus récente dans cette conversation.",
        "Lis-la et réponds à celle-là.",
    ),
    Code.ALREADY_ANSWERED: Words(
        "{field} : tu y as déjà répondu.", "Écris un message ou fais une autre proposition."
    ),
    Code.NOT_AGREED: Words(
        "{field} : vous ne vous êtes pas encore mis d'accord sur un montant.",
        "Fais une proposition ou réponds à celle qui est là.",
    ),
    Code.BOOKED_ALREADY: Words(
        "{field} : ce qui est demandé ici est déjà comptabilisé, comme vous l'aviez convenu.",
        "Refuse cette demande.",
    ),
    Code.ALREADY_THANKED: Words(
        "{field} : tu as déjà remercié pour cela.",
        "Écris un message si tu veux en dire plus.",
    ),
    Code.NOT_JOINED: Words(
        "{field} : une de ces personnes ne participe pas à l'activité.",
        "Fais-la d'abord participer, ou laisse-la de côté.",
    ),
    Code.PEER_UNKNOWN: Words(
        "{field} : ce groupe n'est ni enregistré ni invité.", "Échange d'abord des invitations."
    ),
    Code.PEER_UNREACHABLE: Words(
        "Le serveur de l'autre groupe ne répond pas ({reason}) ; rien n'est perdu.",
        "Tu n'as rien à faire : un nouvel essai se fait de lui-même.",
    ),
    Code.PEER_WRONG: Words(
        "Le serveur de l'autre groupe a donné une réponse impossible ({reason}).",
        "Dis-le à l'équipe de ce groupe.",
    ),
    Code.ADDRESS_REFUSED: Words(
        "L'adresse de l'autre groupe n'est pas sur l'internet public.",
        "Vérifie son adresse ; RUILBRUG_ALLOW_PRIVATE_ADDRESSES ne sert qu'aux essais.",
    ),
    Code.SIGNATURE_MISSING: Words(
        "{field} : le message entre les serveurs n'est pas signé.",
        "Vérifie qu'aucun proxy n'enlève Signature et Signature-Input.",
    ),
    Code.SIGNATURE_MALFORMED: Words(
        "{field} : ce n'est pas une signature de notre sorte ({reason}).",
        "Lis docs/protocol.md, signatures.",
    ),
    Code.SIGNATURE_WRONG: Words(
        "{field} : la signature du message entre les serveurs n'est pas valable.",
        "Vérifie qu'aucun proxy ne change ce qui le traverse.",
    ),
    Code.SIGNATURE_EXPIRED: Words(
        "{field} : signé il y a trop longtemps.", "Mets les deux serveurs à l'heure."
    ),
    Code.SIGNATURE_NOT_YET_VALID: Words(
        "{field} : signé dans le futur.", "Mets les deux serveurs à l'heure."
    ),
    Code.SIGNATURE_REPLAYED: Words(
        "{field} : ce message même est déjà arrivé.", "Signe-le à nouveau."
    ),
    Code.SIGNATURE_OTHER_ADDRESS: Words(
        "{field} : signé pour {address}, mais ce serveur est {expected}.",
        "Que les deux groupes utilisent la même adresse pour ce serveur.",
    ),
    Code.SIGNATURE_KEY_UNKNOWN: Words(
        "{field} : on ne sait pas si cette clé parle pour le groupe.",
        "Vérifie qu'on peut obtenir ses déclarations de clés.",
    ),
    Code.DIGEST_MISMATCH: Words(
        "{field} : le contenu n'est pas celui qui a été signé.",
        "Vérifie qu'aucun proxy ne change ce qui le traverse.",
    ),
    Code.PAYEE_UNKNOWN: Words(
        "{field} : l'autre groupe ne connaît personne sous ce code.", "Vérifie le code."
    ),
    Code.LINE_NOT_OPEN: Words(
        "{field} : aucun accord n'est en vigueur avec ce groupe.", "Fais d'abord un accord."
    ),
    Code.LINE_FROZEN: Words(
        "{field} : pour le moment, pas de nouvel échange avec ce groupe ({reason}).",
        "Ce qui est en cours continue ; réessaie quand la pause sera levée.",
    ),
    Code.LINE_BUSY: Words(
        "{field} : trop d'échanges sont encore en route entre les deux groupes.",
        "Réessaie dans un moment.",
    ),
    Code.LINE_NOT_CLEAR: Words(
        "{field} : {balance_units} reste dû ; échanges qui ne sont pas terminés : {pending}.",
        "Ramène d'abord le solde à zéro et attends que plus rien ne soit en route.",
    ),
    Code.NOT_COORDINATOR: Words(
        "{field} : la personne indiquée ne fait pas partie de la coordination de ce groupe.",
        "Indique qui a décidé à la coordination, ou donne d'abord ce rôle à ce membre.",
    ),
    Code.LIMIT_NOT_LOWER: Words(
        "{field} : seul, un groupe ne peut que l'abaisser ; elle est de {possible_units}.",
        "Propose un nouvel accord pour la relever.",
    ),
    Code.REQUEST_STALE: Words(
        "{field} : les groupes ont changé leur accord depuis cette demande.",
        "Demande à l'autre de refaire sa demande.",
    ),
    Code.REVERSAL_UNKNOWN: Words(
        "{field} : aucun transfert que tu as fait ne peut être annulé sous ce nom.",
        "Choisis le transfert sur ton relevé.",
    ),
    Code.ALREADY_REVERSED: Words(
        "{field} : ce transfert est déjà annulé par un contre-transfert, ou va l'être.",
        "Regarde ton relevé.",
    ),
    Code.LINE_OTHER: Words("{field} : ce lien est entre d'autres groupes.", "Vérifie le lien."),
    Code.LINE_LIMIT: Words(
        "{field} : cela dépasse ce que les groupes peuvent se devoir ; {possible_units} au plus "
        "reste possible.",
        "Donne moins, ou attends que l'autre groupe ait rendu quelque chose.",
    ),
    Code.LINE_GAP: Words(
        "{field} : sur ce lien, c'est le tour du numéro {expected}.", "Envoie à partir de là."
    ),
    Code.SESSION_UNKNOWN: Words(
        "{field} : ce serveur a redémarré, ou on lui a redemandé ce qu'il a vu.",
        "Demande '/federation/v1/seen' et renvoie le message avec la session de cette réponse.",
    ),
    Code.LINE_FORK: Words(
        "{field} : un autre message est déjà arrivé sous ce numéro.",
        "Les deux sont gardés ; les équipes des deux groupes doivent se parler.",
    ),
    Code.LINE_PREV: Words(
        "{field} : ce message ne fait pas suite à ce qui est arrivé avant.",
        "Envoie les messages de la suite qui a été confirmée.",
    ),
    Code.PROPOSAL_OPEN: Words(
        "{field} : une proposition attend déjà.", "Réponds-y, ou attends la réponse."
    ),
    Code.TERMS_INVALID: Words("{field} : cet accord n'est pas possible.", "Proposes-en un autre."),
    Code.EXPIRED: Words("{field} : le délai est passé.", "Recommence."),
    Code.TOO_SMALL: Words(
        "{field} : trop petit pour s'exprimer dans l'autre unité.", "Donne plus."
    ),
    Code.TOO_LARGE_FOR_LINE: Words(
        "{field} : plus que ce que les groupes admettent en une fois ; {possible_units} au plus.",
        "Partage-le, ou donne moins.",
    ),
    Code.QUOTE_CHANGED: Words(
        "{field} : c'est maintenant {possible_minor}.",
        "Confirme le nouveau montant, ou laisse cela.",
    ),
    Code.ALREADY_DECIDED: Words(
        "{field} : ce transfert est déjà décidé.", "S'il est faux, fais un contre-transfert."
    ),
}
