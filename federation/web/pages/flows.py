"""Who helps whom: the flows of a month, a quarter, a year or all years, for auditors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.public import directory
from federation.umbrella import flow_views
from federation.umbrella.flow_views import Chosen
from federation.umbrella.flows import Span, calendar_day, day_of, quarter_of, span_of
from federation.web.dates import month_text
from federation.web.routes import Audience, Pages
from federation.web.sankey import SHOWN_MAX, Amount, draw_sankey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp import web

    from federation.umbrella.flow_views import Group
    from federation.web.visit import Visit
    from federation.words.texts import Texts

ROWS: Final = 50
AFTER_MAX: Final = 1_000_000
LOOK_AGAIN_S: Final = 20
DAYS_MAX: Final = 6
"""Digits of a day's number: the address holds no other."""

pages = Pages()


class Freshness(NamedTuple):
    """Whether a page stands still, or how often it asks for itself again."""

    still: bool
    every_s: int


@pages.get("/flows", Audience.AUDITORS)
async def show_flows(visit: Visit) -> web.Response:
    """Show the picture of a period, with the table beside it."""
    known = await flow_views.spans(visit.node, today=day_of(visit.now_s))
    chosen = read_period(visit.query("period"), known)
    outline = await flow_views.outline(visit.node, chosen, groups_max=SHOWN_MAX - 1)
    after = min(visit.number("after"), AFTER_MAX)
    rows = await flow_views.flows(visit.node, chosen, most=ROWS + 1, after=after)
    named = {group for given in outline.given for group in given[:2]}
    named |= {group for flow in rows for group in (flow.payer, flow.payee)}
    return visit.show(
        "flows.html",
        periods=period_choices(known, visit.texts, chosen),
        period=period_value(chosen),
        groups=await named_groups(visit, named),
        pictures=draw_sankey(
            (Amount(*given) for given in outline.given),
            others=(outline.other_givers, outline.other_takers),
        ),
        rows=rows[:ROWS],
        after=after,
        more=len(rows) > ROWS,
        step=ROWS,
        outline=outline,
        fresh=freshness(visit),
    )


@pages.get("/flows/groups", Audience.AUDITORS)
async def show_groups(visit: Visit) -> web.Response:
    """List what each group gave and got in a period."""
    known = await flow_views.spans(visit.node, today=day_of(visit.now_s))
    chosen = read_period(visit.query("period"), known)
    after = min(visit.number("after"), AFTER_MAX)
    rows = await flow_views.turned_over(visit.node, chosen, most=ROWS + 1, after=after)
    return visit.show(
        "flow_groups.html",
        periods=period_choices(known, visit.texts, chosen),
        period=period_value(chosen),
        groups=await named_groups(visit, [one.node for one in rows]),
        rows=rows[:ROWS],
        after=after,
        more=len(rows) > ROWS,
        step=ROWS,
        fresh=freshness(visit),
    )


async def named_groups(visit: Visit, only: Iterable[str] | None = None) -> dict[str, Group]:
    """Give groups by their id, with what each calls its unit."""
    found = await flow_views.groups(visit.node, only)
    called = await directory.unit_names(visit.node, found, now_s=visit.now_s)
    return {
        one: msgspec.structs.replace(group, unit_names=called.get(one))
        for one, group in found.items()
    }


def freshness(visit: Visit) -> Freshness:
    """Tell how a page keeps itself fresh, which its address may stop."""
    return Freshness(still=visit.query("still") == "yes", every_s=LOOK_AGAIN_S)


def read_period(text: str, known: Iterable[tuple[Span, int]]) -> Chosen:
    """Read a period from an address, `q20636`; the newest quarter when it says none."""
    span, day = text[:1], text[1:]
    if text == "all":
        return Chosen()
    if span in set(Span) and day.isascii() and day.isdigit() and len(day) <= DAYS_MAX:
        return Chosen(span=Span(span), period=span_of(Span(span), int(day)))
    newest = next((first for one, first in known if one is Span.QUARTER), None)
    if newest is None:
        return Chosen()
    return Chosen(span=Span.QUARTER, period=span_of(Span.QUARTER, newest))


def period_value(chosen: Chosen) -> str:
    """Write a period as `read_period` reads it."""
    return "all" if chosen.span is None else f"{chosen.span.value}{chosen.period.first}"


def period_name(span: Span, first: int, words: Texts) -> str:
    """Name a month, quarter or year."""
    day = calendar_day(first)
    if span is Span.YEAR:
        return str(day.year)
    if span is Span.MONTH:
        return month_text(day, words.language)
    return quarter_name(*quarter_of(first), words)


def quarter_name(year: int, quarter: int, words: Texts) -> str:
    """Name a quarter; only the first has its own word in French."""
    if quarter == 1:
        return words.say("1e kwartaal van %(year)s", year=year)
    return words.say("%(quarter)se kwartaal van %(year)s", quarter=quarter, year=year)


def period_choices(
    known: Iterable[tuple[Span, int]], words: Texts, chosen: Chosen
) -> dict[str, str]:
    """Give what can be chosen: all years, then years, quarters and months, the newest first.

    What is shown can be chosen too, also when nothing was traded in it: else the page would name
    another period than its own.
    """
    own = [] if chosen.span is None else [(chosen.span, chosen.period.first)]
    every = sorted({*known, *own}, key=lambda one: one[1], reverse=True)
    named = {
        f"{span.value}{first}": period_name(span, first, words)
        for kind in (Span.YEAR, Span.QUARTER, Span.MONTH)
        for span, first in every
        if span is kind
    }
    return {"all": words.say("Van het begin tot nu"), **named}
