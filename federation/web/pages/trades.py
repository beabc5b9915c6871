"""Trades: the list, each with exactly one state, and what may be done with it now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import giving, thanks, trades
from federation.members.people import names_of
from federation.members.thanks import THANKS_LENGTH_MAX
from federation.members.trades import NEWEST
from federation.web import refusals
from federation.web.routes import Pages
from federation.web.units import unit_of
from schemas.core_parts import FreezeReason, WireCode
from schemas.openings import DESCRIPTION_LENGTH_MAX, NOTE_LENGTH_MAX
from schemas.reasons import words_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web

    from federation.members.trade_views import ShownTrade
    from federation.web.forms import Form
    from federation.web.visit import Visit
    from schemas.texts.words import Words

PAGE: Final = 30
WAIT_S: Final = 3
FRESH_S: Final = 120
"""So long most waits are over, and somebody looks on."""

pages = Pages()


@pages.get("/trades")
async def list_trades(visit: Visit) -> web.Response:
    """List what is not done, and then the newest first."""
    before = visit.number("before") or NEWEST
    found = await trades.trades_of(visit.node, visit.reader, before=before, limit=PAGE)
    done = [trade.seq for trade in found if trade.seq]
    following = min(done) if len(done) == PAGE else 0
    return visit.show("trades.html", found=found, following=following)


@pages.get("/trades/{path}")
async def show_trade(visit: Visit) -> web.Response:
    """Show a trade as it stands now."""
    return await _show(visit, await _trade(visit), await visit.blank())


@pages.post("/trades/{path}")
async def act(visit: Visit) -> web.Response:
    """Consent, take back, or thank."""
    form, trade = await visit.form(), await _trade(visit)
    notice = ""
    deed = _DEEDS.get(form.value("do"), _thank)
    async with refusals.trying(visit, form, group=trade.other.group):
        notice = await deed(visit, trade, form)
    if not form.fine:
        return await _show(visit, await _trade(visit), form, status=422)
    await visit.sent()
    return visit.go(f"/trades/{trade.id}", notice=notice)


async def _consent(visit: Visit, trade: ShownTrade, form: Form) -> str:
    expected = form.number("own")
    await trades.consent(visit.node, visit.reader, trade.id, expected_minor=expected, wait_s=WAIT_S)
    return ""


async def _withdraw(visit: Visit, trade: ShownTrade, form: Form) -> str:
    del form
    await trades.decline(visit.node, visit.reader, trade.id)
    return ""


async def _cancel(visit: Visit, trade: ShownTrade, form: Form) -> str:
    del form
    await trades.cancel(visit.node, visit.reader, trade.id)
    return ""


async def _thank(visit: Visit, trade: ShownTrade, form: Form) -> str:
    text = form.text("text", most=THANKS_LENGTH_MAX, lines=True, required=True)
    if form.fine:
        public = form.flag("public")
        await thanks.give(visit.node, visit.reader, trade.id, text, public=public)
    return "thanked"


_DEEDS: dict[str, Callable[[Visit, ShownTrade, Form], Awaitable[str]]] = {
    "consent": _consent,
    "withdraw": _withdraw,
    "cancel": _cancel,
    "thank": _thank,
}


@pages.get("/trades/{path}/decline")
async def show_decline(visit: Visit) -> web.Response:
    """Ask why not, if somebody wants to say."""
    return await _step(visit, "trade_decline.html", await visit.blank())


@pages.post("/trades/{path}/decline")
async def decline(visit: Visit) -> web.Response:
    """Refuse what was asked, and write the other why."""
    form, trade, told = await visit.form(), await _trade(visit), True
    reason = form.text("text", most=NOTE_LENGTH_MAX, lines=True)
    if form.fine:
        async with refusals.trying(visit, form, group=trade.other.group):
            told = await giving.decline(visit.node, visit.reader, trade.id, reason=reason)
    if not form.fine:
        return await _step(visit, "trade_decline.html", form, status=422)
    await visit.sent()
    return visit.go(f"/trades/{trade.id}", notice="" if told else "untold")


@pages.get("/trades/{path}/wrong")
async def show_wrong(visit: Visit) -> web.Response:
    """Say what turning it back would do."""
    return await _step(visit, "trade_wrong.html", await visit.blank())


@pages.post("/trades/{path}/wrong")
async def turn_back(visit: Visit) -> web.Response:
    """Give back what came in, or ask the other to give back."""
    form, trade, made = await visit.form(), await _trade(visit), None
    text = form.text("description", most=DESCRIPTION_LENGTH_MAX)
    if form.fine:
        async with refusals.trying(visit, form, group=trade.other.group):
            key = form.command_key(visit.member)
            made = await trades.reverse(
                visit.node, visit.reader, trade.id, key=key, description=text, wait_s=WAIT_S
            )
    if made is None:
        return await _step(visit, "trade_wrong.html", form, status=422)
    await visit.sent()
    return visit.go(f"/trades/{made.id}")


async def _trade(visit: Visit) -> ShownTrade:
    return await trades.trade(visit.node, visit.reader, visit.request.match_info["path"])


async def _step(visit: Visit, template: str, form: Form, *, status: int = 200) -> web.Response:
    return await _show(visit, await _trade(visit), form, template=template, status=status)


async def _show(
    visit: Visit,
    trade: ShownTrade,
    form: Form,
    *,
    template: str = "trade.html",
    status: int = 200,
) -> web.Response:
    helper = "" if trade.entered_by is None else await _name_of(visit, trade.entered_by)
    balance = visit.node.machine.books.ledger.balance(visit.member.shown_account)
    return visit.show(
        template,
        status=status,
        form=form,
        trade=trade,
        can={action.value for action in trade.actions},
        their_unit=await unit_of(visit, trade.other, trade.other_rate),
        why=_why(visit, trade.code),
        helper=helper,
        after_minor=balance - trade.own_minor,
        look_again_s=2 if visit.now_s - trade.at_s < FRESH_S else 20,
        text_max=NOTE_LENGTH_MAX,
        thanks_max=THANKS_LENGTH_MAX,
        description_max=DESCRIPTION_LENGTH_MAX,
    )


async def _name_of(visit: Visit, account: int) -> str:
    names = await names_of(visit.node, [account])
    return names.get(account) or visit.node.machine.books.ledger.accounts[account].code


def _why(visit: Visit, code: str) -> Words | None:
    """Give why the other group said no, in words for members."""
    for reasons in (WireCode, FreezeReason):
        if code in set(reasons):
            return words_for(reasons(code), visit.language)
    return None
