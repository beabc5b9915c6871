"""What the group keeps and for how long, for coordinators: what they choose, and what is fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.erasing import COOLING_OFF_S
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
    days = await retention.looked_days(visit.node)
    return _page(visit, await visit.blank(looked=str(days)))


@pages.post("/group/retention", Audience.COORDINATORS)
async def save_retention(visit: Visit) -> web.Response:
    """Keep the register for so long from now on."""
    form = await visit.form()
    said = form.text("looked", most=4, required=True)
    days = int(said) if said.isascii() and said.isdigit() else 0
    if form.fine and not LOOKED_DAYS_MIN <= days <= LOOKED_DAYS_MAX:
        form.fail("looked", _BOUNDS, least=LOOKED_DAYS_MIN, most=LOOKED_DAYS_MAX)
    if form.fine:
        async with visit.trying(form):
            await retention.keep_looked(visit.node, actor_of(visit.reader), days)
    if not form.fine:
        return _page(visit, form, status=422)
    await visit.sent()
    return visit.go("/group/retention", notice="saved")


def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    return visit.show(
        "retention.html",
        status=status,
        form=form,
        least=LOOKED_DAYS_MIN,
        most=LOOKED_DAYS_MAX,
        session_days=UNUSED_S // DAY_S,
        think_days=COOLING_OFF_S // DAY_S,
        mail_days=KEPT_S // DAY_S,
        wrapping_days=visit.node.settings.privacy.wrapping_days,
    )
