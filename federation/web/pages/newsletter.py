"""The newsletter for everybody: ask for it, confirm by the mailed link, stop it in one click.

Whoever asks gets the same answer for every address. Looking at a link changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.mail.compose.newsletter import CONFIRM_PATH, STOP_PATH
from federation.mail.office import office_of
from federation.public import subscribers
from federation.public.consent import read_asked, read_stop
from federation.web.forms import Form
from federation.web.login import rate_key
from federation.web.pages.mail_links import ONE_CLICK
from federation.web.routes import Audience, Pages
from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

EVERYBODY: Final = Audience.EVERYBODY
CONSENTS: Final = {
    subscribers.CONSENT: later(
        "Ja, mail me af en toe nieuws van %(group)s. Mijn adres dient alleen daarvoor, en ik stop "
        "ermee wanneer ik wil."
    )
}
"""Every sentence that was ever agreed to, by its number; none is changed, a new one gets the next.
"""
NOT_AGREED: Final = later("Vink dit aan als je mails wilt krijgen.")
WAIT: Final = later("Er is al enkele keren gevraagd. Probeer het over %(minutes)s minuten opnieuw.")

pages = Pages()


@pages.get("/newsletter", EVERYBODY)
async def show_newsletter(visit: Visit) -> web.Response:
    """Ask for an address."""
    return _form(visit, Form.filled())


@pages.post("/newsletter", EVERYBODY)
async def ask(visit: Visit) -> web.Response:
    """Have the link mailed; the answer is always the same."""
    form = await visit.form()
    address = form.address("address")
    if not form.flag("agree"):
        form.fail("agree", NOT_AGREED)
    if form.fine and visit.node.settings.mail.mode != "off":
        wait_s = visit.place.letter_paces.ask_mail(visit.network, rate_key(address))
        if wait_s:
            form.fail("address", WAIT, minutes=int(wait_s // 60) + 1)
        else:
            await subscribers.ask(visit.node, address, visit.language, now_s=visit.now_s)
    if not form.fine:
        return _form(visit, form, status=422)
    return visit.go("/newsletter", notice="newsletter-asked")


@pages.get(f"{CONFIRM_PATH}{{link}}", EVERYBODY)
async def show_confirm(visit: Visit) -> web.Response:
    """Show the button behind the mailed link."""
    asked = read_asked(office_of(visit.node).secret, _link(visit), now_s=visit.now_s)
    return visit.show("newsletter_confirm.html", form=Form.filled(), address=asked.address)


@pages.post(f"{CONFIRM_PATH}{{link}}", EVERYBODY)
async def confirm(visit: Visit) -> web.Response:
    """Let the newsletter go there."""
    await subscribers.confirm(visit.node, _link(visit), now_s=visit.now_s)
    return visit.go("/newsletter", notice="newsletter-on")


@pages.get(f"{STOP_PATH}{{link}}", EVERYBODY)
async def show_stop(visit: Visit) -> web.Response:
    """Show what would stop."""
    read_stop(office_of(visit.node).secret, _link(visit))
    return visit.show("newsletter_stop.html", stopped=False, one_click=ONE_CLICK)


@pages.post(f"{STOP_PATH}{{link}}", EVERYBODY, from_elsewhere=True)
async def stop(visit: Visit) -> web.Response:
    """Stop it, without a redirect (RFC 8058 section 3.1), and delete the address."""
    form = await visit.form()
    stopped = form.value(ONE_CLICK[0]) == ONE_CLICK[1]
    if stopped:
        await subscribers.end(visit.node, _link(visit))
    else:
        read_stop(office_of(visit.node).secret, _link(visit))
    return visit.show("newsletter_stop.html", stopped=stopped, one_click=ONE_CLICK)


def _link(visit: Visit) -> str:
    return visit.request.match_info["link"]


def _form(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    consent = visit.texts.say(CONSENTS[subscribers.CONSENT], group=visit.node.settings.name)
    return visit.show(
        "newsletter.html",
        status=status,
        form=form,
        consent=consent,
        works=visit.node.settings.mail.mode != "off",
        of_umbrella=visit.node.settings.role == "umbrella",
    )
