"""Why something that was found could not be booked now, said shortly beside it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.web.forms import Said
from federation.words.texts import later
from schemas.errors import Code

if TYPE_CHECKING:
    from federation.members.search_shapes import Hit

_ANY: Final = {
    Code.LINE_NOT_OPEN: later("Met %(group)s zijn er nog geen afspraken om te ruilen."),
    Code.LINE_FROZEN: later("Ruilen met %(group)s kan even niet."),
    Code.LINE_LIMIT: later("Onze groep en %(group)s moeten eerst weer in evenwicht komen."),
    Code.LINE_BUSY: later("Met %(group)s is er nu veel onderweg. Straks kan het weer."),
    Code.TOO_LARGE_FOR_LINE: later("Dit is meer dan met %(group)s in één keer kan."),
    Code.ACCOUNT_INACTIVE: later("Een van de twee rekeningen is niet actief."),
    Code.NOT_CONFIGURED: later("We weten nog niet hoe hier gerekend wordt."),
}
_OWN_LIMIT: Final = {
    Code.PAYER_LIMIT: later("Je zou onder je ondergrens komen."),
    Code.PAYEE_LIMIT: later("Je zou boven je bovengrens komen."),
}
_THEIR_LIMIT: Final = {
    Code.PAYER_LIMIT: later("Wie dit vraagt, zou onder de eigen ondergrens komen."),
    Code.PAYEE_LIMIT: later("Wie dit aanbiedt, zou boven de eigen bovengrens komen."),
}
_OTHERWISE: Final = later("Het kan nu niet geboekt worden.")


def reason_of(hit: Hit) -> Said | None:
    """Say why a trade could not be booked now; nothing when it could, or the post is one's own."""
    if hit.refusal is None or hit.refusal.code is Code.ACCOUNT_SAME:
        return None
    code = hit.refusal.code
    own_turn = (code is Code.PAYER_LIMIT) is not hit.want
    limits = _OWN_LIMIT if own_turn else _THEIR_LIMIT
    return Said(limits.get(code) or _ANY.get(code, _OTHERWISE), {"group": hit.group_name})
