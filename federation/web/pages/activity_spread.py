"""Giving units to all who helped with an activity: whom and how much, then exactly that, booked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import activities
from federation.members.activities import SpreadQuote
from federation.web.balance import balance_words
from federation.web.pages.thread_page import is_away
from federation.web.routes import Pages
from federation.words.texts import later
from projections.room import limits
from schemas.errors import RefusedError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.activities import ShownActivity
    from federation.web.forms import Form
    from federation.web.visit import Visit

NOBODY: Final = later("Kies wie er hielp.")
NOT_THERE: Final = later(
    "Iemand die je koos, kwam toch niet mee. Er is niets geboekt. Kies wie er hielp."
)
AWAY: Final = later("Doet niet meer mee: %(names)s. Er is niets geboekt. Haal het vinkje daar weg.")
TOO_LITTLE: Final = later("Dat is te weinig om onder zoveel mensen te verdelen.")

pages = Pages()


@pages.get("/activities/{activity}/spread")
async def ask_whom(visit: Visit) -> web.Response:
    """Ask who helped, and how much there is to give; everybody who came is ticked."""
    found = await _found(visit)
    there = [helper for helper in found.joined if not is_away(visit, helper)]
    ticked = {f"helper-{helper.account}": "yes" for helper in there}
    me = f"helper-{visit.member.shown_account}"
    return _form(visit, await visit.blank(**{n: t for n, t in ticked.items() if n != me}), found)


@pages.post("/activities/{activity}/spread")
async def show_numbers(visit: Visit) -> web.Response:
    """Show exactly what would be booked, or why it cannot be."""
    form, found = await visit.form(), await _found(visit)
    quote = _quote(visit, form, found)
    if quote is None or not form.fine:
        return _form(visit, form, found, status=422)
    names = {helper.account: helper for helper in found.joined}
    return visit.show(
        "activity_spread_confirm.html",
        form=form,
        found=found,
        quote=quote,
        each=[(names[account], amount) for account, amount in quote.shares],
        from_group=form.flag("from-group"),
        after=_after(visit, quote),
    )


@pages.post("/activities/{activity}/spread/confirm")
async def book(visit: Visit) -> web.Response:
    """Book what was shown, once."""
    form, found = await visit.form(), await _found(visit)
    shares = _shares(visit, form, found)
    if form.fine:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            await activities.spread(
                visit.node,
                visit.reader,
                found.activity,
                shares,
                key=key,
                description=form.text("description", most=activities.TITLE_LENGTH_MAX),
                from_group=form.flag("from-group"),
            )
    if not form.fine:
        return _form(visit, form, found, status=422)
    return visit.go(f"/activities/{found.activity}", notice="spread")


async def _found(visit: Visit) -> ShownActivity:
    return await activities.show(visit.node, visit.reader, visit.part("activity"))


def _shares(visit: Visit, form: Form, found: ShownActivity) -> tuple[tuple[int, int], ...]:
    """Read who gets how much; notes what is wrong."""
    total = form.amount("amount", visit.unit.rate.decimals)
    chosen = {n for n in form.values if n.startswith("helper-") and form.flag(n)}
    helpers = [one.account for one in found.joined if f"helper-{one.account}" in chosen]
    away = [one for one in found.joined if one.account in helpers and is_away(visit, one)]
    if not helpers:
        form.fail("", NOBODY)
    if len(helpers) != len(chosen):
        form.fail("", NOT_THERE)
    if away:
        form.fail("", AWAY, names=", ".join(one.name or one.code for one in away))
    if not form.fine:
        return ()
    if total < len(helpers):
        form.fail("amount", TOO_LITTLE)
        return ()
    return activities.evenly(total, [number for number in helpers if number is not None])


def _quote(visit: Visit, form: Form, found: ShownActivity) -> SpreadQuote | None:
    shares = _shares(visit, form, found)
    if not form.fine:
        return None
    quote = activities.quote_spread(
        visit.node, visit.reader, found.activity, shares, from_group=form.flag("from-group")
    )
    if quote.refusal is not None:
        form.fail("", "%(said)s", said=visit.explain(RefusedError.of(quote.refusal)))
    return quote


def _after(visit: Visit, quote: SpreadQuote) -> object:
    ledger = visit.node.machine.books.ledger
    return balance_words(
        quote.after_minor,
        visit.unit,
        visit.language,
        upper_minor=limits(ledger, ledger.accounts[quote.payer], now_s=visit.now_s)[1],
        name=visit.member.whose,
    )


def _form(visit: Visit, form: Form, found: ShownActivity, *, status: int = 200) -> web.Response:
    return visit.show("activity_spread.html", status=status, form=form, found=found)
