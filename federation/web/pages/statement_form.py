"""What part of a statement somebody wants to see, as the address of the page says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import calendar
from federation.members.statement import LAST, Wanted
from federation.web import dates
from federation.web.forms import Form
from federation.web.own_codes import typed_code
from federation.web.when_form import NO_DAY

if TYPE_CHECKING:
    from datetime import date

    from federation.web.visit import Visit

FIELDS: Final = ("from", "until", "who", "text")


def read_wanted(visit: Visit) -> tuple[Form, Wanted]:
    """Read the filter; what cannot be read does not narrow, and is told beside its field."""
    form = Form.filled(**{name: visit.query(name) for name in FIELDS})
    begins, ends = _day(form, "from"), _day(form, "until")
    zone = visit.place.zone
    wanted = Wanted(
        from_s=0 if begins is None else calendar.start_of(begins, zone),
        until_s=Wanted().until_s if ends is None else calendar.end_of(ends, zone),
        who=typed_code(form.text("who", most=100)[:100], visit.texts),
        text=form.text("text", most=100)[:100],
        before=_before(visit),
    )
    return form, wanted


def _day(form: Form, name: str) -> date | None:
    typed = form.text(name, most=20)
    found = dates.read_day(typed)
    if typed and found is None:
        form.fail(name, NO_DAY)
    return found


def _before(visit: Visit) -> tuple[int, int]:
    seq, _, ordinal = visit.query("before").partition(".")
    if not (seq.isascii() and seq.isdigit() and ordinal.isascii() and ordinal.isdigit()):
        return LAST
    return min(int(seq[:18]), LAST[0]), min(int(ordinal[:4]), LAST[1])
