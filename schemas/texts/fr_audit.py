"""Français : ce que trouve un contrôle des journaux, et ce qu'il faut faire."""

from __future__ import annotations

from typing import Final

from schemas.findings import What
from schemas.texts.words import Words

_KEEP: Final = (
    "Garde ce qui est là, et demande à l'équipe du groupe ce qui est arrivé à son serveur."
)
_ASK: Final = (
    "Demande à l'équipe du groupe quelle version elle utilise, et si son serveur a changé."
)
_BOTH: Final = "Mets les journaux des deux groupes côte à côte, et parle avec les deux."
_WAIT: Final = "Vois si son serveur est joignable. S'il revient, cela se règle tout seul."
_PROOF: Final = "Regarde la preuve avec 'ruilbrug evidence list', et parle avec les deux groupes."
_CLOCK: Final = "Demande à l'équipe du groupe de vérifier l'horloge de son serveur."
_TALK: Final = (
    "Propose aux deux équipes de voir ce que le groupe peut donner en retour, ou de "
    "revoir la limite."
)
_REACH: Final = (
    "Vois si l'adresse est encore celle du groupe, et demande ce qui se trouve devant son serveur."
)
_OWN: Final = (
    "Remets la base de données de la fédération depuis une sauvegarde, et vois qui y avait accès."
)

FOUND: Final[dict[What, Words]] = {
    What.LOG_REFUSED: Words(
        "Le journal de ce groupe ne se vérifie pas au-delà de cet endroit ({reason}).", _KEEP
    ),
    What.LOG_SHORTER: Words(
        "Le journal que le groupe montre est plus court que celui qu'il montrait avant.", _KEEP
    ),
    What.ANSWER_WRONG: Words(
        "Ce qui vient du serveur de ce groupe n'est pas crédible ({reason}) : quelque chose ou "
        "quelqu'un devant lui a pu l'envoyer aussi.",
        _REACH,
    ),
    What.NO_ANSWER: Words("Le groupe ne répond pas ({reason}).", _WAIT),
    What.MIRROR_ALTERED: Words(
        "La copie du journal de la fédération a été modifiée à cet endroit ({reason}).", _OWN
    ),
    What.NUMBER_SKIPPED: Words("Le groupe a sauté un numéro dans ses messages à l'autre.", _ASK),
    What.PREDECESSOR_OTHER: Words(
        "Le message nomme un autre prédécesseur que celui du journal.", _ASK
    ),
    What.SEEN_BACK: Words(
        "Le groupe dit connaître moins de messages de l'autre qu'il n'a dit avant.", _ASK
    ),
    What.TOTAL_DIFFERS: Words(
        "Le total que le groupe annonce n'est pas la somme de ses propres transferts.", _ASK
    ),
    What.NOT_CREDITED: Words(
        "Le groupe a reçu l'opération de l'autre et n'a rien crédité : les deux soldes "
        "ne se répondent pas.",
        _BOTH,
    ),
    What.DECISION_UNSIGNED: Words(
        "La décision de cette opération ne porte pas de signature valable.", _ASK
    ),
    What.CREDIT_WITHOUT_COMMIT: Words(
        "Le groupe a crédité ce que le journal de l'autre ne montre pas comme comptabilisé.", _BOTH
    ),
    What.HEADS_DIFFER: Words(
        "La situation que le groupe annonce ne suit pas de ses propres opérations et "
        "confirmations.",
        _ASK,
    ),
    What.BEYOND_LIMIT: Words(
        "Le groupe a accepté un transfert qui met l'autre au-delà de sa limite.", _ASK
    ),
    What.AMOUNTS_DIFFER: Words(
        "Les montants de ce transfert ne suivent pas de l'accord qu'il nomme.", _ASK
    ),
    What.TERMS_UNKNOWN: Words(
        "Le transfert nomme un accord que les deux groupes n'ont jamais accepté ensemble.", _ASK
    ),
    What.REVERSAL_DIFFERS: Words(
        "L'annulation a d'autres montants que le transfert qu'elle annule.", _ASK
    ),
    What.REVERSAL_UNKNOWN: Words("L'annulation nomme un transfert qui n'existe pas.", _ASK),
    What.UNITS_CHANGED: Words("Le montant de ce transfert a changé en chemin.", _ASK),
    What.BALANCE_DIFFERS: Words(
        "Le solde que le groupe annonce ne suit pas de ses propres messages.", _ASK
    ),
    What.OPENING_DIFFERS: Words(
        "La position de départ que le groupe a comptabilisée n'est pas celle de l'accord.", _BOTH
    ),
    What.COMMIT_UNANSWERED: Words(
        "L'autre a comptabilisé un transfert, et ce groupe ne l'a pas encore confirmé.", _WAIT
    ),
    What.ACCEPT_UNDECIDED: Words(
        "L'autre a accepté un transfert, et ce groupe n'a pas encore décidé.", _WAIT
    ),
    What.TWO_VERDICTS: Words(
        "Le groupe a décidé deux fois, et différemment, du même transfert.", _PROOF
    ),
    What.TWO_CHAINS: Words("Le groupe a donné le même numéro à deux messages différents.", _PROOF),
    What.SAID_AGAIN: Words("Le groupe a utilisé un transfert une seconde fois.", _ASK),
    What.ANOTHER_SEEN: Words(
        "L'autre groupe a reçu à cet endroit un autre message que celui de ce journal.", _BOTH
    ),
    What.SEEN_MISSING: Words(
        "L'autre groupe connaît un message de ce groupe que son journal ne montre pas encore.",
        _WAIT,
    ),
    What.ACCEPT_WITHOUT_PREPARE: Words(
        "Le groupe a accepté un transfert que l'autre n'avait pas demandé.", _BOTH
    ),
    What.COMMIT_WITHOUT_ACCEPT: Words(
        "Le groupe a comptabilisé un transfert que l'autre n'avait pas accepté.", _BOTH
    ),
    What.LEGS_DIFFER: Words(
        "Le groupe a transmis un transfert pour un autre montant que celui qu'il a reçu.", _ASK
    ),
    What.TIME_BACK: Words("Le message porte une heure bien avant celle du précédent.", _CLOCK),
    What.TIME_AHEAD: Words("Le message porte une heure qui est encore à venir.", _CLOCK),
    What.NEAR_LIMIT: Words("Le groupe est proche de sa limite sur ce lien, ou au-delà.", _TALK),
}
