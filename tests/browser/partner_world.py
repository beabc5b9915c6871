"""A group that is reached by mail, trades that wait and are booked, and their pages."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from federation.group.commands import GROUP_SUBJECT
from federation.group.partner_commands import AskPartner, ReachPartner
from federation.line.commands import SendNote
from federation.mail.compose.partners import statement_url, trade_url
from federation.mail.letter import Recipient
from federation.mail.office import office_of
from federation.members import partners
from federation.members.partner_statement import month_statement
from federation.node.line_deeds import Deed
from federation.node.line_use_cases import group_account_code
from federation.node.service import now_s
from federation.node.use_cases import new_key
from projections.lines import Line
from schemas.openings import LINE_THREAD, NoteText, PersonText
from schemas.texts.words import Language
from tests.federation.web.conftest import House

WHO = "A" * 43


class PartnerPages(NamedTuple):
    """Where coordinators, members and the contact look."""

    of_coordinators: tuple[str, ...]
    of_members: tuple[str, ...]
    of_contact: tuple[str, ...]


async def furnish(house: House) -> PartnerPages:
    """Let there be a group by mail, with something open."""
    node = house.node
    contact = PersonText(name="Griet", address="griet@voorbeeld.be", language="nl")
    reach = ReachPartner(new_key(), None, "LETS Gent", contact, new_key(), -240, 240, code="GENT")
    account: int = (await node.do(reach)).value
    member = house.account("001")
    done = AskPartner(new_key(), member, account, True, 1, "Soep", "Rita")
    await node.do(done)
    await partners.confirm(node, account, done.key, expected_minor=1)
    booked = node.sequencer.size - 1
    asked = AskPartner(new_key(), member, account, True, 1, "Ramen lappen", "Rita")
    await node.do(asked)
    await house.seen()
    trade = await partners.open_trade(node, node.machine.books.agreeing.requests[asked.key])
    to = Recipient(account, 1, "Griet", contact.address, Language.NL)
    desk = office_of(node).desk()
    month = datetime.fromtimestamp(now_s(), desk.zone).strftime("%Y-%m")
    statement = await month_statement(node, account, month)
    urls = (trade_url(desk, to, trade), statement_url(desk, to, statement))
    lines = [page for line in _lines(house) for page in await _line_pages(house, line)]
    return PartnerPages(
        (f"/group/partners/{account}", f"/group/partners/{account}/trades/{booked}", *lines),
        ("/partners/trade",),
        tuple(url.removeprefix(node.settings.public_url) for url in urls),
    )


def _lines(house: House) -> list[Line]:
    return list(house.node.machine.books.lines.values())


async def _line_pages(house: House, line: Line) -> list[str]:
    """Name the pages of a line, with a note of ours on it."""
    text = NoteText(v=1, thread=LINE_THREAD, sender=WHO, recipient=WHO, text="Goede dag")
    account = house.account(group_account_code(house.node))
    sent = await house.node.do(SendNote(line.line, account, text, GROUP_SUBJECT))
    pages = ("", *(f"/{deed}" for deed in Deed), f"/notes/{sent.out_n}")
    return [f"/group/partners/line/{line.line}{page}" for page in pages]
