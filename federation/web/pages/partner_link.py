"""Where the contact of a group without a node answers: a trade, or a month. Nobody signs in.

Looking does nothing, so what looks at mails for viruses does no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from federation.mail import partner_links
from federation.mail.links import PARTNER_PATH, Purpose
from federation.members.partners import REASON_LENGTH_MAX
from federation.web.dates import month_text
from federation.web.forms import Form
from federation.web.pages.group_partners import first_day
from federation.web.routes import Audience, Pages
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from federation.mail.links import Link
    from federation.web.visit import Visit

pages = Pages()


@pages.get(f"{PARTNER_PATH}{{link}}", Audience.EVERYBODY)
async def show_link(visit: Visit) -> web.Response:
    """Show what is asked, or how it stands."""
    link = _opened(visit)
    if link is None:
        return visit.show("partner_link_gone.html", status=web.HTTPNotFound.status_code)
    return await _question(visit, link, Form.filled())


@pages.post(f"{PARTNER_PATH}{{link}}", Audience.EVERYBODY)
async def answer(visit: Visit) -> web.Response:
    """Take in the answer, and say how it stands now."""
    link = _opened(visit)
    if link is None:
        return visit.show("partner_link_gone.html", status=web.HTTPNotFound.status_code)
    form = await visit.form()
    right = form.choice("do", ("right", "wrong")) == "right"
    reason = form.text("reason", most=REASON_LENGTH_MAX, required=not right, lines=True)
    act = partner_links.answer_month
    if link.purpose is Purpose.PARTNER_TRADE:
        act = partner_links.answer_trade
    if form.fine:
        async with visit.trying(form):
            await act(visit.node, link, right=right, reason=reason)
    if not form.fine:
        return await _question(visit, link, form, status=422)
    return visit.go(visit.page_path, notice="partner-answered")


def _opened(visit: Visit) -> Link | None:
    """Read the link; nothing for one that is forged, too old, or of an earlier contact."""
    try:
        token = visit.request.match_info["link"]
        return partner_links.open_link(visit.node, token, now_s=visit.now_s)
    except RefusedError as error:
        if error.code not in (Code.NOT_FOUND, Code.EXPIRED):
            raise
        return None


async def _question(visit: Visit, link: Link, form: Form, *, status: int = 200) -> web.Response:
    if link.purpose is Purpose.PARTNER_TRADE:
        asked = await partner_links.trade_question(visit.node, link, visit.language)
        return visit.show("partner_trade_answer.html", status=status, asked=asked, form=form)
    month = await partner_links.month_question(visit.node, link)
    name = month_text(first_day(month.statement.month), visit.language)
    return visit.show("partner_month_answer.html", status=status, asked=month, name=name, form=form)
