"""What the group keeps and for how long, for coordinators: what they choose, and what is fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.erasing import COOLING_OFF_S
from federation.group.leavers import LEFT_DAYS_MAX, LEFT_DAYS_MIN, NOTICE_S
from federation.mail.courier import KEPT_S
from federation.members.submitting import actor_of
from federation.node import retention
from federation.node.looked import DAY_S
from federation.node.retention import LOOKED_DAYS_MAX, LOOKED_DAYS_MIN
from federation.web.routes import Audience, Pages
from federation.web.sessions import UNUSED_S
from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit

_BOUNDS: Final = later("Vul een aantal dagen in van %(least)s tot %(most)s.")

pages = Pages()


@pages.get("/group/retention", Audience.COORDINATORS)
async def show_retention(visit: Visit) -> web.Response:
    """Show it all, what can be chosen as a form."""
    days, left = await retention.looked_days(visit.node), await retention.left_days(visit.node)
    filled = await visit.blank(looked=str(days), left="" if left is None else str(left))
    return await _page(visit, filled)


@pages.post("/group/retention", Audience.COORDINATORS)
async def save_retention(visit: Visit) -> web.Response:
    """Keep the register, and what is known of who has left, for so long from now on."""
    form = await visit.form()
    looked = _days(form, "looked", LOOKED_DAYS_MIN, LOOKED_DAYS_MAX)
    left = _days(form, "left", LEFT_DAYS_MIN, LEFT_DAYS_MAX, required=False)
    if form.fine:
        async with visit.trying(form):
            await retention.keep_looked(visit.node, actor_of(visit.reader), looked)
            await retention.keep_left(visit.node, actor_of(visit.reader), left or None)
    if not form.fine:
        return await _page(visit, form, status=422)
    await visit.sent()
    return visit.go("/group/retention", notice="saved")


def _days(form: Form, name: str, least: int, most: int, *, required: bool = True) -> int:
    """Read a number of days; 0 where nothing has to be, and is, said."""
    said = form.text(name, most=4, required=required)
    days = int(said) if said.isascii() and said.isdigit() else 0
    if said and not least <= days <= most:
        form.fail(name, _BOUNDS, least=least, most=most)
    return days


async def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    known = await retention.leaving(visit.node)
    accounts = visit.node.machine.books.ledger.accounts
    return visit.show(
        "retention.html",
        status=status,
        form=form,
        least=LOOKED_DAYS_MIN,
        most=LOOKED_DAYS_MAX,
        left_least=LEFT_DAYS_MIN,
        left_most=LEFT_DAYS_MAX,
        notice_days=NOTICE_S // DAY_S,
        told=[(accounts[one.account].code, one.due_s) for one in known.told],
        session_days=UNUSED_S // DAY_S,
        think_days=COOLING_OFF_S // DAY_S,
        mail_days=KEPT_S // DAY_S,
        wrapping_days=visit.node.settings.privacy.wrapping_days,
    )
