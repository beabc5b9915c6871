"""Français : à l'intérieur d'un groupe, et entre groupes."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.AMOUNT_NOT_POSITIVE: Words(
        "{field} : il faut plus que zéro.", "Indiquez un autre montant."
    ),
    Code.AMOUNT_NOT_INTEGER: Words(
        "{field} : il faut un nombre entier de la plus petite unité.",
        "Indiquez un autre montant.",
    ),
    Code.AMOUNT_TOO_LARGE: Words(
        "{field} : trop grand pour être comptabilisé.", "Indiquez un montant plus petit."
    ),
    Code.ACCOUNT_UNKNOWN: Words(
        "{field} : il n'y a pas de tel compte ici.", "Vérifiez le code du membre."
    ),
    Code.ACCOUNT_INACTIVE: Words(
        "{field} : ce compte n'est pas actif.", "Demandez à l'équipe du groupe de l'activer."
    ),
    Code.ACCOUNT_HELD: Words(
        "{field} : un échange avec un autre groupe met encore de côté des unités de ce compte.",
        "Attendez que cet échange soit terminé, ou annulez-le.",
    ),
    Code.ACCOUNT_SAME: Words(
        "Bénéficiaire : qui donne et qui reçoit sont la même personne.",
        "Choisissez quelqu'un d'autre.",
    ),
    Code.CODE_TAKEN: Words("{field} : ce code est déjà utilisé.", "Choisissez-en un autre."),
    Code.PAYER_LIMIT: Words(
        "{field} : qui donne passerait sous sa limite inférieure ; {possible_minor} au plus "
        "reste possible.",
        "Donnez cela au plus, ou demandez une autre limite à l'équipe du groupe.",
    ),
    Code.PAYEE_LIMIT: Words(
        "{field} : qui reçoit dépasserait sa limite supérieure ; {possible_minor} au plus reste "
        "possible.",
        "Donnez cela au plus, ou demandez une autre limite à l'équipe du groupe.",
    ),
    Code.NOT_CONFIGURED: Words(
        "Le groupe n'a pas encore d'unité.", "Définissez-la avec 'ruilbrug node init'."
    ),
    Code.UNIT_DECIMALS_FIXED: Words(
        "{field} : les décimales d'une unité ne changent plus dès qu'elle sert.",
        "Gardez-les ; seul le nombre d'unités par heure peut changer.",
    ),
    Code.MEMBER_BLOCKED: Words(
        "{field} : vous ne pouvez pas vous envoyer de messages pour le moment.",
        "Demandez conseil à l'équipe du groupe.",
    ),
    Code.PROPOSAL_CHANGED: Words(
        "{field} : il y a une proposition plus récente dans cette conversation.",
        "Lisez-la et répondez à celle-là.",
    ),
    Code.ALREADY_ANSWERED: Words(
        "{field} : vous y avez déjà répondu.", "Écrivez un message ou faites une autre proposition."
    ),
    Code.NOT_AGREED: Words(
        "{field} : vous ne vous êtes pas encore mis d'accord sur un montant.",
        "Faites une proposition ou répondez à celle qui est là.",
    ),
    Code.BOOKED_ALREADY: Words(
        "{field} : ce qui est demandé ici est déjà comptabilisé, comme vous l'aviez convenu.",
        "Refuse cette demande.",
    ),
    Code.ALREADY_THANKED: Words(
        "{field} : vous avez déjà remercié pour cela.",
        "Écrivez un message si vous voulez en dire plus.",
    ),
    Code.NOT_JOINED: Words(
        "{field} : une de ces personnes ne participe pas à l'activité.",
        "Faites-la d'abord participer, ou laissez-la de côté.",
    ),
    Code.PEER_UNKNOWN: Words(
        "{field} : ce groupe n'est ni enregistré ni invité.", "Échangez d'abord des invitations."
    ),
    Code.PEER_UNREACHABLE: Words(
        "Le serveur de l'autre groupe ne répond pas ({reason}) ; rien n'est perdu.",
        "Vous n'avez rien à faire : un nouvel essai se fait de lui-même.",
    ),
    Code.PEER_WRONG: Words(
        "Le serveur de l'autre groupe a donné une réponse impossible ({reason}).",
        "Dites-le à l'équipe de ce groupe.",
    ),
    Code.ADDRESS_REFUSED: Words(
        "L'adresse de l'autre groupe n'est pas sur l'internet public.",
        "Vérifiez son adresse ; RUILBRUG_ALLOW_PRIVATE_ADDRESSES ne sert qu'aux essais.",
    ),
    Code.SIGNATURE_MISSING: Words(
        "{field} : le message entre les serveurs n'est pas signé.",
        "Vérifiez qu'aucun proxy n'enlève Signature et Signature-Input.",
    ),
    Code.SIGNATURE_MALFORMED: Words(
        "{field} : ce n'est pas une signature de notre sorte ({reason}).",
        "Voyez docs/protocol.md, signatures.",
    ),
    Code.SIGNATURE_WRONG: Words(
        "{field} : la signature du message entre les serveurs n'est pas valable.",
        "Vérifiez qu'aucun proxy ne change ce qui le traverse.",
    ),
    Code.SIGNATURE_EXPIRED: Words(
        "{field} : signé il y a trop longtemps.", "Mettez les deux serveurs à l'heure."
    ),
    Code.SIGNATURE_NOT_YET_VALID: Words(
        "{field} : signé dans le futur.", "Mettez les deux serveurs à l'heure."
    ),
    Code.SIGNATURE_REPLAYED: Words(
        "{field} : ce message même est déjà arrivé.", "Signez-le à nouveau."
    ),
    Code.SIGNATURE_OTHER_ADDRESS: Words(
        "{field} : signé pour {address}, mais ce serveur est {expected}.",
        "Que les deux groupes utilisent la même adresse pour ce serveur.",
    ),
    Code.SIGNATURE_KEY_UNKNOWN: Words(
        "{field} : on ne sait pas si cette clé parle pour le groupe.",
        "Vérifiez qu'on peut obtenir ses déclarations de clés.",
    ),
    Code.DIGEST_MISMATCH: Words(
        "{field} : le contenu n'est pas celui qui a été signé.",
        "Vérifiez qu'aucun proxy ne change ce qui le traverse.",
    ),
    Code.PAYEE_UNKNOWN: Words(
        "{field} : l'autre groupe ne connaît personne sous ce code.", "Vérifiez le code."
    ),
    Code.LINE_NOT_OPEN: Words(
        "{field} : aucun accord n'est en vigueur avec ce groupe.", "Faites d'abord un accord."
    ),
    Code.LINE_FROZEN: Words(
        "{field} : pour le moment, pas de nouvel échange avec ce groupe ({reason}).",
        "Ce qui est en cours continue ; réessayez quand la pause sera levée.",
    ),
    Code.LINE_BUSY: Words(
        "{field} : trop d'échanges sont encore en route entre les deux groupes.",
        "Réessayez dans un moment.",
    ),
    Code.LINE_NOT_CLEAR: Words(
        "{field} : {balance_units} reste dû et {pending} échange(s) ne sont pas terminés.",
        "Ramenez d'abord le solde à zéro et attendez que plus rien ne soit en route.",
    ),
    Code.LIMIT_NOT_LOWER: Words(
        "{field} : seul, un groupe ne peut que l'abaisser ; elle est de {possible_units}.",
        "Proposez un nouvel accord pour la relever.",
    ),
    Code.REQUEST_STALE: Words(
        "{field} : les groupes ont changé leur accord depuis cette demande.",
        "Priez l'autre côté de faire à nouveau sa demande.",
    ),
    Code.REVERSAL_UNKNOWN: Words(
        "{field} : aucun transfert comptabilisé de votre part à ce nom n'est à annuler.",
        "Choisissez le transfert sur votre relevé.",
    ),
    Code.ALREADY_REVERSED: Words(
        "{field} : ce transfert est déjà annulé par un contre-transfert, ou va l'être.",
        "Regardez votre relevé.",
    ),
    Code.LINE_OTHER: Words("{field} : ce lien est entre d'autres groupes.", "Vérifiez le lien."),
    Code.LINE_LIMIT: Words(
        "{field} : cela dépasse ce que les groupes peuvent se devoir ; {possible_units} au plus "
        "reste possible.",
        "Donnez moins, ou attendez que l'autre groupe ait rendu quelque chose.",
    ),
    Code.LINE_GAP: Words(
        "{field} : sur ce lien, c'est le tour du numéro {expected}.", "Envoyez à partir de là."
    ),
    Code.SESSION_UNKNOWN: Words(
        "{field} : ce serveur a redémarré, ou on lui a redemandé ce qu'il a vu.",
        "Demandez '/federation/v1/seen' et renvoyez le message avec la session de cette réponse.",
    ),
    Code.LINE_FORK: Words(
        "{field} : un autre message est déjà arrivé sous ce numéro.",
        "Les deux sont gardés ; les équipes des deux groupes doivent se parler.",
    ),
    Code.LINE_PREV: Words(
        "{field} : ce message ne fait pas suite à ce qui est arrivé avant.",
        "Envoyez les messages de la suite qui a été confirmée.",
    ),
    Code.PROPOSAL_OPEN: Words(
        "{field} : une proposition attend déjà.", "Répondez-y, ou attendez la réponse."
    ),
    Code.TERMS_INVALID: Words("{field} : cet accord n'est pas possible.", "Proposez-en un autre."),
    Code.EXPIRED: Words("{field} : le délai est passé.", "Recommencez."),
    Code.TOO_SMALL: Words(
        "{field} : trop petit pour s'exprimer dans l'autre unité.", "Donnez plus."
    ),
    Code.TOO_LARGE_FOR_LINE: Words(
        "{field} : plus que ce que les groupes admettent en une fois ; {possible_units} au plus.",
        "Partagez-le, ou donnez moins.",
    ),
    Code.QUOTE_CHANGED: Words(
        "{field} : c'est maintenant {possible_minor}.",
        "Confirmez le nouveau montant, ou laissez cela.",
    ),
    Code.ALREADY_DECIDED: Words(
        "{field} : ce transfert est déjà décidé.", "S'il est faux, faites un contre-transfert."
    ),
}
