"""Français : pourquoi un groupe refuse, fait une pause, ou met un lien de côté."""

from __future__ import annotations

from typing import Final

from schemas.core_parts import FreezeReason, WireCode
from schemas.quarantine import QuarantineCode
from schemas.texts.words import Words

_TERMS_STAY: Final = "L'accord reste comme il était."
_LOOK: Final = (
    "Regarde avec 'ruilbrug line doctor' ce qui est arrivé, et parle avec l'autre groupe."
)
_PROOF: Final = (
    "Regarde la preuve avec 'ruilbrug evidence list', et parle avec l'autre groupe et la "
    "fédération."
)

REFUSED: Final[dict[WireCode, Words]] = {
    WireCode.TERMS_STALE: Words(
        "Entre-temps, les groupes ont un autre accord.",
        "Confirme le nouveau montant et réessaie.",
    ),
    WireCode.TERMS_OTHER: Words(
        "L'autre groupe a devant lui une autre proposition que celle-ci.",
        "Regarde quelle proposition attend, et réponds à celle-là.",
        _TERMS_STAY,
    ),
    WireCode.LINE_NOT_OPEN: Words(
        "L'autre groupe n'accepte pas de nouvel échange en ce moment.",
        "Demande à l'équipe du groupe si le lien est encore ouvert.",
    ),
    WireCode.EXPIRED: Words(
        "Cela n'a pas abouti à temps.", "Recommence quand l'autre groupe est joignable."
    ),
    WireCode.AMOUNTS_MISMATCH: Words(
        "L'autre groupe calcule d'autres montants pour cet échange.",
        "Dis-le à l'équipe du groupe : les deux serveurs ne calculent pas de la même façon.",
    ),
    WireCode.TOO_SMALL: Words(
        "Le montant est trop petit pour s'exprimer dans l'autre unité.", "Donne plus."
    ),
    WireCode.TOO_LARGE: Words(
        "C'est plus que ce que les groupes admettent en une fois.", "Partage-le, ou donne moins."
    ),
    WireCode.LINE_LIMIT: Words(
        "Notre groupe devrait ainsi à l'autre plus que convenu.",
        "Donne moins, ou attends que l'autre groupe ait rendu quelque chose.",
    ),
    WireCode.PAYEE_UNKNOWN: Words(
        "L'autre groupe ne connaît plus cette personne.",
        "Vérifie l'offre, ou demande à l'autre groupe.",
    ),
    WireCode.PAYEE_INACTIVE: Words(
        "Le compte de qui reçoit n'est pas actif.",
        "Demande à cette personne de voir cela avec l'équipe de son groupe.",
    ),
    WireCode.PAYEE_LIMIT: Words(
        "Qui reçoit dépasserait sa limite supérieure.",
        "Donne moins, ou dis à cette personne de demander une autre limite.",
    ),
    WireCode.PAYER_UNKNOWN: Words(
        "L'autre groupe ne connaît pas qui devait donner.",
        "Choisis à nouveau qui donne, et refais la demande.",
    ),
    WireCode.LINE_BUSY: Words(
        "Trop d'échanges sont encore en route entre les deux groupes.", "Réessaie dans un moment."
    ),
    WireCode.REQUEST_OTHER: Words(
        "Ce n'est pas ce qui a été demandé.", "Demande à la personne de refaire sa demande."
    ),
    WireCode.REVERSAL_UNKNOWN: Words(
        "Ce qui devrait être annulé n'est pas comptabilisé ainsi chez l'autre groupe.",
        "Compare avec l'autre groupe ce qui est comptabilisé.",
    ),
    WireCode.ALREADY_REVERSED: Words(
        "C'est déjà annulé.", "Regarde ton relevé : le contre-transfert y figure."
    ),
    WireCode.CANCELLED: Words(
        "La personne qui avait commencé l'a retiré.", "Tu n'as rien à faire."
    ),
    WireCode.REFUSED: Words(
        "L'autre côté ne l'a pas accepté.", "Parlez-en ensemble, et recommence une fois d'accord."
    ),
    WireCode.CROSSED: Words(
        "Les deux groupes ont fait une proposition en même temps.",
        "Attends : le groupe dont c'est le tour la refait de lui-même.",
        _TERMS_STAY,
    ),
}

FROZEN: Final[dict[FreezeReason, Words]] = {
    FreezeReason.COORDINATOR: Words(
        "L'équipe du groupe a décidé une pause.", "Demande-lui jusqu'à quand."
    ),
    FreezeReason.MAINTENANCE: Words("On travaille à l'un des serveurs.", "Réessaie plus tard."),
    FreezeReason.TOO_MANY_ERRORS: Words(
        "Trop de messages faux sont arrivés.",
        "Que les équipes cherchent ensemble la cause, puis lèvent la pause.",
    ),
    FreezeReason.FINDINGS: Words(
        "En vérifiant les comptes, quelque chose s'est révélé faux.",
        "Que les équipes regardent avec la fédération ce qui se passe.",
    ),
}

SET_ASIDE: Final[dict[QuarantineCode, Words]] = {
    QuarantineCode.CHANNEL_FORK: Words(
        "L'autre groupe a signé deux messages différents sous le même numéro.", _PROOF
    ),
    QuarantineCode.TWO_VERDICTS: Words(
        "L'autre groupe a décidé deux fois, et différemment, du même transfert.", _PROOF
    ),
    QuarantineCode.BAD_SIGNATURE: Words(
        "Un message de l'autre groupe ne porte pas de signature valable.", _LOOK
    ),
    QuarantineCode.INVARIANT_BROKEN: Words(
        "Un message de l'autre groupe a troublé notre programme.", _LOOK
    ),
    QuarantineCode.EVENT_MALFORMED: Words("Un message de l'autre groupe est mal formé.", _LOOK),
    QuarantineCode.CLAIM_DIFFERS: Words(
        "L'autre groupe annonce un autre solde que celui des deux suites de messages.", _LOOK
    ),
    QuarantineCode.PATH_USED_AGAIN: Words(
        "L'autre groupe a utilisé une seconde fois le numéro d'un transfert.", _LOOK
    ),
    QuarantineCode.ACCEPT_WITHOUT_PROPOSAL: Words(
        "L'autre groupe a accepté un accord que nous n'avons pas proposé.", _LOOK
    ),
    QuarantineCode.ACCEPT_WITHOUT_PREPARE: Words(
        "L'autre groupe a accepté un transfert que nous n'avons pas demandé.", _LOOK
    ),
    QuarantineCode.ACCEPT_DIFFERS: Words(
        "L'autre groupe a accepté autre chose que ce que nous avons demandé.", _LOOK
    ),
    QuarantineCode.REJECT_WITHOUT_PREPARE: Words(
        "L'autre groupe a refusé un transfert que nous n'avons pas demandé.", _LOOK
    ),
    QuarantineCode.COMMIT_WITHOUT_ACCEPT: Words(
        "L'autre groupe a comptabilisé un transfert que nous n'avons pas accepté.", _LOOK
    ),
    QuarantineCode.COMMIT_REPEATED: Words(
        "L'autre groupe a comptabilisé deux fois le même transfert.", _LOOK
    ),
    QuarantineCode.COMMIT_DIFFERS: Words(
        "L'autre groupe a comptabilisé autre chose que ce que nous avons accepté.", _LOOK
    ),
    QuarantineCode.ABORT_WITHOUT_PREPARE: Words(
        "L'autre groupe a abandonné un transfert qui n'était pas demandé.", _LOOK
    ),
    QuarantineCode.ABORT_DIFFERS: Words(
        "L'autre groupe a abandonné un transfert par une décision qui n'est pas juste.", _LOOK
    ),
    QuarantineCode.RECEIPT_WITHOUT_COMMIT: Words(
        "L'autre groupe a confirmé un transfert que nous n'avons pas comptabilisé.", _LOOK
    ),
    QuarantineCode.RECEIPT_DIFFERS: Words(
        "L'autre groupe a confirmé autre chose que ce que nous avons comptabilisé.", _LOOK
    ),
}
