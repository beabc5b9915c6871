"""What the links of mails lead to: one button that acts, or one that stops a kind of mail.

Nobody needs to be signed in: the link says for whom it is, and is good for one thing only. Looking
does nothing, so what looks at mails for viruses does no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.mail import acting, choices
from federation.mail.kinds import words_of
from federation.mail.links import DO_PATH, STOP_PATH
from federation.mail.office import office_of
from federation.web.forms import Form
from federation.web.routes import Audience, Pages

if TYPE_CHECKING:
    from federation.mail.kinds import MailKind
    from federation.web.visit import Visit

EVERYBODY: Final = Audience.EVERYBODY
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
"""What a mail program posts (RFC 8058 section 3.2), and the button of the page too."""

pages = Pages()


@pages.get(f"{DO_PATH}{{link}}", EVERYBODY)
async def show_link(visit: Visit) -> web.Response:
    """Show what a link would do."""
    return await _question(visit, Form.filled())


@pages.post(f"{DO_PATH}{{link}}", EVERYBODY)
async def use_link(visit: Visit) -> web.Response:
    """Do it, and say how it stands now."""
    form = await visit.form()
    async with visit.trying(form):
        await acting.perform(visit.node, _token(visit), now_s=visit.now_s)
    if not form.fine:
        return await _question(visit, form, status=web.HTTPUnprocessableEntity.status_code)
    return visit.go(visit.page_path, notice="mail-done")


@pages.get(f"{STOP_PATH}{{link}}", EVERYBODY)
async def show_stop(visit: Visit) -> web.Response:
    """Show which kind of mail would stop."""
    _, kind = choices.read_stop(office_of(visit.node).secret, _token(visit))
    return _stop(visit, kind, stopped=False)


@pages.post(f"{STOP_PATH}{{link}}", EVERYBODY, from_elsewhere=True)
async def stop(visit: Visit) -> web.Response:
    """Stop a kind of mail, without a redirect (RFC 8058 section 3.1), or want it again."""
    form, pool, secret = await visit.form(), visit.node.pool, office_of(visit.node).secret
    name, value = ONE_CLICK
    if form.value(name) == value:
        kind = await choices.stop(pool, secret, _token(visit), now_s=visit.now_s)
        return _stop(visit, kind, stopped=True)
    link, kind = choices.read_stop(secret, _token(visit))
    if form.flag("again"):
        account, person = link.account, link.person
        await choices.choose(pool, account, person, kind, wanted=True, now_s=visit.now_s)
    return _stop(visit, kind, stopped=False, again=form.flag("again"))


def _token(visit: Visit) -> str:
    return visit.request.match_info["link"]


async def _question(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    asked = await acting.question(visit.node, _token(visit), visit.language, now_s=visit.now_s)
    status = status if asked.known else web.HTTPNotFound.status_code
    return visit.show("mail_link.html", status=status, asked=asked, form=form)


def _stop(visit: Visit, kind: MailKind, *, stopped: bool, again: bool = False) -> web.Response:
    kind_words = words_of(kind, visit.texts)
    return visit.show(
        "mail_stop.html", kind=kind_words, stopped=stopped, again=again, one_click=ONE_CLICK
    )
