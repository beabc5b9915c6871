"""Nederlands: een groep leiden: limieten, leden, massa-transacties."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.LIMITS_ORDER: Words(
        "{field}: deze limieten passen niet bij elkaar.",
        "Een ondergrens is 0 of lager, een bovengrens 0 of hoger; een zachte limiet en die van "
        "instappers liggen binnen de harde.",
    ),
    Code.TRADES_OPEN: Words(
        "{field}: er staat nog iets open van dit lid: een vraag om eenheden of "
        "een ruil met een andere groep.",
        "Rond het af of annuleer het, en vraag het dan opnieuw.",
    ),
}
