"""Français : mener un groupe : limites, membres, transactions de masse."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.LIMITS_ORDER: Words(
        "{field} : ces limites ne vont pas ensemble.",
        "Une limite inférieure est 0 ou moins, une supérieure 0 ou plus ; une limite souple et "
        "celle des nouveaux membres se trouvent à l'intérieur de la limite stricte.",
    ),
    Code.TRADES_OPEN: Words(
        "{field} : quelque chose de ce membre est encore en cours : une demande"
        " d'unités ou un échange avec un autre groupe.",
        "Laisse-le se terminer ou annule-le, puis demande à nouveau.",
    ),
}
