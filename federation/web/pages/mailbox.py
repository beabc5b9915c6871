"""The mailbox of the demo: mails that were kept instead of sent, for everybody to read.

The text of a mail is shown as a page of ours. Its HTML is a document of its own, with a policy that
lets it do nothing but be looked at: style is allowed there, as in a mail program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.mail import mailbox
from federation.web.routes import Audience, Pages

if TYPE_CHECKING:
    from federation.web.visit import Visit

EVERYBODY: Final = Audience.EVERYBODY
POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)

pages = Pages()


@pages.get("/mailbox", EVERYBODY)
async def show_mailbox(visit: Visit) -> web.Response:
    """List the newest mails, of everybody or of one address."""
    address = visit.query("to").strip()
    found = await mailbox.mailbox(visit.node, address or None)
    return visit.show("mailbox.html", found=found, address=address)


@pages.get("/mailbox/{mail}", EVERYBODY)
async def show_message(visit: Visit) -> web.Response:
    """Show one mail as text, with its links."""
    found = await _message(visit)
    lines = mailbox.lines(visit.node, found.text)
    return visit.show("mailbox_mail.html", mail=found, lines=lines)


@pages.get("/mailbox/{mail}/html", EVERYBODY)
async def show_html(visit: Visit) -> web.Response:
    """Give one mail as a mail program shows it."""
    found = await _message(visit)
    headers = {"Content-Security-Policy": POLICY, "Content-Language": found.language.value}
    return web.Response(text=found.html, content_type="text/html", headers=headers)


async def _message(visit: Visit) -> mailbox.Message:
    return await mailbox.message(visit.node, visit.request.match_info["mail"])
