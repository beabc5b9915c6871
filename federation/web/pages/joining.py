"""Becoming a member: a stranger's form, and the link that confirms it; tells of no address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import joining as applicants
from federation.members.joining import ABOUT_MAX, Asked
from federation.members.words import address_key
from federation.web import joining
from federation.web.forms import Form
from federation.web.joining import PATH
from federation.web.routes import Audience, Pages
from federation.web.sessions import token_hash
from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

EVERYBODY: Final = Audience.EVERYBODY
_WAIT: Final = later(
    "Er is net al enkele keren gevraagd. Kijk of er een mail bij de ongewenste mail zit, en "
    "probeer het anders over %(hours)s uur opnieuw."
)
HOUR_S: Final = 3600

pages = Pages()


@pages.get(PATH, EVERYBODY)
async def show_form(visit: Visit) -> web.Response:
    """Show the form, or that the group takes nobody in by it."""
    if not await applicants.is_open(visit.node):
        return visit.show("join_closed.html", status=404)
    return visit.show("join.html", form=Form.filled(), about_max=ABOUT_MAX)


@pages.post(PATH, EVERYBODY)
async def ask(visit: Visit) -> web.Response:
    """Have a mail sent that asks for a click; the answer is the same for every address."""
    if not await applicants.is_open(visit.node):
        return visit.show("join_closed.html", status=404)
    form = await visit.form()
    said = _read(visit, form)
    if form.fine:
        wait_s = visit.place.join_paces.ask(visit.network, address_key(said.address))
        if wait_s:
            form.fail("", _WAIT, hours=max(1, -(-int(wait_s) // HOUR_S)))
    if form.fine:
        async with visit.trying(form):
            await joining.ask(visit.node, said, now_s=visit.now_s)
    if not form.fine:
        return visit.show("join.html", status=422, form=form, about_max=ABOUT_MAX)
    return visit.go(f"{PATH}/sent")


@pages.get(f"{PATH}/sent", EVERYBODY)
async def show_sent(visit: Visit) -> web.Response:
    """Say that a mail is on its way."""
    return visit.show("join_sent.html")


@pages.get(f"{PATH}/{{link}}", EVERYBODY)
async def show_link(visit: Visit) -> web.Response:
    """Show the button of a mailed link: mail programs that look ahead confirm nothing."""
    link = token_hash(visit.request.match_info["link"])
    works = await applicants.link_works(visit.node, link, now_s=visit.now_s)
    return visit.show(
        "join_confirm.html",
        status=200 if works else 410,
        form=Form.filled(),
        works=works,
        done=False,
    )


@pages.post(f"{PATH}/{{link}}", EVERYBODY)
async def confirm(visit: Visit) -> web.Response:
    """Put who has this link on the coordinators' list."""
    await visit.form()
    link = token_hash(visit.request.match_info["link"])
    done = await applicants.confirm(visit.node, link, now_s=visit.now_s)
    return visit.show(
        "join_confirm.html", status=200 if done else 410, form=Form.filled(), works=done, done=done
    )


def _read(visit: Visit, form: Form) -> Asked:
    """Read the form; what a machine filled in is wrong."""
    return Asked(
        name=form.text("name", most=100, required=True),
        address=form.address("address"),
        phone=form.text("phone", most=100),
        postcode=form.text("postcode", most=12),
        place=form.text("place", most=100),
        about=form.text("about", most=ABOUT_MAX, lines=True),
        language=visit.language.value,
    )
