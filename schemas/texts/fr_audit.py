"""Français : ce que trouve un contrôle des journaux, et ce qu'il faut faire."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.findings import What
from schemas.texts.words import Words

_KEEP: Final = (
    "Garde ce qui est là, et demande à l'équipe du groupe ce qui est arrivé à son serveur."
)
_ASK: Final = (
    "Demande à l'équipe du groupe quelle version elle utilise, et si son serveur a changé."
)
_HIDDEN: Final = (
    "Garde la preuve qui se trouve à côté, et demande à l'équipe du groupe ce qui est arrivé à "
    "son journal."
)
_ASKED: Final = (
    "Attends : chaque contrôle le demande à nouveau. Si cela reste, vois si les deux serveurs sont "
    "joignables, et demande aux deux groupes ce qu'ils ont."
)
_BOTH: Final = "Mets les journaux des deux groupes côte à côte, et parle avec les deux."
_WAIT: Final = "Vois si son serveur est joignable. S'il revient, cela se règle tout seul."
_PROOF: Final = "Garde la preuve, et parle avec les deux groupes."
_CLOCK: Final = "Demande à l'équipe du groupe de vérifier l'horloge de son serveur."
_TALK: Final = (
    "Propose aux deux équipes de voir ce que le groupe peut donner en retour, ou de "
    "revoir la limite."
)
_REACH: Final = (
    "Vois si l'adresse est encore celle du groupe, et demande ce qui se trouve devant son serveur."
)
_OWN: Final = (
    "Restaure la base de données de la fédération depuis une sauvegarde, et vérifie qui y "
    "avait accès."
)
_STOLEN: Final = (
    "Demande à l'équipe du groupe qui d'autre peut avoir cette clé. Rien n'a été comptabilisé : "
    "l'autre groupe a refusé le message. S'il venait bien du groupe, il comptera avec son message "
    "suivant."
)
_SLOW: Final = (
    "Attends : chaque contrôle reprend là où le précédent s'est arrêté, et un long journal en "
    "demande plusieurs la première fois. Si cela dure un jour, demande ce qu'a son serveur."
)
_STRANGER: Final = (
    "Demande à l'équipe du groupe quelle version elle utilise, et si son serveur a changé. Ce qui "
    "est écrit là ne compte pour personne : les deux autres groupes n'y sont pour rien."
)

FOUND: Final[dict[What, Words]] = {
    What.LOG_REFUSED: Words(
        "Le journal de ce groupe n'est pas vérifiable au-delà de cet endroit : {reason}.", _KEEP
    ),
    What.LOG_SHORTER: Words(
        "Le journal que le groupe montre est plus court que celui qu'il montrait avant.", _KEEP
    ),
    What.ANSWER_WRONG: Words(
        "Ce qui vient du serveur de ce groupe n'est pas crédible : {reason}. Quelque chose ou "
        "quelqu'un entre nous et son serveur a pu l'envoyer aussi.",
        _REACH,
    ),
    What.NO_ANSWER: Words("Le groupe ne répond plus depuis plus d'un jour : {reason}.", _WAIT),
    What.LOG_SLOW: Words(
        "Le serveur de ce groupe répond si lentement que son journal n'a pas pu être suivi "
        "jusqu'au bout dans le temps accordé à un groupe : {far} événements.",
        _SLOW,
    ),
    What.MIRROR_ALTERED: Words(
        "La copie de ce journal que garde la fédération a été modifiée à cet endroit : {reason}.",
        _OWN,
    ),
    What.NUMBER_SKIPPED: Words(
        "Les numéros des messages du groupe à l'autre groupe ne se suivent pas.", _ASK
    ),
    What.DATED_BACK: Words(
        "Un autre groupe a reçu un message au nom de ce groupe, signé avec une clé révoquée. Il se "
        "dit plus ancien que la révocation, et ne figure pas dans le journal du groupe.",
        _STOLEN,
    ),
    What.PREDECESSOR_OTHER: Words(
        "Le message renvoie à un autre message précédent que celui du journal.", _ASK
    ),
    What.SEEN_BACK: Words(
        "Le groupe dit maintenant connaître moins de messages de l'autre groupe qu'avant.", _ASK
    ),
    What.NOT_ITS_LINE: Words(
        "Le groupe a écrit dans son journal au sujet d'un lien entre deux autres groupes.",
        _STRANGER,
    ),
    What.TOTAL_DIFFERS: Words(
        "Le total que le groupe annonce n'est pas la somme de ses propres transferts.", _ASK
    ),
    What.NOT_CREDITED: Words(
        "Le groupe a reçu l'opération de l'autre groupe et n'a rien crédité : les deux soldes "
        "ne sont pas le miroir l'un de l'autre.",
        _BOTH,
    ),
    What.DECISION_UNSIGNED: Words(
        "La décision sur ce transfert ne porte pas de signature du groupe qui lui corresponde.",
        _ASK,
    ),
    What.CREDIT_WITHOUT_COMMIT: Words(
        "Le groupe a crédité ce qui n'est pas comptabilisé dans le journal de l'autre groupe.",
        _BOTH,
    ),
    What.HEADS_DIFFER: Words(
        "La position que le groupe annonce ne découle pas de ses propres opérations et "
        "confirmations.",
        _ASK,
    ),
    What.BEYOND_LIMIT: Words(
        "Le groupe a accepté un transfert qui fait dépasser sa limite à l'autre groupe.", _ASK
    ),
    What.AMOUNTS_DIFFER: Words(
        "Les montants de ce transfert ne découlent pas de l'accord qu'il nomme.", _ASK
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
        "Le solde que le groupe annonce ne découle pas de ses propres messages.", _ASK
    ),
    What.OPENING_DIFFERS: Words(
        "La position de départ que le groupe a comptabilisée n'est pas celle de l'accord.", _BOTH
    ),
    What.COMMIT_UNANSWERED: Words(
        "L'autre groupe a comptabilisé un transfert, et ce groupe ne l'a pas encore confirmé.",
        _WAIT,
    ),
    What.ACCEPT_UNDECIDED: Words(
        "L'autre groupe a accepté un transfert, et ce groupe n'a pas encore décidé.", _WAIT
    ),
    What.TWO_VERDICTS: Words(
        "Le groupe a pris deux décisions différentes sur le même transfert.", _PROOF
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
    What.SENT_OTHERWISE: Words(
        "Le groupe a envoyé à l'autre un message que son propre journal ne montre pas. Sa "
        "signature le prouve, et l'autre n'y est pour rien.",
        _HIDDEN,
    ),
    What.CLAIM_UNSUPPORTED: Words(
        "Le groupe dit avoir reçu un message de l'autre, et ne peut pas le montrer.", _ASK
    ),
    What.WORD_AGAINST_WORD: Words(
        "L'un des journaux de cette ligne nomme un message de l'autre, où se trouve autre chose. "
        "Qui le nomme ne l'a pas encore montré : personne n'est accusé.",
        _ASKED,
    ),
    What.ACCEPT_WITHOUT_PREPARE: Words(
        "Le groupe a accepté un transfert que l'autre groupe n'avait pas demandé.", _BOTH
    ),
    What.COMMIT_WITHOUT_ACCEPT: Words(
        "Le groupe a comptabilisé un transfert que l'autre groupe n'avait pas accepté.", _BOTH
    ),
    What.LEGS_DIFFER: Words(
        "Le groupe a transmis un transfert pour un autre montant que celui qu'il a reçu.", _ASK
    ),
    What.TIME_BACK: Words("Cet événement porte une heure bien avant celle du précédent.", _CLOCK),
    What.TIME_AHEAD: Words("Cet événement porte une heure qui était encore à venir.", _CLOCK),
    What.NEAR_LIMIT: Words("Sur ce lien, le groupe est proche de sa limite, ou au-delà.", _TALK),
}

WHY: Final[dict[str, str]] = {
    Code.BAD_PROOF: "cela ne suit pas ce qui était là avant",
    Code.BAD_SIGNATURE: "la signature n'est pas celle du groupe",
    Code.BAD_KEY: "c'est signé avec une clé qui n'est pas valable là",
    Code.BAD_KEY_STATEMENT: "ce qui est dit d'une clé n'est pas juste",
    Code.KEY_LATE: "une clé a été introduite plus tard que là où elle sert",
    Code.KEY_REVOKED: "c'est signé avec une clé révoquée",
    Code.BAD_NOTE: "on ne peut pas lire jusqu'où va le journal",
    Code.BAD_COMMITMENT: "ce qui y appartient est autre chose",
    Code.BAD_ENCODING: "c'est illisible",
    Code.MALFORMED: "c'est illisible",
    Code.NOT_CANONICAL: "c'est écrit autrement qu'il ne faut",
    Code.TOO_LARGE: "c'est plus grand que permis",
    Code.LINE_OTHER: "cela appartient à un lien entre d'autres groupes",
    Code.LINE_PREV: "cela ne suit pas le message précédent",
    Code.DIGEST_MISMATCH: "cela a changé en chemin",
    Code.PEER_WRONG: "ce n'est pas une réponse à notre question",
    Code.PEER_UNKNOWN: "son serveur ne nous connaît pas",
    Code.PEER_UNREACHABLE: "son serveur n'est pas joignable",
    Code.ADDRESS_REFUSED: "son adresse n'est pas de celles que nous pouvons interroger",
    Code.RATE_LIMITED: "son serveur nous dit chaque fois de revenir plus tard",
    Code.NOT_FOUND: "son serveur n'a pas ce que nous demandons",
}
WHY_OTHER: Final = "la raison est dans les messages de notre serveur"
