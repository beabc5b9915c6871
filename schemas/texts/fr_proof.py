"""Français : preuves d'opérations, données et vérifiées."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

_AGAIN: Final = "Redemande la preuve, et garde le fichier exactement tel qu'il arrive."
_KEPT: Final = "L'opération elle-même reste telle quelle."

TEXTS: Final[dict[Code, Words]] = {
    Code.PROOF_UNREADABLE: Words(
        "Ce fichier n'est pas une preuve d'une opération ({reason}).", _AGAIN
    ),
    Code.PROOF_LOG_UNKNOWN: Words(
        "La preuve concerne le journal {log}, que le fichier de confiance ne nomme pas.",
        "Prends le fichier de confiance de la fédération où ce groupe échange.",
    ),
    Code.PROOF_UNSIGNED: Words(
        "Ce que le journal {log} dit de lui-même n'est pas signé comme il faut ({reason}).",
        "Redemande la preuve ; si la suivante échoue aussi, montre les deux à la fédération.",
    ),
    Code.PROOF_WITNESSES_MISSING: Words(
        "Trop peu de témoins du fichier de confiance ont signé ({found} sur {known}).",
        "Demande une preuve plus récente, ou prends le fichier de confiance de ce groupe.",
    ),
    Code.PROOF_OTHER_LOG: Words(
        "L'opération n'est pas dans ce journal à la place que la preuve indique ({reason}).",
        _AGAIN,
    ),
    Code.PROOF_CHANGED: Words("{field} : ce n'est pas ce qui est dans le journal.", _AGAIN),
    Code.PROOF_NO_BOOKING: Words(
        "La preuve montre une partie du journal qui n'est pas une opération entière ({reason}).",
        _AGAIN,
    ),
    Code.PROOF_NOT_READY: Words(
        "La preuve n'est pas encore prête : personne hors du groupe n'a confirmé les comptes "
        "depuis.",
        "Reviens dans quelques minutes ; si cela dure plus d'un jour, dis-le à l'équipe.",
        _KEPT,
    ),
    Code.PROOF_GONE: Words(
        "Il n'y a pas de preuve de cette opération : ses données ont été perdues avant une "
        "restauration.",
        "Demande à l'équipe ce qu'elle en sait.",
        _KEPT,
    ),
}
