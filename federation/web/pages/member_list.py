"""The coordinators' list of members: searched, filtered, sorted, with own columns; as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.group.member_list import AMOUNTS, Column, Order, Shown, Wanted, columns_of
from federation.members import joining, member_list
from federation.members.calendar import date_of
from federation.members.member_list import View
from federation.web import member_cells
from federation.web.forms import Form
from federation.web.member_cells import COLUMNS, ORDERS, SHOWN, members_csv
from federation.web.routes import Audience, Pages

if TYPE_CHECKING:
    from federation.group.member_list import Member
    from federation.web.visit import Visit

PATH: Final = "/group/members"
WORDS_MAX: Final = 100
PAGE: Final = 100

pages = Pages()


@pages.get(PATH, Audience.COORDINATORS)
async def show_list(visit: Visit) -> web.Response:
    """Show the list that is asked for."""
    found, view, wanted = await _found(visit)
    offset = visit.number("from")
    rows = found[offset : offset + PAGE]
    return visit.show(
        "member_list.html",
        rows=[(member, _cells(visit, member, view)) for member in rows],
        count=len(found),
        following=offset + PAGE if len(found) > offset + PAGE else None,
        asked=asked_for(wanted),
        waiting=await joining.how_many_wait(visit.node),
        heads=[(_head(visit, column), column in AMOUNTS) for column in view.columns],
        form=Form.filled(
            **asked_for(wanted), **{f"show-{one.value}": "yes" for one in view.columns}
        ),
        shown={one.value: visit.texts.say(words) for one, words in SHOWN.items()},
        orders={one.value: visit.texts.say(words) for one, words in ORDERS.items()},
        columns=COLUMNS,
    )


@pages.post(PATH, Audience.COORDINATORS)
async def keep_columns(visit: Visit) -> web.Response:
    """Keep which columns this coordinator wants, and show the same list with them."""
    form = await visit.form()
    columns = columns_of(one.value for one in Column if form.flag(f"show-{one.value}"))
    order, falling = _order(form.value("sort")), form.value("down") == "yes"
    member = visit.member
    await member_list.keep_view(
        visit.node, member.account, member.person, View(columns, order, falling)
    )
    wanted = Wanted(form.value("q")[:WORDS_MAX], _shown(form.value("status")), order, falling)
    return visit.go(PATH, notice="saved", **asked_for(wanted))


@pages.get(f"{PATH}/csv", Audience.COORDINATORS)
async def list_file(visit: Visit) -> web.Response:
    """Give exactly the list that is shown, all of its rows, as a file."""
    found, view, _ = await _found(visit)
    day = date_of(visit.now_s, visit.place.zone).isoformat()
    named = f'attachment; filename="{visit.texts.say("leden")}-{day}.csv"'
    return web.Response(
        body=members_csv(found, view.columns, visit.unit, visit.place.zone, visit.texts),
        headers={"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": named},
    )


async def _found(visit: Visit) -> tuple[list[Member], View, Wanted]:
    member = visit.member
    view = await member_list.view_of(visit.node, member.account, member.person)
    wanted = wanted_of(visit, view)
    found = await member_list.listed(visit.node, visit.reader, wanted, now_s=visit.now_s)
    return found, view, wanted


def wanted_of(visit: Visit, view: View) -> Wanted:
    """Read from the address which list is asked for; without a word, as this one likes it."""
    words = " ".join(visit.query("q").split())[:WORDS_MAX]
    if "sort" not in visit.request.query:
        return Wanted(words, _shown(visit.query("status")), view.order, view.falling)
    order = _order(visit.query("sort"))
    return Wanted(words, _shown(visit.query("status")), order, visit.query("down") == "yes")


def asked_for(wanted: Wanted) -> dict[str, str]:
    """Give the query of the address under which a list is found."""
    down = {"down": "yes"} if wanted.falling else {}
    said = {"q": wanted.words, "status": wanted.shown.value, "sort": wanted.order.value}
    return {name: text for name, text in said.items() if text} | down


def _shown(said: str) -> Shown:
    return Shown(said) if said in set(Shown) else Shown.HERE


def _order(said: str) -> Order:
    return Order(said) if said in set(Order) else Order.CODE


def _head(visit: Visit, column: Column) -> str:
    return member_cells.head(column, visit.unit, visit.texts)


def _cells(visit: Visit, member: Member, view: View) -> list[tuple[str, str, bool]]:
    """Give head, words and whether it is an amount, of each column."""
    zone, texts = visit.place.zone, visit.texts
    said = [member_cells.cell(member, one, visit.unit, zone, texts) for one in view.columns]
    return [
        (_head(visit, column), member_cells.short(words), column in AMOUNTS)
        for column, words in zip(view.columns, said, strict=True)
    ]
