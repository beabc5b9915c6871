"""How a page says that what is about to be booked may be booked already, and asks once more.

The button then sends along which trade was shown (`AGAIN`): that is the second, deliberate yes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.members.booked_lately import Intended, look_lately
from federation.web.forms import Said
from federation.words import days
from federation.words.texts import later
from projections.trade_state import TradeState

if TYPE_CHECKING:
    from federation.members.booked_lately import Lately
    from federation.members.trade_views import ShownTrade
    from federation.web.forms import Form
    from federation.web.visit import Visit

AGAIN: Final = "again"
"""The field that holds the id of the trade that the reader was shown."""
_BOOKED: Final = later("Deze ruil boekte je net al, om %(time)s. Nog een keer boeken?")
_THERE: Final = later("Deze ruil staat er al, van %(time)s. Nog een keer boeken?")
_ASKED: Final = later("Dit vroeg je net al, om %(time)s. Nog een keer vragen?")
_ASKED_FOR: Final = later("Dit is net al gevraagd, om %(time)s. Nog een keer vragen?")
_THERE_ASK: Final = later("Deze ruil staat er al, van %(time)s. Toch nog vragen?")
_NOT_ANSWERED: Final = (TradeState.REQUESTED, TradeState.HELD)


class ShownLately(NamedTuple):
    """A trade that this may be again, and the sentence that asks."""

    trade: ShownTrade
    said: Said


async def look(
    visit: Visit, form: Form, intended: Intended, *, books: bool = True
) -> ShownLately | None:
    """Give what the page has to show first; `books` when its button books, else it asks."""
    key = form.command_key(visit.member)
    found = await look_lately(visit.node, visit.reader, intended, key=key, now_s=visit.now_s)
    if found is None:
        return None
    time = days.clock_text(found.trade.at_s, visit.place.zone, visit.language)
    return ShownLately(found.trade, Said(_sentence(found, books=books), {"time": time}))


def is_told(form: Form, lately: ShownLately | None) -> bool:
    """Tell whether nothing is to be shown first: there is nothing, or it has been shown."""
    return lately is None or form.value(AGAIN) == lately.trade.id


def _sentence(found: Lately, *, books: bool) -> str:
    if books:
        return _BOOKED if found.by_reader else _THERE
    if not (found.trade.asked and found.trade.state in _NOT_ANSWERED):
        return _THERE_ASK
    return _ASKED if found.by_reader else _ASKED_FOR
