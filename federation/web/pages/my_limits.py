"""How far my balance may go, or that of whom I act for, and why, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.limit_reasons import LimitReason, explain
from federation.web.routes import Pages
from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

WHY: Final = {
    LimitReason.NONE: later("De groep heeft hier geen grens gezet."),
    LimitReason.OWN: later("De kerngroep gaf jou deze grens; die van de groep geldt hier niet."),
    LimitReason.GROUP: later("Dit is de grens van elk lid van de groep."),
    LimitReason.GROWN: later("Dit is de grens van elk lid, verruimd door wat jij al gaf."),
    LimitReason.NEWCOMER: later("Dit is de grens van wie nog niet lang lid is."),
    LimitReason.LEAVER: later("Je vertrekt: je saldo gaat enkel nog naar nul."),
}
THEIRS: Final = {
    **WHY,
    LimitReason.OWN: later(
        "De kerngroep gaf %(name)s deze grens; die van de groep geldt hier niet."
    ),
    LimitReason.GROWN: later("Dit is de grens van elk lid, verruimd door wat %(name)s al gaf."),
    LimitReason.LEAVER: later("%(name)s vertrekt: het saldo gaat enkel nog naar nul."),
}
"""The same, to who acts for that member."""

pages = Pages()


@pages.get("/me/limits")
async def show_limits(visit: Visit) -> web.Response:
    """Show my limits with where each comes from, and what each of them does."""
    ledger, account = visit.node.machine.books.ledger, visit.member.shown_account
    found = explain(ledger, ledger.accounts[account], now_s=visit.now_s)
    return visit.show(
        "my_limits.html",
        found=found,
        why=THEIRS if visit.member.whose else WHY,
        balance=ledger.balance(account),
        own=visit.unit,
    )
