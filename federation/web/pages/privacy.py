"""What a group keeps of people and for how long, for everybody; who looked at what is mine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.erasing import COOLING_OFF_S
from federation.group.leavers import NOTICE_S
from federation.mail.courier import KEPT_S
from federation.node.looked import looks_about
from federation.node.retention import left_days, looked_days
from federation.web.routes import Audience, Pages
from federation.web.sessions import UNUSED_S

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

DAY_S: Final = 86_400

pages = Pages()


@pages.get("/privacy", Audience.EVERYBODY)
async def show_privacy(visit: Visit) -> web.Response:
    """Say what is done with data, from the settings and the books."""
    node = visit.node
    peers = [peer for peer in node.peers.all() if peer.standing != "umbrella"]
    with_line = {line.peer for line in node.machine.books.lines.values() if line.open()}
    return visit.show(
        "privacy.html",
        settings=node.settings.privacy,
        looked_days=await looked_days(node),
        left_days=await left_days(node),
        notice_days=NOTICE_S // DAY_S,
        partners=sorted(peer.name for peer in peers if peer.node in with_line),
        names_shared=node.machine.books.members.names_shared,
        umbrella=node.settings.umbrella != "",
        mails=node.settings.mail.mode == "smtp",
        mail_host=node.settings.mail.host,
        session_days=UNUSED_S // DAY_S,
        think_days=COOLING_OFF_S // DAY_S,
        mail_days=KEPT_S // DAY_S,
    )


@pages.get("/me/looked")
async def show_looked(visit: Visit) -> web.Response:
    """List who saw or changed something of mine by a right of its own."""
    looks = await looks_about(visit.node, visit.member.account)
    groups = {peer.node: peer.name for peer in visit.node.peers.everyone()}
    days = await looked_days(visit.node)
    return visit.show("looked.html", looks=looks, groups=groups, days=days)
