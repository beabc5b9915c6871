"""The other side's unit on pages: named as its group names it, else simply "eenheden"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import counterparts
from schemas.amounts import Unit

if TYPE_CHECKING:
    from federation.members.people import Party
    from federation.web.visit import Visit
    from schemas.amounts import Rate


async def unit_of(visit: Visit, other: Party, rate: Rate | None = None) -> Unit | None:
    """Give the unit of somebody; `rate` is what counted when it was booked.

    Nothing for another group with which there never were terms.
    """
    if not other.node:
        return visit.unit
    found = await counterparts.unit_of(visit.node, other.node)
    if found is None and rate is None:
        return None
    names = (found.singular, found.plural) if found is not None and found.plural else ("", "")
    counted = rate or (None if found is None else found.rate)
    assert counted is not None
    singular = names[0] or visit.texts.say("eenheid")
    return Unit(singular=singular, plural=names[1] or visit.texts.say("eenheden"), rate=counted)
