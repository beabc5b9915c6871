"""The end of a group, step by step, for coordinators; and the links by which members' data go out.

Coordinators leave last: somebody has to do the rest. The very end, which writes the whole group
into a file and lets the server only read, is a command of whoever runs the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.group.rights import Right, may
from federation.leaving import closing
from federation.mail import closing_links
from federation.members.data_zip import Packing, data_of
from federation.members.people import names_of
from federation.members.roles import roles_of
from federation.node.sending import Pieces
from federation.node.use_cases import account_by_code
from federation.web.forms import Form
from federation.web.pages.member_mail import NO_MAIL
from federation.web.pages.my_data import headers_for, words_for
from federation.web.routes import Audience, Pages
from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

PATH: Final = "/group/closing"
TYPE_NAME: Final = later("Typ de naam van de groep over, zodat dit niet per ongeluk gebeurt.")
FEW: Final = 5
"""So many members are listed in sight; of more, one opens the list."""
WAITS: Final = {
    "members": later("wacht tot elk lid op nul staat"),
    "trades": later("er is nog een ruil onderweg"),
    "us": later("zij kregen meer dan ze gaven: met Verder wordt het vereffend"),
    "them": later("wij kregen meer dan we gaven: vraag hun om het te vereffenen"),
}

pages = Pages()


class _Holder(NamedTuple):
    """Who holds a link: signed in on no device."""

    session: int
    account: int
    person: int


@pages.get(PATH, Audience.COORDINATORS)
async def show(visit: Visit) -> web.Response:
    """Say what is left to do before the group can end."""
    return await _page(visit, await visit.blank())


@pages.post(PATH, Audience.COORDINATORS)
async def go_on(visit: Visit) -> web.Response:
    """Let everybody but coordinators leave, and settle and close what can be now."""
    form = await visit.form()
    said = " ".join(form.value("group").split())
    if said.casefold() != " ".join(visit.node.settings.name.split()).casefold():
        form.fail("group", TYPE_NAME)
        return await _page(visit, form, status=422)
    async with visit.trying(form):
        await closing.go_on(visit.node, actor=visit.member.account, keep=_kept(visit))
    if not form.fine:
        return await _page(visit, form, status=422)
    await visit.sent()
    return visit.go(PATH, notice="saved")


@pages.post(f"{PATH}/links", Audience.COORDINATORS)
async def send_links(visit: Visit) -> web.Response:
    """Mail everybody the link to the own data."""
    form = await visit.form()
    if visit.node.settings.mail.mode == "off":
        form.fail("", NO_MAIL)
        return await _page(visit, form, status=422)
    async with visit.trying(form):
        await closing_links.send_links(
            visit.node, visit.reader, keep=_kept(visit), now_s=visit.now_s
        )
    if not form.fine:
        return await _page(visit, form, status=422)
    return visit.go(PATH, notice="closing-links")


@pages.get("/my-data/{link}", Audience.EVERYBODY)
async def show_link(visit: Visit) -> web.Response:
    """Say whose data a link hands out; looking fetches nothing."""
    link, _ = closing_links.read_link(visit.node, _token(visit), now_s=visit.now_s)
    return visit.show("data_link.html", form=Form.filled(), until_s=link.expires_at_s)


@pages.post("/my-data/{link}", Audience.EVERYBODY)
async def give_data(visit: Visit) -> Pieces:
    """Send everything of the one whom the link is for."""
    link, reader = closing_links.read_link(visit.node, _token(visit), now_s=visit.now_s)
    account = visit.node.machine.books.ledger.accounts[link.account]
    holder = _Holder(0, link.account, link.person)
    words = words_for(visit, account.code, account.code)
    packing = Packing(visit.texts, visit.place.zone, visit.now_s, words)
    pieces = data_of(visit.node, reader, holder, packing)
    return Pieces(pieces, headers_for(visit, account.code))


def _token(visit: Visit) -> str:
    return visit.request.match_info["link"]


def _kept(visit: Visit) -> frozenset[int]:
    """Name the coordinators: they leave last."""
    node = visit.node
    accounts = [one.account for one in node.machine.books.ledger.accounts.values() if one.subject]
    return frozenset(one for one in accounts if may(roles_of(node, one), Right.LEAD))


async def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    kept = _kept(visit)
    found = closing.show(visit.node, keep=kept)
    codes = {one.code: account_by_code(visit.node, one.code).account for one in found.members}
    names = await names_of(visit.node, list(codes.values()))
    return visit.show(
        "closing.html",
        status=status,
        form=form,
        members=[one for one in found.members if codes[one.code] not in kept],
        kept=[one for one in found.members if codes[one.code] in kept],
        names={code: names.get(account, "") for code, account in codes.items()},
        few=FEW,
        begun=all(one.leaving or codes[one.code] in kept for one in found.members),
        lines=found.lines,
        waits=WAITS,
        days=closing_links.LASTS_DAYS,
        works=visit.node.settings.mail.mode != "off",
    )
