"""A trade with somebody of a group without a node: a member says it, its contact confirms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import partners
from federation.members.booked_lately import Intended
from federation.members.people import Party
from federation.web import booked_lately
from federation.web.pages import booking_form
from federation.web.routes import Pages
from schemas.openings import DESCRIPTION_LENGTH_MAX
from schemas.proposals import NAME_LENGTH_MAX

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.booked_lately import ShownLately
    from federation.web.forms import Form
    from federation.web.visit import Visit

pages = Pages()


@pages.get("/partners/trade")
async def show_form(visit: Visit) -> web.Response:
    """Show the groups and the form."""
    side = "give" if visit.query("side") != "ask" else "ask"
    return await _page(visit, await visit.blank(side=side, partner=visit.query("partner")))


@pages.post("/partners/trade")
async def ask(visit: Visit) -> web.Response:
    """Set it apart, and let the contact be asked."""
    form = await visit.form()
    if form.value("do") == "else":
        path = "/ask" if form.value("side") == "ask" else "/give"
        return await booking_form.elsewhere(visit, form, path)
    known = await partners.choices(visit.node, visit.reader)
    side = form.choice("side", ("give", "ask"))
    partner = form.choice("partner", [str(one.account) for one in known if not one.paused])
    person = form.text("person", most=NAME_LENGTH_MAX, required=True)
    amount = form.amount("amount", visit.unit.rate.decimals)
    about = form.text("description", most=DESCRIPTION_LENGTH_MAX)
    made = lately = None
    if form.fine:
        other = Party(account=int(partner))
        intended = Intended(side == "give", other, amount, about, person)
        lately = await booked_lately.look(visit, form, intended, books=False)
    if form.fine and booked_lately.is_told(form, lately):
        async with visit.trying(form):
            made = await partners.ask(
                visit.node,
                visit.reader,
                int(partner),
                amount,
                gives=side == "give",
                person=person,
                description=about,
                key=form.command_key(visit.member),
            )
    if made is None:
        return await _page(visit, form, lately, status=422)
    await visit.sent()
    return visit.go(f"/trades/{made.id}", notice="partner-asked")


async def _page(
    visit: Visit, form: Form, lately: ShownLately | None = None, *, status: int = 200
) -> web.Response:
    known = await partners.choices(visit.node, visit.reader)
    return visit.show(
        "partner_trade.html",
        status=status,
        form=form,
        partners={str(one.account): one.name for one in known if not one.paused},
        lately=lately,
        paused=[one for one in known if one.paused],
    )
